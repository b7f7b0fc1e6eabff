/* base/duration: lists of what is taken and what is refused, and the form for people. */
#include "base/duration.h"

#include <math.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_valid(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ns;
    } cases[] = {
        {"0", 0},
        {"none", 0},
        {"0s", 0},
        {"0.000", 0},
        {"00", 0},
        {"5", 5 * NS_PER_S},
        {"010", 10 * NS_PER_S},
        {"1.5", 3 * NS_PER_S / 2},
        {"1.5s", 3 * NS_PER_S / 2},
        {"250ms", 250 * NS_PER_MS},
        {"0.25ms", 250 * NS_PER_US},
        {"2m", 120 * NS_PER_S},
        {"1h", 3600 * NS_PER_S},
        {"1h30m", 5400 * NS_PER_S},
        {"1.5h", 5400 * NS_PER_S},
        {"1d", 86400 * NS_PER_S},
        {"1d2h3m4s5ms", 93784 * NS_PER_S + 5 * NS_PER_MS},
        {"1m1m", 120 * NS_PER_S},
        {"1m0.5s", 60 * NS_PER_S + NS_PER_S / 2},
        {"0.1", 100 * NS_PER_MS},
        {"0.123456789", 123456789},
        {"0.1234567899", 123456789},
        {"0.1234567890123456789012345678901234567890", 123456789},
        {"0.0000000001", 1}, /* not 0, which would be no limit */
        {"0.0000000000000000000000001ms", 1},
        {"9223372036", INT64_C(9223372036) * NS_PER_S},
        {"9223372036.854775807", INT64_MAX},
        {"106751d", INT64_C(106751) * 86400 * NS_PER_S},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t ns = -1;
        struct error err = {0};
        if (duration_parse(cases[i].text, &ns, "--timeout", &err) != 0)
            fail_msg("refused '%s': %s", cases[i].text, err.message);
        if (ns != cases[i].ns)
            fail_msg("'%s' is %lld", cases[i].text, (long long)ns);
    }
}

static void test_invalid(void **state)
{
    (void)state;
    static const char *const invalid[] = {
        "",
        "-1",
        "-0",
        "-1s",
        "+1",
        "nan",
        "inf",
        "infinity",
        "0x10",
        "1e3",
        "1y",
        "1w",
        "1us",
        "1ns",
        "1S",
        "1M",
        "1H",
        "1MS",
        "1 s",
        " 1",
        "1 ",
        "1s ",
        "1h 30m",
        "1h30",
        "30 1h",
        "s",
        "ms",
        "h1",
        ".5",
        "5.",
        "5.s",
        "1..5",
        "1.5.5",
        "1,5",
        "1h-30m",
        "None",
        "NONE",
        "none5",
        "5none",
        "1min",
        "1sec",
        "1m5",
        "1\n",
        "0none",
        "1h1",
        "\xD9\xA3",
        "1s\xC2\xB5",
        /* too long */
        "9223372036.854775808",
        "9223372037",
        "106752d",
        "99999999999999999999",
        "99999999999999999999999999d",
        "9223372036854775807d",
        "106751d24h",
        "9223372036s855ms",
        "0.5d99999999999h",
    };
    for (size_t i = 0; i < sizeof invalid / sizeof invalid[0]; i++) {
        int64_t ns = 77;
        struct error err = {0};
        if (duration_parse(invalid[i], &ns, "--timeout", &err) != -1)
            fail_msg("accepted '%s'", invalid[i]);
        assert_int_equal(ns, 77);
        assert_int_equal(err.code, ERR_USAGE);
        assert_true(strncmp(err.message, "--timeout: '", 12) == 0);
        assert_null(strchr(err.message, '\n'));
    }
    int64_t ns;
    assert_int_equal(duration_parse(NULL, &ns, NULL, NULL), -1);
}

static void test_messages(void **state)
{
    (void)state;
    int64_t ns;
    struct error err;
    duration_parse("5x", &ns, "--timeout", &err);
    assert_string_equal(
        err.message, "--timeout: '5x' is not a duration; use a number with ms, s, m, h or d, such as 1h30m");
    duration_parse("200000d", &ns, NULL, &err);
    assert_string_equal(err.message, "'200000d' is too long a duration; the longest is 106751d");
    char token[5000];
    memset(token, 'x', sizeof token - 1);
    token[sizeof token - 1] = '\0';
    duration_parse(token, &ns, "--timeout", &err);
    assert_non_null(strstr(err.message, "such as 1h30m"));
}

static void test_seconds(void **state)
{
    (void)state;
    static const struct {
        double seconds;
        int64_t ns;
    } cases[] = {
        {0, 0},
        {-0.0, 0},
        {0.1, 100000000},
        {1.1, 1100000000},
        {2, 2000000000},
        {1e-12, 1},
        {9223372035, INT64_C(9223372035000000000)},
    };
    int64_t ns;
    struct error err;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(duration_from_seconds(cases[i].seconds, &ns, "timeout", &err), 0);
        assert_int_equal(ns, cases[i].ns);
    }
    static const double invalid[] = {-1,   -1e-9, (double)NAN, (double)INFINITY, -(double)INFINITY,
                                     1e10, 1e300};
    ns = 77;
    for (size_t i = 0; i < sizeof invalid / sizeof invalid[0]; i++) {
        assert_int_equal(duration_from_seconds(invalid[i], &ns, "timeout", &err), -1);
        assert_int_equal(ns, 77);
        assert_true(strncmp(err.message, "timeout: ", 9) == 0);
    }
    assert_int_equal(duration_from_seconds(-1, &ns, NULL, NULL), -1);
}

static void test_format(void **state)
{
    (void)state;
    static const struct {
        int64_t ns;
        const char *text;
    } cases[] = {
        {0, "0ms"},
        {850 * NS_PER_MS, "850ms"},
        {NS_PER_S - 1, "999ms"},
        {NS_PER_S, "1.0s"},
        {12345 * NS_PER_MS, "12.3s"},
        {60 * NS_PER_S - 1, "59.9s"},
        {60 * NS_PER_S, "1m00s"},
        {245 * NS_PER_S, "4m05s"},
        {3600 * NS_PER_S, "1h00m"},
        {7800 * NS_PER_S, "2h10m"},
        {100 * 3600 * NS_PER_S, "4d04h"},
        {-1500 * NS_PER_MS, "-1.5s"},
        {INT64_MAX, "106751d23h"},
        {INT64_MIN, "-106751d23h"},
    };
    char text[24];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_ptr_equal(duration_format(cases[i].ns, text, sizeof text), text);
        assert_string_equal(text, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid),   cmocka_unit_test(test_invalid), cmocka_unit_test(test_messages),
        cmocka_unit_test(test_seconds), cmocka_unit_test(test_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
