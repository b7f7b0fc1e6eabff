/* source/: arguments, lines from every kind of descriptor, products and batches. */
#include "source_support.h"

/* Stdin is `fd` while a source reads "-". */
static int replace_stdin(int fd)
{
    int saved = dup(STDIN_FILENO);
    assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
    close(fd);
    return saved;
}

static void restore_stdin(int saved)
{
    dup2(saved, STDIN_FILENO);
    close(saved);
}

/* ---- arguments ---- */

static void test_arguments(void **state)
{
    (void)state;
    struct source *s = arguments((const char *const[]){"a", "", "b c", NULL});
    assert_int_equal(source_fd(s), -1);
    expect_item(s, "a");
    expect_item(s, "");
    expect_item(s, "b c");
    expect_end(s);
    expect_end(arguments((const char *const[]){NULL}));
    source_free(NULL);
}

/* ---- lines ---- */

static void test_lines_of_file(void **state)
{
    (void)state;
    static const char text[] = "one\n\n  two \r\n\n\nthree";
    struct source *s = lines_of_file(file_with(text, strlen(text)), '\n');
    expect_item(s, "one");
    expect_item(s, "  two \r");
    expect_item(s, "three");
    expect_end(s);
    expect_end(lines_of_file(file_with("", 0), '\n'));
    expect_end(lines_of_file(file_with("\n\n", 2), '\n'));
}

static void test_lines_with_delimiter(void **state)
{
    (void)state;
    struct source *s = lines_of_file(file_with("a\nb\0\0c", 6), '\0');
    expect_item(s, "a\nb");
    expect_item(s, "");
    expect_item(s, "c");
    expect_end(s);
    s = lines_of_file(file_with("a,\xff,", 4), ',');
    expect_item(s, "a");
    expect_item(s, "\xff");
    expect_end(s);
}

static void test_lines_with_nul(void **state)
{
    (void)state;
    struct source *s = lines_of_file(file_with("a\nb\0c\nd\n\0", 9), '\n');
    expect_item(s, "a");
    expect_error(s, ERR_SPEC, "line 2 ");
    expect_item(s, "d");
    expect_error(s, ERR_SPEC, "NUL");
    expect_end(s);
}

static void test_lines_longer_than_a_block(void **state)
{
    (void)state;
    enum { LONG = 300000 };
    char *text = malloc(LONG + 5);
    assert_non_null(text);
    memcpy(text, "a\n", 2);
    memset(text + 2, 'x', LONG);
    memcpy(text + 2 + LONG, "\nb\n", 3);
    struct source *s = lines_of_file(file_with(text, LONG + 5), '\n');
    expect_item(s, "a");
    struct words values = {0};
    assert_int_equal(source_next(s, &values, NULL), SOURCE_ITEM);
    assert_int_equal(values.len, LONG + 1);
    words_fini(&values);
    expect_item(s, "b");
    expect_end(s);
    free(text);
}

static void test_lines_beyond_the_limit(void **state)
{
    (void)state;
    int fd = file_with("a\n", 2);
    /* A hole of NUL bytes is a line like any other here. */
    assert_int_equal(ftruncate(fd, (off_t)66 << 20), 0);
    assert_int_equal(pwrite(fd, "\nb\n", 3, (off_t)66 << 20), 3);
    struct source *s = lines_of_file(fd, '\n');
    expect_item(s, "a");
    expect_error(s, ERR_SPEC, "longer than 64 MiB");
    expect_item(s, "b");
    expect_end(s);
}

/* Nothing is held up by a pipe that has nothing to say, and its description keeps its flags. */
static void test_lines_of_pipe(void **state)
{
    (void)state;
    struct error err = {0};
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    int saved = replace_stdin(fds[0]);
    struct source *s = source_lines("-", '\n', &err);
    assert_non_null(s);
    assert_int_equal(source_fd(s), STDIN_FILENO);
    expect_status(s, SOURCE_WAIT);
    put(fds[1], "first\nsec");
    expect_item(s, "first");
    expect_status(s, SOURCE_WAIT);
    put(fds[1], "ond");
    expect_status(s, SOURCE_WAIT);
    put(fds[1], "\nlast");
    expect_item(s, "second");
    expect_status(s, SOURCE_WAIT);
    close(fds[1]);
    expect_item(s, "last");
    expect_end(s);
    assert_int_equal(fcntl(STDIN_FILENO, F_GETFL) & O_NONBLOCK, 0);
    restore_stdin(saved);
}

static void test_lines_of_socket(void **state)
{
    (void)state;
    struct error err = {0};
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    int saved = replace_stdin(fds[0]);
    struct source *s = source_lines("-", '\n', &err);
    assert_non_null(s);
    expect_status(s, SOURCE_WAIT);
    put(fds[1], "x\n");
    expect_item(s, "x");
    close(fds[1]);
    expect_end(s);
    restore_stdin(saved);
}

/* Somebody else may have set O_NONBLOCK on what we share with him. */
static void test_lines_of_nonblocking_pipe(void **state)
{
    (void)state;
    struct error err = {0};
    int fds[2];
    assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
    int saved = replace_stdin(fds[0]);
    struct source *s = source_lines("-", '\n', &err);
    expect_status(s, SOURCE_WAIT);
    put(fds[1], "x\n");
    expect_item(s, "x");
    expect_status(s, SOURCE_WAIT);
    close(fds[1]);
    expect_end(s);
    restore_stdin(saved);
}

static void test_lines_of_terminal(void **state)
{
    (void)state;
    struct error err = {0};
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
        skip();
    int saved = replace_stdin(open(ptsname(master), O_RDWR | O_NOCTTY));
    struct source *s = source_lines("-", '\n', &err);
    assert_non_null(s);
    expect_status(s, SOURCE_WAIT);
    put(master, "half");
    expect_status(s, SOURCE_WAIT);
    put(master, " a line\n");
    expect_item(s, "half a line");
    put(master, "\x04"); /* ^D at the start of a line */
    expect_end(s);
    restore_stdin(saved);
    close(master);
}

static void test_lines_errors(void **state)
{
    (void)state;
    struct error err = {0};
    assert_null(source_lines("/nonexistent/file", '\n', &err));
    assert_int_equal(err.code, ERR_INPUT);
    assert_non_null(strstr(err.message, "/nonexistent/file"));
    assert_non_null(strstr(err.message, "ENOENT"));
    assert_null(source_lines("/", '\n', &err));
    assert_int_equal(err.code, ERR_INPUT);
    assert_non_null(strstr(err.message, "EISDIR"));

    /* Address 0 of this process cannot be read: EIO. */
    struct source *s = source_lines("/proc/self/mem", '\n', &err);
    if (!s)
        skip();
    expect_error(s, ERR_INPUT, "/proc/self/mem");
    expect_end(s);
}

/* ---- product ---- */

static void test_product(void **state)
{
    (void)state;
    struct source *sources[] = {
        arguments((const char *const[]){"a", "b", NULL}),
        arguments((const char *const[]){"", NULL}),
        arguments((const char *const[]){"1", "2", "3", NULL}),
    };
    struct source *s = source_product(sources, 3);
    static const char *const expected[] = {"a||1", "a||2", "a||3", "b||1", "b||2", "b||3"};
    for (size_t i = 0; i < 6; i++) {
        struct words values = {0};
        assert_int_equal(source_next(s, &values, NULL), SOURCE_ITEM);
        assert_int_equal(values.count, 3);
        char text[8];
        snprintf(text, sizeof text, "%s|%s|%s", words_get(&values, 0), words_get(&values, 1), words_get(&values, 2));
        assert_string_equal(text, expected[i]);
        words_fini(&values);
    }
    expect_end(s);
}

static void test_product_of_few(void **state)
{
    (void)state;
    expect_end(source_product(NULL, 0));
    struct source *one = arguments((const char *const[]){"a", NULL});
    struct source *s = source_product(&one, 1);
    expect_item(s, "a");
    expect_end(s);
    struct source *empty[] = {
        arguments((const char *const[]){"a", NULL}),
        arguments((const char *const[]){NULL}),
        arguments((const char *const[]){"b", NULL}),
    };
    expect_end(source_product(empty, 3));
    struct source *no_first[] = {arguments((const char *const[]){NULL}), arguments((const char *const[]){"a", NULL})};
    expect_end(source_product(no_first, 2));
}

static void test_product_of_groups(void **state)
{
    (void)state;
    struct source *sources[] = {
        arguments((const char *const[]){"x", "y", NULL}),
        source_batch(arguments((const char *const[]){"1", "2", "3", NULL}), 2),
    };
    struct source *s = source_product(sources, 2);
    expect_item(s, "x|1|2");
    expect_item(s, "x|3");
    expect_item(s, "y|1|2");
    expect_item(s, "y|3");
    expect_end(s);
}

/* It waits for whichever source it is at: first the inner ones, then the first. */
static void test_product_waits(void **state)
{
    (void)state;
    struct error err = {0};
    int first[2], second[2];
    assert_int_equal(pipe(first), 0);
    assert_int_equal(pipe(second), 0);
    struct source *sources[2] = {source_lines(path_of(first[0]), '\n', &err), NULL};
    sources[1] = source_lines(path_of(second[0]), '\n', &err);
    int first_fd = source_fd(sources[0]), second_fd = source_fd(sources[1]);
    struct source *s = source_product(sources, 2);
    put(first[1], "a\n");
    expect_status(s, SOURCE_WAIT);
    assert_int_equal(source_fd(s), second_fd);
    put(second[1], "1\n2\n");
    expect_status(s, SOURCE_WAIT);
    close(second[1]);
    expect_item(s, "a|1");
    expect_item(s, "a|2");
    expect_status(s, SOURCE_WAIT);
    assert_int_equal(source_fd(s), first_fd);
    put(first[1], "b\n");
    expect_item(s, "b|1");
    close(first[1]);
    expect_item(s, "b|2");
    expect_end(s);
    close(first[0]);
    close(second[0]);
}

static void test_product_errors(void **state)
{
    (void)state;
    struct source *sources[] = {
        lines_of_file(file_with("a\n\0\nb\n", 6), '\n'),
        lines_of_file(file_with("\0\n1\n", 4), '\n'),
    };
    struct source *s = source_product(sources, 2);
    expect_error(s, ERR_SPEC, "NUL");
    expect_item(s, "a|1");
    expect_error(s, ERR_SPEC, "NUL");
    expect_item(s, "b|1");
    expect_end(s);

    struct error err = {0};
    struct source *broken[] = {arguments((const char *const[]){"a", NULL}),
                               source_lines("/proc/self/mem", '\n', &err)};
    if (!broken[1])
        skip();
    s = source_product(broken, 2);
    expect_error(s, ERR_INPUT, "/proc/self/mem");
    expect_end(s);
}

/* ---- batch ---- */

static void test_batch(void **state)
{
    (void)state;
    struct source *s = source_batch(arguments((const char *const[]){"1", "2", "3", "4", "5", NULL}), 2);
    expect_item(s, "1|2");
    expect_item(s, "3|4");
    expect_item(s, "5");
    expect_end(s);
    s = source_batch(arguments((const char *const[]){"1", "2", NULL}), 2);
    expect_item(s, "1|2");
    expect_end(s);
    s = source_batch(arguments((const char *const[]){"1", "2", NULL}), 1);
    expect_item(s, "1");
    expect_item(s, "2");
    expect_end(s);
    expect_end(source_batch(arguments((const char *const[]){NULL}), 3));
}

static void test_batch_is_given_whole(void **state)
{
    (void)state;
    struct error err = {0};
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    struct source *s = source_batch(source_lines(path_of(fds[0]), '\n', &err), 3);
    put(fds[1], "1\n2\n");
    expect_status(s, SOURCE_WAIT);
    put(fds[1], "3\n4\n");
    expect_item(s, "1|2|3");
    expect_status(s, SOURCE_WAIT);
    close(fds[1]);
    expect_item(s, "4");
    expect_end(s);
    close(fds[0]);
}

/* A source that gives two items and then fails. */
struct failing {
    struct source base;
    int calls;
};

static enum source_status failing_next(struct source *source, struct words *values, struct error *err)
{
    struct failing *f = (struct failing *)source;
    if (f->calls++ < 2) {
        words_add(values, "x", 1);
        return SOURCE_ITEM;
    }
    error_set(err, f->calls == 3 ? ERR_SPEC : ERR_INPUT, "broken");
    return SOURCE_ERROR;
}

static void failing_free(struct source *source)
{
    free(source);
}

static void test_batch_errors(void **state)
{
    (void)state;
    static const struct source_ops ops = {.next = failing_next, .free = failing_free};
    struct failing *f = calloc(1, sizeof *f);
    assert_non_null(f);
    f->base.ops = &ops;
    struct source *s = source_batch(&f->base, 2);
    expect_item(s, "x|x");
    expect_error(s, ERR_SPEC, "broken; its group of 2 is left out");
    expect_error(s, ERR_INPUT, "broken");
    expect_end(s);
}

/* A bad item costs its group, and moves no other item. */
static void test_batch_with_bad_items(void **state)
{
    (void)state;
    static const char text[] = "a\0\nb\nc\nd\n\0\n\0\ne\n\0\nf\n";
    struct error err = {0};
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(write(fds[1], text, sizeof text - 1), sizeof text - 1);
    close(fds[1]);
    struct source *s = source_batch(source_lines(path_of(fds[0]), '\n', &err), 2);
    expect_error(s, ERR_SPEC, "line 1 holds a NUL byte");
    expect_item(s, "c|d");
    expect_error(s, ERR_SPEC, "line 5 holds a NUL byte"); /* and nothing on line 6 */
    expect_error(s, ERR_SPEC, "line 8 holds a NUL byte");
    expect_item(s, "f");
    expect_end(s);
    close(fds[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_lines_of_file),
        cmocka_unit_test(test_lines_with_delimiter),
        cmocka_unit_test(test_lines_with_nul),
        cmocka_unit_test(test_lines_longer_than_a_block),
        cmocka_unit_test(test_lines_beyond_the_limit),
        cmocka_unit_test(test_lines_of_pipe),
        cmocka_unit_test(test_lines_of_socket),
        cmocka_unit_test(test_lines_of_nonblocking_pipe),
        cmocka_unit_test(test_lines_of_terminal),
        cmocka_unit_test(test_lines_errors),
        cmocka_unit_test(test_product),
        cmocka_unit_test(test_product_of_few),
        cmocka_unit_test(test_product_of_groups),
        cmocka_unit_test(test_product_waits),
        cmocka_unit_test(test_product_errors),
        cmocka_unit_test(test_batch),
        cmocka_unit_test(test_batch_is_given_whole),
        cmocka_unit_test(test_batch_errors),
        cmocka_unit_test(test_batch_with_bad_items),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
