/* With `recend` the cut is behind it, with `recstart` before it, with both between them. A boundary at the very
 * start of a text is none: no record would stand before it.
 */
#include "source/records.h"

#include <string.h>

#define EXPRESSION_OVERLAP 4096
#define WINDOW 65536

int records_init(struct records *r, const struct blocks_options *options, struct error *err)
{
    *r = (struct records){
        .recstart = options->recstart,
        .recend = options->recend,
        .recstart_len = strlen(options->recstart),
        .recend_len = strlen(options->recend),
        .lines = options->lines,
    };
    if (!options->regexp)
        return 0;
    if (r->recstart_len && !(r->start_regex = regex_new(options->recstart, err)))
        return error_prefix(err, "--recstart");
    if (r->recend_len && !(r->end_regex = regex_new(options->recend, err)))
        return error_prefix(err, "--recend");
    return 0;
}

void records_fini(struct records *r)
{
    regex_free(r->start_regex);
    regex_free(r->end_regex);
    *r = (struct records){0};
}

bool records_are_bytes(const struct records *r)
{
    return !r->lines && !r->recstart_len && !r->recend_len;
}

size_t records_overlap(const struct records *r)
{
    return r->start_regex || r->end_regex ? EXPRESSION_OVERLAP : r->recstart_len + r->recend_len;
}

static bool find_text(const char *what, size_t len, struct slice text, size_t from, struct regex_match *m)
{
    const char *at = NULL;
    if (from <= text.len && text.len > 0)
        at = len == 1 ? memchr(text.data + from, what[0], text.len - from)
                      : memmem(text.data + from, text.len - from, what, len);
    if (!at)
        return false;
    m->start = (size_t)(at - text.data);
    m->end = m->start + len;
    return true;
}

static bool find_end(const struct records *r, struct slice text, size_t from, struct regex_match *m)
{
    return r->end_regex ? regex_find(r->end_regex, text, from, m)
                        : find_text(r->recend, r->recend_len, text, from, m);
}

static bool find_start(const struct records *r, struct slice text, size_t from, struct regex_match *m)
{
    return r->start_regex ? regex_find(r->start_regex, text, from, m)
                          : find_text(r->recstart, r->recstart_len, text, from, m);
}

/* Does a record start at `at`? */
static bool starts_at(const struct records *r, struct slice text, size_t at, struct regex_match *m)
{
    if (r->start_regex)
        return find_start(r, text, at, m) && m->start == at;
    *m = (struct regex_match){at, at + r->recstart_len};
    return m->end <= text.len && memcmp(text.data + at, r->recstart, r->recstart_len) == 0;
}

struct slice records_strip(const struct records *r, struct slice text)
{
    struct regex_match m;
    if (r->recstart_len && starts_at(r, text, 0, &m)) {
        text.data += m.end;
        text.len -= m.end;
    }
    size_t overlap = records_overlap(r), from = text.len > overlap ? text.len - overlap : 0;
    for (; r->recend_len && find_end(r, text, from, &m); from = m.start + 1) {
        if (m.end == text.len) {
            text.len = m.start;
            break;
        }
    }
    return text;
}

static bool next_line(const struct records *r, struct slice text, size_t at, struct boundary *b)
{
    struct regex_match m = {.end = at};
    for (uint64_t i = 0; i < r->lines; i++) {
        if (!find_text("\n", 1, text, m.end, &m))
            return false;
    }
    *b = (struct boundary){m.start, m.end, m.end};
    return true;
}

bool records_next(const struct records *r, struct slice text, size_t at, struct boundary *b)
{
    struct regex_match end, start;
    if (r->lines)
        return next_line(r, text, at, b);
    if (!r->recend_len) {
        for (size_t from = at + 1; find_start(r, text, from, &start); from = start.start + 1) {
            if (start.start > at) {
                *b = (struct boundary){start.start, start.start, start.end};
                return true;
            }
        }
        return false;
    }
    for (size_t from = at; find_end(r, text, from, &end); from = end.start + 1) {
        start = (struct regex_match){end.end, end.end};
        if (end.end > at && (!r->recstart_len || starts_at(r, text, end.end, &start))) {
            *b = (struct boundary){end.start, end.end, start.end};
            return true;
        }
        if (end.start >= text.len)
            break;
    }
    return false;
}

/* The last boundary whose cut is behind `at`, by looking at all of them. */
static bool last_behind(const struct records *r, struct slice text, size_t at, struct boundary *b)
{
    bool found = false;
    while (records_next(r, text, at, b)) {
        found = true;
        at = b->cut;
    }
    return found;
}

/* A line's end, which most records have. */
static bool last_byte(const struct records *r, struct slice text, struct boundary *b)
{
    const char *at = text.len ? memrchr(text.data, r->recend[0], text.len) : NULL;
    if (!at)
        return false;
    b->from = (size_t)(at - text.data);
    b->cut = b->to = b->from + 1;
    return true;
}

bool records_last(const struct records *r, struct slice text, struct boundary *b)
{
    if (!r->lines && !r->end_regex && r->recend_len == 1 && !r->recstart_len)
        return last_byte(r, text, b);
    if (r->lines)
        return last_behind(r, text, 0, b);
    /* Windows from the end: each reaches to the end of the text, so that no separator is missed at its border. */
    for (size_t from = text.len; from > 0;) {
        from = from > WINDOW ? from - WINDOW : 0;
        if (last_behind(r, text, from, b))
            return true;
    }
    return false;
}
