/* Groups that are as large as fit, and how the last items are spread. */
#include "source_support.h"

#include "os/exec_space.h"
#include "source/batch.h"

/* A source of groups for this command, which it keeps. */
struct packed {
    struct source *source;
    struct template *template;
};

static struct packed packed(struct source *inner, const char *script, bool repeat, struct batch_plan plan)
{
    struct words command = {0};
    struct template_options options = {.form = TEMPLATE_ARGV, .repeat_words = repeat};
    struct packed p;
    if (script[0] == '!')
        options.form = TEMPLATE_SCRIPT, script++;
    for (const char *at = script; *at;) { /* words at blanks */
        size_t len = options.form == TEMPLATE_SCRIPT ? strlen(at) : strcspn(at, " ");
        words_add(&command, at, len);
        at += len + (at[len] == ' ');
    }
    p.template = template_new(&command, &options, NULL);
    assert_non_null(p.template);
    words_fini(&command);
    plan.template = p.template;
    if (!plan.space)
        plan.space = 1 << 20;
    p.source = source_packed(inner, &plan);
    return p;
}

/* All groups, a slash between them, and then the end. */
static void expect_groups(struct packed p, const char *expected)
{
    struct buffer text = {0};
    struct words values = {0};
    struct error err;
    enum source_status status;
    while ((status = source_next(p.source, &values, &err)) != SOURCE_END) {
        if (text.len)
            buffer_putc(&text, '/');
        if (status == SOURCE_ERROR)
            buffer_putc(&text, '!');
        for (const char *v = NULL; (v = words_next(&values, v));) {
            buffer_puts(&text, v == values.data ? "" : "|");
            buffer_puts(&text, v);
        }
        words_clear(&values);
    }
    assert_string_equal(buffer_text(&text), expected);
    buffer_fini(&text);
    words_fini(&values);
    source_free(p.source);
    template_unref(p.template);
}

#define NUMBERS arguments((const char *const[]){"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", NULL})

static void test_share(void **state)
{
    (void)state;
    static const size_t expected[] = {3, 3, 2, 2};
    size_t left = 10;
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(batch_share(left, 4 - i), expected[i]);
        left -= expected[i];
    }
    assert_int_equal(left, 0);
    assert_int_equal(batch_share(0, 3), 0);
    assert_int_equal(batch_share(2, 5), 1);
    assert_int_equal(batch_share(7, 1), 7);
    assert_int_equal(batch_share(7, 0), 7);
    for (size_t items = 0; items < 60; items++) {
        for (unsigned slots = 1; slots < 12; slots++) {
            size_t rest = items, first = batch_share(items, slots), last = first;
            for (unsigned i = 0; i < slots; i++) {
                last = batch_share(rest, slots - i);
                rest -= last;
            }
            assert_int_equal(rest, 0);
            assert_true(first - last <= 1);
        }
    }
}

static void test_spread(void **state)
{
    (void)state;
    expect_groups(packed(NUMBERS, "echo", false, (struct batch_plan){.slots = 4}), "1|2|3/4|5|6/7|8/9|10");
    expect_groups(packed(NUMBERS, "echo", false, (struct batch_plan){.slots = 1}), "1|2|3|4|5|6|7|8|9|10");
    expect_groups(packed(NUMBERS, "echo", false, (struct batch_plan){.slots = 20}), "1/2/3/4/5/6/7/8/9/10");
    /* What was full before the end stays; "echo" and four digits are 13 bytes. */
    expect_groups(packed(NUMBERS, "echo", false, (struct batch_plan){.line = 13, .slots = 2}), "1|2|3|4/5|6|7|8/9/10");
    expect_groups(packed(arguments((const char *const[]){NULL}), "echo", false, (struct batch_plan){.slots = 3}), "");
}

static void test_items_stay_whole(void **state)
{
    (void)state;
    size_t width = 0;
    struct source *both[] = {arguments((const char *const[]){"1", "2", "3", NULL}),
                             arguments((const char *const[]){"a", "b", "c", NULL})};
    struct batch_plan plan = {.slots = 2, .width = &width};
    expect_groups(packed(source_link(both, 2, false), "echo", false, plan), "1|a|2|b/3|c");
    assert_int_equal(width, 2);
    struct source *pairs[] = {arguments((const char *const[]){"1", "2", NULL}),
                              arguments((const char *const[]){"a", "b", NULL})};
    plan = (struct batch_plan){.line = 10};
    expect_groups(packed(source_link(pairs, 2, false), "echo", false, plan), "1|a/2|b");
}

static void test_line(void **state)
{
    (void)state;
    static const char *const words[] = {"a", "bb", "ccc", "dddd", "e", NULL};
    /* NULs count: echo_a_bb_ are 10 bytes. */
    expect_groups(packed(arguments(words), "echo", false, (struct batch_plan){.line = 10}), "a|bb/ccc/dddd/e");
    expect_groups(packed(arguments(words), "echo", false, (struct batch_plan){.line = 9}), "a/bb/ccc/dddd/e");
    expect_groups(packed(arguments(words), "echo", false, (struct batch_plan){.line = 9, .line_is_strict = true}),
                  "a/bb/!/ccc/e");
    expect_groups(packed(arguments(words), "echo x{}", true, (struct batch_plan){.line = 12}), "a|bb/ccc/dddd/e");
    expect_groups(packed(arguments(words), "echo x{} {}", true, (struct batch_plan){.line = 17}), "a|bb/ccc/dddd/e");
    expect_groups(packed(arguments(words), "!echo", false, (struct batch_plan){.line = 17}), "a|bb/ccc/dddd|e");
    expect_groups(packed(arguments(words), "echo", false, (struct batch_plan){.items = 2, .line = 10}),
                  "a|bb/ccc/dddd/e");
    expect_groups(packed(arguments(words), "echo", false, (struct batch_plan){.items = 2, .line = 100}),
                  "a|bb/ccc|dddd/e");
    /* A group that is never smaller is dropped as a whole. */
    struct batch_plan plan = {.items = 2, .whole = true, .line = 10, .line_is_strict = true};
    expect_groups(packed(arguments(words), "echo", false, plan), "a|bb/!/e");
}

/* 10 bytes each with their pointers, and 11 the last. */
static void test_space(void **state)
{
    (void)state;
    size_t command = sizeof "echo" + EXEC_POINTER;
    expect_groups(packed(NUMBERS, "echo", false, (struct batch_plan){.space = command + 40}),
                  "1|2|3|4/5|6|7|8/9|10");
    expect_groups(packed(NUMBERS, "echo", false, (struct batch_plan){.space = command + 39}),
                  "1|2|3/4|5|6/7|8|9/10");
    expect_groups(packed(NUMBERS, "echo", false, (struct batch_plan){.space = 1}), "1/2/3/4/5/6/7/8/9/10");
    /* Values that the command does not show still end. */
    expect_groups(packed(NUMBERS, "echo 12345678 {#}", false, (struct batch_plan){.space = 100}),
                  "1|2|3|4|5|6|7|8|9|10");
}

/* Items of so many bytes, as a source. */
static struct source *sized(const size_t *sizes, size_t count)
{
    struct words items = {0};
    for (size_t i = 0; i < count; i++) {
        char *text = calloc(1, sizes[i] + 1);
        assert_non_null(text);
        memset(text, 'x', sizes[i]);
        words_add(&items, text, sizes[i]);
        free(text);
    }
    return source_arguments(&items);
}

static void expect_counts(struct packed p, const size_t *counts, size_t len)
{
    struct words values = {0};
    for (size_t i = 0; i < len; i++) {
        words_clear(&values);
        assert_int_equal(source_next(p.source, &values, NULL), SOURCE_ITEM);
        assert_int_equal(values.count, counts[i]);
    }
    words_fini(&values);
    expect_end(p.source);
    template_unref(p.template);
}

/* One argument holds 131,072 bytes with its NUL; what no line holds is alone. */
static void test_longest_argument(void **state)
{
    (void)state;
    static const size_t sizes[] = {10, 131071, 10, 131072, 10, 10};
    expect_counts(packed(sized(sizes, 6), "echo", false, (struct batch_plan){0}), (const size_t[]){3, 1, 2}, 3);
    expect_counts(packed(sized(sizes, 6), "echo x{}", true, (struct batch_plan){0}),
                  (const size_t[]){1, 1, 1, 1, 2}, 5);
    /* Joined they are one. */
    static const size_t halves[] = {65530, 65530, 65530, 10};
    expect_counts(packed(sized(halves, 4), "echo x{}", false, (struct batch_plan){0}), (const size_t[]){2, 2}, 2);
    expect_counts(packed(sized(halves, 4), "!echo", false, (struct batch_plan){0}), (const size_t[]){2, 2}, 2);
    /* "echo " and NUL, and for each value its quotes and a space. */
    static const size_t script[] = {65530, 65530, 1}, longer[] = {65531, 65530, 1};
    expect_counts(packed(sized(script, 3), "!echo", false, (struct batch_plan){0}), (const size_t[]){2, 1}, 2);
    expect_counts(packed(sized(longer, 3), "!echo", false, (struct batch_plan){0}), (const size_t[]){1, 2}, 2);
}

/* Bad items are left out alone where what fits decides, and a slow input is waited for. */
static void test_bad_items_and_waiting(void **state)
{
    (void)state;
    int fds[2], saved = dup(STDIN_FILENO);
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(dup2(fds[0], STDIN_FILENO), STDIN_FILENO);
    close(fds[0]);
    struct packed p = packed(source_lines("-", ',', NULL), "echo", false, (struct batch_plan){.slots = 2});
    struct words values = {0};
    put(fds[1], "a,b,");
    assert_int_equal(source_next(p.source, &values, NULL), SOURCE_WAIT);
    assert_int_equal(write(fds[1], "x\0y,", 4), 4);
    expect_error(p.source, ERR_SPEC, "NUL");
    put(fds[1], "c,d,e");
    assert_int_equal(source_next(p.source, &values, NULL), SOURCE_WAIT);
    assert_int_equal(values.count, 0);
    close(fds[1]);
    expect_item(p.source, "a|b|c");
    expect_item(p.source, "d|e");
    expect_end(p.source);
    template_unref(p.template);
    dup2(saved, STDIN_FILENO);
    close(saved);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_share),
        cmocka_unit_test(test_spread),
        cmocka_unit_test(test_items_stay_whole),
        cmocka_unit_test(test_line),
        cmocka_unit_test(test_space),
        cmocka_unit_test(test_longest_argument),
        cmocka_unit_test(test_bad_items_and_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
