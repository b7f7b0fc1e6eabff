/* Process trees. This process stands for jobpool: a thread starts the tasks, the main thread adopts
 * orphans. Every process of a task holds the writing end of the task's pipe, so the end of that pipe proves
 * that all of them are dead, however many there were. */
#include "os_support.h"

#include "os/files.h"
#include "os/proc.h"
#include "os/tree.h"

#include <signal.h>

static struct starter starter;
static struct signals inherited;
static pid_t stranger; /* what tree_adopt_orphans was told to ignore */
static char run_mark[64];

struct task {
    struct tree tree;
    struct child child;
    int fd;    /* what its processes write */
    int input; /* end of it: `read` returns */
    char id[16];
};

static void task_start(struct task *t, const char *id, const char *script)
{
    char run_text[96], id_text[32];
    int in[2], out[2];
    snprintf(t->id, sizeof t->id, "%s", id);
    snprintf(run_text, sizeof run_text, "JOBPOOL_RUN=%s", run_mark);
    snprintf(id_text, sizeof id_text, "JOBPOOL_ID=%s", id);
    char *const env[] = {(char *)"PATH=/usr/bin:/bin", run_text, id_text, NULL};
    char *const argv[] = {(char *)"/bin/sh", (char *)"-c", (char *)(uintptr_t)script, NULL};
    assert_int_equal(files_pipe(in, NULL), 0);
    assert_int_equal(files_pipe(out, NULL), 0);
    files_pipe_do_not_wait(out[0]);
    struct spawn desc = {.argv = argv, .envp = env, .fds = {in[0], out[1], out[1]}, .signals = &inherited};
    int started = starter_start(&starter, &desc, &t->child);
    assert_int_equal(started, 0);
    close(in[0]);
    close(out[1]);
    t->fd = out[0];
    t->input = in[1];
    t->tree = (struct tree){.root = t->child.pid, .run = run_mark, .id = t->id};
}

/* True when no process of the task is left. */
static bool task_ends(const struct task *t)
{
    char text[256];
    for (;;) {
        if (!wait_for(t->fd, POLLIN))
            return false;
        ssize_t n = read(t->fd, text, sizeof text);
        if (n == 0)
            return true;
    }
}

static void task_fini(struct task *t)
{
    reap_status(&t->child);
    close(t->fd);
    close(t->input);
    tree_reap_orphans();
}

static void expect_line(const struct task *t, const char *expected)
{
    char line[64];
    assert_true(read_line(t->fd, line, sizeof line));
    assert_string_equal(line, expected);
}

/* Starts the script, waits until it says "ready", kills it. */
static void check_kill(const char *script, int at_least)
{
    struct task t;
    task_start(&t, "1", script);
    expect_line(&t, "ready");
    assert_true(tree_signal(&t.tree, SIGKILL) >= at_least);
    assert_true(task_ends(&t));
    assert_false(tree_has_leftovers(&t.tree));
    task_fini(&t);
}

static void test_kill_group(void **state)
{
    (void)state;
    check_kill("sleep 1000 & sleep 1000 & echo ready; wait", 3);
}

static void test_kill_session_of_its_own(void **state)
{
    (void)state;
    check_kill("setsid sh -c 'sleep 1000 & echo ready; wait' & wait", 3);
}

static void test_kill_double_forked(void **state)
{
    (void)state;
    check_kill("(setsid sh -c '(setsid sleep 1000 &); sleep 1000 & echo ready; wait' &); sleep 1000", 4);
}

static void test_kill_without_marks(void **state)
{
    (void)state;
    /* A living descendant needs none. */
    check_kill("setsid env -i /bin/sh -c '/bin/sleep 1000 & echo ready; wait' & wait", 3);
    /* Nor does an orphan in the task's group. */
    check_kill("(env -i /bin/sh -c '/bin/sleep 1000 & echo ready; wait' &); sleep 1000", 3);
}

static void test_kill_stopped(void **state)
{
    (void)state;
    check_kill("setsid sh -c 'kill -STOP $$' & sleep 1000 & kill -STOP $!; echo ready; kill -STOP $$", 3);
}

static void test_kill_forking_loop(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        check_kill("echo ready; i=0; while [ $i -lt 2000 ]; do setsid sleep 1000 & (sleep 1000 &); "
                   "i=$((i+1)); done; wait", 1);
}

/* Each generation starts the next in a session of its own and ends. */
static void test_kill_moving_target(void **state)
{
    (void)state;
    static const char script[] = "if [ $1 -eq 20 ]; then echo ready; fi; [ $1 -gt 4000 ] && sleep 1000; "
                                 "n=$(($1 + 1)); export n; setsid sh -c \"$walker\" sh $n & exit";
    char start[512];
    snprintf(start, sizeof start, "walker='%s'; export walker; setsid sh -c \"$walker\" sh 0 & sleep 1000",
             script);
    for (int i = 0; i < 5; i++)
        check_kill(start, 1);
}

static void test_kill_spares_other_tasks(void **state)
{
    (void)state;
    struct task one, two;
    task_start(&one, "1", "setsid sh -c 'echo $$; exec sleep 1000' & exit 0");
    task_start(&two, "12", "setsid sh -c 'echo $$; exec sleep 1000' & exit 0");
    pid_t first = read_pid(one.fd), second = read_pid(two.fd);
    assert_true(wait_for(one.child.pidfd, POLLIN) && wait_for(two.child.pidfd, POLLIN));
    assert_true(tree_has_leftovers(&one.tree));
    assert_true(tree_has_leftovers(&two.tree));
    assert_int_equal(tree_signal(&one.tree, SIGKILL), 1);
    assert_true(task_ends(&one));
    assert_true(dies(first));
    assert_false(is_dead(second));
    assert_false(tree_has_leftovers(&one.tree));
    assert_true(tree_has_leftovers(&two.tree));
    tree_signal(&two.tree, SIGKILL);
    assert_true(task_ends(&two));
    task_fini(&one);
    task_fini(&two);
    assert_false(is_dead(stranger));
}

static void check_leftovers(const char *script, bool expected)
{
    struct task t;
    task_start(&t, "1", script);
    expect_line(&t, "ready");
    assert_true(wait_for(t.child.pidfd, POLLIN));
    assert_int_equal(tree_has_leftovers(&t.tree), expected);
    tree_signal(&t.tree, SIGKILL);
    assert_true(task_ends(&t));
    assert_false(tree_has_leftovers(&t.tree));
    task_fini(&t);
}

static void test_leftovers_of_dead_root(void **state)
{
    (void)state;
    check_leftovers("echo ready", false);
    check_leftovers("sleep 1000 & echo ready", true);
    check_leftovers("env -i /bin/sleep 1000 & echo ready", true);
    check_leftovers("setsid sh -c 'echo ready; exec sleep 1000' & exit 0", true);
    /* Orphans that are dead and not reaped are none. */
    check_leftovers("sh -c 'exit 0' & sh -c 'exit 0' & wait; echo ready", false);
}

static void test_term_reaches_all_and_wakes_the_stopped(void **state)
{
    (void)state;
    struct task t;
    task_start(&t, "1",
               "setsid sh -c 'trap \"echo session; exit\" TERM; echo ready; kill -STOP $$' & "
               "trap 'wait; echo root; exit 3' TERM; read x; kill -STOP $$");
    expect_line(&t, "ready");
    assert_int_equal(write(t.input, "\n", 1), 1);
    struct proc root;
    do
        assert_true(proc_read(t.child.pid, &root));
    while (root.state != 'T');
    assert_int_equal(tree_signal(&t.tree, SIGTERM), 2);
    expect_line(&t, "session");
    expect_line(&t, "root");
    assert_true(task_ends(&t));
    int status = reap_status(&t.child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 3);
    close(t.fd);
    close(t.input);
}

static void test_term_comes_once(void **state)
{
    (void)state;
    struct task t;
    char line[16];
    task_start(&t, "1", "setsid sh -c 'trap \"echo T\" TERM; echo ready; "
                        "while :; do sleep 1000 & wait; done' & wait");
    expect_line(&t, "ready");
    assert_true(tree_signal(&t.tree, SIGTERM) >= 2);
    expect_line(&t, "T");
    tree_signal(&t.tree, SIGKILL);
    assert_false(read_line(t.fd, line, sizeof line));
    assert_true(task_ends(&t));
    task_fini(&t);
}

static void wait_for_state(pid_t pid, bool stopped)
{
    struct proc p;
    do
        assert_true(proc_read(pid, &p));
    while ((p.state == 'T') != stopped);
}

static void test_stop_and_continue(void **state)
{
    (void)state;
    struct task t;
    task_start(&t, "1", "setsid sh -c 'echo $$; exec sleep 1000' & exec sleep 1000");
    pid_t below = read_pid(t.fd);
    assert_int_equal(tree_signal(&t.tree, SIGSTOP), 2);
    wait_for_state(t.child.pid, true);
    wait_for_state(below, true);
    assert_int_equal(tree_signal(&t.tree, SIGCONT), 2);
    wait_for_state(t.child.pid, false);
    wait_for_state(below, false);
    assert_int_equal(tree_signal(&t.tree, SIGKILL), 2);
    assert_true(task_ends(&t));
    task_fini(&t);
}

static void test_untouchable(void **state)
{
    (void)state;
    const pid_t roots[] = {-1, 0, 1, getpid(), stranger};
    for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++) {
        const struct tree tree = {.root = roots[i], .run = run_mark, .id = "1"};
        assert_int_equal(tree_signal(&tree, SIGKILL), 0);
    }
    assert_false(is_dead(stranger));
}

static void test_kill_run(void **state)
{
    (void)state;
    assert_true(tree_kill_run(run_mark));
    struct task t;
    task_start(&t, "1", "setsid env -i /bin/sh -c '(/bin/sleep 1000 &); /bin/sleep 1000 & echo ready; wait' &"
                        " (sleep 1000 &); exit 0");
    expect_line(&t, "ready");
    reap_status(&t.child);
    assert_true(tree_kill_run(run_mark));
    assert_true(task_ends(&t));
    close(t.fd);
    close(t.input);
    struct proc_list children = {0};
    proc_children(getpid(), &children);
    assert_int_equal(children.len, 1);
    assert_int_equal(children.pids[0], stranger);
    free(children.pids);
    assert_false(is_dead(stranger));
}

/* A shell that executes jobpool leaves it its children: they and their orphans are not ours. */
static int children_from_before(void)
{
    int go[2], tell[2];
    char c;
    CHECK(pipe2(go, O_CLOEXEC) == 0 && pipe2(tell, O_CLOEXEC) == 0);
    pid_t earlier = fork();
    if (earlier == 0) {
        if (read(go[0], &c, 1) != 1)
            _exit(1);
        pid_t orphan = fork();
        if (orphan == 0)
            for (;;)
                pause();
        dprintf(tell[1], "%d\n", (int)orphan);
        _exit(read(go[0], &c, 1) == 1 ? 0 : 1);
    }
    tree_note_children();
    CHECK(tree_adopt_orphans(0, NULL) == 0);
    CHECK(write(go[1], "x", 1) == 1);
    pid_t orphan = read_pid(tell[0]);
    CHECK(tree_kill_run(run_mark));
    CHECK(!is_dead(earlier) && !is_dead(orphan));
    CHECK(write(go[1], "x", 1) == 1);
    CHECK(dies(earlier));
    CHECK(tree_reap_orphans());
    CHECK(waitpid(earlier, NULL, 0) < 0 && errno == ECHILD);
    CHECK(tree_kill_run(run_mark));
    CHECK(!is_dead(orphan));
    kill(orphan, SIGKILL);
    CHECK(dies(orphan));
    return 0;
}

static void test_children_from_before(void **state)
{
    (void)state;
    in_process(children_from_before);
}

static void test_reaping_leaves_tasks_alone(void **state)
{
    (void)state;
    struct task t;
    task_start(&t, "1", "(sh -c 'exit 0' &); echo ready; exit 9");
    expect_line(&t, "ready");
    assert_true(task_ends(&t));
    assert_true(wait_for(t.child.pidfd, POLLIN));
    tree_reap_orphans();
    int status = reap_status(&t.child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 9);
    close(t.fd);
    close(t.input);
}

static int set_up(void **state)
{
    (void)state;
    snprintf(run_mark, sizeof run_mark, "test-tree-%d", (int)getpid());
    tree_note_children();
    stranger = fork();
    if (stranger == 0)
        for (;;)
            pause();
    if (signals_init(&inherited, NULL) < 0 || tree_adopt_orphans(stranger, NULL) < 0)
        return -1;
    starter_init(&starter);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    starter_fini(&starter);
    signals_fini(&inherited);
    kill(stranger, SIGKILL);
    waitpid(stranger, NULL, 0);
    return 0;
}

int main(void)
{
    files_ensure_standard();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kill_group),
        cmocka_unit_test(test_kill_session_of_its_own),
        cmocka_unit_test(test_kill_double_forked),
        cmocka_unit_test(test_kill_without_marks),
        cmocka_unit_test(test_kill_stopped),
        cmocka_unit_test(test_kill_forking_loop),
        cmocka_unit_test(test_kill_moving_target),
        cmocka_unit_test(test_kill_spares_other_tasks),
        cmocka_unit_test(test_leftovers_of_dead_root),
        cmocka_unit_test(test_term_reaches_all_and_wakes_the_stopped),
        cmocka_unit_test(test_term_comes_once),
        cmocka_unit_test(test_stop_and_continue),
        cmocka_unit_test(test_untouchable),
        cmocka_unit_test(test_kill_run),
        cmocka_unit_test(test_children_from_before),
        cmocka_unit_test(test_reaping_leaves_tasks_alone),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
