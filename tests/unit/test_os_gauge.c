/* Gauges: the texts of /proc, given ones and the machine's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "os/clock.h"
#include "os/gauge.h"

#include <string.h>
#include <unistd.h>

static void test_running(void **state)
{
    int64_t running = -7;
    (void)state;
    assert_true(gauge_parse_running("cpu  1 2 3\nctxt 9\nprocs_running 5\nprocs_blocked 2\nsoftirq 1 2\n", &running));
    assert_int_equal(running, 6); /* whoever reads is no load */
    assert_true(gauge_parse_running("procs_running 1\nprocs_blocked 0", &running));
    assert_int_equal(running, 0);
    assert_false(gauge_parse_running("procs_running 1\n", &running));
    assert_false(gauge_parse_running("procs_running x\nprocs_blocked 0\n", &running));
    assert_false(gauge_parse_running("", &running));
}

static void test_available(void **state)
{
    int64_t bytes = -7;
    (void)state;
    assert_true(gauge_parse_available("MemTotal:  100 kB\nMemAvailable:     42 kB\n", &bytes));
    assert_int_equal(bytes, 42 * 1024);
    assert_false(gauge_parse_available("MemTotal:  100 kB\nMemAvailableX: 42 kB\n", &bytes));
    assert_false(gauge_parse_available("MemAvailable: 99999999999999999 kB\n", &bytes));
}

static void test_swap(void **state)
{
    uint64_t in = 0, out = 0;
    (void)state;
    assert_true(gauge_parse_swap("nr_x 1\npswpin 12\npswpout 34\npgfault 5\n", &in, &out));
    assert_int_equal(in, 12);
    assert_int_equal(out, 34);
    assert_false(gauge_parse_swap("pswpin 12\n", &in, &out));
}

static void test_pressure(void **state)
{
    double percent = -1;
    (void)state;
    assert_true(gauge_parse_pressure("some avg10=2.91 avg60=16.36 avg300=6.65 total=22\nfull avg10=0.00\n", &percent));
    assert_true(percent > 2.9099 && percent < 2.9101);
    assert_true(gauge_parse_pressure("some avg10=100.00 avg60=1", &percent));
    assert_true(percent > 99.99);
    assert_false(gauge_parse_pressure("full avg10=0.00\n", &percent));
    assert_false(gauge_parse_pressure("some avg10=x\n", &percent));
    assert_false(gauge_parse_pressure("", &percent));
}

static void test_disks(void **state)
{
    struct gauges g = {0};
    (void)state;
    gauge_parse_disks(&g, "   8       0 sda 1 2 3 4 5 6 7 8 0 1000 11 0 0\n 8 1 sda1 1 2 3 4 5 6 7 8 0 500 11\n", 0);
    assert_int_equal(g.disks_len, 2);
    gauge_parse_disks(&g, "   8       0 sda 1 2 3 4 5 6 7 8 0 1250 11 0 0\n 8 1 sda1 1 2 3 4 5 6 7 8 0 600 11\n"
                          "rubbish\n 8 2 sdb 1 2 3 4 5 6 7 8 0 99999 11\n",
                      GAUGE_PERIOD_NS);
    assert_true(g.disk > 24.9 && g.disk < 25.1); /* a new one says nothing yet */
    assert_int_equal(g.disks_len, 3);
    gauge_parse_disks(&g, " 8 0 sda 1 2 3 4 5 6 7 8 0 9999 11\n", GAUGE_PERIOD_NS);
    assert_true(g.disk == 100);
    gauge_parse_disks(&g, "", GAUGE_PERIOD_NS);
    assert_true(g.disk == 0);
}

static void test_this_machine(void **state)
{
    struct gauges g = {0};
    struct gauge_readings r;
    struct error err = {0};
    unsigned which = GAUGE_READ_RUNNING | GAUGE_READ_AVAILABLE | GAUGE_READ_SWAP;
    (void)state;
    if (gauges_read(&g, which, clock_monotonic_ns(), &r, &err) < 0)
        fail_msg("%s", err.message);
    assert_in_range(r.running, 0, 1000000);
    assert_true(r.available > 1 << 20);
    assert_int_equal(r.swapping, -1);
    assert_int_equal(gauges_read(&g, which, clock_monotonic_ns() + GAUGE_PERIOD_NS, &r, &err), 0);
    assert_in_range(r.swapping, 0, 1);
    bool has_pressure = access("/proc/pressure/cpu", R_OK) == 0;
    int got = gauges_read(&g, GAUGE_READ_PRESSURE << GAUGE_CPU, clock_monotonic_ns(), &r, &err);
    if (!has_pressure)
        assert_non_null(strstr(err.message, "/proc/pressure/cpu"));
    else if (got == 0) /* some kernels have the file and refuse to read it */
        assert_true(r.pressure[GAUGE_CPU] >= 0 && r.pressure[GAUGE_CPU] <= 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_running),  cmocka_unit_test(test_available), cmocka_unit_test(test_swap),
        cmocka_unit_test(test_pressure), cmocka_unit_test(test_disks),     cmocka_unit_test(test_this_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
