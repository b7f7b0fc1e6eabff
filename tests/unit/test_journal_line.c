/* Lines of journals and joblogs: what is written is read again, and nothing else is. */
#include "task_support.h"

#include "base/digest.h"
#include "base/duration.h"
#include "task/joblog_line.h"
#include "task/journal_line.h"

#include <jansson.h>

#define REAL_NS INT64_C(1795188549123456789)

static struct task *example(const char *const *words, const char *const *args)
{
    struct task *t = support_task(7, false, words);
    support_add_args(t, args);
    t->attempt = 2;
    t->digest = UINT64_C(0x0123456789abcdef);
    t->outcome.started_ns = NS_PER_S;
    t->outcome.finished_ns = NS_PER_S + 1234567890;
    t->outcome.started_real_ns = REAL_NS;
    t->outcome.finished_real_ns = REAL_NS + 1234567890;
    return t;
}

static struct task *gzip_task(void)
{
    return example((const char *const[]){"gzip", "a b", NULL}, (const char *const[]){"a b", NULL});
}

/* Valid JSON, and one line. */
static json_t *json_of(struct buffer *line)
{
    assert_int_equal(line->data[line->len - 1], '\n');
    assert_null(memchr(line->data, '\n', line->len - 1));
    json_t *object = json_loadb(line->data, line->len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(object);
    return object;
}

static struct journal_record parsed(const struct buffer *line)
{
    struct journal_record record;
    struct error err = {0};
    if (journal_parse((struct slice){line->data, line->len - 1}, &record, &err) < 0)
        fail_msg("%.*s: %s", (int)line->len, line->data, err.message);
    return record;
}

static void write_ended(struct buffer *line, enum error_code code, int exit_code, int signo, bool again)
{
    struct task *t = gzip_task();
    if (code != ERR_NONE)
        outcome_fail(&t->outcome, code, "for a test");
    t->outcome.exit_code = exit_code;
    t->outcome.signal = signo;
    buffer_clear(line);
    journal_write_end(line, t, again);
    task_unref(t);
}

static void test_start(void **state)
{
    struct buffer line = {0};
    struct task *t = gzip_task();
    (void)state;
    journal_write_start(&line, t, REAL_NS);
    json_t *object = json_of(&line);
    assert_string_equal(json_string_value(json_object_get(object, "digest")), "0123456789abcdef");
    assert_string_equal(json_string_value(json_object_get(object, "time")), "2026-11-20T15:29:09.123456Z");
    struct journal_record r = parsed(&line);
    assert_int_equal(r.kind, JOURNAL_START);
    assert_int_equal(r.seq, 7);
    assert_int_equal(r.attempt, 2);
    assert_true(r.digest == t->digest);
    json_decref(object);
    task_unref(t);
    buffer_fini(&line);
}

static void test_ends(void **state)
{
    static const struct {
        enum error_code code;
        int exit_code, signo;
        bool again;
        enum task_state is;
    } cases[] = {
        {ERR_NONE, 0, 0, false, TASK_SUCCEEDED},        {ERR_EXIT_STATUS, 3, 0, false, TASK_FAILED},
        {ERR_EXIT_STATUS, 3, 0, true, TASK_FAILED},     {ERR_SIGNAL, -1, 9, false, TASK_FAILED},
        {ERR_NOT_FOUND, -1, 0, false, TASK_FAILED},     {ERR_TIMEOUT, -1, 15, false, TASK_TIMED_OUT},
        {ERR_SHUTDOWN, -1, 15, false, TASK_CANCELLED},  {ERR_LOST, -1, 0, false, TASK_LOST},
    };
    struct buffer line = {0};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_ended(&line, cases[i].code, cases[i].exit_code, cases[i].signo, cases[i].again);
        struct journal_record r = parsed(&line);
        json_t *object = json_of(&line), *code = json_object_get(object, "exit_code");
        assert_int_equal(r.kind, JOURNAL_END);
        assert_int_equal(r.state, cases[i].is);
        assert_int_equal(r.again, cases[i].again);
        assert_int_equal(json_is_null(code) ? -1 : json_integer_value(code), cases[i].exit_code);
        assert_int_equal(json_integer_value(json_object_get(object, "signal")), cases[i].signo);
        assert_int_equal(json_is_null(json_object_get(object, "error")), cases[i].code == ERR_NONE);
        json_decref(object);
    }
    buffer_fini(&line);
}

static void test_lost(void **state)
{
    struct buffer line = {0};
    struct journal_record start = {.seq = 12, .attempt = 3, .digest = 77};
    (void)state;
    journal_write_lost(&line, &start, REAL_NS);
    json_decref(json_of(&line));
    struct journal_record r = parsed(&line);
    assert_int_equal(r.kind, JOURNAL_END);
    assert_int_equal(r.state, TASK_LOST);
    assert_int_equal(r.seq, 12);
    assert_int_equal(r.attempt, 3);
    assert_int_equal(r.digest, 77);
    assert_false(r.again);
    buffer_fini(&line);
}

static void test_values_of_all_kinds(void **state)
{
    struct buffer line = {0};
    char *large = xmalloc(5001);
    (void)state;
    memset(large, 'x', 5000);
    large[5000] = '\0';
    const char *const values[] = {"", "\"\\\n\t\x01", "\xff\xfe", "\xc3\xa4", large};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct task *t = example((const char *const[]){"true", NULL}, (const char *const[]){values[i], "v", NULL});
        buffer_clear(&line);
        journal_write_start(&line, t, REAL_NS);
        journal_write_end(&line, t, false);
        size_t first = (size_t)((char *)memchr(line.data, '\n', line.len) - line.data) + 1;
        struct buffer one = {line.data, first, 0}, two = {line.data + first, line.len - first, 0};
        json_t *object = json_of(&one);
        assert_int_equal(json_is_null(json_object_get(object, "args")), values[i] == large);
        json_decref(object);
        json_decref(json_of(&two));
        assert_int_equal(parsed(&one).kind, JOURNAL_START);
        assert_int_equal(parsed(&two).kind, JOURNAL_END);
        task_unref(t);
    }
    free(large);
    buffer_fini(&line);
}

static void test_run(void **state)
{
    struct buffer line = {0};
    struct words command = {0};
    (void)state;
    words_add(&command, "gzip {}", 7);
    journal_write_run(&line, &command, REAL_NS);
    json_t *object = json_of(&line);
    assert_string_equal(json_string_value(json_array_get(json_object_get(object, "command"), 0)), "gzip {}");
    assert_int_equal(parsed(&line).kind, JOURNAL_RUN);
    json_decref(object);
    words_fini(&command);
    buffer_fini(&line);
}

/* No byte can be changed, taken out or added, and no end can be missing, without being found. */
static void test_damage_is_found(void **state)
{
    struct buffer line = {0};
    struct journal_record r;
    struct error err;
    (void)state;
    write_ended(&line, ERR_EXIT_STATUS, 1, 0, false);
    size_t len = line.len - 1;
    char *copy = xmalloc(len + 1);
    for (size_t i = 0; i < len; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            memcpy(copy, line.data, len);
            copy[i] = (char)(copy[i] ^ 1 << bit);
            assert_int_equal(journal_parse((struct slice){copy, len}, &r, &err), -1);
            assert_int_equal(err.code, ERR_INPUT);
        }
        memcpy(copy, line.data, i);
        memcpy(copy + i, line.data + i + 1, len - i - 1);
        assert_int_equal(journal_parse((struct slice){copy, len - 1}, &r, &err), -1);
        assert_int_equal(journal_parse((struct slice){line.data, i}, &r, &err), -1);
    }
    free(copy);
    buffer_fini(&line);
}

/* The right check alone makes no line of it. */
static void test_other_lines(void **state)
{
    static const char *const cases[] = {
        "{\"type\":\"run\",\"version\":2,\"command\":[]",
        "{\"type\":\"run\",\"version\":\"1\"",
        "{\"type\":\"stop\",\"seq\":1,\"attempt\":1,\"digest\":\"0000000000000000\"",
        "{\"type\":\"start\",\"seq\":0,\"attempt\":1,\"digest\":\"0000000000000000\"",
        "{\"type\":\"start\",\"seq\":1,\"attempt\":0,\"digest\":\"0000000000000000\"",
        "{\"type\":\"start\",\"seq\":-1,\"attempt\":1,\"digest\":\"0000000000000000\"",
        "{\"type\":\"start\",\"seq\":9223372036854775808,\"attempt\":1,\"digest\":\"0000000000000000\"",
        "{\"type\":\"start\",\"seq\":99999999999999999999,\"attempt\":1,\"digest\":\"0000000000000000\"",
        "{\"type\":\"start\",\"seq\":1,\"attempt\":4294967296,\"digest\":\"0000000000000000\"",
        "{\"type\":\"start\",\"seq\":1,\"attempt\":1,\"digest\":\"00000000000000\"",
        "{\"type\":\"start\",\"seq\":1,\"attempt\":1,\"digest\":\"000000000000000G\"",
        "{\"type\":\"end\",\"seq\":1,\"attempt\":1,\"digest\":\"0000000000000000\",\"state\":\"running\","
        "\"again\":false",
        "{\"type\":\"end\",\"seq\":1,\"attempt\":1,\"digest\":\"0000000000000000\",\"state\":\"lost\","
        "\"again\":null",
        "{\"type\":\"end\",\"seq\":1,\"attempt\":1,\"digest\":\"0000000000000000\"",
        "",
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer line = {0};
        struct journal_record r;
        struct error err;
        uint64_t digest = digest_bytes(DIGEST_START, cases[i], strlen(cases[i]));
        buffer_printf(&line, "%s,\"check\":\"%08x\"}", cases[i], (unsigned)(uint32_t)(digest ^ digest >> 32));
        if (journal_parse((struct slice){line.data, line.len}, &r, &err) == 0)
            fail_msg("'%s' was taken", cases[i]);
        buffer_fini(&line);
    }
}

/* ---- joblogs ---- */

static void check_joblog(struct task *t, const char *wanted, bool succeeded, const char *command)
{
    struct buffer line = {0};
    struct joblog_record r;
    joblog_write(&line, t);
    assert_int_equal(line.len, strlen(wanted));
    assert_string_equal(buffer_text(&line), wanted);
    assert_true(joblog_parse((struct slice){line.data, line.len - 1}, &r));
    assert_int_equal(r.seq, 7);
    assert_int_equal(r.succeeded, succeeded);
    assert_true(slice_is(r.command, command));
    buffer_fini(&line);
    task_unref(t);
}

#define FRONT "7\t:\t1795188549.123\t     1.235\t0\t0\t"

static void test_joblog(void **state)
{
    (void)state;
    struct task *t = gzip_task();
    t->outcome.exit_code = 0;
    check_joblog(t, FRONT "0\t0\tgzip 'a b'\n", true, "gzip 'a b'");
    t = gzip_task();
    outcome_fail(&t->outcome, ERR_EXIT_STATUS, "exit status 3");
    t->outcome.exit_code = 3;
    check_joblog(t, FRONT "3\t0\tgzip 'a b'\n", false, "gzip 'a b'");
    t = gzip_task();
    outcome_fail(&t->outcome, ERR_SIGNAL, "signal 9");
    t->outcome.signal = 9;
    check_joblog(t, FRONT "0\t9\tgzip 'a b'\n", false, "gzip 'a b'");
    t = gzip_task();
    outcome_fail(&t->outcome, ERR_TIMEOUT, "too long");
    t->outcome.signal = 15;
    check_joblog(t, FRONT "-1\t15\tgzip 'a b'\n", false, "gzip 'a b'");
    t = gzip_task();
    outcome_fail(&t->outcome, ERR_NOT_FOUND, "no such program");
    check_joblog(t, FRONT "127\t0\tgzip 'a b'\n", false, "gzip 'a b'");
    t = gzip_task(); /* it did well, but what it wrote was lost */
    outcome_fail(&t->outcome, ERR_OUTPUT, "disk full");
    t->outcome.exit_code = 0;
    check_joblog(t, FRONT "-1\t0\tgzip 'a b'\n", false, "gzip 'a b'");
}

/* Newlines are NUL bytes there, tabs stay. */
static void test_joblog_newlines(void **state)
{
    struct buffer line = {0};
    struct joblog_record r;
    (void)state;
    struct task *t = example((const char *const[]){"echo", "a\nb\tc\n", NULL}, (const char *const[]){NULL});
    t->outcome.exit_code = 0;
    joblog_write(&line, t);
    assert_true(joblog_parse((struct slice){line.data, line.len - 1}, &r));
    static const char wanted[] = "echo 'a\0b\tc\0'";
    assert_int_equal(r.command.len, sizeof wanted - 1);
    assert_memory_equal(r.command.data, wanted, sizeof wanted - 1);
    buffer_fini(&line);
    task_unref(t);
}

static void test_joblog_bad_lines(void **state)
{
    static const char *const cases[] = {
        "", "7", FRONT "0\t0", "x\t:\t1.5\t0.1\t0\t0\t0\t0\ttrue", "0\t:\t1.5\t0.1\t0\t0\t0\t0\ttrue",
        "-1\t:\t1.5\t0.1\t0\t0\t0\t0\ttrue",
        "7\t:\tsoon\t0.1\t0\t0\t0\t0\ttrue", "7\t:\t1.5\t0.1\t0\t0\t\t0\ttrue",
        "7 : 1.5 0.1 0 0 0 0 true", "99999999999999999999\t:\t1.5\t0.1\t0\t0\t0\t0\ttrue",
        "7\t:\t1.5\t0.1\t0\t0\t1-1\t0\ttrue",
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct joblog_record r;
        if (joblog_parse(slice_of(cases[i]), &r))
            fail_msg("'%s' was taken", cases[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_start),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_lost),
        cmocka_unit_test(test_values_of_all_kinds),
        cmocka_unit_test(test_run),
        cmocka_unit_test(test_damage_is_found),
        cmocka_unit_test(test_other_lines),
        cmocka_unit_test(test_joblog),
        cmocka_unit_test(test_joblog_newlines),
        cmocka_unit_test(test_joblog_bad_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
