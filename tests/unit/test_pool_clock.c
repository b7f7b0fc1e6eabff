/* The pool and the wall clock in virtual time: starts at a time of the clock, --until, and a clock that is set. */
#include "pool_support.h"

static struct world w;

static struct pool_config config(unsigned slots, unsigned workers)
{
    return (struct pool_config){.slots = slots, .workers = workers, .every_event = true};
}

#define HOUR (3600 * NS_PER_S)

/* What waits for a time of the clock starts when the clock shows it, and nothing else cares. */
static void test_the_clock_is_set(void **state)
{
    (void)state;
    for (int forward = 0; forward < 2; forward++) {
        world_init(&w, config(4, 1));
        task_unref(world_submit_timed(&w, (struct schedule){.at_ns = world_real(&w) + 2 * HOUR}, NULL));
        task_unref(world_submit_timed(&w, (struct schedule){.in_ns = 2 * HOUR}, NULL));
        task_unref(world_submit_timed(&w, (struct schedule){.at_ns = world_real(&w) + 4 * HOUR}, NULL));
        world_pass(&w, HOUR / 2);
        world_set_clock(&w, forward ? HOUR : -HOUR);
        world_pass(&w, (forward ? HOUR / 2 : 3 * HOUR / 2) - 1);
        assert_int_equal(w.started_len, 0);
        world_pass(&w, 1);
        assert_int_equal(w.started_len, 1);
        assert_int_equal(w.started[0], forward ? 1 : 2);
        world_pass(&w, HOUR);
        assert_int_equal(w.started_len, 2);
        assert_int_equal(w.started[1], forward ? 2 : 1);
        world_pass(&w, (forward ? HOUR : 2 * HOUR) - 1);
        assert_int_equal(w.started_len, 2);
        world_pass(&w, 1);
        assert_int_equal(w.started_len, 3);
        world_finish(&w);
        world_fini(&w);
    }
}

/* The clock is set over the time, which was first put further off. */
static void test_the_clock_jumps_over_a_start(void **state)
{
    (void)state;
    world_init(&w, config(1, 1));
    struct task *waits = world_submit_timed(&w, (struct schedule){.at_ns = world_real(&w) + HOUR}, NULL);
    struct task *dropped = world_submit_timed(&w, (struct schedule){.at_ns = world_real(&w) + HOUR}, NULL);
    world_set_clock(&w, -24 * HOUR);
    world_pass(&w, 24 * HOUR);
    assert_int_equal(w.started_len, 0);
    assert_int_equal(pool_cancel(w.pool, dropped, false, w.now, world_real(&w)), POOL_CANCELLED);
    world_set_clock(&w, 2 * HOUR);
    assert_int_equal(w.started_len, 1);
    assert_ptr_equal(w.running[0], waits);
    /* Once is enough, whatever the clock shows then. */
    world_set_clock(&w, -2 * HOUR);
    world_finish(&w);
    world_pass(&w, 24 * HOUR);
    assert_int_equal(w.started_len, 1);
    assert_true(pool_is_empty(w.pool));
    task_unref(waits);
    task_unref(dropped);
    world_fini(&w);
}

/* Repeats and retries go on by the monotonic clock from the first start. */
static void test_what_follows_a_time_of_the_clock(void **state)
{
    struct pool_config c = config(1, 1);
    (void)state;
    c.retries = 1;
    c.retry_delay.first_ns = 10 * MS;
    world_init(&w, c);
    int64_t at = world_real(&w) + 5 * HOUR;
    task_unref(world_submit_timed(&w, (struct schedule){.at_ns = at, .every_ns = 100 * MS, .times = 2}, "a"));
    world_pass(&w, HOUR);
    world_set_clock(&w, 4 * HOUR - MS);
    assert_int_equal(w.started_len, 0);
    world_pass(&w, MS);
    assert_int_equal(w.started_len, 1);
    world_set_clock(&w, -HOUR);
    world_end_seq(&w, 1, ERR_EXIT_STATUS);
    world_pass(&w, 10 * MS);
    assert_int_equal(w.started_len, 2);
    world_finish(&w);
    world_set_clock(&w, 5 * HOUR);
    world_pass(&w, 90 * MS - 1);
    assert_int_equal(w.started_len, 2);
    world_pass(&w, 1);
    assert_int_equal(w.started_len, 3);
    assert_int_equal(w.running[0]->missed, 0);
    world_finish(&w);
    assert_true(pool_is_empty(w.pool));
    world_fini(&w);
}

/* ---- until ---- */

static void test_repeats_until(void **state)
{
    (void)state;
    world_init(&w, config(1, 1));
    struct schedule s = {.every_ns = 10 * MS, .until_ns = world_real(&w) + 25 * MS};
    task_unref(world_submit_timed(&w, s, "u"));
    for (int i = 0; i < 5; i++) {
        world_finish(&w);
        world_pass(&w, 10 * MS);
    }
    assert_int_equal(w.started_len, 3); /* at 0, 10, 20 */
    assert_true(pool_is_empty(w.pool));
    world_fini(&w);
}

static void check_dropped_last(void)
{
    const struct seen *end = world_last_seen(&w, TASK_CANCELLED);
    assert_int_equal(end->why, ERR_TIMEOUT);
    assert_int_equal(end->from, TASK_SCHEDULED);
    assert_true(pool_is_empty(w.pool));
}

/* The clock passes until while something waits for its start: it does not start. */
static void test_until_passes(void **state)
{
    (void)state;
    for (int at = 0; at < 2; at++) {
        for (int64_t over = 0; over < 2; over++) {
            world_init(&w, config(1, 1));
            int64_t real = world_real(&w);
            struct schedule s = {.every_ns = HOUR, .until_ns = real + 3 * HOUR};
            if (at)
                s.at_ns = real + HOUR;
            else
                s.in_ns = HOUR;
            task_unref(world_submit_timed(&w, s, "u"));
            world_set_clock(&w, (at ? 3 : 2) * HOUR + over);
            world_pass(&w, HOUR);
            assert_int_equal(w.started_len, !over);
            world_finish(&w);
            world_pass(&w, 2 * HOUR);
            assert_int_equal(w.started_len, !over);
            assert_int_equal(w.ended_count, 1);
            if (over)
                check_dropped_last();
            world_fini(&w);
        }
    }
}

/* A later firing is no better. The clock may come back before it is due. */
static void test_until_passes_between(void **state)
{
    (void)state;
    for (int back = 0; back < 2; back++) {
        world_init(&w, config(1, 1));
        struct schedule s = {.every_ns = HOUR, .until_ns = world_real(&w) + 5 * HOUR / 2, .times = 2};
        task_unref(world_submit_timed(&w, s, "u"));
        world_finish(&w);
        world_set_clock(&w, 24 * HOUR);
        world_pass(&w, HOUR / 2);
        world_set_clock(&w, back ? -24 * HOUR : 0);
        world_pass(&w, HOUR / 2);
        assert_int_equal(w.started_len, back ? 2 : 1);
        world_finish(&w);
        assert_int_equal(w.ended_count, 2);
        if (!back)
            check_dropped_last();
        world_fini(&w);
    }
}

/* What was due in time starts, though the tick comes late, a slot does, or an attempt failed. */
static void test_until_and_what_was_due_in_time(void **state)
{
    struct pool_config c = config(1, 1);
    (void)state;
    c.retries = 1;
    c.retry_delay.first_ns = HOUR;
    world_init(&w, c);
    world_submit_many(&w, 1);
    struct schedule s = {.in_ns = 10 * MS, .every_ns = HOUR, .until_ns = world_real(&w) + 10 * MS + 1};
    task_unref(world_submit_timed(&w, s, "u"));
    w.now += 20 * MS;
    world_settle(&w);
    assert_int_equal(world_count(&w, TASK_READY), 1);
    world_pass(&w, HOUR);
    world_end_seq(&w, 1, ERR_NONE);
    assert_int_equal(w.started_len, 2);
    world_end_seq(&w, 2, ERR_EXIT_STATUS);
    world_pass(&w, HOUR);
    assert_int_equal(w.started_len, 3);
    world_finish(&w);
    assert_int_equal(world_count(&w, TASK_SUCCEEDED), 2);
    assert_true(pool_is_empty(w.pool));
    world_fini(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_clock_is_set),
        cmocka_unit_test(test_the_clock_jumps_over_a_start),
        cmocka_unit_test(test_what_follows_a_time_of_the_clock),
        cmocka_unit_test(test_repeats_until),
        cmocka_unit_test(test_until_passes),
        cmocka_unit_test(test_until_passes_between),
        cmocka_unit_test(test_until_and_what_was_due_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
