/* A task on its way: started, fed, read, ended when its time is over or the pool says so, reaped, given back.
 *
 * The pipes are watched only from PATIENCE_NS after the start: most tasks are over by then, what they wrote
 * waits in the pipes (64 KiB each), and their end is one event instead of three. Whoever reads a pipe sees to it
 * first that the read does not wait.
 *
 * When the machine is short of processes or descriptors, the task that could not be started waits as `short_run` and
 * the thread takes no other until it could be, or until SHORT_LIMIT_NS have gone by without a single start and
 * without a task that runs: one that does may be what holds the room.
 */
#include "executor/run.h"

#include "base/alloc.h"
#include "os/clock.h"
#include "os/files.h"
#include "os/tree.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#define PATIENCE_NS (5 * NS_PER_MS)
#define READS_PER_EVENT 16 /* then others have their turn */
#define SHORT_FIRST_NS (10 * NS_PER_MS)
#define SHORT_MOST_NS NS_PER_S
#define SHORT_LIMIT_NS (8 * NS_PER_S)

static void run_act(struct run *r, unsigned actions);

static struct tree run_tree(struct run *r)
{
    return (struct tree){
        .root = r->command.child.pid,
        .run = r->supervisor->all->config.run,
        .id = task_id(r->task, r->id),
    };
}

/* ---- output ---- */

/* The first failure to keep output ends the task; what comes after it is read and dropped. */
static void run_lost_output(struct run *r, const struct error *err)
{
    outcome_fail(&r->task->outcome, ERR_OUTPUT, "%s", err->message);
    run_act(r, attempt_stop(&r->attempt, ERR_OUTPUT, false, clock_monotonic_ns()));
}

static void run_keep(struct run *r, enum intake_stream stream, const char *data, size_t len)
{
    struct error err;
    if (r->task->outcome.code != ERR_OUTPUT && intake_keep(&r->intake, stream, data, len, &err) < 0)
        run_lost_output(r, &err);
}

/* Is it followed, while nobody takes what followed tasks write? (What a dead one has left is read all the same.) */
static bool run_is_held(const struct run *r)
{
    return r->intake.live && r->exited.fd >= 0 && atomic_load(&r->supervisor->all->hold);
}

static void run_close_pipe(struct run *r, struct poll_watch *watch)
{
    int fd = watch->fd;
    if (fd < 0)
        return;
    if (r->watches_pipes)
        poll_remove(r->supervisor->poll, watch);
    watch->fd = -1;
    close(fd);
}

static void run_pipe_ended(struct run *r, struct poll_watch *watch)
{
    run_close_pipe(r, watch);
    run_act(r, attempt_pipe_ended(&r->attempt));
}

static void run_read(struct run *r, struct poll_watch *watch, enum intake_stream stream)
{
    char *scratch = r->supervisor->scratch;
    for (int i = 0; i < READS_PER_EVENT && watch->fd >= 0; i++) {
        ssize_t got = read(watch->fd, scratch, SPOOL_PIECE);
        if (got > 0)
            run_keep(r, stream, scratch, (size_t)got);
        else if (got == 0 || (errno != EAGAIN && errno != EINTR))
            return run_pipe_ended(r, watch);
        else if (errno == EAGAIN)
            return;
    }
}

static void run_out_ready(struct poll_watch *watch)
{
    run_read(list_entry(watch, struct run, out), watch, INTAKE_OUT);
}

static void run_err_ready(struct poll_watch *watch)
{
    run_read(list_entry(watch, struct run, err), watch, INTAKE_ERR);
}

/* A task whose output cannot be watched is ended: it would wait for ever for somebody to read it. */
static void run_watch_pipes(struct run *r)
{
    struct poll *poll = r->supervisor->poll;
    struct error err;
    if (r->watches_pipes || run_is_held(r))
        return;
    r->watches_pipes = true;
    if (r->out.fd >= 0)
        files_pipe_do_not_wait(r->out.fd);
    if (r->err.fd >= 0)
        files_pipe_do_not_wait(r->err.fd);
    if ((r->out.fd >= 0 && poll_add(poll, &r->out, false, &err) < 0) ||
        (r->err.fd >= 0 && poll_add(poll, &r->err, false, &err) < 0)) {
        outcome_fail(&r->task->outcome, ERR_OUTPUT, "%s", err.message);
        run_act(r, attempt_stop(&r->attempt, ERR_OUTPUT, true, clock_monotonic_ns()));
    }
}

static void run_impatient(struct poll_timer *timer)
{
    run_watch_pipes(list_entry(timer, struct run, patience));
}

/* ---- end ---- */

/* Gives the task back to the pool; the run is spare then. */
static void run_done(struct run *r)
{
    struct supervisor *s = r->supervisor;
    struct outcome *o = &r->task->outcome;
    struct error err;
    poll_timer_stop(s->poll, &r->timer);
    poll_timer_stop(s->poll, &r->patience);
    if (intake_end(&r->intake, &err) < 0 && o->code == ERR_NONE)
        outcome_fail(o, ERR_OUTPUT, "%s", err.message);
    int64_t now_ns = o->finished_ns = clock_monotonic_ns();
    o->finished_real_ns = clock_real_ns();
    s->all->dispatcher.done(s->all->dispatcher.pool, r->task, now_ns);
    list_remove(&r->node);
    list_push_front(&s->spare, &r->node);
    s->finished_one = true;
    if (r->started) {
        atomic_fetch_sub(&s->all->active, 1);
        if (s->short_run && !s->short_suspended)
            poll_timer_set(s->poll, &s->short_run->timer, now_ns);
    }
}

static void run_end_input(struct run *r)
{
    feeder_stop(&r->feeder);
    if (r->command.named_fd >= 0)
        close(r->command.named_fd);
    if (r->feeder.error.code != ERR_NONE && r->task->outcome.code == ERR_NONE)
        outcome_fail(&r->task->outcome, ERR_LOST, "%s", r->feeder.error.message);
}

static void run_finish(struct run *r)
{
    run_close_pipe(r, &r->out);
    run_close_pipe(r, &r->err);
    run_end_input(r);
    r->task->outcome.leaked = r->attempt.leaked;
    command_finish(r->task, &r->command, r->attempt.why, r->told_to_end ? 0 : r->timeout_ns);
    run_done(r);
}

/* What a dead root has left in its pipes. Most have written nothing and left nobody, which one call tells. */
static void run_drain(struct run *r)
{
    struct pollfd now[] = {{.fd = r->out.fd, .events = POLLIN}, {.fd = r->err.fd, .events = POLLIN}};
    struct poll_watch *watches[] = {&r->out, &r->err};
    poll(now, 2, 0);
    for (int i = 0; i < 2; i++) {
        if (now[i].revents & POLLIN) {
            files_pipe_do_not_wait(watches[i]->fd);
            run_read(r, watches[i], i == 0 ? INTAKE_OUT : INTAKE_ERR);
        } else if (now[i].revents & POLLHUP) {
            run_pipe_ended(r, watches[i]);
        }
    }
    if (r->attempt.open_pipes > 0)
        run_watch_pipes(r);
}

static void run_exited(struct poll_watch *watch)
{
    struct run *r = list_entry(watch, struct run, exited);
    close(poll_remove(r->supervisor->poll, watch));
    poll_timer_stop(r->supervisor->poll, &r->patience);
    run_drain(r);
    run_act(r, attempt_root_dead(&r->attempt, clock_monotonic_ns()));
}

/* When jobpool itself was stopped, or is late, a task may have ended before its time was over, with the news
 * still behind those of many others. */
static bool run_has_exited(const struct run *r)
{
    struct pollfd look = {.fd = r->exited.fd, .events = POLLIN};
    return r->exited.fd >= 0 && poll(&look, 1, 0) == 1;
}

static void run_expired(struct poll_timer *timer)
{
    struct run *r = list_entry(timer, struct run, timer);
    if (run_has_exited(r))
        return run_exited(&r->exited);
    run_act(r, attempt_timer(&r->attempt, clock_monotonic_ns()));
}

/* Sends the signals that are asked for and, if that is asked for, looks; returns what is to be done after
 * that. */
static unsigned run_signal(struct run *r, unsigned actions)
{
    struct tree tree = run_tree(r);
    if (actions & ATTEMPT_DO_CONT)
        tree_signal(&tree, SIGCONT);
    if (actions & ATTEMPT_DO_STOP)
        tree_signal(&tree, SIGSTOP);
    if (actions & ATTEMPT_DO_TERM)
        tree_signal(&tree, r->attempt.signal);
    if (actions & ATTEMPT_DO_KILL)
        tree_signal(&tree, SIGKILL);
    if (actions & ATTEMPT_DO_LOOK)
        return attempt_looked(&r->attempt, tree_has_leftovers(&tree), clock_monotonic_ns());
    return ATTEMPT_DO_NOTHING;
}

/* Carries out what the attempt machine asks for. After FINISH the run is spare. */
static void run_act(struct run *r, unsigned actions)
{
    for (; actions; actions = run_signal(r, actions))
        if (actions & ATTEMPT_DO_FINISH)
            return run_finish(r);
    if (r->attempt.due_ns != r->timer.due_ns || !heap_linked(&r->timer.node)) {
        if (r->attempt.due_ns && !r->attempt.suspended_ns)
            poll_timer_set(r->supervisor->poll, &r->timer, r->attempt.due_ns);
        else
            poll_timer_stop(r->supervisor->poll, &r->timer);
    }
}

/* ---- start ---- */

static struct run *run_new(struct supervisor *s, struct task *t)
{
    struct list_node *node = list_pop_front(&s->spare);
    struct run *r = node ? list_entry(node, struct run, node) : xcalloc(1, sizeof *r);
    *r = (struct run){
        .supervisor = s,
        .task = t,
        .exited = {.fd = -1, .ready = run_exited},
        .out = {.fd = -1, .ready = run_out_ready},
        .err = {.fd = -1, .ready = run_err_ready},
        .timer = {.expired = run_expired},
        .feeder = FEEDER_NONE,
        .patience = {.expired = run_impatient},
        .timeout_ns = spec_or(t->spec->timeout_ns, s->all->config.timeout_ns),
    };
    t->attempt_state = r;
    t->outcome.exit_code = -1;
    t->outcome.max_rss_kib = -1;
    intake_init(&r->intake, t, &s->all->config, &s->all->dispatcher);
    list_push_back(&s->runs, &r->node);
    return r;
}

static int run_watch(struct run *r, int64_t now_ns, struct error *err)
{
    struct poll *poll = r->supervisor->poll;
    r->exited.fd = r->command.child.pidfd;
    r->out.fd = r->command.out_fd;
    r->err.fd = r->command.err_fd;
    poll_timer_set(poll, &r->patience, now_ns + PATIENCE_NS);
    if (r->command.feed_fd >= 0)
        feeder_start(&r->feeder, poll, r->task->input, r->command.feed_fd);
    return poll_add(poll, &r->exited, false, err);
}

/* No task waits any more for the machine to have room. (That it has room is another matter: after SHORT_LIMIT_NS
 * the tasks that follow do not wait as long again.) */
static void supervisor_wait_over(struct supervisor *s)
{
    s->short_run = NULL;
    s->short_suspended = false;
}

/* The task could not be started, and never will be. */
static void run_fail(struct run *r, const struct error *err)
{
    struct outcome *o = &r->task->outcome;
    if (r->supervisor->short_run == r)
        supervisor_wait_over(r->supervisor);
    outcome_fail(o, err->code == ERR_NOT_FOUND ? ERR_NOT_FOUND : ERR_SPAWN, "%s", err->message);
    o->too_long = err->sys_errno == E2BIG;
    run_done(r);
}

/* The machine is short of something: try again in a while, for a while. */
static void run_wait_for_room(struct run *r, const struct error *err, int64_t now_ns)
{
    struct supervisor *s = r->supervisor;
    if (!s->short_since_ns || atomic_load(&s->all->active)) {
        s->short_wait_ns = s->short_since_ns ? s->short_wait_ns : SHORT_FIRST_NS;
        s->short_since_ns = now_ns;
    }
    if (now_ns - s->short_since_ns >= SHORT_LIMIT_NS) {
        return run_fail(r, err);
    }
    s->short_run = r;
    poll_timer_set(s->poll, &r->timer, now_ns + s->short_wait_ns);
    if (s->short_wait_ns < SHORT_MOST_NS)
        s->short_wait_ns *= 2;
}

static void run_start(struct run *r);

static void run_try_again(struct poll_timer *timer)
{
    run_start(list_entry(timer, struct run, timer));
}

static void run_start(struct run *r)
{
    struct supervisor *s = r->supervisor;
    struct task *t = r->task;
    struct error err = {0};
    int64_t now_ns = clock_monotonic_ns();
    t->outcome.started_ns = now_ns;
    t->outcome.started_real_ns = clock_real_ns();
    if (command_start(&s->commander, t, &r->command, &err) < 0) {
        if (!command_is_transient(&err))
            return run_fail(r, &err);
        r->timer.expired = run_try_again;
        return run_wait_for_room(r, &err, now_ns);
    }
    s->finished_one = s->finished_one || s->short_run;
    supervisor_wait_over(s);
    s->short_since_ns = 0;
    r->started = true;
    atomic_fetch_add(&s->all->active, 1);
    r->timer.expired = run_expired;
    t->outcome.pid = r->command.child.pid;
    s->all->dispatcher.started(s->all->dispatcher.pool, t, t->outcome.pid, t->outcome.started_real_ns);
    int64_t kill_after = spec_or(t->spec->kill_after_ns, s->all->config.kill_after_ns);
    attempt_init(&r->attempt, now_ns, r->timeout_ns, kill_after, s->all->config.ungroup ? 0 : 2);
    if (t->spec->kill_after_ns == SPEC_UNSET)
        attempt_set_sequence(&r->attempt, &s->all->config.term_seq);
    if (run_watch(r, now_ns, &err) < 0) { /* a task that cannot be seen is not run */
        outcome_fail(&t->outcome, ERR_SPAWN, "%s", err.message);
        run_act(r, attempt_stop(&r->attempt, ERR_SPAWN, true, now_ns));
        close(poll_remove(s->poll, &r->exited));
        return run_finish(r);
    }
    run_act(r, ATTEMPT_DO_NOTHING);
}

void run_begin(struct supervisor *s, struct task *t)
{
    run_start(run_new(s, t));
}

/* ---- what others ask of it ---- */

/* An order for a run that could not be started yet: suspended it is not tried any more, ending ends it. */
static void run_obey_unstarted(struct run *r, enum task_order order)
{
    struct supervisor *s = r->supervisor;
    struct dispatcher *d = &s->all->dispatcher;
    s->short_suspended = order == ORDER_SUSPEND;
    if (order == ORDER_SUSPEND)
        poll_timer_stop(s->poll, &r->timer);
    else if (order == ORDER_RESUME)
        poll_timer_set(s->poll, &r->timer, clock_monotonic_ns());
    if (order == ORDER_SUSPEND || order == ORDER_RESUME)
        return d->suspended(d->pool, r->task, order == ORDER_SUSPEND, clock_monotonic_ns());
    supervisor_wait_over(s);
    outcome_fail(&r->task->outcome, r->task->why, "%s", error_code_reason(r->task->why));
    r->task->outcome.started_ns = 0;
    run_done(r);
}

void run_obey(struct run *r, enum task_order order)
{
    struct dispatcher *d = &r->supervisor->all->dispatcher;
    struct task *t = r->task;
    int64_t now_ns = clock_monotonic_ns();
    if (!r->started)
        return run_obey_unstarted(r, order);
    switch (order) {
    case ORDER_NONE:
        break;
    case ORDER_SUSPEND:
        run_act(r, attempt_suspend(&r->attempt, now_ns));
        d->suspended(d->pool, t, true, now_ns);
        break;
    case ORDER_RESUME:
        d->suspended(d->pool, t, false, now_ns);
        run_act(r, attempt_resume(&r->attempt, now_ns));
        break;
    case ORDER_TIMEOUT:
        r->timeout_ns = t->timeout_ns;
        run_act(r, attempt_stop(&r->attempt, ERR_TIMEOUT, false, now_ns));
        break;
    case ORDER_STOP:
    case ORDER_KILL:
        r->told_to_end = r->told_to_end || r->attempt.why == ERR_NONE;
        run_act(r, attempt_stop(&r->attempt, t->why, order == ORDER_KILL, now_ns));
        break;
    }
}

void run_look(struct run *r)
{
    if (r->started && r->attempt.dead)
        run_act(r, ATTEMPT_DO_LOOK);
}

/* Held pipes are not watched: what is in them would be told again and again. */
static void run_hold(struct run *r)
{
    struct poll *poll = r->supervisor->poll;
    if (!run_is_held(r) && r->started && clock_monotonic_ns() >= r->patience.due_ns)
        run_watch_pipes(r);
    if (!run_is_held(r) || !r->watches_pipes)
        return;
    int out = poll_remove(poll, &r->out), errs = poll_remove(poll, &r->err);
    r->out.fd = out;
    r->err.fd = errs;
    r->watches_pipes = false;
}

void run_follow(struct run *r)
{
    struct error err;
    if (!r->intake.live && atomic_load(&r->task->followed) && intake_follow(&r->intake, &err) < 0 &&
        r->task->outcome.code != ERR_OUTPUT)
        run_lost_output(r, &err);
    run_hold(r);
    feeder_resume(&r->feeder);
}
