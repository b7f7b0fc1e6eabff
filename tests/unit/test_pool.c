/* The pool in virtual time: order, slots, workers, chunks, the bound on the queue, events. */
#include "pool_support.h"

static struct world w;

static struct pool_config config(unsigned slots, unsigned workers)
{
    return (struct pool_config){.slots = slots, .workers = workers, .every_event = true};
}

static void check_started(const uint64_t *seqs, size_t len)
{
    assert_int_equal(w.started_len, len);
    for (size_t i = 0; i < len; i++)
        assert_int_equal(w.started[i], seqs[i]);
}

static void submit_priorities(const int64_t *priorities, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        struct spec *spec = a_spec();
        spec->priority = priorities[i];
        task_unref(world_submit(&w, spec));
    }
}

/* Task 1 holds the only slot while the others queue up. */
static void run_policy(const char *policy, const uint64_t *order)
{
    static const int64_t priorities[] = {0, 5, -1, 5, 0, 7, -1};
    struct pool_config c = config(1, 1);
    c.policy = queue_policy_find(policy);
    world_init(&w, c);
    submit_priorities(priorities, 1);
    world_settle(&w);
    submit_priorities(priorities + 1, 6);
    world_finish(&w);
    check_started(order, 7);
    world_fini(&w);
}

static void test_policies(void **state)
{
    (void)state;
    run_policy("fifo", (uint64_t[]){1, 2, 3, 4, 5, 6, 7});
    run_policy("lifo", (uint64_t[]){1, 7, 6, 5, 4, 3, 2});
    run_policy("priority", (uint64_t[]){1, 3, 7, 5, 2, 4, 6});
}

static void test_slots_are_filled_and_reused(void **state)
{
    (void)state;
    world_init(&w, config(3, 1));
    world_submit_many(&w, 5);
    world_settle(&w);
    assert_int_equal(w.running_len, 3);
    assert_int_equal(world_running(&w, 1)->slot, 1);
    assert_int_equal(world_running(&w, 2)->slot, 2);
    assert_int_equal(world_running(&w, 3)->slot, 3);
    world_end_seq(&w, 2, ERR_NONE);
    assert_int_equal(world_running(&w, 4)->slot, 2);
    world_finish(&w);
    assert_int_equal(w.most_running, 3);
    assert_int_equal(world_count(&w, TASK_SUCCEEDED), 5);
    world_fini(&w);
}

/* No worker runs more than its share, and every slot is used all the same. */
static void test_workers_share(void **state)
{
    static const struct {
        unsigned slots, workers, most;
    } cases[] = {{4, 2, 2}, {5, 2, 3}, {8, 3, 3}, {7, 7, 1}, {64, 64, 1}, {100, 64, 2}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        world_init(&w, config(cases[i].slots, cases[i].workers));
        world_submit_many(&w, cases[i].slots * 3);
        world_settle(&w);
        assert_int_equal(w.running_len, cases[i].slots);
        for (unsigned worker = 0; worker < cases[i].workers; worker++) {
            unsigned mine = 0;
            for (size_t r = 0; r < w.running_len; r++)
                mine += w.running[r]->worker == worker;
            assert_in_range(mine, 0, cases[i].most);
        }
        world_finish(&w);
        assert_int_equal(world_count(&w, TASK_SUCCEEDED), cases[i].slots * 3);
        world_fini(&w);
    }
}

/* A worker that was woken cannot be had: the other one does its share too. */
static void test_absent_worker(void **state)
{
    (void)state;
    world_init(&w, config(4, 2));
    world_submit_many(&w, 8);
    assert_true(world_work(&w, 0));
    assert_int_equal(w.running_len, 2);
    assert_true(w.woken[1]);
    w.woken[0] = w.woken[1] = false;
    w.dispatcher.absent(w.pool, 1);
    w.dispatcher.absent(w.pool, 1); /* told by two that wanted to wake it */
    assert_true(w.woken[0]);
    world_settle(&w);
    assert_int_equal(w.running_len, 4);
    world_finish(&w);
    assert_int_equal(world_count(&w, TASK_SUCCEEDED), 8);
    assert_false(w.woken[1]);
    world_fini(&w);
}

static struct task *submit_wide(unsigned slots)
{
    struct spec *spec = a_spec();
    spec->slots = slots;
    struct task *t = world_submit(&w, spec);
    task_unref(t);
    return t;
}

static void test_wide_tasks(void **state)
{
    (void)state;
    world_init(&w, config(4, 2));
    submit_wide(3);
    submit_wide(2); /* waits: one slot is free, and nobody overtakes it */
    submit_wide(1);
    world_settle(&w);
    assert_int_equal(w.running_len, 1);
    assert_int_equal(w.in_use, 3);
    world_end_seq(&w, 1, ERR_NONE);
    assert_int_equal(w.running_len, 2);
    assert_int_equal(w.in_use, 3);
    submit_wide(9); /* more than there are: all */
    world_settle(&w);
    assert_int_equal(w.running_len, 2);
    world_end_seq(&w, 2, ERR_NONE);
    world_end_seq(&w, 3, ERR_NONE);
    assert_int_equal(w.running_len, 1);
    assert_int_equal(w.in_use, 4);
    world_finish(&w);
    world_check_slots(&w);
    world_fini(&w);
}

static void test_wide_task_is_retried(void **state)
{
    struct pool_config c = config(3, 1);
    (void)state;
    c.retries = 2;
    world_init(&w, c);
    submit_wide(3);
    for (int i = 0; i < 3; i++) {
        world_settle(&w);
        assert_int_equal(w.in_use, 3);
        world_end_seq(&w, 1, ERR_EXIT_STATUS);
    }
    assert_int_equal(world_count(&w, TASK_FAILED), 1);
    world_check_slots(&w);
    world_fini(&w);
}

/* ---- chunks ---- */

static void submit_chunks(unsigned tasks, unsigned size, unsigned slots)
{
    for (unsigned i = 0; i < tasks; i++) {
        struct spec *spec = a_spec();
        spec->slots = slots;
        task_unref(world_submit_chunk(&w, spec, i / size + 1));
    }
}

static void test_chunks_stay_in_their_slots(void **state)
{
    (void)state;
    world_init(&w, config(2, 2));
    pool_pause(w.pool, true, w.now);
    submit_chunks(7, 3, 1); /* 1 2 3 | 4 5 6 | 7 */
    pool_pause(w.pool, false, w.now);
    world_settle(&w);
    assert_int_equal(w.running_len, 2);
    assert_int_equal(world_running(&w, 1)->slot, 1);
    assert_int_equal(world_running(&w, 4)->slot, 2);
    world_end_seq(&w, 4, ERR_NONE);
    assert_int_equal(world_running(&w, 5)->slot, 2);
    world_end_seq(&w, 5, ERR_EXIT_STATUS); /* whatever it came to */
    assert_int_equal(world_running(&w, 6)->slot, 2);
    world_end_seq(&w, 6, ERR_NONE);
    assert_int_equal(world_running(&w, 7)->slot, 2);
    world_end_seq(&w, 1, ERR_NONE);
    assert_int_equal(world_running(&w, 2)->slot, 1);
    world_finish(&w);
    assert_int_equal(w.ended_count, 7);
    world_check_slots(&w);
    world_fini(&w);
}

/* The tasks of a chunk come one by one to workers that are idle: each starts at once or goes behind the first. */
static void test_chunks_that_come_one_by_one(void **state)
{
    (void)state;
    world_init(&w, config(4, 2));
    struct task *tasks[6];
    for (size_t i = 0; i < 6; i++) {
        tasks[i] = world_submit_chunk(&w, a_spec(), i / 3 + 1);
        world_settle(&w);
    }
    assert_int_equal(w.running_len, 2);
    world_end_seq(&w, 1, ERR_NONE);
    assert_int_equal(world_running(&w, 2)->slot, 1);
    /* A member of the lane is cancelled, the last one ends; who comes then has a slot of its own. */
    assert_int_equal(pool_cancel(w.pool, tasks[4], false, w.now, world_real(&w)), POOL_CANCELLED);
    world_end_seq(&w, 4, ERR_NONE);
    assert_int_equal(world_running(&w, 6)->slot, 2);
    world_end_seq(&w, 6, ERR_NONE);
    struct task *late[2];
    for (size_t i = 0; i < 2; i++) {
        late[i] = world_submit_chunk(&w, a_spec(), 2);
        world_settle(&w);
    }
    assert_int_equal(w.running_len, 2);
    assert_int_equal(late[0]->state, TASK_RUNNING);
    world_finish(&w);
    assert_int_equal(w.ended_count, 8);
    for (size_t i = 0; i < 6; i++)
        task_unref(tasks[i]);
    task_unref(late[0]);
    task_unref(late[1]);
    world_check_slots(&w);
    world_fini(&w);
}

/* They become ready one by one, too, when they have waited for a time. */
static void test_chunks_of_scheduled_tasks(void **state)
{
    (void)state;
    world_init(&w, config(4, 4));
    for (uint64_t i = 0; i < 6; i++) {
        struct spec *spec = a_spec();
        spec->schedule.in_ns = NS_PER_S;
        task_unref(world_submit_chunk(&w, spec, i / 3 + 1));
    }
    world_pass(&w, 2 * NS_PER_S);
    assert_int_equal(w.running_len, 2);
    world_finish(&w);
    assert_int_equal(w.ended_count, 6);
    world_check_slots(&w);
    world_fini(&w);
}

static void test_chunks_of_wide_tasks(void **state)
{
    (void)state;
    world_init(&w, config(4, 2));
    pool_pause(w.pool, true, w.now);
    submit_chunks(6, 3, 2);
    pool_pause(w.pool, false, w.now);
    for (int i = 0; i < 3; i++) {
        world_settle(&w);
        assert_int_equal(w.running_len, 2);
        assert_int_equal(w.in_use, 4);
        world_end(&w, w.running[0], ERR_NONE);
        world_end(&w, w.running[0], ERR_NONE);
    }
    world_settle(&w);
    assert_int_equal(w.ended_count, 6);
    world_check_slots(&w);
    world_fini(&w);
}

static void test_chunk_retry_goes_through_the_queue(void **state)
{
    struct pool_config c = config(1, 1);
    (void)state;
    c.retries = 1;
    world_init(&w, c);
    pool_pause(w.pool, true, w.now);
    submit_chunks(4, 2, 1);
    pool_pause(w.pool, false, w.now);
    world_settle(&w);
    world_end_seq(&w, 1, ERR_EXIT_STATUS);
    world_finish(&w);
    check_started((uint64_t[]){1, 2, 3, 4, 1}, 5);
    world_check_slots(&w);
    world_fini(&w);
}

/* The lane's members are cancelled while the first runs, while the next holds the slot, and the first itself. */
static void test_cancel_in_a_lane(void **state)
{
    (void)state;
    for (int which = 0; which < 16; which++) {
        world_init(&w, config(1, 1));
        struct task *tasks[4];
        pool_pause(w.pool, true, w.now);
        for (size_t i = 0; i < 4; i++)
            tasks[i] = world_submit_chunk(&w, a_spec(), 1);
        pool_pause(w.pool, false, w.now);
        world_settle(&w);
        for (size_t i = 0; i < 4; i++)
            if (which & (1 << i))
                assert_int_equal(pool_cancel(w.pool, tasks[i], true, w.now, world_real(&w)), POOL_CANCELLED);
        world_finish(&w);
        for (size_t i = 0; i < 4; i++) {
            assert_int_equal(tasks[i]->state, which & (1 << i) ? TASK_CANCELLED : TASK_SUCCEEDED);
            task_unref(tasks[i]);
        }
        world_check_slots(&w);
        world_fini(&w);
    }
}

static void test_cancel_the_one_that_holds_the_slot(void **state)
{
    (void)state;
    world_init(&w, config(2, 2));
    struct task *tasks[3];
    pool_pause(w.pool, true, w.now);
    for (size_t i = 0; i < 3; i++)
        tasks[i] = world_submit_chunk(&w, a_spec(), 1);
    pool_pause(w.pool, false, w.now);
    world_settle(&w);
    /* The pause keeps the second from starting: it holds the slot, and gives it on. */
    pool_pause(w.pool, true, w.now);
    world_end_seq(&w, 1, ERR_NONE);
    assert_int_equal(w.running_len, 0);
    assert_int_equal(pool_cancel(w.pool, tasks[1], false, w.now, world_real(&w)), POOL_CANCELLED);
    pool_pause(w.pool, false, w.now);
    world_settle(&w);
    assert_ptr_equal(world_running(&w, 3), tasks[2]);
    world_finish(&w);
    world_check_slots(&w);
    for (size_t i = 0; i < 3; i++)
        task_unref(tasks[i]);
    world_fini(&w);
}

/* ---- the bound on the queue ---- */

static void test_room(void **state)
{
    struct pool_config c = config(1, 1);
    (void)state;
    c.max_queue = 10;
    c.every_event = false;
    world_init(&w, c);
    unsigned submitted = 0;
    while (pool_has_room(w.pool)) {
        world_submit_many(&w, 1);
        submitted++;
    }
    assert_int_equal(submitted, 10); /* none was taken yet */
    /* It runs empty. At half the main thread hears of it, once. */
    for (unsigned waiting = 9;; waiting--) {
        w.notified = false;
        world_work(&w, 0);
        assert_int_equal(w.notified, waiting == 5);
        world_end(&w, w.running[0], ERR_NONE);
        world_drain(&w);
        if (waiting == 0)
            break;
    }
    assert_true(pool_has_room(w.pool));
    world_fini(&w);
}

static void test_room_by_bytes(void **state)
{
    struct pool_config c = config(1, 1);
    (void)state;
    c.max_queue_bytes = 100000;
    world_init(&w, c);
    pool_pause(w.pool, true, w.now);
    for (int i = 0; i < 3; i++) {
        struct spec *spec = a_spec();
        spec->size = 40000;
        assert_true(pool_has_room(w.pool));
        task_unref(world_submit(&w, spec));
    }
    assert_false(pool_has_room(w.pool));
    pool_pause(w.pool, false, w.now);
    world_settle(&w);
    assert_true(pool_has_room(w.pool));
    world_finish(&w);
    world_fini(&w);
}

static void test_room_for_many(void **state)
{
    struct pool_config c = config(1, 1);
    (void)state;
    c.max_queue = 4;
    c.max_queue_bytes = 100000;
    world_init(&w, c);
    pool_pause(w.pool, true, w.now);
    assert_true(pool_has_room_for(w.pool, 4, 99999));
    assert_false(pool_has_room_for(w.pool, 5, 0));
    assert_false(pool_has_room_for(w.pool, 1, 100000));
    world_submit_many(&w, 2);
    assert_true(pool_has_room_for(w.pool, 2, 1000));
    assert_false(pool_has_room_for(w.pool, 3, 1000));
    assert_false(pool_has_room_for(w.pool, 2, 99999));
    world_submit_many(&w, 2);
    assert_false(pool_has_room_for(w.pool, 1, 0));
    pool_pause(w.pool, false, w.now);
    world_finish(&w);
    world_fini(&w);
}

/* Cancelling makes room too, and says so. */
static void test_room_by_cancelling(void **state)
{
    struct pool_config c = config(1, 1);
    (void)state;
    c.max_queue = 4;
    c.every_event = false;
    world_init(&w, c);
    struct task *tasks[4];
    pool_pause(w.pool, true, w.now);
    for (size_t i = 0; i < 4; i++)
        tasks[i] = world_submit(&w, a_spec());
    assert_false(pool_has_room(w.pool));
    w.notified = false;
    pool_cancel(w.pool, tasks[1], false, w.now, world_real(&w));
    pool_cancel(w.pool, tasks[2], false, w.now, world_real(&w));
    assert_true(w.notified);
    assert_true(pool_has_room(w.pool));
    pool_pause(w.pool, false, w.now);
    world_finish(&w);
    for (size_t i = 0; i < 4; i++)
        task_unref(tasks[i]);
    world_fini(&w);
}

/* ---- events ---- */

static void check_seen(size_t i, uint64_t seq, enum task_state from, enum task_state to)
{
    assert_true(i < w.seen_len);
    assert_int_equal(w.seen[i].seq, seq);
    assert_int_equal(w.seen[i].from, from);
    assert_int_equal(w.seen[i].to, to);
}

static void test_events_in_order(void **state)
{
    (void)state;
    world_init(&w, config(1, 1));
    struct spec *spec = a_spec();
    spec->retries = 2;
    spec->retry_delay_ns = 10 * MS;
    task_unref(world_submit(&w, spec));
    world_settle(&w);
    world_end_seq(&w, 1, ERR_TIMEOUT);
    world_pass(&w, 10 * MS);
    pool_suspend(w.pool, true, w.now);
    world_settle(&w);
    pool_suspend(w.pool, false, w.now);
    world_settle(&w);
    world_end_seq(&w, 1, ERR_NONE);
    assert_int_equal(w.seen_len, 8);
    check_seen(0, 1, TASK_READY, TASK_READY);
    check_seen(1, 1, TASK_READY, TASK_RUNNING);
    check_seen(2, 1, TASK_RUNNING, TASK_SCHEDULED);
    assert_int_equal(w.seen[2].why, ERR_TIMEOUT);
    assert_int_equal(w.seen[2].attempt, 1);
    check_seen(3, 1, TASK_SCHEDULED, TASK_READY);
    check_seen(4, 1, TASK_READY, TASK_RUNNING);
    assert_int_equal(w.seen[4].attempt, 2);
    assert_int_equal(w.seen[4].slot, 1);
    check_seen(5, 1, TASK_RUNNING, TASK_SUSPENDED);
    check_seen(6, 1, TASK_SUSPENDED, TASK_RUNNING);
    check_seen(7, 1, TASK_RUNNING, TASK_SUCCEEDED);
    world_fini(&w);
}

static void test_only_ends(void **state)
{
    struct pool_config c = config(2, 1);
    (void)state;
    c.every_event = false;
    c.retries = 1;
    world_init(&w, c);
    world_submit_many(&w, 3);
    world_settle(&w);
    world_end_seq(&w, 2, ERR_EXIT_STATUS);
    world_finish(&w);
    assert_int_equal(w.seen_len, 3);
    for (size_t i = 0; i < 3; i++)
        assert_true(task_state_ended(w.seen[i].to));
    world_fini(&w);
}

static void test_pause(void **state)
{
    (void)state;
    world_init(&w, config(2, 2));
    pool_pause(w.pool, true, w.now);
    world_submit_many(&w, 3);
    world_settle(&w);
    assert_int_equal(w.running_len, 0);
    assert_false(pool_is_idle(w.pool));
    pool_pause(w.pool, false, w.now);
    world_settle(&w);
    assert_int_equal(w.running_len, 2);
    pool_pause(w.pool, true, w.now);
    world_end_seq(&w, 1, ERR_NONE);
    assert_int_equal(w.running_len, 1); /* what runs runs on, nothing follows */
    pool_pause(w.pool, false, w.now);
    world_finish(&w);
    assert_true(pool_is_idle(w.pool));
    assert_true(pool_is_empty(w.pool));
    world_fini(&w);
}

/* The main thread may have paused until this task ends. */
static void test_retry_in_a_pause_is_told(void **state)
{
    struct pool_config c = config(1, 1);
    (void)state;
    c.every_event = false;
    c.retries = 1;
    world_init(&w, c);
    world_submit_many(&w, 1);
    world_settle(&w);
    pool_pause(w.pool, true, w.now);
    world_drain(&w);
    world_end(&w, w.running[0], ERR_EXIT_STATUS);
    assert_true(w.notified);
    pool_pause(w.pool, false, w.now);
    world_finish(&w);
    world_fini(&w);
}

static void test_suspend(void **state)
{
    (void)state;
    world_init(&w, config(2, 2));
    assert_false(pool_all_suspended(w.pool));
    world_submit_many(&w, 3);
    world_settle(&w);
    pool_suspend(w.pool, true, w.now);
    assert_false(pool_all_suspended(w.pool)); /* the workers have not heard of it yet */
    world_settle(&w);
    assert_true(pool_all_suspended(w.pool));
    assert_int_equal(world_count(&w, TASK_SUSPENDED), 2);
    world_end_seq(&w, 1, ERR_SIGNAL); /* somebody killed it */
    assert_true(pool_all_suspended(w.pool));
    assert_int_equal(w.running_len, 1); /* nothing starts meanwhile */
    pool_suspend(w.pool, false, w.now);
    world_settle(&w);
    assert_int_equal(world_count(&w, TASK_RUNNING), 2);
    assert_int_equal(world_count(&w, TASK_SUSPENDED), 0);
    world_finish(&w);
    world_fini(&w);
}

/* ---- numbers ---- */

static void count_visit(void *context, const struct task *t)
{
    assert_true(t->state == TASK_RUNNING || t->state == TASK_SUSPENDED);
    assert_true(t->pid != 0);
    ++*(unsigned *)context;
}

static void test_summary(void **state)
{
    struct pool_config c = config(6, 2);
    (void)state;
    world_init(&w, c);
    world_submit_many(&w, 7);
    world_settle(&w);
    unsigned running = 0;
    pool_each_running(w.pool, count_visit, &running);
    assert_int_equal(running, 6);
    world_end_seq(&w, 1, ERR_EXIT_STATUS);
    world_end_seq(&w, 2, ERR_NOT_FOUND);
    world_end_seq(&w, 3, ERR_SPAWN);
    world_end_seq(&w, 4, ERR_TIMEOUT);
    world_end_seq(&w, 5, ERR_LOST);
    world_finish(&w);
    struct summary s = {0};
    pool_summary(w.pool, &s);
    assert_int_equal(s.counts[TASK_SUCCEEDED], 2);
    assert_int_equal(s.counts[TASK_FAILED], 3);
    assert_int_equal(s.counts[TASK_TIMED_OUT], 1);
    assert_int_equal(s.counts[TASK_LOST], 1);
    assert_int_equal(s.not_found, 1);
    assert_int_equal(s.not_executable, 1);
    assert_int_equal(s.retried, 0);
    assert_false(s.halted);
    world_fini(&w);
}

static void test_ids(void **state)
{
    (void)state;
    world_init(&w, config(1, 1));
    struct spec *spec = a_spec();
    spec->id = strdup("mine");
    struct task *named = world_submit(&w, spec);
    struct task *numbered = world_submit(&w, a_spec());
    char text[TASK_ID_SIZE];
    assert_string_equal(task_id(named, text), "mine");
    assert_string_equal(task_id(numbered, text), "2");
    assert_int_equal(named->submitted_real_ns, world_real(&w));
    world_finish(&w);
    task_unref(named);
    task_unref(numbered);
    world_fini(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_policies),
        cmocka_unit_test(test_slots_are_filled_and_reused),
        cmocka_unit_test(test_workers_share),
        cmocka_unit_test(test_absent_worker),
        cmocka_unit_test(test_wide_tasks),
        cmocka_unit_test(test_wide_task_is_retried),
        cmocka_unit_test(test_chunks_stay_in_their_slots),
        cmocka_unit_test(test_chunks_that_come_one_by_one),
        cmocka_unit_test(test_chunks_of_scheduled_tasks),
        cmocka_unit_test(test_chunks_of_wide_tasks),
        cmocka_unit_test(test_chunk_retry_goes_through_the_queue),
        cmocka_unit_test(test_cancel_in_a_lane),
        cmocka_unit_test(test_cancel_the_one_that_holds_the_slot),
        cmocka_unit_test(test_room),
        cmocka_unit_test(test_room_by_bytes),
        cmocka_unit_test(test_room_for_many),
        cmocka_unit_test(test_room_by_cancelling),
        cmocka_unit_test(test_events_in_order),
        cmocka_unit_test(test_only_ends),
        cmocka_unit_test(test_pause),
        cmocka_unit_test(test_retry_in_a_pause_is_told),
        cmocka_unit_test(test_suspend),
        cmocka_unit_test(test_summary),
        cmocka_unit_test(test_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
