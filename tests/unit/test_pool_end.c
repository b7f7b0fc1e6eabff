/* The pool in virtual time: --halt, cancelling in each state, ending everything, closing, daemons. */
#include "pool_support.h"

static struct world w;

static struct pool_config config(unsigned slots, unsigned workers)
{
    return (struct pool_config){.slots = slots, .workers = workers, .every_event = true};
}

static void start(struct pool_config c)
{
    world_init(&w, c);
}

static enum pool_cancel cancel(struct task *t, bool running)
{
    enum pool_cancel answer = pool_cancel(w.pool, t, running, w.now, world_real(&w));
    world_settle(&w);
    return answer;
}

static void end_all(enum error_code pending, enum error_code running, bool kill)
{
    pool_end_all(w.pool, pending, running, kill, world_real(&w));
    world_settle(&w);
}

static void check_task(struct task *t, enum task_state task_state, enum error_code code)
{
    assert_int_equal(t->state, task_state);
    assert_int_equal(t->outcome.code, code);
    if (code != ERR_NONE)
        assert_non_null(t->outcome.message);
    task_unref(t);
}

/* ---- halt ---- */

struct halt_case {
    const char *rule;
    const char *ends;  /* of tasks 1, 2, … one after another: s(ucceeded) f(ailed) t(imed out) l(ost) c(ancelled) */
    bool halts;        /* with the last of them, and not before */
};

static const enum error_code code_of[128] = {
    ['s'] = ERR_NONE, ['f'] = ERR_EXIT_STATUS, ['t'] = ERR_TIMEOUT, ['l'] = ERR_LOST, ['c'] = ERR_CANCELLED};

static void run_halt(const struct halt_case *h)
{
    struct pool_config c = config(2, 2);
    assert_int_equal(halt_parse(h->rule, &c.halt, NULL), 0);
    start(c);
    size_t len = strlen(h->ends);
    world_submit_many(&w, (unsigned)len + 4);
    pool_input_ended(w.pool, world_real(&w));
    world_settle(&w);
    for (size_t i = 0; i < len; i++) {
        assert_false(pool_is_halted(w.pool));
        assert_false(pool_is_closed(w.pool));
        world_end_seq(&w, i + 1, code_of[(unsigned char)h->ends[i]]);
    }
    if (pool_is_halted(w.pool) != h->halts)
        fail_msg("%s after %s", h->rule, h->ends);
    if (h->halts) {
        bool now = c.halt.when == HALT_NOW;
        assert_int_equal(w.started_len, len + 1); /* nothing was taken after the trigger */
        assert_int_equal(w.running_len, now ? 0 : 1);
        assert_int_equal(world_count(&w, TASK_SKIPPED), 3);
        assert_null(world_submit(&w, a_spec()));
        world_finish(&w);
        assert_int_equal(w.started_len, len + 1);
        assert_int_equal(w.ended_count, len + 4);
    }
    struct summary s = {0};
    pool_summary(w.pool, &s);
    assert_int_equal(s.halted, h->halts);
    assert_int_equal(s.halted_by_success, h->halts && c.halt.what == HALT_SUCCESS);
    world_finish(&w);
    assert_true(pool_is_empty(w.pool));
    world_fini(&w);
}

static void test_halt(void **state)
{
    static const struct halt_case cases[] = {
        {"never", "ffffff", false},
        {"soon,fail=1", "f", true},
        {"now,fail=1", "sf", true},
        {"now,fail=2", "fst", true},
        {"now,fail=1", "l", true},
        {"now,fail=1", "ssc", false}, /* a cancelled one counts for nothing */
        {"soon,success=2", "sfs", true},
        {"now,success=1", "ffs", true},
        {"soon,done=3", "fss", true},
        {"now,done=3", "sss", true},
        {"now,done=3", "scs", false},
        /* Percentages are of all tasks: four more than those that end here. */
        {"soon,fail=33%", "f", false},
        {"soon,fail=33%", "ff", true},
        {"soon,fail=50%", "sffff", false},
        {"now,fail=50%", "sffffff", true},
        {"now,success=60%", "sssssss", true},
        {"now,done=50%", "sfsf", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        run_halt(&cases[i]);
}

/* The percentage of a number that is not known is not reached; it may be when the number becomes known. */
static void test_halt_when_the_total_is_known(void **state)
{
    (void)state;
    for (int told = 0; told < 2; told++) {
        struct pool_config c = config(4, 2);
        assert_int_equal(halt_parse("soon,fail=50%", &c.halt, NULL), 0);
        c.total = told ? 8 : 0;
        start(c);
        world_submit_many(&w, 4);
        world_settle(&w);
        assert_int_equal(pool_total(w.pool), told ? 8 : -1);
        for (uint64_t seq = 1; seq <= 3; seq++)
            world_end_seq(&w, seq, ERR_EXIT_STATUS);
        assert_false(pool_is_halted(w.pool));
        world_submit_many(&w, 3);
        world_settle(&w);
        assert_int_equal(w.running_len, 4);
        pool_input_ended(w.pool, world_real(&w));
        assert_int_equal(pool_total(w.pool), 7);
        assert_false(pool_is_halted(w.pool)); /* 3 of 7 */
        world_end_seq(&w, 4, ERR_EXIT_STATUS);
        assert_true(pool_is_halted(w.pool));
        world_finish(&w);
        world_fini(&w);
    }
    struct pool_config c = config(4, 2);
    assert_int_equal(halt_parse("soon,fail=50%", &c.halt, NULL), 0);
    start(c);
    world_submit_many(&w, 5);
    world_settle(&w);
    for (uint64_t seq = 1; seq <= 3; seq++)
        world_end_seq(&w, seq, ERR_EXIT_STATUS);
    pool_input_ended(w.pool, world_real(&w)); /* 3 of 5 */
    assert_true(pool_is_halted(w.pool));
    world_finish(&w);
    world_fini(&w);
}

/* What a halt does to each task, with retries left, delays, a chunk and a schedule about. */
static void test_halt_now_spares_nobody(void **state)
{
    struct pool_config c = config(3, 2);
    (void)state;
    c.retries = 5;
    c.retry_delay.first_ns = NS_PER_S;
    halt_parse("now,fail=1", &c.halt, NULL);
    start(c);
    struct spec *fails = a_spec();
    fails->retries = 0;
    struct spec *later = a_spec();
    later->schedule.in_ns = NS_PER_S;
    struct spec *repeats = a_spec();
    repeats->schedule.every_ns = NS_PER_S;
    struct task *failing = world_submit(&w, fails);
    struct task *running = world_submit(&w, a_spec());
    struct task *waits_for_retry = world_submit(&w, a_spec());
    world_settle(&w);
    world_end(&w, waits_for_retry, ERR_EXIT_STATUS);
    struct task *scheduled = world_submit(&w, later);
    struct task *repeated = world_submit(&w, repeats);
    struct task *first_of_chunk = world_submit_chunk(&w, a_spec(), 1);
    struct task *in_lane = world_submit_chunk(&w, a_spec(), 1);
    world_settle(&w);
    assert_int_equal(w.running_len, 3);
    world_end(&w, failing, ERR_EXIT_STATUS);
    world_pass(&w, 10 * NS_PER_S);
    assert_int_equal(w.running_len, 0);
    assert_true(pool_is_empty(w.pool));
    check_task(failing, TASK_FAILED, ERR_EXIT_STATUS);
    check_task(running, TASK_CANCELLED, ERR_HALTED);
    check_task(waits_for_retry, TASK_SKIPPED, ERR_HALTED);
    check_task(scheduled, TASK_SKIPPED, ERR_HALTED);
    check_task(repeated, TASK_SKIPPED, ERR_HALTED);
    check_task(first_of_chunk, TASK_CANCELLED, ERR_HALTED);
    check_task(in_lane, TASK_SKIPPED, ERR_HALTED);
    world_fini(&w);
}

/* A failure that is retried is none yet. */
static void test_halt_counts_tasks_not_attempts(void **state)
{
    struct pool_config c = config(1, 1);
    (void)state;
    c.retries = 2;
    halt_parse("now,fail=1", &c.halt, NULL);
    start(c);
    world_submit_many(&w, 1);
    world_settle(&w);
    world_end_seq(&w, 1, ERR_EXIT_STATUS);
    world_end_seq(&w, 1, ERR_EXIT_STATUS);
    assert_false(pool_is_halted(w.pool));
    world_end_seq(&w, 1, ERR_EXIT_STATUS);
    assert_true(pool_is_halted(w.pool));
    world_fini(&w);
}

/* ---- cancel ---- */

static void test_cancel_ready(void **state)
{
    (void)state;
    start(config(1, 1));
    world_submit_many(&w, 1);
    struct task *t = world_submit(&w, a_spec());
    world_settle(&w);
    assert_int_equal(cancel(t, false), POOL_CANCELLED);
    assert_int_equal(cancel(t, false), POOL_ENDED);
    assert_int_equal(cancel(t, true), POOL_ENDED);
    world_finish(&w);
    assert_int_equal(w.started_len, 1);
    check_task(t, TASK_CANCELLED, ERR_CANCELLED);
    world_fini(&w);
}

static void test_cancel_running(void **state)
{
    struct pool_config c = config(1, 1);
    (void)state;
    c.retries = 3;
    start(c);
    struct task *t = world_submit(&w, a_spec());
    world_settle(&w);
    assert_int_equal(cancel(t, false), POOL_RUNNING);
    assert_true(world_is_running(&w, t));
    w.stubborn = true;
    assert_int_equal(cancel(t, true), POOL_CANCELLED);
    assert_int_equal(cancel(t, true), POOL_CANCELLED);
    assert_true(world_is_running(&w, t));
    world_end(&w, t, ERR_CANCELLED);
    world_settle(&w);
    assert_int_equal(w.running_len, 0); /* no retry */
    assert_int_equal(cancel(t, true), POOL_ENDED);
    check_task(t, TASK_CANCELLED, ERR_CANCELLED);
    world_fini(&w);
}

/* It failed by itself before the order reached it: no retry follows all the same. */
static void test_cancel_races_with_the_end(void **state)
{
    static const enum error_code codes[] = {ERR_NONE, ERR_EXIT_STATUS, ERR_TIMEOUT};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct pool_config c = config(1, 1);
        c.retries = 3;
        start(c);
        struct task *t = world_submit(&w, a_spec());
        world_settle(&w);
        pool_cancel(w.pool, t, true, w.now, world_real(&w));
        world_end(&w, t, codes[i]);
        world_settle(&w);
        assert_int_equal(w.running_len, 0);
        assert_int_equal(t->outcome.code, codes[i]);
        assert_true(task_state_ended(t->state));
        task_unref(t);
        world_check_slots(&w);
        world_fini(&w);
    }
}

static void test_cancel_suspended(void **state)
{
    (void)state;
    start(config(1, 1));
    struct task *t = world_submit(&w, a_spec());
    world_settle(&w);
    pool_suspend(w.pool, true, w.now);
    world_settle(&w);
    assert_int_equal(cancel(t, false), POOL_RUNNING);
    assert_int_equal(t->state, TASK_SUSPENDED);
    assert_int_equal(cancel(t, true), POOL_CANCELLED);
    check_task(t, TASK_CANCELLED, ERR_CANCELLED);
    world_fini(&w);
}

/* A stronger order replaces a weaker one that was not collected, never the other way round. */
static void test_orders_only_get_stronger(void **state)
{
    enum task_order order = ORDER_NONE;
    (void)state;
    start(config(1, 1));
    struct task *t = world_submit(&w, a_spec());
    world_settle(&w);
    pool_suspend(w.pool, true, w.now);
    pool_suspend(w.pool, false, w.now);
    assert_ptr_equal(w.dispatcher.next_order(w.pool, 0, &order), t);
    assert_int_equal(order, ORDER_RESUME);
    pool_cancel(w.pool, t, true, w.now, world_real(&w));
    pool_suspend(w.pool, true, w.now);
    pool_suspend(w.pool, false, w.now);
    assert_ptr_equal(w.dispatcher.next_order(w.pool, 0, &order), t);
    assert_int_equal(order, ORDER_STOP);
    pool_end_all(w.pool, ERR_NONE, ERR_SHUTDOWN, true, world_real(&w));
    pool_cancel(w.pool, t, true, w.now, world_real(&w));
    assert_ptr_equal(w.dispatcher.next_order(w.pool, 0, &order), t);
    assert_int_equal(order, ORDER_KILL);
    assert_null(w.dispatcher.next_order(w.pool, 0, &order));
    assert_int_equal(t->why, ERR_CANCELLED);
    world_end(&w, t, t->why);
    world_settle(&w);
    task_unref(t);
    world_fini(&w);
}

static void test_cancel_scheduled(void **state)
{
    (void)state;
    start(config(1, 1));
    struct spec *spec = a_spec();
    spec->schedule.in_ns = NS_PER_S;
    struct task *t = world_submit(&w, spec);
    world_settle(&w);
    assert_int_equal(t->state, TASK_SCHEDULED);
    assert_int_equal(cancel(t, false), POOL_CANCELLED);
    world_pass(&w, 2 * NS_PER_S);
    assert_int_equal(w.started_len, 0);
    check_task(t, TASK_CANCELLED, ERR_CANCELLED);
    assert_true(pool_is_empty(w.pool));
    world_fini(&w);
}

static void test_cancel_between_attempts(void **state)
{
    (void)state;
    for (int delayed = 0; delayed < 2; delayed++) {
        struct pool_config c = config(1, 1);
        c.retries = 3;
        c.retry_delay.first_ns = delayed ? NS_PER_S : 0;
        start(c);
        struct task *t = world_submit(&w, a_spec());
        world_settle(&w);
        world_submit_many(&w, 1);
        world_end_seq(&w, 1, ERR_EXIT_STATUS); /* now it waits behind the other, or for its time */
        assert_int_equal(t->state, delayed ? TASK_SCHEDULED : TASK_READY);
        assert_int_equal(cancel(t, false), POOL_CANCELLED);
        world_finish(&w);
        world_pass(&w, 2 * NS_PER_S);
        assert_int_equal(w.started_len, 2);
        check_task(t, TASK_CANCELLED, ERR_CANCELLED);
        world_fini(&w);
    }
}

static void test_cancel_many(void **state)
{
    enum { MANY = 5000 };
    static struct task *tasks[MANY];
    static const char *const policies[] = {"fifo", "lifo", "priority"};
    (void)state;
    for (size_t p = 0; p < 3; p++) {
        struct pool_config c = config(8, 2);
        c.policy = queue_policy_find(policies[p]);
        start(c);
        for (size_t i = 0; i < MANY; i++)
            tasks[i] = world_submit(&w, a_spec());
        world_settle(&w);
        size_t running = 0;
        for (size_t i = 0; i < MANY; i++)
            running += pool_cancel(w.pool, tasks[i], false, w.now, world_real(&w)) == POOL_RUNNING;
        assert_int_equal(running, 8);
        world_finish(&w);
        assert_int_equal(w.started_len, 8);
        assert_int_equal(world_count(&w, TASK_CANCELLED), MANY - 8);
        for (size_t i = 0; i < MANY; i++)
            task_unref(tasks[i]);
        world_fini(&w);
    }
}

/* ---- the end of everything ---- */

static void test_end_all(void **state)
{
    static const struct {
        enum error_code pending, running;
        enum task_state pending_state, running_state;
    } cases[] = {
        {ERR_SHUTDOWN, ERR_SHUTDOWN, TASK_CANCELLED, TASK_CANCELLED},  /* INT, TERM, terminate */
        {ERR_SHUTDOWN, ERR_NONE, TASK_CANCELLED, TASK_SUCCEEDED},      /* HUP */
        {ERR_TIMEOUT, ERR_TIMEOUT, TASK_CANCELLED, TASK_TIMED_OUT},    /* --deadline */
        {ERR_CANCELLED, ERR_NONE, TASK_CANCELLED, TASK_SUCCEEDED},     /* shutdown, cancel_pending */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pool_config c = config(1, 1);
        c.retries = 1;
        start(c);
        struct spec *later = a_spec();
        later->schedule.every_ns = NS_PER_S;
        struct task *running = world_submit(&w, a_spec());
        struct task *ready = world_submit(&w, a_spec());
        struct task *scheduled = world_submit(&w, later);
        world_settle(&w);
        end_all(cases[i].pending, cases[i].running, false);
        assert_null(world_submit(&w, a_spec()));
        assert_true(pool_is_closed(w.pool));
        world_finish(&w);
        world_pass(&w, 10 * NS_PER_S);
        assert_true(pool_is_empty(w.pool));
        assert_int_equal(w.started_len, 1);
        check_task(running, cases[i].running_state, cases[i].running);
        check_task(ready, cases[i].pending_state, cases[i].pending);
        check_task(scheduled, cases[i].pending_state, cases[i].pending);
        world_fini(&w);
    }
}

/* Only what runs: the queue goes on. */
static void test_end_running_only(void **state)
{
    (void)state;
    start(config(1, 1));
    world_submit_many(&w, 3);
    world_settle(&w);
    end_all(ERR_NONE, ERR_CANCELLED, false);
    assert_int_equal(w.started_len, 2);
    world_finish(&w);
    assert_int_equal(world_count(&w, TASK_SUCCEEDED), 2);
    world_fini(&w);
}

/* What was taken before the end is told as started before anything is told as ended. */
static void test_end_waits_for_starts(void **state)
{
    (void)state;
    start(config(3, 3));
    world_submit_many(&w, 5);
    struct task *first = w.dispatcher.take(w.pool, 0, w.now);
    struct task *second = w.dispatcher.take(w.pool, 1, w.now);
    struct task *third = w.dispatcher.take(w.pool, 2, w.now);
    world_start(&w, 0, first);
    pool_end_all(w.pool, ERR_SHUTDOWN, ERR_SHUTDOWN, false, world_real(&w));
    assert_null(w.dispatcher.take(w.pool, 0, w.now));
    world_obey(&w, 0); /* the first ends at once */
    world_start(&w, 1, second);
    world_drain(&w);
    assert_int_equal(w.ended_count, 0);
    world_start(&w, 2, third);
    world_drain(&w);
    assert_int_equal(w.ended_count, 3);
    size_t last_start = 0, first_drop = w.seen_len;
    for (size_t i = 0; i < w.seen_len; i++) {
        if (w.seen[i].to == TASK_RUNNING)
            last_start = i;
        else if (w.seen[i].to == TASK_CANCELLED && i < first_drop)
            first_drop = i;
    }
    assert_true(last_start < first_drop);
    world_settle(&w);
    assert_int_equal(world_count(&w, TASK_CANCELLED), 5);
    world_fini(&w);
}

/* A start that fails is one less to wait for. */
static void test_end_waits_for_failing_starts(void **state)
{
    (void)state;
    struct pool_config c = config(1, 1);
    c.every_event = false;
    start(c);
    world_submit_many(&w, 2);
    struct task *t = w.dispatcher.take(w.pool, 0, w.now);
    pool_end_all(w.pool, ERR_SHUTDOWN, ERR_NONE, false, world_real(&w));
    world_drain(&w);
    assert_int_equal(w.ended_count, 0);
    outcome_fail(&t->outcome, ERR_SPAWN, "for a test");
    w.dispatcher.done(w.pool, t, w.now);
    world_drain(&w);
    assert_int_equal(w.ended_count, 2);
    assert_int_equal(world_count(&w, TASK_FAILED), 1);
    assert_int_equal(world_count(&w, TASK_CANCELLED), 1);
    world_fini(&w);
}

/* The main thread is told of ends that waited for a start, also if nobody wants to know of the start. */
static void test_end_is_told_without_starts(void **state)
{
    (void)state;
    struct pool_config c = config(1, 1);
    c.every_event = false;
    start(c);
    world_submit_many(&w, 2);
    struct task *t = w.dispatcher.take(w.pool, 0, w.now);
    pool_end_all(w.pool, ERR_SHUTDOWN, ERR_NONE, false, world_real(&w));
    world_drain(&w);
    w.notified = false;
    world_start(&w, 0, t);
    assert_true(w.notified);
    world_drain(&w);
    assert_int_equal(w.ended_count, 1);
    world_finish(&w);
    world_fini(&w);
}

static void test_second_end_kills(void **state)
{
    (void)state;
    start(config(2, 2));
    w.stubborn = true;
    world_submit_many(&w, 4);
    world_settle(&w);
    end_all(ERR_SHUTDOWN, ERR_SHUTDOWN, false);
    assert_int_equal(w.running_len, 2);
    assert_int_equal(world_count(&w, TASK_CANCELLED), 2);
    end_all(ERR_SHUTDOWN, ERR_SHUTDOWN, true);
    assert_int_equal(w.running_len, 0);
    assert_int_equal(world_count(&w, TASK_CANCELLED), 4);
    world_fini(&w);
}

static void test_end_with_lanes(void **state)
{
    (void)state;
    start(config(2, 2));
    pool_pause(w.pool, true, w.now);
    for (unsigned i = 0; i < 9; i++)
        task_unref(world_submit_chunk(&w, a_spec(), i / 3 + 1));
    pool_pause(w.pool, false, w.now);
    world_settle(&w);
    end_all(ERR_SHUTDOWN, ERR_SHUTDOWN, false);
    assert_int_equal(w.ended_count, 9);
    assert_int_equal(w.started_len, 2);
    assert_true(pool_is_empty(w.pool));
    world_fini(&w);
}

static void test_close(void **state)
{
    (void)state;
    start(config(1, 1));
    world_submit_many(&w, 2);
    world_settle(&w);
    assert_false(pool_is_closed(w.pool));
    pool_close(w.pool);
    assert_true(pool_is_closed(w.pool));
    assert_null(world_submit(&w, a_spec()));
    world_finish(&w); /* what is there is done */
    assert_int_equal(world_count(&w, TASK_SUCCEEDED), 2);
    assert_true(pool_is_idle(w.pool));
    world_fini(&w);
}

/* Queued tasks of a pool that goes away are freed with it. */
static void test_free_with_tasks(void **state)
{
    (void)state;
    start(config(1, 1));
    pool_pause(w.pool, true, w.now);
    struct spec *later = a_spec();
    later->schedule.in_ns = NS_PER_S;
    world_submit_many(&w, 3);
    task_unref(world_submit(&w, later));
    struct task *t = world_submit(&w, a_spec());
    pool_cancel(w.pool, t, false, w.now, world_real(&w)); /* its event is not drained */
    task_unref(t);
    world_fini(&w);
}

/* ---- daemons ---- */

static struct task *submit_daemon(void)
{
    struct spec *spec = a_spec();
    spec->daemon = true;
    return world_submit(&w, spec);
}

static void test_daemons_take_no_slot(void **state)
{
    (void)state;
    start(config(1, 1));
    struct task *a = submit_daemon(), *b = submit_daemon();
    world_submit_many(&w, 2);
    world_settle(&w);
    assert_int_equal(w.running_len, 3);
    assert_int_equal(w.in_use, 1);
    assert_int_equal(a->slot, 0);
    assert_false(pool_is_idle(w.pool));
    world_end_seq(&w, 3, ERR_NONE);
    world_end_seq(&w, 4, ERR_NONE);
    assert_true(pool_is_idle(w.pool));
    assert_false(pool_is_empty(w.pool));
    assert_true(w.running_len == 2 && !pool_is_busy(w.pool)); /* nobody waits for their end */
    pool_end_daemons(w.pool, world_real(&w));
    pool_end_daemons(w.pool, world_real(&w));
    world_settle(&w);
    assert_true(pool_is_empty(w.pool));
    struct summary s = {0};
    pool_summary(w.pool, &s);
    assert_int_equal(s.ignored, 2);
    assert_int_equal(s.counts[TASK_CANCELLED], 2);
    check_task(a, TASK_CANCELLED, ERR_SHUTDOWN);
    check_task(b, TASK_CANCELLED, ERR_SHUTDOWN);
    world_fini(&w);
}

/* One that ends by itself before is a task like any other; one that has not started is ended too. */
static void test_daemons_that_do_not_run(void **state)
{
    struct pool_config c = config(1, 1);
    (void)state;
    c.retries = 1;
    c.retry_delay.first_ns = NS_PER_S;
    start(c);
    struct task *between = submit_daemon();
    world_settle(&w);
    world_end(&w, between, ERR_EXIT_STATUS);
    world_settle(&w);
    assert_int_equal(between->state, TASK_SCHEDULED);
    assert_true(pool_is_idle(w.pool));
    pool_pause(w.pool, true, w.now);
    struct task *ready = submit_daemon();
    world_settle(&w);
    pool_end_daemons(w.pool, world_real(&w));
    world_settle(&w);
    assert_true(pool_is_empty(w.pool));
    check_task(between, TASK_CANCELLED, ERR_SHUTDOWN);
    check_task(ready, TASK_CANCELLED, ERR_SHUTDOWN);
    pool_pause(w.pool, false, w.now);
    struct spec *last = a_spec();
    last->daemon = true;
    last->retries = 0;
    struct task *fails = world_submit(&w, last);
    world_settle(&w);
    world_end(&w, fails, ERR_EXIT_STATUS);
    world_settle(&w);
    struct summary s = {0};
    pool_summary(w.pool, &s);
    assert_int_equal(s.ignored, 2);
    check_task(fails, TASK_FAILED, ERR_EXIT_STATUS);
    world_fini(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_halt),
        cmocka_unit_test(test_halt_when_the_total_is_known),
        cmocka_unit_test(test_halt_now_spares_nobody),
        cmocka_unit_test(test_halt_counts_tasks_not_attempts),
        cmocka_unit_test(test_cancel_ready),
        cmocka_unit_test(test_cancel_running),
        cmocka_unit_test(test_cancel_races_with_the_end),
        cmocka_unit_test(test_cancel_suspended),
        cmocka_unit_test(test_orders_only_get_stronger),
        cmocka_unit_test(test_cancel_scheduled),
        cmocka_unit_test(test_cancel_between_attempts),
        cmocka_unit_test(test_cancel_many),
        cmocka_unit_test(test_end_all),
        cmocka_unit_test(test_end_running_only),
        cmocka_unit_test(test_end_waits_for_starts),
        cmocka_unit_test(test_end_waits_for_failing_starts),
        cmocka_unit_test(test_end_is_told_without_starts),
        cmocka_unit_test(test_second_end_kills),
        cmocka_unit_test(test_end_with_lanes),
        cmocka_unit_test(test_close),
        cmocka_unit_test(test_free_with_tasks),
        cmocka_unit_test(test_daemons_take_no_slot),
        cmocka_unit_test(test_daemons_that_do_not_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
