/* Reading /proc. */
#include "os_support.h"

#include "os/proc.h"

#include <sys/prctl.h>

static bool contains(const struct proc_list *list, pid_t pid)
{
    for (size_t i = 0; i < list->len; i++)
        if (list->pids[i] == pid)
            return true;
    return false;
}

/* A child that waits for the end of its stdin, with a name that tries to break the parser. */
static pid_t start_child(int *hold)
{
    int fds[2];
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        char c;
        prctl(PR_SET_NAME, "a) Z 1 (b");
        close(fds[1]);
        while (read(fds[0], &c, 1) > 0)
            ;
        _exit(0);
    }
    close(fds[0]);
    *hold = fds[1];
    return pid;
}

static void test_read(void **state)
{
    (void)state;
    int hold;
    struct proc p, again;
    pid_t pid = start_child(&hold);
    assert_true(proc_read(pid, &p));
    assert_int_equal(p.pid, pid);
    assert_int_equal(p.parent, getpid());
    assert_int_equal(p.group, getpgrp());
    assert_int_equal(p.session, getsid(0));
    assert_int_equal(p.threads, 1);
    assert_true(p.start > 0);
    assert_true(proc_is_alive(&p));
    assert_true(proc_read(getpid(), &again));
    assert_true(again.start <= p.start);
    close(hold);
    assert_true(dies(pid));
    assert_true(proc_read(pid, &again));
    assert_int_equal(again.start, p.start);
    assert_int_equal(again.state, 'Z');
    assert_false(proc_is_alive(&again));
    waitpid(pid, NULL, 0);
    assert_false(proc_read(pid, &p));
}

static void *outlive(void *arg)
{
    char c;
    ssize_t n = read(*(int *)arg, &c, 1);
    _exit(n == 0 ? 0 : 1);
}

/* Its first thread has ended, another one runs: no zombie. */
static void test_process_without_first_thread(void **state)
{
    (void)state;
    int fds[2];
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        pthread_t thread;
        close(fds[1]);
        pthread_create(&thread, NULL, outlive, &fds[0]);
        syscall(SYS_exit, 0);
    }
    close(fds[0]);
    struct proc p;
    do
        assert_true(proc_read(pid, &p));
    while (p.state != 'Z');
    assert_true(proc_is_alive(&p));
    close(fds[1]);
    assert_true(dies(pid));
    assert_true(proc_read(pid, &p));
    assert_false(proc_is_alive(&p));
    waitpid(pid, NULL, 0);
}

static void test_children(void **state)
{
    (void)state;
    enum { MANY = 40 };
    int hold[MANY];
    pid_t pids[MANY];
    struct proc_list children = {0}, read_back = {0}, all = {0};
    for (int i = 0; i < MANY; i++)
        pids[i] = start_child(&hold[i]);
    proc_children(getpid(), &children);
    int fd = proc_open_own_children(getpid());
    if (fd >= 0)
        proc_read_children(fd, &read_back);
    proc_all(&all);
    assert_int_equal(children.len, MANY);
    for (int i = 0; i < MANY; i++) {
        assert_true(contains(&children, pids[i]));
        assert_true(fd < 0 || contains(&read_back, pids[i]));
        assert_true(contains(&all, pids[i]));
        close(hold[i]);
    }
    assert_true(contains(&all, getpid()));
    for (int i = 0; i < MANY; i++)
        kill(pids[i], SIGKILL);
    while (wait(NULL) > 0)
        ;
    children.len = 0;
    proc_children(getpid(), &children);
    assert_int_equal(children.len, 0);
    if (fd >= 0) {
        read_back.len = 0;
        proc_read_children(fd, &read_back);
        assert_int_equal(read_back.len, 0);
        close(fd);
    }
    free(children.pids);
    free(read_back.pids);
    free(all.pids);
}

static void test_environment(void **state)
{
    (void)state;
    int fds[2];
    struct buffer environment = {0};
    char large[100000];
    memset(large, 'x', sizeof large);
    large[0] = 'L';
    large[1] = '=';
    large[sizeof large - 1] = '\0';
    char *const env[] = {(char *)"XJOBPOOL_RUN=no", large,            (char *)"JOBPOOL_RUNNER=no",
                         (char *)"JOBPOOL_RUN=a/b", (char *)"EMPTY=", (char *)"JOBPOOL_RUN=second", NULL};
    char *const argv[] = {(char *)"cat", NULL};
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(fds[0], 0);
        execve("/bin/cat", argv, env);
        _exit(127);
    }
    close(fds[0]);
    /* Until it has executed, its environment is ours; in between it has none. */
    while (proc_environment(pid, &environment) < 1 || !proc_variable(&environment, "EMPTY"))
        assert_false(is_dead(pid));
    assert_string_equal(proc_variable(&environment, "JOBPOOL_RUN"), "a/b");
    assert_string_equal(proc_variable(&environment, "EMPTY"), "");
    assert_null(proc_variable(&environment, "NONE"));
    assert_int_equal(strlen(proc_variable(&environment, "L")), sizeof large - 3);
    close(fds[1]);
    assert_true(dies(pid));
    assert_int_equal(proc_environment(pid, &environment), 0);
    waitpid(pid, NULL, 0);
    assert_int_equal(proc_environment(pid, &environment), -1);
    buffer_fini(&environment);
}

static void test_empty_environment(void **state)
{
    (void)state;
    int in[2], out[2];
    char c;
    struct proc p;
    struct buffer environment = {0};
    char *const none[] = {NULL};
    char *const argv[] = {(char *)"sh", (char *)"-c", (char *)"echo; read x", NULL};
    assert_int_equal(pipe2(in, O_CLOEXEC) | pipe2(out, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        execve("/bin/sh", argv, none);
        _exit(127);
    }
    assert_true(wait_for(out[0], POLLIN));
    assert_int_equal(read(out[0], &c, 1), 1);
    assert_int_equal(proc_environment(pid, &environment), 1);
    assert_int_equal(environment.len, 0);
    assert_true(proc_read(pid, &p));
    assert_true(p.has_environment);
    assert_false(p.is_kernel);
    for (int i = 0; i < 2; i++) {
        close(in[i]);
        close(out[i]);
    }
    waitpid(pid, NULL, 0);
    buffer_fini(&environment);
}

static void test_variable_of_odd_environments(void **state)
{
    (void)state;
    struct buffer b = {0};
    assert_null(proc_variable(&b, "A"));
    buffer_append(&b, "A=1", 3);
    assert_null(proc_variable(&b, "A"));
    buffer_append(&b, "\0\0B=2\0C", 7);
    assert_string_equal(proc_variable(&b, "A"), "1");
    assert_string_equal(proc_variable(&b, "B"), "2");
    assert_null(proc_variable(&b, "C"));
    buffer_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_process_without_first_thread),
        cmocka_unit_test(test_children),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_empty_environment),
        cmocka_unit_test(test_variable_of_odd_environments),
    };
    alarm(120);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
