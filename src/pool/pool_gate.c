/* Permits: a pool with config.gated starts nothing without one. The main thread, which reads gauges, gives some at a
 * time, for a while (pool_permit); when a start waits for nothing else it is told, and looks again. So no gauge is read
 * while nothing waits, and what is decided here, under the lock, is always a reading that is fresh.
 *
 * Pace: --rate N/s lets one start begin every 1/N s. A start that comes a little late, because the timer did, does not
 * move the ones behind it; but what was not used while nothing waited is lost.
 *
 * A task that yields is ended and goes back to the queue; its attempt is Lost, which counts for nothing. A task that is
 * held is suspended until there is room for it.
 */
#include "pool/pool_gate.h"

#include "pool/pool_end.h"

#define DELAY_MORE 1.3 /* with --delay …auto, after a failure; as GNU parallel */
#define DELAY_LESS 0.9 /* after a success */
#define DELAY_LEAST_NS 1e6
#define DELAY_MOST_NS (24 * 3600 * INT64_C(1000000000))

/* ---- permits ---- */

bool pool_is_permitted_locked(const struct pool *p, int64_t mono_ns)
{
    return !p->config.gated || (p->permits > 0 && mono_ns < p->permits_until_ns);
}

/* Would anything start if there were a permit? */
static bool pool_lacks_permit_locked(const struct pool *p, int64_t mono_ns)
{
    if (pool_is_permitted_locked(p, mono_ns) || !pool_may_start_locked(p, mono_ns))
        return false;
    const struct task *head = queue_peek(&p->queue);
    if (!list_empty(&p->daemons) || (head && pool_width(p, head) <= slots_free(&p->slots)))
        return true;
    for (unsigned i = 0; i < p->config.workers; i++) {
        if (!list_empty(&p->workers[i].lanes))
            return true;
    }
    return false;
}

void pool_ask_permit_locked(struct pool *p, int64_t mono_ns, struct pool_wakes *w)
{
    if (p->asked || !pool_lacks_permit_locked(p, mono_ns))
        return;
    p->asked = true;
    w->main = true;
}

bool pool_wants_permit(struct pool *p, int64_t mono_ns)
{
    pthread_mutex_lock(&p->lock);
    bool wants = pool_lacks_permit_locked(p, mono_ns);
    p->asked = wants;
    pthread_mutex_unlock(&p->lock);
    return wants;
}

void pool_permit(struct pool *p, unsigned starts, int64_t until_ns, int64_t mono_ns)
{
    struct pool_wakes w = {0};
    pthread_mutex_lock(&p->lock);
    p->permits = starts;
    p->permits_until_ns = until_ns;
    p->asked = false;
    pool_wake_one_locked(p, mono_ns, &w);
    pool_unlock(p, &w);
}

/* ---- pace ---- */

void pool_count_start_locked(struct pool *p, int64_t mono_ns, struct pool_wakes *w)
{
    int64_t gap_ns = p->config.rate_gap_ns;
    if (p->config.gated)
        p->permits--;
    if (gap_ns) {
        bool on_time = p->rate_next_ns && mono_ns - p->rate_next_ns < gap_ns;
        p->rate_next_ns = (on_time ? p->rate_next_ns : mono_ns) + gap_ns;
        p->next_start_ns = p->rate_next_ns;
    }
    if (p->config.delay_ns && mono_ns + p->config.delay_ns > p->next_start_ns)
        p->next_start_ns = mono_ns + p->config.delay_ns;
    if (p->next_start_ns)
        w->main = true; /* it must tick then */
}

void pool_pace_over_locked(struct pool *p)
{
    p->next_start_ns = 0;
    if (p->counts[TASK_READY] == 0)
        p->rate_next_ns = 0;
}

void pool_adapt_delay_locked(struct pool *p, const struct task *t)
{
    if (!p->config.delay_auto || t->why != ERR_NONE)
        return;
    bool failed = t->outcome.code != ERR_NONE;
    double least = failed ? DELAY_LEAST_NS : 0; /* of nothing, 30 % more would still be nothing */
    double delay = (double)p->config.delay_ns > least ? (double)p->config.delay_ns : least;
    delay *= failed ? DELAY_MORE : DELAY_LESS;
    p->config.delay_ns = delay < (double)DELAY_MOST_NS ? (int64_t)delay : DELAY_MOST_NS;
}

int64_t pool_next_start(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    int64_t next_ns = p->counts[TASK_READY] > 0 ? p->next_start_ns : 0;
    pthread_mutex_unlock(&p->lock);
    return next_ns;
}

/* ---- tasks that yield, tasks that are held ---- */

static bool is_left_alone(const struct task *t)
{
    return t->spec->daemon || t->why != ERR_NONE;
}

bool pool_yield_youngest(struct pool *p, unsigned keep)
{
    struct pool_wakes w = {0};
    struct task *youngest = NULL;
    unsigned count = 0;
    bool pending = false;
    pthread_mutex_lock(&p->lock);
    for (struct list_node *n = p->running.next; n != &p->running; n = n->next) {
        struct task *t = list_entry(n, struct task, in_running);
        pending = pending || t->yields;
        if (is_left_alone(t) || !t->pid)
            continue;
        youngest = t;
        count++;
    }
    bool yields = !pending && count > keep;
    if (yields) {
        youngest->yields = true;
        youngest->why = ERR_LOST;
        pool_order_locked(p, youngest, ORDER_STOP, &w);
    }
    pool_unlock(p, &w);
    return yields;
}

bool pool_yielded_locked(struct pool *p, struct task *t)
{
    if (!t->yields)
        return false;
    bool was_told = t->outcome.code == ERR_LOST; /* else it had ended by itself before */
    t->why = t->then;
    t->then = ERR_NONE;
    t->yields = false;
    if (was_told && t->why == ERR_NONE && (p->stopped || p->halted))
        t->why = p->halted ? ERR_HALTED : ERR_SHUTDOWN;
    if (was_told && t->why != ERR_NONE)
        outcome_fail(&t->outcome, t->why, "%s", error_code_reason(t->why));
    return was_told && t->why == ERR_NONE;
}

unsigned pool_hold_but(struct pool *p, unsigned most)
{
    struct pool_wakes w = {0};
    unsigned count = 0, held = 0;
    pthread_mutex_lock(&p->lock);
    for (struct list_node *n = p->running.next; n != &p->running; n = n->next) {
        struct task *t = list_entry(n, struct task, in_running);
        if (is_left_alone(t) || !t->pid)
            continue;
        bool hold = count++ >= most;
        held += hold;
        if (hold == t->held)
            continue;
        t->held = hold;
        if (!p->suspended)
            pool_order_locked(p, t, hold ? ORDER_SUSPEND : ORDER_RESUME, &w);
    }
    pool_unlock(p, &w);
    return held;
}

void pool_count_running(struct pool *p, unsigned *running, unsigned *held)
{
    *running = *held = 0;
    pthread_mutex_lock(&p->lock);
    for (struct list_node *n = p->running.next; n != &p->running; n = n->next) {
        const struct task *t = list_entry(n, const struct task, in_running);
        *running += !t->spec->daemon;
        *held += t->held;
    }
    pthread_mutex_unlock(&p->lock);
}

/* ---- slots ---- */

void pool_set_slots(struct pool *p, unsigned slots, int64_t mono_ns)
{
    struct pool_wakes w = {0};
    pthread_mutex_lock(&p->lock);
    p->config.slots = slots < p->slots_most ? slots : p->slots_most;
    slots_set_total(&p->slots, p->config.slots);
    pool_set_cap_locked(p);
    pool_wake_one_locked(p, mono_ns, &w); /* who takes a task wakes the next one */
    pool_unlock(p, &w);
}
