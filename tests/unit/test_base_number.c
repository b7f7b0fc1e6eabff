/* base/number: lists of what is taken and what is refused. */
#include "base/number.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_whole_valid(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
    } cases[] = {
        {"0", 0},
        {"7", 7},
        {"010", 10},
        {"-5", -5},
        {"-0", 0},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
        {"000000000000000000000000000000012", 12},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t value = 99;
        struct error err;
        assert_int_equal(number_parse(cases[i].text, INT64_MIN, INT64_MAX, &value, "-j", &err), 0);
        assert_int_equal(value, cases[i].value);
    }
}

static void test_whole_invalid(void **state)
{
    (void)state;
    static const char *const invalid[] = {
        "",
        "-",
        "+5",
        " 5",
        "5 ",
        "5x",
        "x",
        "0x10",
        "1e3",
        "1.0",
        "--5",
        "- 5",
        "nan",
        "inf",
        "5\n",
        "1_0",
        "1,0",
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999999",
        "\xD9\xA3",
    };
    for (size_t i = 0; i < sizeof invalid / sizeof invalid[0]; i++) {
        int64_t value = 99;
        struct error err;
        if (number_parse(invalid[i], INT64_MIN, INT64_MAX, &value, "-j", &err) != -1)
            fail_msg("accepted '%s'", invalid[i]);
        assert_int_equal(value, 99);
        assert_int_equal(err.code, ERR_USAGE);
    }
    int64_t value;
    assert_int_equal(number_parse(NULL, 0, 1, &value, NULL, NULL), -1);
}

static void test_whole_range(void **state)
{
    (void)state;
    int64_t value = 99;
    struct error err;
    assert_int_equal(number_parse("1", 1, 10, &value, "-j", &err), 0);
    assert_int_equal(number_parse("10", 1, 10, &value, "-j", &err), 0);
    assert_int_equal(number_parse("0", 1, 10, &value, "-j", &err), -1);
    assert_string_equal(err.message, "-j: '0' is not usable; give a whole number from 1 to 10");
    assert_int_equal(number_parse("11", 1, 10, &value, NULL, &err), -1);
    assert_string_equal(err.message, "'11' is not usable; give a whole number from 1 to 10");
    assert_int_equal(number_parse("0", 1, INT64_MAX, &value, "--x", &err), -1);
    assert_string_equal(err.message, "--x: '0' is not usable; give a whole number of at least 1");
    assert_int_equal(number_parse("z", INT64_MIN, INT64_MAX, &value, "--x", &err), -1);
    assert_string_equal(err.message, "--x: 'z' is not usable; give a whole number");
    assert_int_equal(value, 10);
}

static void test_real(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } valid[] = {
        {"0", 0}, {"1.5", 1.5}, {"-2.25", -2.25}, {"010", 10}, {"0.1", 0.1}, {"100000000000000000000", 1e20},
    };
    static const char *const invalid[] = {
        "",   ".5", "5.", "1e3",   "nan", "inf", "infinity", "0x1p3",
        " 1", "1 ", "+1", "1.2.3", "-",   "-.5", "1,5",      "--1",
    };
    double value;
    struct error err;
    for (size_t i = 0; i < sizeof valid / sizeof valid[0]; i++) {
        assert_int_equal(number_parse_real(valid[i].text, &value, "load", &err), 0);
        assert_true(value >= valid[i].value && value <= valid[i].value);
    }
    for (size_t i = 0; i < sizeof invalid / sizeof invalid[0]; i++) {
        if (number_parse_real(invalid[i], &value, "load", &err) != -1)
            fail_msg("accepted '%s'", invalid[i]);
    }
    assert_string_equal(err.message, "load: '--1' is not a decimal number, such as 2 or 1.5");
    char huge[401];
    memset(huge, '9', 400);
    huge[400] = '\0';
    assert_int_equal(number_parse_real(huge, &value, NULL, NULL), -1);
    assert_int_equal(number_parse_real(NULL, &value, NULL, NULL), -1);
}

static void test_size_valid(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t bytes;
    } cases[] = {
        {"0", 0},
        {"512", 512},
        {"512B", 512},
        {"010", 10},
        {"1k", 1000},
        {"1K", 1024},
        {"1kB", 1000},
        {"1KB", 1000},
        {"1Ki", 1024},
        {"1KiB", 1024},
        {"1kiB", 1024},
        {"2m", 2000000},
        {"2M", 2 << 20},
        {"2MB", 2000000},
        {"2MiB", 2 << 20},
        {"3g", INT64_C(3000000000)},
        {"3G", INT64_C(3) << 30},
        {"1t", INT64_C(1000000000000)},
        {"1T", INT64_C(1) << 40},
        {"1TiB", INT64_C(1) << 40},
        {"1.5G", INT64_C(3) << 29},
        {"0.5K", 512},
        {"0.0001k", 0},
        {"0.99999999999999999999999k", 999},
        {"8388607T", INT64_C(8388607) << 40},
        {"9223372036854775807", INT64_MAX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t bytes = -1;
        struct error err = {0};
        if (size_parse(cases[i].text, &bytes, "--limit", &err) != 0)
            fail_msg("refused '%s': %s", cases[i].text, err.message);
        if (bytes != cases[i].bytes)
            fail_msg("'%s' is %lld", cases[i].text, (long long)bytes);
    }
}

static void test_size_invalid(void **state)
{
    (void)state;
    static const char *const invalid[] = {
        "",
        "K",
        "-1",
        "-1K",
        "+1",
        "1 K",
        " 1K",
        "1K ",
        "1KK",
        "1Kb",
        "1b",
        "1iB",
        "1x",
        "1P",
        "0x10",
        "1e3",
        "1.",
        ".5K",
        "1.5",
        "1.5B",
        "1.K",
        "nan",
        "9223372036854775808",
        "8388608T",
        "8388607.99999999999999999T1",
        "99999999999999999999T",
        "8388608.5T",
    };
    for (size_t i = 0; i < sizeof invalid / sizeof invalid[0]; i++) {
        int64_t bytes = 77;
        struct error err;
        if (size_parse(invalid[i], &bytes, "--limit", &err) != -1)
            fail_msg("accepted '%s'", invalid[i]);
        assert_int_equal(bytes, 77);
        assert_int_equal(err.code, ERR_USAGE);
        if (strncmp(err.message, "--limit: '", 10) != 0 || !strstr(err.message, invalid[i]))
            fail_msg("bad message: %s", err.message);
    }
    int64_t bytes;
    assert_int_equal(size_parse(NULL, &bytes, NULL, NULL), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_valid), cmocka_unit_test(test_whole_invalid),
        cmocka_unit_test(test_whole_range), cmocka_unit_test(test_real),
        cmocka_unit_test(test_size_valid),  cmocka_unit_test(test_size_invalid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
