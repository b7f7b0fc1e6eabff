/* What the tests of sources share: sources from lists and bytes, and what comes out of them. */
#ifndef JOBPOOL_TESTS_SOURCE_SUPPORT_H
#define JOBPOOL_TESTS_SOURCE_SUPPORT_H

#include "base/buffer.h"
#include "source/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static inline struct source *arguments(const char *const *list)
{
    struct words items = {0};
    for (; *list; list++)
        words_add(&items, *list, strlen(*list));
    return source_arguments(&items);
}

/* Asks for the next item and compares it, its words joined by '|'. */
static inline void expect_item(struct source *s, const char *expected)
{
    struct words values = {0};
    struct error err = {0};
    assert_int_equal(source_next(s, &values, &err), SOURCE_ITEM);
    char text[256] = "";
    for (const char *v = NULL; (v = words_next(&values, v));) {
        if (*text)
            strcat(text, "|");
        strcat(text, v);
    }
    assert_string_equal(text, expected);
    words_fini(&values);
}

static inline void expect_status(struct source *s, enum source_status expected)
{
    struct words values = {0};
    struct error err = {0};
    assert_int_equal(source_next(s, &values, &err), expected);
    assert_int_equal(values.count, 0);
    words_fini(&values);
}

static inline void expect_end(struct source *s)
{
    expect_status(s, SOURCE_END);
    expect_status(s, SOURCE_END);
    source_free(s);
}

static inline void expect_error(struct source *s, enum error_code code, const char *part)
{
    struct words values = {0};
    struct error err = {0};
    assert_int_equal(source_next(s, &values, &err), SOURCE_ERROR);
    assert_int_equal(err.code, code);
    if (!strstr(err.message, part))
        fail_msg("\"%s\" is not in \"%s\"", part, err.message);
    words_fini(&values);
}

static inline void put(int fd, const char *text)
{
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

/* A path through which this process can open `fd` again. */
static inline const char *path_of(int fd)
{
    static char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return path;
}

/* A file with this content; opened again by each source. */
static inline int file_with(const void *data, size_t len)
{
    int fd = memfd_create("input", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, len), (ssize_t)len);
    return fd;
}

static inline struct source *lines_of_file(int fd, char delimiter)
{
    struct error err = {0};
    struct source *s = source_lines(path_of(fd), delimiter, &err);
    assert_non_null(s);
    assert_int_equal(source_fd(s), -1);
    close(fd);
    return s;
}

/* The lines of a file with this text. */
static inline struct source *lines(const char *text)
{
    return lines_of_file(file_with(text, strlen(text)), '\n');
}

/* All that a source gives, and frees it: words are joined by '|', items by ';', and a bad item is '!'. */
static inline void expect_all(struct source *s, const char *expected)
{
    struct words values = {0};
    struct error err = {0};
    struct buffer text = {0};
    enum source_status status;
    while ((status = source_next(s, &values, &err)) != SOURCE_END) {
        assert_true(status == SOURCE_ITEM || (status == SOURCE_ERROR && err.code == ERR_SPEC));
        buffer_puts(&text, status == SOURCE_ERROR ? "!" : "");
        for (const char *v = NULL; (v = words_next(&values, v));)
            buffer_printf(&text, "%s%s", v == values.data ? "" : "|", v);
        buffer_putc(&text, ';');
        words_clear(&values);
    }
    assert_string_equal(buffer_text(&text), expected);
    buffer_fini(&text);
    words_fini(&values);
    expect_end(s);
}

/* A list of words, ended by NULL. */
#define LIST(...) arguments((const char *const[]){__VA_ARGS__, NULL})
#define NONE      arguments((const char *const[]){NULL})

#endif
