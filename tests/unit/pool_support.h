/* A pool with a fake executor in virtual time.
 *
 * The world stands for everything around a pool: workers that take tasks only when they were woken or have just
 * finished one, as the supervisors do, and a main thread that drains and ticks only when it was notified or the time
 * has come. So a wake-up that the pool forgets shows. world_settle lets all of them act until nothing is left to do, and
 * then asks once more without having been woken: there must be nothing to take.
 *
 * A task runs until the test ends it. The world checks on the way that no slot number is used twice at a time, that
 * there are never more in use than there are, and that every task has exactly one ending event.
 */
#ifndef JOBPOOL_TESTS_POOL_SUPPORT_H
#define JOBPOOL_TESTS_POOL_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/duration.h"
#include "pool/pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS NS_PER_MS
#define WORLD_START (1000 * NS_PER_S)
#define WORLD_REAL INT64_C(1800000000000000000)

struct seen {
    uint64_t seq;
    char id[TASK_ID_SIZE];
    enum task_state from, to;
    unsigned attempt, slot;
    enum error_code why;
    int64_t missed;
};

struct world {
    struct executor base;
    struct pool *pool;
    struct dispatcher dispatcher;
    unsigned slots;
    bool woken[64];
    bool notified;
    bool stubborn;         /* running tasks do not end when they are asked to */
    int64_t now;
    int64_t clock_ahead;   /* how far the wall clock was set */
    struct pool_times next_tick;
    struct task **running;
    size_t running_len, running_cap;
    size_t most_running;
    bool *slot_used;
    unsigned in_use;
    uint64_t *started;     /* seqs in the order of their starts */
    size_t started_len, started_cap;
    struct seen *seen;     /* every event */
    size_t seen_len, seen_cap;
    uint8_t *ended;        /* by seq */
    size_t ended_cap;
    size_t ended_count;
};

#define GROW(array, len, cap) \
    do { \
        if ((len) == (cap)) { \
            (cap) = (cap) ? 2 * (cap) : 64; \
            (array) = realloc((array), (cap) * sizeof *(array)); \
            assert_non_null(array); \
        } \
    } while (0)

static inline int64_t world_real(const struct world *w)
{
    return WORLD_REAL + w->now + w->clock_ahead;
}

static inline void world_wake(struct executor *e, unsigned worker)
{
    struct world *w = (struct world *)e;
    assert_true(worker < w->base.workers);
    w->woken[worker] = true;
}

static inline void world_notify(void *context)
{
    ((struct world *)context)->notified = true;
}

/* `config` needs only what differs from: fifo, a large queue, every event. */
static inline void world_init(struct world *w, struct pool_config config)
{
    static const struct executor_ops ops = {.wake = world_wake};
    *w = (struct world){.base = {&ops, config.workers}, .slots = config.slots, .now = WORLD_START};
    if (!config.policy)
        config.policy = queue_policy_find("fifo");
    if (!config.max_queue)
        config.max_queue = 1000000;
    if (!config.max_queue_bytes)
        config.max_queue_bytes = SIZE_MAX;
    config.notify = world_notify;
    config.notify_context = w;
    w->pool = pool_new(&config);
    w->dispatcher = pool_dispatcher(w->pool);
    w->slot_used = calloc(config.slots + 1, sizeof *w->slot_used);
    pool_set_executor(w->pool, &w->base);
}

static inline void world_fini(struct world *w)
{
    assert_int_equal(w->running_len, 0);
    pool_free(w->pool);
    free(w->running);
    free(w->slot_used);
    free(w->started);
    free(w->seen);
    free(w->ended);
}

/* ---- the executor ---- */

static inline void world_use_slot(struct world *w, unsigned slot, bool use)
{
    assert_in_range(slot, 1, w->slots);
    assert_int_equal(w->slot_used[slot], !use);
    w->slot_used[slot] = use;
    w->in_use = use ? w->in_use + 1 : w->in_use - 1;
}

static inline void world_use_slots(struct world *w, const struct task *t, bool use)
{
    assert_int_equal(t->slot == 0, t->spec->daemon);
    if (t->slot)
        world_use_slot(w, t->slot, use);
    for (unsigned i = 0; i < t->more_slots_len; i++)
        world_use_slot(w, t->more_slots[i], use);
}

static inline void world_start(struct world *w, unsigned worker, struct task *t)
{
    assert_int_equal(t->state, TASK_RUNNING);
    assert_int_equal(t->worker, worker);
    world_use_slots(w, t, true);
    unsigned width = t->spec->daemon ? 0 : t->spec->slots < w->slots ? t->spec->slots : w->slots;
    assert_int_equal((t->slot ? 1 : 0) + t->more_slots_len, width);
    t->outcome.started_ns = w->now;
    t->outcome.pid = 1000 + (pid_t)t->seq;
    GROW(w->running, w->running_len, w->running_cap);
    w->running[w->running_len++] = t;
    if (w->running_len > w->most_running)
        w->most_running = w->running_len;
    GROW(w->started, w->started_len, w->started_cap);
    w->started[w->started_len++] = t->seq;
    w->dispatcher.started(w->pool, t, t->outcome.pid, world_real(w));
}

static inline bool world_is_running(const struct world *w, const struct task *t)
{
    for (size_t i = 0; i < w->running_len; i++)
        if (w->running[i] == t)
            return true;
    return false;
}

/* The attempt of `t` ends; its worker looks for more. */
static inline void world_end(struct world *w, struct task *t, enum error_code code)
{
    size_t i = 0;
    while (i < w->running_len && w->running[i] != t)
        i++;
    assert_true(i < w->running_len);
    w->running[i] = w->running[--w->running_len];
    world_use_slots(w, t, false);
    if (code != ERR_NONE)
        outcome_fail(&t->outcome, code, "for a test");
    t->outcome.finished_ns = w->now;
    t->outcome.finished_real_ns = world_real(w);
    w->woken[t->worker] = true;
    w->dispatcher.done(w->pool, t, w->now);
}

static inline void world_obey(struct world *w, unsigned worker)
{
    enum task_order order;
    struct task *t;
    while ((t = w->dispatcher.next_order(w->pool, worker, &order))) {
        assert_true(world_is_running(w, t));
        assert_int_equal(t->worker, worker);
        if (order == ORDER_SUSPEND || order == ORDER_RESUME)
            w->dispatcher.suspended(w->pool, t, order == ORDER_SUSPEND);
        else if (!w->stubborn || order == ORDER_KILL)
            world_end(w, t, t->why);
    }
}

static inline bool world_work(struct world *w, unsigned worker)
{
    struct task *t;
    bool any = false;
    while ((t = w->dispatcher.take(w->pool, worker, w->now))) {
        world_start(w, worker, t);
        any = true;
    }
    return any;
}

/* ---- the main thread ---- */

static inline void world_see(struct world *w, const struct event *event)
{
    struct task *t = event->task;
    char text[TASK_ID_SIZE];
    GROW(w->seen, w->seen_len, w->seen_cap);
    struct seen *s = &w->seen[w->seen_len++];
    *s = (struct seen){.seq = t->seq, .from = event->from, .to = event->to, .attempt = event->attempt,
                       .slot = event->slot, .why = event->why, .missed = t->missed};
    snprintf(s->id, sizeof s->id, "%s", task_id(t, text));
    while (t->seq >= w->ended_cap) {
        size_t cap = w->ended_cap ? 2 * w->ended_cap : 64;
        w->ended = realloc(w->ended, cap);
        assert_non_null(w->ended);
        memset(w->ended + w->ended_cap, 0, cap - w->ended_cap);
        w->ended_cap = cap;
    }
    assert_int_equal(w->ended[t->seq], 0); /* nothing follows the end */
    if (task_state_ended(event->to)) {
        assert_int_equal(t->state, event->to);
        assert_false(world_is_running(w, t));
        w->ended[t->seq] = 1;
        w->ended_count++;
    }
}

static inline void world_drain(struct world *w)
{
    struct event_list events = {0};
    w->notified = false;
    pool_drain(w->pool, &events, w->now, world_real(w));
    for (size_t i = 0; i < events.len; i++)
        world_see(w, &events.items[i]);
    for (size_t i = 0; i < events.len; i++)
        if (task_state_ended(events.items[i].to))
            task_unref(events.items[i].task);
    free(events.items);
    w->next_tick = pool_tick(w->pool, w->now, world_real(w));
}

/* ---- together ---- */

/* How long until the pool wants to be ticked; INT64_MAX: it does not. */
static inline int64_t world_left(const struct world *w)
{
    int64_t mono = w->next_tick.mono_ns ? w->next_tick.mono_ns - w->now : INT64_MAX;
    int64_t real = w->next_tick.real_ns ? w->next_tick.real_ns - world_real(w) : INT64_MAX;
    int64_t left = mono < real ? mono : real;
    return left > 0 ? left : 0;
}

static inline void world_settle(struct world *w)
{
    bool any;
    do {
        any = false;
        for (unsigned i = 0; i < w->base.workers; i++) {
            if (!w->woken[i])
                continue;
            any = true;
            w->woken[i] = false;
            world_obey(w, i);
            world_work(w, i);
        }
        if (w->notified || world_left(w) == 0) {
            any = true;
            world_drain(w);
        }
    } while (any);
    for (unsigned i = 0; i < w->base.workers; i++)
        assert_false(world_work(w, i)); /* a wake-up was forgotten */
    assert_in_range(w->in_use, 0, w->slots);
}

/* Time goes on; whatever is due on the way happens at its time. */
static inline void world_pass(struct world *w, int64_t ns)
{
    int64_t until = w->now + ns;
    world_settle(w);
    while (world_left(w) <= until - w->now) {
        assert_true(world_left(w) > 0);
        w->now += world_left(w);
        world_settle(w);
    }
    w->now = until;
    world_settle(w);
}

/* The wall clock is set, by so much. */
static inline void world_set_clock(struct world *w, int64_t ns)
{
    w->clock_ahead += ns;
    world_settle(w);
}

static inline struct spec *a_spec(void)
{
    return spec_new();
}

/* Submits a task of `spec` (a reference of it is taken over) and gives it back with a reference for the test; NULL if the
 * pool took it no more. */
static inline struct task *world_submit_chunk(struct world *w, struct spec *spec, uint64_t chunk)
{
    struct task *t = task_new(spec, NULL);
    spec_unref(spec);
    t->chunk = chunk;
    task_ref(t);
    struct error err;
    if (pool_submit(w->pool, t, w->now, world_real(w), &err) == 0)
        return t;
    assert_int_equal(err.code, ERR_CLOSED);
    task_unref(t);
    return NULL;
}

static inline struct task *world_submit(struct world *w, struct spec *spec)
{
    return world_submit_chunk(w, spec, 0);
}

/* The same for a task with a schedule; settles. */
static inline struct task *world_submit_timed(struct world *w, struct schedule schedule, const char *id)
{
    struct spec *spec = a_spec();
    spec->schedule = schedule;
    spec->id = id ? strdup(id) : NULL;
    struct task *t = world_submit(w, spec);
    world_settle(w);
    return t;
}

/* Submits `n` plain tasks that the test need not hold. */
static inline void world_submit_many(struct world *w, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        task_unref(world_submit(w, a_spec()));
}

/* The last event of that kind. */
static inline const struct seen *world_last_seen(const struct world *w, enum task_state to)
{
    for (size_t i = w->seen_len; i > 0; i--)
        if (w->seen[i - 1].to == to)
            return &w->seen[i - 1];
    fail_msg("no such event");
    return NULL;
}

static inline struct task *world_running(const struct world *w, uint64_t seq)
{
    for (size_t i = 0; i < w->running_len; i++)
        if (w->running[i]->seq == seq)
            return w->running[i];
    return NULL;
}

/* Ends the running task with this number and settles. */
static inline void world_end_seq(struct world *w, uint64_t seq, enum error_code code)
{
    struct task *t = world_running(w, seq);
    assert_non_null(t);
    world_end(w, t, code);
    world_settle(w);
}

/* Ends whatever runs, until nothing does. */
static inline void world_finish(struct world *w)
{
    world_settle(w);
    while (w->running_len) {
        world_end(w, w->running[0], ERR_NONE);
        world_settle(w);
    }
}

static inline uint64_t world_count(const struct world *w, enum task_state state)
{
    struct summary s = {0};
    pool_summary(w->pool, &s);
    return s.counts[state];
}

/* All slots are free again: as many tasks as there are slots run at the same time. */
static inline void world_check_slots(struct world *w)
{
    world_settle(w);
    assert_int_equal(w->running_len, 0);
    world_submit_many(w, w->slots);
    world_pass(w, NS_PER_S); /* for --delay */
    assert_int_equal(w->running_len, w->slots);
    world_finish(w);
}

#endif
