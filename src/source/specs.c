/* JSON values from a stream.
 *
 * Outside an array the line is the unit: a value is given when it is complete and the rest of its line is
 * known to hold nothing, or another object; if anything else follows, the whole line is bad. Inside the array
 * that may begin a stream, a value is given as soon as its last byte is there.
 *
 * The bytes of a value that was given are consumed at the next call, so that its text stays where it is.
 * `scan` belongs to the value that begins at the first unconsumed byte, and keeps what was found out about it
 * while more was read.
 */
#include "source/specs.h"

#include "base/alloc.h"
#include "source/reader.h"
#include "source/scan.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SPECS_LIMIT ((size_t)64 << 20)
#define TOO_LONG    "the value is longer than 64 MiB"

enum specs_place {
    PLACE_START,   /* nothing but white space was read */
    PLACE_LINES,   /* outside an array */
    PLACE_OPENED,  /* behind the array's '[' */
    PLACE_COMMA,   /* behind a comma of the array */
    PLACE_ELEMENT, /* behind an element: a comma or the end must follow */
    PLACE_LOST,    /* in the array, behind something bad: whatever comes is taken */
};

struct specs {
    struct reader reader;
    enum specs_place place;
    uint64_t line; /* of the first unconsumed byte, from 1 */
    size_t given;  /* bytes that belong to the answer given last */
    bool at_end;   /* nothing more comes */
    bool skipping; /* inside a line that was too long */
    struct scan scan;
    size_t blanks;     /* where the blanks behind a complete value end, as far as is known */
    size_t no_newline; /* in front of this no line's end was found */
};

static struct specs *specs_named(int fd, bool own, const char *name)
{
    struct specs *s = xcalloc(1, sizeof *s);
    reader_init(&s->reader, fd, own, name);
    s->line = 1;
    return s;
}

struct specs *specs_open(const char *path, struct error *err)
{
    int fd = reader_open(path, err);
    bool is_stdin = fd == STDIN_FILENO;
    return fd < 0 ? NULL : specs_named(fd, !is_stdin, is_stdin ? "standard input" : path);
}

struct specs *specs_new(int fd, bool own)
{
    return specs_named(fd, own, fd == STDIN_FILENO ? "standard input" : "the specs");
}

void specs_free(struct specs *s)
{
    if (!s)
        return;
    reader_fini(&s->reader);
    free(s);
}

int specs_fd(const struct specs *s)
{
    return reader_fd(&s->reader);
}

static void specs_consume(struct specs *s, size_t len)
{
    const char *at = reader_rest(&s->reader).data, *end = at + len;
    while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
        s->line++;
        at++;
    }
    reader_consume(&s->reader, len);
    scan_reset(&s->scan);
    s->blanks = s->no_newline = 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct slice trimmed(struct slice text)
{
    while (text.len > 0 && (is_blank(text.data[text.len - 1]) || text.data[text.len - 1] == '\n'))
        text.len--;
    return text;
}

/* Finds the next line's end behind `from`: the offset of '\n', or of the end of input. False: more must be
 * read, and it is looked for again from the same place, as long as nothing is consumed. */
static bool find_line_end(struct specs *s, struct slice rest, size_t from, size_t *end)
{
    from = from > s->no_newline ? from : s->no_newline;
    const char *newline = from < rest.len ? memchr(rest.data + from, '\n', rest.len - from) : NULL;
    *end = newline ? (size_t)(newline - rest.data) : rest.len;
    s->no_newline = *end;
    return newline || s->at_end;
}

static enum source_status give(struct specs *s, size_t len, size_t consume, struct slice *text,
                               uint64_t *line)
{
    *text = (struct slice){reader_rest(&s->reader).data, len};
    *line = s->line;
    s->given = consume;
    return SOURCE_ITEM;
}

/* The first `len` bytes are bad, `consume` of them are done with. */
static enum source_status give_bad(struct specs *s, size_t len, size_t consume, const char *what,
                                   struct slice *text, uint64_t *line, struct error *err)
{
    give(s, len, consume, text, line);
    *text = trimmed(*text);
    if (s->place > PLACE_LINES)
        s->place = PLACE_LOST;
    error_set(err, ERR_SPEC, "%s", what);
    return SOURCE_ERROR;
}

/* A bad value whose text ends at `end`. If a line inside it looks like the start of a good one, reading goes
 * on there. */
static enum source_status give_broken(struct specs *s, size_t end, const char *what, struct slice *text,
                                      uint64_t *line, struct error *err)
{
    size_t len = s->scan.resume > 0 && s->scan.resume < end ? s->scan.resume : end;
    return give_bad(s, len, len, what, text, line, err);
}

/* A value of one word, as far as it can be told from garbage without parsing it. */
static bool is_scalar(struct slice text)
{
    return text.data[0] == '"' || text.data[0] == '-' || (text.data[0] >= '0' && text.data[0] <= '9') ||
           slice_is(text, "true") || slice_is(text, "false") || slice_is(text, "null");
}

/* A line that begins with neither '{' nor '['. SOURCE_WAIT: its end was not read yet. */
static enum source_status next_plain_line(struct specs *s, struct slice rest, struct slice *text,
                                          uint64_t *line, struct error *err)
{
    size_t end;
    if (!find_line_end(s, rest, s->scan.at, &end)) {
        s->scan.at = end;
        return SOURCE_WAIT;
    }
    struct slice word = trimmed((struct slice){rest.data, end});
    if (is_scalar(word))
        return give(s, word.len, end, text, line);
    return give_bad(s, end, end, "no JSON", text, line, err);
}

/* The same in an array, where a comma or bracket ends it too. */
static enum source_status next_plain_element(struct specs *s, struct slice rest, struct slice *text,
                                             uint64_t *line, struct error *err)
{
    size_t end = s->scan.at;
    while (end < rest.len && !is_blank(rest.data[end]) && !memchr("\n,]", rest.data[end], 3))
        end++;
    s->scan.at = end;
    if (end == rest.len && !s->at_end)
        return SOURCE_WAIT;
    struct slice word = {rest.data, end};
    if (!is_scalar(word))
        return give_bad(s, end, end, "no JSON", text, line, err);
    s->place = PLACE_ELEMENT;
    return give(s, end, end, text, line);
}

/* A complete value stands in front of scan.at: may it be given? */
static enum source_status finish_value(struct specs *s, struct slice rest, struct slice *text, uint64_t *line,
                                       struct error *err)
{
    size_t end, at = s->scan.at;
    if (at > SPECS_LIMIT)
        return give_bad(s, at, at, TOO_LONG, text, line, err);
    if (s->place > PLACE_LINES) {
        s->place = PLACE_ELEMENT;
        return give(s, at, at, text, line);
    }
    at = at > s->blanks ? at : s->blanks;
    while (at < rest.len && is_blank(rest.data[at]))
        at++;
    s->blanks = at;
    if (at == rest.len ? s->at_end : rest.data[at] == '\n' || rest.data[at] == '{')
        return give(s, s->scan.at, s->scan.at, text, line);
    if (!find_line_end(s, rest, at, &end))
        return SOURCE_WAIT;
    return give_bad(s, end, end, "something follows the value on its line", text, line, err);
}

/* The value that begins the rest with a bracket (or, in an array, a quote). SOURCE_WAIT: more must be
 * read. */
static enum source_status next_value(struct specs *s, struct slice rest, struct slice *text, uint64_t *line,
                                     struct error *err)
{
    size_t end;
    switch (scan_value(&s->scan, rest)) {
    case SCAN_DONE:
        return finish_value(s, rest, text, line, err);
    case SCAN_BAD:
        return give_broken(s, s->scan.at, s->scan.what, text, line, err);
    case SCAN_BAD_LINE:
        if (!find_line_end(s, rest, s->scan.at, &end))
            return SOURCE_WAIT;
        return give_broken(s, end, s->scan.what, text, line, err);
    case SCAN_MORE:
    default:
        if (!s->at_end)
            return SOURCE_WAIT;
        return give_broken(s, rest.len, "the input ends inside the value", text, line, err);
    }
}

/* What stands between the elements of the array. True: it was dealt with, look again. */
static bool pass_separator(struct specs *s, char c)
{
    bool after_value = s->place == PLACE_ELEMENT || s->place == PLACE_LOST;
    if (c == ',' && after_value)
        s->place = PLACE_COMMA;
    else if (c == ']' && (after_value || s->place == PLACE_OPENED))
        s->place = PLACE_LINES;
    else if (c == '[' && s->place == PLACE_START)
        s->place = PLACE_OPENED;
    else
        return false;
    specs_consume(s, 1);
    return true;
}

/* Something stands in the array where it cannot. */
static enum source_status next_misplaced(struct specs *s, struct slice rest, struct slice *text,
                                         uint64_t *line, struct error *err)
{
    size_t end;
    if (rest.data[0] == ']') {
        give_bad(s, 1, 1, "a comma stands before the array's end", text, line, err);
        s->place = PLACE_LINES;
        return SOURCE_ERROR;
    }
    if (!find_line_end(s, rest, s->scan.at, &end)) {
        s->scan.at = end;
        return SOURCE_WAIT;
    }
    const char *what =
        s->place == PLACE_ELEMENT ? "a comma is missing between two values" : "a value is missing";
    return give_bad(s, end, end, what, text, line, err);
}

static void skip_white_space(struct specs *s)
{
    struct slice rest = reader_rest(&s->reader);
    size_t len = 0;
    while (len < rest.len && (is_blank(rest.data[len]) || rest.data[len] == '\n'))
        len++;
    if (len > 0)
        specs_consume(s, len);
}

/* The byte order mark. False: not enough was read to know. */
static bool skip_mark(struct specs *s)
{
    static const char mark[] = "\xef\xbb\xbf";
    struct slice rest = reader_rest(&s->reader);
    size_t len = rest.len < 3 ? rest.len : 3;
    if (s->line > 1 || memcmp(rest.data, mark, len) != 0)
        return true;
    if (len == 3)
        specs_consume(s, 3);
    return len == 3 || s->at_end;
}

/* The next answer from what was read; SOURCE_WAIT: more must be read. */
static enum source_status next_from_rest(struct specs *s, struct slice *text, uint64_t *line,
                                         struct error *err)
{
    if (s->place == PLACE_START && !skip_mark(s))
        return SOURCE_WAIT;
    struct slice rest;
    do {
        if (s->scan.at == 0)
            skip_white_space(s);
        rest = reader_rest(&s->reader);
        if (rest.len == 0)
            return SOURCE_WAIT;
    } while (pass_separator(s, rest.data[0]));
    if (s->place == PLACE_START)
        s->place = PLACE_LINES;

    char c = rest.data[0];
    bool in_array = s->place > PLACE_LINES;
    if (in_array && (s->place == PLACE_ELEMENT || c == ',' || c == ']'))
        return next_misplaced(s, rest, text, line, err);
    if (c == '{' || c == '[' || (in_array && c == '"'))
        return next_value(s, rest, text, line, err);
    return in_array ? next_plain_element(s, rest, text, line, err)
                    : next_plain_line(s, rest, text, line, err);
}

/* Drops the rest of a line that was too long. False: it goes on. */
static bool skip_long_line(struct specs *s)
{
    size_t end;
    struct slice rest = reader_rest(&s->reader);
    s->skipping = !find_line_end(s, rest, 0, &end);
    specs_consume(s, end);
    return !s->skipping;
}

enum source_status specs_next(struct specs *s, struct slice *text, uint64_t *line, struct error *err)
{
    if (s->given > 0)
        specs_consume(s, s->given);
    s->given = 0;
    for (;;) {
        enum source_status status = SOURCE_WAIT;
        if (!s->skipping || skip_long_line(s))
            status = next_from_rest(s, text, line, err);
        if (status != SOURCE_WAIT)
            return status;
        size_t len = reader_rest(&s->reader).len;
        if (len > SPECS_LIMIT) {
            s->skipping = true;
            return give_bad(s, len, len, TOO_LONG, text, line, err);
        }
        if (s->at_end)
            break;
        status = reader_fill(&s->reader, err);
        if (status == SOURCE_ERROR) {
            give(s, 0, 0, text, line);
            s->given = reader_rest(&s->reader).len;
            s->place = PLACE_LINES;
            s->at_end = true;
            return status;
        }
        if (status == SOURCE_WAIT)
            return status;
        s->at_end = status == SOURCE_END;
    }
    if (s->place <= PLACE_LINES)
        return SOURCE_END;
    give_bad(s, 0, 0, "the input ends inside the array", text, line, err);
    s->place = PLACE_LINES;
    return SOURCE_ERROR;
}
