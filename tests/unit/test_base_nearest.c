/* base/nearest: what a mistyped word was meant to be. */
#include "base/nearest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const names[] = {"submit", "apply", "map", "cancel", "close", "terminate", NULL};

static void test_near(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"submit", "submit"}, /* itself */
        {"sumbit", "submit"}, /* swapped */
        {"aply", "apply"},    /* one dropped */
        {"mapp", "map"},      /* one too many */
        {"cansel", "cancel"}, /* another letter */
        {"term", "terminate"}, {"CLOSE", "close"}, {"ma", "map"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *near = nearest_name(cases[i][0], names);
        assert_non_null(near);
        assert_string_equal(near, cases[i][1]);
    }
}

static void test_none_is_near(void **state)
{
    (void)state;
    static const char *const cases[] = {"", "x", "zzzzzz", "frobnicate",
                                        "submitsubmitsubmitsubmitsubmitsubmitsubmit"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_null(nearest_name(cases[i], names));
    assert_null(nearest_name("submit", &names[6]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_near), cmocka_unit_test(test_none_is_near)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
