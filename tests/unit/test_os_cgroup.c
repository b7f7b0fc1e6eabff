/* The control group of a run: made, inhabited, killed, removed. */
#include "os_support.h"

#include "base/duration.h"
#include "os/cgroup.h"
#include "os/files.h"
#include "os/vfork_into.h"

#include <sys/stat.h>

static struct starter starter;
static struct signals inherited;

static char *const plain_env[] = {(char[]){"PATH=/usr/bin:/bin"}, NULL};

static bool is_there(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0;
}

/* One of this test's groups; each has a number of its own. */
static void make(struct cgroup *g)
{
    static int number;
    char run[64];
    if (!vfork_into_exists() || !may_have_groups()) {
        print_message("no control group can be had here\n");
        skip();
    }
    snprintf(run, sizeof run, "test.%d.%d", (int)getpid(), ++number);
    cgroup_name(g, run);
    assert_non_null(g->dir);
    assert_false(is_there(g->dir));
    cgroup_make(g);
    assert_non_null(g->dir);
    assert_true(g->fd >= 3);
}

/* Starts a script in the group. Everybody who comes of it holds the writing end of the pipe that is returned. */
static int inhabit(const struct cgroup *g, const char *script, struct child *child)
{
    int fds[2], null = open_null();
    char *const argv[] = {(char *)"sh", (char *)"-c", (char *)(uintptr_t)script, NULL};
    assert_int_equal(files_pipe(fds, NULL), 0);
    struct spawn desc = {.argv = argv,
                         .envp = plain_env,
                         .path = "/usr/bin:/bin",
                         .fds = {null, fds[1], fds[1]},
                         .signals = &inherited,
                         .cgroup = g};
    assert_int_equal(starter_start(&starter, &desc, child), 0);
    close(fds[1]);
    close(null);
    return fds[0];
}

static void expect_end(int out)
{
    char c;
    assert_true(wait_for(out, POLLIN));
    assert_int_equal(read(out, &c, 1), 0);
    close(out);
}

static void test_made_and_removed(void **state)
{
    (void)state;
    struct cgroup g;
    make(&g);
    struct stat named, opened;
    assert_int_equal(stat(g.dir, &named) | fstat(g.fd, &opened), 0);
    assert_int_equal(named.st_ino, opened.st_ino);
    assert_true(fcntl(g.fd, F_GETFD) & FD_CLOEXEC);
    assert_true(cgroup_remove(&g, 0));
    assert_false(is_there(g.dir));
    assert_true(cgroup_remove(&g, 0));
    cgroup_fini(&g);
    assert_null(g.dir);
    assert_int_equal(g.fd, -1);
}

static void test_none(void **state)
{
    (void)state;
    struct cgroup g = {.fd = -1};
    cgroup_make(&g);
    assert_null(g.dir);
    cgroup_kill(&g);
    assert_true(cgroup_remove(&g, 0));
    cgroup_fini(&g);
}

static void test_named_and_not_made(void **state)
{
    (void)state;
    struct cgroup g;
    cgroup_name(&g, "test.never");
    cgroup_kill(&g);
    assert_true(cgroup_remove(&g, 0));
    cgroup_fini(&g);
}

static void test_place_is_taken(void **state)
{
    (void)state;
    struct cgroup g, second = {.fd = -1};
    make(&g);
    second.dir = strdup(g.dir);
    cgroup_make(&second);
    assert_null(second.dir);
    assert_true(is_there(g.dir));
    assert_true(cgroup_remove(&g, 0));
    cgroup_fini(&g);
}

/* What is no group is left as it was. */
static void test_no_group(void **state)
{
    (void)state;
    char dir[] = "/tmp/jobpool-test-XXXXXX", inner[64];
    assert_non_null(mkdtemp(dir));
    snprintf(inner, sizeof inner, "%s/jobpool.1", dir);
    struct cgroup g = {.dir = strdup(inner), .fd = -1};
    cgroup_make(&g);
    assert_null(g.dir);
    assert_int_equal(g.fd, -1);
    assert_int_equal(rmdir(dir), 0);
}

/* A run within a run is named by its own part of the mark. */
static void test_name(void **state)
{
    (void)state;
    struct cgroup outer, inner;
    make(&outer);
    const char *run = strstr(outer.dir, "/jobpool.") + strlen("/jobpool.");
    char mark[128];
    snprintf(mark, sizeof mark, "1.a/2.b/%s", run);
    cgroup_name(&inner, mark);
    assert_string_equal(inner.dir, outer.dir);
    cgroup_fini(&inner);
    assert_true(cgroup_remove(&outer, 0));
    cgroup_fini(&outer);
}

static void test_child_is_in_it(void **state)
{
    (void)state;
    struct cgroup g;
    struct child child;
    char text[4096];
    make(&g);
    int out = inhabit(&g, "cat /proc/self/cgroup", &child);
    read_all(out, text, sizeof text);
    close(out);
    assert_int_equal(reap_status(&child), 0);
    assert_non_null(strstr(text, strrchr(g.dir, '/')));
    assert_true(cgroup_remove(&g, 0));
    cgroup_fini(&g);
}

#define FAR_AWAY "(setsid env -i /bin/sh -c '/bin/sleep 1000 & echo ready; wait' &); "

static void expect_ready(int out)
{
    char line[16];
    assert_true(read_line(out, line, sizeof line));
    assert_string_equal(line, "ready");
}

static void test_killed(void **state)
{
    (void)state;
    struct cgroup g;
    struct child child;
    make(&g);
    int out = inhabit(&g, FAR_AWAY "sleep 1000", &child);
    expect_ready(out);
    cgroup_kill(&g);
    expect_end(out);
    assert_int_equal(reap_status(&child), SIGKILL);
    assert_true(is_there(g.dir));
    assert_true(cgroup_remove(&g, 10 * NS_PER_S));
    assert_false(is_there(g.dir));
    cgroup_fini(&g);
}

static void test_removed_with_who_is_in_it(void **state)
{
    (void)state;
    struct cgroup g;
    struct child child;
    make(&g);
    int out = inhabit(&g, FAR_AWAY "exit 3", &child);
    expect_ready(out);
    assert_int_equal(reap_status(&child), 3 << 8);
    assert_true(cgroup_remove(&g, 10 * NS_PER_S));
    assert_false(is_there(g.dir));
    expect_end(out);
    cgroup_fini(&g);
}

/* Somebody moved into a group below, and below that. */
static void test_groups_below(void **state)
{
    (void)state;
    struct cgroup g;
    struct child child;
    char script[1024];
    make(&g);
    snprintf(script, sizeof script,
             "mkdir -p %s/a/b %s/c && echo $$ > %s/a/b/cgroup.procs && " FAR_AWAY "sleep 1000", g.dir, g.dir,
             g.dir);
    int out = inhabit(&g, script, &child);
    expect_ready(out);
    assert_true(cgroup_remove(&g, 10 * NS_PER_S));
    assert_false(is_there(g.dir));
    expect_end(out);
    assert_int_equal(reap_status(&child), SIGKILL);
    cgroup_fini(&g);
}

/* No time to wait: they are killed all the same. */
static void test_no_time(void **state)
{
    (void)state;
    struct cgroup g;
    struct child child;
    make(&g);
    int out = inhabit(&g, FAR_AWAY "sleep 1000", &child);
    expect_ready(out);
    (void)cgroup_remove(&g, 0);
    expect_end(out);
    assert_int_equal(reap_status(&child), SIGKILL);
    assert_true(cgroup_remove(&g, 10 * NS_PER_S));
    assert_false(is_there(g.dir));
    cgroup_fini(&g);
}

/* Who cannot be born there is born here: the group is gone, or it is none. */
static void test_refused(void **state)
{
    (void)state;
    struct cgroup g, none = {.fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    struct child child;
    char text[64];
    make(&g);
    assert_true(cgroup_remove(&g, 0));
    const struct cgroup *refuse[] = {&g, &none, &g};
    for (size_t i = 0; i < 3; i++) {
        int out = inhabit(refuse[i], "echo here", &child);
        read_all(out, text, sizeof text);
        close(out);
        assert_string_equal(text, "here\n");
        assert_int_equal(reap_status(&child), 0);
    }
    close(none.fd);
    cgroup_fini(&g);
}

int main(void)
{
    files_ensure_standard();
    signals_init(&inherited, NULL);
    starter_init(&starter);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_made_and_removed),
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_named_and_not_made),
        cmocka_unit_test(test_place_is_taken),
        cmocka_unit_test(test_no_group),
        cmocka_unit_test(test_name),
        cmocka_unit_test(test_child_is_in_it),
        cmocka_unit_test(test_killed),
        cmocka_unit_test(test_removed_with_who_is_in_it),
        cmocka_unit_test(test_groups_below),
        cmocka_unit_test(test_no_time),
        cmocka_unit_test(test_refused), /* the last: the spawner remembers */
    };
    alarm(120);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    starter_fini(&starter);
    return failed;
}
