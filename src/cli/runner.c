/* The main thread's loop. Watchers only note what happened; what follows from it is done once, before the
 * loop waits again (runner_turn): events go to the sinks and the feed, the feed is pumped, timers are set.
 * Nothing recurses.
 *
 * Order of birth: signals, guardian (it is a fork: before any thread, before much memory), subreaper,
 * loop, outputs, pool, supervisors, the control group of the tasks (while the first supervisor begins; the guardian
 * knew its name from birth), sinks. The end goes the other way round, but for group and guardian: as soon as no task
 * is left the one is removed and the other is told goodbye, and goes while the threads do.
 */
#include "cli/runner.h"

#include "base/alloc.h"
#include "base/duration.h"
#include "cli/gnu_status.h"
#include "cli/options.h"
#include "cli/runner_private.h"
#include "os/clock.h"
#include "os/files.h"
#include "os/machine.h"
#include "os/tree.h"
#include "task/spec.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What stays open for a task (stdout, stderr, pidfd) and for a worker (its loop, /dev/null, the list of its
 * children, a spare one), and what is opened for a while besides (to start tasks, for files, for /proc). */
#define DESCRIPTORS_PER_TASK   3
#define NAP_S 0.001
#define NAP_RATE_NS (2 * NS_PER_MS) /* ends that come closer than this are many */
#define DESCRIPTORS_PER_WORKER 5
#define DESCRIPTORS_SPARE      12
#define WORKERS_MAX            64
#define WORKERS_UNASKED        2

#define END_LIMIT_NS NS_PER_S /* who was killed at the end is waited for */

/* ---- what tasks inherit ---- */

static bool is_own_variable(const char *variable)
{
    static const char *const gnu[] = {"PARALLEL_SEQ=", "PARALLEL_JOBSLOT=", "PARALLEL_PID=",
                                      "PARALLEL_SSHLOGIN=", "PARALLEL_SSHHOST="};
    for (size_t i = 0; parallel_options.on && i < sizeof gnu / sizeof gnu[0]; i++) {
        if (strncmp(variable, gnu[i], strlen(gnu[i])) == 0)
            return true;
    }
    const char *slot = parallel_options.slot_variable;
    size_t len = strcspn(variable, "=");
    return spec_owns_variable(variable, len) ||
           (slot && strlen(slot) == len && strncmp(variable, slot, len) == 0);
}

static bool is_overridden(const char *variable)
{
    size_t len = strcspn(variable, "=");
    for (const char *v = NULL; (v = words_next(&pool_options.env, v));) {
        if (strncmp(v, variable, len) == 0 && v[len] == '=')
            return true;
    }
    return false;
}

/* The mark of this run stands behind those of the runs around it, so that each of them can find everything
 * below it. */
static char *runner_mark(void)
{
    const char *outer = getenv("JOBPOOL_RUN");
    unsigned long long unique = (unsigned long long)clock_real_ns();
    return outer && *outer ? xasprintf("%s/%d.%llx", outer, (int)getpid(), unique)
                           : xasprintf("%d.%llx", (int)getpid(), unique);
}

static void runner_build_environment(struct runner *r)
{
    for (char **v = environ; *v; v++) {
        if (!is_own_variable(*v) && !is_overridden(*v))
            words_add(&r->environment, *v, strlen(*v));
    }
    words_add_all(&r->environment, &pool_options.env);
    char *mark = xasprintf("JOBPOOL_RUN=%s", r->mark);
    words_add(&r->environment, mark, strlen(mark));
    free(mark);
    if (parallel_options.on) {
        char *pid = xasprintf("PARALLEL_PID=%d", (int)getpid());
        const char *const same[] = {pid, "PARALLEL_SSHLOGIN=:", "PARALLEL_SSHHOST=:"};
        for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
            words_add(&r->environment, same[i], strlen(same[i]));
        free(pid);
    }
    r->environment_list = words_argv(&r->environment);
}

/* ---- assembly ---- */

/* Threads that start tasks: no more than processors. For a few slots it is not worth asking how many there are. */
static unsigned runner_workers(unsigned slots)
{
    unsigned most = slots <= WORKERS_UNASKED ? slots : (unsigned)machine_processors();
    most = most < WORKERS_MAX ? most : WORKERS_MAX;
    return slots < most ? slots : most;
}

/* The most slots that can be had with so many descriptors. Each of the first ones brings a worker. */
static unsigned runner_slots_within(long descriptors)
{
    long workers = runner_workers(SLOTS_MAX);
    long most = descriptors / (DESCRIPTORS_PER_WORKER + DESCRIPTORS_PER_TASK);
    if (most > workers)
        most = (descriptors - workers * DESCRIPTORS_PER_WORKER) / DESCRIPTORS_PER_TASK;
    most = most < 1 ? 1 : most;
    return most < (long)SLOTS_MAX ? (unsigned)most : SLOTS_MAX;
}

/* As many slots as there are descriptors for; told once if that is less than was asked for. With -j FILE more may be
 * asked for later: *most. */
static unsigned runner_slots(unsigned *most_slots)
{
    unsigned wanted = pool_options.slots;
    long limit = files_raise_limit();
    long left = limit - files_count_open() - DESCRIPTORS_SPARE;
    if (pool_options.callback || pool_options.error_callback)
        left -= DESCRIPTORS_PER_WORKER + DESCRIPTORS_PER_TASK;
    if (gate_options.limit)
        left -= DESCRIPTORS_PER_WORKER + DESCRIPTORS_PER_TASK;
    if (pool_options.slots_file)
        *most_slots = runner_slots_within(left);
    long need = (long)runner_workers(wanted) * DESCRIPTORS_PER_WORKER + (long)wanted * DESCRIPTORS_PER_TASK;
    if (wanted && need <= left)
        return wanted;
    unsigned most = runner_slots_within(left);
    if (wanted && wanted <= most)
        return wanted;
    if (wanted)
        complain("-j %u needs more open files than the limit of %ld; running %u at a time (see ulimit -n)",
                 wanted, limit, most);
    return most;
}

static void runner_configure_supervisor(struct runner *r, unsigned slots)
{
    bool own_stdin = pool_options.stdin_file && strcmp(pool_options.stdin_file, "-") == 0;
    r->supervisor = (struct supervisor_config){
        .workers = runner_workers(slots),
        .signals = &r->signals,
        .environment = r->environment_list,
        .run = r->mark,
        .cgroup = &r->cgroup,
        .spool = r->spool,
        .timeout_ns = pool_options.timeout_ns,
        .kill_after_ns = pool_options.kill_after_ns,
        .term_seq = pool_options.term_seq,
        .max_output = pool_options.max_output,
        .every_byte = output_options.form == OUTPUT_TEXT,
        .live = output_options.line_buffer && !output_options.keep_order && !results_options.files,
        .shows_output = output_options.report || pool_options.callback || pool_options.error_callback,
        .keeps_output = results_options.name || results_options.files,
        .ungroup = output_options.ungroup,
        .nice = (int)pool_options.nice,
        .cwd = pool_options.cwd,
        .input_file = own_stdin ? NULL : pool_options.stdin_file,
        .input_fd = own_stdin ? STDIN_FILENO : -1,
        .gnu_variables = parallel_options.on,
        .slot_variable = parallel_options.slot_variable,
    };
}

/* While the main thread naps, it looks by itself soon. */
void runner_wake(void *context)
{
    struct runner *r = context;
    if (!atomic_load(&r->napping))
        ev_async_send(r->loop, &r->wake);
}

/* What is to be known is how many tasks there will be: then all input is read at once, whatever memory it takes. */
static bool runner_reads_ahead(void)
{
    return (pool_options.halt.percent || output_options.bar || output_options.eta) && !pool_options.total && !pool_options.max_queue;
}

static size_t runner_max_queue(const struct runner *r)
{
    if (runner_reads_ahead())
        return SIZE_MAX;
    return pool_options.max_queue ? (size_t)pool_options.max_queue : r->setup.max_queue;
}

static int runner_start_pool(struct runner *r, struct error *err)
{
    unsigned most = 0, slots = runner_slots(&most);
    runner_configure_supervisor(r, most > slots ? most : slots);
    struct pool_config config = {
        .slots = slots,
        .slots_most = most,
        .workers = r->supervisor.workers,
        .policy = pool_options.policy,
        .max_queue = runner_max_queue(r),
        .max_queue_bytes = runner_reads_ahead() ? SIZE_MAX : r->setup.max_queue_bytes,
        .retries = retry_options.retries,
        .retry_delay = retry_options.retry_delay,
        .chance = (uint64_t)r->started_real_ns ^ (uint64_t)getpid(),
        .timeout_percent = pool_options.timeout_percent,
        .gated = runner_is_gated(r),
        .rate_gap_ns = gate_options.rate_gap_ns,
        .delay_ns = gate_options.delay_ns,
        .delay_auto = gate_options.delay_auto,
        .halt = pool_options.halt,
        .every_event = output_options.events || output_options.verbose || output_options.progress ||
                       runner_follows() || parallel_options.print_commands,
        .starting = r->setup.journal ? runner_starting : NULL,
        .ended = r->setup.journal ? runner_attempt_ended : NULL,
        .attempt_context = r,
        .notify = runner_wake,
        .total = pool_options.total,
        .notify_context = r,
    };
    r->pool = pool_new(&config);
    struct dispatcher dispatcher = pool_dispatcher(r->pool);
    r->executor = supervisor_start(&r->supervisor, &dispatcher, err);
    if (!r->executor)
        return -1;
    pool_set_executor(r->pool, r->executor);
    return 0;
}

/* --stdin is named once for all tasks, so it is looked at before the first. Opening it would take a FIFO's
 * reader away again. */
static int check_stdin_file(struct error *err)
{
    const char *path = pool_options.stdin_file;
    if (!path)
        return 0;
    bool is_stdin = strcmp(path, "-") == 0;
    if (is_stdin && files_was_closed(STDIN_FILENO))
        return error_set(err, ERR_INPUT, "--stdin -: standard input is closed");
    if (!is_stdin && faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) < 0)
        return error_set_errno(err, ERR_INPUT, errno, "--stdin: cannot open %s", path);
    return options_check_input(path, err);
}

/* The journal stays locked as long as something of this run may be left. */
static int runner_start_guardian(struct runner *r, struct error *err)
{
    struct journal *journal = r->setup.journal;
    int got = guardian_start(&r->guardian, r->mark, &r->cgroup, journal ? journal_guard_fd(journal) : -1, err);
    if (journal)
        journal_guarded(journal);
    return got;
}

static int runner_set_up(struct runner *r, struct error *err)
{
    if (check_stdin_file(err) < 0 || runner_gate_init(r, err) < 0)
        return -1;
    r->mark = runner_mark();
    tree_note_children();
    cgroup_name(&r->cgroup, r->mark);
    if (files_check_tmpdir(err) < 0 || signals_init(&r->signals, err) < 0 ||
        runner_start_guardian(r, err) < 0 || tree_adopt_orphans(r->guardian.pid, err) < 0)
        return -1;
    r->spool = spool_new(files_temporary);
    r->loop = ev_loop_new(EVFLAG_NOENV | EVFLAG_NOSIGMASK);
    if (!r->loop)
        return error_set(err, ERR_SYSTEM, "the event loop cannot be made");
    runner_build_environment(r);
    if (runner_open_outputs(r, err) < 0 || runner_start_pool(r, err) < 0)
        return -1;
    cgroup_make(&r->cgroup);
    if (runner_gate_start(r, err) < 0 || runner_open_sinks(r, err) < 0)
        return -1;
    return 0;
}

/* No task is left. What KILL does not end in time, or there is no time for, is the guardian's. */
static void runner_end_group(struct runner *r)
{
    if (cgroup_remove(&r->cgroup, r->hurried ? 0 : END_LIMIT_NS))
        guardian_dismiss(&r->guardian);
    else
        guardian_leave(&r->guardian);
    cgroup_fini(&r->cgroup);
}

static void runner_free(struct runner *r)
{
    runner_gate_free(r);
    if (r->executor)
        r->executor->ops->stop(r->executor);
    for (size_t i = 0; i < r->sinks_len; i++)
        r->sinks[i]->ops->free(r->sinks[i]);
    text_template_free(r->results_name);
    text_template_free(r->tag_text);
    runner_close_outputs(r); /* what it still holds is in the spool */
    pool_free(r->pool);
    spool_free(r->spool);
    runner_end_group(r);
    guardian_stop(&r->guardian);
    journal_close(r->setup.journal);
    if (r->loop)
        ev_loop_destroy(r->loop);
    free(r->environment_list);
    words_fini(&r->environment);
    free(r->mark);
    free(r);
}

/* ---- the loop ---- */

/* Tasks end fast and others wait to be started: then their results are handled some at a time, NAP_S later at
 * most. A conversation, in which nobody waits in the queue, has each at once. */
static void runner_nap(struct runner *r, int64_t mono_ns)
{
    bool busy = mono_ns - r->drained_ns < NAP_RATE_NS;
    r->drained_ns = mono_ns;
    if (!busy || ev_is_active(&r->nap) || !pool_has_waiting(r->pool))
        return;
    atomic_store(&r->napping, true);
    ev_now_update(r->loop);
    ev_timer_set(&r->nap, NAP_S, 0);
    ev_timer_start(r->loop, &r->nap);
}

static void runner_nap_over(struct ev_loop *loop, ev_timer *watcher, int events)
{
    struct runner *r = watcher->data;
    (void)loop, (void)events; /* runner_turn follows */
    atomic_store(&r->napping, false);
}

/* --halt now,fail=1 and the like: the first task that counts for it decides the exit status. */
static void runner_note_decisive(struct runner *r, enum task_state state)
{
    if (r->decisive_status < 0 && gnu_decides(&pool_options.halt, state))
        r->decisive_status = r->single_status;
}

static void runner_drain(struct runner *r, int64_t mono_ns, int64_t real_ns)
{
    struct event_list events = {0};
    pool_drain(r->pool, &events, mono_ns, real_ns);
    if (events.len)
        runner_nap(r, mono_ns);
    if (r->setup.journal)
        runner_sync_journal(r, &events, real_ns);
    for (size_t i = 0; i < events.len; i++) {
        struct event *event = &events.items[i];
        if (event->output) {
            runner_show_output(r, event);
            continue;
        }
        if (task_state_ended(event->to)) {
            r->single_status = task_exit_status(event->task);
            runner_note_decisive(r, event->to);
            r->failed = r->failed || event->why == ERR_OUTPUT;
        }
        runner_show(r, event);
        if (r->feed->ops->event)
            r->feed->ops->event(r->feed, event);
    }
    for (size_t i = 0; i < events.len; i++) {
        if (task_state_ended(events.items[i].to))
            task_unref(events.items[i].task);
    }
    if (events.len)
        runner_commit_outputs(r);
    free(events.items);
}

static void runner_watch_feed(struct runner *r)
{
    int fd = r->feed_status == FEED_WAIT_INPUT && !r->feed_ready ? r->feed->ops->fd(r->feed) : -1;
    if (ev_is_active(&r->feed_io) && r->feed_io.fd == fd)
        return;
    ev_io_stop(r->loop, &r->feed_io);
    if (fd >= 0) {
        ev_io_set(&r->feed_io, fd, EV_READ);
        ev_io_start(r->loop, &r->feed_io);
    }
}

/* Pump the feed in the next turn, which comes at once. */
static void runner_pump_again(struct runner *r)
{
    r->feed_ready = true;
    ev_async_send(r->loop, &r->wake);
}

void runner_feed_ended(void *context)
{
    runner_pump_again(context);
}

/* While output waits for a slow reader nothing is read and nothing is started. */
static void runner_pump(struct runner *r, int64_t mono_ns, int64_t real_ns)
{
    bool full = runner_is_full(r);
    pool_pause(r->pool, full, mono_ns);
    executor_hold(r->executor, runner_outputs_are_full(r));
    if (r->no_more_input && r->feed_status != FEED_ENDED) {
        r->feed_status = FEED_ENDED;
        if (r->feed->ops->cut)
            r->feed->ops->cut(r->feed);
        output_commit(r->out);
    } else if (!full && r->feed_status != FEED_ENDED &&
             (r->feed_ready || r->feed_status == FEED_WAIT_POOL)) {
        r->feed_ready = false;
        r->feed_status = r->feed->ops->pump(r->feed, mono_ns, real_ns);
        output_commit(r->out);
        if (r->feed_status == FEED_AGAIN)
            runner_pump_again(r);
        if (r->feed_status == FEED_ENDED)
            pool_input_ended(r->pool, real_ns);
    }
    runner_watch_feed(r);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a && (!b || a < b) ? a : b;
}

static void runner_watch_time(struct runner *r, int64_t next_ns, int64_t mono_ns)
{
    ev_timer_stop(r->loop, &r->timer);
    if (!next_ns)
        return;
    double wait = next_ns > mono_ns ? (double)(next_ns - mono_ns) / 1e9 : 0;
    ev_now_update(r->loop);
    ev_timer_set(&r->timer, wait, 0);
    ev_timer_start(r->loop, &r->timer);
}

/* While a time of the wall clock is waited for, the loop wakes when the clock is set (libev looks at least once
 * a minute where the kernel does not tell), and the next turn compares anew. That the time itself comes is the
 * timer's part: libev works it out from a difference of the clocks that may be older than the last jump. */
static void runner_watch_clock(struct runner *r, int64_t next_real_ns)
{
    double at = (double)next_real_ns / 1e9;
    if (ev_is_active(&r->clock) && r->clock.offset == at)
        return;
    ev_periodic_stop(r->loop, &r->clock);
    if (next_real_ns) {
        ev_periodic_set(&r->clock, at, 0, NULL);
        ev_periodic_start(r->loop, &r->clock);
    }
}

static void runner_tick(struct runner *r, int64_t mono_ns, int64_t real_ns)
{
    if (r->deadline_ns && mono_ns >= r->deadline_ns) {
        r->deadline_ns = 0;
        r->no_more_input = true;
        pool_end_all(r->pool, ERR_TIMEOUT, ERR_TIMEOUT, false, real_ns);
    }
    struct pool_times next = pool_tick(r->pool, mono_ns, real_ns);
    next.mono_ns = earlier(next.mono_ns, r->deadline_ns);
    next.mono_ns = earlier(next.mono_ns, runner_gate_turn(r, mono_ns, real_ns));
    if (r->feed->ops->tick)
        next.mono_ns = earlier(r->feed->ops->tick(r->feed, mono_ns), next.mono_ns);
    runner_watch_clock(r, next.real_ns);
    if (next.real_ns)
        next.mono_ns = earlier(next.mono_ns, mono_ns + (next.real_ns - real_ns));
    runner_watch_time(r, next.mono_ns, mono_ns);
}

/* Is everything done? Daemons are ended when nothing else is left. */
static bool runner_is_over(struct runner *r, int64_t real_ns)
{
    if (r->feed_status != FEED_ENDED || !pool_is_idle(r->pool))
        return false;
    if (!pool_is_empty(r->pool)) {
        pool_end_daemons(r->pool, real_ns);
        return false;
    }
    return callback_is_idle(r->callbacks);
}

static void runner_turn(struct ev_loop *loop, ev_prepare *watcher, int revents)
{
    struct runner *r = watcher->data;
    (void)revents;
    int64_t mono_ns = clock_monotonic_ns(), real_ns = clock_real_ns();
    runner_drain(r, mono_ns, real_ns);
    callback_pump(r->callbacks, mono_ns, real_ns);
    r->no_more_input = r->no_more_input || pool_is_halted(r->pool);
    runner_pump(r, mono_ns, real_ns);
    runner_slots_turn(r, mono_ns);
    runner_tick(r, mono_ns, real_ns);
    runner_stop_if_suspended(r);
    if (runner_is_over(r, real_ns))
        r->over = true;
    if (r->over)
        ev_break(loop, EVBREAK_ALL);
}

static void runner_woken(struct ev_loop *loop, ev_async *watcher, int events)
{
    (void)loop, (void)watcher, (void)events; /* runner_turn follows */
}

static void runner_timer(struct ev_loop *loop, ev_timer *watcher, int events)
{
    (void)loop, (void)watcher, (void)events; /* runner_turn follows */
}

static void runner_clock(struct ev_loop *loop, ev_periodic *watcher, int events)
{
    (void)loop, (void)watcher, (void)events; /* runner_turn follows */
}

static void runner_feed_ready(struct ev_loop *loop, ev_io *watcher, int events)
{
    struct runner *r = watcher->data;
    (void)events;
    r->feed_ready = true;
    ev_io_stop(loop, watcher);
}

static void runner_slots_ready(struct ev_loop *loop, ev_io *watcher, int events)
{
    (void)loop, (void)watcher, (void)events; /* runner_turn follows, and empties it */
}

static void runner_watch(struct runner *r)
{
    if (r->gate.file.fd >= 0) {
        ev_io_init(&r->slots_io, runner_slots_ready, r->gate.file.fd, EV_READ);
        ev_io_start(r->loop, &r->slots_io);
    }
    ev_async_init(&r->wake, runner_woken);
    ev_async_start(r->loop, &r->wake);
    runner_watch_signals(r);
    ev_init(&r->feed_io, runner_feed_ready);
    ev_init(&r->timer, runner_timer);
    ev_init(&r->clock, runner_clock);
    ev_init(&r->nap, runner_nap_over);
    ev_prepare_init(&r->turn, runner_turn);
    ev_prepare_start(r->loop, &r->turn);
    r->feed_io.data = r->turn.data = r->nap.data = r;
}

/* ---- birth and end ---- */

struct runner *runner_new(const struct runner_setup *setup, int *status)
{
    struct runner *r = xcalloc(1, sizeof *r);
    struct error err = {0};
    r->setup = *setup;
    r->decisive_status = -1;
    r->cgroup.fd = -1;
    r->gate.file.fd = -1;
    r->started_ns = clock_monotonic_ns();
    r->started_real_ns = clock_real_ns();
    r->deadline_ns = pool_options.deadline_ns ? r->started_ns + pool_options.deadline_ns : 0;
    if (runner_set_up(r, &err) < 0) {
        complain("%s", err.message);
        *status = failure_status(err.code == ERR_INPUT || err.code == ERR_USAGE ? 2 : 125);
        runner_free(r);
        return NULL;
    }
    return r;
}

void runner_feed_tasks(void *context)
{
    struct runner *r = context;
    executor_feed(r->executor);
}

struct pool *runner_pool(struct runner *r)
{
    return r->pool;
}

struct output *runner_out(struct runner *r)
{
    return r->out;
}

struct output *runner_err(struct runner *r)
{
    return r->err;
}

void runner_bad_item(void *context, const struct error *err)
{
    struct runner *r = context;
    progress_hide(r->progress);
    complain("%s", err->message);
}

static int count_failed(const struct summary *s)
{
    uint64_t failed = 0;
    for (int state = TASK_FAILED; state < TASK_STATES; state++)
        failed += s->counts[state];
    failed -= s->ignored;
    return failed > 100 ? 101 : (int)failed;
}

static int runner_status(const struct runner *r, const struct summary *s)
{
    if (parallel_options.on && !r->setup.single)
        return r->failed ? failure_status(125) : gnu_status(s, &pool_options.halt, r->decisive_status);
    if (r->failed)
        return failure_status(125);
    if (r->refused)
        return 2;
    if (output_options.exit_count) {
        int failed = s->halted_by_success ? 0 : count_failed(s);
        return failed ? failed : summary_status(s);
    }
    if (r->setup.single && !schedule_repeats(&timer_options.schedule))
        return r->single_status;
    return summary_status(s);
}

static struct summary runner_summary(struct runner *r)
{
    struct summary s = {.started_real_ns = r->started_real_ns,
                        .wall_ns = clock_monotonic_ns() - r->started_ns};
    pool_summary(r->pool, &s);
    const struct error *err = r->feed->ops->report(r->feed, &s);
    if (err) {
        complain("%s", err->message);
        r->refused = err->code == ERR_USAGE;
        r->failed = r->failed || !r->refused;
    }
    return s;
}

/* Tasks that KILL could not end by now are left to the guardian, which sees that jobpool is gone. */
static void runner_give_up(const struct runner *r)
{
    signals_die(r->interrupted);
}

int runner_run(struct runner *r, struct feed *feed)
{
    r->feed = feed;
    r->feed_status = FEED_WAIT_INPUT;
    r->feed_ready = true;
    runner_watch(r);
    ev_run(r->loop, 0);
    if (r->hurried && !pool_is_empty(r->pool))
        runner_give_up(r);
    struct summary summary = runner_summary(r);
    limit_command_free(r->gate.limit);
    r->gate.limit = NULL;
    runner_finish_sinks(r, &summary);
    tree_kill_run(r->mark);
    runner_end_group(r);
    runner_flush(r);
    runner_close_outputs(r);
    int status = runner_status(r, &summary);
    int signo = r->interrupted;
    bool failed = r->failed;
    runner_free(r);
    if (signo && !failed)
        signals_die(signo);
    return status;
}
