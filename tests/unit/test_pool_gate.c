/* The pool in virtual time: permits, pace, tasks that yield and tasks that are held, slots that change. */
#include "pool_support.h"

#include <limits.h>

static struct world w;

static struct pool_config config(unsigned slots, unsigned workers)
{
    return (struct pool_config){.slots = slots, .workers = workers, .every_event = true};
}

static void permit(unsigned starts, int64_t for_ns)
{
    pool_permit(w.pool, starts, w.now + for_ns, w.now);
    world_settle(&w);
}

static bool wants(void)
{
    return pool_wants_permit(w.pool, w.now);
}

/* ---- permits ---- */

static void start_gated(unsigned slots, unsigned workers)
{
    struct pool_config c = config(slots, workers);
    c.gated = true;
    world_init(&w, c);
}

static void test_nothing_starts_without_a_permit(void **state)
{
    (void)state;
    start_gated(8, 3);
    assert_false(wants()); /* nothing waits */
    world_submit_many(&w, 6);
    world_settle(&w);
    assert_int_equal(w.running_len, 0);
    assert_true(wants());
    permit(2, NS_PER_S);
    assert_int_equal(w.running_len, 2); /* so many, and no more */
    assert_true(wants());
    permit(1, NS_PER_S);
    assert_int_equal(w.running_len, 3);
    permit(9, NS_PER_S);
    assert_int_equal(w.running_len, 6);
    assert_false(wants());
    world_finish(&w);
    world_fini(&w);
}

static void test_a_permit_expires(void **state)
{
    (void)state;
    start_gated(8, 3);
    permit(5, 10 * MS);
    world_pass(&w, 10 * MS);
    world_submit_many(&w, 1);
    world_settle(&w);
    assert_int_equal(w.running_len, 0);
    permit(5, 10 * MS);
    assert_int_equal(w.running_len, 1);
    world_pass(&w, 10 * MS - 1);
    world_submit_many(&w, 1);
    world_settle(&w);
    assert_int_equal(w.running_len, 2);
    world_finish(&w);
    world_fini(&w);
}

/* It is wanted only when it is all that lacks, and the main thread is told when that comes about. */
static void test_when_a_permit_is_wanted(void **state)
{
    (void)state;
    start_gated(1, 1);
    world_submit_many(&w, 2);
    world_settle(&w);
    permit(1, NS_PER_S);
    assert_int_equal(w.running_len, 1);
    assert_false(wants()); /* there is no slot */
    pool_pause(w.pool, true, w.now);
    world_end_seq(&w, 1, ERR_NONE);
    assert_false(wants());
    w.notified = false;
    pool_pause(w.pool, false, w.now);
    assert_true(w.notified);
    assert_true(wants());
    struct spec *daemon = a_spec();
    daemon->daemon = true;
    task_unref(world_submit(&w, daemon));
    world_settle(&w);
    assert_int_equal(w.running_len, 0);
    permit(2, NS_PER_S);
    assert_int_equal(w.running_len, 2);
    world_finish(&w);
    world_fini(&w);
}

/* A retry without delay is no event that anybody is told of, and frees a slot. */
static void test_a_silent_retry_asks(void **state)
{
    (void)state;
    struct pool_config c = config(1, 1);
    c.gated = true;
    c.retries = 1;
    c.every_event = false;
    world_init(&w, c);
    world_submit_many(&w, 1);
    world_settle(&w);
    assert_true(wants());
    permit(1, NS_PER_S);
    assert_false(wants());
    w.notified = false;
    world_end(&w, world_running(&w, 1), ERR_EXIT_STATUS);
    assert_true(w.notified);
    world_settle(&w);
    assert_true(wants());
    permit(1, NS_PER_S);
    world_finish(&w);
    world_fini(&w);
}

static void test_each_of_a_chunk_needs_one(void **state)
{
    (void)state;
    start_gated(2, 2);
    struct spec *spec = a_spec();
    for (int i = 0; i < 3; i++)
        task_unref(world_submit_chunk(&w, spec_ref(spec), 7));
    spec_unref(spec);
    world_settle(&w);
    permit(1, NS_PER_S);
    world_end_seq(&w, 1, ERR_NONE);
    assert_int_equal(w.running_len, 0);
    assert_true(wants());
    permit(1, NS_PER_S);
    assert_non_null(world_running(&w, 2));
    permit(1, NS_PER_S);
    world_finish(&w);
    assert_int_equal(w.ended_count, 3);
    world_fini(&w);
}

/* ---- pace ---- */

static void test_rate(void **state)
{
    (void)state;
    struct pool_config c = config(100, 2);
    c.rate_gap_ns = 100 * MS;
    world_init(&w, c);
    world_submit_many(&w, 30);
    world_settle(&w);
    assert_int_equal(w.started_len, 1);
    world_pass(&w, 100 * MS - 1);
    assert_int_equal(w.started_len, 1);
    world_pass(&w, 1);
    assert_int_equal(w.started_len, 2);
    world_pass(&w, NS_PER_S);
    assert_int_equal(w.started_len, 12);
    /* A late look does not move those behind it. */
    pool_pause(w.pool, true, w.now);
    w.now += 150 * MS;
    pool_pause(w.pool, false, w.now);
    world_settle(&w);
    assert_int_equal(w.started_len, 13);
    world_pass(&w, 50 * MS);
    assert_int_equal(w.started_len, 14);
    world_pass(&w, 10 * NS_PER_S);
    world_finish(&w);
    world_fini(&w);
}

/* What was not used is lost: after a silence no more start at once than before. */
static void test_rate_after_a_silence(void **state)
{
    (void)state;
    struct pool_config c = config(100, 2);
    c.rate_gap_ns = 100 * MS;
    world_init(&w, c);
    for (int round = 0; round < 2; round++) {
        size_t before = w.started_len;
        world_submit_many(&w, 3);
        world_settle(&w);
        assert_int_equal(w.started_len, before + 1);
        world_pass(&w, 100 * MS);
        assert_int_equal(w.started_len, before + 2);
        world_pass(&w, 100 * MS);
        assert_int_equal(w.started_len, before + 3);
        world_pass(&w, 350 * MS);
    }
    world_finish(&w);
    world_fini(&w);
}

static void test_rate_and_delay(void **state)
{
    (void)state;
    struct pool_config c = config(100, 2);
    c.rate_gap_ns = 10 * MS;
    c.delay_ns = 30 * MS;
    world_init(&w, c);
    world_submit_many(&w, 5);
    world_pass(&w, 30 * MS - 1);
    assert_int_equal(w.started_len, 1);
    world_pass(&w, 1);
    assert_int_equal(w.started_len, 2);
    world_pass(&w, NS_PER_S);
    world_finish(&w);
    world_fini(&w);
}

/* A tenth less after a success, three tenths more after a failure. */
static void test_delay_auto(void **state)
{
    (void)state;
    struct pool_config c = config(1, 1);
    c.delay_ns = 100 * MS;
    c.delay_auto = true;
    world_init(&w, c);
    world_submit_many(&w, 4);
    world_settle(&w);
    world_pass(&w, 200 * MS);
    world_end_seq(&w, 1, ERR_NONE);
    assert_non_null(world_running(&w, 2));
    world_end_seq(&w, 2, ERR_NONE);
    world_pass(&w, 90 * MS);
    assert_non_null(world_running(&w, 3));
    world_end_seq(&w, 3, ERR_EXIT_STATUS);
    world_pass(&w, 81 * MS);
    assert_non_null(world_running(&w, 4));
    world_submit_many(&w, 1);
    world_end_seq(&w, 4, ERR_EXIT_STATUS);
    world_pass(&w, 105 * MS);
    assert_null(world_running(&w, 5));
    world_pass(&w, MS);
    assert_non_null(world_running(&w, 5)); /* 100 * 0.9 * 0.9 * 1.3 */
    world_finish(&w);
    world_fini(&w);
}

/* ---- tasks that yield ---- */

static void test_the_youngest_yields(void **state)
{
    (void)state;
    world_init(&w, config(3, 2));
    world_submit_many(&w, 4);
    world_settle(&w);
    assert_true(pool_yield_youngest(w.pool, 1));
    assert_false(pool_yield_youngest(w.pool, 1)); /* one at a time */
    pool_pause(w.pool, true, w.now);
    world_settle(&w);
    assert_null(world_running(&w, 3));
    const struct seen *s = world_last_seen(&w, TASK_READY);
    assert_int_equal(s->seq, 3);
    assert_int_equal(s->why, ERR_LOST);
    assert_int_equal(w.ended_count, 0);
    assert_true(pool_yield_youngest(w.pool, 1));
    world_settle(&w);
    assert_null(world_running(&w, 2));
    assert_false(pool_yield_youngest(w.pool, 1)); /* the last one stays */
    assert_true(pool_yield_youngest(w.pool, 0));
    world_settle(&w);
    assert_int_equal(w.running_len, 0);
    assert_false(pool_yield_youngest(w.pool, 0));
    pool_pause(w.pool, false, w.now);
    world_settle(&w);
    assert_int_equal(w.running_len, 3);
    assert_non_null(world_running(&w, 4)); /* they went behind what waited */
    world_finish(&w);
    assert_int_equal(world_count(&w, TASK_SUCCEEDED), 4);
    world_fini(&w);
}

/* It is no failure: no retry is used up, none of --halt's is counted, and the next failure waits as the first. */
static void test_yielding_counts_for_nothing(void **state)
{
    (void)state;
    struct pool_config c = config(2, 1);
    c.retries = 1;
    assert_int_equal(halt_parse("now,fail=1", &c.halt, NULL), 0);
    world_init(&w, c);
    struct task *t = world_submit(&w, a_spec());
    world_settle(&w);
    for (unsigned attempt = 1; attempt <= 3; attempt++) {
        assert_int_equal(t->attempt, attempt);
        assert_true(pool_yield_youngest(w.pool, 0));
        world_settle(&w);
    }
    assert_int_equal(t->retries_left, 1);
    assert_int_equal(t->failures, 0);
    world_end_seq(&w, 1, ERR_EXIT_STATUS);
    assert_int_equal(t->state, TASK_RUNNING);
    assert_false(pool_is_halted(w.pool));
    world_end_seq(&w, 1, ERR_EXIT_STATUS);
    assert_int_equal(t->state, TASK_FAILED);
    assert_true(pool_is_halted(w.pool));
    task_unref(t);
    world_fini(&w);
}

/* What happens while it is being ended: it ends by itself, it is cancelled, the run is halted or stopped. */
static void test_yielding_and_ending(void **state)
{
    (void)state;
    static const struct {
        enum error_code ended_with, asked;
        bool stop; /* all that waits is ended, what runs goes on (HUP) */
        enum task_state to;
        enum error_code code;
    } cases[] = {
        {ERR_NONE, ERR_NONE, false, TASK_SUCCEEDED, ERR_NONE},
        {ERR_EXIT_STATUS, ERR_NONE, false, TASK_FAILED, ERR_EXIT_STATUS},
        {ERR_LOST, ERR_CANCELLED, false, TASK_CANCELLED, ERR_CANCELLED},
        {ERR_LOST, ERR_TIMEOUT, false, TASK_TIMED_OUT, ERR_TIMEOUT},
        {ERR_NONE, ERR_CANCELLED, false, TASK_SUCCEEDED, ERR_NONE},
        {ERR_LOST, ERR_NONE, true, TASK_CANCELLED, ERR_SHUTDOWN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        world_init(&w, config(1, 1));
        w.stubborn = true;
        struct task *t = world_submit(&w, a_spec());
        world_settle(&w);
        assert_true(pool_yield_youngest(w.pool, 0));
        world_settle(&w);
        if (cases[i].asked == ERR_CANCELLED)
            assert_int_equal(pool_cancel(w.pool, t, true, w.now, world_real(&w)), POOL_CANCELLED);
        else if (cases[i].asked != ERR_NONE || cases[i].stop)
            pool_end_all(w.pool, ERR_SHUTDOWN, cases[i].asked, false, world_real(&w));
        world_end_seq(&w, 1, cases[i].ended_with);
        assert_int_equal(t->state, cases[i].to);
        assert_int_equal(t->outcome.code, cases[i].code);
        task_unref(t);
        world_fini(&w);
    }
}

/* ---- tasks that are held ---- */

static void check_states(const char *wanted) /* of tasks 1, 2, …: r(unning) s(uspended) */
{
    for (uint64_t seq = 1; wanted[seq - 1]; seq++)
        assert_int_equal(world_running(&w, seq)->state, wanted[seq - 1] == 'r' ? TASK_RUNNING : TASK_SUSPENDED);
}

static void hold_but(unsigned most, unsigned held)
{
    assert_int_equal(pool_hold_but(w.pool, most), held);
    world_settle(&w);
}

static void test_the_oldest_run_on(void **state)
{
    (void)state;
    unsigned running, held;
    world_init(&w, config(4, 2));
    world_submit_many(&w, 4);
    world_settle(&w);
    hold_but(2, 2);
    check_states("rrss");
    pool_count_running(w.pool, &running, &held);
    assert_int_equal(running, 4);
    assert_int_equal(held, 2);
    hold_but(1, 3);
    check_states("rsss");
    hold_but(3, 1);
    check_states("rrrs");
    world_end_seq(&w, 1, ERR_NONE);
    hold_but(3, 0);
    assert_int_equal(world_running(&w, 4)->state, TASK_RUNNING);
    world_finish(&w);
    world_fini(&w);
}

/* Stopping and continuing everything leaves held what is held, and the other way round. */
static void test_held_and_stopped(void **state)
{
    (void)state;
    world_init(&w, config(3, 2));
    world_submit_many(&w, 3);
    world_settle(&w);
    hold_but(1, 2);
    pool_suspend(w.pool, true, w.now);
    world_settle(&w);
    check_states("sss");
    assert_true(pool_all_suspended(w.pool));
    hold_but(2, 1);
    check_states("sss");
    pool_suspend(w.pool, false, w.now);
    world_settle(&w);
    check_states("rrs");
    /* A task that is held can be cancelled. */
    struct task *t = world_running(&w, 3);
    assert_int_equal(pool_cancel(w.pool, t, true, w.now, world_real(&w)), POOL_CANCELLED);
    world_settle(&w);
    assert_int_equal(world_count(&w, TASK_CANCELLED), 1);
    world_finish(&w);
    world_fini(&w);
}

/* ---- slots that change ---- */

static void test_slots_change(void **state)
{
    (void)state;
    struct pool_config c = config(2, 2);
    c.slots_most = 6;
    world_init(&w, c);
    world_submit_many(&w, 20);
    world_settle(&w);
    assert_int_equal(w.running_len, 2);
    world_set_slots(&w, 5);
    assert_int_equal(w.running_len, 5);
    world_set_slots(&w, 2);
    assert_int_equal(w.running_len, 5); /* they run to their end */
    for (uint64_t seq = 1; seq <= 3; seq++)
        world_end_seq(&w, seq, ERR_NONE);
    assert_int_equal(w.running_len, 2);
    world_end_seq(&w, 4, ERR_NONE);
    assert_int_equal(w.running_len, 2);
    assert_in_range(world_running(&w, 6)->slot, 1, 2);
    world_set_slots(&w, 100); /* there are never more than was said at first */
    assert_int_equal(w.running_len, 6);
    w.slots_now = 6;
    world_finish(&w);
    world_check_slots(&w);
    world_fini(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_starts_without_a_permit),
        cmocka_unit_test(test_a_permit_expires),
        cmocka_unit_test(test_when_a_permit_is_wanted),
        cmocka_unit_test(test_a_silent_retry_asks),
        cmocka_unit_test(test_each_of_a_chunk_needs_one),
        cmocka_unit_test(test_rate),
        cmocka_unit_test(test_rate_after_a_silence),
        cmocka_unit_test(test_rate_and_delay),
        cmocka_unit_test(test_delay_auto),
        cmocka_unit_test(test_the_youngest_yields),
        cmocka_unit_test(test_yielding_counts_for_nothing),
        cmocka_unit_test(test_yielding_and_ending),
        cmocka_unit_test(test_the_oldest_run_on),
        cmocka_unit_test(test_held_and_stopped),
        cmocka_unit_test(test_slots_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
