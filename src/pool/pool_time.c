/* Whatever waits for a time: delayed tasks, retries with a delay, repeats, --delay. The main thread calls
 * pool_tick when the time that it returned has come.
 *
 * A repeated task is a chain: at any moment one firing of it is alive. When that ends, the next one is
 * scheduled; the times that passed meanwhile are its `missed`.
 */
#include "pool/pool_time.h"

#include "base/alloc.h"

#include <string.h>

bool pool_due_less(const struct heap_node *a, const struct heap_node *b)
{
    const struct task *x = list_entry(a, struct task, in_heap);
    const struct task *y = list_entry(b, struct task, in_heap);
    return x->due_ns != y->due_ns ? x->due_ns < y->due_ns : x->seq < y->seq;
}

void pool_schedule_locked(struct pool *p, struct task *t, int64_t due_ns)
{
    t->due_ns = due_ns;
    heap_insert(&p->scheduled, &t->in_heap);
}

/* The first scheduled task, or NULL. */
static struct task *pool_first_scheduled(const struct pool *p)
{
    struct heap_node *node = heap_min(&p->scheduled);
    return node ? list_entry(node, struct task, in_heap) : NULL;
}

int64_t pool_tick(struct pool *p, int64_t mono_ns, int64_t real_ns)
{
    struct pool_wakes w = {0};
    struct task *t;
    pthread_mutex_lock(&p->lock);
    while ((t = pool_first_scheduled(p)) && t->due_ns <= mono_ns) {
        heap_remove(&p->scheduled, &t->in_heap);
        pool_make_ready_locked(p, t, mono_ns);
        pool_event_locked(p, t, TASK_SCHEDULED, real_ns, &w);
        pool_wake_one_locked(p, mono_ns, &w);
    }
    int64_t next = t ? t->due_ns : 0;
    bool waits_for_delay = p->next_start_ns > mono_ns && p->counts[TASK_READY] > 0;
    if (waits_for_delay && (!next || p->next_start_ns < next))
        next = p->next_start_ns;
    if (p->next_start_ns && p->next_start_ns <= mono_ns) { /* the delay is over */
        p->next_start_ns = 0;
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
    pool_schedule_locked(p, t, due_ns);
    pool_event_add(events, t, TASK_SCHEDULED, real_ns);
    pool_unlock(p, &w);
    return true;
}
