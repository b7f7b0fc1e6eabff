/* Gates: given readings, how many may start, and what is said if none may. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pool/gate.h"

#include <limits.h>
#include <string.h>

#define GIB (INT64_C(1) << 30)

static const struct gate_rules no_rules = {.disk = -1, .pressure = {-1, -1, -1}};
static const struct gauge_readings quiet = {.available = 64 * GIB};

static void check(const struct gate_rules *rules, const struct gauge_readings *readings, unsigned starts,
                  const char *reason)
{
    struct gate_decision d = gate_decide(rules, readings, 3, 0);
    assert_int_equal(d.starts, starts);
    assert_string_equal(d.reason, reason);
    assert_int_equal(d.rule != 0, starts == 0);
}

static void test_no_rules(void **state)
{
    struct gauge_readings bad = {.running = 1000, .available = 0, .swapping = 1, .disk = 100, .pressure = {99, 99, 99}};
    (void)state;
    assert_int_equal(gate_gauges(&no_rules), 0);
    check(&no_rules, &bad, 64, "");
    struct gate_decision d = gate_decide(&no_rules, &bad, 3, 0);
    assert_int_equal(d.run_most, UINT_MAX);
    assert_false(d.yield);
}

static void test_load(void **state)
{
    struct gate_rules rules = no_rules;
    struct gauge_readings r = quiet;
    (void)state;
    rules.load = 4;
    assert_int_equal(gate_gauges(&rules), GAUGE_READ_RUNNING);
    r.running = 0;
    check(&rules, &r, 4, "");
    r.running = 3;
    check(&rules, &r, 1, "");
    r.running = 4;
    check(&rules, &r, 0, "waiting for the load, 4, to fall below 4");
    rules.load = 2.5;
    r.running = 1;
    check(&rules, &r, 2, "");
    rules.load = 0.01;
    r.running = 0;
    check(&rules, &r, 1, "");
    r.running = 1;
    check(&rules, &r, 0, "waiting for the load, 1, to fall below 0.01");
    rules.load = 1e9;
    check(&rules, &r, 64, "");
}

static void test_memfree(void **state)
{
    struct gate_rules rules = no_rules;
    struct gauge_readings r = {.available = 3 * GIB + GIB / 2};
    (void)state;
    rules.memfree = GIB;
    assert_int_equal(gate_gauges(&rules), GAUGE_READ_AVAILABLE);
    check(&rules, &r, 3, "");
    r.available = GIB;
    check(&rules, &r, 1, "");
    r.available = GIB - 1;
    check(&rules, &r, 0, "waiting for free memory, 1024.0M, to reach 1.0G");
    assert_false(gate_decide(&rules, &r, 3, 0).yield);
    r.available = GIB / 2;
    assert_false(gate_decide(&rules, &r, 3, 0).yield);
    r.available = GIB / 2 - 1;
    assert_true(gate_decide(&rules, &r, 3, 0).yield);
    r.available = 1000;
    rules.memfree = 1500;
    check(&rules, &r, 0, "waiting for free memory, 1000, to reach 1.5K");
}

static void test_memsuspend(void **state)
{
    static const struct {
        double free_sizes;
        unsigned running, held, run_most;
        bool starts;
    } cases[] = {
        {0.2, 4, 0, 1, false},  {0.99, 4, 3, 1, false},  {1.0, 4, 0, 2, false},       {1.5, 4, 0, 3, false},
        {1.75, 9, 0, 5, false}, {2.0, 4, 0, UINT_MAX, true}, {8.0, 4, 0, UINT_MAX, true}, {8.0, 4, 3, 2, false},
        {8.0, 4, 1, 4, false},  {0.2, 0, 0, 1, true}, /* one always runs */
    };
    struct gate_rules rules = no_rules;
    (void)state;
    rules.memsuspend = GIB;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct gauge_readings r = {.available = (int64_t)(cases[i].free_sizes * (double)GIB)};
        struct gate_decision d = gate_decide(&rules, &r, cases[i].running, cases[i].held);
        assert_int_equal(d.run_most, cases[i].run_most);
        assert_int_equal(d.starts > 0, cases[i].starts);
        assert_false(d.yield);
    }
    struct gauge_readings r = {.available = GIB};
    check(&rules, &r, 0, "waiting for free memory, 1.0G, to reach twice 1.0G");
}

static void test_others(void **state)
{
    struct gate_rules rules = no_rules;
    struct gauge_readings r = quiet;
    (void)state;
    rules.noswap = true;
    assert_int_equal(gate_gauges(&rules), GAUGE_READ_SWAP);
    check(&rules, &r, 64, "");
    r.swapping = -1;
    check(&rules, &r, 1, "");
    r.swapping = 1;
    check(&rules, &r, 0, "waiting for the machine to stop swapping");
    rules = no_rules;
    rules.disk = 60;
    r.disk = 60;
    check(&rules, &r, 64, "");
    r.disk = -1;
    check(&rules, &r, 1, "");
    r.disk = 61;
    check(&rules, &r, 0, "waiting for disks, 61% busy, to fall to 60%");
    rules = no_rules;
    rules.pressure[GAUGE_MEMORY] = 2.5;
    assert_int_equal(gate_gauges(&rules), GAUGE_READ_PRESSURE << GAUGE_MEMORY);
    check(&rules, &r, 64, "");
    r.pressure[GAUGE_MEMORY] = 2.51;
    check(&rules, &r, 0, "waiting for memory pressure, 2.5%, to fall to 2.5%");
    rules.pressure[GAUGE_CPU] = 0;
    assert_int_equal(gate_gauges(&rules), GAUGE_READ_PRESSURE << GAUGE_MEMORY | GAUGE_READ_PRESSURE << GAUGE_CPU);
}

/* Of several rules that forbid, the first speaks; of several that allow, the strictest counts. */
static void test_several(void **state)
{
    struct gate_rules rules = no_rules;
    struct gauge_readings r = {.running = 1, .available = 2 * GIB};
    (void)state;
    rules.load = 8;
    rules.memfree = GIB;
    check(&rules, &r, 2, "");
    r.running = 8;
    r.available = 0;
    check(&rules, &r, 0, "waiting for the load, 8, to fall below 8");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_rules), cmocka_unit_test(test_load),   cmocka_unit_test(test_memfree),
        cmocka_unit_test(test_memsuspend), cmocka_unit_test(test_others), cmocka_unit_test(test_several),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
