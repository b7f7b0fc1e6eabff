/* The arithmetic of execve, at its borders, and beside the kernel that does the same. */
#include "os/exec_space.h"

#include "base/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define KIB ((size_t)1024)

static void test_total(void **state)
{
    (void)state;
    assert_int_equal(exec_space_total(0), 128 * KIB);
    assert_int_equal(exec_space_total(512 * KIB), 128 * KIB);
    assert_int_equal(exec_space_total(512 * KIB + 4), 128 * KIB + 1);
    assert_int_equal(exec_space_total(8192 * KIB), 2048 * KIB);
    assert_int_equal(exec_space_total(24 * 1024 * KIB - 4), 6 * 1024 * KIB - 1);
    assert_int_equal(exec_space_total(24 * 1024 * KIB), 6 * 1024 * KIB);
    assert_int_equal(exec_space_total(RLIM_INFINITY - 1), 6 * 1024 * KIB);
    assert_int_equal(exec_space_total(RLIM_INFINITY), 6 * 1024 * KIB);
}

static void test_left(void **state)
{
    (void)state;
    char *const strings[] = {(char[]){"A=b"}, (char[]){""}, NULL};
    assert_int_equal(exec_space_of(strings), 4 + 8 + 1 + 8);
    assert_int_equal(exec_space_of((char *const[]){NULL}), 0);
    assert_int_equal(exec_space_left(8192 * KIB, 1000), 2048 * KIB - EXEC_HEADROOM - 1000);
    assert_int_equal(exec_space_left(0, 128 * KIB - EXEC_HEADROOM - 1), 1);
    assert_int_equal(exec_space_left(0, 128 * KIB - EXEC_HEADROOM), 0);
    assert_int_equal(exec_space_left(0, SIZE_MAX - EXEC_HEADROOM), 0);
}

/* Executes `true` with arguments that count, with everything else, exactly `space`; its errno, 0 if it was. */
static int try_space(const char *path, rlim_t stack, size_t space)
{
    char *const environment[] = {(char[]){"A=environment of its own"}, NULL};
    size_t left = space - exec_space_of(environment) - (strlen(path) + 1);
    char **argv = xcalloc(4096, sizeof *argv);
    size_t count = 0, longest = 100 * KIB;
    argv[count++] = xstrdup("true");
    left -= sizeof "true" + EXEC_POINTER;
    while (left > 0) {
        size_t take = left > longest + 100 ? longest : left;
        char *argument = xcalloc(1, take);
        memset(argument, 'x', take - EXEC_POINTER - 1);
        argv[count++] = argument;
        left -= take;
    }
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct rlimit limit = {stack, RLIM_INFINITY};
        getrlimit(RLIMIT_STACK, &limit);
        limit.rlim_cur = stack;
        if (setrlimit(RLIMIT_STACK, &limit) != 0)
            _exit(255);
        execve(path, argv, environment);
        _exit(errno);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    for (size_t i = 0; i < count; i++)
        free(argv[i]);
    free(argv);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_kernel_agrees(void **state)
{
    (void)state;
    static const rlim_t stacks[] = {256 * 1024, 1 << 20, 8 << 20, 12 << 20};
    const char *path = access("/bin/true", X_OK) == 0 ? "/bin/true" : "/usr/bin/true";
    struct rlimit now;
    assert_int_equal(getrlimit(RLIMIT_STACK, &now), 0);
    for (size_t i = 0; i < sizeof stacks / sizeof stacks[0]; i++) {
        if (now.rlim_max != RLIM_INFINITY && stacks[i] > now.rlim_max)
            continue;
        size_t total = exec_space_total(stacks[i]);
        assert_int_equal(try_space(path, stacks[i], total), 0);
        assert_int_equal(try_space(path, stacks[i], total + 1), E2BIG);
    }
}

static void test_longest_string(void **state)
{
    (void)state;
    char *text = xcalloc(1, EXEC_STRING_MAX + 1);
    memset(text, 'x', EXEC_STRING_MAX);
    for (size_t cut = 1; cut <= 2; cut++) {
        text[EXEC_STRING_MAX + 1 - cut] = '\0';
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            execve("/bin/true", (char *const[]){(char[]){"true"}, text, NULL}, environ);
            _exit(errno);
        }
        int status = 0;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(WEXITSTATUS(status), cut == 1 ? E2BIG : 0);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_total),
        cmocka_unit_test(test_left),
        cmocka_unit_test(test_kernel_agrees),
        cmocka_unit_test(test_longest_string),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
