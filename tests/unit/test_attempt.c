/* The attempt machine in virtual time: every phase with every event, and the ways through it.
 *
 * The sweep at the end walks through every state that can be reached and sees that the invariants hold in each, and that
 * from each with a dead root the machine comes to its end by its own timers, whatever looks say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "executor/attempt.h"

#include <stdlib.h>
#include <string.h>

#define T0 (1000 * NS_PER_S)
#define TIMEOUT (10 * NS_PER_S)
#define KILL_AFTER (5 * NS_PER_S)

#define NOTHING ATTEMPT_DO_NOTHING
#define TERM ATTEMPT_DO_TERM
#define KILL ATTEMPT_DO_KILL
#define STOP ATTEMPT_DO_STOP
#define CONT ATTEMPT_DO_CONT
#define LOOK ATTEMPT_DO_LOOK
#define FINISH ATTEMPT_DO_FINISH

static struct attempt fresh(void)
{
    struct attempt a;
    attempt_init(&a, T0, TIMEOUT, KILL_AFTER, 2);
    return a;
}

static void test_ends_by_itself(void **state)
{
    (void)state;
    struct attempt a = fresh();
    assert_int_equal(a.phase, ATTEMPT_RUNNING);
    assert_int_equal(a.due_ns, T0 + TIMEOUT);
    assert_int_equal(attempt_pipe_ended(&a), NOTHING);
    assert_int_equal(attempt_pipe_ended(&a), NOTHING);
    assert_int_equal(attempt_root_dead(&a, T0 + 1), LOOK);
    assert_int_equal(attempt_looked(&a, false, T0 + 1), FINISH);
    assert_int_equal(a.phase, ATTEMPT_OVER);
    assert_int_equal(a.due_ns, 0);
    assert_int_equal(a.why, ERR_NONE);
    assert_false(a.leaked);
}

/* Exit first or pipes first: both orders end on the second. */
static void test_pipes_end_after_the_root(void **state)
{
    (void)state;
    struct attempt a = fresh();
    assert_int_equal(attempt_root_dead(&a, T0), LOOK);
    assert_int_equal(attempt_looked(&a, false, T0), NOTHING);
    assert_int_equal(a.phase, ATTEMPT_DRAINING);
    assert_int_equal(attempt_pipe_ended(&a), NOTHING);
    assert_int_equal(attempt_pipe_ended(&a), LOOK);
    assert_int_equal(attempt_looked(&a, false, T0), FINISH);
    assert_false(a.leaked);
}

static void test_closed_pipes_do_not_end_it(void **state)
{
    (void)state;
    struct attempt a = fresh();
    attempt_pipe_ended(&a);
    attempt_pipe_ended(&a);
    assert_int_equal(a.phase, ATTEMPT_RUNNING);
    assert_int_equal(attempt_looked(&a, false, T0), NOTHING); /* a look that nobody asked for */
    assert_int_equal(a.phase, ATTEMPT_RUNNING);
}

static void test_timeout_then_kill(void **state)
{
    (void)state;
    struct attempt a = fresh();
    int64_t now = a.due_ns;
    assert_int_equal(attempt_timer(&a, now), TERM);
    assert_int_equal(a.phase, ATTEMPT_STOPPING);
    assert_int_equal(a.why, ERR_TIMEOUT);
    assert_int_equal(a.due_ns, now + KILL_AFTER);
    assert_int_equal(attempt_timer(&a, a.due_ns), KILL);
    assert_int_equal(a.phase, ATTEMPT_KILLED);
    assert_int_equal(a.due_ns, 0);
    assert_int_equal(attempt_root_dead(&a, now), LOOK);
    assert_int_equal(a.why, ERR_TIMEOUT);
}

static void test_no_timeout(void **state)
{
    (void)state;
    struct attempt a;
    attempt_init(&a, T0, 0, KILL_AFTER, 2);
    assert_int_equal(a.due_ns, 0);
}

static void test_kill_after_0_never_kills_a_living_root(void **state)
{
    (void)state;
    struct attempt a;
    attempt_init(&a, T0, TIMEOUT, 0, 2);
    assert_int_equal(attempt_timer(&a, a.due_ns), TERM);
    assert_int_equal(a.phase, ATTEMPT_STOPPING);
    assert_int_equal(a.due_ns, 0);
    assert_false(a.killed);
    /* Somebody else may. */
    assert_int_equal(attempt_stop(&a, ERR_SHUTDOWN, true, T0), KILL);
    assert_int_equal(a.why, ERR_TIMEOUT);
}

/* The root obeyed TERM, a child of it does not: that one is not waited for without end. */
static void test_kill_after_0_ends_leftovers(void **state)
{
    (void)state;
    struct attempt a;
    attempt_init(&a, T0, 0, 0, 2);
    assert_int_equal(attempt_stop(&a, ERR_CANCELLED, false, T0), TERM);
    int64_t now = T0 + NS_PER_S;
    assert_int_equal(attempt_root_dead(&a, now), LOOK);
    assert_int_equal(attempt_looked(&a, true, now), NOTHING);
    assert_int_equal(a.phase, ATTEMPT_CLEARING);
    assert_int_equal(a.due_ns, now + ATTEMPT_CLEAR_NS);
    assert_int_equal(attempt_timer(&a, a.due_ns), KILL | LOOK);
    assert_int_equal(attempt_looked(&a, true, a.due_ns), NOTHING);
    assert_int_equal(attempt_timer(&a, a.due_ns), FINISH);
}

static void test_stop_by_others(void **state)
{
    static const enum error_code reasons[] = {ERR_CANCELLED, ERR_SHUTDOWN, ERR_HALTED, ERR_TIMEOUT, ERR_OUTPUT};
    (void)state;
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        struct attempt a = fresh();
        assert_int_equal(attempt_stop(&a, reasons[i], false, T0), TERM);
        assert_int_equal(a.why, reasons[i]);
        assert_int_equal(a.due_ns, T0 + KILL_AFTER);
        /* The first reason stays; asking again neither hurries nor delays. */
        assert_int_equal(attempt_stop(&a, ERR_LOST, false, T0 + NS_PER_S), NOTHING);
        assert_int_equal(a.why, reasons[i]);
        assert_int_equal(a.due_ns, T0 + KILL_AFTER);
        assert_int_equal(attempt_stop(&a, ERR_LOST, true, T0 + NS_PER_S), KILL);
        assert_int_equal(a.why, reasons[i]);
        assert_int_equal(attempt_stop(&a, ERR_LOST, true, T0 + NS_PER_S), NOTHING);
        assert_int_equal(attempt_timer(&a, T0 + 60 * NS_PER_S), NOTHING);
    }
}

static void test_kill_at_once(void **state)
{
    (void)state;
    struct attempt a = fresh();
    assert_int_equal(attempt_stop(&a, ERR_SHUTDOWN, true, T0), KILL);
    assert_int_equal(a.phase, ATTEMPT_KILLED);
    assert_true(a.killed);
    /* Its children may not be dead yet when it is: they are killed again, and looked for again. */
    assert_int_equal(attempt_root_dead(&a, T0), LOOK);
    assert_int_equal(attempt_looked(&a, true, T0), KILL | LOOK);
    assert_int_equal(attempt_looked(&a, false, T0), NOTHING); /* the pipes are still open */
    attempt_pipe_ended(&a);
    assert_int_equal(attempt_pipe_ended(&a), LOOK);
    assert_int_equal(attempt_looked(&a, false, T0), FINISH);
    assert_false(a.leaked); /* its end was asked for */
}

static void test_suspend_shifts_the_timeout(void **state)
{
    (void)state;
    struct attempt a = fresh();
    assert_int_equal(attempt_suspend(&a, T0 + NS_PER_S), STOP);
    assert_int_equal(attempt_suspend(&a, T0 + 2 * NS_PER_S), NOTHING);
    /* Time that passes meanwhile does not count. */
    assert_int_equal(attempt_timer(&a, T0 + TIMEOUT), NOTHING);
    assert_int_equal(attempt_resume(&a, T0 + 101 * NS_PER_S), CONT);
    assert_int_equal(a.due_ns, T0 + TIMEOUT + 100 * NS_PER_S);
    assert_int_equal(attempt_resume(&a, T0 + 102 * NS_PER_S), NOTHING);
    assert_int_equal(a.due_ns, T0 + TIMEOUT + 100 * NS_PER_S);
    assert_int_equal(attempt_timer(&a, a.due_ns), TERM);
}

static void test_suspend_without_timeout(void **state)
{
    (void)state;
    struct attempt a;
    attempt_init(&a, T0, 0, KILL_AFTER, 2);
    assert_int_equal(attempt_suspend(&a, T0), STOP);
    assert_int_equal(attempt_resume(&a, T0 + NS_PER_S), CONT);
    assert_int_equal(a.due_ns, 0);
}

/* TERM alone would wait in a stopped process; CONT comes with it (tree_signal) or before KILL. */
static void test_stop_while_suspended(void **state)
{
    (void)state;
    struct attempt a = fresh();
    attempt_suspend(&a, T0);
    assert_int_equal(attempt_stop(&a, ERR_CANCELLED, false, T0 + 20 * NS_PER_S), TERM);
    assert_int_equal(a.suspended_ns, 0);
    assert_int_equal(a.due_ns, T0 + 20 * NS_PER_S + KILL_AFTER);
    assert_int_equal(attempt_resume(&a, T0 + 30 * NS_PER_S), NOTHING);
    assert_int_equal(a.due_ns, T0 + 20 * NS_PER_S + KILL_AFTER);
    assert_int_equal(attempt_timer(&a, a.due_ns), KILL);

    struct attempt b = fresh();
    attempt_suspend(&b, T0);
    assert_int_equal(attempt_stop(&b, ERR_CANCELLED, true, T0), CONT | KILL);
}

static void test_suspend_only_what_runs(void **state)
{
    (void)state;
    struct attempt a = fresh();
    attempt_stop(&a, ERR_CANCELLED, false, T0);
    assert_int_equal(attempt_suspend(&a, T0), NOTHING);
    assert_int_equal(a.suspended_ns, 0);
    attempt_root_dead(&a, T0);
    assert_int_equal(attempt_suspend(&a, T0), NOTHING);
}

static void test_killed_from_outside_while_suspended(void **state)
{
    (void)state;
    struct attempt a = fresh();
    attempt_suspend(&a, T0);
    assert_int_equal(attempt_root_dead(&a, T0 + NS_PER_S), LOOK);
    assert_int_equal(attempt_resume(&a, T0 + 100 * NS_PER_S), NOTHING);
    assert_int_equal(a.due_ns, T0 + NS_PER_S + ATTEMPT_DRAIN_NS);
}

/* sleep & echo: the pipes are held by something that can be found. */
static void test_leaked_holding_the_pipes(void **state)
{
    (void)state;
    struct attempt a = fresh();
    int64_t now = T0;
    attempt_root_dead(&a, now);
    assert_int_equal(attempt_looked(&a, true, now), NOTHING);
    assert_int_equal(a.phase, ATTEMPT_DRAINING);
    assert_false(a.leaked);
    now = a.due_ns;
    assert_int_equal(now, T0 + ATTEMPT_DRAIN_NS);
    assert_int_equal(attempt_timer(&a, now), TERM | LOOK);
    assert_true(a.leaked);
    assert_int_equal(attempt_looked(&a, true, now), NOTHING);
    attempt_pipe_ended(&a);
    assert_int_equal(attempt_pipe_ended(&a), LOOK);
    assert_int_equal(attempt_looked(&a, false, now), FINISH);
    assert_int_equal(a.why, ERR_NONE);
}

/* It ends its hold on the pipes within the drain: no leak, no signal. */
static void test_background_child_that_ends_in_time(void **state)
{
    (void)state;
    struct attempt a = fresh();
    attempt_root_dead(&a, T0);
    attempt_looked(&a, true, T0);
    attempt_pipe_ended(&a);
    assert_int_equal(attempt_pipe_ended(&a), LOOK);
    assert_int_equal(attempt_looked(&a, false, T0 + 1), FINISH);
    assert_false(a.leaked);
}

/* Closed pipes, still alive: it is ended at once. */
static void test_leaked_without_pipes(void **state)
{
    (void)state;
    struct attempt a = fresh();
    attempt_pipe_ended(&a);
    attempt_pipe_ended(&a);
    attempt_root_dead(&a, T0);
    assert_int_equal(attempt_looked(&a, true, T0), TERM | LOOK);
    assert_true(a.leaked);
    assert_int_equal(attempt_looked(&a, true, T0), NOTHING);
    assert_int_equal(a.due_ns, T0 + ATTEMPT_CLEAR_NS);
    assert_int_equal(attempt_timer(&a, a.due_ns), KILL | LOOK);
    assert_int_equal(attempt_looked(&a, true, a.due_ns), NOTHING);
    assert_int_equal(attempt_timer(&a, a.due_ns), FINISH);
    assert_true(a.leaked);
}

/* The pipes are held by a process that nobody can find (it left group, tree and marks). */
static void test_pipes_held_by_a_stranger(void **state)
{
    (void)state;
    struct attempt a = fresh();
    attempt_root_dead(&a, T0);
    attempt_looked(&a, false, T0);
    assert_int_equal(attempt_timer(&a, a.due_ns), FINISH);
    assert_true(a.leaked);
}

/* After a TERM that was asked for, what is left has the rest of kill_after. */
static void test_leftovers_of_a_stopped_one(void **state)
{
    (void)state;
    struct attempt a = fresh();
    attempt_stop(&a, ERR_CANCELLED, false, T0);
    attempt_root_dead(&a, T0 + NS_PER_S);
    assert_int_equal(attempt_looked(&a, true, T0 + NS_PER_S), NOTHING);
    assert_int_equal(a.phase, ATTEMPT_CLEARING);
    assert_int_equal(a.due_ns, T0 + KILL_AFTER);
    assert_int_equal(attempt_timer(&a, a.due_ns), KILL | LOOK);
    assert_int_equal(attempt_looked(&a, true, a.due_ns), NOTHING);
    assert_int_equal(attempt_timer(&a, a.due_ns), FINISH);
    assert_false(a.leaked);
}

static void test_stop_after_the_end(void **state)
{
    (void)state;
    struct attempt a = fresh();
    attempt_root_dead(&a, T0);
    attempt_looked(&a, true, T0);
    /* It ended by itself: a reason that comes now is none. */
    assert_int_equal(attempt_stop(&a, ERR_CANCELLED, false, T0), NOTHING);
    assert_int_equal(a.why, ERR_NONE);
    assert_int_equal(attempt_stop(&a, ERR_CANCELLED, true, T0), KILL | LOOK);
    assert_int_equal(a.why, ERR_NONE);
    assert_int_equal(a.phase, ATTEMPT_CLEARING);
    assert_int_equal(attempt_looked(&a, true, T0), NOTHING);
    assert_int_equal(attempt_timer(&a, a.due_ns), FINISH);
    assert_int_equal(attempt_stop(&a, ERR_CANCELLED, true, T0), NOTHING);
    assert_int_equal(attempt_timer(&a, T0), NOTHING);
    assert_int_equal(attempt_looked(&a, false, T0), NOTHING);
}

/* ---- every reachable state ---- */

enum event {
    EVENT_STOP,
    EVENT_KILL,
    EVENT_SUSPEND,
    EVENT_RESUME,
    EVENT_TIMER,
    EVENT_DEAD,
    EVENT_PIPE,
    EVENT_FOUND,
    EVENT_CLEAN,
    EVENTS
};

static bool is_possible(const struct attempt *a, enum event event)
{
    switch (event) {
    case EVENT_TIMER:
        return a->due_ns != 0;
    case EVENT_DEAD:
        return !a->dead;
    case EVENT_PIPE:
        return a->open_pipes > 0;
    default:
        return true;
    }
}

static unsigned apply(struct attempt *a, enum event event, int64_t *now)
{
    *now += NS_PER_MS;
    switch (event) {
    case EVENT_STOP:
        return attempt_stop(a, ERR_CANCELLED, false, *now);
    case EVENT_KILL:
        return attempt_stop(a, ERR_SHUTDOWN, true, *now);
    case EVENT_SUSPEND:
        return attempt_suspend(a, *now);
    case EVENT_RESUME:
        return attempt_resume(a, *now);
    case EVENT_TIMER:
        *now = a->due_ns > *now ? a->due_ns : *now;
        return attempt_timer(a, *now);
    case EVENT_DEAD:
        return attempt_root_dead(a, *now);
    case EVENT_PIPE:
        return attempt_pipe_ended(a);
    case EVENT_FOUND:
        return attempt_looked(a, true, *now);
    default:
        return attempt_looked(a, false, *now);
    }
}

static void check(const struct attempt *before, const struct attempt *a, enum event event, unsigned actions)
{
    assert_int_equal(a->phase == ATTEMPT_OVER, (actions & FINISH) != 0);
    assert_true(a->phase >= before->phase || a->phase == ATTEMPT_CLEARING);
    if (actions & FINISH) {
        assert_int_equal(actions, FINISH);
        assert_true(a->dead);
        assert_int_equal(a->due_ns, 0);
    }
    if (actions & LOOK)
        assert_true(a->dead);
    assert_int_equal(a->dead, a->phase >= ATTEMPT_DRAINING);
    if (before->dead || event == EVENT_DEAD)
        assert_int_equal(a->why, before->why);
    if (before->why != ERR_NONE)
        assert_int_equal(a->why, before->why);
    if (a->leaked)
        assert_int_equal(a->why, ERR_NONE);
    if (actions & (KILL | TERM))
        assert_int_equal(a->suspended_ns, 0);
    if (actions & TERM)
        assert_false(before->killed);
    if (actions & KILL)
        assert_true(a->killed);
    /* A dead root is always on its way to the end. */
    if (a->dead && a->phase != ATTEMPT_OVER)
        assert_true(a->due_ns > 0);
    /* KILL comes by itself only behind a TERM and its time, or to leftovers. */
    if ((actions & KILL) && event == EVENT_TIMER)
        assert_true(before->phase == ATTEMPT_STOPPING || before->phase == ATTEMPT_CLEARING);
}

/* With a dead root: only timers, and looks that answer `left` for ever. The end comes within the time that kill_after has
 * left, and three short waits. */
static void check_ends(struct attempt a, int64_t now, bool left)
{
    int64_t start = now;
    unsigned actions = LOOK;
    for (int i = 0; i < 20; i++) {
        struct attempt before = a;
        if (actions & LOOK) {
            actions = attempt_looked(&a, left, now);
        } else {
            now = a.due_ns > now ? a.due_ns : now;
            actions = attempt_timer(&a, now);
        }
        check(&before, &a, actions & LOOK ? EVENT_FOUND : EVENT_TIMER, actions);
        if (actions & FINISH) {
            assert_true(now - start <= KILL_AFTER + ATTEMPT_DRAIN_NS + 2 * ATTEMPT_CLEAR_NS);
            return;
        }
    }
    fail_msg("no end");
}

static unsigned long walked;

static void walk(struct attempt a, int64_t now, int depth)
{
    walked++;
    if (a.dead) {
        check_ends(a, now, true);
        check_ends(a, now, false);
    }
    if (depth == 0)
        return;
    for (int event = 0; event < EVENTS; event++) {
        struct attempt next = a;
        int64_t then = now;
        if (!is_possible(&a, (enum event)event))
            continue;
        unsigned actions = apply(&next, (enum event)event, &then);
        check(&a, &next, (enum event)event, actions);
        if (next.phase != ATTEMPT_OVER && memcmp(&next, &a, sizeof a) != 0)
            walk(next, then, depth - 1);
    }
}

static void test_every_way(void **state)
{
    static const int64_t timeouts[] = {0, TIMEOUT};
    static const int64_t kill_afters[] = {0, NS_PER_MS, KILL_AFTER};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < 3; j++) {
            struct attempt a;
            attempt_init(&a, T0, timeouts[i], kill_afters[j], 2);
            walk(a, T0, 8);
        }
    }
    print_message("%lu states\n", walked);
    assert_true(walked > 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ends_by_itself),
        cmocka_unit_test(test_pipes_end_after_the_root),
        cmocka_unit_test(test_closed_pipes_do_not_end_it),
        cmocka_unit_test(test_timeout_then_kill),
        cmocka_unit_test(test_no_timeout),
        cmocka_unit_test(test_kill_after_0_never_kills_a_living_root),
        cmocka_unit_test(test_kill_after_0_ends_leftovers),
        cmocka_unit_test(test_stop_by_others),
        cmocka_unit_test(test_kill_at_once),
        cmocka_unit_test(test_suspend_shifts_the_timeout),
        cmocka_unit_test(test_suspend_without_timeout),
        cmocka_unit_test(test_stop_while_suspended),
        cmocka_unit_test(test_suspend_only_what_runs),
        cmocka_unit_test(test_killed_from_outside_while_suspended),
        cmocka_unit_test(test_leaked_holding_the_pipes),
        cmocka_unit_test(test_background_child_that_ends_in_time),
        cmocka_unit_test(test_leaked_without_pipes),
        cmocka_unit_test(test_pipes_held_by_a_stranger),
        cmocka_unit_test(test_leftovers_of_a_stopped_one),
        cmocka_unit_test(test_stop_after_the_end),
        cmocka_unit_test(test_every_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
