/* The table of groups: what is in it, across processes, and when places run out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "os/groups.h"

#include <sys/wait.h>
#include <unistd.h>

static void test_nothing_is_kept_before(void **state)
{
    (void)state;
    groups_add(1000);
    groups_remove(1000);
    assert_false(groups_have(1000, getsid(0)));
}

static void test_added_and_removed(void **state)
{
    (void)state;
    assert_int_equal(groups_share(NULL), 0);
    pid_t session = getsid(0);
    groups_add(1000);
    groups_add(1001);
    assert_true(groups_have(1000, session));
    assert_true(groups_have(1001, session));
    assert_false(groups_have(1002, session));
    groups_remove(1000);
    assert_false(groups_have(1000, session));
    assert_true(groups_have(1001, session));
    groups_remove(1001);
    groups_remove(1001);
    assert_false(groups_have(1001, session));
}

static void test_only_in_its_session(void **state)
{
    (void)state;
    groups_add(1000);
    assert_false(groups_have(1000, getsid(0) + 1));
    groups_remove(1000);
}

static void test_never_nobody(void **state)
{
    (void)state;
    assert_false(groups_have(0, getsid(0)));
    assert_false(groups_have(1, getsid(0)));
}

/* Numbers a whole table apart want the same place. */
static void test_same_place(void **state)
{
    (void)state;
    pid_t session = getsid(0);
    for (pid_t i = 0; i < 30; i++)
        groups_add(5000 + i * (1 << 17));
    for (pid_t i = 0; i < 30; i++)
        assert_true(groups_have(5000 + i * (1 << 17), session));
    /* A hole is no end. */
    groups_remove(5000);
    for (pid_t i = 1; i < 30; i++)
        assert_true(groups_have(5000 + i * (1 << 17), session));
    for (pid_t i = 1; i < 30; i++)
        groups_remove(5000 + i * (1 << 17));
    for (pid_t i = 0; i < 30; i++)
        assert_false(groups_have(5000 + i * (1 << 17), session));
}

static void test_too_many_for_a_place(void **state)
{
    (void)state;
    for (pid_t i = 0; i < 100; i++)
        groups_add(5000 + i * (1 << 17));
    assert_true(groups_have(5000, getsid(0)));
    assert_false(groups_have(5000 + 99 * (1 << 17), getsid(0)));
    for (pid_t i = 0; i < 100; i++)
        groups_remove(5000 + i * (1 << 17));
    assert_false(groups_have(5000, getsid(0)));
}

static void test_shared(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        groups_add(7000);
        _exit(0);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_true(groups_have(7000, getsid(0)));
    groups_remove(7000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_kept_before), cmocka_unit_test(test_added_and_removed),
        cmocka_unit_test(test_only_in_its_session),    cmocka_unit_test(test_never_nobody),
        cmocka_unit_test(test_same_place),             cmocka_unit_test(test_too_many_for_a_place),
        cmocka_unit_test(test_shared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
