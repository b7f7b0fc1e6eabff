/* The guardian. A forked process stands for jobpool: it starts the guardian and one task, says who they
 * are, and is killed. All of the task's processes hold the writing end of a pipe; its end proves that they
 * are dead. */
#include "os_support.h"

#include "os/files.h"
#include "os/guardian.h"
#include "os/tree.h"
#include "os/vfork_into.h"

#include <signal.h>

static char run_mark[64];

struct jobpool {
    pid_t pid;
    int out;   /* what it and its task write */
    int order; /* a byte: say goodbye to the guardian and end */
    pid_t guardian;
    int guardian_pidfd;
    char group_dir[256];
};

static bool with_group; /* does it make a control group for its task? */

__attribute__((noreturn)) static void be_jobpool(int order, int out, const char *run, const char *script)
{
    struct guardian g;
    struct signals signals;
    struct child child;
    char run_text[96], c;
    struct cgroup group = {.fd = -1};
    if (with_group)
        cgroup_name(&group, run_mark);
    if (signals_init(&signals, NULL) < 0 || guardian_start(&g, run_mark, &group, NULL) < 0 ||
        tree_adopt_orphans(g.pid, NULL) < 0)
        _exit(1);
    cgroup_make(&group);
    dprintf(out, "%d %s\n", (int)g.pid, group.dir ? group.dir : "-");
    snprintf(run_text, sizeof run_text, "JOBPOOL_RUN=%s", run);
    char *const env[] = {(char *)"PATH=/usr/bin:/bin", run_text, (char *)"JOBPOOL_ID=1", NULL};
    char *const argv[] = {(char *)"/bin/sh", (char *)"-c", (char *)(uintptr_t)script, NULL};
    struct spawn desc = {.argv = argv, .envp = env, .fds = {open_null(), out, out}, .signals = &signals,
                         .cgroup = &group};
    struct spawner *spawner = spawner_new(NULL);
    if (!spawner || spawn_start(spawner, &desc, &child, NULL) < 0)
        _exit(2);
    while (read(order, &c, 1) < 0)
        ;
    guardian_stop(&g);
    spawner_free(spawner);
    _exit(g.pid == 0 ? 0 : 3);
}

static void jobpool_start(struct jobpool *j, const char *run, const char *script)
{
    int order[2], out[2];
    assert_int_equal(pipe2(order, O_CLOEXEC) | pipe2(out, O_CLOEXEC), 0);
    j->pid = fork();
    if (j->pid == 0) {
        setpgid(0, 0);
        close(order[1]);
        close(out[0]);
        be_jobpool(order[0], out[1], run, script);
    }
    close(order[0]);
    close(out[1]);
    j->order = order[1];
    j->out = out[0];
    char line[300];
    assert_true(read_line(j->out, line, sizeof line));
    assert_int_equal(sscanf(line, "%d %255s", &j->guardian, j->group_dir), 2);
    j->guardian_pidfd = pidfd_of(j->guardian);
    assert_true(j->guardian_pidfd >= 0);
}

static void expect_ready(const struct jobpool *j)
{
    char line[32];
    assert_true(read_line(j->out, line, sizeof line));
    assert_string_equal(line, "ready");
}

static void jobpool_fini(struct jobpool *j)
{
    char c;
    assert_true(wait_for(j->out, POLLIN));
    assert_int_equal(read(j->out, &c, 1), 0);
    assert_true(wait_for(j->guardian_pidfd, POLLIN));
    close(j->guardian_pidfd);
    close(j->order);
    close(j->out);
}

static void check_killed(const char *run, const char *script)
{
    struct jobpool j;
    jobpool_start(&j, run, script);
    expect_ready(&j);
    kill(j.pid, SIGKILL);
    assert_int_equal(waitpid(j.pid, NULL, 0), j.pid);
    jobpool_fini(&j);
}

static void test_kills_what_is_left(void **state)
{
    (void)state;
    check_killed(run_mark, "sleep 1000 & echo ready; wait");
    check_killed(run_mark, "setsid sh -c '(setsid sleep 1000 &); sleep 1000 & echo ready; wait' & wait");
    check_killed(run_mark, "setsid sh -c 'kill -STOP $$' & sleep 1000 & kill -STOP $!; "
                           "echo ready; wait");
    check_killed(run_mark, "trap '' TERM INT HUP; "
                           "setsid sh -c 'env -i /bin/sh -c \"/bin/sleep 1000 & wait\" & echo ready; wait' &"
                           "wait");
}

static void test_kills_runs_inside(void **state)
{
    (void)state;
    char inner[80];
    snprintf(inner, sizeof inner, "%s/2", run_mark);
    check_killed(inner, "setsid sleep 1000 & setsid sleep 1000 & echo ready");
}

/* Each generation starts the next in a session of its own and ends. */
static void test_kills_a_moving_target(void **state)
{
    (void)state;
    static const char script[] = "if [ $1 -eq 20 ]; then echo ready; fi; [ $1 -gt 4000 ] && sleep 1000; "
                                 "n=$(($1 + 1)); export n; setsid sh -c \"$walker\" sh $n & exit";
    char start[512];
    snprintf(start, sizeof start, "walker='%s'; export walker; setsid sh -c \"$walker\" sh 0 & exit", script);
    check_killed(run_mark, start);
}

/* Its children bear no mark, and it has one more between any two looks. */
static void test_kills_who_keeps_forking(void **state)
{
    (void)state;
    int repeats = getenv("JOBPOOL_STRESS") ? 1000 : 10;
    for (int i = 0; i < repeats; i++)
        check_killed(run_mark, "setsid sh -c 'env -i /bin/sh -c \"i=0; while [ \\$i -lt 300 ]; do i=\\$((i + 1));"
                               " /bin/sleep 1000 & [ \\$i = 20 ] && echo ready; done; wait\" & wait' & wait");
}

/* They keep neither mark nor session nor parent; only the group holds them. */
static void test_kills_who_left(void **state)
{
    (void)state;
    if (!vfork_into_exists() || !may_have_groups()) {
        print_message("no control group can be had here\n");
        skip();
    }
    struct jobpool j;
    with_group = true;
    jobpool_start(&j, run_mark,
                  "(setsid env -i /bin/sh -c '/bin/sleep 1000 & setsid /bin/sleep 1000 & echo ready; wait' &);"
                  "exit 0");
    with_group = false;
    expect_ready(&j);
    assert_int_equal(access(j.group_dir, F_OK), 0);
    kill(j.pid, SIGKILL);
    assert_int_equal(waitpid(j.pid, NULL, 0), j.pid);
    jobpool_fini(&j);
    assert_int_equal(access(j.group_dir, F_OK), -1);
}

/* The guardian that is told goodbye leaves the group to jobpool, and takes it over if it is told to. */
static int leave_it_to_the_guardian(void)
{
    struct guardian g;
    struct cgroup group;
    struct signals signals;
    cgroup_name(&group, run_mark);
    CHECK(signals_init(&signals, NULL) == 0);
    CHECK(guardian_start(&g, run_mark, &group, NULL) == 0);
    cgroup_make(&group);
    pid_t guardian = g.pid;
    guardian_leave(&g);
    CHECK(g.pid == 0);
    guardian_stop(&g);
    CHECK(dies(guardian));
    CHECK(!group.dir || access(group.dir, F_OK) < 0);
    return 0;
}

static void test_left_alone(void **state)
{
    (void)state;
    in_process(leave_it_to_the_guardian);
}

static void test_spares_other_runs(void **state)
{
    (void)state;
    char other[80];
    struct jobpool j;
    snprintf(other, sizeof other, "%s2", run_mark);
    jobpool_start(&j, other, "setsid sh -c 'echo survivor $$; exec sleep 1000' & echo root $$");
    pid_t survivor = 0, root = 0;
    for (int i = 0; i < 2; i++) {
        char line[32];
        assert_true(read_line(j.out, line, sizeof line));
        assert_int_equal(sscanf(line, "survivor %d", &survivor) + sscanf(line, "root %d", &root), 1);
    }
    /* Below a task of ours it would be ours, whatever mark it bears. */
    while (!is_dead(root))
        usleep(1000);
    kill(j.pid, SIGKILL);
    assert_int_equal(waitpid(j.pid, NULL, 0), j.pid);
    assert_true(wait_for(j.guardian_pidfd, POLLIN));
    assert_false(is_dead(survivor));
    kill(survivor, SIGKILL);
    jobpool_fini(&j);
}

static void test_goodbye(void **state)
{
    (void)state;
    struct jobpool j;
    int status;
    jobpool_start(&j, run_mark, "setsid sh -c 'echo $$; exec sleep 1000' & exit 0");
    pid_t survivor = read_pid(j.out);
    assert_int_equal(write(j.order, "x", 1), 1);
    assert_int_equal(waitpid(j.pid, &status, 0), j.pid);
    assert_int_equal(status, 0);
    assert_true(is_dead(j.guardian));
    assert_false(is_dead(survivor));
    kill(survivor, SIGKILL);
    jobpool_fini(&j);
}

static void test_survives_what_kills_jobpool(void **state)
{
    (void)state;
    struct jobpool j;
    const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGTSTP};
    jobpool_start(&j, run_mark, "setsid sleep 1000 & setsid sleep 1000 & echo ready; wait");
    expect_ready(&j);
    /* It may still be on its way to a session of its own. */
    while (getsid(j.guardian) != j.guardian)
        assert_false(is_dead(j.guardian));
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        kill(j.guardian, signals[i]);
    kill(-j.pid, SIGKILL);
    assert_int_equal(waitpid(j.pid, NULL, 0), j.pid);
    jobpool_fini(&j);
}

static void test_holds_nothing(void **state)
{
    (void)state;
    struct jobpool j;
    char name[64], text[64];
    jobpool_start(&j, run_mark, "echo ready");
    expect_ready(&j);
    /* It may still be on its way to its read. */
    snprintf(name, sizeof name, "/proc/%d/cwd", (int)j.guardian);
    do {
        memset(text, 0, sizeof text);
        assert_true(readlink(name, text, sizeof text) > 0);
    } while (strcmp(text, "/") != 0);
    for (int fd = 0; fd < 256; fd++) {
        snprintf(name, sizeof name, "/proc/%d/fd/%d", (int)j.guardian, fd);
        assert_int_equal(readlink(name, text, sizeof text) >= 0, fd == 0);
    }
    snprintf(name, sizeof name, "/proc/%d/comm", (int)j.guardian);
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    read_all(fd, text, sizeof text);
    close(fd);
    assert_string_equal(text, "jobpool-guard\n");
    kill(j.pid, SIGKILL);
    assert_int_equal(waitpid(j.pid, NULL, 0), j.pid);
    jobpool_fini(&j);
}

static int stop_after_it_was_killed(void)
{
    struct guardian g;
    struct signals signals;
    CHECK(signals_init(&signals, NULL) == 0);
    CHECK(guardian_start(&g, run_mark, NULL, NULL) == 0);
    CHECK(tree_adopt_orphans(g.pid, NULL) == 0);
    kill(g.pid, SIGKILL);
    CHECK(dies(g.pid));
    tree_reap_orphans();
    guardian_stop(&g);
    CHECK(g.pid == 0);
    guardian_stop(&g);
    return 0;
}

static void test_stop_after_it_was_killed(void **state)
{
    (void)state;
    in_process(stop_after_it_was_killed);
}

int main(void)
{
    files_ensure_standard();
    snprintf(run_mark, sizeof run_mark, "test-guardian-%d", (int)getpid());
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kills_what_is_left),
        cmocka_unit_test(test_kills_runs_inside),
        cmocka_unit_test(test_kills_a_moving_target),
        cmocka_unit_test(test_kills_who_keeps_forking),
        cmocka_unit_test(test_kills_who_left),
        cmocka_unit_test(test_left_alone),
        cmocka_unit_test(test_spares_other_runs),
        cmocka_unit_test(test_goodbye),
        cmocka_unit_test(test_survives_what_kills_jobpool),
        cmocka_unit_test(test_holds_nothing),
        cmocka_unit_test(test_stop_after_it_was_killed),
    };
    alarm(getenv("JOBPOOL_STRESS") ? 1200 : 120);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
