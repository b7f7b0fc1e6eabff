/* --halt: how a rule is written, and when it is reached. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pool/halt.h"

#include <string.h>

static void test_valid(void **state)
{
    static const struct {
        const char *text;
        enum halt_when when;
        enum halt_what what;
        int64_t count;
        int percent;
    } cases[] = {
        {"never", HALT_NEVER, HALT_FAIL, 0, 0},
        {"now,fail=1", HALT_NOW, HALT_FAIL, 1, 0},
        {"soon,fail=1", HALT_SOON, HALT_FAIL, 1, 0},
        {"soon,success=12", HALT_SOON, HALT_SUCCESS, 12, 0},
        {"now,done=3", HALT_NOW, HALT_DONE, 3, 0},
        {"soon,fail=1%", HALT_SOON, HALT_FAIL, 0, 1},
        {"now,success=100%", HALT_NOW, HALT_SUCCESS, 0, 100},
        {"now,fail=9223372036854775807", HALT_NOW, HALT_FAIL, INT64_MAX, 0},
        {"now,fail=010", HALT_NOW, HALT_FAIL, 10, 0},
        {"0", HALT_NEVER, HALT_FAIL, 0, 0},
        {"1", HALT_SOON, HALT_FAIL, 1, 0},
        {"2", HALT_NOW, HALT_FAIL, 1, 0},
        {"-1", HALT_SOON, HALT_SUCCESS, 1, 0},
        {"-2", HALT_NOW, HALT_SUCCESS, 1, 0},
        {"7%", HALT_SOON, HALT_FAIL, 0, 7},
        {"100%", HALT_SOON, HALT_FAIL, 0, 100},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct halt_rule rule;
        struct error err = {0};
        if (halt_parse(cases[i].text, &rule, &err) < 0)
            fail_msg("%s: %s", cases[i].text, err.message);
        assert_int_equal(rule.when, cases[i].when);
        assert_int_equal(rule.what, cases[i].what);
        assert_int_equal(rule.count, cases[i].count);
        assert_int_equal(rule.percent, cases[i].percent);
    }
}

static void test_invalid(void **state)
{
    static const char *const cases[] = {
        "",           "Never",        "never ",        "nevermore",       "now",          "now,",
        "soon,fail",  "now,fail=",    "now,fail=0",    "now,fail=-1",     "now,fail=+1",  "now,fail=1.5",
        "now,fail=%", "now,fail=0%",  "now,fail=101%", "now,fail=1%%",    "now,fail= 1",  "now,fail=1 ",
        "fail=1",     "later,fail=1", "now,lost=1",    "now,fail=1,soon", "now;fail=1",   "now,fail=0x10",
        "3", "-3", "%", "0%", "101%", "1000%", "1%%", "-1%", "00", "2,fail=1",
        "now,fail=9223372036854775808", "now,fail=99999999999999999999999999",
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct halt_rule rule;
        struct error err = {0};
        if (halt_parse(cases[i], &rule, &err) == 0)
            fail_msg("'%s' was taken", cases[i]);
        assert_int_equal(err.code, ERR_USAGE);
        assert_non_null(strstr(err.message, cases[i]));
        assert_int_equal(rule.when, HALT_NEVER);
    }
}

static bool reached_of(const char *text, uint64_t succeeded, uint64_t failed, int64_t total)
{
    struct halt_rule rule;
    assert_int_equal(halt_parse(text, &rule, NULL), 0);
    return halt_reached(&rule, succeeded, failed, total);
}

static bool reached(const char *text, uint64_t succeeded, uint64_t failed)
{
    return reached_of(text, succeeded, failed, -1);
}

static void test_counts(void **state)
{
    (void)state;
    assert_false(reached("never", 1000, 1000));
    assert_false(reached("now,fail=2", 50, 1));
    assert_true(reached("now,fail=2", 50, 2));
    assert_true(reached("now,fail=2", 0, 3));
    assert_false(reached("now,success=2", 1, 50));
    assert_true(reached("now,success=2", 2, 0));
    assert_false(reached("soon,done=3", 1, 1));
    assert_true(reached("soon,done=3", 2, 1));
    assert_true(reached("soon,done=3", 0, 3));
    assert_false(reached("soon,fail=1", 0, 0));
}

/* Of all tasks, as with GNU parallel, not of those that have ended. */
static void test_percentages(void **state)
{
    (void)state;
    assert_false(reached("now,fail=1%", 0, 1000)); /* of how many? */
    assert_false(reached_of("now,fail=1%", 0, 0, 0));
    assert_false(reached_of("now,fail=1%", 0, 0, 10));
    assert_true(reached_of("now,fail=1%", 0, 1, 10));
    assert_false(reached_of("now,fail=20%", 0, 1, 10));
    assert_true(reached_of("now,fail=20%", 7, 2, 10));
    assert_false(reached_of("now,fail=34%", 0, 1, 3));
    assert_true(reached_of("now,fail=33%", 0, 1, 3));
    assert_false(reached_of("soon,success=50%", 4, 5, 10));
    assert_true(reached_of("soon,success=50%", 5, 0, 10));
    assert_false(reached_of("soon,done=50%", 2, 2, 10));
    assert_true(reached_of("soon,done=50%", 2, 3, 10));
    assert_false(reached_of("now,done=100%", 9, 0, 10));
    assert_true(reached_of("now,done=100%", 10, 0, 10));
    assert_false(reached_of("now,fail=20%", 0, 199999, 1000000));
    assert_true(reached_of("now,fail=20%", 0, 200000, 1000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid),
        cmocka_unit_test(test_invalid),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_percentages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
