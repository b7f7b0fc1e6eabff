/* Admission and dispatch. See pool.h for who calls what, pool_state.h for the parts.
 *
 * A task's way: pool_submit → scheduled heap or ready queue → take (slot, worker) → done → an event that
 * ends it, or the queue again. The pool's reference travels with the ending event to the main thread.
 *
 * A chunk (tasks with the same number, submitted behind each other) is taken whole: its first task starts,
 * the others, those that come while it has the slot too, wait in the lane of its slot, and go on there one
 * after another, whatever the first ones came to.
 */
#include "pool/pool.h"

#include "base/alloc.h"
#include "pool/pool_end.h"
#include "pool/pool_gate.h"
#include "pool/pool_state.h"
#include "pool/pool_time.h"
#include "pool/retry.h"
#include "pool/split.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

struct pool *pool_new(const struct pool_config *config)
{
    struct pool *p = xcalloc(1, sizeof *p);
    pthread_mutex_init(&p->lock, NULL);
    p->config = *config;
    assert(config->workers >= 1 && config->workers <= POOL_MAX_WORKERS);
    p->workers = xcalloc(config->workers, sizeof *p->workers);
    for (unsigned i = 0; i < config->workers; i++) {
        list_init(&p->workers[i].orders);
        list_init(&p->workers[i].lanes);
    }
    p->workers_present = config->workers;
    pool_set_cap_locked(p);
    queue_init(&p->queue, config->policy);
    list_init(&p->daemons);
    heap_init(&p->scheduled, pool_due_less);
    heap_init(&p->scheduled_by_clock, pool_due_less);
    list_init(&p->all);
    list_init(&p->running);
    if (config->timeout_percent)
        p->runtimes = xcalloc(1, sizeof *p->runtimes);
    slots_init(&p->slots, config->slots);
    p->slots_most = config->slots_most > config->slots ? config->slots_most : config->slots;
    return p;
}

/* With the references that the ends of tasks brought along. */
static void event_list_drop(struct event_list *list)
{
    for (size_t i = 0; i < list->len; i++) {
        live_output_free(list->items[i].output);
        if (task_state_ended(list->items[i].to))
            task_unref(list->items[i].task);
    }
    free(list->items);
}

void pool_free(struct pool *p)
{
    if (!p)
        return;
    struct list_node *node;
    while ((node = list_pop_front(&p->all))) {
        struct task *t = list_entry(node, struct task, in_pool);
        assert(!t->in_orders.next);
        task_unref(t);
    }
    event_list_drop(&p->events);
    event_list_drop(&p->held);
    queue_fini(&p->queue);
    heap_fini(&p->scheduled);
    heap_fini(&p->scheduled_by_clock);
    slots_fini(&p->slots);
    free(p->lanes);
    free(p->runtimes);
    free(p->workers);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

void pool_set_executor(struct pool *p, struct executor *e)
{
    struct pool_wakes w = {0};
    pthread_mutex_lock(&p->lock);
    p->executor = e;
    for (unsigned i = 0; i < p->config.workers; i++)
        p->workers[i].idle = true;
    pool_wake_one_locked(p, INT64_MAX, &w); /* who takes a task wakes the next one */
    pool_unlock(p, &w);
}

unsigned pool_slots(const struct pool *p)
{
    return p->config.slots;
}

/* ---- admission ---- */

int pool_submit(struct pool *p, struct task *t, int64_t mono_ns, int64_t real_ns, struct error *err)
{
    struct pool_wakes w = {0};
    pthread_mutex_lock(&p->lock);
    if (p->closed || p->stopped || p->halted) {
        pthread_mutex_unlock(&p->lock);
        task_unref(t);
        return error_set(err, ERR_CLOSED, "the pool is closed: it takes no more tasks");
    }
    pool_prepare_locked(p, t, real_ns);
    if (schedule_is_timed(&t->spec->schedule)) {
        pool_admit_locked(p, t, TASK_SCHEDULED);
        pool_schedule_first_locked(p, t, mono_ns);
        w.main = true; /* the main thread's timers may have to be earlier */
    } else {
        pool_admit_locked(p, t, TASK_READY);
        pool_enqueue_locked(p, t, mono_ns);
        pool_wake_one_locked(p, mono_ns, &w);
    }
    pool_event_locked(p, t, t->state, real_ns, &w);
    pool_unlock(p, &w);
    return 0;
}

bool pool_has_room(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    bool room = pool_has_room_locked(p);
    p->wants_room = !room;
    pthread_mutex_unlock(&p->lock);
    return room;
}

bool pool_has_room_for(struct pool *p, size_t tasks, size_t bytes)
{
    pthread_mutex_lock(&p->lock);
    bool room = pool_has_room_locked(p) && tasks <= p->config.max_queue - p->waiting &&
                bytes < p->config.max_queue_bytes - p->waiting_bytes;
    pthread_mutex_unlock(&p->lock);
    return room;
}

/* ---- dispatch ---- */

/* The tasks that follow `first` in its chunk go from the queue into the lane of its slot; those that become
 * ready later will follow them. */
static void pool_fill_lane_locked(struct pool *p, const struct task *first)
{
    struct task *t;
    while ((t = queue_peek(&p->queue)) && t->chunk == first->chunk) {
        queue_remove(&p->queue, t);
        pool_enter_lane_locked(p, t, first->slot);
    }
    if (first->chunk == p->chunk)
        p->chunk_slot = first->slot;
}

/* More than one slot: the first is the task's number, the others are only taken. Their numbers follow in the
 * task's own memory, so that they can be given back. */
static void pool_take_slots_locked(struct pool *p, struct task *t)
{
    unsigned width = pool_width(p, t);
    t->slot = width ? slots_take(&p->slots) : 0;
    if (width > 1) {
        t->more_slots = xcalloc(width - 1, sizeof *t->more_slots);
        t->more_slots_len = width - 1;
        for (unsigned i = 0; i < t->more_slots_len; i++)
            t->more_slots[i] = slots_take(&p->slots);
    }
    if (t->chunk && width)
        pool_fill_lane_locked(p, t);
}

/* Picks what this worker is to run now: the chunk that it is in, a daemon, the queue's head. NULL:
 * nothing. */
static struct task *pool_pick_locked(struct pool *p, struct pool_worker *worker)
{
    struct list_node *node = list_pop_front(&worker->lanes);
    if (node)
        return list_entry(node, struct task, in_queue);
    node = list_pop_front(&p->daemons);
    if (node)
        return list_entry(node, struct task, in_queue);
    if (!pool_can_take_locked(p, worker))
        return NULL;
    struct task *t = queue_pop(&p->queue);
    pool_take_slots_locked(p, t);
    return t;
}

static struct task *pool_take_one(struct pool *p, unsigned number, int64_t mono_ns)
{
    struct pool_worker *worker = &p->workers[number];
    struct pool_wakes w = {0};
    pthread_mutex_lock(&p->lock);
    bool may_start = pool_may_start_locked(p, mono_ns) && pool_is_permitted_locked(p, mono_ns);
    struct task *t = may_start ? pool_pick_locked(p, worker) : NULL;
    worker->idle = !t;
    if (t) {
        pool_become_locked(p, t, TASK_RUNNING);
        p->starting++;
        t->attempt++;
        t->worker = number;
        t->holds_slot = false;
        t->begun_ns = mono_ns;
        t->timeout_ns = 0;
        t->held = false;
        list_push_back(&p->running, &t->in_running);
        if (p->runtimes)
            w.main = true; /* its time may be over before that of others */
        if (t->attempt > 1)
            p->retried++;
        if (t->slot)
            worker->running++;
        pool_count_start_locked(p, mono_ns, &w);
        pool_check_room_locked(p, &w);
        pool_wake_one_locked(p, mono_ns, &w);
    }
    pool_unlock(p, &w);
    return t;
}

static void pool_done(void *pool, struct task *t, int64_t mono_ns);

/* Whoever has to be asked before a start may do slow things: he is asked without the lock, when all is decided. */
static bool pool_is_let(struct pool *p, struct task *t, int64_t mono_ns)
{
    if (!p->config.starting || p->config.starting(p->config.attempt_context, t))
        return true;
    pthread_mutex_lock(&p->lock);
    t->why = t->outcome.code;
    pthread_mutex_unlock(&p->lock);
    pool_done(p, t, mono_ns);
    return false;
}

static struct task *pool_take(void *pool, unsigned number, int64_t mono_ns)
{
    struct task *t;
    do
        t = pool_take_one(pool, number, mono_ns);
    while (t && !pool_is_let(pool, t, mono_ns));
    return t;
}

static void pool_started(void *pool, struct task *t, pid_t pid, int64_t real_ns)
{
    struct pool *p = pool;
    struct pool_wakes w = {0};
    pthread_mutex_lock(&p->lock);
    t->pid = pid;
    t->running_real_ns = real_ns;
    pool_event_locked(p, t, TASK_READY, real_ns, &w);
    pool_not_starting_locked(p, &w);
    pool_unlock(p, &w);
}

static void pool_output(void *pool, struct task *t, struct live_output *output)
{
    struct pool *p = pool;
    struct pool_wakes w = {.main = true};
    pthread_mutex_lock(&p->lock);
    pool_event_add(&p->events, t, t->state, 0);
    p->events.items[p->events.len - 1].output = output;
    pool_unlock(p, &w);
}

static void pool_release_slots_locked(struct pool *p, struct task *t)
{
    if (!t->slot)
        return;
    p->workers[t->worker].running--;
    pool_pass_slots_locked(p, t);
}

/* The next of a row of numbers that look random (a 64-bit xorshift). */
static uint64_t pool_chance_locked(struct pool *p)
{
    uint64_t x = p->config.chance ? p->config.chance : 1;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    p->config.chance = x;
    return x;
}

/* Nothing is left of the last attempt but its outcome, which the event shows. */
static void pool_reset_locked(struct task *t)
{
    t->slot = 0;
    t->chunk = 0;
    rendering_fini(&t->rendering);
}

/* The task runs again, after a delay. */
static void pool_again_locked(struct pool *p, struct task *t, int64_t delay, int64_t mono_ns, int64_t real_ns,
                              struct pool_wakes *w)
{
    enum task_state from = t->state;
    pool_reset_locked(t);
    if (delay > 0) {
        pool_become_locked(p, t, TASK_SCHEDULED);
        pool_schedule_locked(p, t, (struct due){mono_ns + delay, false});
        w->main = true;
    } else {
        pool_make_ready_locked(p, t, mono_ns);
        w->main = w->main || p->paused; /* whoever paused it until this task ends sees that it waits again */
    }
    pool_event_locked(p, t, from, real_ns, w);
    outcome_fini(&t->outcome);
}

static void pool_retry_locked(struct pool *p, struct task *t, int64_t mono_ns, int64_t real_ns,
                              struct pool_wakes *w)
{
    t->retries_left--;
    t->failures++;
    int64_t delay = retry_delay_ns(t, &p->config.retry_delay, pool_chance_locked(p));
    pool_again_locked(p, t, delay, mono_ns, real_ns, w);
}

/* Both halves start anew, as if they had been submitted like this. */
static void pool_split_locked(struct pool *p, struct task *t, int64_t mono_ns, int64_t real_ns, struct pool_wakes *w)
{
    struct task *other = split_take(t);
    t->attempt = 0;
    t->size = sizeof *t + t->args.len;
    pool_again_locked(p, t, 0, mono_ns, real_ns, w);
    pool_prepare_locked(p, other, real_ns);
    split_chain(t, other);
    pool_admit_locked(p, other, TASK_READY);
    pool_enqueue_locked(p, other, mono_ns);
    pool_event_locked(p, other, other->state, real_ns, w);
}

static int64_t pool_total_locked(const struct pool *p)
{
    if (p->config.total)
        return p->config.total;
    return p->input_ended ? (int64_t)p->last_place : -1;
}

int64_t pool_total(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    int64_t total = pool_total_locked(p);
    pthread_mutex_unlock(&p->lock);
    return total;
}

/* Nothing is taken after the end that fulfils the rule: this is decided under the same lock. */
static void pool_check_halt_locked(struct pool *p, int64_t real_ns, struct pool_wakes *w)
{
    if (p->halted || p->stopped || !halt_reached(&p->config.halt, p->succeeded, p->failed, pool_total_locked(p)))
        return;
    p->halted = true;
    pool_end_locked(p, ERR_HALTED, p->config.halt.when == HALT_NOW ? ERR_HALTED : ERR_NONE, false, real_ns,
                    w);
}

static bool pool_tries_again_locked(const struct pool *p, const struct task *t)
{
    return !p->stopped && !p->halted && retry_wanted(t);
}

/* Whoever keeps record of attempts may do slow things, too. */
static void pool_tell_end(struct pool *p, const struct task *t)
{
    pthread_mutex_lock(&p->lock);
    bool again = pool_tries_again_locked(p, t);
    pthread_mutex_unlock(&p->lock);
    p->config.ended(p->config.attempt_context, t, again);
}

void pool_input_ended(struct pool *p, int64_t real_ns)
{
    struct pool_wakes w = {0};
    pthread_mutex_lock(&p->lock);
    p->input_ended = true;
    p->config.total = 0;
    pool_check_halt_locked(p, real_ns, &w);
    pool_unlock(p, &w);
}

static void pool_done(void *pool, struct task *t, int64_t mono_ns)
{
    struct pool *p = pool;
    struct pool_wakes w = {0};
    int64_t real_ns = t->outcome.finished_real_ns;
    if (p->config.ended)
        pool_tell_end(p, t);
    pthread_mutex_lock(&p->lock);
    list_remove(&t->in_orders);
    list_remove(&t->in_running);
    t->order = ORDER_NONE;
    bool was_started = t->pid != 0;
    t->pid = 0;
    if (t->state == TASK_SUSPENDED)
        pool_become_locked(p, t, TASK_RUNNING);
    pool_release_slots_locked(p, t);
    if (p->runtimes && t->outcome.code == ERR_NONE && !t->spec->daemon) {
        median_add(p->runtimes, mono_ns - t->begun_ns);
        w.main = true; /* what others may take has changed */
    }
    bool yielded = pool_yielded_locked(p, t);
    if (!yielded)
        pool_adapt_delay_locked(p, t);
    if (yielded)
        pool_again_locked(p, t, 0, mono_ns, real_ns, &w);
    else if (!p->stopped && !p->halted && split_wanted(t))
        pool_split_locked(p, t, mono_ns, real_ns, &w);
    else if (pool_tries_again_locked(p, t))
        pool_retry_locked(p, t, mono_ns, real_ns, &w);
    else
        pool_ended_locked(p, t, real_ns, &w);
    pool_check_halt_locked(p, real_ns, &w);
    if (!was_started)
        pool_not_starting_locked(p, &w);
    p->workers[t->worker].idle = false; /* it asks next, without being woken */
    pool_wake_one_locked(p, mono_ns, &w);
    pool_unlock(p, &w);
}

static struct task *pool_next_order(void *pool, unsigned number, enum task_order *order)
{
    struct pool *p = pool;
    struct task *t = NULL;
    pthread_mutex_lock(&p->lock);
    struct list_node *node = list_pop_front(&p->workers[number].orders);
    if (node) {
        t = list_entry(node, struct task, in_orders);
        *order = t->order;
        t->order = ORDER_NONE;
    }
    pthread_mutex_unlock(&p->lock);
    return t;
}

static void pool_suspended(void *pool, struct task *t, bool is_suspended, int64_t mono_ns)
{
    struct pool *p = pool;
    struct pool_wakes w = {.main = true};
    enum task_state to = is_suspended ? TASK_SUSPENDED : TASK_RUNNING;
    pthread_mutex_lock(&p->lock);
    if (t->state != to) {
        enum task_state from = t->state;
        if (is_suspended)
            t->suspended_ns = mono_ns;
        else
            t->begun_ns += mono_ns - t->suspended_ns;
        pool_become_locked(p, t, to);
        pool_event_locked(p, t, from, 0, &w);
    }
    pool_unlock(p, &w);
}

/* The first worker is never absent. */
static void pool_absent(void *pool, unsigned number)
{
    struct pool *p = pool;
    struct pool_wakes w = {0};
    pthread_mutex_lock(&p->lock);
    p->workers[number].idle = false; /* it is not woken again */
    p->workers_present -= !p->workers[number].absent;
    p->workers[number].absent = true;
    pool_set_cap_locked(p);
    pool_wake_one_locked(p, INT64_MAX, &w);
    pool_unlock(p, &w);
}

struct dispatcher pool_dispatcher(struct pool *p)
{
    return (struct dispatcher){
        .pool = p,
        .take = pool_take,
        .started = pool_started,
        .output = pool_output,
        .done = pool_done,
        .next_order = pool_next_order,
        .suspended = pool_suspended,
        .absent = pool_absent,
    };
}

/* ---- what the main thread reads ---- */

void pool_drain(struct pool *p, struct event_list *events, int64_t mono_ns, int64_t real_ns)
{
    pthread_mutex_lock(&p->lock);
    struct event_list swap = *events;
    *events = p->events;
    p->events = swap;
    p->events.len = 0;
    p->notified = false;
    pthread_mutex_unlock(&p->lock);
    for (size_t i = 0; i < events->len; i++) {
        struct event *event = &events->items[i];
        struct task *t = event->task;
        if (!event->real_ns)
            event->real_ns = real_ns;
        if (task_state_ended(event->to) && t->due_again)
            t->due_again = pool_refire(p, t, events, mono_ns, real_ns); /* moves the array */
    }
}

bool pool_is_idle(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    uint64_t live = p->counts[TASK_SCHEDULED] + p->counts[TASK_READY] + p->counts[TASK_RUNNING] +
                    p->counts[TASK_SUSPENDED];
    bool idle = live == p->live_daemons && p->events.len + p->held.len == 0;
    pthread_mutex_unlock(&p->lock);
    return idle;
}

bool pool_has_waiting(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    bool waiting = p->counts[TASK_READY] > 0;
    pthread_mutex_unlock(&p->lock);
    return waiting;
}

bool pool_is_busy(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    bool busy = p->counts[TASK_RUNNING] + p->counts[TASK_SUSPENDED] > p->running_daemons;
    pthread_mutex_unlock(&p->lock);
    return busy;
}

bool pool_is_empty(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    bool empty = list_empty(&p->all) && p->events.len + p->held.len == 0;
    pthread_mutex_unlock(&p->lock);
    return empty;
}

bool pool_is_halted(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    bool halted = p->halted;
    pthread_mutex_unlock(&p->lock);
    return halted;
}

void pool_summary(struct pool *p, struct summary *s)
{
    pthread_mutex_lock(&p->lock);
    for (int i = 0; i < TASK_STATES; i++)
        s->counts[i] = p->counts[i];
    s->retried = p->retried;
    s->not_found = p->not_found;
    s->not_executable = p->not_executable;
    s->ignored = p->ignored;
    s->halted = p->halted;
    s->halted_by_success = p->halted && p->config.halt.what == HALT_SUCCESS;
    pthread_mutex_unlock(&p->lock);
}

void pool_each_running(struct pool *p, void (*visit)(void *context, const struct task *t), void *context)
{
    pthread_mutex_lock(&p->lock);
    for (struct list_node *n = p->all.next; n != &p->all; n = n->next) {
        const struct task *t = list_entry(n, struct task, in_pool);
        if (task_state_runs(t->state))
            visit(context, t);
    }
    pthread_mutex_unlock(&p->lock);
}

enum task_state pool_task_state(struct pool *p, const struct task *t)
{
    pthread_mutex_lock(&p->lock);
    enum task_state state = t->state;
    pthread_mutex_unlock(&p->lock);
    return state;
}
