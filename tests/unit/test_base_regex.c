/* base/regex: what is understood of Perl's syntax, what is refused, and where matches are. */
#include "base/regex.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct example {
    const char *pattern;
    const char *text;
    size_t from;
    int start, end; /* -1: no match */
};

static const struct example examples[] = {
    {",", "a,b", 0, 1, 2},
    {",", "a,b", 2, -1, 0},
    {", ", "a,b, c", 0, 3, 5},
    {"\\t", "a\tb", 0, 1, 2},
    {"\\x2c", "a,b", 0, 1, 2},
    {"\\.", "a.b", 0, 1, 2},
    {"\\|", "a|b", 0, 1, 2},
    {".", "\n", 0, -1, 0},
    {".*\\n", "a\nb\n", 0, 0, 2},
    {"a.c", "xabc", 0, 1, 4},
    {"\\d+", "ab123c", 0, 2, 5},
    {"\\D+", "12ab3", 0, 2, 4},
    {"\\s*,\\s*", "a , b", 0, 1, 4},
    {"\\h+", "a\n b", 0, 2, 3},
    {"\\S+$", "a bc", 0, 2, 4},
    {"\\w+", "--x_1--", 0, 2, 5},
    {"[,;]", "a;b", 0, 1, 2},
    {"[\\t,]", "at\tb", 0, 2, 3},
    {"[\\d.]+", "v1.2x", 0, 1, 4},
    {"[^\\d]+", "12ab3", 0, 2, 4},
    {"[\\w-]+", "..a-b..", 0, 2, 5},
    {"[\\]x]", "a]", 0, 1, 2},
    {"[]x]", "a]", 0, 1, 2},
    {"[^]x]", "]xa", 0, 2, 3},
    {"[[:digit:]x]+", "a1x", 0, 1, 3},
    {"[\\^]", "a^", 0, 1, 2},
    {"[a^-]+", "b-^a", 0, 1, 4},
    {"[[.]", "a[", 0, 1, 2},
    {"[\\xff\\x00]", "a\xff", 0, 1, 2},
    {"(?:ab)+c", "xababc", 0, 1, 6},
    {"(?i)abc", "xABC", 0, 1, 4},
    {"(a)b\\1", "aba", 0, 0, 3},
    {"a{2,3}", "aaaa", 0, 0, 3},
    {"a{", "xa{", 0, 1, 3},
    {"a{,2}", "a{,2}", 0, 0, 5},
    {"x}]", "x}]", 0, 0, 3},
    {"^b", "ab", 1, -1, 0},
    {"^a", "ab", 0, 0, 1},
    {"\\bb", "ab b", 0, 3, 4},
    {"\\Aa", "ba", 1, -1, 0},
    {"b\\z", "bab", 0, 2, 3},
    {"x*", "aaa", 1, 1, 1},
    {"a|ab", "ab", 0, 0, 2},
    {"\\n>", "a\n>b", 0, 1, 3},
    {"\xc3\xa4+", "x\xc3\xa4\xa4", 0, 1, 4},
};

static void test_examples(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        const struct example *e = &examples[i];
        struct error err = {0};
        struct regex *r = regex_new(e->pattern, &err);
        if (!r)
            fail_msg("'%s': %s", e->pattern, err.message);
        struct regex_match m = {0};
        bool found = regex_find(r, slice_of(e->text), e->from, &m);
        if (found != (e->start >= 0) || (found && ((int)m.start != e->start || (int)m.end != e->end)))
            fail_msg("'%s' in '%s': %d %zu-%zu", e->pattern, e->text, found, m.start, m.end);
        regex_free(r);
    }
}

static const struct {
    const char *pattern;
    const char *says;
} bad[] = {
    {"", "it is empty"},
    {"a\\", "ends with a backslash"},
    {"[a", "a [ has no ]"},
    {"[", "a [ has no ]"},
    {"[\\q]", "inside [ ]"},
    {"[z-a]", "backwards"},
    {"a*?", "lazy"},
    {"a++", "lazy"},
    {"a{2}?", "lazy"},
    {"*a", "nothing in front"},
    {"(+a)", "nothing in front"},
    {"(?=a)", "(?"},
    {"a(?i)b", "(?"},
    {"\\pL", "\\p is not understood"},
    {"\\K", "\\K is not understood"},
    {"\\x00", "NUL"},
    {"[\\x00]", "NUL"},
    {"(a", "("},
};

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct error err = {0};
        struct regex *r = regex_new(bad[i].pattern, &err);
        if (r)
            fail_msg("'%s' was accepted", bad[i].pattern);
        assert_int_equal(err.code, ERR_USAGE);
        if (!strstr(err.message, bad[i].says) || !strstr(err.message, "regular expression '"))
            fail_msg("'%s': %s", bad[i].pattern, err.message);
    }
}

static void test_any_bytes(void **state)
{
    (void)state;
    struct regex *r = regex_new("[\\s,]+x", NULL);
    struct regex_match m;
    assert_non_null(r);
    assert_true(regex_find(r, (struct slice){"a\0b , x", 7}, 0, &m));
    assert_int_equal(m.start, 3);
    assert_int_equal(m.end, 7);
    assert_false(regex_find(r, (struct slice){NULL, 0}, 0, &m));
    assert_false(regex_find(r, (struct slice){"ab", 2}, 3, &m));
    regex_free(r);
    regex_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
