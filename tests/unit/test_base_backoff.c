/* Waits that grow: how they are written, and what they come to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/backoff.h"
#include "base/duration.h"

#include <string.h>

static void test_valid(void **state)
{
    static const struct {
        const char *text;
        struct backoff wanted;
    } cases[] = {
        {"0", {0, 0, false, false}},
        {"none", {0, 0, false, false}},
        {"1.5", {1500 * NS_PER_MS, 0, false, false}},
        {"1s,exponential", {NS_PER_S, 0, true, false}},
        {"1s,jitter", {NS_PER_S, 0, false, true}},
        {"250ms,jitter,max=1m,exponential", {250 * NS_PER_MS, 60 * NS_PER_S, true, true}},
        {"1s,exponential,max=none", {NS_PER_S, 0, true, false}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct backoff b;
        struct error err = {0};
        if (backoff_parse(cases[i].text, &b, "--x", &err) < 0)
            fail_msg("%s: %s", cases[i].text, err.message);
        assert_int_equal(b.first_ns, cases[i].wanted.first_ns);
        assert_int_equal(b.max_ns, cases[i].wanted.max_ns);
        assert_int_equal(b.exponential, cases[i].wanted.exponential);
        assert_int_equal(b.jitter, cases[i].wanted.jitter);
    }
}

static void test_invalid(void **state)
{
    static const char *const cases[] = {
        "",   "x",      "-1",     ",",        "1s,",       "1s,x",        "1s,exp",      "1s,max",
        "1s,max=", "1s,max=x", "1s,,jitter", "jitter", "exponential,1s", "1s, jitter", "1s,jitter,", "1s,JITTER",
    };
    char length[300];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct backoff b = {.first_ns = 7};
        struct error err = {0};
        if (backoff_parse(cases[i], &b, "--x", &err) == 0)
            fail_msg("'%s' was taken", cases[i]);
        assert_int_equal(err.code, ERR_USAGE);
        assert_int_equal(strncmp(err.message, "--x: ", 5), 0);
        assert_int_equal(b.first_ns, 7);
    }
    memset(length, '1', sizeof length - 1);
    length[sizeof length - 1] = '\0';
    struct backoff b;
    assert_int_equal(backoff_parse(length, &b, NULL, NULL), -1);
}

static void test_waits(void **state)
{
    (void)state;
    struct backoff constant = {.first_ns = 5};
    assert_int_equal(backoff_delay_ns(&constant, 1, 99), 5);
    assert_int_equal(backoff_delay_ns(&constant, 1000, 99), 5);
    struct backoff doubled = {.first_ns = 5, .exponential = true};
    assert_int_equal(backoff_delay_ns(&doubled, 1, 0), 5);
    assert_int_equal(backoff_delay_ns(&doubled, 2, 0), 10);
    assert_int_equal(backoff_delay_ns(&doubled, 5, 0), 80);
    assert_true(backoff_delay_ns(&doubled, INT64_MAX, 0) > INT64_MAX / 4); /* no overflow */
    assert_true(backoff_delay_ns(&doubled, INT64_MAX, 0) <= INT64_MAX / 2); /* and it can be added to a time */
    struct backoff bounded = {.first_ns = 5, .exponential = true, .max_ns = 33};
    assert_int_equal(backoff_delay_ns(&bounded, 3, 0), 20);
    assert_int_equal(backoff_delay_ns(&bounded, 4, 0), 33);
    assert_int_equal(backoff_delay_ns(&bounded, 400, 0), 33);
    struct backoff late = {.first_ns = 50, .max_ns = 33};
    assert_int_equal(backoff_delay_ns(&late, 1, 0), 33);
    struct backoff none = {.exponential = true, .jitter = true};
    assert_int_equal(backoff_delay_ns(&none, 9, 3), 0);
}

static void test_jitter(void **state)
{
    struct backoff b = {.first_ns = 100, .jitter = true};
    int64_t least = INT64_MAX, most = 0;
    (void)state;
    for (uint64_t chance = 0; chance < 1000; chance++) {
        int64_t wait = backoff_delay_ns(&b, 1, chance);
        least = wait < least ? wait : least;
        most = wait > most ? wait : most;
    }
    assert_int_equal(least, 50);
    assert_int_equal(most, 100);
    assert_in_range(backoff_delay_ns(&b, 1, UINT64_MAX), 50, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid),
        cmocka_unit_test(test_invalid),
        cmocka_unit_test(test_waits),
        cmocka_unit_test(test_jitter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
