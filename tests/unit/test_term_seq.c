/* --term-seq: how a sequence is written, and an attempt that is ended by one, in virtual time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "executor/attempt.h"

#include <signal.h>
#include <string.h>

#define T0 (1000 * NS_PER_S)
#define MS NS_PER_MS

static struct term_seq parsed(const char *text)
{
    struct term_seq seq;
    struct error err = {0};
    if (term_seq_parse(text, &seq, &err) < 0)
        fail_msg("%s: %s", text, err.message);
    return seq;
}

static void test_valid(void **state)
{
    (void)state;
    struct term_seq seq = parsed("TERM,200,TERM,100,TERM,50,KILL,25");
    assert_int_equal(seq.len, 4);
    assert_int_equal(seq.steps[1].signal, SIGTERM);
    assert_int_equal(seq.steps[1].wait_ns, 100 * MS);
    assert_int_equal(seq.steps[3].signal, SIGKILL);
    assert_int_equal(term_seq_kill_after_ns(&seq), 350 * MS);
    seq = parsed("SIGINT,0,2,7,HUP");
    assert_int_equal(seq.len, 3);
    assert_int_equal(seq.steps[0].signal, SIGINT);
    assert_int_equal(seq.steps[1].signal, SIGINT);
    assert_int_equal(seq.steps[2].signal, SIGHUP);
    assert_int_equal(seq.steps[2].wait_ns, 0);
    assert_int_equal(term_seq_kill_after_ns(&seq), 7 * MS);
}

static void test_invalid(void **state)
{
    static const char *const cases[] = {
        "", ",", "TERM,", "TERM,x", "TERM,-1", "TERM,1,", "term,1", "TERM,1.5", "0,1", "NOSUCH,1", "SIG,1", "200,TERM",
        ("TERM,1,TERM,1,TERM,1,TERM,1,TERM,1,TERM,1,TERM,1,TERM,1,TERM,1,TERM,1,TERM,1,TERM,1,TERM,1,TERM,1,TERM,1,"
         "TERM,1,TERM,1"),
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct term_seq seq = {.len = 3};
        struct error err = {0};
        if (term_seq_parse(cases[i], &seq, &err) == 0)
            fail_msg("'%s' was taken", cases[i]);
        assert_int_equal(err.code, ERR_USAGE);
        assert_int_equal(seq.len, 3);
    }
}

static struct attempt attempt_with(const struct term_seq *seq)
{
    struct attempt a;
    attempt_init(&a, T0, 10 * NS_PER_S, 5 * NS_PER_S, 2);
    attempt_set_sequence(&a, seq);
    return a;
}

static void test_each_step_in_its_time(void **state)
{
    struct term_seq seq = parsed("INT,200,TERM,100,KILL,25");
    struct attempt a = attempt_with(&seq);
    (void)state;
    assert_int_equal(attempt_timer(&a, a.due_ns), ATTEMPT_DO_TERM);
    assert_int_equal(a.why, ERR_TIMEOUT);
    assert_int_equal(a.signal, SIGINT);
    assert_int_equal(a.due_ns, T0 + 10 * NS_PER_S + 200 * MS);
    assert_int_equal(attempt_timer(&a, a.due_ns), ATTEMPT_DO_TERM);
    assert_int_equal(a.signal, SIGTERM);
    assert_int_equal(a.due_ns, T0 + 10 * NS_PER_S + 300 * MS);
    assert_int_equal(attempt_timer(&a, a.due_ns), ATTEMPT_DO_KILL);
    assert_int_equal(a.phase, ATTEMPT_KILLED);
    assert_int_equal(a.due_ns, 0);
}

/* A sequence without KILL, and one with nothing but it. */
static void test_kill_ends_it(void **state)
{
    struct term_seq seq = parsed("TERM,10");
    struct attempt a = attempt_with(&seq);
    (void)state;
    assert_int_equal(attempt_stop(&a, ERR_CANCELLED, false, T0), ATTEMPT_DO_TERM);
    assert_int_equal(attempt_stop(&a, ERR_CANCELLED, false, T0), ATTEMPT_DO_NOTHING); /* asking again changes nothing */
    assert_int_equal(a.due_ns, T0 + 10 * MS);
    assert_int_equal(attempt_timer(&a, a.due_ns), ATTEMPT_DO_KILL);
    seq = parsed("KILL,25");
    a = attempt_with(&seq);
    assert_int_equal(attempt_stop(&a, ERR_CANCELLED, false, T0), ATTEMPT_DO_KILL);
}

/* The root obeys the first signal, a child of it does not: that one has the time until KILL. */
static void test_what_is_left_has_the_rest(void **state)
{
    struct term_seq seq = parsed("TERM,200,TERM,100");
    struct attempt a = attempt_with(&seq);
    (void)state;
    attempt_stop(&a, ERR_CANCELLED, false, T0);
    assert_int_equal(attempt_root_dead(&a, T0 + 50 * MS), ATTEMPT_DO_LOOK);
    assert_int_equal(attempt_looked(&a, true, T0 + 50 * MS), ATTEMPT_DO_NOTHING);
    assert_int_equal(a.due_ns, T0 + 300 * MS);
    assert_int_equal(attempt_timer(&a, a.due_ns), ATTEMPT_DO_KILL | ATTEMPT_DO_LOOK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid),
        cmocka_unit_test(test_invalid),
        cmocka_unit_test(test_each_step_in_its_time),
        cmocka_unit_test(test_kill_ends_it),
        cmocka_unit_test(test_what_is_left_has_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
