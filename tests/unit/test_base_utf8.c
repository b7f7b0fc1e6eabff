/* base/utf8: every code point, the borders, and every way to cut a text in two. */
#include "base/utf8.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static size_t encode(char *to, uint32_t c)
{
    uint8_t *p = (uint8_t *)to;
    if (c < 0x80) {
        p[0] = (uint8_t)c;
        return 1;
    }
    size_t more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const uint8_t lead[] = {0, 0xC0, 0xE0, 0xF0};
    p[0] = (uint8_t)(lead[more] | c >> (6 * more));
    for (size_t i = 1; i <= more; i++)
        p[i] = (uint8_t)(0x80 | (c >> (6 * (more - i)) & 0x3F));
    return more + 1;
}

static void test_every_code_point(void **state)
{
    (void)state;
    char text[4];
    for (uint32_t c = 0; c < 0x120000; c++) {
        size_t len = encode(text, c);
        bool wanted = c <= 0x10FFFF && !(c >= 0xD800 && c <= 0xDFFF);
        if (utf8_valid(text, len) != wanted)
            fail_msg("U+%04X", c);
    }
}

static void test_invalid(void **state)
{
    (void)state;
    static const char *const invalid[] = {
        "\x80",
        "\xBF",
        "\xC0\x80",
        "\xC0\xAF",
        "\xC1\xBF",
        "\xC3",
        "\xC3(",
        "\xE0\x80\x80",
        "\xE0\x9F\xBF",
        "\xE2\x82",
        "\xE2(\xA1",
        "\xE2\x28\xA1",
        "\xED\xA0\x80",
        "\xED\xBF\xBF",
        "\xF0\x80\x80\x80",
        "\xF0\x8F\xBF\xBF",
        "\xF0\x9F\x98",
        "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80",
        "\xFE",
        "\xFF",
        "abc\xC3\xA9\x80",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xFF",
        "aaaaaaaaaaaaaaa\xC3",
        "\xC3\xA9\xC3\xA9\xC3",
    };
    for (size_t i = 0; i < sizeof invalid / sizeof invalid[0]; i++) {
        if (utf8_valid(invalid[i], strlen(invalid[i])))
            fail_msg("number %zu", i);
    }
}

static void test_bad_byte_anywhere(void **state)
{
    (void)state;
    char text[80];
    for (size_t len = 1; len <= sizeof text; len++) {
        memset(text, 'x', sizeof text);
        assert_true(utf8_valid(text, len));
        for (size_t at = 0; at < len; at++) {
            text[at] = (char)0xFF;
            assert_false(utf8_valid(text, len));
            text[at] = 'x';
        }
    }
    assert_true(utf8_valid("", 0));
    assert_true(utf8_valid(NULL, 0));
    assert_true(utf8_valid("\0\0", 2));
}

static void test_pieces(void **state)
{
    (void)state;
    static const char text[] = "plain text, long enough "
                               "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80 and \xED\x9F\xBF the end";
    const size_t len = sizeof text - 1;
    for (size_t a = 0; a <= len; a++) {
        for (size_t b = a; b <= len; b++) {
            struct utf8 u = {0};
            assert_true(utf8_feed(&u, text, a));
            assert_true(utf8_feed(&u, text + a, b - a));
            assert_int_equal(utf8_done(&u), utf8_valid(text, b));
            assert_true(utf8_feed(&u, text + b, len - b));
            assert_true(utf8_done(&u));
        }
    }
}

static void test_bad_stays_bad(void **state)
{
    (void)state;
    struct utf8 u = {0};
    assert_true(utf8_feed(&u, "\xE0", 1));
    assert_false(utf8_feed(&u, "\x80", 1));
    assert_false(utf8_feed(&u, "abc", 3));
    assert_false(utf8_done(&u));
}

static void test_partial_tail(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t tail;
    } cases[] = {
        {"", 0},
        {"a", 0},
        {"\xC3", 1},
        {"a\xC3", 1},
        {"\xC3\xA9", 0},
        {"\xE2", 1},
        {"\xE2\x82", 2},
        {"\xE2\x82\xAC", 0},
        {"\xF0\x9F\x98", 3},
        {"\xF0\x9F\x98\x80", 0},
        {"\x80", 0},
        {"\x80\x80\x80\x80", 0},
        {"\xFF", 0},
        {"\xC0", 0},
        {"\xE0\x80", 0},
        {"\xC3\xA9\xA9", 0},
        {"x\xF4\x8F", 2},
        {"x\xF4\x90", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (utf8_partial_tail(cases[i].text, strlen(cases[i].text)) != cases[i].tail)
            fail_msg("number %zu", i);
    }
}

static void test_partial_head(void **state)
{
    (void)state;
    assert_int_equal(utf8_partial_head("", 0), 0);
    assert_int_equal(utf8_partial_head("a\x80", 2), 0);
    assert_int_equal(utf8_partial_head("\x80", 1), 1);
    assert_int_equal(utf8_partial_head("\x80\xBFx", 3), 2);
    assert_int_equal(utf8_partial_head("\x80\x80\x80\x80", 4), 3);
    assert_int_equal(utf8_partial_head("\xC3\xA9", 2), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_code_point),  cmocka_unit_test(test_invalid),
        cmocka_unit_test(test_bad_byte_anywhere), cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_bad_stays_bad),     cmocka_unit_test(test_partial_tail),
        cmocka_unit_test(test_partial_head),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
