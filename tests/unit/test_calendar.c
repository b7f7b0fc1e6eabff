/* Schedules: cases worked out by hand. */
#include "task/calendar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define S INT64_C(1000000000)

static void test_kinds(void **state)
{
    (void)state;
    assert_false(schedule_is_timed(&(struct schedule){0}));
    assert_true(schedule_is_timed(&(struct schedule){.in_ns = 1}));
    assert_true(schedule_is_timed(&(struct schedule){.at_ns = 1}));
    assert_true(schedule_is_timed(&(struct schedule){.every_ns = 1}));
    assert_false(schedule_repeats(&(struct schedule){.in_ns = 1, .at_ns = 1}));
    assert_true(schedule_repeats(&(struct schedule){.every_ns = 1}));
}

static void check_first(struct schedule s, int64_t from, int64_t ns, bool by_clock)
{
    struct due due = schedule_first(&s, from);
    assert_true(due.ns == ns);
    assert_int_equal(due.by_clock, by_clock);
}

static void test_first_start(void **state)
{
    (void)state;
    check_first((struct schedule){0}, 7 * S, 7 * S, false);
    check_first((struct schedule){.every_ns = 10 * S}, 7 * S, 7 * S, false);
    check_first((struct schedule){.in_ns = 5 * S}, 7 * S, 12 * S, false);
    check_first((struct schedule){.in_ns = 5 * S, .every_ns = S}, 7 * S, 12 * S, false);
    /* A time of the clock stays one, over or not. */
    check_first((struct schedule){.at_ns = 1000 * S}, 7 * S, 1000 * S, true);
    check_first((struct schedule){.at_ns = 1000 * S, .every_ns = S}, 2000 * S, 1000 * S, true);
    check_first((struct schedule){.at_ns = INT64_MAX}, 7 * S, INT64_MAX, true);
    check_first((struct schedule){.at_ns = 1, .in_ns = S}, 7 * S, 1, true);
    /* What does not fit never comes. */
    check_first((struct schedule){.in_ns = INT64_MAX}, 7 * S, INT64_MAX, false);
}

static void test_can_start(void **state)
{
    (void)state;
    static const struct {
        struct schedule schedule;
        bool can;
    } cases[] = {
        {{.every_ns = S}, true},
        {{.every_ns = S, .until_ns = 1}, false},
        {{.every_ns = S, .until_ns = 1000 * S}, false},
        {{.every_ns = S, .until_ns = 1000 * S + 1}, true},
        {{.every_ns = S, .in_ns = 10 * S, .until_ns = 1010 * S}, false},
        {{.every_ns = S, .in_ns = 10 * S, .until_ns = 1010 * S + 1}, true},
        {{.every_ns = S, .in_ns = INT64_MAX, .until_ns = INT64_MAX - 1}, false},
        {{.every_ns = S, .at_ns = 1010 * S, .until_ns = 1010 * S}, false},
        {{.every_ns = S, .at_ns = 1010 * S, .until_ns = 1010 * S + 1}, true},
        /* What is over starts at once, which is after until. */
        {{.every_ns = S, .at_ns = 900 * S, .until_ns = 950 * S}, false},
        {{.every_ns = S, .at_ns = 900 * S, .until_ns = 1001 * S}, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (schedule_can_start(&cases[i].schedule, 1000 * S) != cases[i].can)
            fail_msg("case %zu", i);
    }
}

static const struct next_case {
    struct schedule schedule;
    int64_t due, now, real_now, fired;
    bool there;
    int64_t next, missed;
} next_cases[] = {
    /* Once is once. */
    {{.in_ns = S}, 10 * S, 10 * S, 0, 1, false, 0, 0},
    /* In time, late within the interval, and due right now. */
    {{.every_ns = 10 * S}, 100 * S, 100 * S, 0, 1, true, 110 * S, 0},
    {{.every_ns = 10 * S}, 100 * S, 109 * S, 0, 1, true, 110 * S, 0},
    {{.every_ns = 10 * S}, 100 * S, 110 * S, 0, 1, true, 110 * S, 0},
    {{.every_ns = 10 * S}, 100 * S, 110 * S + 1, 0, 1, true, 120 * S, 1},
    {{.every_ns = 10 * S}, 100 * S, 120 * S, 0, 1, true, 120 * S, 1},
    {{.every_ns = 10 * S}, 100 * S, 155 * S, 0, 1, true, 160 * S, 5},
    /* The clock of the caller is behind: the next one all the same. */
    {{.every_ns = 10 * S}, 100 * S, 95 * S, 0, 1, true, 110 * S, 0},
    /* times counts what ran, not what was missed. */
    {{.every_ns = 10 * S, .times = 3}, 100 * S, 100 * S, 0, 2, true, 110 * S, 0},
    {{.every_ns = 10 * S, .times = 3}, 100 * S, 155 * S, 0, 2, true, 160 * S, 5},
    {{.every_ns = 10 * S, .times = 3}, 100 * S, 100 * S, 0, 3, false, 0, 0},
    {{.every_ns = 10 * S, .times = 1}, 100 * S, 100 * S, 0, 1, false, 0, 0},
    /* until: the next start is at real time 5000 + 10 s. */
    {{.every_ns = 10 * S, .until_ns = 5010 * S}, 100 * S, 100 * S, 5000 * S, 1, true, 110 * S, 0},
    {{.every_ns = 10 * S, .until_ns = 5010 * S - 1}, 100 * S, 100 * S, 5000 * S, 1, false, 0, 0},
    {{.every_ns = 10 * S, .until_ns = 5010 * S}, 100 * S, 104 * S, 5004 * S, 1, true, 110 * S, 0},
    {{.every_ns = 10 * S, .until_ns = 5010 * S}, 100 * S, 111 * S, 5011 * S, 1, false, 0, 0},
    {{.every_ns = 10 * S, .until_ns = 4000 * S}, 100 * S, 100 * S, 5000 * S, 1, false, 0, 0},
    /* What does not fit never comes. */
    {{.every_ns = INT64_MAX}, 100 * S, 100 * S, 0, 1, false, 0, 0},
    {{.every_ns = INT64_MAX, .until_ns = 1}, 100 * S, 100 * S, 0, 1, false, 0, 0},
    {{.every_ns = 1}, 0, INT64_MAX, 0, 1, true, INT64_MAX, INT64_MAX - 1},
};

static void test_next_start(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof next_cases / sizeof next_cases[0]; i++) {
        const struct next_case *c = &next_cases[i];
        int64_t next = -1, missed = -1;
        bool there = schedule_next(&c->schedule, c->due, c->now, c->real_now, c->fired, &next, &missed);
        if (there != c->there || (there && (next != c->next || missed != c->missed)))
            fail_msg("case %zu: %d, next %lld, missed %lld", i, there, (long long)next, (long long)missed);
        assert_true(missed >= 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_first_start),
        cmocka_unit_test(test_can_start),
        cmocka_unit_test(test_next_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
