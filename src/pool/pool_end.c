/* Cancelling, ending, pausing: what takes tasks out of the pool before their time. */
#include "pool/pool_end.h"

#include "base/alloc.h"

/* Takes a ready or scheduled task out of wherever it waits. */
static void pool_unqueue_locked(struct pool *p, struct task *t)
{
    if (t->state == TASK_SCHEDULED) {
        heap_remove(pool_heap_of(p, t), &t->in_heap);
    } else if (t->slot || t->spec->daemon) { /* in the lane of a slot, or among the daemons */
        list_remove(&t->in_queue);
        if (t->holds_slot)
            pool_pass_slots_locked(p, t);
        t->holds_slot = false;
        t->slot = 0;
    } else {
        queue_remove(&p->queue, t);
    }
}

void pool_drop_locked(struct pool *p, struct task *t, enum error_code code, const char *reason,
                      int64_t real_ns, struct pool_wakes *w)
{
    pool_unqueue_locked(p, t);
    t->why = code;
    outcome_fail(&t->outcome, code, "%s", reason);
    pool_ended_locked(p, t, real_ns, w);
}

void pool_order_locked(struct pool *p, struct task *t, enum task_order order, struct pool_wakes *w)
{
    if (order > t->order || (order <= ORDER_SUSPEND && t->order <= ORDER_SUSPEND))
        t->order = order;
    if (!list_linked(&t->in_orders))
        list_push_back(&p->workers[t->worker].orders, &t->in_orders);
    w->workers |= UINT64_C(1) << t->worker;
}

/* Asks the supervisor of a running task for its end. */
static void pool_order_end_locked(struct pool *p, struct task *t, enum error_code why, bool kill,
                                  struct pool_wakes *w)
{
    enum error_code *place = t->yields ? &t->then : &t->why;
    if (*place == ERR_NONE)
        *place = why;
    pool_order_locked(p, t, kill ? ORDER_KILL : ORDER_STOP, w);
}

static bool runs(const struct task *t)
{
    return task_state_runs(t->state);
}

/* `firing`: what is still to come of a repeated task stays. */
static enum pool_cancel cancel(struct pool *p, struct task *t, bool firing, bool running, int64_t mono_ns,
                               int64_t real_ns)
{
    enum pool_cancel answer = POOL_CANCELLED;
    struct pool_wakes w = {0};
    pthread_mutex_lock(&p->lock);
    bool stops_timer = t->due_again && !firing;
    if (stops_timer)
        t->due_again = false;
    if (task_state_ended(t->state))
        answer = stops_timer ? POOL_CANCELLED : POOL_ENDED;
    else if (!runs(t))
        pool_drop_locked(p, t, ERR_CANCELLED, error_code_reason(ERR_CANCELLED), real_ns, &w);
    else if (running)
        pool_order_end_locked(p, t, ERR_CANCELLED, false, &w);
    else if (!stops_timer)
        answer = POOL_RUNNING;
    pool_wake_one_locked(p, mono_ns, &w);
    pool_unlock(p, &w);
    return answer;
}

enum pool_cancel pool_cancel(struct pool *p, struct task *t, bool running, int64_t mono_ns, int64_t real_ns)
{
    return cancel(p, t, false, running, mono_ns, real_ns);
}

enum pool_cancel pool_cancel_firing(struct pool *p, struct task *t, bool running, int64_t mono_ns,
                                    int64_t real_ns)
{
    return cancel(p, t, true, running, mono_ns, real_ns);
}

void pool_end_locked(struct pool *p, enum error_code pending, enum error_code running, bool kill,
                     int64_t real_ns, struct pool_wakes *w)
{
    struct list_node *next;
    for (struct list_node *n = p->all.next; n != &p->all; n = next) {
        next = n->next;
        struct task *t = list_entry(n, struct task, in_pool);
        if (runs(t) && running != ERR_NONE)
            pool_order_end_locked(p, t, running, kill, w);
        else if (!runs(t) && pending != ERR_NONE)
            pool_drop_locked(p, t, pending, error_code_reason(pending), real_ns, w);
    }
}

void pool_end_all(struct pool *p, enum error_code pending, enum error_code running, bool kill,
                  int64_t real_ns)
{
    struct pool_wakes w = {.main = true};
    pthread_mutex_lock(&p->lock);
    if (pending != ERR_NONE)
        p->stopped = true;
    pool_end_locked(p, pending, running, kill, real_ns, &w);
    pool_unlock(p, &w);
}

void pool_end_daemons(struct pool *p, int64_t real_ns)
{
    struct pool_wakes w = {0};
    pthread_mutex_lock(&p->lock);
    struct list_node *next;
    for (struct list_node *n = p->all.next; n != &p->all; n = next) {
        next = n->next;
        struct task *t = list_entry(n, struct task, in_pool);
        if (!t->spec->daemon || t->why != ERR_NONE)
            continue;
        if (runs(t))
            pool_order_end_locked(p, t, ERR_SHUTDOWN, false, &w);
        else
            pool_drop_locked(p, t, ERR_SHUTDOWN, error_code_reason(ERR_SHUTDOWN), real_ns, &w);
    }
    pool_unlock(p, &w);
}

void pool_close(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    p->closed = true;
    pthread_mutex_unlock(&p->lock);
}

bool pool_is_closed(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    bool closed = p->closed || p->stopped || p->halted;
    pthread_mutex_unlock(&p->lock);
    return closed;
}

void pool_pause(struct pool *p, bool pause, int64_t mono_ns)
{
    struct pool_wakes w = {0};
    pthread_mutex_lock(&p->lock);
    if (p->paused != pause) {
        p->paused = pause;
        pool_wake_one_locked(p, mono_ns, &w);
    }
    pool_unlock(p, &w);
}

void pool_suspend(struct pool *p, bool suspend, int64_t mono_ns)
{
    struct pool_wakes w = {0};
    pthread_mutex_lock(&p->lock);
    p->suspended = suspend;
    for (struct list_node *n = p->all.next; n != &p->all; n = n->next) {
        struct task *t = list_entry(n, struct task, in_pool);
        if (runs(t) && !t->held)
            pool_order_locked(p, t, suspend ? ORDER_SUSPEND : ORDER_RESUME, &w);
    }
    pool_wake_one_locked(p, mono_ns, &w);
    pool_unlock(p, &w);
}

bool pool_all_suspended(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    bool all = p->suspended;
    for (struct list_node *n = p->all.next; all && n != &p->all; n = n->next) {
        const struct task *t = list_entry(n, struct task, in_pool);
        all = t->state != TASK_RUNNING || t->why != ERR_NONE; /* what is asked to end is not suspended */
    }
    pthread_mutex_unlock(&p->lock);
    return all;
}
