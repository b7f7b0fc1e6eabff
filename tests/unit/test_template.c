/* Templates: data-driven cases (tests/data/template). What shells make of them is in test_quoting.c. */
#include "task/template.h"

#include "base/alloc.h"
#include "base/slice.h"
#include "task/replacement.h"

#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#ifndef TESTS_DIR
#define TESTS_DIR "../"
#endif

static void add_words(struct words *words, const json_t *array)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *text = json_string_value(json_array_get(array, i));
        assert_non_null(text);
        words_add(words, text, strlen(text));
    }
}

/* Names of replacement strings, in the order of enum replacement_token; null: GNU parallel's. */
static void set_tokens(struct replacement_syntax *syntax, const json_t *tokens)
{
    for (size_t i = 0; i < json_array_size(tokens); i++)
        syntax->tokens[i] = json_string_value(json_array_get(tokens, i));
}

static struct template *compile_case(const json_t *one, struct error *err)
{
    struct words command = {0}, names = {0};
    const char *form = json_string_value(json_object_get(one, "form"));
    const json_t *total = json_object_get(one, "total");
    struct template_options options = {
        .form = TEMPLATE_GUESS,
        .light = json_is_true(json_object_get(one, "light")),
        .literal = json_is_true(json_object_get(one, "literal")),
        .no_direct = json_is_true(json_object_get(one, "no_direct")),
        .repeat_words = json_is_true(json_object_get(one, "repeat")),
        .shell_path = json_string_value(json_object_get(one, "shell")),
        .names = json_object_get(one, "names") ? &names : NULL,
        .syntax.no_plus = json_is_true(json_object_get(one, "no_plus")),
        .whole = (size_t)json_integer_value(json_object_get(one, "whole")),
        .slots = (unsigned)json_integer_value(json_object_get(one, "slots")),
        .total = total != NULL,
    };
    set_tokens(&options.syntax, json_object_get(one, "tokens"));
    add_words(&names, json_object_get(one, "names"));
    if (form)
        options.form = strcmp(form, "argv") == 0 ? TEMPLATE_ARGV : TEMPLATE_SCRIPT;
    add_words(&command, json_object_get(one, "command"));
    struct template *t = template_new(&command, &options, err);
    if (t && template_needs_total(t))
        template_set_total(t, (uint64_t)json_integer_value(total));
    words_fini(&command);
    words_fini(&names);
    return t;
}

static void check_words(const struct words *words, const json_t *expected)
{
    const char *word = NULL;
    for (size_t i = 0; i < json_array_size(expected); i++) {
        word = words_next(words, word);
        assert_non_null(word);
        if (strcmp(word, json_string_value(json_array_get(expected, i))) != 0)
            fail_msg("word %zu is %s", i, word);
    }
    assert_int_equal(words->count, json_array_size(expected));
}

/* Compares what a case says with what comes out; `direct`: whether an argv must belong to a script. */
static void check_case(const json_t *one, bool direct_suite)
{
    struct error err = {0};
    struct words args = {0};
    struct rendering r;
    const json_t *slot = json_object_get(one, "slot"), *argv = json_object_get(one, "argv");
    const char *fragment = json_string_value(json_object_get(one, "error"));
    const char *script = json_string_value(json_object_get(one, "script"));
    struct template *t = compile_case(one, &err);
    int status = t ? 0 : -1;
    if (t) {
        add_words(&args, json_object_get(one, "args"));
        status = template_render(t, &args, 7, slot ? (unsigned)json_integer_value(slot) : 2, &r, &err);
        words_fini(&args);
    }
    if (status != 0) {
        if (!fragment || !strstr(err.message, fragment))
            fail_msg("unexpected error: %s", err.message);
        assert_int_equal(err.code, json_object_get(one, "spawn") ? ERR_SPAWN : ERR_USAGE);
        template_unref(t);
        return;
    }
    assert_null(fragment);
    if (argv)
        check_words(&r.argv, argv);
    if (script)
        assert_string_equal(r.script, script);
    if (direct_suite) {
        assert_int_equal(r.direct, argv != NULL);
        assert_non_null(r.script);
        if (!argv)
            assert_int_equal(r.argv.count, 0);
    } else if (argv && !script) {
        assert_null(r.script);
        assert_false(r.direct);
    }
    assert_int_equal(template_is_script(t), r.script != NULL);
    rendering_fini(&r);
    template_unref(t);
}

static void run_suite(const char *name, bool direct_suite)
{
    char *path = xasprintf("%s/data/template/%s.json", TESTS_DIR, name);
    json_error_t error;
    json_t *cases = json_load_file(path, 0, &error);
    if (!cases)
        fail_msg("%s: line %d: %s", path, error.line, error.text);
    assert_true(json_array_size(cases) > 10);
    for (size_t i = 0; i < json_array_size(cases); i++) {
        char *text = json_dumps(json_array_get(cases, i), JSON_COMPACT);
        print_message("%s %s\n", name, text);
        free(text);
        check_case(json_array_get(cases, i), direct_suite);
    }
    json_decref(cases);
    free(path);
}

static void test_argv(void **state)
{
    (void)state;
    run_suite("argv", false);
}

static void test_repeat(void **state)
{
    (void)state;
    run_suite("repeat", false);
}

static void test_script(void **state)
{
    (void)state;
    run_suite("script", false);
}

static void test_direct(void **state)
{
    (void)state;
    unsetenv("SHELLOPTS");
    unsetenv("BASHOPTS");
    setenv("BASH_FUNC_shown_function%%", "() {  :; }", 1);
    run_suite("direct", true);
    unsetenv("BASH_FUNC_shown_function%%");
}

static void test_refused(void **state)
{
    (void)state;
    run_suite("refused", false);
}

static void test_plus(void **state)
{
    (void)state;
    run_suite("plus", false);
}

static void test_names_used(void **state)
{
    (void)state;
    struct words command = {0}, names = {0};
    const char *word = NULL;
    static const char *const words[] = {"{size} {name.}{size/}", "{} {1} {-1} {a b} {x", "'{f-1:-x}' ${no} {é}",
                                        "{_a%re} {B/x/y} {9a} {-a} {a,b} {n}"};
    static const char *const expected[] = {"size", "name", "f-1", "_a", "B", "a", "n"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        words_add(&command, words[i], strlen(words[i]));
    template_names_used(&command, &names);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        word = words_next(&names, word);
        assert_non_null(word);
        assert_string_equal(word, expected[i]);
    }
    assert_int_equal(names.count, sizeof expected / sizeof expected[0]);
    words_fini(&command);
    words_fini(&names);
}

static void test_text(void **state)
{
    (void)state;
    struct words command = {0}, args = {0};
    struct template_options options = {.form = TEMPLATE_TEXT};
    struct buffer out = {0};
    words_add(&command, "{#}:{} '{2/}' {^^.}$", strlen("{#}:{} '{2/}' {^^.}$"));
    words_add(&args, "a'$(b)", 6);
    words_add(&args, "c/{1}", 5);
    struct template *t = template_new(&command, &options, NULL);
    buffer_puts(&out, "> ");
    template_render_text(t, &args, 7, 2, &out);
    assert_string_equal(buffer_text(&out), "> 7:a'$(b) c/{1} '{1}' A'$(B) C/{1}$");
    buffer_clear(&out);
    template_render_text(t, NULL, 7, 2, &out);
    assert_string_equal(buffer_text(&out), "7: '' $");
    buffer_fini(&out);
    words_fini(&command);
    words_fini(&args);
    template_unref(t);
}

static void test_skips(void **state)
{
    (void)state;
    static const struct {
        const char *command;
        const char *args[4];
        bool skips;
    } cases[] = {
        {"{uniq}", {"a", "b", "c"}, false},     {"{uniq}", {"a", "b", "a"}, true},  {"{uniq}", {"a"}, false},
        {"{1uniq}", {"a", "a"}, true},          {"{choose_k}", {"a", "b"}, false},  {"{choose_k}", {"a", "a"}, true},
        {"{choose_k}", {"a", "c", "b"}, true},  {"{}", {"a", "a"}, false},          {"${uniq}", {"a", "a"}, false},
        {"x{choose_k}{uniq}", {"b", "a"}, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct words command = {0}, args = {0};
        struct template_options options = {.form = TEMPLATE_ARGV};
        words_add(&command, cases[i].command, strlen(cases[i].command));
        for (size_t j = 0; cases[i].args[j]; j++)
            words_add(&args, cases[i].args[j], strlen(cases[i].args[j]));
        struct template *t = template_new(&command, &options, NULL);
        if (template_skips(t, &args) != cases[i].skips)
            fail_msg("case %zu: %s", i, cases[i].command);
        template_unref(t);
        words_fini(&command);
        words_fini(&args);
    }
}

static void test_environment_stops_direct_execution(void **state)
{
    (void)state;
    struct words command = {0}, args = {0};
    struct template_options options = {.form = TEMPLATE_SCRIPT};
    struct rendering r;
    words_add(&command, "gzip {}", 7);
    setenv("SHELLOPTS", "xtrace", 1);
    struct template *t = template_new(&command, &options, NULL);
    unsetenv("SHELLOPTS");
    assert_int_equal(template_render(t, &args, 1, 1, &r, NULL), 0);
    assert_false(r.direct);
    rendering_fini(&r);
    template_unref(t);
    words_fini(&command);
}

static void test_parts_of_values(void **state)
{
    (void)state;
    /* What GNU parallel makes of {.} {/} {//} {/.}. */
    static const char *const cases[][5] = {
        {"a/b.c", "a/b", "b.c", "a", "b"},      {"a.b/c", "a.b/c", "c", "a.b", "c"},
        {".x", "", ".x", ".", ""},              {"a/.x", "a/", ".x", "a", ""},
        {"dir/", "dir/", "", ".", ""},          {"/", "/", "", "/", ""},
        {"//", "//", "", "/", ""},              {"a.", "a", "a.", ".", "a"},
        {"a.tar.gz", "a.tar", "a.tar.gz", ".", "a.tar"},
        {"..", ".", "..", ".", "."},            {"./..", "./.", "..", ".", "."},
        {"a//b.c", "a//b", "b.c", "a", "b"},    {"/x", "/x", "x", "/", "x"},
        {"a/b.c/", "a/b.c/", "", "a", ""},      {"", "", "", ".", ""},
        {"//x", "//x", "x", "/", "x"},
    };
    static const enum value_part parts[] = {PART_NO_EXTENSION, PART_BASE, PART_DIRECTORY,
                                            PART_BASE_NO_EXTENSION};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t j = 0; j < 4; j++) {
            struct slice part = value_part(slice_of(cases[i][0]), parts[j]);
            if (!slice_is(part, cases[i][j + 1]))
                fail_msg("'%s' part %zu: '%.*s'", cases[i][0], j, (int)part.len, part.data);
        }
    }
}

static void test_too_long_a_script(void **state)
{
    (void)state;
    struct words command = {0}, args = {0};
    struct error err = {0};
    struct rendering r;
    struct template_options options = {.form = TEMPLATE_SCRIPT};
    char *value = xmalloc(131072);
    memset(value, 'x', 131072);
    words_add(&command, "gzip {}", 7);
    words_add(&args, value, 131071 - strlen("gzip ''"));
    struct template *t = template_new(&command, &options, NULL);
    assert_int_equal(template_render(t, &args, 1, 1, &r, &err), 0);
    assert_int_equal(strlen(r.script), 131071);
    rendering_fini(&r);
    words_clear(&args);
    words_add(&args, value, 131072 - strlen("gzip ''"));
    assert_int_equal(template_render(t, &args, 1, 1, &r, &err), -1);
    assert_int_equal(err.code, ERR_SPAWN);
    assert_int_equal(err.sys_errno, E2BIG);
    rendering_fini(&r);
    template_unref(t);
    words_fini(&args);
    words_fini(&command);
    free(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_argv),
        cmocka_unit_test(test_script),
        cmocka_unit_test(test_repeat),
        cmocka_unit_test(test_direct),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_plus),
        cmocka_unit_test(test_names_used),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_skips),
        cmocka_unit_test(test_environment_stops_direct_execution),
        cmocka_unit_test(test_parts_of_values),
        cmocka_unit_test(test_too_long_a_script),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
