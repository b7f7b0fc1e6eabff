/* Does a process stand still? Apart from test_os_proc.c, which counts threads: a sanitizer adds one of its own to a
 * program that can start any. */
#include "os_support.h"

#include "os/proc.h"

#include <signal.h>

static void *spin(void *arg)
{
    for (volatile bool *go_on = arg; *go_on;)
        ;
    return NULL;
}

/* A process stands still when all of its threads do: here the first one waits and the second never does. */
static void test_still(void **state)
{
    (void)state;
    int ready[2];
    char c;
    assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        static volatile bool go_on = true;
        pthread_t thread;
        _exit(pthread_create(&thread, NULL, spin, (void *)(uintptr_t)&go_on) || write(ready[1], "x", 1) != 1 ||
              pthread_join(thread, NULL));
    }
    assert_true(pid > 0);
    assert_int_equal(read(ready[0], &c, 1), 1);
    assert_false(proc_is_still(pid));
    kill(pid, SIGSTOP);
    assert_int_equal(waitpid(pid, NULL, WUNTRACED), pid);
    assert_true(proc_is_still(pid));
    kill(pid, SIGCONT);
    assert_int_equal(waitpid(pid, NULL, WCONTINUED), pid);
    assert_false(proc_is_still(pid));
    kill(pid, SIGKILL);
    assert_true(dies(pid));
    assert_true(proc_is_still(pid));
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_true(proc_is_still(pid));
    close(ready[0]);
    close(ready[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_still),
    };
    alarm(120);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
