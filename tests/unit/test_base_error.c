/* base/error: the table, the shape of messages, what happens to text that does not fit or is no UTF-8;
 * and base/alloc, whose end without memory is looked at from a parent. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/utf8.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_table(void **state)
{
    (void)state;
    static const struct {
        enum error_code code;
        const char *name;
        int status;
    } wanted[] = {
        {ERR_EXIT_STATUS, "ExitStatus", -1},
        {ERR_SIGNAL, "Signal", -1},
        {ERR_SPAWN, "SpawnError", 126},
        {ERR_NOT_FOUND, "SpawnError", 127},
        {ERR_TIMEOUT, "Timeout", 124},
        {ERR_CANCELLED, "Cancelled", 125},
        {ERR_SHUTDOWN, "Shutdown", 125},
        {ERR_LOST, "Lost", 125},
        {ERR_HALTED, "Halted", 125},
        {ERR_DEPENDENCY, "DependencyFailed", 125},
        {ERR_FUNCTION, "FunctionError", 125},
        {ERR_WORKER, "WorkerError", 125},
        {ERR_OUTPUT, "OutputError", 125},
        {ERR_USAGE, "UsageError", 2},
        {ERR_INPUT, "InputError", 2},
        {ERR_SPEC, "BadSpec", 2},
        {ERR_DUPLICATE, "DuplicateId", 2},
        {ERR_UNKNOWN, "UnknownId", 2},
        {ERR_FULL, "Full", 125},
        {ERR_CLOSED, "Closed", 125},
        {ERR_IO, "IOError", 125},
        {ERR_SYSTEM, "SystemError", 125},
    };
    assert_int_equal(sizeof wanted / sizeof wanted[0], ERR_CODES - 1);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        assert_string_equal(error_code_name(wanted[i].code), wanted[i].name);
        assert_int_equal(error_code_status(wanted[i].code), wanted[i].status);
    }
    assert_non_null(error_code_name(ERR_NONE));
    assert_non_null(error_code_name((enum error_code)99));
}

static void test_set(void **state)
{
    (void)state;
    struct error err = {.sys_errno = 7};
    assert_int_equal(error_set(&err, ERR_SPEC, "line %d: %s", 3, "bad"), -1);
    assert_int_equal(err.code, ERR_SPEC);
    assert_int_equal(err.sys_errno, 0);
    assert_string_equal(err.message, "line 3: bad");
    assert_int_equal(error_set(NULL, ERR_SPEC, "x"), -1);
    assert_int_equal(error_set_errno(NULL, ERR_SPEC, ENOENT, "x"), -1);
    assert_int_equal(error_prefix(NULL, "x"), -1);
}

static void test_errno(void **state)
{
    (void)state;
    struct error err;
    assert_int_equal(error_set_errno(&err, ERR_IO, ENOENT, "open %s", "x"), -1);
    assert_string_equal(err.message, "open x: No such file or directory (ENOENT)");
    assert_int_equal(err.sys_errno, ENOENT);
    assert_int_equal(error_prefix(&err, "task '%s'", "a"), -1);
    assert_string_equal(err.message, "task 'a': open x: No such file or directory (ENOENT)");
    assert_int_equal(err.sys_errno, ENOENT);
    assert_int_equal(err.code, ERR_IO);
    assert_string_equal(errno_name(EACCES), "EACCES");
    assert_string_equal(errno_name(4242), "E4242");
    assert_string_equal(errno_name(0), "E0");
}

static void test_own_message_as_argument(void **state)
{
    (void)state;
    struct error err;
    error_set(&err, ERR_IO, "inner");
    error_set(&err, ERR_SYSTEM, "outer (%s)", err.message);
    assert_string_equal(err.message, "outer (inner)");
}

static void test_cut_at_character(void **state)
{
    (void)state;
    char text[1200];
    for (size_t shift = 0; shift < 4; shift++) {
        memset(text, 'a', shift);
        for (size_t i = shift; i + 4 < sizeof text; i += 4)
            memcpy(text + i, "\xF0\x9F\x98\x80", 5);
        struct error err;
        error_set(&err, ERR_IO, "%s", text);
        size_t len = strlen(err.message);
        assert_true(utf8_valid(err.message, len));
        assert_true(len >= sizeof err.message - 4);
        assert_memory_equal(err.message, text, len);
    }
}

static void expect_whole_end(const struct error *err, const char *end)
{
    size_t len = strlen(err->message), end_len = strlen(end);
    assert_true(utf8_valid(err->message, len));
    assert_true(len > end_len && len < sizeof err->message);
    assert_string_equal(err->message + len - end_len, end);
}

static void test_reason_is_kept(void **state)
{
    (void)state;
    char text[1200];
    for (size_t shift = 0; shift < 4; shift++) {
        struct error err;
        memset(text, 'a', shift);
        for (size_t i = shift; i + 4 < sizeof text; i += 4)
            memcpy(text + i, "\xF0\x9F\x98\x80", 5);
        error_set_errno(&err, ERR_IO, ENOENT, "open %s", text);
        expect_whole_end(&err, "...: No such file or directory (ENOENT)");
        error_set(&err, ERR_IO, "the reason");
        error_prefix(&err, "key \"%s\"", text);
        expect_whole_end(&err, "...: the reason");
        error_set(&err, ERR_IO, "%s", text);
        error_prefix(&err, "context");
        assert_memory_equal(err.message, "context: ", 9);
    }
}

static void test_one_clean_line(void **state)
{
    (void)state;
    struct error err;
    error_set(&err, ERR_IO, "%s", "a\nb\x1b[31mc\xff\xc3<\xc3\xa9\x7f");
    assert_string_equal(err.message, "a?b?[31mc?"
                                     "?<\xc3\xa9?");
}

/* The wait status and stderr of a child that runs `body`. */
static int run_child(void (*body)(void), char *text, size_t size)
{
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    pid_t pid = fork();
    if (pid == 0) {
        static const struct rlimit no_core = {0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        signal(SIGABRT, SIG_DFL);
        dup2(fds[1], STDERR_FILENO);
        body();
        _exit(0);
    }
    close(fds[1]);
    ssize_t n, len = 0;
    while ((n = read(fds[0], text + len, size - 1 - (size_t)len)) > 0)
        len += n;
    text[len] = '\0';
    close(fds[0]);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void overflow_product(void)
{
    free(xrealloc_array(NULL, SIZE_MAX / 2, 4));
}

static void test_out_of_memory(void **state)
{
    (void)state;
    char text[200];
    int status = run_child(overflow_product, text, sizeof text);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    assert_string_equal(text, "jobpool: out of memory\n");
}

static void test_alloc(void **state)
{
    (void)state;
    assert_null(xstrdup(NULL));
    char *copy = xmemdup0("a\0b", 3);
    assert_memory_equal(copy, "a\0b", 4);
    free(copy);
    copy = xmemdup0(NULL, 0);
    assert_string_equal(copy, "");
    free(copy);
    copy = xasprintf("%d-%s", 5, "x");
    assert_string_equal(copy, "5-x");
    free(copy);
    void *empty = xcalloc(0, 8);
    assert_non_null(empty);
    free(empty);
    empty = xmalloc(0);
    assert_non_null(empty);
    free(empty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_errno),
        cmocka_unit_test(test_own_message_as_argument),
        cmocka_unit_test(test_cut_at_character),
        cmocka_unit_test(test_reason_is_kept),
        cmocka_unit_test(test_one_clean_line),
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_alloc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
