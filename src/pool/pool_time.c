/* Whatever waits for a time: delayed tasks, retries with a delay, repeats, --delay. The main thread calls
 * pool_tick when one of the times that it returned has come.
 *
 * There is a heap for each clock. What waits for a time of the wall clock is never turned into a delay: each
 * tick compares anew, so the clock may be set in either direction meanwhile. Once it is due, all that follows
 * (its retries, its repeats) goes by the monotonic clock.
 *
 * What becomes due after its `until` is dropped. Its retries belong to a start that was in time, and a start
 * that was due in time may wait for a slot.
 *
 * A repeated task is a chain: at any moment one firing of it is alive. When that ends, the next one is
 * scheduled; the times that passed meanwhile are its `missed`.
 */
#include "pool/pool_time.h"

#include "base/alloc.h"
#include "pool/pool_end.h"
#include "pool/pool_gate.h"

#include <string.h>

#define MEDIAN_FROM 3 /* successes: of fewer the median says nothing */

bool pool_due_less(const struct heap_node *a, const struct heap_node *b)
{
    const struct task *x = list_entry(a, struct task, in_heap);
    const struct task *y = list_entry(b, struct task, in_heap);
    return x->due.ns != y->due.ns ? x->due.ns < y->due.ns : x->seq < y->seq;
}

void pool_schedule_locked(struct pool *p, struct task *t, struct due due)
{
    t->due = due;
    heap_insert(pool_heap_of(p, t), &t->in_heap);
}

void pool_schedule_first_locked(struct pool *p, struct task *t, int64_t mono_ns)
{
    struct due due = schedule_first(&t->spec->schedule, t->from_ns ? t->from_ns : mono_ns);
    /* Nothing was missed before it was submitted. */
    t->fire_ns = due.by_clock || due.ns < mono_ns ? mono_ns : due.ns;
    pool_schedule_locked(p, t, due);
}

/* What the clock showed when it was due counts: a tick comes a little late. */
static bool pool_is_past_until(const struct task *t, int64_t mono_ns, int64_t real_ns)
{
    int64_t until_ns = t->spec->schedule.until_ns, late_ns = mono_ns - t->fire_ns;
    return until_ns != 0 && t->attempt == 0 && real_ns - late_ns > until_ns;
}

/* Makes ready, or drops, what is due by the clock that this heap goes by. Returns when the next one is, 0: there
 * is none. */
static int64_t pool_pass_due_locked(struct pool *p, struct heap *scheduled, int64_t mono_ns, int64_t real_ns,
                                    struct pool_wakes *w)
{
    struct heap_node *node;
    while ((node = heap_min(scheduled))) {
        struct task *t = list_entry(node, struct task, in_heap);
        if (t->due.ns > (t->due.by_clock ? real_ns : mono_ns))
            return t->due.ns;
        if (t->due.by_clock)
            t->fire_ns = mono_ns;
        if (pool_is_past_until(t, mono_ns, real_ns)) {
            pool_drop_locked(p, t, ERR_TIMEOUT, "until was over before it could start", real_ns, w);
            continue;
        }
        heap_remove(scheduled, node);
        pool_make_ready_locked(p, t, mono_ns);
        pool_event_locked(p, t, TASK_SCHEDULED, real_ns, w);
        pool_wake_one_locked(p, mono_ns, w);
    }
    return 0;
}

/* What successful tasks take by the median, times --timeout N%. 0: it is not known well enough yet. */
static int64_t pool_timeout_locked(const struct pool *p)
{
    if (!p->runtimes || p->runtimes->len < MEDIAN_FROM)
        return 0;
    double timeout = (double)median_get(p->runtimes) * (double)p->config.timeout_percent / 100;
    return timeout < 1 ? 1 : timeout < 9e18 ? (int64_t)timeout : 0;
}

/* Ends what runs for longer than that, unless its spec says how long it may. Returns when the next one will have.
 * The time changes with each success, also for what runs already. */
static int64_t pool_pass_timeouts_locked(struct pool *p, int64_t mono_ns, struct pool_wakes *w)
{
    int64_t next_ns = 0, timeout_ns = pool_timeout_locked(p);
    if (!timeout_ns)
        return 0;
    for (struct list_node *n = p->running.next; n != &p->running; n = n->next) {
        struct task *t = list_entry(n, struct task, in_running);
        bool applies = t->pid && t->state == TASK_RUNNING && !t->timeout_ns && !t->spec->daemon &&
                       t->why == ERR_NONE && t->spec->timeout_ns == SPEC_UNSET;
        int64_t due_ns = t->begun_ns + timeout_ns;
        if (applies && due_ns <= mono_ns) {
            t->timeout_ns = timeout_ns;
            pool_order_locked(p, t, ORDER_TIMEOUT, w);
        } else if (applies && (!next_ns || due_ns < next_ns)) {
            next_ns = due_ns;
        }
    }
    return next_ns;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a && (!b || a < b) ? a : b;
}

struct pool_times pool_tick(struct pool *p, int64_t mono_ns, int64_t real_ns)
{
    struct pool_wakes w = {0};
    struct pool_times next;
    pthread_mutex_lock(&p->lock);
    next.mono_ns = pool_pass_due_locked(p, &p->scheduled, mono_ns, real_ns, &w);
    next.real_ns = pool_pass_due_locked(p, &p->scheduled_by_clock, mono_ns, real_ns, &w);
    bool waits_for_delay = p->next_start_ns > mono_ns && p->counts[TASK_READY] > 0;
    if (waits_for_delay)
        next.mono_ns = earlier(next.mono_ns, p->next_start_ns);
    next.mono_ns = earlier(next.mono_ns, pool_pass_timeouts_locked(p, mono_ns, &w));
    if (p->next_start_ns && p->next_start_ns <= mono_ns) { /* the delay is over */
        pool_pace_over_locked(p);
        pool_wake_one_locked(p, mono_ns, &w);
    }
    pool_unlock(p, &w);
    return next;
}

bool pool_refire(struct pool *p, struct task *ended, struct event_list *events, int64_t mono_ns,
                 int64_t real_ns)
{
    int64_t due_ns, missed;
    const struct schedule *schedule = &ended->spec->schedule;
    if (!schedule_next(schedule, ended->fire_ns, mono_ns, real_ns, ended->fired, &due_ns, &missed))
        return false;
    struct words args = {0};
    words_add_all(&args, &ended->args);
    struct task *t = task_new(ended->spec, &args);
    t->owner = ended->owner;
    t->fired = ended->fired + 1;
    t->missed = missed;
    t->fire_ns = due_ns;
    int base = (int)(strrchr(ended->id, '@') - ended->id);
    t->id = xasprintf("%.*s@%lld", base, ended->id, (long long)t->fired);

    struct pool_wakes w = {.main = true};
    pthread_mutex_lock(&p->lock);
    if (p->stopped || p->halted) {
        pthread_mutex_unlock(&p->lock);
        task_unref(t);
        return false;
    }
    pool_prepare_locked(p, t, real_ns);
    pool_admit_locked(p, t, TASK_SCHEDULED);
    pool_schedule_locked(p, t, (struct due){due_ns, false});
    pool_event_add(events, t, TASK_SCHEDULED, real_ns);
    pool_unlock(p, &w);
    return true;
}
