/* Real supervisors on a real pool, and a main thread as the program has one: it drains, ticks, and reaps orphans. */
#ifndef JOBPOOL_TESTS_SUPERVISOR_SUPPORT_H
#define JOBPOOL_TESTS_SUPERVISOR_SUPPORT_H

#include "os_support.h"

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/duration.h"
#include "executor/supervisor.h"
#include "os/clock.h"
#include "os/files.h"
#include "os/tree.h"
#include "pool/pool.h"

#include <sys/eventfd.h>
#include <sys/stat.h>

#define RUN_MARK "supervisor-test.1"
#define HOLD "sleep 12345" /* for ever, as far as a test goes */

struct rig {
    struct signals signals;
    struct spool *spool;
    struct pool *pool;
    struct executor *executor;
    int notify_fd;
    char directory[32]; /* with a FIFO in it, through which tasks tell that they have begun */
    char fifo[48];
    int fifo_fd;
    const char **environment;
};

static struct rig rig;

static inline void rig_notify(void *context)
{
    uint64_t one = 1;
    (void)context;
    assert_int_equal(write(rig.notify_fd, &one, sizeof one), sizeof one);
}

/* Once per program: before any thread. */
static inline int rig_prepare(void **state)
{
    struct error err;
    size_t len = 0;
    (void)state;
    files_ensure_standard();
    files_raise_limit();
    snprintf(rig.directory, sizeof rig.directory, "/tmp/supervisor-XXXXXX");
    if (signals_init(&rig.signals, &err) < 0 || tree_adopt_orphans(0, &err) < 0 || !mkdtemp(rig.directory))
        return -1;
    snprintf(rig.fifo, sizeof rig.fifo, "%s/fifo", rig.directory);
    if (mkfifo(rig.fifo, 0600) < 0)
        return -1;
    rig.fifo_fd = open(rig.fifo, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    rig.notify_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    setenv("FIFO", rig.fifo, 1);
    while (environ[len])
        len++;
    rig.environment = xcalloc(len + 2, sizeof *rig.environment);
    memcpy(rig.environment, environ, len * sizeof *environ);
    rig.environment[len] = "JOBPOOL_RUN=" RUN_MARK;
    return rig.fifo_fd < 0 || rig.notify_fd < 0 ? -1 : 0;
}

static inline int rig_clean(void **state)
{
    (void)state;
    bool clean = tree_kill_run(RUN_MARK);
    close(rig.fifo_fd);
    unlink(rig.fifo);
    rmdir(rig.directory);
    close(rig.notify_fd);
    signals_fini(&rig.signals);
    free(rig.environment);
    return clean ? 0 : -1;
}

static inline void rig_start_with(struct pool_config pool, struct supervisor_config config)
{
    struct error err = {0};
    rig.spool = spool_new(files_temporary);
    pool.policy = queue_policy_find("fifo");
    pool.max_queue = 1000000;
    pool.max_queue_bytes = SIZE_MAX;
    pool.every_event = true;
    pool.notify = rig_notify;
    rig.pool = pool_new(&pool);
    config.workers = pool.workers;
    config.signals = &rig.signals;
    config.environment = (char *const *)(uintptr_t)rig.environment;
    config.run = RUN_MARK;
    config.spool = rig.spool;
    struct dispatcher dispatcher = pool_dispatcher(rig.pool);
    rig.executor = supervisor_start(&config, &dispatcher, &err);
    if (!rig.executor)
        fail_msg("%s", err.message);
    pool_set_executor(rig.pool, rig.executor);
}

static inline void rig_start(unsigned slots, unsigned workers)
{
    rig_start_with((struct pool_config){.slots = slots, .workers = workers},
                   (struct supervisor_config){.kill_after_ns = 5 * NS_PER_S, .input_fd = -1});
}

static inline void rig_turn(void)
{
    struct event_list events = {0};
    uint64_t count;
    int64_t now = clock_monotonic_ns(), real = clock_real_ns();
    (void)!read(rig.notify_fd, &count, sizeof count);
    bool child = false;
    for (int signo; (signo = signals_read(&rig.signals));)
        child = child || signo == SIGCHLD;
    if (child) {
        tree_reap_orphans();
        supervisor_orphans_reaped(rig.executor);
    }
    pool_drain(rig.pool, &events, now, real);
    for (size_t i = 0; i < events.len; i++)
        if (task_state_ended(events.items[i].to))
            task_unref(events.items[i].task);
    free(events.items);
    pool_tick(rig.pool, now, real);
}

/* Turns until `is_so`; fails after LIMIT_MS. Some things (that a task was taken) are not told: it looks often. */
static inline void rig_until(bool (*is_so)(const void *), const void *context)
{
    int64_t limit = clock_monotonic_ns() + LIMIT_MS * NS_PER_MS;
    for (rig_turn(); !is_so(context); rig_turn()) {
        struct pollfd fds[] = {{rig.notify_fd, POLLIN, 0}, {rig.signals.fd, POLLIN, 0}};
        if (clock_monotonic_ns() >= limit)
            fail_msg("it never came");
        poll(fds, 2, 5);
    }
}

static inline bool is_empty(const void *context)
{
    (void)context;
    return pool_is_empty(rig.pool);
}

static inline void rig_wait(void)
{
    rig_until(is_empty, NULL);
}

static inline void rig_stop(void)
{
    rig_wait();
    rig.executor->ops->stop(rig.executor);
    pool_free(rig.pool);
    spool_free(rig.spool);
}

/* ---- tasks ---- */

static inline struct spec *rig_spec(enum template_form form, const char *const *words)
{
    struct error err = {0};
    struct words command = {0};
    for (; *words; words++)
        words_add(&command, *words, strlen(*words));
    struct template_options options = {.form = form, .literal = true};
    struct spec *spec = spec_new();
    spec->template = template_new(&command, &options, &err);
    words_fini(&command);
    if (!spec->template)
        fail_msg("%s", err.message);
    return spec;
}

#define COMMAND(...) rig_spec(TEMPLATE_ARGV, (const char *const[]){__VA_ARGS__, NULL})

/* A script without `no_direct` may start without a shell, if it is that plain. */
static inline struct spec *script(const char *text)
{
    return rig_spec(TEMPLATE_SCRIPT, (const char *const[]){text, NULL});
}

/* Takes over the reference of `spec`; the caller has one of the task. */
static inline struct task *rig_submit(struct spec *spec)
{
    struct task *t = task_new(spec, NULL);
    spec_unref(spec);
    task_ref(t);
    assert_int_equal(pool_submit(rig.pool, t, clock_monotonic_ns(), clock_real_ns(), NULL), 0);
    return t;
}

static inline struct task *rig_run(struct spec *spec)
{
    struct task *t = rig_submit(spec);
    rig_wait();
    assert_true(task_state_ended(t->state));
    return t;
}

static inline struct buffer captured(const struct capture *c)
{
    static char scratch[SPOOL_PIECE];
    struct capture_cursor cursor = {0};
    struct slice piece;
    struct error err;
    struct buffer all = {0};
    int got;
    while ((got = capture_next(c, &cursor, scratch, &piece, &err)) > 0)
        buffer_append(&all, piece.data, piece.len);
    assert_int_equal(got, 0);
    return all;
}

static inline void check_text(const struct capture *c, const char *text)
{
    struct buffer all = captured(c);
    buffer_putc(&all, '\0');
    assert_string_equal(all.data, text);
    assert_int_equal(all.len, strlen(text) + 1);
    buffer_fini(&all);
}

static inline void check_contains(const struct capture *c, const char *text)
{
    struct buffer all = captured(c);
    buffer_putc(&all, '\0');
    if (!strstr(all.data, text))
        fail_msg("no '%s' in '%s'", text, all.data);
    buffer_fini(&all);
}

static inline void check_end(const struct task *t, enum task_state state, enum error_code code, int exit_code,
                             int signal)
{
    if (t->state != state || t->outcome.code != code)
        print_error("%s, %s: %s\n", task_state_name(t->state), error_code_name(t->outcome.code),
                    t->outcome.message ? t->outcome.message : "");
    assert_int_equal(t->state, state);
    assert_int_equal(t->outcome.code, code);
    assert_int_equal(t->outcome.exit_code, exit_code);
    assert_int_equal(t->outcome.signal, signal);
}

/* Runs a script that is to succeed, and compares what it prints. */
static inline void check_prints(struct spec *spec, const char *out)
{
    struct task *t = rig_run(spec);
    check_text(&t->outcome.out, out);
    check_text(&t->outcome.err, "");
    check_end(t, TASK_SUCCEEDED, ERR_NONE, 0, 0);
    assert_false(t->outcome.leaked);
    task_unref(t);
}

#endif
