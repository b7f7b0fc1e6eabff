/* Signals. Each case is a forked process, because masks and dispositions are a process's own. */
#include "os_support.h"

#include "os/signals.h"

#include <sys/resource.h>

static int reads_what_is_pending(void)
{
    struct signals s;
    CHECK(signals_init(&s, NULL) == 0);
    CHECK(fcntl(s.fd, F_GETFD) == FD_CLOEXEC);
    CHECK(signals_read(&s) == 0);
    raise(SIGTERM);
    raise(SIGINT);
    int first = signals_read(&s), second = signals_read(&s);
    CHECK(first + second == SIGTERM + SIGINT && first != second);
    CHECK(signals_read(&s) == 0);
    raise(SIGPIPE);
    CHECK(signals_read(&s) == 0);
    signals_fini(&s);
    return 0;
}

static int ignored_are_left_alone(void)
{
    struct signals s;
    sigset_t mask;
    signal(SIGHUP, SIG_IGN);
    signal(SIGCHLD, SIG_IGN);
    CHECK(signals_init(&s, NULL) == 0);
    raise(SIGHUP);
    CHECK(signals_read(&s) == 0);
    sigprocmask(SIG_BLOCK, NULL, &mask);
    CHECK(!sigismember(&mask, SIGHUP) && sigismember(&mask, SIGINT) && sigismember(&mask, SIGPIPE));
    CHECK(!sigismember(&s.inherited, SIGINT) && !sigismember(&s.inherited, SIGPIPE));
    /* The kernel must not reap our children. */
    CHECK(s.child_was_ignored);
    pid_t pid = fork();
    if (pid == 0)
        _exit(5);
    int status;
    CHECK(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 5);
    CHECK(signals_read(&s) == SIGCHLD);
    return 0;
}

static int too_large_a_file_is_an_error(void)
{
    struct signals s;
    const struct rlimit none = {0, 0};
    FILE *file = tmpfile();
    CHECK(signals_init(&s, NULL) == 0 && file);
    CHECK(!sigismember(&s.inherited, SIGXFSZ));
    CHECK(setrlimit(RLIMIT_FSIZE, &none) == 0);
    CHECK(write(fileno(file), "x", 1) < 0 && errno == EFBIG);
    return 0;
}

static int blocks_all(void)
{
    sigset_t mask;
    signals_block_all();
    sigprocmask(SIG_BLOCK, NULL, &mask);
    CHECK(sigismember(&mask, SIGTERM) == 1 && sigismember(&mask, SIGUSR2) == 1);
    return 0;
}

static int dies_of_int(void)
{
    struct signals s;
    signals_init(&s, NULL);
    signals_die(SIGINT);
}

static int dies_of_pipe_ignored(void)
{
    signal(SIGPIPE, SIG_IGN);
    signals_die(SIGPIPE);
}

static int dies_with_a_status(void)
{
    signals_die(SIGCHLD);
}

static void test_read(void **state)
{
    (void)state;
    in_process(reads_what_is_pending);
    in_process(ignored_are_left_alone);
    in_process(too_large_a_file_is_an_error);
    in_process(blocks_all);
}

static void test_die(void **state)
{
    (void)state;
    int status = status_of(dies_of_int);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGINT);
    status = status_of(dies_of_pipe_ignored);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGPIPE);
    status = status_of(dies_with_a_status);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 128 + SIGCHLD);
}

/* The middle process stands for the shell: same session, another group, so ours is not orphaned. */
static int stops_and_continues(void)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        struct signals s;
        sigset_t mask;
        setpgid(0, 0);
        signals_init(&s, NULL);
        signals_stop_self();
        sigprocmask(SIG_BLOCK, NULL, &mask);
        _exit(sigismember(&mask, SIGTSTP) == 1 ? 7 : 8);
    }
    CHECK(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status) && WSTOPSIG(status) == SIGTSTP);
    kill(pid, SIGCONT);
    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 7);
    return 0;
}

static int does_not_stop_when_orphaned(void)
{
    struct signals s;
    setsid();
    signals_init(&s, NULL);
    signals_stop_self();
    return 0;
}

static void test_stop(void **state)
{
    (void)state;
    in_process(stops_and_continues);
    in_process(does_not_stop_when_orphaned);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_die),
        cmocka_unit_test(test_stop),
    };
    alarm(120);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
