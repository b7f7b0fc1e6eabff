/* The transition table, outcomes and exit statuses. */
#include "task_support.h"

#include <errno.h>

static const char *const words_true[] = {"true", NULL};

/* A letter for each state, in their order; a line lists what a state may become. */
static void test_every_transition(void **state)
{
    (void)state;
    static const char letters[] = "srRPOFTCLK";
    static const char *const table[TASK_STATES] = {
        [TASK_SCHEDULED] = "rCK",
        [TASK_READY] = "RCK",
        [TASK_RUNNING] = "srPOFTCLK",
        [TASK_SUSPENDED] = "srROFTCLK",
        [TASK_SUCCEEDED] = "",
        [TASK_FAILED] = "",
        [TASK_TIMED_OUT] = "",
        [TASK_CANCELLED] = "",
        [TASK_LOST] = "",
        [TASK_SKIPPED] = "",
    };
    for (int from = 0; from < TASK_STATES; from++)
        for (int to = 0; to < TASK_STATES; to++)
            assert_int_equal(task_may_become((enum task_state)from, (enum task_state)to),
                             strchr(table[from], letters[to]) != NULL);
}

static void test_states_have_names(void **state)
{
    (void)state;
    static const char *const names[TASK_STATES] = {"scheduled", "ready",     "running",   "suspended", "succeeded",
                                                   "failed",    "timed_out", "cancelled", "lost",      "skipped"};
    for (int i = 0; i < TASK_STATES; i++) {
        assert_string_equal(task_state_name((enum task_state)i), names[i]);
        assert_int_equal(task_state_ended((enum task_state)i), i >= TASK_SUCCEEDED);
    }
}

static void test_becoming(void **state)
{
    (void)state;
    struct task *t = support_task(1, false, words_true);
    task_become(t, TASK_READY);
    task_become(t, TASK_RUNNING);
    task_become(t, TASK_FAILED);
    assert_int_equal(t->state, TASK_FAILED);
    task_unref(t);
}

static void test_outcomes(void **state)
{
    (void)state;
    static const struct {
        enum error_code code;
        bool started;
        enum task_state ended;
        int exit_code, signal;
        int status;
    } cases[] = {
        {ERR_NONE, true, TASK_SUCCEEDED, 0, 0, 0},
        {ERR_EXIT_STATUS, true, TASK_FAILED, 7, 0, 7},
        {ERR_EXIT_STATUS, true, TASK_FAILED, 255, 0, 255},
        {ERR_SIGNAL, true, TASK_FAILED, -1, 9, 137},
        {ERR_NOT_FOUND, false, TASK_FAILED, -1, 0, 127},
        {ERR_SPAWN, false, TASK_FAILED, -1, 0, 126},
        {ERR_TIMEOUT, true, TASK_TIMED_OUT, -1, 15, 124},
        {ERR_TIMEOUT, false, TASK_CANCELLED, -1, 0, 125}, /* a deadline */
        {ERR_CANCELLED, true, TASK_CANCELLED, -1, 15, 125},
        {ERR_CANCELLED, false, TASK_CANCELLED, -1, 0, 125},
        {ERR_SHUTDOWN, true, TASK_CANCELLED, -1, 15, 125},
        {ERR_SHUTDOWN, false, TASK_CANCELLED, -1, 0, 125},
        {ERR_HALTED, true, TASK_CANCELLED, -1, 15, 125},
        {ERR_HALTED, false, TASK_SKIPPED, -1, 0, 125},
        {ERR_LOST, true, TASK_LOST, -1, 0, 125},
        {ERR_DEPENDENCY, false, TASK_SKIPPED, -1, 0, 125},
        {ERR_OUTPUT, true, TASK_FAILED, 0, 0, 125},
        {ERR_WORKER, true, TASK_FAILED, -1, 0, 125},
        {ERR_FUNCTION, true, TASK_FAILED, -1, 0, 125},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct task *t = support_task(1, false, words_true);
        t->outcome.code = cases[i].code;
        t->outcome.pid = cases[i].started ? 100 : 0;
        t->outcome.started_ns = cases[i].started ? 100 : 0;
        t->outcome.exit_code = cases[i].exit_code;
        t->outcome.signal = cases[i].signal;
        t->state = outcome_state(&t->outcome);
        assert_int_equal(t->state, cases[i].ended);
        assert_int_equal(task_exit_status(t), cases[i].status);
        task_unref(t);
    }
}

static void test_messages_are_one_line_of_text(void **state)
{
    (void)state;
    struct outcome o = {0};
    outcome_fail(&o, ERR_SPAWN, "%s: %d", "no\nsuch\xFF", 7);
    assert_string_equal(o.message, "no?such?: 7");
    outcome_fail(&o, ERR_SIGNAL, "again");
    assert_string_equal(o.message, "again");
    assert_int_equal(o.code, ERR_SIGNAL);
    outcome_fini(&o);
    assert_null(o.message);
    assert_int_equal(o.code, ERR_NONE);
    assert_int_equal(o.exit_code, -1);
}

static void test_ids(void **state)
{
    (void)state;
    char text[TASK_ID_SIZE];
    struct task *t = support_task(UINT64_MAX, false, words_true);
    assert_string_equal(task_id(t, text), "18446744073709551615");
    t->id = xstrdup("m.3");
    assert_string_equal(task_id(t, text), "m.3");
    assert_ptr_equal(task_ref(t), t);
    task_unref(t);
    assert_string_equal(t->id, "m.3");
    task_unref(t);
}

static void test_args(void **state)
{
    (void)state;
    struct task *t = support_task(1, false, words_true);
    struct words args = {0};
    words_add(&t->spec->args, "own", 3);
    struct task *own = task_new(t->spec, NULL);
    assert_string_equal(words_get(&own->args, 0), "own");
    words_add(&args, "given", 5);
    struct task *given = task_new(t->spec, &args);
    assert_int_equal(given->args.count, 1);
    assert_string_equal(words_get(&given->args, 0), "given");
    assert_int_equal(args.count, 0);
    task_unref(t);
    task_unref(own);
    task_unref(given);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_transition),
        cmocka_unit_test(test_states_have_names),
        cmocka_unit_test(test_becoming),
        cmocka_unit_test(test_outcomes),
        cmocka_unit_test(test_messages_are_one_line_of_text),
        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_args),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
