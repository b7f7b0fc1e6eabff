/* Thousands of random operations on a pool in virtual time. What the world checks on the way (pool_support.h) is joined
 * by a model of each task: its events follow each other as the transition table says, attempts are as many as retries
 * allow, and in the end every task that was taken has exactly one ending event and every slot is free.
 *
 * The seed is printed with a failure; `test_pool_model SEED` runs that one alone.
 */
#include "pool_support.h"

#include <limits.h>
#include <time.h>

#define RUNS 150
#define STEPS 400

static struct world w;
static uint64_t random_state;

static uint64_t random_next(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static unsigned below(unsigned n)
{
    return (unsigned)(random_next() >> 11) % n;
}

static bool one_in(unsigned n)
{
    return below(n) == 0;
}

/* ---- the model ---- */

struct known {
    struct task *task; /* a reference; NULL: a further firing, which only its events make known */
    bool submitted;
};

struct model {
    struct known *known; /* by seq */
    size_t len, cap;
    size_t checked;      /* events of the world that were looked at */
    enum task_state *state; /* by seq */
    size_t state_cap;
    uint64_t submitted;
    uint64_t next_chunk;
    bool paused, suspended, over;
};

static struct model m;
static bool m_gated;

static void model_know(uint64_t seq, struct task *t)
{
    while (m.len <= seq) {
        GROW(m.known, m.len, m.cap);
        m.known[m.len++] = (struct known){0};
    }
    m.known[seq] = (struct known){.task = t, .submitted = true};
}

static enum task_state *model_state(uint64_t seq)
{
    while (seq >= m.state_cap) {
        size_t cap = m.state_cap ? 2 * m.state_cap : 64;
        m.state = realloc(m.state, cap * sizeof *m.state);
        assert_non_null(m.state);
        for (size_t i = m.state_cap; i < cap; i++)
            m.state[i] = TASK_STATES; /* not seen yet */
        m.state_cap = cap;
    }
    return &m.state[seq];
}

static void model_check_event(const struct seen *s)
{
    enum task_state *now = model_state(s->seq);
    if (*now == TASK_STATES) {
        assert_int_equal(s->from, s->to);
        assert_true(s->to == TASK_READY || s->to == TASK_SCHEDULED);
        assert_int_equal(s->attempt, 0);
        m.submitted++;
    } else {
        assert_true(task_may_become(s->from, s->to));
        /* An attempt that ended while it was suspended is continued without a word. */
        assert_true(s->from == *now || (*now == TASK_SUSPENDED && s->from == TASK_RUNNING));
    }
    if (s->to == TASK_RUNNING || s->to == TASK_SUSPENDED)
        assert_true(s->attempt >= 1);
    *now = s->to;
}

static void model_check(void)
{
    for (; m.checked < w.seen_len; m.checked++)
        model_check_event(&w.seen[m.checked]);
    struct summary s = {0};
    pool_summary(w.pool, &s);
    uint64_t total = 0, running = s.counts[TASK_RUNNING] + s.counts[TASK_SUSPENDED];
    for (int i = 0; i < TASK_STATES; i++)
        total += s.counts[i];
    assert_int_equal(total, m.submitted);
    assert_int_equal(running, w.running_len);
    assert_int_equal(pool_is_empty(w.pool), w.ended_count == total);
    /* One whose end was asked for is not stopped on its way there. */
    bool ends = false;
    for (size_t i = 0; i < w.running_len; i++)
        ends = ends || w.running[i]->why != ERR_NONE;
    if (m.suspended && !ends)
        assert_true(pool_all_suspended(w.pool));
}

/* ---- operations ---- */

static struct spec *random_spec(void)
{
    struct spec *spec = a_spec();
    spec->priority = (int64_t)below(4);
    spec->slots = one_in(4) ? 1 + below(w.slots + 2) : 1;
    spec->daemon = one_in(30);
    if (one_in(3))
        spec->retries = (int64_t)below(3);
    if (one_in(4))
        spec->retry_delay.first_ns = (int64_t)below(3) * 7 * MS;
    if (one_in(6))
        spec->schedule.in_ns = (int64_t)below(20) * MS;
    if (one_in(12)) {
        spec->schedule.every_ns = (1 + (int64_t)below(9)) * MS;
        spec->schedule.times = 1 + (int64_t)below(4);
        spec->daemon = false;
    }
    if (one_in(20))
        spec->schedule.at_ns = world_real(&w) - (int64_t)below(5) * MS;
    return spec;
}

static void submit_one(struct spec *spec, uint64_t chunk)
{
    struct task *t = world_submit_chunk(&w, spec, chunk);
    if (t)
        model_know(t->seq, t);
    else
        assert_true(m.over);
}

static void op_submit(void)
{
    pool_has_room(w.pool);
    if (!one_in(3)) {
        submit_one(random_spec(), 0);
        return;
    }
    struct spec *shared = random_spec();
    uint64_t chunk = ++m.next_chunk;
    for (unsigned i = 1 + below(6); i > 0; i--)
        submit_one(spec_ref(shared), chunk);
    spec_unref(shared);
}

static void op_end(void)
{
    static const enum error_code codes[] = {ERR_NONE, ERR_NONE, ERR_NONE, ERR_EXIT_STATUS,
                                            ERR_TIMEOUT, ERR_SPAWN, ERR_LOST, ERR_SIGNAL};
    if (w.running_len)
        world_end(&w, w.running[below((unsigned)w.running_len)], codes[below(8)]);
}

static void op_cancel(void)
{
    if (!m.len)
        return;
    struct task *t = m.known[below((unsigned)m.len)].task;
    if (!t)
        return;
    bool running = one_in(2), was_running = world_is_running(&w, t), had_ended = task_state_ended(t->state);
    bool due_again = t->due_again;
    enum pool_cancel answer = pool_cancel(w.pool, t, running, w.now, world_real(&w));
    if (had_ended)
        assert_int_equal(answer, due_again ? POOL_CANCELLED : POOL_ENDED);
    else if (was_running && !running && !due_again)
        assert_int_equal(answer, POOL_RUNNING);
    else
        assert_int_equal(answer, POOL_CANCELLED);
}

static void op_pass(void)
{
    world_pass(&w, (int64_t)below(12) * MS);
}

static void op_pause(void)
{
    m.paused = !m.paused;
    pool_pause(w.pool, m.paused, w.now);
}

static void op_suspend(void)
{
    m.suspended = !m.suspended;
    pool_suspend(w.pool, m.suspended, w.now);
}

static void op_stubborn(void)
{
    w.stubborn = !w.stubborn;
}

static void op_end_running(void)
{
    pool_end_all(w.pool, ERR_NONE, ERR_CANCELLED, one_in(2), world_real(&w));
}

static void op_slots(void)
{
    world_set_slots(&w, 1 + below(w.slots));
}

static void op_yield(void)
{
    pool_yield_youngest(w.pool, below(3));
}

static void op_hold(void)
{
    pool_hold_but(w.pool, one_in(2) ? UINT_MAX : below(4));
}

static void op_permit(void)
{
    pool_permit(w.pool, below(6), w.now + (int64_t)below(9) * MS, w.now);
}

static void step(void)
{
    static const struct {
        void (*op)(void);
        unsigned weight;
    } ops[] = {
        {op_submit, 30}, {op_end, 35}, {op_cancel, 10}, {op_pass, 15},
        {op_pause, 2}, {op_suspend, 2}, {op_stubborn, 1}, {op_end_running, 1},
        {op_slots, 1}, {op_yield, 3}, {op_hold, 3}, {op_permit, 20},
    };
    unsigned pick = below(123);
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++) {
        if (pick < ops[i].weight)
            return ops[i].op();
        pick -= ops[i].weight;
    }
}

/* ---- a run ---- */

static void run_begin(void)
{
    static const char *const policies[] = {"fifo", "lifo", "priority"};
    unsigned slots = 1 + below(9);
    struct pool_config config = {
        .slots = slots,
        .workers = 1 + below(slots),
        .policy = queue_policy_find(policies[below(3)]),
        .max_queue = 1 + below(20),
        .max_queue_bytes = one_in(2) ? SIZE_MAX : 5000,
        .retries = (int64_t)below(3),
        .retry_delay.first_ns = (int64_t)below(2) * 5 * MS,
        .delay_ns = one_in(4) ? 2 * MS : 0,
        .timeout_percent = one_in(4) ? 300 : 0,
        .every_event = true,
        .gated = one_in(3),
        .rate_gap_ns = one_in(5) ? 3 * MS : 0,
        .slots_most = one_in(3) ? slots + 5 : 0,
    };
    m_gated = config.gated;
    if (one_in(4))
        config.halt = (struct halt_rule){.when = one_in(2) ? HALT_SOON : HALT_NOW, .what = HALT_FAIL,
                                         .count = 10 + (int64_t)below(30)};
    m = (struct model){0};
    world_init(&w, config);
}

/* All that is there comes to its end: by itself, or because the pool is ended. */
static void run_to_the_end(void)
{
    w.stubborn = false;
    pool_pause(w.pool, false, w.now);
    pool_suspend(w.pool, false, w.now);
    m.suspended = false;
    world_settle(&w);
    if (one_in(3)) {
        m.over = true;
        pool_end_all(w.pool, ERR_SHUTDOWN, ERR_SHUTDOWN, one_in(2), world_real(&w));
        world_settle(&w);
        assert_int_equal(w.running_len, 0);
    }
    for (int i = 0; i < 100000 && !pool_is_idle(w.pool); i++) {
        pool_hold_but(w.pool, UINT_MAX);
        if (m_gated)
            pool_permit(w.pool, 1000, INT64_MAX, w.now);
        if (w.running_len)
            world_end(&w, w.running[below((unsigned)w.running_len)], one_in(5) ? ERR_EXIT_STATUS : ERR_NONE);
        world_pass(&w, MS);
    }
    assert_true(pool_is_idle(w.pool));
    pool_end_daemons(w.pool, world_real(&w));
    world_finish(&w); /* a daemon that was stubborn when it was asked to end */
    assert_true(pool_is_empty(w.pool));
    model_check();
}

static void run_check(void)
{
    struct summary s = {0};
    pool_summary(w.pool, &s);
    assert_int_equal(w.ended_count, m.submitted);
    for (uint64_t seq = 1; seq <= m.submitted; seq++)
        assert_int_equal(w.ended[seq], 1);
    for (size_t seq = 0; seq < m.len; seq++) {
        struct task *t = m.known[seq].task;
        if (!t)
            continue;
        assert_int_equal(t->seq, seq);
        assert_true(task_state_ended(t->state));
        assert_int_equal(t->refs, 1);
        assert_int_equal(t->more_slots_len, 0);
        task_unref(t);
    }
    if (m_gated)
        pool_permit(w.pool, 1000, INT64_MAX, w.now);
    if (!pool_is_closed(w.pool))
        world_check_slots(&w);
}

static void run(uint64_t seed)
{
    random_state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    run_begin();
    for (int i = 0; i < STEPS; i++) {
        m.over = pool_is_closed(w.pool);
        step();
        if (!one_in(4)) { /* else several things happen before anybody looks */
            world_settle(&w);
            model_check();
        }
    }
    m.over = pool_is_closed(w.pool);
    run_to_the_end();
    run_check();
    world_fini(&w);
    free(m.known);
    free(m.state);
}

static uint64_t first_seed;
static unsigned runs = RUNS;

static void test_random(void **state)
{
    (void)state;
    for (unsigned i = 0; i < runs; i++) {
        char text[64];
        snprintf(text, sizeof text, "%llu", (unsigned long long)(first_seed + i));
        setenv("POOL_MODEL_SEED", text, 1); /* to be found in a core too */
        run(first_seed + i);
    }
}

static void tell_seed(void)
{
    const char *seed = getenv("POOL_MODEL_SEED");
    if (seed)
        fprintf(stderr, "the last seed was %s\n", seed);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random)};
    first_seed = (uint64_t)time(NULL) * 1000;
    if (argc > 1) {
        first_seed = strtoull(argv[1], NULL, 10);
        runs = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 1;
    }
    unsetenv("POOL_MODEL_SEED");
    atexit(tell_seed);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
