/* What signals do to a run (the manual: SIGNALS in jobpool(1)).
 *
 *   first INT, TERM    nothing new starts, everything is asked to end, results are still written; then the
 *                      same signal ends jobpool
 *   second             everything is killed; the end comes within HURRY_S, whatever hangs; output that
 *                      waits is dropped
 *   HUP                nothing new starts, what runs goes on
 *   TSTP               tasks are suspended, then jobpool stops itself; continued, it continues them
 *   CONT               while they are being suspended: they are continued at once
 *   USR1               running tasks are listed on stderr
 *   CHLD               orphans are reaped
 */
#include "cli/command.h"
#include "cli/options.h"
#include "cli/runner_private.h"
#include "os/clock.h"
#include "os/terminal.h"
#include "os/tree.h"

#include <signal.h>
#include <stdio.h>

#define HURRY_S 0.15
#define DEAF_S 0.02 /* a SIGCHLD comes with the end of each task, but only an orphan's needs work here */

static void hurry_over(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct runner *r = timer->data;
    (void)events;
    r->over = true;
    ev_break(loop, EVBREAK_ALL);
}

void runner_interrupt(struct runner *r, int signo)
{
    int64_t real_ns = clock_real_ns();
    bool first = r->interrupted == 0;
    r->no_more_input = true;
    if (first) {
        r->interrupted = signo;
        pool_end_all(r->pool, ERR_SHUTDOWN, ERR_SHUTDOWN, false, real_ns);
        return;
    }
    if (r->hurried || signo == SIGPIPE)
        return;
    r->hurried = true;
    pool_end_all(r->pool, ERR_SHUTDOWN, ERR_SHUTDOWN, true, real_ns);
    callback_drop(r->callbacks, real_ns);
    ev_timer_init(&r->hurry, hurry_over, HURRY_S, 0);
    r->hurry.data = r;
    ev_timer_start(r->loop, &r->hurry);
}

void runner_terminate(void *context)
{
    struct runner *r = context;
    pool_end_all(r->pool, ERR_SHUTDOWN, ERR_SHUTDOWN, false, clock_real_ns());
}

/* ---- stopping and continuing ---- */

static void runner_suspend(struct runner *r)
{
    if (r->stopping || terminal_group_orphaned())
        return;
    r->stopping = true;
    pool_suspend(r->pool, true, clock_monotonic_ns());
    callback_suspend(r->callbacks, true, clock_monotonic_ns());
}

static void runner_resume(struct runner *r)
{
    if (!r->stopping)
        return;
    r->stopping = false;
    pool_suspend(r->pool, false, clock_monotonic_ns());
    callback_suspend(r->callbacks, false, clock_monotonic_ns());
    ev_async_send(r->loop, &r->wake); /* callbacks may have waited */
}

void runner_stop_if_suspended(struct runner *r)
{
    if (!r->stopping || !pool_all_suspended(r->pool) || !callback_is_suspended(r->callbacks))
        return;
    progress_hide(r->progress);
    signals_stop_self();
    runner_resume(r);
}

/* ---- listing ---- */

static void list_task(void *context, const struct task *t)
{
    struct buffer *out = context;
    char id[TASK_ID_SIZE];
    buffer_printf(out, "jobpool: running: task %s, slot %u, pid %d\n", task_id(t, id), t->slot, (int)t->pid);
}

static void runner_list(struct runner *r)
{
    struct summary s = {0};
    pool_summary(r->pool, &s);
    progress_hide(r->progress);
    struct buffer *out = output_buffer(r->err);
    pool_each_running(r->pool, list_task, out);
    buffer_printf(out, "jobpool: %llu running, %llu waiting\n",
                  (unsigned long long)(s.counts[TASK_RUNNING] + s.counts[TASK_SUSPENDED]),
                  (unsigned long long)(s.counts[TASK_READY] + s.counts[TASK_SCHEDULED]));
    output_commit(r->err);
}

/* ---- dispatch ---- */

static void runner_hear_again(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct runner *r = timer->data;
    (void)loop, (void)events;
    signals_hear_children(&r->signals, true);
}

static void runner_reap(struct runner *r)
{
    signals_hear_children(&r->signals, false);
    ev_timer_set(&r->deaf, DEAF_S, 0);
    ev_timer_start(r->loop, &r->deaf);
    if (!tree_reap_orphans())
        return; /* a task ended: its supervisor sees to that */
    supervisor_orphans_reaped(r->executor);
    callback_orphans_reaped(r->callbacks);
}

static void runner_handle(struct runner *r, int signo)
{
    switch (signo) {
    case SIGINT:
    case SIGTERM:
        runner_interrupt(r, signo);
        break;
    case SIGHUP:
        r->no_more_input = true;
        pool_end_all(r->pool, ERR_SHUTDOWN, ERR_NONE, false, clock_real_ns());
        break;
    case SIGTSTP:
        runner_suspend(r);
        break;
    case SIGCONT:
        runner_resume(r);
        break;
    case SIGUSR1:
        runner_list(r);
        break;
    case SIGCHLD:
        runner_reap(r);
        break;
    default: /* WINCH: the bar looks at the width each time */
        break;
    }
}

static void runner_signals_ready(struct ev_loop *loop, ev_io *watcher, int events)
{
    struct runner *r = watcher->data;
    (void)loop;
    (void)events;
    int signo;
    while ((signo = signals_read(&r->signals)) != 0)
        runner_handle(r, signo);
}

void runner_watch_signals(struct runner *r)
{
    ev_init(&r->deaf, runner_hear_again);
    ev_io_init(&r->signal_io, runner_signals_ready, r->signals.fd, EV_READ);
    r->deaf.data = r->signal_io.data = r;
    ev_io_start(r->loop, &r->signal_io);
}

/* ---- the last output ---- */

static void flush_signals_ready(struct ev_loop *loop, ev_io *watcher, int events)
{
    struct runner *r = watcher->data;
    (void)loop;
    (void)events;
    int signo;
    while ((signo = signals_read(&r->signals)) != 0) {
        if (signo == SIGTSTP) {
            signals_stop_self();
        } else if (signo == SIGINT || signo == SIGTERM) {
            r->hurried = r->interrupted != 0;
            r->interrupted = r->interrupted ? r->interrupted : signo;
        }
    }
}

/* All tasks have ended, and there is nothing to be done but to wait for slow readers. */
void runner_flush(struct runner *r)
{
    ev_prepare_stop(r->loop, &r->turn);
    ev_timer_stop(r->loop, &r->timer);
    ev_timer_stop(r->loop, &r->hurry);
    ev_set_cb(&r->signal_io, flush_signals_ready);
    runner_commit_outputs(r);
    while (!r->hurried && !runner_outputs_are_empty(r))
        ev_run(r->loop, EVRUN_ONCE);
}
