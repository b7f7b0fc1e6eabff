/* The pool in virtual time: retries and their delays, --delay, scheduled and repeated tasks. */
#include "pool_support.h"

#include "pool/retry.h"

static struct world w;

static struct pool_config config(unsigned slots, unsigned workers)
{
    return (struct pool_config){.slots = slots, .workers = workers, .every_event = true};
}

/* ---- retries ---- */

static void test_retry_wanted(void **state)
{
    static const struct {
        int64_t left;
        enum error_code why, code;
        bool wanted;
    } cases[] = {
        {1, ERR_NONE, ERR_EXIT_STATUS, true}, {9, ERR_NONE, ERR_TIMEOUT, true},
        {1, ERR_NONE, ERR_SPAWN, true},       {1, ERR_NONE, ERR_LOST, true},
        {1, ERR_NONE, ERR_SIGNAL, true},      {1, ERR_NONE, ERR_NONE, false},
        {0, ERR_NONE, ERR_EXIT_STATUS, false}, {1, ERR_CANCELLED, ERR_EXIT_STATUS, false},
        {1, ERR_SHUTDOWN, ERR_SHUTDOWN, false}, {1, ERR_TIMEOUT, ERR_TIMEOUT, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct task t = {.retries_left = cases[i].left, .why = cases[i].why, .outcome.code = cases[i].code};
        assert_int_equal(retry_wanted(&t), cases[i].wanted);
    }
}

static void test_retry_delay(void **state)
{
    (void)state;
    struct spec spec = {.retry_delay.first_ns = SPEC_UNSET};
    struct task t = {.spec = &spec};
    struct backoff of_pool = {.first_ns = 7};
    assert_int_equal(retry_delay_ns(&t, &of_pool, 0), 7);
    spec.retry_delay.first_ns = 0; /* the spec's, though it is none */
    assert_int_equal(retry_delay_ns(&t, &of_pool, 0), 0);
}

static void test_retries_end(void **state)
{
    (void)state;
    for (int retries = 0; retries < 4; retries++) {
        struct pool_config c = config(1, 1);
        c.retries = 7; /* the spec's own number comes first */
        c.every_event = retries % 2;
        world_init(&w, c);
        struct spec *spec = a_spec();
        spec->retries = retries;
        struct task *t = world_submit(&w, spec);
        world_settle(&w);
        for (int i = 0; i <= retries; i++) {
            assert_int_equal(t->attempt, i + 1);
            world_end_seq(&w, 1, ERR_EXIT_STATUS);
        }
        assert_int_equal(t->state, TASK_FAILED);
        assert_int_equal(t->attempt, retries + 1);
        struct summary s = {0};
        pool_summary(w.pool, &s);
        assert_int_equal(s.retried, retries);
        assert_int_equal(w.ended_count, 1);
        task_unref(t);
        world_fini(&w);
    }
}

static void test_success_ends_retries(void **state)
{
    struct pool_config c = config(1, 1);
    (void)state;
    c.retries = 3;
    world_init(&w, c);
    struct task *t = world_submit(&w, a_spec());
    world_settle(&w);
    world_end_seq(&w, 1, ERR_SIGNAL);
    world_end_seq(&w, 1, ERR_NONE);
    assert_int_equal(t->state, TASK_SUCCEEDED);
    assert_int_equal(t->attempt, 2);
    assert_null(t->outcome.message); /* nothing of the first attempt is left */
    task_unref(t);
    world_fini(&w);
}

/* The slot is free meanwhile. */
static void test_retries_with_delay(void **state)
{
    struct pool_config c = config(1, 1);
    (void)state;
    c.retries = 1;
    c.retry_delay.first_ns = 10 * MS;
    for (int every = 0; every < 2; every++) {
        c.every_event = every;
        world_init(&w, c);
        world_submit_many(&w, 2);
        world_settle(&w);
        world_end_seq(&w, 1, ERR_EXIT_STATUS);
        assert_non_null(world_running(&w, 2));
        world_end_seq(&w, 2, ERR_NONE);
        world_pass(&w, 10 * MS - 1);
        assert_int_equal(w.running_len, 0);
        assert_false(pool_is_idle(w.pool));
        world_pass(&w, 1);
        assert_non_null(world_running(&w, 1));
        world_finish(&w);
        assert_int_equal(world_count(&w, TASK_SUCCEEDED), 2);
        world_fini(&w);
    }
}

/* Each wait twice as long as the one before, up to the bound. */
static void test_retries_with_exponential_delay(void **state)
{
    static const int64_t waits[] = {10 * MS, 20 * MS, 40 * MS, 50 * MS, 50 * MS};
    struct pool_config c = config(1, 1);
    (void)state;
    c.retries = 5;
    assert_int_equal(backoff_parse("10ms,exponential,max=50ms", &c.retry_delay, NULL, NULL), 0);
    world_init(&w, c);
    world_submit_many(&w, 1);
    world_settle(&w);
    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
        world_end_seq(&w, 1, ERR_EXIT_STATUS);
        world_pass(&w, waits[i] - 1);
        assert_int_equal(w.running_len, 0);
        world_pass(&w, 1);
        assert_int_equal(w.running_len, 1);
    }
    world_finish(&w);
    world_fini(&w);
}

/* Tasks that fail together come back one by one, none earlier than half the wait. */
static void test_retries_with_jitter(void **state)
{
    struct pool_config c = config(32, 1);
    (void)state;
    c.retries = 1;
    c.retry_delay = (struct backoff){.first_ns = 100 * MS, .jitter = true};
    c.chance = 4711;
    world_init(&w, c);
    world_submit_many(&w, 32);
    world_settle(&w);
    for (uint64_t i = 1; i <= 32; i++)
        world_end(&w, world_running(&w, i), ERR_EXIT_STATUS);
    world_pass(&w, 50 * MS - 1);
    assert_int_equal(w.running_len, 0);
    world_pass(&w, 25 * MS);
    assert_in_range(w.running_len, 6, 26);
    world_pass(&w, 25 * MS + 1);
    assert_int_equal(w.running_len, 32);
    world_finish(&w);
    world_fini(&w);
}

/* ---- --timeout N% ---- */

static void start_timed(unsigned slots, int64_t percent)
{
    struct pool_config c = config(slots, 2);
    c.timeout_percent = percent;
    world_init(&w, c);
}

/* Task `seq` takes so long and succeeds. */
static void succeed_after(uint64_t seq, int64_t ns)
{
    world_pass(&w, ns);
    world_end_seq(&w, seq, ERR_NONE);
}

static void test_timeout_by_median(void **state)
{
    (void)state;
    start_timed(1, 200);
    world_submit_many(&w, 5);
    world_settle(&w);
    succeed_after(1, 10 * MS);
    succeed_after(2, 400 * MS); /* of two nobody can tell what is usual */
    succeed_after(3, 20 * MS);
    world_pass(&w, 40 * MS - 1); /* twice the median, 20 ms */
    assert_non_null(world_running(&w, 4));
    world_pass(&w, 1);
    assert_null(world_running(&w, 4));
    assert_int_equal(world_last_seen(&w, TASK_TIMED_OUT)->seq, 4);
    assert_non_null(world_running(&w, 5));
    world_end_seq(&w, 5, ERR_NONE);
    world_fini(&w);
}

/* What runs already when the median becomes known, or smaller, is measured by it too; failures do not count for it. */
static void test_timeout_of_what_runs(void **state)
{
    (void)state;
    start_timed(2, 150);
    world_submit_many(&w, 6);
    world_settle(&w);
    world_pass(&w, 500 * MS);
    assert_int_equal(w.running_len, 2);
    world_end_seq(&w, 2, ERR_EXIT_STATUS);
    succeed_after(3, 100 * MS);
    succeed_after(4, 100 * MS);
    assert_non_null(world_running(&w, 1));
    succeed_after(5, 100 * MS);
    assert_null(world_running(&w, 1)); /* it had 800 ms */
    world_finish(&w);
    world_fini(&w);
}

/* A spec's own time comes first; a suspended task has its time afterwards; a retry has all of it. */
static void test_timeout_exceptions(void **state)
{
    (void)state;
    start_timed(1, 100);
    for (int i = 0; i < 3; i++) {
        world_submit_many(&w, 1);
        world_settle(&w);
        succeed_after((uint64_t)i + 1, 10 * MS);
    }
    struct spec *own = a_spec();
    own->timeout_ns = 0;
    task_unref(world_submit(&w, own));
    world_pass(&w, NS_PER_S);
    world_end_seq(&w, 4, ERR_EXIT_STATUS);

    struct spec *again = a_spec();
    again->retries = 1;
    struct task *t = world_submit(&w, again);
    world_pass(&w, 4 * MS);
    pool_suspend(w.pool, true, w.now);
    world_pass(&w, NS_PER_S);
    assert_int_equal(t->state, TASK_SUSPENDED);
    pool_suspend(w.pool, false, w.now);
    world_pass(&w, 6 * MS - 1);
    assert_int_equal(t->attempt, 1);
    world_pass(&w, 1);
    assert_int_equal(t->attempt, 2);
    assert_int_equal(t->state, TASK_RUNNING);
    world_pass(&w, 10 * MS - 1);
    assert_int_equal(t->state, TASK_RUNNING);
    world_pass(&w, 1);
    assert_int_equal(t->state, TASK_TIMED_OUT);
    task_unref(t);
    world_fini(&w);
}

/* ---- --delay ---- */

static void check_paced(struct pool_config c, unsigned starts)
{
    int64_t step = c.delay_ns;
    for (unsigned i = 1; i <= starts; i++) {
        assert_int_equal(w.started_len, i);
        world_pass(&w, step - 1);
        assert_int_equal(w.started_len, i);
        world_pass(&w, 1);
    }
    assert_int_equal(w.started_len, starts);
}

static void test_delay_between_starts(void **state)
{
    (void)state;
    for (int every = 0; every < 2; every++) {
        struct pool_config c = config(3, 2);
        c.delay_ns = 10 * MS;
        c.every_event = every;
        world_init(&w, c);
        world_submit_many(&w, 3);
        world_settle(&w);
        check_paced(c, 3);
        /* After a long silence there is nothing to catch up. */
        world_pass(&w, NS_PER_S);
        world_finish(&w);
        world_submit_many(&w, 2);
        world_settle(&w);
        assert_int_equal(w.started_len, 4);
        world_pass(&w, 10 * MS);
        assert_int_equal(w.started_len, 5);
        world_finish(&w);
        world_fini(&w);
    }
}

/* Whatever becomes ready during the delay starts after it: the next of a chunk, a retry, a daemon. */
static void test_delay_and_chunks(void **state)
{
    (void)state;
    for (int every = 0; every < 2; every++) {
        struct pool_config c = config(1, 1);
        c.delay_ns = 10 * MS;
        c.every_event = every;
        world_init(&w, c);
        pool_pause(w.pool, true, w.now);
        for (unsigned i = 0; i < 3; i++)
            task_unref(world_submit_chunk(&w, a_spec(), 1));
        pool_pause(w.pool, false, w.now);
        for (uint64_t seq = 1; seq <= 3; seq++) {
            world_pass(&w, 0);
            assert_int_equal(w.started_len, seq);
            world_end_seq(&w, seq, ERR_NONE);
            assert_int_equal(w.running_len, 0);
            world_pass(&w, 10 * MS);
        }
        assert_int_equal(w.ended_count, 3);
        world_fini(&w);
    }
}

static void test_delay_and_retries(void **state)
{
    (void)state;
    for (int every = 0; every < 2; every++) {
        struct pool_config c = config(1, 1);
        c.delay_ns = 10 * MS;
        c.retries = 2;
        c.every_event = every;
        world_init(&w, c);
        world_submit_many(&w, 1);
        world_pass(&w, 0);
        for (int i = 0; i < 3; i++) {
            world_pass(&w, MS);
            world_end_seq(&w, 1, ERR_EXIT_STATUS);
            assert_int_equal(w.running_len, 0);
            world_pass(&w, 10 * MS);
        }
        assert_int_equal(w.started_len, 3);
        assert_int_equal(w.ended_count, 1);
        world_fini(&w);
    }
}

static void test_delay_and_daemons(void **state)
{
    struct pool_config c = config(1, 1);
    (void)state;
    c.delay_ns = 10 * MS;
    world_init(&w, c);
    world_submit_many(&w, 1);
    struct spec *spec = a_spec();
    spec->daemon = true;
    task_unref(world_submit(&w, spec));
    world_settle(&w);
    assert_int_equal(w.running_len, 1);
    world_pass(&w, 10 * MS);
    assert_int_equal(w.running_len, 2);
    world_finish(&w);
    world_fini(&w);
}

/* ---- schedules ---- */

static void test_in_and_at(void **state)
{
    (void)state;
    world_init(&w, config(2, 1));
    int64_t real = world_real(&w);
    task_unref(world_submit_timed(&w, (struct schedule){.at_ns = real + 30 * MS}, NULL));
    task_unref(world_submit_timed(&w, (struct schedule){.in_ns = 20 * MS}, NULL));
    task_unref(world_submit_timed(&w, (struct schedule){.at_ns = real - NS_PER_S}, NULL)); /* past: at once */
    assert_int_equal(w.started_len, 1);
    assert_int_equal(w.started[0], 3);
    world_end_seq(&w, 3, ERR_NONE);
    world_pass(&w, 20 * MS - 1);
    assert_int_equal(w.started_len, 1);
    world_pass(&w, 1);
    assert_int_equal(w.started[1], 2);
    world_pass(&w, 10 * MS);
    assert_int_equal(w.started_len, 3);
    world_finish(&w);
    assert_true(pool_is_empty(w.pool));
    world_fini(&w);
}

static void submit_from(int64_t from_ns, struct schedule schedule)
{
    struct spec *spec = a_spec();
    spec->schedule = schedule;
    struct task *t = task_new(spec, NULL);
    spec_unref(spec);
    t->from_ns = from_ns;
    assert_int_equal(pool_submit(w.pool, t, w.now, world_real(&w), NULL), 0);
    world_settle(&w);
}

/* A delay counts from where the submitter says, and may be over; then nothing was missed. */
static void test_in_from_an_earlier_time(void **state)
{
    (void)state;
    world_init(&w, config(4, 1));
    int64_t from = w.now;
    submit_from(from, (struct schedule){.in_ns = 30 * MS});
    world_pass(&w, 20 * MS);
    submit_from(from, (struct schedule){.in_ns = 30 * MS});
    world_pass(&w, 10 * MS - 1);
    assert_int_equal(w.started_len, 0);
    world_pass(&w, 1);
    assert_int_equal(w.started_len, 2);
    world_pass(&w, 20 * MS);
    submit_from(from, (struct schedule){.in_ns = 30 * MS});
    assert_int_equal(w.started_len, 3);
    world_finish(&w);
    submit_from(from, (struct schedule){.in_ns = 5 * MS, .every_ns = 10 * MS, .times = 2});
    assert_int_equal(w.started_len, 4);
    world_finish(&w);
    world_pass(&w, 10 * MS - 1);
    assert_int_equal(w.started_len, 4);
    world_pass(&w, 1);
    assert_int_equal(w.started_len, 5);
    assert_int_equal(w.running[0]->missed, 0);
    world_finish(&w);
    assert_true(pool_is_empty(w.pool));
    world_fini(&w);
}

/* Same time: in the order of submission. */
static void test_ties(void **state)
{
    (void)state;
    world_init(&w, config(8, 2));
    for (int i = 0; i < 8; i++)
        task_unref(world_submit_timed(&w, (struct schedule){.in_ns = 5 * MS}, NULL));
    world_pass(&w, 5 * MS);
    assert_int_equal(w.started_len, 8);
    for (uint64_t i = 0; i < 8; i++)
        assert_int_equal(w.started[i], i + 1);
    world_finish(&w);
    world_fini(&w);
}

static void test_repeats_a_number_of_times(void **state)
{
    (void)state;
    for (int every = 0; every < 2; every++) {
        struct pool_config c = config(1, 1);
        c.every_event = every;
        world_init(&w, c);
        task_unref(world_submit_timed(&w, (struct schedule){.every_ns = 100 * MS, .times = 3}, "tick"));
        for (int i = 1; i <= 3; i++) {
            char id[24];
            assert_int_equal(w.started_len, i);
            assert_false(pool_is_idle(w.pool));
            world_pass(&w, 30 * MS);
            world_end(&w, w.running[0], i == 2 ? ERR_EXIT_STATUS : ERR_NONE);
            world_settle(&w);
            snprintf(id, sizeof id, "tick@%d", i);
            assert_string_equal(world_last_seen(&w, i == 2 ? TASK_FAILED : TASK_SUCCEEDED)->id, id);
            /* The next firing is known as soon as this one has ended, and idle is only who has none. */
            assert_int_equal(pool_is_idle(w.pool), i == 3);
            if (i < 3) {
                snprintf(id, sizeof id, "tick@%d", i + 1);
                assert_string_equal(world_last_seen(&w, TASK_SCHEDULED)->id, id);
            }
            world_pass(&w, 70 * MS - 1);
            assert_int_equal(w.started_len, i);
            world_pass(&w, 1);
        }
        assert_int_equal(w.started_len, 3);
        assert_int_equal(w.ended_count, 3);
        assert_true(pool_is_empty(w.pool));
        world_fini(&w);
    }
}

/* Without an id of its own the first one's number stands for all. */
static void test_repeats_without_id(void **state)
{
    (void)state;
    world_init(&w, config(1, 1));
    world_submit_many(&w, 1);
    world_finish(&w);
    task_unref(world_submit_timed(&w, (struct schedule){.every_ns = 10 * MS, .times = 2}, NULL));
    world_finish(&w);
    assert_string_equal(world_last_seen(&w, TASK_SUCCEEDED)->id, "2@1");
    world_pass(&w, 10 * MS);
    world_finish(&w);
    assert_string_equal(world_last_seen(&w, TASK_SUCCEEDED)->id, "2@2");
    assert_int_equal(world_last_seen(&w, TASK_SUCCEEDED)->seq, 3);
    world_fini(&w);
}

/* It runs through two and a half of its intervals: those are missed, and the beat is kept. */
static void test_missed(void **state)
{
    (void)state;
    world_init(&w, config(1, 1));
    int64_t start = w.now;
    task_unref(world_submit_timed(&w, (struct schedule){.every_ns = 100 * MS}, "m"));
    world_pass(&w, 250 * MS);
    assert_int_equal(w.started_len, 1); /* never two at a time */
    world_finish(&w);
    assert_int_equal(world_last_seen(&w, TASK_SUCCEEDED)->missed, 0);
    world_pass(&w, 49 * MS);
    assert_int_equal(w.started_len, 1);
    world_pass(&w, MS);
    assert_int_equal(w.now, start + 300 * MS);
    assert_int_equal(w.started_len, 2);
    world_finish(&w);
    assert_int_equal(world_last_seen(&w, TASK_SUCCEEDED)->missed, 2);
    world_pass(&w, 100 * MS);
    world_finish(&w);
    assert_int_equal(world_last_seen(&w, TASK_SUCCEEDED)->missed, 0);
    pool_end_all(w.pool, ERR_SHUTDOWN, ERR_SHUTDOWN, false, world_real(&w));
    world_settle(&w);
    assert_true(pool_is_empty(w.pool));
    world_fini(&w);
}

/* Retries belong to their firing; the next firing is due by the beat of the first. */
static void test_repeats_with_retries(void **state)
{
    struct pool_config c = config(1, 1);
    (void)state;
    c.retries = 1;
    c.retry_delay.first_ns = 30 * MS;
    world_init(&w, c);
    int64_t start = w.now;
    task_unref(world_submit_timed(&w, (struct schedule){.every_ns = 100 * MS, .times = 2}, "r"));
    world_end_seq(&w, 1, ERR_EXIT_STATUS);
    world_pass(&w, 30 * MS);
    world_end_seq(&w, 1, ERR_EXIT_STATUS);
    world_pass(&w, 69 * MS);
    assert_int_equal(w.started_len, 2);
    world_pass(&w, MS);
    assert_int_equal(w.now, start + 100 * MS);
    assert_int_equal(w.started_len, 3);
    assert_int_equal(w.running[0]->attempt, 1);
    assert_int_equal(w.running[0]->retries_left, 1);
    world_finish(&w);
    assert_true(pool_is_empty(w.pool));
    world_fini(&w);
}

/* A repeated task can be cancelled at any time of its life, and does not come back. */
static void test_cancel_a_repeated_one(void **state)
{
    (void)state;
    for (int when = 0; when < 4; when++) {
        world_init(&w, config(1, 1));
        struct task *t = world_submit_timed(&w, (struct schedule){.in_ns = 10 * MS, .every_ns = 100 * MS}, "c");
        enum pool_cancel answer = POOL_ENDED;
        if (when > 0)
            world_pass(&w, 10 * MS);
        if (when == 3) /* it has just ended; nobody has drained that yet */
            world_end(&w, t, ERR_NONE);
        answer = pool_cancel(w.pool, t, when == 2, w.now, world_real(&w));
        assert_int_equal(answer, POOL_CANCELLED);
        world_settle(&w);
        assert_int_equal(w.running_len, when == 1);
        world_finish(&w);
        world_pass(&w, NS_PER_S);
        assert_int_equal(w.started_len, when > 0);
        assert_int_equal(w.ended_count, 1);
        assert_true(pool_is_empty(w.pool));
        assert_int_equal(pool_cancel(w.pool, t, true, w.now, world_real(&w)), POOL_ENDED);
        task_unref(t);
        world_fini(&w);
    }
}

/* After the drain the old firing has ended for good; the new one's event names it, whatever events are kept. */
static void test_the_next_firing_is_told_with_the_end(void **state)
{
    struct pool_config c = config(1, 1);
    (void)state;
    world_init(&w, c);
    struct task *t = world_submit_timed(&w, (struct schedule){.every_ns = 100 * MS, .times = 2}, "n");
    world_end(&w, t, ERR_NONE);
    struct event_list events = {0};
    pool_drain(w.pool, &events, w.now, world_real(&w));
    assert_true(events.len >= 2);
    struct event *end = &events.items[events.len - 2], *next = &events.items[events.len - 1];
    assert_ptr_equal(end->task, t);
    assert_int_equal(end->to, TASK_SUCCEEDED);
    assert_true(t->due_again);
    assert_ptr_not_equal(next->task, t);
    assert_int_equal(next->to, TASK_SCHEDULED);
    assert_int_equal(next->from, TASK_SCHEDULED);
    assert_int_equal(pool_cancel(w.pool, next->task, false, w.now, world_real(&w)), POOL_CANCELLED);
    task_unref(end->task);
    free(events.items);
    world_pass(&w, NS_PER_S);
    assert_int_equal(w.started_len, 1);
    assert_true(pool_is_empty(w.pool));
    task_unref(t);
    world_fini(&w);
}

/* Tasks that repeat never go away, so they do not fill the queue. */
static void test_repeated_ones_leave_room(void **state)
{
    struct pool_config c = config(1, 1);
    (void)state;
    c.max_queue = 2;
    world_init(&w, c);
    for (int i = 0; i < 5; i++)
        task_unref(world_submit_timed(&w, (struct schedule){.in_ns = NS_PER_S, .every_ns = NS_PER_S}, NULL));
    assert_true(pool_has_room(w.pool));
    for (int i = 0; i < 2; i++)
        task_unref(world_submit_timed(&w, (struct schedule){.in_ns = NS_PER_S}, NULL));
    assert_false(pool_has_room(w.pool));
    pool_end_all(w.pool, ERR_SHUTDOWN, ERR_NONE, false, world_real(&w));
    assert_true(pool_has_room(w.pool));
    world_settle(&w);
    world_fini(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_retry_wanted),
        cmocka_unit_test(test_retry_delay),
        cmocka_unit_test(test_retries_end),
        cmocka_unit_test(test_success_ends_retries),
        cmocka_unit_test(test_retries_with_delay),
        cmocka_unit_test(test_retries_with_exponential_delay),
        cmocka_unit_test(test_retries_with_jitter),
        cmocka_unit_test(test_timeout_by_median),
        cmocka_unit_test(test_timeout_of_what_runs),
        cmocka_unit_test(test_timeout_exceptions),
        cmocka_unit_test(test_delay_between_starts),
        cmocka_unit_test(test_delay_and_chunks),
        cmocka_unit_test(test_delay_and_retries),
        cmocka_unit_test(test_delay_and_daemons),
        cmocka_unit_test(test_in_and_at),
        cmocka_unit_test(test_in_from_an_earlier_time),
        cmocka_unit_test(test_ties),
        cmocka_unit_test(test_repeats_a_number_of_times),
        cmocka_unit_test(test_repeats_without_id),
        cmocka_unit_test(test_missed),
        cmocka_unit_test(test_repeats_with_retries),
        cmocka_unit_test(test_cancel_a_repeated_one),
        cmocka_unit_test(test_the_next_firing_is_told_with_the_end),
        cmocka_unit_test(test_repeated_ones_leave_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
