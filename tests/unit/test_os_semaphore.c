/* Counting semaphores: slots, their return, time limits, and who may have a place for them. */
#include "os/semaphore.h"

#include "base/duration.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define SOON (20 * NS_PER_MS)

static int acquire(const char *name, unsigned count, int64_t timeout_ns)
{
    struct error err = {0};
    int fd = semaphore_acquire(name, count, timeout_ns, &err);
    if (fd < 0)
        assert_int_equal(err.code, ERR_TIMEOUT);
    return fd;
}

static void test_slots(void **state)
{
    (void)state;
    int one = acquire("slots", 2, 0), two = acquire("slots", 2, 0);
    assert_true(one >= 0 && two >= 0);
    assert_int_equal(acquire("slots", 2, SOON), -1);
    int three = acquire("slots", 3, SOON); /* whoever allows more has one more */
    assert_true(three >= 0);
    int other = acquire("other", 1, SOON);
    assert_true(other >= 0);
    close(one);
    one = acquire("slots", 2, SOON);
    assert_true(one >= 0);
    close(one);
    close(two);
    close(three);
    close(other);
}

/* A process that holds the slot until it is killed; returns when it has it. */
static pid_t hold(const char *name)
{
    int ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct error err;
        int fd = semaphore_acquire(name, 1, 0, &err);
        if (fd < 0 || write(ready[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return pid;
}

static void test_death_gives_the_slot_back(void **state)
{
    (void)state;
    pid_t pid = hold("death");
    assert_int_equal(acquire("death", 1, SOON), -1);
    kill(pid, SIGKILL);
    int fd = acquire("death", 1, 0);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void test_wait(void **state)
{
    (void)state;
    struct error err;
    assert_int_equal(semaphore_wait("nobody", &err), 0);
    pid_t pid = hold("wait"), killer = fork();
    if (killer == 0) {
        usleep(20000);
        kill(pid, SIGKILL);
        _exit(0);
    }
    assert_int_equal(semaphore_wait("wait", &err), 0);
    assert_int_equal(waitpid(killer, NULL, 0), killer);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void test_names(void **state)
{
    (void)state;
    static const char *const names[] = {"a/b", "..", ".", "a b", "\xff", "-x", "a.b"};
    char name[SEMAPHORE_NAME_SIZE];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        int fd = acquire(names[i], 1, SOON);
        assert_true(fd >= 0);
        for (size_t j = 0; j < i; j++) {
            int other = acquire(names[j], 1, SOON);
            assert_true(other >= 0);
            close(other);
        }
        close(fd);
    }
    semaphore_default_name(name);
    assert_true(strlen(name) > 0);
}

static void test_places(void **state)
{
    const char *top = *state;
    char path[200];
    struct error err = {0};
    snprintf(path, sizeof path, "%s/file", top);
    fclose(fopen(path, "w"));
    setenv("XDG_STATE_HOME", path, 1);
    assert_int_equal(semaphore_acquire("a", 1, 0, &err), -1);
    assert_int_equal(err.code, ERR_IO);
    snprintf(path, sizeof path, "%s/jobpool/semaphores/link", top);
    assert_int_equal(symlink("/tmp", path), 0);
    setenv("XDG_STATE_HOME", top, 1);
    assert_int_equal(semaphore_acquire("link", 1, 0, &err), -1);
    assert_int_equal(err.code, ERR_IO);
}

static int enter(void **state)
{
    char *folder = strdup("/tmp/jobpool-semaphore-XXXXXX");
    *state = folder;
    if (!folder || !mkdtemp(folder))
        return -1;
    return setenv("XDG_STATE_HOME", folder, 1);
}

static int leave(void **state)
{
    char command[100];
    snprintf(command, sizeof command, "rm -rf '%s'", (char *)*state);
    int status = system(command); /* NOLINT(cert-env33-c) */
    free(*state);
    return status;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slots), cmocka_unit_test(test_death_gives_the_slot_back),
        cmocka_unit_test(test_wait),  cmocka_unit_test(test_names),
        cmocka_unit_test(test_places),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
