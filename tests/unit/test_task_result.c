/* Results: the bytes are those that jansson writes for the same object, for every field and for hostile bytes. */
#include "task_support.h"

#include "base/base64.h"
#include "base/utf8.h"
#include "task/result.h"

#include <errno.h>
#include <jansson.h>

static const char *const words_gzip[] = {"gzip", "b.log", NULL};

/* jansson's own bytes for an object; six decimals are all that a result has. */
static char *dump(const json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(12));
    assert_non_null(text);
    return text;
}

static void write_result(struct buffer *out, const struct task *t)
{
    struct error err = {0};
    assert_int_equal(result_write(out, t, NULL, &err), 0);
}

/* Parses what was written, and checks that jansson writes the same bytes for it. */
static json_t *parse_back(struct buffer *out)
{
    json_error_t wrong;
    json_t *parsed = json_loadb(out->data, out->len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &wrong);
    if (!parsed)
        fail_msg("%s", wrong.text);
    char *again = dump(parsed);
    assert_string_equal(buffer_text(out), again);
    free(again);
    return parsed;
}

static struct task *example(struct spool *spool)
{
    struct task *t = support_task(7, false, words_gzip);
    static const char *const args[] = {"b.log", NULL};
    support_add_args(t, args);
    t->state = TASK_FAILED;
    t->attempt = 1;
    t->slot = 2;
    t->submitted_real_ns = INT64_C(1795188549123456789);
    t->ready_ns = 1000000000;
    struct outcome *o = &t->outcome;
    outcome_fail(o, ERR_EXIT_STATUS, "exit status %d", 1);
    o->exit_code = 1;
    o->pid = 4711;
    o->started_ns = 1002500000;
    o->finished_ns = 1010000999;
    o->started_real_ns = INT64_C(1795188549123500000);
    o->finished_real_ns = INT64_C(1795188549131000000);
    o->user_us = 1000;
    o->sys_us = 1000000;
    o->max_rss_kib = 1840;
    support_fill(&o->out, spool, 0, "", 0);
    support_fill(&o->err, spool, 0, "gzip: b.log: No such file\n", 26);
    return t;
}

static void test_every_key_in_its_place(void **state)
{
    (void)state;
    struct spool *spool = support_spool();
    struct task *t = example(spool);
    struct buffer out = {0};
    write_result(&out, t);
    assert_string_equal(
        buffer_text(&out),
        "{\"type\":\"result\",\"id\":\"7\",\"seq\":7,\"name\":null,\"state\":\"failed\",\"args\":[\"b.log\"],"
        "\"command\":[\"gzip\",\"b.log\"],\"shell\":null,\"exit_code\":1,\"signal\":null,"
        "\"error\":{\"type\":\"ExitStatus\",\"message\":\"exit status 1\"},\"value\":null,\"stdout\":\"\","
        "\"stderr\":\"gzip: b.log: No such file\\n\",\"stdout_bytes\":0,\"stderr_bytes\":26,\"truncated\":false,"
        "\"leaked\":false,\"attempt\":1,\"executor\":\"process\",\"slot\":2,\"pid\":4711,\"host\":null,"
        "\"submitted\":\"2026-11-20T15:29:09.123456Z\",\"started\":\"2026-11-20T15:29:09.123500Z\","
        "\"finished\":\"2026-11-20T15:29:09.131000Z\",\"queued_s\":0.0025,\"wall_s\":0.0075,\"user_s\":0.001,"
        "\"sys_s\":1,\"max_rss_kib\":1840}");
    json_decref(parse_back(&out));
    buffer_fini(&out);
    task_unref(t);
    support_spool_free(spool);
}

static void test_a_task_that_never_started(void **state)
{
    (void)state;
    struct task *t = support_task(9, false, words_gzip);
    struct buffer out = {0};
    t->id = xstrdup("x");
    t->state = TASK_SKIPPED;
    t->submitted_real_ns = t->outcome.finished_real_ns = INT64_C(1795188549000000000);
    outcome_fail(&t->outcome, ERR_HALTED, "halted");
    write_result(&out, t);
    assert_string_equal(
        buffer_text(&out),
        "{\"type\":\"result\",\"id\":\"x\",\"seq\":9,\"name\":null,\"state\":\"skipped\",\"args\":[],"
        "\"command\":[\"gzip\",\"b.log\"],\"shell\":null,\"exit_code\":null,\"signal\":null,"
        "\"error\":{\"type\":\"Halted\",\"message\":\"halted\"},\"value\":null,\"stdout\":\"\",\"stderr\":\"\","
        "\"stdout_bytes\":0,\"stderr_bytes\":0,\"truncated\":false,\"leaked\":false,\"attempt\":0,"
        "\"executor\":\"process\",\"slot\":null,\"pid\":null,\"host\":null,"
        "\"submitted\":\"2026-11-20T15:29:09.000000Z\",\"started\":null,"
        "\"finished\":\"2026-11-20T15:29:09.000000Z\",\"queued_s\":null,\"wall_s\":null,\"user_s\":null,"
        "\"sys_s\":null,\"max_rss_kib\":null}");
    buffer_fini(&out);
    task_unref(t);
}

/* Every scalar, against an object that jansson builds. */
static void test_values_against_jansson(void **state)
{
    (void)state;
    struct spool *spool = support_spool();
    static const int64_t numbers[] = {1, 9, 10, 99, 12345, INT32_MAX, INT64_C(4294967296)};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct task *t = example(spool);
        struct buffer out = {0};
        t->seq = (uint64_t)numbers[i];
        t->missed = numbers[i];
        t->attempt = (unsigned)numbers[i] | 1;
        t->spec->name = xstrdup("a name");
        t->outcome.max_rss_kib = numbers[i];
        t->outcome.leaked = i % 2;
        t->outcome.signal = (int)i + 1;
        write_result(&out, t);
        json_t *parsed = parse_back(&out);
        json_t *expected = json_pack(
            "{s:s, s:o, s:I, s:s, s:s, s:[s], s:[s,s], s:n, s:n, s:i, s:{s:s,s:s}, s:n, s:s, s:s, s:i, s:i, s:b, s:b,"
            "s:I, s:s, s:i, s:i, s:n, s:s, s:s, s:s, s:f, s:f, s:f, s:i, s:I, s:I}",
            "type", "result", "id", json_sprintf("%lld", (long long)numbers[i]), "seq", numbers[i], "name", "a name",
            "state", "failed", "args", "b.log", "command", "gzip", "b.log", "shell", "exit_code", "signal", (int)i + 1,
            "error", "type", "ExitStatus", "message", "exit status 1", "value", "stdout", "", "stderr",
            "gzip: b.log: No such file\n", "stdout_bytes", 0, "stderr_bytes", 26, "truncated", 0, "leaked",
            (int)(i % 2), "attempt", (json_int_t)t->attempt, "executor", "process", "slot", 2, "pid", 4711, "host",
            "submitted", "2026-11-20T15:29:09.123456Z", "started", "2026-11-20T15:29:09.123500Z", "finished",
            "2026-11-20T15:29:09.131000Z", "queued_s", 0.0025, "wall_s", 0.0075, "user_s", 0.001, "sys_s", 1,
            "max_rss_kib", numbers[i], "missed", numbers[i]);
        assert_non_null(expected);
        char *text = dump(expected);
        assert_string_equal(buffer_text(&out), text);
        free(text);
        json_decref(expected);
        json_decref(parsed);
        buffer_fini(&out);
        task_unref(t);
    }
    support_spool_free(spool);
}

static const struct {
    const char *bytes;
    size_t len;
} hostile[] = {
#define BYTES(text) {text, sizeof text - 1}
    BYTES(""),
    BYTES("plain"),
    BYTES("\"\\/\b\f\n\r\t"),
    BYTES("\x01\x02\x1f\x7f"),
    BYTES("a\"b\\c 01234567\"0123456\\"),
    BYTES("\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80 \xE2\x80\xA8 \xEF\xBB\xBF"),
    BYTES("{} {1} %s %n $(touch pwned) ;`x`"),
    BYTES("\xFF\xFE"),
    BYTES("\xC0\x80"),         /* overlong */
    BYTES("\xED\xA0\x80"),     /* a lone surrogate */
    BYTES("\xF4\x90\x80\x80"), /* above U+10FFFF */
    BYTES("ends in \xE2\x82"),
    BYTES("\x80starts"),
    /* from here on with NUL: for streams only */
    BYTES("\0"),
    BYTES("a\0b\0\0"),
    BYTES("\xFF\x00\xC0\"\\\n"),
};
#define HOSTILE (sizeof hostile / sizeof hostile[0])
#define HOSTILE_WORDS (HOSTILE - 3)

/* KEY is text, or null with the bytes in KEY_base64. */
static void check_string(const json_t *object, const char *key, const char *bytes, size_t len)
{
    char name[64];
    snprintf(name, sizeof name, "%s_base64", key);
    const json_t *text = json_object_get(object, key), *encoded = json_object_get(object, name);
    assert_non_null(text);
    if (utf8_valid(bytes, len)) {
        assert_null(encoded);
        assert_int_equal(json_string_length(text), len);
        assert_memory_equal(json_string_value(text), bytes, len);
        return;
    }
    struct buffer decoded = {0};
    assert_true(json_is_null(text));
    assert_int_equal(base64_decode(&decoded, json_string_value(encoded), json_string_length(encoded)), 0);
    assert_int_equal(decoded.len, len);
    assert_memory_equal(decoded.data, bytes, len);
    buffer_fini(&decoded);
}

static void test_hostile_streams(void **state)
{
    (void)state;
    struct spool *spool = support_spool();
    for (size_t i = 0; i < HOSTILE; i++) {
        struct task *t = example(spool);
        struct buffer out = {0};
        capture_fini(&t->outcome.err);
        support_fill(&t->outcome.out, spool, 0, hostile[i].bytes, hostile[i].len);
        support_fill(&t->outcome.err, spool, 0, hostile[HOSTILE - 1 - i].bytes, hostile[HOSTILE - 1 - i].len);
        write_result(&out, t);
        json_t *parsed = parse_back(&out);
        check_string(parsed, "stdout", hostile[i].bytes, hostile[i].len);
        check_string(parsed, "stderr", hostile[HOSTILE - 1 - i].bytes, hostile[HOSTILE - 1 - i].len);
        json_decref(parsed);
        buffer_fini(&out);
        task_unref(t);
    }
    support_spool_free(spool);
}

static void test_hostile_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < HOSTILE_WORDS; i++) {
        const char *bytes = hostile[i].bytes;
        const char *const command[] = {"echo", bytes, NULL};
        const char *const args[] = {"first", bytes, "\xC3", "\xA9", NULL};
        struct task *t = support_task(1, false, command);
        struct buffer out = {0};
        bool valid = utf8_valid(bytes, hostile[i].len);
        support_add_args(t, args);
        t->spec->name = xstrdup(bytes);
        outcome_fail(&t->outcome, ERR_CANCELLED, "cancelled");
        free(t->outcome.message);
        t->outcome.message = xstrdup(bytes);
        write_result(&out, t);
        json_t *parsed = parse_back(&out);
        check_string(parsed, "name", bytes, hostile[i].len);
        check_string(json_object_get(parsed, "error"), "message", bytes, hostile[i].len);
        /* Two halves of a character in neighbouring words do not make one. */
        assert_true(json_is_null(json_object_get(parsed, "args")));
        assert_int_equal(json_array_size(json_object_get(parsed, "args_base64")), 4);
        const json_t *shown = json_object_get(parsed, valid ? "command" : "command_base64");
        assert_int_equal(json_array_size(shown), 2);
        assert_string_equal(json_string_value(json_array_get(shown, 0)), valid ? "echo" : "ZWNobw==");
        if (valid)
            assert_string_equal(json_string_value(json_array_get(shown, 1)), bytes);
        json_decref(parsed);
        buffer_fini(&out);
        task_unref(t);
    }
}

static void test_scripts(void **state)
{
    (void)state;
    for (size_t i = 1; i < HOSTILE_WORDS; i++) {
        const char *const script[] = {hostile[i].bytes, NULL};
        struct task *t = support_task(1, true, script);
        struct buffer out = {0};
        write_result(&out, t);
        json_t *parsed = parse_back(&out);
        check_string(parsed, "shell", hostile[i].bytes, hostile[i].len);
        assert_true(json_is_null(json_object_get(parsed, "command")));
        assert_null(json_object_get(parsed, "command_base64"));
        json_decref(parsed);
        buffer_fini(&out);
        task_unref(t);
    }
}

struct flushed {
    struct buffer all;
    size_t largest;
    int left; /* calls until it fails */
};

static int take_flushed(void *context, struct buffer *out, struct error *err)
{
    struct flushed *f = context;
    if (f->left-- == 0)
        return error_set(err, ERR_IO, "full");
    f->largest = out->len > f->largest ? out->len : f->largest;
    buffer_append(&f->all, out->data, out->len);
    buffer_clear(out);
    return 0;
}

static void check_large(struct spool *spool, const char *pattern, size_t pattern_len, size_t offset, size_t len)
{
    struct task *t = example(spool);
    struct buffer data = {0}, out = {0};
    struct flushed flushed = {.left = -1};
    struct result_flush flush = {take_flushed, &flushed};
    while (data.len < offset)
        buffer_putc(&data, 'x');
    while (data.len < len)
        buffer_append(&data, pattern, pattern_len);
    support_fill(&t->outcome.out, spool, 0, data.data, data.len);
    assert_int_equal(result_write(&out, t, &flush, NULL), 0);
    buffer_append(&flushed.all, out.data, out.len);
    assert_true(flushed.largest <= 7 * SPOOL_PIECE);
    json_t *parsed = parse_back(&flushed.all);
    check_string(parsed, "stdout", data.data, data.len);
    json_decref(parsed);
    buffer_fini(&flushed.all);
    buffer_fini(&out);
    buffer_fini(&data);
    task_unref(t);
}

/* Characters that lie across the boundaries of spooled pieces are plain text; one bad byte far behind makes the
 * whole value base64. */
static void test_large_streams(void **state)
{
    (void)state;
    struct spool *spool = support_spool();
    for (size_t offset = 0; offset < 4; offset++) {
        check_large(spool, "\xF0\x9F\x98\x80", 4, offset, 300000);
        check_large(spool, "\x01", 1, offset, 150000);
        check_large(spool, "0123456789abcde\xFF", 16, offset, 300000 + offset);
    }
    struct task *t = example(spool);
    struct buffer out = {0}, data = {0};
    while (data.len < 250000)
        buffer_puts(&data, "plain text\n");
    buffer_putc(&data, '\x80');
    support_fill(&t->outcome.out, spool, 0, data.data, data.len);
    write_result(&out, t);
    json_t *parsed = parse_back(&out);
    check_string(parsed, "stdout", data.data, data.len);
    json_decref(parsed);
    buffer_fini(&out);
    buffer_fini(&data);
    task_unref(t);
    support_spool_free(spool);
}

static void test_truncated(void **state)
{
    (void)state;
    struct spool *spool = support_spool();
    struct task *t = example(spool);
    struct buffer out = {0};
    static const char text[] = "0123\xF0\x9F\x98\x80 middle \xF0\x9F\x98\x80 wxyz";
    support_fill(&t->outcome.out, spool, 14, text, sizeof text - 1); /* 7 and 7: both cut a character */
    write_result(&out, t);
    json_t *parsed = parse_back(&out);
    check_string(parsed, "stdout", "0123 wxyz", 9);
    assert_true(json_is_true(json_object_get(parsed, "truncated")));
    assert_int_equal(json_integer_value(json_object_get(parsed, "stdout_omitted_at")), 4);
    assert_int_equal(json_integer_value(json_object_get(parsed, "stdout_bytes")), sizeof text - 1);
    assert_null(json_object_get(parsed, "stderr_omitted_at"));
    json_decref(parsed);
    buffer_fini(&out);
    task_unref(t);
    support_spool_free(spool);
}

static void test_failures(void **state)
{
    (void)state;
    struct spool *spool = support_spool();
    struct task *t = example(spool);
    struct buffer out = {0};
    struct error err = {0};
    struct flushed flushed = {.left = 1};
    struct result_flush flush = {take_flushed, &flushed};
    char *data = xcalloc(1, 400000);
    support_fill(&t->outcome.out, spool, 0, data, 400000);
    free(data);
    assert_int_equal(result_write(&out, t, &flush, &err), -1);
    assert_int_equal(err.code, ERR_IO);
    assert_int_equal(ftruncate(support_spool_fd, 0), 0);
    assert_int_equal(result_write(&out, t, NULL, &err), -1);
    assert_int_equal(err.code, ERR_OUTPUT);
    buffer_fini(&flushed.all);
    buffer_fini(&out);
    task_unref(t);
    support_spool_free(spool);
}

static void check_seconds(int64_t us, const char *expected)
{
    struct buffer out = {0};
    json_write_seconds(&out, us);
    assert_string_equal(buffer_text(&out), expected);
    buffer_fini(&out);
}

static void test_pieces(void **state)
{
    (void)state;
    check_seconds(0, "0");
    check_seconds(-5, "0");
    check_seconds(1, "0.000001");
    check_seconds(44, "0.000044");
    check_seconds(999999, "0.999999");
    check_seconds(1000000, "1");
    check_seconds(1500000, "1.5");
    check_seconds(INT64_C(86400000001), "86400.000001");
    struct buffer out = {0};
    json_write_int(&out, INT64_MIN);
    json_write_int(&out, INT64_MAX);
    json_write_uint(&out, UINT64_MAX);
    json_write_time(&out, 0);
    assert_string_equal(buffer_text(&out), "-9223372036854775808922337203685477580718446744073709551615null");
    buffer_fini(&out);
}

/* Each byte at each place of a word, as jansson writes it. */
static void test_every_byte_at_every_place(void **state)
{
    (void)state;
    for (int byte = 0; byte < 0x80; byte++) {
        for (size_t place = 0; place < 17; place++) {
            char text[17];
            struct buffer out = {0};
            memset(text, 'a', sizeof text);
            text[place] = (char)byte;
            json_write_string(&out, text, sizeof text);
            json_t *string = json_stringn(text, sizeof text);
            char *expected = dump(string);
            assert_string_equal(buffer_text(&out), expected);
            free(expected);
            json_decref(string);
            buffer_fini(&out);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_key_in_its_place),
        cmocka_unit_test(test_a_task_that_never_started),
        cmocka_unit_test(test_values_against_jansson),
        cmocka_unit_test(test_hostile_streams),
        cmocka_unit_test(test_hostile_words),
        cmocka_unit_test(test_scripts),
        cmocka_unit_test(test_large_streams),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_every_byte_at_every_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
