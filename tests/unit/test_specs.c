/* source/specs: where JSON values begin and end in a stream.
 *
 * tests/data/stream holds pairs: NAME.in is a stream, NAME.out what is to come of it, one line for each answer:
 * the line number, "ok" or "bad", the text with control bytes as \xNN. In valid/ all are ok; in invalid/ one at least is
 * bad. Each stream comes whole from a file, and through a pipe in pieces of several sizes.
 */
#include "source/specs.h"

#include "base/buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void append_answer(struct buffer *out, enum source_status status, struct slice text, uint64_t line)
{
    buffer_printf(out, "%llu %s ", (unsigned long long)line, status == SOURCE_ITEM ? "ok" : "bad");
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c < 0x20 || c >= 0x7f)
            buffer_printf(out, "\\x%02x", c);
        else
            buffer_putc(out, (char)c);
    }
    buffer_putc(out, '\n');
}

/* Takes answers until there is none now: SOURCE_WAIT or SOURCE_END. */
static enum source_status take_all(struct specs *s, struct buffer *out)
{
    for (;;) {
        struct slice text;
        uint64_t line;
        struct error err = {0};
        enum source_status status = specs_next(s, &text, &line, &err);
        if (status == SOURCE_WAIT || status == SOURCE_END)
            return status;
        if (status == SOURCE_ERROR) {
            assert_int_equal(err.code, ERR_SPEC);
            assert_true(err.message[0] != '\0');
        }
        append_answer(out, status, text, line);
    }
}

static int file_with(const void *data, size_t len)
{
    int fd = memfd_create("input", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, len), (ssize_t)len);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static void read_whole(struct buffer *out, const char *data, size_t len)
{
    struct specs *s = specs_new(file_with(data, len), true);
    assert_int_equal(specs_fd(s), -1);
    assert_int_equal(take_all(s, out), SOURCE_END);
    assert_int_equal(take_all(s, out), SOURCE_END);
    specs_free(s);
}

static void read_in_pieces(struct buffer *out, const char *data, size_t len, size_t piece)
{
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    struct specs *s = specs_new(fds[0], true);
    assert_int_equal(specs_fd(s), fds[0]);
    while (len > 0) {
        size_t now = len < piece ? len : piece;
        assert_int_equal(write(fds[1], data, now), (ssize_t)now);
        assert_int_equal(take_all(s, out), SOURCE_WAIT);
        data += now;
        len -= now;
    }
    assert_int_equal(fcntl(fds[0], F_GETFL) & O_NONBLOCK, 0);
    close(fds[1]);
    assert_int_equal(take_all(s, out), SOURCE_END);
    specs_free(s);
}

static void check(const char *name, const char *data, size_t len, const char *expected)
{
    static const size_t pieces[] = {1, 2, 3, 7, 64, 4096};
    struct buffer got = {0};
    read_whole(&got, data, len);
    if (strcmp(buffer_text(&got), expected) != 0)
        fail_msg("%s: expected\n%sbut got\n%s", name, expected, buffer_text(&got));
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        buffer_clear(&got);
        read_in_pieces(&got, data, len, pieces[i]);
        if (strcmp(buffer_text(&got), expected) != 0)
            fail_msg("%s in pieces of %zu: expected\n%sbut got\n%s", name, pieces[i], expected, buffer_text(&got));
    }
    buffer_fini(&got);
}

/* ---- the suite in files ---- */

static void load(const char *path, struct buffer *out)
{
    FILE *f = fopen(path, "re");
    if (!f)
        fail_msg("%s cannot be opened", path);
    size_t got;
    do {
        got = fread(buffer_reserve(out, 4096), 1, 4096, f);
        out->len += got;
    } while (got > 0);
    fclose(f);
}

static size_t run_suite(const char *folder, bool valid)
{
    char path[512];
    size_t count = 0;
    snprintf(path, sizeof path, "%s/data/stream/%s", TESTS_DIR, folder);
    DIR *dir = opendir(path);
    if (!dir)
        fail_msg("%s cannot be opened", path);
    for (struct dirent *d; (d = readdir(dir));) {
        const char *dot = strrchr(d->d_name, '.');
        if (!dot || strcmp(dot, ".in") != 0)
            continue;
        struct buffer in = {0}, out = {0};
        snprintf(path, sizeof path, "%s/data/stream/%s/%s", TESTS_DIR, folder, d->d_name);
        load(path, &in);
        memcpy(strrchr(path, '.'), ".out", 5);
        load(path, &out);
        if (valid == (strstr(buffer_text(&out), " bad ") != NULL))
            fail_msg("%s does not belong into %s", d->d_name, folder);
        check(d->d_name, in.data, in.len, buffer_text(&out));
        buffer_fini(&in);
        buffer_fini(&out);
        count++;
    }
    closedir(dir);
    return count;
}

static void test_valid_streams(void **state)
{
    (void)state;
    assert_true(run_suite("valid", true) >= 10);
}

static void test_invalid_streams(void **state)
{
    (void)state;
    assert_true(run_suite("invalid", false) >= 10);
}

/* ---- what files cannot show ---- */

static void test_empty(void **state)
{
    (void)state;
    check("nothing", "", 0, "");
    check("white space", " \r\n\t\n", 5, "");
    check("byte order mark", "\xef\xbb\xbf", 3, "");
}

/* A value is given as soon as the end of its line is there, or in an array its last byte. */
static void test_conversation(void **state)
{
    (void)state;
    struct buffer got = {0};
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    struct specs *s = specs_new(fds[0], true);
    assert_int_equal(write(fds[1], "{\"a\":1}", 7), 7);
    assert_int_equal(take_all(s, &got), SOURCE_WAIT);
    assert_string_equal(buffer_text(&got), "");
    assert_int_equal(write(fds[1], "\n", 1), 1);
    assert_int_equal(take_all(s, &got), SOURCE_WAIT);
    assert_string_equal(buffer_text(&got), "1 ok {\"a\":1}\n");
    assert_int_equal(write(fds[1], "{\"b\":\n2}\n{\"c\"", 13), 13);
    assert_int_equal(take_all(s, &got), SOURCE_WAIT);
    assert_string_equal(buffer_text(&got), "1 ok {\"a\":1}\n2 ok {\"b\":\\x0a2}\n");
    specs_free(s);
    close(fds[1]);

    buffer_clear(&got);
    assert_int_equal(pipe(fds), 0);
    s = specs_new(fds[0], true);
    assert_int_equal(write(fds[1], "[{\"a\":1}", 8), 8);
    assert_int_equal(take_all(s, &got), SOURCE_WAIT);
    assert_string_equal(buffer_text(&got), "1 ok {\"a\":1}\n");
    specs_free(s);
    close(fds[1]);
    buffer_fini(&got);
}

/* Brackets one deeper than any parser takes; the next line is not touched by that. */
static void test_depth(void **state)
{
    (void)state;
    struct buffer in = {0}, out = {0};
    buffer_puts(&in, "{\"a\":");
    for (int i = 0; i < 2048; i++)
        buffer_putc(&in, '[');
    for (int i = 0; i < 2048; i++)
        buffer_putc(&in, ']');
    buffer_putc(&in, '}');
    buffer_printf(&out, "1 bad %s\n2 ok {}\n", buffer_text(&in));
    buffer_puts(&in, "\n{}\n");
    check("too deep", in.data, in.len, buffer_text(&out));
    buffer_fini(&in);
    buffer_fini(&out);
}

static void test_long_value(void **state)
{
    (void)state;
    struct buffer in = {0}, out = {0};
    buffer_puts(&in, "{\"a\":\"");
    memset(buffer_reserve(&in, 1 << 20), 'x', 1 << 20);
    in.len += 1 << 20;
    buffer_puts(&in, "\\\"\"}");
    buffer_printf(&out, "1 ok %s\n2 ok {}\n", buffer_text(&in));
    buffer_puts(&in, "\n{}\n");
    struct buffer got = {0};
    read_whole(&got, in.data, in.len);
    assert_int_equal(got.len, out.len);
    assert_memory_equal(got.data, out.data, out.len);
    buffer_clear(&got);
    read_in_pieces(&got, in.data, in.len, 10000);
    assert_int_equal(got.len, out.len);
    assert_memory_equal(got.data, out.data, out.len);
    buffer_fini(&got);
    buffer_fini(&in);
    buffer_fini(&out);
}

/* What follows a value without a line's end comes in many pieces; looking at all of it each time would take
 * minutes. */
static void test_long_rest_of_a_line(void **state)
{
    (void)state;
    static const char *const begins[] = {"{\"a\":1}", "{\"a\":1} x", "{]"};
    size_t len = (size_t)8 << 20;
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++) {
        struct buffer in = {0}, out = {0};
        buffer_puts(&in, begins[i]);
        memset(buffer_reserve(&in, len), ' ', len);
        in.len += len;
        buffer_puts(&in, "\n{}\n");
        read_in_pieces(&out, in.data, in.len, 200);
        char expected[64];
        snprintf(expected, sizeof expected, "1 %s %s\n2 ok {}\n", i == 0 ? "ok" : "bad", begins[i]);
        assert_string_equal(buffer_text(&out), expected);
        buffer_fini(&in);
        buffer_fini(&out);
    }
}

/* 66 MiB in one value: refused, and the next line is read. */
static void test_limit(void **state)
{
    (void)state;
    int fd = file_with("{\"a\":\"", 6);
    char *block = malloc(1 << 20);
    assert_non_null(block);
    memset(block, 'x', 1 << 20);
    assert_int_equal(lseek(fd, 0, SEEK_END), 6);
    for (int i = 0; i < 66; i++)
        assert_int_equal(write(fd, block, 1 << 20), 1 << 20);
    free(block);
    assert_int_equal(write(fd, "\"}\n{\"b\":1}\n", 11), 11);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    struct specs *s = specs_new(fd, true);
    struct slice text;
    uint64_t line;
    struct error err = {0};
    assert_int_equal(specs_next(s, &text, &line, &err), SOURCE_ERROR);
    assert_int_equal(err.code, ERR_SPEC);
    assert_int_equal(line, 1);
    assert_memory_equal(text.data, "{\"a\":\"xxx", 9);
    assert_non_null(strstr(err.message, "64 MiB"));
    assert_int_equal(specs_next(s, &text, &line, &err), SOURCE_ITEM);
    assert_true(slice_is(text, "{\"b\":1}"));
    assert_int_equal(line, 2);
    assert_int_equal(specs_next(s, &text, &line, &err), SOURCE_END);
    specs_free(s);
}

static void test_read_error(void **state)
{
    (void)state;
    int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(fd >= 0);
    struct specs *s = specs_new(fd, true);
    struct slice text;
    uint64_t line;
    struct error err = {0};
    assert_int_equal(specs_next(s, &text, &line, &err), SOURCE_ERROR);
    assert_int_equal(err.code, ERR_INPUT);
    assert_non_null(strstr(err.message, "EISDIR"));
    assert_int_equal(specs_next(s, &text, &line, &err), SOURCE_END);
    specs_free(s);
    specs_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid_streams), cmocka_unit_test(test_invalid_streams), cmocka_unit_test(test_empty),
        cmocka_unit_test(test_conversation),  cmocka_unit_test(test_depth),           cmocka_unit_test(test_long_value),
        cmocka_unit_test(test_limit),         cmocka_unit_test(test_read_error),
        cmocka_unit_test(test_long_rest_of_a_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
