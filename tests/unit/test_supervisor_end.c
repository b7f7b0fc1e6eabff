/* Supervisors with real commands: how tasks are ended, whole trees of them; what they leave behind; being stopped and
 * continued; a machine that is short of descriptors. FAULTS.md's cases stand at the tests that are one of them.
 */
#include "supervisor_support.h"

#include <dirent.h>
#include <semaphore.h>
#include <sys/resource.h>

#define TERM_IGNORED "trap '' TERM; echo $$ >$FIFO; while :; do " HOLD "; done"

static int64_t duration(const struct task *t)
{
    return t->outcome.finished_ns - t->outcome.started_ns;
}

static void pool_cancel_running(struct task *t)
{
    assert_int_equal(pool_cancel(rig.pool, t, true, clock_monotonic_ns(), clock_real_ns()), POOL_CANCELLED);
}

static void check_dead(const pid_t *pids, size_t len)
{
    for (size_t i = 0; i < len; i++)
        assert_true(dies(pids[i]));
}

static void read_pids(pid_t *pids, size_t len)
{
    for (size_t i = 0; i < len; i++)
        pids[i] = read_pid(rig.fifo_fd);
}

static char process_state(pid_t pid)
{
    char path[32], text[512], state = '?';
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    if (n > 0) {
        text[n] = '\0';
        const char *end = strrchr(text, ')');
        state = end && end[1] ? end[2] : '?';
    }
    return state;
}

/* ---- timeouts ---- */

static void test_timeout(void **state)
{
    (void)state;
    rig_start(1, 1);
    struct spec *spec = COMMAND("sleep", "12345");
    spec->timeout_ns = 200 * NS_PER_MS;
    struct task *t = rig_run(spec);
    check_end(t, TASK_TIMED_OUT, ERR_TIMEOUT, -1, SIGTERM);
    assert_non_null(strstr(t->outcome.message, "200ms"));
    assert_in_range(duration(t), 200 * NS_PER_MS, 5 * NS_PER_S);
    assert_int_equal(task_exit_status(t), 124);
    task_unref(t);
    rig_stop();
}

/* 7, 9: children, one of them in a session of its own. */
static void test_timeout_of_a_tree(void **state)
{
    pid_t pids[3];
    (void)state;
    rig_start(1, 1);
    struct spec *spec = script(HOLD " & echo $! >$FIFO; setsid " HOLD " & echo $! >$FIFO;"
                               " sh -c '" HOLD " & echo $! >$FIFO; wait' & wait");
    spec->timeout_ns = 500 * NS_PER_MS;
    struct task *t = rig_submit(spec);
    read_pids(pids, 3);
    rig_wait();
    check_dead(pids, 3);
    assert_int_equal(t->state, TASK_TIMED_OUT);
    assert_false(t->outcome.leaked);
    task_unref(t);
    rig_stop();
}

/* 8 */
static void test_timeout_ignored(void **state)
{
    pid_t pid;
    (void)state;
    rig_start(1, 1);
    struct spec *spec = script(TERM_IGNORED);
    spec->timeout_ns = 300 * NS_PER_MS;
    spec->kill_after_ns = 200 * NS_PER_MS;
    struct task *t = rig_submit(spec);
    read_pids(&pid, 1);
    rig_wait();
    check_dead(&pid, 1);
    check_end(t, TASK_TIMED_OUT, ERR_TIMEOUT, -1, SIGKILL);
    assert_true(duration(t) >= 500 * NS_PER_MS);
    task_unref(t);
    rig_stop();
}

/* 10 */
static void test_timeout_of_a_stopped_one(void **state)
{
    (void)state;
    rig_start(1, 1);
    struct spec *spec = script("kill -STOP $$");
    spec->timeout_ns = 200 * NS_PER_MS;
    struct task *t = rig_run(spec);
    check_end(t, TASK_TIMED_OUT, ERR_TIMEOUT, -1, SIGTERM);
    task_unref(t);
    rig_stop();
}

/* 14: it ends by itself about when its time is over: one or the other. */
static void test_timeout_races_with_the_end(void **state)
{
    enum { TASKS = 60 };
    struct task *tasks[TASKS];
    (void)state;
    rig_start(6, 2);
    for (int i = 0; i < TASKS; i++) {
        struct spec *spec = COMMAND("sleep", "0.05");
        spec->timeout_ns = 50 * NS_PER_MS + (i % 8) * NS_PER_MS;
        tasks[i] = rig_submit(spec);
    }
    rig_wait();
    for (int i = 0; i < TASKS; i++) {
        struct outcome *o = &tasks[i]->outcome;
        if (tasks[i]->state == TASK_SUCCEEDED)
            check_end(tasks[i], TASK_SUCCEEDED, ERR_NONE, 0, 0);
        else
            check_end(tasks[i], TASK_TIMED_OUT, ERR_TIMEOUT, o->signal ? -1 : 0, o->signal ? SIGTERM : 0);
        task_unref(tasks[i]);
    }
    rig_stop();
}

/* ---- cancelling ---- */

static void test_cancel(void **state)
{
    pid_t pids[2];
    (void)state;
    rig_start(1, 1);
    struct spec *spec = script("echo begun; " HOLD " & echo $! >$FIFO; echo $$ >$FIFO; wait");
    spec->retries = 3;
    struct task *t = rig_submit(spec);
    read_pids(pids, 2);
    pool_cancel_running(t);
    rig_wait();
    check_dead(pids, 2);
    check_end(t, TASK_CANCELLED, ERR_CANCELLED, -1, SIGTERM);
    check_text(&t->outcome.out, "begun\n");
    assert_int_equal(t->attempt, 1);
    task_unref(t);
    rig_stop();
}

/* TERM first: it may say goodbye, and its output and code are kept. */
static void test_cancel_is_polite(void **state)
{
    pid_t pid;
    (void)state;
    rig_start(1, 1);
    struct task *t = rig_submit(script("trap 'echo bye; exit 7' TERM; echo $$ >$FIFO; " HOLD " & wait"));
    read_pids(&pid, 1);
    pool_cancel_running(t);
    rig_wait();
    check_end(t, TASK_CANCELLED, ERR_CANCELLED, 7, 0);
    check_text(&t->outcome.out, "bye\n");
    task_unref(t);
    rig_stop();
}

/* The root obeys TERM, its child does not, and KILL would never come by itself. */
static void test_cancel_without_kill_after(void **state)
{
    pid_t pids[2];
    (void)state;
    rig_start(1, 1);
    struct spec *spec = script("(" TERM_IGNORED ") & trap 'exit 1' TERM; echo $$ >$FIFO; wait");
    spec->kill_after_ns = 0;
    struct task *t = rig_submit(spec);
    read_pids(pids, 2);
    pool_cancel_running(t);
    rig_wait();
    check_dead(pids, 2);
    assert_int_equal(t->state, TASK_CANCELLED);
    task_unref(t);
    rig_stop();
}

/* 16, 19: many that ignore TERM; then KILL for all at once. */
static void test_end_all(void **state)
{
    enum { TASKS = 8 };
    struct task *tasks[TASKS + 4];
    pid_t pids[TASKS];
    (void)state;
    rig_start(TASKS, 2);
    for (int i = 0; i < TASKS + 4; i++)
        tasks[i] = rig_submit(script(TERM_IGNORED));
    read_pids(pids, TASKS);
    pool_end_all(rig.pool, ERR_SHUTDOWN, ERR_SHUTDOWN, false, clock_real_ns());
    for (int i = 0; i < TASKS; i++)
        assert_false(is_dead(pids[i]));
    int64_t before = clock_monotonic_ns();
    pool_end_all(rig.pool, ERR_SHUTDOWN, ERR_SHUTDOWN, true, clock_real_ns());
    rig_wait();
    assert_true(clock_monotonic_ns() - before < 4 * NS_PER_S); /* kill_after is 5 s */
    check_dead(pids, TASKS);
    for (int i = 0; i < TASKS + 4; i++) {
        check_end(tasks[i], TASK_CANCELLED, ERR_SHUTDOWN, -1, i < TASKS ? SIGKILL : 0);
        assert_int_equal(tasks[i]->outcome.pid != 0, i < TASKS);
        task_unref(tasks[i]);
    }
    rig_stop();
}

/* The moment of cancelling is any: right after the submission, during the spawn, at the end. */
static void test_cancel_races(void **state)
{
    enum { TASKS = 100 };
    struct task *tasks[TASKS];
    (void)state;
    rig_start(4, 2);
    for (int i = 0; i < TASKS; i++) {
        tasks[i] = rig_submit(COMMAND("true"));
        if (i % 3 == 0)
            rig_turn();
        pool_cancel(rig.pool, tasks[i / 2], true, clock_monotonic_ns(), clock_real_ns());
    }
    rig_wait();
    for (int i = 0; i < TASKS; i++) {
        assert_true(tasks[i]->state == TASK_SUCCEEDED || tasks[i]->state == TASK_CANCELLED);
        task_unref(tasks[i]);
    }
    rig_stop();
}

/* ---- what is left behind ---- */

static void check_leak(const char *text, pid_t *pids, size_t len)
{
    struct task *t = rig_submit(script(text));
    read_pids(pids, len);
    rig_wait();
    check_dead(pids, len);
    check_end(t, TASK_SUCCEEDED, ERR_NONE, 0, 0);
    assert_true(t->outcome.leaked);
    check_text(&t->outcome.out, "hi\n");
    assert_true(duration(t) < 3 * NS_PER_S);
    task_unref(t);
}

/* 12, and its relatives */
static void test_leaks(void **state)
{
    pid_t pids[2];
    (void)state;
    rig_start(1, 1);
    check_leak(HOLD " & echo $! >$FIFO; echo hi", pids, 1);
    check_leak(HOLD " >/dev/null 2>&1 & echo $! >$FIFO; echo hi", pids, 1);
    check_leak("setsid " HOLD " & echo $! >$FIFO; echo hi", pids, 1);
    check_leak("setsid " HOLD " >/dev/null 2>&1 & echo $! >$FIFO; echo hi", pids, 1);
    check_leak("(" HOLD " & echo $! >$FIFO) & (" TERM_IGNORED ") >/dev/null 2>&1 & sleep 0.2; echo hi", pids, 2);
    rig_stop();
}

/* One that lets go of the pipes at once is no less polite to be asked: TERM comes before KILL. */
static void test_leftovers_get_term_first(void **state)
{
    pid_t pid;
    char text[16];
    (void)state;
    rig_start(1, 1);
    struct task *t = rig_submit(script(
        "(trap 'echo term >$FIFO; exit' TERM; echo $(exec sh -c 'echo $PPID') >$FIFO; " HOLD " & wait)"
        " >/dev/null 2>&1 & read x <$FIFO.go"));
    char go[64];
    snprintf(go, sizeof go, "%s.go", rig.fifo);
    read_pids(&pid, 1);
    int fd = -1;
    while (fd < 0) /* until the task has it open */
        fd = open(go, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    assert_int_equal(write(fd, "x\n", 2), 2);
    close(fd);
    rig_wait();
    assert_true(read_line(rig.fifo_fd, text, sizeof text));
    assert_string_equal(text, "term");
    check_dead(&pid, 1);
    assert_true(t->outcome.leaked);
    task_unref(t);
    rig_stop();
}

static void test_background_that_ends_in_time_is_no_leak(void **state)
{
    (void)state;
    rig_start(1, 1);
    struct task *t = rig_run(script("(sleep 0.02; echo late) & echo early"));
    check_end(t, TASK_SUCCEEDED, ERR_NONE, 0, 0);
    check_text(&t->outcome.out, "early\nlate\n");
    assert_false(t->outcome.leaked);
    task_unref(t);
    rig_stop();
}

/* ---- stopping and continuing ---- */

static bool all_suspended(const void *context)
{
    (void)context;
    return pool_all_suspended(rig.pool);
}

static bool is_running(const void *context)
{
    return pool_task_state(rig.pool, context) == TASK_RUNNING;
}

/* STOP was sent; the kernel stops a process that computes a little later. */
static bool is_stopped(const void *context)
{
    return process_state(*(const pid_t *)context) == 'T';
}

/* 22: the tasks and their timers. */
static void test_suspend(void **state)
{
    pid_t pids[2];
    (void)state;
    rig_start(2, 2);
    struct spec *spec = script(HOLD " & echo $! >$FIFO; wait");
    spec->timeout_ns = 700 * NS_PER_MS;
    struct task *with_timeout = rig_submit(spec);
    struct task *plain = rig_submit(script("echo $$ >$FIFO; exec " HOLD));
    read_pids(pids, 2);
    int64_t before = clock_monotonic_ns();
    pool_suspend(rig.pool, true, before);
    rig_until(all_suspended, NULL);
    for (int i = 0; i < 2; i++)
        rig_until(is_stopped, &pids[i]);
    struct timespec second = {.tv_sec = 1}; /* longer than the timeout */
    nanosleep(&second, NULL);
    rig_turn();
    assert_int_equal(pool_task_state(rig.pool, with_timeout), TASK_SUSPENDED);
    pool_suspend(rig.pool, false, clock_monotonic_ns());
    rig_until(is_running, plain);
    pool_cancel_running(plain);
    rig_wait();
    check_dead(pids, 2);
    assert_int_equal(with_timeout->state, TASK_TIMED_OUT);
    assert_true(duration(with_timeout) >= 1700 * NS_PER_MS);
    check_end(plain, TASK_CANCELLED, ERR_CANCELLED, -1, SIGTERM);
    task_unref(with_timeout);
    task_unref(plain);
    rig_stop();
}

static void test_cancel_while_suspended(void **state)
{
    pid_t pid;
    (void)state;
    rig_start(1, 1);
    struct task *t = rig_submit(script("trap 'exit 9' TERM; echo $$ >$FIFO; while :; do sleep 0.01; done"));
    read_pids(&pid, 1);
    pool_suspend(rig.pool, true, clock_monotonic_ns());
    rig_until(all_suspended, NULL);
    pool_cancel_running(t);
    rig_wait();
    check_end(t, TASK_CANCELLED, ERR_CANCELLED, 9, 0); /* it could even run its trap */
    pool_suspend(rig.pool, false, clock_monotonic_ns());
    task_unref(t);
    rig_stop();
}

/* ---- short of descriptors ---- */

/* The next descriptor that could be opened, as a soft limit: none. */
static rlim_t limit_files(int more)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    rlim_t before = limit.rlim_cur;
    int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
    close(next);
    limit.rlim_cur = (rlim_t)(next + more);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    return before;
}

static void unlimit_files(rlim_t before)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = before;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* 37: more slots than descriptors; some tasks hold theirs for a while. */
static void test_few_descriptors(void **state)
{
    enum { TASKS = 30 };
    struct task *tasks[TASKS];
    (void)state;
    rig_start(20, 2);
    task_unref(rig_run(COMMAND("true")));
    rlim_t before = limit_files(12);
    for (int i = 0; i < TASKS; i++)
        tasks[i] = rig_submit(i % 3 ? COMMAND("true") : COMMAND("sleep", "0.1"));
    rig_wait();
    unlimit_files(before);
    for (int i = 0; i < TASKS; i++) {
        check_end(tasks[i], TASK_SUCCEEDED, ERR_NONE, 0, 0);
        task_unref(tasks[i]);
    }
    rig_stop();
}

static bool one_runs(const void *context)
{
    struct summary s = {0};
    (void)context;
    pool_summary(rig.pool, &s);
    return s.counts[TASK_RUNNING] == 1;
}

/* A task that waits for the machine can be suspended, continued and cancelled. */
static void test_orders_while_waiting_for_descriptors(void **state)
{
    (void)state;
    rig_start(1, 1);
    task_unref(rig_run(COMMAND("true")));
    rlim_t before = limit_files(0);
    struct task *t = rig_submit(COMMAND("true"));
    rig_until(one_runs, NULL);
    pool_suspend(rig.pool, true, clock_monotonic_ns());
    rig_until(all_suspended, NULL);
    pool_suspend(rig.pool, false, clock_monotonic_ns());
    rig_until(one_runs, NULL);
    pool_cancel_running(t);
    rig_wait();
    unlimit_files(before);
    check_end(t, TASK_CANCELLED, ERR_CANCELLED, -1, 0);
    assert_int_equal(t->outcome.pid, 0);
    task_unref(t);
    check_prints(script("echo again"), "again\n");
    rig_stop();
}

/* As soon as there is room all slots are used again, not only the one of the task that waited. */
static void test_recovers_with_all_slots(void **state)
{
    pid_t pids[4];
    struct task *tasks[4];
    (void)state;
    rig_start(4, 1);
    task_unref(rig_run(COMMAND("true")));
    rlim_t before = limit_files(0);
    for (int i = 0; i < 4; i++)
        tasks[i] = rig_submit(script("echo $$ >$FIFO; exec " HOLD));
    rig_until(one_runs, NULL);
    unlimit_files(before);
    read_pids(pids, 4); /* all four are there at the same time */
    for (int i = 0; i < 4; i++)
        pool_cancel_running(tasks[i]);
    rig_wait();
    for (int i = 0; i < 4; i++)
        task_unref(tasks[i]);
    rig_stop();
}

/* 39: for ever short, with nothing of its own running: it ends after a while, with the reason. */
static void test_short_for_ever(void **state)
{
    (void)state;
    rig_start(2, 1);
    task_unref(rig_run(COMMAND("true")));
    rlim_t before = limit_files(0);
    struct task *a = rig_submit(COMMAND("true")), *b = rig_submit(COMMAND("true"));
    rig_wait();
    unlimit_files(before);
    check_end(a, TASK_FAILED, ERR_SPAWN, -1, 0);
    check_end(b, TASK_FAILED, ERR_SPAWN, -1, 0);
    assert_non_null(strstr(a->outcome.message, "EMFILE"));
    assert_non_null(strstr(a->outcome.message, "EMFILE"));
    task_unref(a);
    task_unref(b);
    rig_stop();
}

/* ---- the end ---- */

/* The executor is told to stop while a task runs: its thread stays until the task has ended. */
static void test_stop_waits_for_tasks(void **state)
{
    (void)state;
    rig_start(2, 2);
    struct task *t = rig_submit(script("echo $$ >$FIFO; sleep 0.3; echo done"));
    pid_t pid;
    read_pids(&pid, 1);
    rig.executor->ops->stop(rig.executor);
    check_text(&t->outcome.out, "done\n");
    struct event_list events = {0};
    pool_drain(rig.pool, &events, clock_monotonic_ns(), clock_real_ns());
    assert_true(task_state_ended(t->state));
    for (size_t i = 0; i < events.len; i++)
        if (task_state_ended(events.items[i].to))
            task_unref(events.items[i].task);
    free(events.items);
    task_unref(t);
    pool_free(rig.pool);
    spool_free(rig.spool);
}

/* A dispatcher of two workers, the second of which has one task. When that is done the executor is stopped, and
 * the first worker, which has nothing to do, has ended before the second one wakes it. */
struct late_wake {
    struct executor *executor;
    struct task *task;
    sem_t done;      /* the task is, and its worker has not come back from telling so */
    size_t threads;  /* then, when both workers run */
    size_t files;    /* open then */
    size_t files_at_wake;
};

static size_t count_entries(const char *directory)
{
    size_t count = 0;
    DIR *dir = opendir(directory);
    while (dir && readdir(dir))
        count++;
    closedir(dir);
    return count;
}

static struct task *late_take(void *pool, unsigned worker, int64_t now_ns)
{
    struct late_wake *l = pool;
    (void)now_ns;
    struct task *t = worker == 1 ? l->task : NULL;
    if (t)
        l->task = NULL;
    return t;
}

static void late_started(void *pool, struct task *t, pid_t pid, int64_t real_ns)
{
    (void)pool, (void)t, (void)pid, (void)real_ns;
}

static void late_done(void *pool, struct task *t, int64_t now_ns)
{
    struct late_wake *l = pool;
    (void)now_ns;
    task_unref(t);
    l->files = count_entries("/proc/self/fd");
    l->threads = count_entries("/proc/self/task");
    sem_post(&l->done);
    while (count_entries("/proc/self/task") == l->threads)
        usleep(100);
    int64_t limit = clock_monotonic_ns() + 50 * NS_PER_MS; /* time for what must not happen */
    do
        l->files_at_wake = count_entries("/proc/self/fd");
    while (l->files_at_wake == l->files && clock_monotonic_ns() < limit);
    if (l->files_at_wake == l->files)
        executor_wake(l->executor, 0);
}

static struct task *late_order(void *pool, unsigned worker, enum task_order *order)
{
    (void)pool, (void)worker, (void)order;
    return NULL;
}

static void test_wake_while_stopping(void **state)
{
    struct error err = {0};
    struct spec *spec = COMMAND("true");
    (void)state;
    struct late_wake l = {.task = task_new(spec, NULL)};
    spec_unref(spec);
    sem_init(&l.done, 0, 0);
    struct dispatcher dispatcher = {
        .pool = &l, .take = late_take, .started = late_started, .done = late_done, .next_order = late_order};
    struct supervisor_config config = {
        .workers = 2, .signals = &rig.signals, .environment = (char *const *)(uintptr_t)rig.environment, .run = RUN_MARK,
        .spool = spool_new(files_temporary), .input_fd = -1};
    l.executor = supervisor_start(&config, &dispatcher, &err);
    assert_non_null(l.executor);
    executor_wake(l.executor, 1);
    while (sem_wait(&l.done) < 0)
        ;
    l.executor->ops->stop(l.executor);
    assert_int_equal(l.files_at_wake, l.files);
    sem_destroy(&l.done);
    spool_free(config.spool);
}

static void test_start_and_stop(void **state)
{
    (void)state;
    for (unsigned workers = 1; workers <= 8; workers++) {
        rig_start(8, workers);
        rig_stop();
    }
}

/* Without descriptors for the first thread's loop there is no executor, and nothing is left of it. */
static void test_cannot_start(void **state)
{
    struct error err = {0};
    (void)state;
    struct pool_config config = {.slots = 4, .workers = 4, .policy = queue_policy_find("fifo")};
    struct pool *pool = pool_new(&config);
    struct dispatcher dispatcher = pool_dispatcher(pool);
    struct supervisor_config supervisors = {
        .workers = 4, .signals = &rig.signals, .environment = (char *const *)(uintptr_t)rig.environment, .run = RUN_MARK,
        .input_fd = -1};
    rlim_t before = limit_files(2);
    assert_null(supervisor_start(&supervisors, &dispatcher, &err));
    unlimit_files(before);
    assert_int_equal(err.code, ERR_SYSTEM);
    assert_non_null(strstr(err.message, "EMFILE"));
    pool_free(pool);
}

static int prepare(void **state)
{
    if (rig_prepare(state) < 0)
        return -1;
    char go[64];
    snprintf(go, sizeof go, "%s.go", rig.fifo);
    return mkfifo(go, 0600);
}

static int clean(void **state)
{
    char go[64];
    snprintf(go, sizeof go, "%s.go", rig.fifo);
    unlink(go);
    return rig_clean(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_timeout),
        cmocka_unit_test(test_timeout_of_a_tree),
        cmocka_unit_test(test_timeout_ignored),
        cmocka_unit_test(test_timeout_of_a_stopped_one),
        cmocka_unit_test(test_timeout_races_with_the_end),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_cancel_is_polite),
        cmocka_unit_test(test_cancel_without_kill_after),
        cmocka_unit_test(test_end_all),
        cmocka_unit_test(test_cancel_races),
        cmocka_unit_test(test_leaks),
        cmocka_unit_test(test_leftovers_get_term_first),
        cmocka_unit_test(test_background_that_ends_in_time_is_no_leak),
        cmocka_unit_test(test_suspend),
        cmocka_unit_test(test_cancel_while_suspended),
        cmocka_unit_test(test_few_descriptors),
        cmocka_unit_test(test_orders_while_waiting_for_descriptors),
        cmocka_unit_test(test_recovers_with_all_slots),
        cmocka_unit_test(test_short_for_ever),
        cmocka_unit_test(test_stop_waits_for_tasks),
        cmocka_unit_test(test_wake_while_stopping),
        cmocka_unit_test(test_start_and_stop),
        cmocka_unit_test(test_cannot_start),
    };
    return cmocka_run_group_tests(tests, prepare, clean);
}
