/* base/timestamp: the UTC form against libc, and what --at takes and refuses. The cases with zones are left
 * out where no zone files are installed. */
#include "base/timestamp.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define S INT64_C(1000000000)

static int64_t utc(int year, int month, int day, int hour, int minute, int second)
{
    struct tm tm = {.tm_year = year - 1900,
                    .tm_mon = month - 1,
                    .tm_mday = day,
                    .tm_hour = hour,
                    .tm_min = minute,
                    .tm_sec = second};
    return (int64_t)timegm(&tm) * S;
}

static void assert_formats_like_libc(int64_t ns)
{
    int64_t s = ns / S - (ns % S < 0), rest = ns - s * S;
    time_t t = (time_t)s;
    struct tm tm;
    gmtime_r(&t, &tm);
    char date[40], wanted[64], text[TIMESTAMP_SIZE];
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(wanted, sizeof wanted, "%s.%06" PRId64 "Z", date, rest / 1000);
    timestamp_format(ns, text);
    assert_string_equal(text, wanted);
}

static void test_format(void **state)
{
    (void)state;
    char text[TIMESTAMP_SIZE];
    timestamp_format(0, text);
    assert_string_equal(text, "1970-01-01T00:00:00.000000Z");
    timestamp_format(utc(2026, 11, 20, 15, 29, 9) + 123456789, text);
    assert_string_equal(text, "2026-11-20T15:29:09.123456Z");
    for (int64_t day = 0; day < 106000; day++) {
        assert_formats_like_libc(day * 86400 * S);
        assert_formats_like_libc((day * 86400 + 86399) * S + S - 1);
        assert_formats_like_libc((day * 86400 + (day * 7919) % 86400) * S + (day * 1000003) % S);
    }
    assert_formats_like_libc(-1);
    assert_formats_like_libc(-86400 * S);
    assert_formats_like_libc(INT64_MAX);
}

static void *format_days(void *context)
{
    char *ok = context;
    for (int64_t day = 0; day < 20000; day++) {
        char text[TIMESTAMP_SIZE], again[TIMESTAMP_SIZE];
        timestamp_format(day * 86400 * S, text);
        timestamp_format(day * 86400 * S + S, again);
        if (memcmp(text, again, 10) != 0)
            *ok = 0;
    }
    return NULL;
}

static void test_format_in_threads(void **state)
{
    (void)state;
    pthread_t threads[4];
    char ok[4] = {1, 1, 1, 1};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, format_days, &ok[i]), 0);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(ok[i]);
    }
}

static void test_rfc3339(void **state)
{
    (void)state;
    const struct {
        const char *text;
        int64_t ns;
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2026-11-20T15:29:09Z", utc(2026, 11, 20, 15, 29, 9)},
        {"2026-11-20t15:29:09z", utc(2026, 11, 20, 15, 29, 9)},
        {"2026-11-20 15:29:09Z", utc(2026, 11, 20, 15, 29, 9)},
        {"2026-11-20T15:29:09.5Z", utc(2026, 11, 20, 15, 29, 9) + S / 2},
        {"2026-11-20T15:29:09.123456789Z", utc(2026, 11, 20, 15, 29, 9) + 123456789},
        {"2026-11-20T15:29:09+01:00", utc(2026, 11, 20, 14, 29, 9)},
        {"2026-11-20T15:29:09-05:30", utc(2026, 11, 20, 20, 59, 9)},
        {"2026-11-20T15:29:09-00:00", utc(2026, 11, 20, 15, 29, 9)},
        {"2026-01-01T00:30:00+01:00", utc(2025, 12, 31, 23, 30, 0)},
        {"2024-02-29T12:00:00Z", utc(2024, 2, 29, 12, 0, 0)},
        {"2000-02-29T12:00:00Z", utc(2000, 2, 29, 12, 0, 0)},
        {"2016-12-31T23:59:60Z", utc(2017, 1, 1, 0, 0, 0)},
        {"2017-01-01T00:59:60+01:00", utc(2017, 1, 1, 0, 0, 0)},
        {"2261-12-31T23:59:59Z", utc(2261, 12, 31, 23, 59, 59)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t ns = -1;
        struct error err = {0};
        if (timestamp_parse(cases[i].text, "Europe/Berlin", 0, &ns, "--at", &err) != 0)
            fail_msg("refused '%s': %s", cases[i].text, err.message);
        if (ns != cases[i].ns)
            fail_msg("'%s' is %" PRId64, cases[i].text, ns);
    }
}

static void test_invalid(void **state)
{
    (void)state;
    static const char *const invalid[] = {
        "",
        "now",
        "tomorrow",
        "8:00",
        "24:00",
        "23:60",
        "23:59:60",
        "12:3",
        "12:34:5",
        "12:34 ",
        " 12:34",
        "12:34Z",
        "12:34:56.5",
        "-1:00",
        "1700000000",
        "2026-11-20",
        "2026-11-20T",
        "2026-11-20T15:29Z",
        "2026-11-20T15:29",
        "2026-11-20T15:29:09",
        "2026-11-20T15:29:09.Z",
        "2026-11-20T15:29:09.1234567890Z",
        "2026-11-20T15:29:09+0100",
        "2026-11-20T15:29:09+01",
        "2026-11-20T15:29:09+24:00",
        "2026-11-20T15:29:09+01:60",
        "2026-11-20T15:29:09Z ",
        "2026-11-20T15:29:09ZZ",
        "2026-11-20T15:29:60Z",
        "2026-11-20T24:00:00Z",
        "2026-11-20  15:29:09",
        "2026-11-20 15:29:60",
        "2026-11-20 15:29:09.5",
        "2026-11-20_15:29:09Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-32T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-1-1T00:00:00Z",
        "26-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00+00:01",
        "2262-01-01T00:00:00Z",
        "9999-12-31 23:59",
        "0000-01-01 00:00",
        "+2026-01-01T00:00:00Z",
    };
    for (size_t i = 0; i < sizeof invalid / sizeof invalid[0]; i++) {
        int64_t ns = 77;
        struct error err = {0};
        if (timestamp_parse(invalid[i], "UTC", 0, &ns, "--at", &err) != -1)
            fail_msg("accepted '%s'", invalid[i]);
        assert_int_equal(ns, 77);
        assert_int_equal(err.code, ERR_USAGE);
        assert_true(strncmp(err.message, "--at: '", 7) == 0);
        assert_non_null(strstr(err.message, invalid[i]));
        assert_non_null(strstr(err.message, "use "));
    }
    int64_t ns;
    assert_int_equal(timestamp_parse(NULL, NULL, 0, &ns, NULL, NULL), -1);
}

static void need_zones(void)
{
    if (access("/usr/share/zoneinfo/Europe/Berlin", R_OK) != 0)
        skip();
}

static void test_zones(void **state)
{
    (void)state;
    need_zones();
    const struct {
        const char *text, *zone;
        int64_t ns;
    } cases[] = {
        {"2026-01-15 12:00", "UTC", utc(2026, 1, 15, 12, 0, 0)},
        {"2026-01-15 12:00", "Europe/Berlin", utc(2026, 1, 15, 11, 0, 0)},
        {"2026-07-15 12:00:30", "Europe/Berlin", utc(2026, 7, 15, 10, 0, 30)},
        {"2026-07-15 12:00", "Asia/Kathmandu", utc(2026, 7, 15, 6, 15, 0)},
        {"2026-07-15 12:00", "America/New_York", utc(2026, 7, 15, 16, 0, 0)},
        {"2026-07-15 12:00", "Pacific/Kiritimati", utc(2026, 7, 14, 22, 0, 0)},
        /* the edges of the gap and of the fold in Berlin */
        {"2026-03-29 01:59:59", "Europe/Berlin", utc(2026, 3, 29, 0, 59, 59)},
        {"2026-03-29 03:00", "Europe/Berlin", utc(2026, 3, 29, 1, 0, 0)},
        {"2026-10-25 01:59:59", "Europe/Berlin", utc(2026, 10, 24, 23, 59, 59)},
        {"2026-10-25 03:00", "Europe/Berlin", utc(2026, 10, 25, 2, 0, 0)},
        /* half an hour of summer time */
        {"2026-10-04 02:30", "Australia/Lord_Howe", utc(2026, 10, 3, 15, 30, 0)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t ns = -1;
        struct error err = {0};
        if (timestamp_parse(cases[i].text, cases[i].zone, 0, &ns, NULL, &err) != 0)
            fail_msg("refused '%s' in %s: %s", cases[i].text, cases[i].zone, err.message);
        if (ns != cases[i].ns)
            fail_msg("'%s' in %s is %" PRId64, cases[i].text, cases[i].zone, ns);
    }
}

static void test_gaps_and_folds(void **state)
{
    (void)state;
    need_zones();
    static const struct {
        const char *text, *zone, *reason;
    } cases[] = {
        {"2026-03-29 02:00", "Europe/Berlin", "does not exist"},
        {"2026-03-29 02:30", "Europe/Berlin", "does not exist"},
        {"2026-03-29 02:59:59", "Europe/Berlin", "does not exist"},
        {"2026-10-25 02:00", "Europe/Berlin", "occurs twice"},
        {"2026-10-25 02:59:59", "Europe/Berlin", "occurs twice"},
        {"2026-03-08 02:30", "America/New_York", "does not exist"},
        {"2026-11-01 01:30", "America/New_York", "occurs twice"},
        {"2026-10-04 02:15", "Australia/Lord_Howe", "does not exist"},
        {"2014-10-26 01:30", "Europe/Moscow", "occurs twice"},  /* both are standard time */
        {"2011-12-30 12:00", "Pacific/Apia", "does not exist"}, /* a whole day left out */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t ns = 77;
        struct error err = {0};
        if (timestamp_parse(cases[i].text, cases[i].zone, 0, &ns, "--at", &err) != -1)
            fail_msg("accepted '%s' in %s", cases[i].text, cases[i].zone);
        if (!strstr(err.message, cases[i].reason) || !strstr(err.message, cases[i].zone) ||
            !strstr(err.message, cases[i].text))
            fail_msg("bad message: %s", err.message);
        assert_int_equal(ns, 77);
    }
}

static void test_next_time_of_day(void **state)
{
    (void)state;
    need_zones();
    const struct {
        int64_t now;
        const char *text, *zone;
        int64_t ns; /* -1: refused */
    } cases[] = {
        {utc(2026, 1, 15, 12, 0, 0), "12:01", "UTC", utc(2026, 1, 15, 12, 1, 0)},
        {utc(2026, 1, 15, 12, 0, 0), "12:00", "UTC", utc(2026, 1, 16, 12, 0, 0)},
        {utc(2026, 1, 15, 12, 0, 0) - 1, "12:00", "UTC", utc(2026, 1, 15, 12, 0, 0)},
        {utc(2026, 1, 15, 12, 0, 0) + 1, "12:00", "UTC", utc(2026, 1, 16, 12, 0, 0)},
        {utc(2026, 1, 15, 12, 0, 0), "11:59:59", "UTC", utc(2026, 1, 16, 11, 59, 59)},
        {utc(2026, 12, 31, 23, 59, 59), "00:00", "UTC", utc(2027, 1, 1, 0, 0, 0)},
        {utc(2028, 2, 28, 23, 0, 0), "08:00:05", "UTC", utc(2028, 2, 29, 8, 0, 5)},
        /* midnight has passed in Berlin, not in UTC */
        {utc(2026, 1, 15, 23, 30, 0), "00:15", "Europe/Berlin", utc(2026, 1, 16, 23, 15, 0)},
        {utc(2026, 1, 15, 23, 30, 0), "08:00", "Europe/Berlin", utc(2026, 1, 16, 7, 0, 0)},
        /* over the change of 29 March: 23 hours */
        {utc(2026, 3, 28, 11, 0, 0), "12:00", "Europe/Berlin", utc(2026, 3, 29, 10, 0, 0)},
        {utc(2026, 3, 29, 10, 0, 0), "12:00", "Europe/Berlin", utc(2026, 3, 30, 10, 0, 0)},
        {utc(2026, 3, 29, 10, 30, 0), "12:00", "Europe/Berlin", utc(2026, 3, 30, 10, 0, 0)},
        {utc(2026, 10, 25, 11, 30, 0), "12:00", "Europe/Berlin", utc(2026, 10, 26, 11, 0, 0)},
        /* the next 02:30 is the one that is left out, or that comes twice */
        {utc(2026, 3, 28, 11, 0, 0), "02:30", "Europe/Berlin", -1},
        {utc(2026, 10, 24, 11, 0, 0), "02:30", "Europe/Berlin", -1},
        {utc(2026, 10, 25, 0, 45, 0), "02:30", "Europe/Berlin", -1},
        /* that day's is over */
        {utc(2026, 3, 29, 11, 0, 0), "02:30", "Europe/Berlin", utc(2026, 3, 30, 0, 30, 0)},
        {utc(2026, 10, 25, 1, 30, 0), "02:30", "Europe/Berlin", utc(2026, 10, 26, 1, 30, 0)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t ns = -1;
        struct error err = {0};
        int result = timestamp_parse(cases[i].text, cases[i].zone, cases[i].now, &ns, "--at", &err);
        if (result != (cases[i].ns < 0 ? -1 : 0) || ns != cases[i].ns)
            fail_msg("number %zu: %d, %" PRId64 " %s", i, result, ns, err.message);
    }
}

static void test_unknown_zones(void **state)
{
    (void)state;
    static const char *const unknown[] = {
        "",
        "Europe",
        "Europe/Nowhere",
        "/etc/localtime",
        "../zoneinfo/UTC",
        "Europe/../Europe/Berlin",
        ".",
        "zone.tab",
        "tzdata.zi",
        ":UTC",
        "CET-1CEST",
        "Europe/Berlin ",
        "Europe/Berlin/",
    };
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        int64_t ns = 77;
        struct error err = {0};
        if (timestamp_parse("2026-01-15 12:00", unknown[i], 0, &ns, "--at", &err) != -1)
            fail_msg("accepted '%s'", unknown[i]);
        assert_non_null(strstr(err.message, "is not known"));
        assert_non_null(strstr(err.message, unknown[i]));
    }
}

static void test_local_zone_and_restore(void **state)
{
    (void)state;
    need_zones();
    int64_t ns;
    assert_int_equal(setenv("TZ", "America/New_York", 1), 0);
    assert_int_equal(timestamp_parse("2026-01-15 12:00", "Europe/Berlin", 0, &ns, NULL, NULL), 0);
    assert_int_equal(ns, utc(2026, 1, 15, 11, 0, 0));
    assert_string_equal(getenv("TZ"), "America/New_York");
    assert_int_equal(timestamp_parse("2026-01-15 12:00", NULL, 0, &ns, NULL, NULL), 0);
    assert_int_equal(ns, utc(2026, 1, 15, 17, 0, 0));
    struct error err;
    assert_int_equal(timestamp_parse("2026-03-08 02:30", NULL, 0, &ns, NULL, &err), -1);
    assert_non_null(strstr(err.message, "the local zone"));
    assert_int_equal(unsetenv("TZ"), 0);
    assert_int_equal(timestamp_parse("2026-01-15 12:00", "Europe/Berlin", 0, &ns, NULL, NULL), 0);
    assert_null(getenv("TZ"));
}

static void test_tzdir(void **state)
{
    (void)state;
    need_zones();
    int64_t ns;
    assert_int_equal(setenv("TZDIR", "/usr/share/zoneinfo/Europe", 1), 0);
    int found = timestamp_parse("2026-01-15 12:00", "Berlin", 0, &ns, NULL, NULL);
    int missing = timestamp_parse("2026-01-15 12:00", "Europe/Berlin", 0, &ns, NULL, NULL);
    assert_int_equal(unsetenv("TZDIR"), 0);
    assert_int_equal(found, 0);
    assert_int_equal(ns, utc(2026, 1, 15, 11, 0, 0));
    assert_int_equal(missing, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_format_in_threads),
        cmocka_unit_test(test_rfc3339),
        cmocka_unit_test(test_invalid),
        cmocka_unit_test(test_zones),
        cmocka_unit_test(test_gaps_and_folds),
        cmocka_unit_test(test_next_time_of_day),
        cmocka_unit_test(test_unknown_zones),
        cmocka_unit_test(test_local_zone_and_restore),
        cmocka_unit_test(test_tzdir),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
