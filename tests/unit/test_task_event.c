/* Event and summary lines, and the exit status of a run. */
#include "task_support.h"

#include "task/event.h"

#include <jansson.h>

static const char *const words_true[] = {"true", NULL};

static void check_event(const struct event *event, const char *expected)
{
    struct buffer out = {0};
    event_write(&out, event);
    assert_string_equal(buffer_text(&out), expected);
    json_t *parsed = json_loads(out.data, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(parsed);
    json_decref(parsed);
    buffer_fini(&out);
}

static void test_event_lines(void **state)
{
    (void)state;
    struct task *t = support_task(3, false, words_true);
    struct event e = {.task = t, .from = TASK_READY, .to = TASK_READY, .real_ns = INT64_C(1795188549123456789)};
    check_event(&e, "{\"type\":\"event\",\"event\":\"submitted\",\"id\":\"3\",\"seq\":3,\"attempt\":0,\"slot\":null,"
                    "\"pid\":null,\"error\":null,\"time\":\"2026-11-20T15:29:09.123456Z\"}\n");
    e = (struct event){.task = t, .from = TASK_RUNNING, .to = TASK_SCHEDULED, .attempt = 1, .slot = 2, .pid = 77,
                       .why = ERR_EXIT_STATUS, .real_ns = INT64_C(1795188549000000000)};
    check_event(&e, "{\"type\":\"event\",\"event\":\"retry\",\"id\":\"3\",\"seq\":3,\"attempt\":1,\"slot\":2,"
                    "\"pid\":77,\"error\":\"ExitStatus\",\"time\":\"2026-11-20T15:29:09.000000Z\"}\n");
    t->outcome.code = ERR_TIMEOUT;
    t->id = xstrdup("a\"\n");
    e = (struct event){.task = t, .from = TASK_RUNNING, .to = TASK_TIMED_OUT, .attempt = 2};
    check_event(&e, "{\"type\":\"event\",\"event\":\"timed_out\",\"id\":\"a\\\"\\n\",\"seq\":3,\"attempt\":2,"
                    "\"slot\":null,\"pid\":null,\"error\":\"Timeout\",\"time\":null}\n");
    task_unref(t);
}

static void test_event_names(void **state)
{
    (void)state;
    static const struct {
        enum task_state from, to;
        const char *name;
    } cases[] = {
        {TASK_SCHEDULED, TASK_SCHEDULED, "submitted"}, {TASK_READY, TASK_READY, "submitted"},
        {TASK_SCHEDULED, TASK_READY, "ready"},         {TASK_READY, TASK_RUNNING, "started"},
        {TASK_RUNNING, TASK_SUSPENDED, "suspended"},   {TASK_SUSPENDED, TASK_RUNNING, "resumed"},
        {TASK_RUNNING, TASK_READY, "retry"},           {TASK_SUSPENDED, TASK_SCHEDULED, "retry"},
        {TASK_RUNNING, TASK_SUCCEEDED, "succeeded"},   {TASK_READY, TASK_SKIPPED, "skipped"},
        {TASK_RUNNING, TASK_LOST, "lost"},             {TASK_SCHEDULED, TASK_CANCELLED, "cancelled"},
    };
    struct task *t = support_task(1, false, words_true);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer out = {0};
        struct event e = {.task = t, .from = cases[i].from, .to = cases[i].to};
        event_write(&out, &e);
        json_t *parsed = json_loads(buffer_text(&out), 0, NULL);
        assert_string_equal(json_string_value(json_object_get(parsed, "event")), cases[i].name);
        json_decref(parsed);
        buffer_fini(&out);
    }
    task_unref(t);
}

static struct summary some(void)
{
    struct summary s = {.input_complete = true, .wall_ns = INT64_C(3400000000)};
    s.counts[TASK_SUCCEEDED] = 12;
    return s;
}

static void test_summary_line(void **state)
{
    (void)state;
    struct buffer out = {0};
    struct summary s = some();
    s.counts[TASK_FAILED] = 1;
    s.counts[TASK_SKIPPED] = 4;
    s.retried = 2;
    s.started_real_ns = INT64_C(1795188549123456789);
    summary_write(&out, &s);
    assert_string_equal(buffer_text(&out),
                        "{\"type\":\"summary\",\"total\":17,\"succeeded\":12,\"failed\":1,\"timed_out\":0,"
                        "\"cancelled\":0,\"lost\":0,\"skipped\":4,\"retried\":2,\"bad_lines\":0,"
                        "\"input_complete\":true,\"halted\":false,\"started\":\"2026-11-20T15:29:09.123456Z\","
                        "\"wall_s\":3.4}\n");
    buffer_clear(&out);
    s.earlier = 30;
    s.earlier_failed = 2;
    summary_write(&out, &s);
    assert_non_null(strstr(buffer_text(&out),
                           "\"bad_lines\":0,\"earlier\":30,\"earlier_failed\":2,\"input_complete\""));
    buffer_fini(&out);
}

static void check_description(const struct summary *s, const char *expected)
{
    struct buffer out = {0};
    summary_describe(&out, s);
    assert_string_equal(buffer_text(&out), expected);
    buffer_fini(&out);
}

static void test_descriptions(void **state)
{
    (void)state;
    struct summary s = some();
    check_description(&s, "12 succeeded in 3.4s");
    s.counts[TASK_FAILED] = 1;
    s.counts[TASK_TIMED_OUT] = 2;
    check_description(&s, "12 succeeded, 1 failed, 2 timed out in 3.4s");
    s.retried = 3;
    s.bad_lines = 1;
    s.halted = true;
    s.input_complete = false;
    check_description(&s, "12 succeeded, 1 failed, 2 timed out in 3.4s, 3 retried, 1 bad input line, halted, "
                          "input not read to its end");
    s = some();
    s.earlier = 5;
    check_description(&s, "12 succeeded in 3.4s, 5 done before");
    s.earlier_failed = 2;
    check_description(&s, "12 succeeded in 3.4s, 5 done before (2 failed)");
    s = (struct summary){.input_complete = true, .wall_ns = INT64_C(100000000)};
    check_description(&s, "no tasks in 100ms");
}

static void test_statuses(void **state)
{
    (void)state;
    struct summary s = {.input_complete = true};
    assert_int_equal(summary_status(&s), 0); /* there were none */
    s = some();
    assert_int_equal(summary_status(&s), 0);
    for (int i = TASK_FAILED; i < TASK_STATES; i++) {
        s = some();
        s.counts[i] = 1;
        assert_int_equal(summary_status(&s), 123);
    }
    s = some();
    s.bad_lines = 1;
    assert_int_equal(summary_status(&s), 123);
    s = some();
    s.earlier = 2;
    assert_int_equal(summary_status(&s), 0);
    s.earlier_failed = 1;
    assert_int_equal(summary_status(&s), 123);
    s = some();
    s.input_complete = false;
    assert_int_equal(summary_status(&s), 123);

    s = (struct summary){.input_complete = true, .not_found = 3};
    s.counts[TASK_FAILED] = 3;
    assert_int_equal(summary_status(&s), 127);
    s.earlier = 1; /* one was found, then */
    assert_int_equal(summary_status(&s), 123);
    s.earlier = 0;
    s.not_found = 2;
    s.not_executable = 1;
    assert_int_equal(summary_status(&s), 126);
    s.not_found = 0;
    s.not_executable = 3;
    assert_int_equal(summary_status(&s), 126);
    s.counts[TASK_SUCCEEDED] = 1;
    assert_int_equal(summary_status(&s), 123);
    s.counts[TASK_SUCCEEDED] = 0;
    s.counts[TASK_FAILED] = 4;
    assert_int_equal(summary_status(&s), 123);
}

static void test_daemons_count_for_no_status(void **state)
{
    (void)state;
    struct summary s = some();
    s.counts[TASK_CANCELLED] = 2;
    s.ignored = 2;
    assert_int_equal(summary_status(&s), 0);
    s.counts[TASK_CANCELLED] = 3;
    assert_int_equal(summary_status(&s), 123);
    s = (struct summary){.input_complete = true, .ignored = 1, .not_found = 1};
    s.counts[TASK_CANCELLED] = 1;
    s.counts[TASK_FAILED] = 1;
    assert_int_equal(summary_status(&s), 127);
}

static void test_a_success_that_halts_is_a_success(void **state)
{
    (void)state;
    struct summary s = some();
    s.halted = true;
    s.counts[TASK_SKIPPED] = 5;
    s.counts[TASK_FAILED] = 1;
    s.input_complete = false;
    assert_int_equal(summary_status(&s), 123);
    s.halted_by_success = true;
    assert_int_equal(summary_status(&s), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_event_lines),
        cmocka_unit_test(test_event_names),
        cmocka_unit_test(test_summary_line),
        cmocka_unit_test(test_descriptions),
        cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_daemons_count_for_no_status),
        cmocka_unit_test(test_a_success_that_halts_is_a_success),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
