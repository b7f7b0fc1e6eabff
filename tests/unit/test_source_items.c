/* source/: what is made of each item: joined, ended, left out, trimmed, cut, shuffled, read as JSON. */
#include "source_support.h"

#include "source/columns.h"
#include "source/edit.h"
#include "source/json_items.h"

/* ---- edit ---- */

static void test_edit(void **state)
{
    (void)state;
    static const struct {
        struct edit_rules rules;
        const char *lines, *expected;
    } cases[] = {
        {{.trim = TRIM_NONE}, " a \n", " a ;"},
        {{.trim = TRIM_LEFT}, " a \n\tb\v\n \n", "a ;b\v;;"},
        {{.trim = TRIM_RIGHT}, " a \n\tb\v\r\n", " a;\tb;"},
        {{.trim = TRIM_BOTH}, " a b \nc\n", "a b;c;"},
        {{.eof = "END"}, "a\nEND\nb\n", "a;"},
        {{.eof = "END"}, "a\n END\nENDS\nb\n", "a; END;ENDS;b;"},
        {{.eof = "END", .trim = TRIM_BOTH}, "a\n END\nEND\nb\n", "a;END;"},
        {{.eof = "END"}, "END\n", ""},
        {{.skip_blank = true}, "a\n \t\n\vb\n\r\nc", "a;\vb;c;"},
        {{.skip_blank = true}, " \n", ""},
        {{.join = true}, "a\nb\n", "a;b;"},
        {{.join = true}, "a \nb\nc\t\n d \ne\n", "a b;c\t d e;"},
        {{.join = true}, "a \n\n \nb\n\n \nc\n", "a b;c;"},
        {{.join = true}, "a\nb ", "a;b ;"},
        {{.join = true, .trim = TRIM_BOTH}, " a \nb\n c ", "a b;c;"},
        {{.join = true, .eof = "b"}, "a \nb\nc\n", "a ;"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_all(source_edit(lines(cases[i].lines), &cases[i].rules), cases[i].expected);
    const struct edit_rules all = {.eof = "x", .skip_blank = true, .trim = TRIM_BOTH};
    expect_all(source_edit(LIST("", " a", "x", "b"), &all), "a;");
    expect_all(source_edit(source_batch(LIST(" a", "x", " b"), 2), &all), " a|x;b;");
    struct source *s = LIST("a");
    assert_ptr_equal(source_edit(s, &(struct edit_rules){0}), s);
    source_free(s);
}

/* The end is the end, also of a pipe that stays open. */
static void test_edit_ends_at_once(void **state)
{
    (void)state;
    struct error err = {0};
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    struct source *s =
        source_edit(source_lines(path_of(fds[0]), '\n', &err), &(struct edit_rules){.eof = ".", .join = true});
    put(fds[1], "a \n");
    expect_status(s, SOURCE_WAIT);
    put(fds[1], "b\nc \n.\n");
    expect_item(s, "a b");
    expect_item(s, "c ");
    assert_int_equal(source_fd(s), -1);
    expect_end(s);
    close(fds[0]);
    close(fds[1]);
}

/* What a bad line would have ended is lost with it; nothing else is. */
static void test_edit_with_bad_lines(void **state)
{
    (void)state;
    struct source *s = lines_of_file(file_with("a \n\0\nb \nc\n", 10), '\n');
    expect_all(source_edit(s, &(struct edit_rules){.join = true}), "!;b c;");
}

/* ---- columns ---- */

static void test_columns(void **state)
{
    (void)state;
    static const struct {
        const char *separator;
        enum trim trim;
        const char *line, *expected;
    } cases[] = {
        {",", TRIM_NONE, "a,b", "a|b;"},
        {",", TRIM_NONE, "a", "a;"},
        {",", TRIM_NONE, ",a,,", "|a||;"},
        {",", TRIM_NONE, " a , b ", " a | b ;"},
        {",", TRIM_BOTH, " a , b ", "a|b;"},
        {",", TRIM_LEFT, " a , b ", "a |b ;"},
        {",", TRIM_RIGHT, " a , b ", " a| b;"},
        {"\\t", TRIM_NONE, "a\tb c\t", "a|b c|;"},
        {"\\s+", TRIM_NONE, "a  b\tc", "a|b|c;"},
        {"[,;]", TRIM_NONE, "a,b;c", "a|b|c;"},
        {", *", TRIM_NONE, "a,  b,c", "a|b|c;"},
        {",*", TRIM_NONE, "ab,,c", "ab|c;"},
        {"x*", TRIM_NONE, "abc", "abc;"},
        {"^a", TRIM_NONE, "aab", "|ab;"},
        {"::", TRIM_NONE, "a::b:c", "a|b:c;"},
        {"\\d", TRIM_NONE, "a1b2", "a|b|;"},
        {"(-|\\+)", TRIM_NONE, "a-b+c", "a|b|c;"},
        {"(?i)x", TRIM_NONE, "aXbxc", "a|b|c;"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = {0};
        struct regex *separator = regex_new(cases[i].separator, &err);
        if (!separator)
            fail_msg("%s", err.message);
        expect_all(source_columns(LIST(cases[i].line), separator, cases[i].trim), cases[i].expected);
        regex_free(separator);
    }
}

static void test_width(void **state)
{
    (void)state;
    struct regex *separator = regex_new(",", NULL);
    expect_all(source_width(source_columns(LIST("a,b", "a", "a,b,c"), separator, TRIM_NONE), 2, true),
               "a|b;a|;a|b|c;");
    struct source *s = source_width(source_columns(LIST("a,b", "a,b,c", "d"), separator, TRIM_NONE), 2, false);
    expect_item(s, "a|b");
    expect_error(s, ERR_SPEC, "item 2 has 3 columns, and the header has names for 2");
    expect_item(s, "d|");
    expect_end(s);
    regex_free(separator);
}

/* ---- shuffle ---- */

enum { MANY = 1000 };

/* The places at which 0 … MANY-1 come out. */
static void shuffled(uint64_t seed, int order[MANY])
{
    struct words values = {0};
    bool seen[MANY] = {false};
    struct source *s = source_shuffle(source_range("0..999", NULL), seed);
    for (int i = 0; i < MANY; i++) {
        words_clear(&values);
        assert_int_equal(source_next(s, &values, NULL), SOURCE_ITEM);
        order[i] = atoi(words_get(&values, 0));
        assert_false(seen[order[i]]);
        seen[order[i]] = true;
    }
    words_fini(&values);
    expect_end(s);
}

static void test_shuffle(void **state)
{
    (void)state;
    int a[MANY], b[MANY], same = 0, first[10] = {0};
    shuffled(1, a);
    shuffled(1, b);
    assert_memory_equal(a, b, sizeof a);
    shuffled(2, b);
    for (int i = 0; i < MANY; i++)
        same += a[i] == b[i];
    assert_true(same < 20);
    /* Each tenth of the numbers comes first about as often as any other. */
    for (uint64_t seed = 0; seed < 500; seed++) {
        shuffled(seed, a);
        first[a[0] / 100]++;
    }
    for (int i = 0; i < 10; i++)
        assert_in_range(first[i], 25, 80);
    expect_all(source_shuffle(NONE, 1), "");
    expect_all(source_shuffle(source_batch(LIST("a", "a", "a"), 3), 1), "a|a|a;");
    expect_all(source_shuffle(lines_of_file(file_with("\0\na\n", 4), '\n'), 1), "!;a;");
}

/* ---- JSON ---- */

static void json(const char *names, struct source *s, const char *expected)
{
    struct words list = {0};
    for (const char *at = names; *at;) {
        size_t len = strcspn(at, " ");
        words_add(&list, at, len);
        at += len + (at[len] == ' ');
    }
    expect_all(source_json(s, &list), expected);
}

static void test_json(void **state)
{
    (void)state;
    static const char *const values[][2] = {
        {"\"text\"", "text"},
        {"\"\"", ""},
        {"\"a \\\"b\\\" \\n\\u00e9\"", "a \"b\" \n\xc3\xa9"},
        {"1", "1"},
        {"-0", "-0"},
        {"1.50", "1.50"},
        {"1e3", "1e3"},
        {"0.1", "0.1"},
        {"123456789012345678901234567890", "123456789012345678901234567890"},
        {"true", "true"},
        {"false", "false"},
        {"null", ""},
        {"[ 1, \"a b\" ,[ ]]", "[1,\"a b\",[]]"},
        {"{ \"a\" : { \"b\" : \"} ]\\\"\" } }", "{\"a\":{\"b\":\"} ]\\\"\"}}"},
    };
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char *item = NULL, *expected = NULL;
        assert_true(asprintf(&item, " { \"o\" : [{\"v\":0}, \"v\"] , \"v\" : %s , \"z\":1} ", values[i][0]) > 0);
        assert_true(asprintf(&expected, "%s|%s|1;", item, values[i][1]) > 0);
        json("v z", LIST(item), expected);
        free(item);
        free(expected);
    }
    json("", LIST("{}", "{\"a\":1}"), "{};{\"a\":1};");
    json("\\u0061", LIST("{}"), "!;");
    json("a", LIST("{\"\\u0061\":7}"), "{\"\\u0061\":7}|7;");
}

static struct source *pair(const char *a, const char *b)
{
    return source_batch(LIST(a, b), 2);
}

/* Of several objects the first that has a field gives it. */
static void test_json_of_several(void **state)
{
    (void)state;
    json("a b", pair("{\"a\":1}", "{\"a\":2,\"b\":3}"), "{\"a\":1}|{\"a\":2,\"b\":3}|1|3;");
    json("a", pair("{\"a\":null}", "{\"a\":2}"), "{\"a\":null}|{\"a\":2}|;");
    json("a", pair("{\"a\":1}", "2"), "!;");
}

static void test_json_errors(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{\"b\":1}", "item 1 has no field \"a\""},
        {"", "item 1 is no JSON object: "},
        {"3", "item 1 is no JSON object"},
        {"[1]", "item 1 is no JSON object"},
        {"\"a\"", "item 1 is no JSON object"},
        {"{\"a\":1} x", "item 1 is no JSON object: "},
        {"{\"a\":1", "item 1 is no JSON object: "},
        {"{\"a\":1,\"a\":2}", "item 1 is no JSON object: duplicate"},
        {"{\"a\":01}", "item 1 is no JSON object: "},
        {"{\"a\":\"\xff\"}", "item 1 is no JSON object: "},
        {"{\"a\":\"x\\u0000\"}", "item 1 has a NUL byte, which no argument can hold, in its field \"a\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct words names = {0};
        words_add(&names, "a", 1);
        struct source *s = source_json(LIST(cases[i][0], "{\"a\":9}"), &names);
        expect_error(s, ERR_SPEC, cases[i][1]);
        expect_item(s, "{\"a\":9}|9");
        expect_end(s);
    }
    json("b", LIST("{\"a\":\"x\\u0000\",\"b\":1}"), "{\"a\":\"x\\u0000\",\"b\":1}|1;");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edit),
        cmocka_unit_test(test_edit_ends_at_once),
        cmocka_unit_test(test_edit_with_bad_lines),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_width),
        cmocka_unit_test(test_shuffle),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_json_of_several),
        cmocka_unit_test(test_json_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
