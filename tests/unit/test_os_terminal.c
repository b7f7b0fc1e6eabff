/* The terminal. The cases with a controlling terminal run in a session of their own. */
#include "os_support.h"

#include "os/terminal.h"

#include <sys/ioctl.h>

static void test_no_terminal(void **state)
{
    (void)state;
    int fd = open_null();
    assert_false(terminal_is(fd));
    assert_int_equal(terminal_width(fd), 80);
    assert_false(terminal_foreground(fd));
    close(fd);
}

static int in_a_session(void)
{
    char name[64];
    setsid();
    CHECK(terminal_group_orphaned());
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    CHECK(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    CHECK(ptsname_r(master, name, sizeof name) == 0);
    int slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    CHECK(slave >= 0 && ioctl(slave, TIOCSCTTY, 0) == 0);
    CHECK(terminal_is(slave) && terminal_foreground(slave));
    CHECK(terminal_width(slave) == 80);
    const struct winsize size = {.ws_row = 24, .ws_col = 132};
    CHECK(ioctl(master, TIOCSWINSZ, &size) == 0 && terminal_width(slave) == 132);

    /* A job of this "shell", and a process in the same group below it. */
    pid_t job = fork();
    if (job == 0) {
        setpgid(0, 0);
        CHECK(!terminal_group_orphaned() && !terminal_foreground(slave));
        pid_t below = fork();
        if (below == 0)
            _exit(terminal_group_orphaned() ? 1 : 0);
        int status;
        CHECK(waitpid(below, &status, 0) == below);
        CHECK(status == 0);
        /* A session of its own has no shell. */
        below = fork();
        if (below == 0) {
            setsid();
            _exit(terminal_group_orphaned() ? 0 : 1);
        }
        CHECK(waitpid(below, &status, 0) == below);
        CHECK(status == 0);
        _exit(0);
    }
    int status;
    CHECK(waitpid(job, &status, 0) == job);
    CHECK(status == 0);
    return 0;
}

static void test_terminal(void **state)
{
    (void)state;
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master < 0)
        skip();
    close(master);
    in_process(in_a_session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_terminal),
        cmocka_unit_test(test_terminal),
    };
    alarm(120);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
