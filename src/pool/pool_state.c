/* What every part of the pool needs: the lock's end, events, states and counts, the queue's bound, who may
 * take what, slots on their way from task to task, and the end of a task. Nothing here decides that
 * something is to end.
 */
#include "pool/pool_state.h"

#include "base/alloc.h"

#include <errno.h>
#include <stdlib.h>

void pool_unlock(struct pool *p, const struct pool_wakes *w)
{
    struct executor *e = p->executor;
    bool notify = w->main && !p->notified;
    if (notify)
        p->notified = true;
    pthread_mutex_unlock(&p->lock);
    for (uint64_t bits = e ? w->workers : 0; bits; bits &= bits - 1)
        executor_wake(e, (unsigned)__builtin_ctzll(bits));
    if (notify && p->config.notify)
        p->config.notify(p->config.notify_context);
}

/* ---- events ---- */

static void event_list_push(struct event_list *list, struct event event)
{
    if (list->len == list->cap) {
        list->cap = list->cap ? list->cap * 2 : 64;
        list->items = xrealloc_array(list->items, list->cap, sizeof *list->items);
    }
    list->items[list->len++] = event;
}

void pool_event_add(struct event_list *list, struct task *t, enum task_state from, int64_t real_ns)
{
    event_list_push(list, (struct event){
        .task = t,
        .from = from,
        .to = t->state,
        .attempt = t->attempt,
        .slot = t->slot,
        .pid = t->pid,
        .why = t->outcome.code,
        .real_ns = real_ns,
    });
}

void pool_event_locked(struct pool *p, struct task *t, enum task_state from, int64_t real_ns,
                       struct pool_wakes *w)
{
    if (!p->config.every_event && !task_state_ended(t->state) && !t->spec->daemon)
        return;
    bool all_end = p->stopped || p->halted;
    bool hold = all_end && p->starting > 0 && t->why != ERR_NONE && task_state_ended(t->state);
    pool_event_add(hold ? &p->held : &p->events, t, from, real_ns);
    w->main = true;
}

void pool_not_starting_locked(struct pool *p, struct pool_wakes *w)
{
    p->starting--;
    if (p->starting > 0 || p->held.len == 0)
        return;
    for (size_t i = 0; i < p->held.len; i++)
        event_list_push(&p->events, p->held.items[i]);
    p->held.len = 0;
    w->main = true;
}

/* ---- states, counts, the bound ---- */

/* Does a task that waits count for the bound on the queue? Those that repeat do not: they never go away. */
static bool pool_counts_as_waiting(const struct task *t)
{
    return (t->state == TASK_READY || t->state == TASK_SCHEDULED) && !schedule_repeats(&t->spec->schedule);
}

void pool_become_locked(struct pool *p, struct task *t, enum task_state to)
{
    if (pool_counts_as_waiting(t)) {
        p->waiting--;
        p->waiting_bytes -= t->size;
    }
    p->counts[t->state]--;
    p->running_daemons -= t->spec->daemon && task_state_runs(t->state);
    task_become(t, to);
    p->running_daemons += t->spec->daemon && task_state_runs(to);
    p->counts[to]++;
    if (pool_counts_as_waiting(t)) {
        p->waiting++;
        p->waiting_bytes += t->size;
    }
}

void pool_admit_locked(struct pool *p, struct task *t, enum task_state state)
{
    t->state = state;
    p->counts[state]++;
    if (pool_counts_as_waiting(t)) {
        p->waiting++;
        p->waiting_bytes += t->size;
    }
    if (t->spec->daemon)
        p->live_daemons++;
    list_push_back(&p->all, &t->in_pool);
}

void pool_prepare_locked(struct pool *p, struct task *t, int64_t real_ns)
{
    const struct spec *spec = t->spec;
    t->seq = ++p->last_seq;
    t->submitted_real_ns = real_ns;
    t->retries_left = spec->retries == SPEC_UNSET ? p->config.retries : spec->retries;
    /* A spec that only the task and its maker hold goes with the task; one that many share counts for
     * none. */
    t->size = sizeof *t + t->args.len + input_memory(t->input) + (spec->refs <= 2 ? spec->size : 0);
    t->due_again = schedule_repeats(&spec->schedule);
    if (t->due_again && t->fired == 0) {
        char text[TASK_ID_SIZE];
        t->fired = 1;
        t->id = xasprintf("%s@1", spec->id ? spec->id : task_id(t, text));
    } else if (!t->id && spec->id && !t->due_again) {
        t->id = xstrdup(spec->id);
    }
}

void pool_enter_lane_locked(struct pool *p, struct task *t, unsigned slot)
{
    if (!p->lanes) {
        p->lanes = xcalloc(p->config.slots + 1, sizeof *p->lanes);
        for (unsigned i = 0; i <= p->config.slots; i++)
            list_init(&p->lanes[i]);
    }
    t->slot = slot;
    list_push_back(&p->lanes[slot], &t->in_queue);
}

/* The tasks of a chunk come one by one, and the first may have been taken by now. */
void pool_enqueue_locked(struct pool *p, struct task *t, int64_t mono_ns)
{
    t->ready_ns = mono_ns;
    if (t->spec->daemon) {
        list_push_back(&p->daemons, &t->in_queue);
        return;
    }
    if (t->chunk && t->chunk != p->chunk) {
        p->chunk = t->chunk;
        p->chunk_slot = 0;
    }
    if (t->chunk && p->chunk_slot)
        pool_enter_lane_locked(p, t, p->chunk_slot);
    else
        queue_push(&p->queue, t);
}

struct heap *pool_heap_of(struct pool *p, const struct task *t)
{
    return t->due.by_clock ? &p->scheduled_by_clock : &p->scheduled;
}

void pool_make_ready_locked(struct pool *p, struct task *t, int64_t mono_ns)
{
    pool_become_locked(p, t, TASK_READY);
    pool_enqueue_locked(p, t, mono_ns);
}

bool pool_has_room_locked(const struct pool *p)
{
    return p->waiting < p->config.max_queue && p->waiting_bytes < p->config.max_queue_bytes;
}

void pool_check_room_locked(struct pool *p, struct pool_wakes *w)
{
    if (p->wants_room && p->waiting <= p->config.max_queue / 2 &&
        p->waiting_bytes <= p->config.max_queue_bytes / 2) {
        p->wants_room = false;
        w->main = true;
    }
}

/* ---- who may take what ---- */

bool pool_may_start_locked(const struct pool *p, int64_t mono_ns)
{
    return !p->paused && !p->suspended && !p->stopped && !p->halted && mono_ns >= p->next_start_ns;
}

unsigned pool_width(const struct pool *p, const struct task *t)
{
    if (t->spec->daemon)
        return 0;
    return t->spec->slots < p->config.slots ? t->spec->slots : p->config.slots;
}

bool pool_can_take_locked(const struct pool *p, const struct pool_worker *worker)
{
    if (!list_empty(&p->daemons) || !list_empty(&worker->lanes))
        return true;
    const struct task *head = queue_peek(&p->queue);
    return head && worker->running < p->worker_cap && pool_width(p, head) <= p->slots.free;
}

void pool_wake_one_locked(struct pool *p, int64_t mono_ns, struct pool_wakes *w)
{
    if (mono_ns < p->next_start_ns && p->counts[TASK_READY] > 0)
        w->main = true; /* what may start only then is woken by pool_tick */
    if (!pool_may_start_locked(p, mono_ns))
        return;
    struct pool_worker *best = NULL;
    for (unsigned i = 0; i < p->config.workers; i++) {
        struct pool_worker *worker = &p->workers[i];
        if (worker->idle && pool_can_take_locked(p, worker) && (!best || worker->running < best->running))
            best = worker;
    }
    if (best) {
        best->idle = false;
        w->workers |= UINT64_C(1) << (best - p->workers);
    }
}

/* ---- slots, and the end of a task ---- */

static void pool_give_slots_locked(struct pool *p, struct task *t)
{
    if (t->slot == p->chunk_slot)
        p->chunk_slot = 0;
    slots_give(&p->slots, t->slot);
    for (unsigned i = 0; i < t->more_slots_len; i++)
        slots_give(&p->slots, t->more_slots[i]);
    free(t->more_slots);
    t->more_slots = NULL;
    t->more_slots_len = 0;
}

void pool_pass_slots_locked(struct pool *p, struct task *t)
{
    struct list_node *node = p->lanes ? list_pop_front(&p->lanes[t->slot]) : NULL;
    if (!node) {
        pool_give_slots_locked(p, t);
        return;
    }
    struct task *next = list_entry(node, struct task, in_queue);
    next->holds_slot = true;
    next->more_slots = t->more_slots;
    next->more_slots_len = t->more_slots_len;
    t->more_slots = NULL;
    t->more_slots_len = 0;
    next->worker = t->worker;
    list_push_back(&p->workers[t->worker].lanes, node);
}

static void pool_count_end_locked(struct pool *p, const struct task *t)
{
    if (t->spec->daemon) {
        p->live_daemons--;
        if (t->outcome.code == ERR_SHUTDOWN)
            p->ignored++;
        return;
    }
    if (t->state == TASK_SUCCEEDED)
        p->succeeded++;
    else if (t->state == TASK_FAILED || t->state == TASK_TIMED_OUT || t->state == TASK_LOST)
        p->failed++;
    if (t->outcome.code == ERR_NOT_FOUND)
        p->not_found++;
    else if (t->outcome.code == ERR_SPAWN)
        p->not_executable++;
}

void pool_ended_locked(struct pool *p, struct task *t, int64_t real_ns, struct pool_wakes *w)
{
    enum task_state from = t->state;
    t->outcome.finished_real_ns = real_ns;
    if (t->why != ERR_NONE && t->why != ERR_CANCELLED) /* who cancels says what of a timer stays */
        t->due_again = false;
    list_remove(&t->in_pool);
    pool_become_locked(p, t, outcome_state(&t->outcome));
    pool_count_end_locked(p, t);
    pool_event_locked(p, t, from, real_ns, w);
    pool_check_room_locked(p, w);
}
