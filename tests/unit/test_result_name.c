/* The names of result files: GNU parallel's tree, and what values can do to it. */
#include "task_support.h"

#include "sink/result_name.h"

#include <stdio.h>

static void check(const struct result_naming *naming, const char *const *args, const char *wanted)
{
    static const char *const command[] = {"true", NULL};
    struct task *t = support_task(7, false, command);
    struct buffer name = {0};
    support_add_args(t, args);
    bool directory = result_name(&name, naming, t);
    assert_string_equal(buffer_text(&name), wanted);
    assert_int_equal(directory, wanted[strlen(wanted) - 1] == '/');
    buffer_fini(&name);
    task_unref(t);
}

#define VALUES(...) ((const char *const[]){__VA_ARGS__, NULL})

static struct text_template *text_of(const char *text)
{
    struct text_template *t = text_template_new(text, &(struct template_options){.whole = 0}, NULL);
    assert_non_null(t);
    return t;
}

static void tree(void **state)
{
    static const char *const nothing[] = {NULL};
    struct text_template *d = text_of("D"), *slashes = text_of("/D/");
    struct result_naming n = {.template = d};
    (void)state;
    check(&n, VALUES("a", "b c"), "D/1/a/2/b c/");
    check(&n, VALUES("a/b", "\\", "x\\_y"), "D/1/a\\_b/2/\\\\/3/x\\\\_y/");
    check(&n, VALUES("n\nl", "", "\xff"), "D/1/n\nl/2/3/\xff/");
    check(&n, VALUES("..", ".", "../x", "...", "/"), "D/1/\\../2/\\./3/..\\_x/4/.../5/\\_/");
    check(&n, nothing, "D/");
    n.several = true;
    check(&n, nothing, "D/id/7/");
    n.template = slashes;
    check(&n, VALUES("a"), "/D/1/a/");
    n.sources = 2;
    check(&n, VALUES("a", "b", "c"), "/D/1/a/2/b/1/c/");
    n.whole = 1;
    check(&n, VALUES("a", "b", "c"), "/D/1/a/");
    text_template_free(d);
    text_template_free(slashes);
}

static void names_of_sources(void **state)
{
    struct words names = {0};
    (void)state;
    words_add(&names, "size", 4);
    words_add(&names, "../x", 4);
    words_add(&names, "", 0);
    struct text_template *d = text_of("D");
    struct result_naming n = {.template = d, .names = &names};
    check(&n, VALUES("a", "b", "c", "d"), "D/size/a/..\\_x/b/3/c/4/d/");
    text_template_free(d);
    words_fini(&names);
}

static void long_values_are_cut(void **state)
{
    char value[400], wanted[500];
    struct text_template *d = text_of("D");
    struct result_naming n = {.template = d};
    (void)state;
    memset(value, 'a', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    snprintf(wanted, sizeof wanted, "D/1/%.255s/", value);
    check(&n, VALUES(value), wanted);
    value[254] = '/'; /* becomes two bytes, one of which is cut off */
    snprintf(wanted, sizeof wanted, "D/1/%.254s\\/", value);
    check(&n, VALUES(value), wanted);
    value[255] = '\0';
    value[254] = 'a';
    snprintf(wanted, sizeof wanted, "D/1/%s/", value);
    check(&n, VALUES(value), wanted);
    text_template_free(d);
}

static void check_template(const char *text, const char *const *args, const char *wanted)
{
    struct text_template *template = text_of(text);
    struct result_naming n = {.template = template};
    check(&n, args, wanted);
    text_template_free(template);
}

static void templates(void **state)
{
    (void)state;
    check_template("my_{}", VALUES("a"), "my_a");
    check_template("{}", VALUES("a b", "c"), "a b c");
    check_template("my_{}/", VALUES("a/b"), "my_a/b/");
    check_template("d/{#}.{1/.}-{2}", VALUES("x/a.c", "2"), "d/7.a-2");
    check_template("d/{//}/{/}", VALUES("a"), "d/./a");
    /* The value says where. */
    check_template("{.}.log", VALUES("/x/../a.c"), "/x/../a.log");
}

static void values_do_not_lead_out(void **state)
{
    (void)state;
    check_template("d/{}", VALUES("../x"), "d/\\../x");
    check_template("d/{}/", VALUES("a/../../../x"), "d/a/\\../\\../\\../x/");
    check_template("d/{}", VALUES("/etc/passwd"), "d//etc/passwd");
    check_template("d/{}", VALUES(".."), "d/\\..");
    check_template("d/{}", VALUES("."), "d/\\.");
    check_template("../d/{}", VALUES("../x"), "../d/\\../x");
    check_template("my_{}", VALUES("/../../x"), "my_/\\../\\../x");
    check_template("d/.{}", VALUES("."), "d/\\.."); /* neither of them alone */
    check_template("d/{1}{2}", VALUES(".", "./x"), "d/\\../x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tree),      cmocka_unit_test(names_of_sources),       cmocka_unit_test(long_values_are_cut),
        cmocka_unit_test(templates), cmocka_unit_test(values_do_not_lead_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
