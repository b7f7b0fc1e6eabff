/* Spawning: what the child finds, and what the caller learns when there is no child. */
#include "os_support.h"

#include "os/files.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

static struct starter starter;
static struct signals inherited;
static char dir[] = "/tmp/jobpool-test-XXXXXX";

static char *const plain_env[] = {(char[]){"PATH=/usr/bin:/bin"}, NULL};

#define ARGV(...) ((char *const[]){__VA_ARGS__, NULL})
#define SHELL(script) ARGV((char *)"sh", (char *)"-c", (char *)(script))

static struct spawn describe(char *const *argv, int in, int out)
{
    return (struct spawn){.argv = argv,
                          .envp = plain_env,
                          .path = "/usr/bin:/bin",
                          .fds = {in, out, out},
                          .signals = &inherited};
}

/* Runs it to its end with stdin from /dev/null; what it wrote is in `text`. */
static int run(const struct spawn *wanted, char *text, size_t size)
{
    struct spawn desc = *wanted;
    struct child child;
    int fds[2], null = open_null();
    assert_int_equal(files_pipe(fds, NULL), 0);
    files_pipe_do_not_wait(fds[0]);
    desc.fds[0] = desc.fds[0] < 0 ? null : desc.fds[0];
    desc.fds[1] = desc.fds[2] = fds[1];
    int started = starter_start(&starter, &desc, &child);
    close(fds[1]);
    close(null);
    read_all(fds[0], text, size);
    close(fds[0]);
    return started < 0 ? -1 : reap_status(&child);
}

static int run_argv(char *const *argv, char *text, size_t size)
{
    struct spawn desc = describe(argv, -1, -1);
    return run(&desc, text, size);
}

static void write_file(const char *name, const char *content, mode_t mode)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), (ssize_t)strlen(content));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static void expect_failure(const struct spawn *desc, int error, const char *start)
{
    char text[64];
    bool no_program = error == ENOENT && strncmp(start, "chdir", 5) != 0;
    assert_int_equal(run(desc, text, sizeof text), -1);
    assert_int_equal(starter.err.code, no_program ? ERR_NOT_FOUND : ERR_SPAWN);
    assert_int_equal(starter.err.sys_errno, error);
    assert_memory_equal(starter.err.message, start, strlen(start));
    assert_string_equal(text, "");
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void test_failures(void **state)
{
    (void)state;
    char program[64], missing[64];
    snprintf(program, sizeof program, "%s/data", dir);
    snprintf(missing, sizeof missing, "%s/none", dir);
    write_file(program, "x", 0644);

    struct spawn desc = describe(ARGV((char *)"no-such-program-here"), -1, -1);
    expect_failure(&desc, ENOENT, "no-such-program-here: ");
    desc.argv = ARGV((char *)"");
    expect_failure(&desc, ENOENT, ": ");
    desc.argv = ARGV(program);
    expect_failure(&desc, EACCES, program);
    desc.argv = ARGV((char *)"/tmp");
    expect_failure(&desc, EACCES, "/tmp: ");
    desc.argv = ARGV((char *)"true");
    desc.cwd = missing;
    expect_failure(&desc, ENOENT, "chdir /tmp/jobpool-test-");
    desc.cwd = program;
    expect_failure(&desc, ENOTDIR, "chdir ");
}

static void test_failing_limit_and_nice(void **state)
{
    (void)state;
    struct spawn desc = describe(ARGV((char *)"true"), -1, -1);
    const struct spawn_limit wrong = {RLIMIT_CORE, {.rlim_cur = 2, .rlim_max = 1}};
    desc.limits = &wrong;
    desc.limits_len = 1;
    expect_failure(&desc, EINVAL, "setrlimit");
}

static void test_path_search(void **state)
{
    (void)state;
    char text[256], denied[64], found[64], path[200], sub[64];
    snprintf(sub, sizeof sub, "%s/sub", dir);
    mkdir(sub, 0700);
    snprintf(denied, sizeof denied, "%s/tool", dir);
    snprintf(found, sizeof found, "%s/sub/tool", dir);
    write_file(denied, "#!/bin/sh\necho wrong\n", 0600);

    struct spawn desc = describe(ARGV((char *)"tool"), -1, -1);
    snprintf(path, sizeof path, "/nowhere:%s:/etc/passwd:%s", dir, sub);
    desc.path = path;
    expect_failure(&desc, EACCES, "tool: ");

    write_file(found, "#!/bin/sh\necho \"$0\"\n", 0700);
    assert_int_equal(run(&desc, text, sizeof text), 0);
    assert_int_equal(strncmp(text, found, strlen(found)), 0);

    /* Relative and empty entries count from the task's directory. */
    desc.cwd = dir;
    desc.path = "sub";
    assert_int_equal(run(&desc, text, sizeof text), 0);
    assert_string_equal(text, "sub/tool\n");
    desc.cwd = sub;
    desc.path = "/nowhere::/bin";
    assert_int_equal(run(&desc, text, sizeof text), 0);
    assert_string_equal(text, "tool\n");

    desc.argv = ARGV((char *)"true");
    desc.path = NULL;
    assert_int_equal(run(&desc, text, sizeof text), 0);
}

static void test_file_without_interpreter(void **state)
{
    (void)state;
    char text[256], file[64], expected[256];
    snprintf(file, sizeof file, "%s/script", dir);
    write_file(file, "printf '%s|' \"$0\" \"$@\"\n", 0700);
    struct spawn desc = describe(ARGV(file, (char *)"a b", (char *)"", (char *)"-c"), -1, -1);
    assert_int_equal(run(&desc, text, sizeof text), 0);
    snprintf(expected, sizeof expected, "%s|a b||-c|", file);
    assert_string_equal(text, expected);

    desc.argv = ARGV((char *)"script", (char *)"1");
    desc.path = dir;
    assert_int_equal(run(&desc, text, sizeof text), 0);
    snprintf(expected, sizeof expected, "%s|1|", file);
    assert_string_equal(text, expected);

    desc.no_sh_fallback = true;
    expect_failure(&desc, ENOEXEC, "script: ");
}

static void test_arguments_and_environment_are_exact(void **state)
{
    (void)state;
    static const char script[] = "cat /proc/$$/cmdline /proc/$$/environ";
    static const char expected[] = "/bin/sh\0-c\0cat /proc/$$/cmdline /proc/$$/environ\0"
                                   "\0a b\0$(touch P)\n\0\xff\xfe"
                                   "\0PATH=/bin\0X=\0A=1\n2\0A=3";
    char text[512];
    char *const env[] = {(char *)"PATH=/bin", (char *)"X=", (char *)"A=1\n2", (char *)"A=3", NULL};
    char *const argv[] = {(char *)"/bin/sh", (char *)"-c",           (char *)script,     (char *)"",
                          (char *)"a b",     (char *)"$(touch P)\n", (char *)"\xff\xfe", NULL};
    struct spawn desc = describe(argv, -1, -1);
    desc.envp = env;
    memset(text, 'x', sizeof text);
    assert_int_equal(run(&desc, text, sizeof text), 0);
    assert_memory_equal(text, expected, sizeof expected);
}

static void test_only_three_descriptors(void **state)
{
    (void)state;
    int in[2], out[2];
    struct child child;
    char line[16], name[64];
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(files_pipe(out, NULL), 0);
    files_pipe_do_not_wait(out[0]);
    struct spawn desc = describe(SHELL("echo ready; read x"), in[0], out[1]);
    assert_int_equal(starter_start(&starter, &desc, &child), 0);
    assert_true(read_line(out[0], line, sizeof line));
    for (int fd = 0; fd < 1024; fd++) {
        snprintf(name, sizeof name, "/proc/%d/fd/%d", (int)child.pid, fd);
        char target[64];
        assert_int_equal(readlink(name, target, sizeof target) >= 0, fd <= 2);
    }
    assert_int_equal(getpgid(child.pid), child.pid);
    assert_int_equal(getsid(child.pid), getsid(0));
    close(in[1]);
    close(in[0]);
    close(out[1]);
    reap_status(&child);
    close(out[0]);
}

static void test_descriptor_in_its_place(void **state)
{
    (void)state;
    char text[64];
    int flags = fcntl(0, F_GETFD);
    if (flags < 0)
        skip();
    fcntl(0, F_SETFD, FD_CLOEXEC);
    struct spawn desc = describe(SHELL("test -e /proc/$$/fd/0 && echo open"), 0, -1);
    assert_int_equal(run(&desc, text, sizeof text), 0);
    assert_string_equal(text, "open\n");
    assert_int_equal(fcntl(0, F_GETFD), FD_CLOEXEC);
    fcntl(0, F_SETFD, flags);
}

static uint64_t status_field(const char *text, const char *name)
{
    const char *at = strstr(text, name);
    assert_non_null(at);
    return strtoull(at + strlen(name), NULL, 16);
}

static void test_mask_and_dispositions(void **state)
{
    (void)state;
    char text[4096], own[4096];
    int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    read_all(fd, own, sizeof own);
    close(fd);
    /* main blocked USR2 and ignores HUP before signals_init; the starter blocks everything. */
    assert_int_equal(run_argv(ARGV((char *)"cat", (char *)"/proc/self/status"), text, sizeof text), 0);
    assert_int_equal(status_field(text, "\nSigBlk:\t"), UINT64_C(1) << (SIGUSR2 - 1));
    assert_int_equal(status_field(text, "\nSigIgn:\t"), status_field(own, "\nSigIgn:\t"));
    assert_true(status_field(text, "\nSigIgn:\t") & (UINT64_C(1) << (SIGHUP - 1)));
    assert_false(status_field(text, "\nSigIgn:\t") & (UINT64_C(1) << (SIGPIPE - 1)));
    assert_false(status_field(text, "\nSigIgn:\t") & (UINT64_C(1) << (SIGCHLD - 1)));

    struct signals ignoring = inherited;
    ignoring.child_was_ignored = true;
    struct spawn desc = describe(ARGV((char *)"cat", (char *)"/proc/self/status"), -1, -1);
    desc.signals = &ignoring;
    assert_int_equal(run(&desc, text, sizeof text), 0);
    assert_true(status_field(text, "\nSigIgn:\t") & (UINT64_C(1) << (SIGCHLD - 1)));
}

static void test_limits_and_niceness(void **state)
{
    (void)state;
    char text[64], expected[64];
    const struct spawn_limit limit = {RLIMIT_NOFILE, {.rlim_cur = 33, .rlim_max = 34}};
    struct spawn desc = describe(SHELL("ulimit -Sn; ulimit -Hn; nice"), -1, -1);
    desc.limits = &limit;
    desc.limits_len = 1;
    desc.nice = 3;
    assert_int_equal(run(&desc, text, sizeof text), 0);
    int nice_now = getpriority(PRIO_PROCESS, 0) + 3;
    snprintf(expected, sizeof expected, "33\n34\n%d\n", nice_now > 19 ? 19 : nice_now);
    assert_string_equal(text, expected);
}

/* In a process of its own: starts `cat`, tells its pid, and waits to be killed. */
static void start_and_wait(int in, int out)
{
    struct error err;
    struct child child;
    struct spawner *spawner = spawner_new(&err);
    struct spawn desc = describe(ARGV((char *)"cat"), in, in);
    signals_block_all();
    if (spawner && spawn_start(spawner, &desc, &child, &err) == 0)
        dprintf(out, "%d\n", (int)child.pid);
    for (;;)
        pause();
}

static void test_child_dies_with_its_parent(void **state)
{
    (void)state;
    int in[2], out[2];
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    pid_t parent = fork();
    if (parent == 0)
        start_and_wait(in[0], out[1]);
    pid_t child = read_pid(out[0]);
    int pidfd = pidfd_of(child);
    assert_true(pidfd >= 0);
    assert_false(is_dead(child));
    kill(parent, SIGKILL);
    assert_true(wait_for(pidfd, POLLIN));
    assert_int_equal(waitpid(parent, NULL, 0), parent);
    close(pidfd);
    for (int i = 0; i < 2; i++) {
        close(in[i]);
        close(out[i]);
    }
}

static int no_more_processes(void)
{
    struct error err;
    struct child child;
    struct spawner *spawner = spawner_new(&err);
    struct spawn desc = describe(ARGV((char *)"true"), 0, 1);
    const struct rlimit none = {0, 0};
    signals_block_all();
    CHECK(setrlimit(RLIMIT_NPROC, &none) == 0);
    CHECK(geteuid() != 0 || setresuid(65534, 65534, 65534) == 0);
    CHECK(spawn_start(spawner, &desc, &child, &err) == -1);
    CHECK(err.code == ERR_SPAWN && err.sys_errno == EAGAIN);
    CHECK(strncmp(err.message, "fork: ", 6) == 0);
    spawner_free(spawner);
    return 0;
}

static void test_fork_failure(void **state)
{
    (void)state;
    in_process(no_more_processes);
}

/* The last free descriptor is the spawner's spare; without it nothing is run. */
static int no_more_descriptors(void)
{
    struct error err;
    struct child child[2];
    char file[64];
    snprintf(file, sizeof file, "%s/ran", dir);
    struct spawner *spawner = spawner_new(&err);
    struct spawn desc = describe(ARGV((char *)"touch", file), open_null(), open_null());
    const struct rlimit few = {64, 64};
    signals_block_all();
    CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
    int first = open_null();
    int last = first;
    for (int fd; (fd = fcntl(first, F_DUPFD_CLOEXEC, 0)) >= 0;)
        last = fd;
    close(last);
    CHECK(spawn_start(spawner, &desc, &child[0], &err) == 0);
    CHECK(wait_for(child[0].pidfd, POLLIN) && waitpid(child[0].pid, NULL, 0) == child[0].pid);
    CHECK(unlink(file) == 0);
    CHECK(spawn_start(spawner, &desc, &child[1], &err) == -1);
    CHECK(err.sys_errno == EMFILE && access(file, F_OK) < 0);
    close(child[0].pidfd);
    CHECK(spawn_start(spawner, &desc, &child[1], &err) == 0);
    CHECK(wait_for(child[1].pidfd, POLLIN) && waitpid(child[1].pid, NULL, 0) == child[1].pid);
    CHECK(unlink(file) == 0);
    spawner_free(spawner);
    return 0;
}

static void test_spare_descriptor(void **state)
{
    (void)state;
    in_process(no_more_descriptors);
}

static void *spawn_many(void *arg)
{
    intptr_t *failed = arg;
    struct error err;
    struct spawner *spawner = spawner_new(&err);
    const char *rounds = getenv("JOBPOOL_TEST_ROUNDS");
    signals_block_all();
    for (long left = rounds ? atol(rounds) : 200; left > 0; left--) {
        int fds[2];
        char text[8];
        struct child child;
        if (files_pipe(fds, &err) < 0) {
            ++*failed;
            break;
        }
        bool exists = left % 4 != 0;
        char *const *argv = exists ? ARGV((char *)"echo", (char *)"x") : ARGV((char *)"/nowhere");
        struct spawn desc = describe(argv, fds[1], fds[1]);
        int started = spawn_start(spawner, &desc, &child, &err);
        close(fds[1]);
        size_t len = read_all(fds[0], text, sizeof text);
        close(fds[0]);
        *failed += (started == 0) != exists || len != (exists ? 2 : 0);
        if (started == 0) {
            int status = -1;
            *failed += waitpid(child.pid, &status, 0) != child.pid || status != 0;
            close(child.pidfd);
        }
    }
    spawner_free(spawner);
    return NULL;
}

static void test_two_threads(void **state)
{
    (void)state;
    pthread_t threads[2];
    intptr_t failed[2] = {0};
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, spawn_many, &failed[i]), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(failed[0] + failed[1], 0);
}

static int set_up(void **state)
{
    (void)state;
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR2);
    sigprocmask(SIG_SETMASK, &blocked, NULL);
    signal(SIGHUP, SIG_IGN);
    if (signals_init(&inherited, NULL) < 0 || !mkdtemp(dir))
        return -1;
    starter_init(&starter);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char command[128];
    starter_fini(&starter);
    signals_fini(&inherited);
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command) == 0 ? 0 : -1;
}

int main(void)
{
    files_ensure_standard();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_failing_limit_and_nice),
        cmocka_unit_test(test_path_search),
        cmocka_unit_test(test_file_without_interpreter),
        cmocka_unit_test(test_arguments_and_environment_are_exact),
        cmocka_unit_test(test_only_three_descriptors),
        cmocka_unit_test(test_descriptor_in_its_place),
        cmocka_unit_test(test_mask_and_dispositions),
        cmocka_unit_test(test_limits_and_niceness),
        cmocka_unit_test(test_child_dies_with_its_parent),
        cmocka_unit_test(test_fork_failure),
        cmocka_unit_test(test_spare_descriptor),
        cmocka_unit_test(test_two_threads),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
