/* Specs: data-driven cases (tests/data/spec), the table of keys against the schema, and the helpers that the
 * protocol uses.
 */
#include "task/spec.h"

#include "base/alloc.h"
#include "base/buffer.h"
#include "task/spec_fields.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#ifndef TESTS_DIR
#define TESTS_DIR "../"
#endif

#define NOW_NS INT64_C(1795168800000000000) /* 2026-11-20 10:00 UTC */

static const struct spec_context context = {.real_now_ns = NOW_NS};

static json_t *load(const char *path)
{
    json_error_t error;
    json_t *value = json_load_file(path, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);
    if (!value)
        fail_msg("%s: line %d: %s", path, error.line, error.text);
    return value;
}

/* The bytes in hex, or text, of a case. */
static void expect_bytes(const json_t *expected, bool hex, const char *data, size_t len)
{
    struct buffer shown = {0};
    for (size_t i = 0; hex && i < len; i++)
        buffer_printf(&shown, "%02x", (unsigned char)data[i]);
    if (!hex)
        buffer_append(&shown, data, len);
    assert_int_equal(shown.len, json_string_length(expected));
    assert_memory_equal(buffer_text(&shown), json_string_value(expected), shown.len);
    buffer_fini(&shown);
}

static void expect_words(const json_t *expected, bool hex, const struct words *words)
{
    const char *word = NULL;
    assert_int_equal(words->count, json_array_size(expected));
    for (size_t i = 0; i < json_array_size(expected); i++) {
        word = words_next(words, word);
        expect_bytes(json_array_get(expected, i), hex, word, strlen(word));
    }
}

static void expect_text(const json_t *expected, const char *text)
{
    if (json_is_null(expected))
        assert_null(text);
    else
        assert_string_equal(text, json_string_value(expected));
}

static void expect_limits(const json_t *expected, const struct spec *spec)
{
    static const struct {
        const char *name;
        int resource;
    } names[] = {
        {"as", RLIMIT_AS},       {"core", RLIMIT_CORE},   {"cpu", RLIMIT_CPU},         {"data", RLIMIT_DATA},
        {"fsize", RLIMIT_FSIZE}, {"nproc", RLIMIT_NPROC}, {"memlock", RLIMIT_MEMLOCK},
        {"nofile", RLIMIT_NOFILE},
        {"rss", RLIMIT_RSS},     {"stack", RLIMIT_STACK},
    };
    assert_int_equal(spec->limits_len, json_object_size(expected));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const json_t *value = json_object_get(expected, names[i].name);
        bool found = false;
        for (size_t j = 0; j < spec->limits_len; j++) {
            if (spec->limits[j].resource != names[i].resource)
                continue;
            found = true;
            assert_int_equal(spec->limits[j].value, json_integer_value(value));
        }
        assert_int_equal(found, value != NULL);
    }
}

/* Every number, string and flag that a case may name. */
static bool expect_member(const char *name, const json_t *value, const struct spec *spec)
{
    const struct schedule *s = &spec->schedule;
    const struct {
        const char *name;
        int64_t value;
    } numbers[] = {
        {"timeout_ns", spec->timeout_ns}, {"kill_after_ns", spec->kill_after_ns}, {"retries", spec->retries},
        {"retry_delay_ns", spec->retry_delay.first_ns}, {"max_output", spec->max_output},
        {"priority", spec->priority},
        {"slots", spec->slots}, {"nice", spec->nice}, {"in_ns", s->in_ns}, {"at_ns", s->at_ns},
        {"every_ns", s->every_ns}, {"times", s->times}, {"until_ns", s->until_ns},
    };
    const struct {
        const char *name;
        const char *value;
    } texts[] = {
        {"id", spec->id}, {"name", spec->name}, {"stdin_file", spec->input_file}, {"cwd", spec->cwd},
        {"callback", spec->callback}, {"error_callback", spec->error_callback},
    };
    const struct {
        const char *name;
        bool value;
    } flags[] = {
        {"daemon", spec->daemon}, {"block", spec->block}, {"timed", schedule_is_timed(s)},
        {"repeats", schedule_repeats(s)},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (strcmp(name, numbers[i].name) == 0) {
            assert_true(numbers[i].value == json_integer_value(value));
            return true;
        }
    }
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (strcmp(name, texts[i].name) == 0) {
            expect_text(value, texts[i].value);
            return true;
        }
    }
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (strcmp(name, flags[i].name) == 0) {
            assert_int_equal(flags[i].value, json_is_true(value));
            return true;
        }
    }
    return false;
}

static void expect_input(const json_t *value, bool hex, const struct spec *spec)
{
    if (json_is_null(value)) {
        assert_null(spec->input);
        return;
    }
    assert_non_null(spec->input);
    expect_bytes(value, hex, spec->input, spec->input_len);
}

static void expect_one(const char *name, const json_t *value, const struct spec *spec, const struct rendering *r)
{
    size_t len = strlen(name);
    bool hex = len > 6 && strcmp(name + len - 6, "_bytes") == 0;
    len -= hex ? 6 : 0;
    if (expect_member(name, value, spec))
        return;
    if (strncmp(name, "argv", len) == 0) {
        expect_words(value, hex, &r->argv);
        assert_false(template_is_script(spec->template));
    } else if (strncmp(name, "args", len) == 0) {
        expect_words(value, hex, &spec->args);
    } else if (strncmp(name, "env", len) == 0) {
        expect_words(value, hex, &spec->env);
    } else if (strncmp(name, "stdin", len) == 0) {
        expect_input(value, hex, spec);
    } else if (strcmp(name, "tags") == 0) {
        expect_words(value, false, &spec->tags);
    } else if (strcmp(name, "limits") == 0) {
        expect_limits(value, spec);
    } else if (strcmp(name, "cost") == 0) {
        assert_true(spec->cost >= json_number_value(value) && spec->cost <= json_number_value(value));
    } else if (strcmp(name, "direct") == 0) {
        assert_int_equal(r->direct, json_is_true(value));
    } else if (strncmp(name, "script", len) == 0) {
        expect_bytes(value, hex, r->script, strlen(r->script));
    } else {
        fail_msg("what is '%s'?", name);
    }
}

static void check_valid(const json_t *one)
{
    struct spec *spec;
    struct error err = {0};
    struct rendering r;
    const char *key, *name;
    json_t *value;
    if (spec_parse(json_object_get(one, "spec"), &context, &spec, &key, &err) != 0)
        fail_msg("%s", err.message);
    assert_null(key);
    assert_true(spec->size >= sizeof *spec);
    assert_int_equal(template_render(spec->template, &spec->args, 7, 2, &r, &err), 0);
    json_object_foreach(json_object_get(one, "expect"), name, value)
        expect_one(name, value, spec, &r);
    rendering_fini(&r);
    spec_unref(spec);
}

static void check_invalid(const json_t *one)
{
    struct spec *spec;
    struct error err = {0};
    const char *key = "none", *fragment = json_string_value(json_object_get(one, "message"));
    assert_int_equal(spec_parse(json_object_get(one, "spec"), &context, &spec, &key, &err), -1);
    assert_null(spec);
    assert_int_equal(err.code, ERR_SPEC);
    if (!strstr(err.message, fragment))
        fail_msg("wrong message: %s", err.message);
    expect_text(json_object_get(one, "key"), key);
    if (!key)
        return;
    char *start = xasprintf("key \"%s\": ", key);
    assert_memory_equal(err.message, start, strlen(start));
    free(start);
}

static void run_suite(const char *kind, void (*check)(const json_t *))
{
    char *folder = xasprintf("%s/data/spec/%s", TESTS_DIR, kind);
    DIR *dir = opendir(folder);
    size_t count = 0;
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        char *path = xasprintf("%s/%s", folder, entry->d_name);
        json_t *cases = load(path);
        for (size_t i = 0; i < json_array_size(cases); i++, count++) {
            char *text = json_dumps(json_object_get(json_array_get(cases, i), "spec"), JSON_ENCODE_ANY);
            print_message("%s: %s\n", entry->d_name, text);
            free(text);
            check(json_array_get(cases, i));
        }
        json_decref(cases);
        free(path);
    }
    closedir(dir);
    free(folder);
    assert_true(count > 50);
}

static void test_valid(void **state)
{
    (void)state;
    run_suite("valid", check_valid);
}

static void test_invalid(void **state)
{
    (void)state;
    run_suite("invalid", check_invalid);
}

static void test_the_table_of_keys_is_sorted_and_the_schema_has_them(void **state)
{
    (void)state;
    json_t *schema = load(TESTS_DIR "/../src/task/spec.schema.json");
    json_t *properties = json_object_get(schema, "properties"), *property;
    const struct spec_field *field, *last = NULL;
    const char *name;
    for (size_t i = 0; (field = spec_field_at(i)); i++) {
        struct spec *spec;
        struct error err = {0};
        const char *key;
        assert_true(!last || strcmp(last->key, field->key) < 0);
        assert_ptr_equal(spec_field_find(field->key), field);
        last = field;
        /* Either the schema has it, or it is refused by name. */
        if (json_object_get(properties, field->key))
            continue;
        json_t *object = json_pack("{s:n}", field->key);
        assert_int_equal(spec_parse(object, NULL, &spec, &key, &err), -1);
        assert_non_null(strstr(err.message, "not supported by this version"));
        json_decref(object);
    }
    json_object_foreach(properties, name, property) {
        assert_non_null(spec_field_find(name));
        assert_true(json_string_length(json_object_get(property, "description")) > 10);
    }
    json_decref(schema);
}

static void test_the_shell_of_the_context_runs_scripts_only(void **state)
{
    (void)state;
    struct spec_context fish = {.shell_path = "/usr/bin/fish"};
    struct spec *spec;
    const char *key;
    json_t *shell = json_pack("{s:s}", "shell", "echo"), *command = json_pack("{s:[s]}", "command", "echo");
    assert_int_equal(spec_parse(shell, &fish, &spec, &key, NULL), 0);
    assert_string_equal(template_shell(spec->template), "/usr/bin/fish");
    spec_unref(spec);
    assert_int_equal(spec_parse(command, &fish, &spec, &key, NULL), 0);
    assert_false(template_is_script(spec->template));
    spec_unref(spec);
    json_decref(shell);
    json_decref(command);
}

static void test_references(void **state)
{
    (void)state;
    struct spec *spec = spec_new();
    assert_ptr_equal(spec_ref(spec), spec);
    spec_unref(spec);
    assert_int_equal(spec->refs, 1);
    assert_null(spec->template);
    spec_unref(spec);
    spec_unref(NULL);
}

static void test_values(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        const char *values; /* with | behind each, NULL: refused */
    } cases[] = {
        {"\"a b\"", "a b|"}, {"\"\"", "|"}, {"[]", ""}, {"[\"a\",2,2.50]", "a|2|2.5|"}, {"0", "0|"},
        {"-0.5", "-0.5|"},
        {"1e400", NULL}, {"0.30000000000000004", "0.30000000000000004|"},
        {"9007199254740993", "9007199254740993|"},
        {"null", NULL}, {"true", NULL}, {"{}", NULL}, {"[[\"a\"]]", NULL}, {"[\"a\",null]", NULL},
        {"\"a\\u0000\"", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct words values = {0};
        struct buffer all = {0};
        struct error err = {0};
        json_t *value = json_loads(cases[i].json, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        if (!value) {
            assert_null(cases[i].values);
            continue;
        }
        int status = spec_parse_values(value, &values, &err);
        assert_int_equal(status, cases[i].values ? 0 : -1);
        assert_int_equal(err.code, status ? ERR_SPEC : ERR_NONE);
        for (const char *v = NULL; status == 0 && (v = words_next(&values, v));)
            buffer_printf(&all, "%s|", v);
        if (status == 0)
            assert_string_equal(buffer_text(&all), cases[i].values);
        buffer_fini(&all);
        words_fini(&values);
        json_decref(value);
    }
}

static void test_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        int status;
        const char *data; /* or a part of the message */
        size_t len;
    } cases[] = {
        {"{}", 0, NULL, 0},
        {"{\"x\":\"a\"}", 0, NULL, 0},
        {"{\"k\":\"a\\u0000b\"}", 1, "a\0b", 3},
        {"{\"k\":\"\"}", 1, "", 0},
        {"{\"k_base64\":\"/wA=\"}", 1, "\377\0", 2},
        {"{\"k\":null,\"k_base64\":\"YQ==\"}", 1, "a", 1},
        {"{\"k\":null}", -1, "key \"k\": must be a string, not null", 0},
        {"{\"k\":1}", -1, "key \"k\": must be a string, not a number", 0},
        {"{\"k\":\"a\",\"k_base64\":\"YQ==\"}", -1, "key \"k_base64\": cannot stand beside \"k\"", 0},
        {"{\"k_base64\":\"YQ\"}", -1, "key \"k_base64\": is not valid base64", 0},
        {"{\"k_base64\":1}", -1, "key \"k_base64\": must be a string in base64", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = {0};
        char *data;
        size_t len;
        json_t *object = json_loads(cases[i].json, JSON_ALLOW_NUL, NULL);
        assert_non_null(object);
        assert_int_equal(spec_get_bytes(object, "k", &data, &len, &err), cases[i].status);
        if (cases[i].status == 1) {
            assert_int_equal(len, cases[i].len);
            assert_memory_equal(data, cases[i].data, len + 1);
        } else if (cases[i].status < 0) {
            assert_non_null(strstr(err.message, cases[i].data));
            assert_null(data);
        }
        free(data);
        json_decref(object);
    }
}

static void test_ids(void **state)
{
    (void)state;
    struct error err = {0};
    assert_int_equal(spec_check_id("a", NULL), 0);
    assert_int_equal(spec_check_id("1.5", NULL), 0);
    assert_int_equal(spec_check_id("\303\251", NULL), 0);
    assert_int_equal(spec_check_id("\377", &err), -1);
    assert_non_null(strstr(err.message, "UTF-8"));
    assert_int_equal(spec_check_id("0", &err), -1);
    assert_int_equal(err.code, ERR_SPEC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid),
        cmocka_unit_test(test_invalid),
        cmocka_unit_test(test_the_table_of_keys_is_sorted_and_the_schema_has_them),
        cmocka_unit_test(test_the_shell_of_the_context_runs_scripts_only),
        cmocka_unit_test(test_references),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
