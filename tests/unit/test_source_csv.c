/* source/csv.c and its parser. Lists of what is valid and what is not; each is read whole, byte by byte, and cut in two
 * at every place, and all must come to the same. */
#include "source_support.h"

#include "source/csv_parser.h"

/* What came out: words are joined by '|', records by ';', and a bad one is "!LINE.COLUMN". */
static void note(struct csv_parser *p, enum csv_status got, struct buffer *out)
{
    struct words values = {0};
    struct error err = {0};
    if (got == CSV_MORE)
        return;
    if (got == CSV_BAD) {
        buffer_printf(out, "!%d.%d", (int)p->bad_line, (int)p->bad_column);
        csv_take_error(p, "t", &err);
        assert_int_equal(err.code, ERR_SPEC);
    } else {
        csv_take(p, &values);
    }
    for (const char *v = NULL; (v = words_next(&values, v));)
        buffer_printf(out, "%s%s", v == values.data ? "" : "|", v);
    buffer_putc(out, ';');
    words_fini(&values);
}

static void feed(struct csv_parser *p, const char *text, size_t len, struct buffer *out)
{
    while (len > 0) {
        size_t used = 0;
        enum csv_status got = csv_read(p, (struct slice){text, len}, &used);
        assert_true(used > 0 && used <= len && (got != CSV_MORE || used == len));
        note(p, got, out);
        text += used;
        len -= used;
    }
}

static void expect(const struct csv_rules *rules, const char *text, size_t len, const char *expected)
{
    for (size_t cut = 0; cut <= len + 1; cut++) {
        struct csv_parser p;
        struct buffer out = {0};
        csv_init(&p, rules);
        for (size_t i = 0; cut > len && i < len; i++)
            feed(&p, text + i, 1, &out);
        if (cut <= len) {
            feed(&p, text, cut, &out);
            feed(&p, text + cut, len - cut, &out);
        }
        note(&p, csv_end(&p), &out);
        if (strcmp(buffer_text(&out), expected) != 0)
            fail_msg("\"%s\" cut at %zu gives %s, not %s", text, cut, buffer_text(&out), expected);
        buffer_fini(&out);
        csv_fini(&p);
    }
}

static const struct csv_rules plain = {.delimiter = ','};

static void test_valid(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", ""},
        {"a", "a;"},
        {"a,b,c\n", "a|b|c;"},
        {"a,b\r\nc,d\r\n", "a|b;c|d;"},
        {"a,b\r\nc,d", "a|b;c|d;"},
        {"a,b\nc\n", "a|b;c;"},
        {",\n", "|;"},
        {"a,\n", "a|;"},
        {"a,", "a|;"},
        {",a,,\n", "|a||;"},
        {"\"a\",\"b c\"\n", "a|b c;"},
        {"\"a,b\",c\n", "a,b|c;"},
        {"\"a\"\"b\"\n", "a\"b;"},
        {"\"\"\"\"\n", "\";"},
        {"\"\"\"a\"\"\"\n", "\"a\";"},
        {"\"\"\n", ";"},
        {"\"\",\"\"\n", "|;"},
        {"\"a\nb\",c\nd\n", "a\nb|c;d;"},
        {"\"a\r\nb\"\r\nc\r\n", "a\r\nb;c;"},
        {"\"\n\"\n", "\n;"},
        {"\"a\"", "a;"},
        {"\"a\",", "a|;"},
        {" a , b \n", " a | b ;"},
        {"\xc3\xa9,\xff\n", "\xc3\xa9|\xff;"},
        /* empty lines are nothing, wherever they are */
        {"\n", ""},
        {"\r\n\n", ""},
        {"a\n\n\nb\n\n", "a;b;"},
        {"a\r", "a;"},
        {"\"1 big, 2 small\",\"2\"\"x4\"\" plank\",12.34\n", "1 big, 2 small|2\"x4\" plank|12.34;"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect(&plain, cases[i][0], strlen(cases[i][0]), cases[i][1]);
}

/* A bad record is told with the line and column of what is wrong, and the next line is read as if nothing had been. */
static void test_invalid(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"a\"b\nc\n", "!1.1;c;"},
        {"a,b\"\nc,d\n", "!1.2;c|d;"},
        {" \"a\"\nb\n", "!1.1;b;"},
        {"a\n\"b\"c\nd\n", "a;!2.1;d;"},
        {"\"a\" ,b\nc\n", "!1.1;c;"},
        {"x\n\"a\nb\"c,\"d\ne\n", "x;!3.1;e;"},
        {"\"a\nb\nc", "!1.1;"},
        {"a\nb,\"c\nd\n", "a;!2.2;"},
        {"\"", "!1.1;"},
        {"a\rb\nc\n", "!1.1;c;"},
        {"a,b\r,c\nd\n", "!1.2;d;"},
        {"\"a\"\rb\nc\n", "!1.1;c;"},
        {"a\r\r\nb\n", "!1.1;b;"},
        {"\n\n\"a\"\"\nb", "!3.1;"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect(&plain, cases[i][0], strlen(cases[i][0]), cases[i][1]);
    expect(&plain, "a\0b,c\nd\n", 8, "!1.1;d;");
    expect(&plain, "\"a\0\nb\",c\nd\n", 11, "!1.1;d;");
    expect(&plain, "\0\nd", 3, "!1.1;d;");
    expect(&plain, "\"a\"\0\nd", 6, "!1.1;d;");
}

static void test_trim(void **state)
{
    (void)state;
    static const char text[] = " a , \"b c\" ,\t\" d \"\t\n \n\"\" , x\n";
    struct csv_rules rules = {.delimiter = ',', .trim = TRIM_BOTH};
    expect(&rules, text, strlen(text), "a|b c| d ;|x;");
    expect(&rules, " , \n", 4, "|;");
    expect(&rules, "\"a\" \"b\"\nc", 9, "!1.1;c;");
    expect(&rules, "\"a\" b\nc", 7, "!1.1;c;");
    rules.trim = TRIM_LEFT;
    expect(&rules, " a , b \n", 8, "a |b ;");
    expect(&rules, " \"a\"\n", 5, "a;");
    expect(&rules, "\"a\" ,b\nc\n", 9, "!1.1;c;");
    rules.trim = TRIM_RIGHT;
    expect(&rules, " a , b \n", 8, " a| b;");
    expect(&rules, "\"a\" ,b\n", 7, "a|b;");
    expect(&rules, " \"a\"\n", 5, "!1.1;");
}

static void test_other_delimiters(void **state)
{
    (void)state;
    struct csv_rules rules = {.delimiter = ';'};
    expect(&rules, "a;\"b;c\";d,e\n", 12, "a|b;c|d,e;");
    rules = (struct csv_rules){.delimiter = '\t', .trim = TRIM_BOTH};
    expect(&rules, " a\t\tb \n", 7, "a||b;");
    rules = (struct csv_rules){.delimiter = ',', .keep_empty = true};
    expect(&rules, "a\n\n\"\"\nb\n", 8, "a;;;b;");
    rules = (struct csv_rules){.delimiter = '\xa7'};
    expect(&rules, "a\xa7" "b\n", 4, "a|b;");
}

static void test_messages(void **state)
{
    (void)state;
    static const char text[] = "a,b\n\"x\ny\",z\"z\n";
    struct error err = {0};
    int fd = file_with(text, strlen(text));
    struct source *s = source_csv(path_of(fd), &plain, &err);
    close(fd);
    expect_item(s, "a|b");
    expect_error(s, ERR_SPEC, ": line 3: column 2 has a quote but does not begin with one");
    expect_end(s);
    assert_null(source_csv("/nonexistent/file", &plain, &err));
    assert_int_equal(err.code, ERR_INPUT);
}

static struct source *csv(const char *text)
{
    struct error err = {0};
    int fd = file_with(text, strlen(text));
    struct source *s = source_csv(path_of(fd), &plain, &err);
    assert_non_null(s);
    close(fd);
    return s;
}

/* A spreadsheet's mark in front is no part of the first column; elsewhere it is text. */
static void test_byte_order_mark(void **state)
{
    (void)state;
    expect_all(csv("\xef\xbb\xbf" "a,b\n\xef\xbb\xbf" "c\n"), "a|b;\xef\xbb\xbf" "c;");
    expect_all(csv("\xef\xbb\xbf\"a\"\n"), "a;");
    expect_all(csv("\xef\xbb\xbf"), "");
    expect_all(csv("\xef\xbb"), "\xef\xbb;");
    expect_all(csv("\xef\xbb,\n"), "\xef\xbb|;");
}

static void test_stream(void **state)
{
    (void)state;
    struct error err = {0};
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    struct source *s = source_csv(path_of(fds[0]), &plain, &err);
    put(fds[1], "\xef");
    expect_status(s, SOURCE_WAIT);
    put(fds[1], "\xbb\xbf" "a,\"b");
    expect_status(s, SOURCE_WAIT);
    put(fds[1], "\nc\"");
    expect_status(s, SOURCE_WAIT);
    put(fds[1], "\nd\n");
    expect_item(s, "a|b\nc");
    expect_item(s, "d");
    expect_status(s, SOURCE_WAIT);
    close(fds[1]);
    expect_end(s);
    close(fds[0]);
}

/* A quote that is never closed swallows the rest, but not the memory. */
static void test_too_long(void **state)
{
    (void)state;
    int fd = file_with("\"", 1);
    char *block = malloc(1 << 20);
    struct error err = {0};
    assert_non_null(block);
    memset(block, 'x', 1 << 20);
    for (int i = 0; i < 65; i++)
        assert_int_equal(write(fd, block, 1 << 20), 1 << 20);
    put(fd, "\"\nb\n");
    struct source *s = source_csv(path_of(fd), &plain, &err);
    close(fd);
    expect_error(s, ERR_SPEC, "line 1: column 1 ends a record of more than 64 MiB");
    expect_item(s, "b");
    expect_end(s);
    free(block);
}

static void test_items(void **state)
{
    (void)state;
    expect_all(source_csv_items(LIST("a,\"b,c\"", "", "\"x\ny\"", "d\n", "a\nb", "\"a"), &plain), "a|b,c;;x\ny;d;!;!;");
    struct source *s = source_csv_items(LIST("a", "b\nc"), &plain);
    expect_item(s, "a");
    expect_error(s, ERR_SPEC, "item 2 is more than one record");
    expect_end(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid),
        cmocka_unit_test(test_invalid),
        cmocka_unit_test(test_trim),
        cmocka_unit_test(test_other_delimiters),
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_byte_order_mark),
        cmocka_unit_test(test_stream),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_items),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
