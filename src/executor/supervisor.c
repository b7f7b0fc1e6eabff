/* Supervisor threads. Each has a loop of its own (os/poll) and pulls tasks while it has nothing better to do; what
 * becomes of one is run.c's.
 *
 * A thread ends only when it was told to and has no run left: PDEATHSIG follows it.
 */
#include "executor/supervisor.h"

#include "base/alloc.h"
#include "executor/run.h"
#include "os/clock.h"
#include "os/tree.h"

#include <stdlib.h>

#define SUPERVISOR_STACK (256 * 1024)

static void supervisor_obey(struct supervisor *s)
{
    struct dispatcher *d = &s->all->dispatcher;
    enum task_order order;
    struct task *t;
    while ((t = d->next_order(d->pool, s->number, &order)))
        run_obey(t->attempt_state, order);
}

/* Each run, which may end in it. */
static void supervisor_each(struct supervisor *s, void (*visit)(struct run *r))
{
    struct list_node *next;
    for (struct list_node *n = s->runs.next; n != &s->runs; n = next) {
        next = n->next;
        visit(list_entry(n, struct run, node));
    }
}

static void supervisor_take(struct supervisor *s)
{
    struct dispatcher *d = &s->all->dispatcher;
    struct task *t;
    do {
        s->finished_one = false;
        while (!s->short_run && (t = d->take(d->pool, s->number, clock_monotonic_ns())))
            run_begin(s, t);
    } while (s->finished_one && !s->short_run); /* a start that failed at once has made room */
}

static void *supervisor_main(void *argument)
{
    struct supervisor *s = argument;
    unsigned reaps = 0, follows = 0;
    signals_block_all();
    for (bool woken = true; /* to be started is to be woken */
         !atomic_load(&s->all->stopping) || !list_empty(&s->runs); woken = poll_turn(s->poll)) {
        if (woken)
            supervisor_obey(s);
        unsigned reaped = atomic_load(&s->all->reaps);
        if (reaped != reaps) {
            reaps = reaped;
            supervisor_each(s, run_look);
        }
        unsigned follow = atomic_load(&s->all->follows);
        if (follow != follows) {
            follows = follow;
            supervisor_each(s, run_follow);
        }
        if (woken || s->finished_one)
            supervisor_take(s);
    }
    tree_thread_ends();
    return NULL;
}

static void supervisor_free(struct supervisor *s)
{
    struct list_node *node;
    while ((node = list_pop_front(&s->spare)))
        free(list_entry(node, struct run, node));
    commander_fini(&s->commander);
    poll_free(s->poll);
    free(s);
}

/* ---- the executor ---- */

static struct supervisor *supervisor_new(struct supervisors *all, unsigned number, struct error *err)
{
    struct supervisor *s = xcalloc(1, sizeof *s);
    s->all = all;
    s->number = number;
    list_init(&s->runs);
    list_init(&s->spare);
    s->poll = poll_new(err);
    if (s->poll && commander_init(&s->commander, &all->config, err) == 0)
        return s;
    supervisor_free(s);
    return NULL;
}

static int supervisor_start_thread(struct supervisor *s, struct error *err)
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, SUPERVISOR_STACK);
    int e = pthread_create(&s->thread, &attributes, supervisor_main, s);
    pthread_attr_destroy(&attributes);
    return e ? error_set_errno(err, ERR_SYSTEM, e, "start a supervisor thread") : 0;
}

/* A supervisor begins when it is first woken: a short run has no use for more than one. -1 if it cannot be had. */
static int supervisors_begin(struct supervisors *all, unsigned number, struct error *err)
{
    int got = 0;
    pthread_mutex_lock(&all->beginning);
    if (!all->threads[number] && !all->stopping) {
        struct supervisor *s = supervisor_new(all, number, err);
        got = s ? supervisor_start_thread(s, err) : -1;
        if (got == 0)
            all->threads[number] = s;
        else if (s)
            supervisor_free(s);
    }
    pthread_mutex_unlock(&all->beginning);
    return got;
}

static void supervisors_wake(struct executor *e, unsigned worker)
{
    struct supervisors *all = list_entry(e, struct supervisors, base);
    struct supervisor *s = all->threads[worker];
    struct error err;
    if (s)
        poll_wake(s->poll);
    else if (supervisors_begin(all, worker, &err) < 0)
        all->dispatcher.absent(all->dispatcher.pool, worker);
}

static void supervisors_wake_all(struct supervisors *all)
{
    for (unsigned i = 0; i < all->base.workers; i++)
        if (all->threads[i])
            poll_wake(all->threads[i]->poll);
}

/* Nothing of a thread goes before the last one has ended: with its last task given back, one may be about to
 * wake another for what was in the queue then. */
static void supervisors_stop(struct executor *e)
{
    struct supervisors *all = list_entry(e, struct supervisors, base);
    pthread_mutex_lock(&all->beginning);
    all->stopping = true;
    pthread_mutex_unlock(&all->beginning);
    supervisors_wake_all(all);
    for (unsigned i = 0; i < all->base.workers; i++)
        if (all->threads[i])
            pthread_join(all->threads[i]->thread, NULL);
    for (unsigned i = 0; i < all->base.workers; i++)
        if (all->threads[i])
            supervisor_free(all->threads[i]);
    pthread_mutex_destroy(&all->beginning);
    free(all->threads);
    free(all);
}

static void supervisors_change_following(struct supervisors *all)
{
    atomic_fetch_add(&all->follows, 1);
    supervisors_wake_all(all);
}

static void supervisors_follow(struct executor *e, struct task *t)
{
    atomic_store(&t->followed, true);
    supervisors_change_following(list_entry(e, struct supervisors, base));
}

static void supervisors_hold(struct executor *e, bool hold)
{
    struct supervisors *all = list_entry(e, struct supervisors, base);
    if (atomic_exchange(&all->hold, hold) != hold)
        supervisors_change_following(all);
}

static void supervisors_feed(struct executor *e)
{
    supervisors_change_following(list_entry(e, struct supervisors, base));
}

static const struct executor_ops supervisors_ops = {
    .wake = supervisors_wake,
    .follow = supervisors_follow,
    .hold = supervisors_hold,
    .feed = supervisors_feed,
    .stop = supervisors_stop,
};

void supervisor_orphans_reaped(struct executor *e)
{
    struct supervisors *all = list_entry(e, struct supervisors, base);
    atomic_fetch_add(&all->reaps, 1);
    supervisors_wake_all(all);
}

struct executor *supervisor_start(const struct supervisor_config *config, const struct dispatcher *dispatcher,
                                  struct error *err)
{
    struct supervisors *all = xcalloc(1, sizeof *all);
    all->base.ops = &supervisors_ops;
    all->base.workers = config->workers;
    all->config = *config;
    all->dispatcher = *dispatcher;
    all->threads = xcalloc(config->workers, sizeof *all->threads);
    pthread_mutex_init(&all->beginning, NULL);
    if (supervisors_begin(all, 0, err) == 0)
        return &all->base;
    supervisors_stop(&all->base);
    return NULL;
}
