/* source/: what is made of several sources, and ranges. */
#include "source_support.h"

static struct source *linked(bool cycle, struct source *a, struct source *b, struct source *c)
{
    struct source *list[] = {a, b, c};
    return source_link(list, c ? 3 : b ? 2 : 1, cycle);
}

static struct source *product(struct source *a, struct source *b)
{
    struct source *list[] = {a, b};
    return source_product(list, 2);
}

static void test_linked_ends_with_the_shortest(void **state)
{
    (void)state;
    expect_all(linked(false, LIST("a", "b", "c"), LIST("1", "2"), NULL), "a|1;b|2;");
    expect_all(linked(false, LIST("a"), LIST("1", "2"), LIST("x", "y")), "a|1|x;");
    expect_all(linked(false, lines("a\nb\n"), lines("1\n2\n3\n"), NULL), "a|1;b|2;");
    expect_all(linked(false, LIST("a"), NONE, NULL), "");
    expect_all(linked(false, NONE, LIST("a"), NULL), "");
    expect_all(linked(false, LIST("a", "b"), NULL, NULL), "a;b;");
}

static void test_cycle_ends_with_the_longest(void **state)
{
    (void)state;
    static const char *const expected = "1|I|a;2|II|b;1|III|c;2|I|d;1|II|e;2|III|f;1|I|g;";
    expect_all(linked(true, LIST("1", "2"), LIST("I", "II", "III"), LIST("a", "b", "c", "d", "e", "f", "g")), expected);
    expect_all(linked(true, lines("1\n2\n"), lines("I\nII\nIII\n"), lines("a\nb\nc\nd\ne\nf\ng\n")), expected);
    expect_all(linked(true, lines("1\n2\n3\n4\n"), lines("a\n"), NULL), "1|a;2|a;3|a;4|a;");
    expect_all(linked(true, lines("1\n2\n"), lines("a\nb\n"), NULL), "1|a;2|b;");
    expect_all(linked(true, lines("1\n2\n"), lines(""), NULL), "");
    expect_all(linked(true, lines(""), LIST("a"), NULL), "");
    expect_all(linked(true, NONE, NONE, NULL), "");
}

static struct source *bad_lines(const char *text, size_t len)
{
    return lines_of_file(file_with(text, len), '\n');
}

/* A bad item costs what is linked to it, whenever its turn comes, and moves no other. */
static void test_linked_with_bad_items(void **state)
{
    (void)state;
    expect_all(linked(false, bad_lines("a\n\0\nc\n", 6), LIST("1", "2", "3"), NULL), "a|1;!;c|3;");
    expect_all(linked(false, LIST("1", "2", "3"), bad_lines("a\n\0\nc\n", 6), NULL), "1|a;!;3|c;");
    expect_all(linked(true, bad_lines("a\n\0\n", 4), LIST("1", "2", "3", "4", "5"), NULL), "a|1;!;a|3;!;a|5;");
    struct source *s = linked(false, bad_lines("\0\n", 2), LIST("1"), NULL);
    expect_error(s, ERR_SPEC, "line 1 holds a NUL byte, which no argument can; what is linked to it is left out");
    expect_end(s);
}

/* Each is read as it comes: half a group is held until the rest is there. */
static void test_linked_waits(void **state)
{
    (void)state;
    struct error err = {0};
    int first[2], second[2];
    assert_int_equal(pipe(first), 0);
    assert_int_equal(pipe(second), 0);
    struct source *a = source_lines(path_of(first[0]), '\n', &err);
    struct source *b = source_lines(path_of(second[0]), '\n', &err);
    int first_fd = source_fd(a), second_fd = source_fd(b);
    struct source *s = linked(true, a, b, NULL);
    put(second[1], "1\n");
    expect_status(s, SOURCE_WAIT);
    assert_int_equal(source_fd(s), first_fd);
    put(first[1], "a\nb\n");
    expect_item(s, "a|1");
    expect_status(s, SOURCE_WAIT);
    assert_int_equal(source_fd(s), second_fd);
    close(second[1]);
    expect_item(s, "b|1");
    expect_status(s, SOURCE_WAIT);
    assert_int_equal(source_fd(s), first_fd);
    put(first[1], "c\n");
    expect_item(s, "c|1");
    close(first[1]);
    expect_end(s);
    close(first[0]);
    close(second[0]);
}

static void test_linked_stops_at_an_error(void **state)
{
    (void)state;
    struct error err = {0};
    struct source *broken = source_lines("/proc/self/mem", '\n', &err);
    if (!broken)
        skip();
    struct source *s = linked(true, LIST("a"), broken, NULL);
    expect_error(s, ERR_INPUT, "/proc/self/mem");
    expect_end(s);
}

static void test_linked_in_a_product(void **state)
{
    (void)state;
    expect_all(product(linked(false, LIST("a", "b"), LIST("1", "2"), NULL), LIST("X", "Y")), "a|1|X;a|1|Y;b|2|X;b|2|Y;");
    expect_all(product(LIST("X", "Y"), linked(false, LIST("a", "b"), LIST("1", "2"), NULL)), "X|a|1;X|b|2;Y|a|1;Y|b|2;");
    expect_all(product(LIST("X", "Y"), linked(false, lines("a\nb"), LIST("1", "2"), NULL)), "X|a|1;X|b|2;Y|a|1;Y|b|2;");
    expect_all(product(LIST("X", "Y"), linked(true, LIST("a", "b"), LIST("1"), NULL)), "X|a|1;X|b|1;Y|a|1;Y|b|1;");
}

static struct source *range(const char *text)
{
    struct error err = {0};
    struct source *s = source_range(text, &err);
    if (!s)
        fail_msg("%s: %s", text, err.message);
    return s;
}

static void test_range(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"1..3", "1;2;3;"},
        {"3..1", "3;2;1;"},
        {"5..5", "5;"},
        {"-2..2..2", "-2;0;2;"},
        {"0..10..3", "0;3;6;9;"},
        {"10..0..4", "10;6;2;"},
        {"1..2..9223372036854775807", "1;"},
        {"08..10", "08;09;10;"},
        {"8..010", "008;009;010;"},
        {"-1..01", "-1;00;01;"},
        {"0..2", "0;1;2;"},
        {"9223372036854775806..9223372036854775807", "9223372036854775806;9223372036854775807;"},
        {"-9223372036854775807..-9223372036854775808", "-9223372036854775807;-9223372036854775808;"},
        {"-9223372036854775808..9223372036854775807..9223372036854775807",
         "-9223372036854775808;-1;9223372036854775806;"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_all(range(cases[i][0]), cases[i][1]);
    expect_all(product(range("1..2"), range("8..7")), "1|8;1|7;2|8;2|7;");
    expect_all(linked(true, range("1..2"), range("1..3"), NULL), "1|1;2|2;1|3;");
}

static void test_range_errors(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", "is no range"},        {"1", "is no range"},       {"1.5", "is no range"},
        {"1..", "whole number"},    {"..2", "whole number"},    {"1..2..", "at least 1"},
        {"1..2..0", "at least 1"},  {"1..2..-1", "at least 1"}, {"1..2..3..4", "whole number"},
        {"a..c", "whole number"},   {"1...3", "whole number"},  {"1..9223372036854775808", "whole number"},
        {" 1..2", "whole number"},
        {"00000000000000000000000000000000000000001..2", "41 digits"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = {0};
        assert_null(source_range(cases[i][0], &err));
        assert_int_equal(err.code, ERR_USAGE);
        if (!strstr(err.message, cases[i][1]) || !strstr(err.message, "--range"))
            fail_msg("%s: %s", cases[i][0], err.message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_linked_ends_with_the_shortest),
        cmocka_unit_test(test_cycle_ends_with_the_longest),
        cmocka_unit_test(test_linked_with_bad_items),
        cmocka_unit_test(test_linked_waits),
        cmocka_unit_test(test_linked_stops_at_an_error),
        cmocka_unit_test(test_linked_in_a_product),
        cmocka_unit_test(test_range),
        cmocka_unit_test(test_range_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
