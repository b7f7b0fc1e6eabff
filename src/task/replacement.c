/* Replacement strings: where they are in a text, and what they make of a value. Whatever else stands in
 * braces is ordinary text. */
#include "task/replacement.h"

static const struct {
    const char *name;
    enum value_part part;
} parts[] = {
    {"", PART_WHOLE},           {".", PART_NO_EXTENSION},       {"/", PART_BASE},
    {"//", PART_DIRECTORY},     {"/.", PART_BASE_NO_EXTENSION},
};

/* More digits than anyone has values, few enough to fit in the index. */
#define MAX_DIGITS 6

/* The part that stands in front of the brace at the end; how long both are, or 0. */
static size_t scan_part(struct slice text, struct replacement *r)
{
    size_t len = 0;
    while (len < text.len && len < 3 && text.data[len] != '}')
        len++;
    if (len == text.len || text.data[len] != '}')
        return 0;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (slice_is((struct slice){text.data, len}, parts[i].name)) {
            r->part = parts[i].part;
            return len + 1;
        }
    }
    return 0;
}

static size_t scan_name(struct slice text, const struct words *names, struct replacement *r)
{
    unsigned index = 0;
    for (const char *name = NULL; names && (name = words_next(names, name));) {
        size_t len = strlen(name), rest = 0;
        index++;
        if (len > 0 && len < text.len && memcmp(text.data + 1, name, len) == 0)
            rest = scan_part((struct slice){text.data + 1 + len, text.len - 1 - len}, r);
        if (rest) {
            r->index = index;
            return 1 + len + rest;
        }
    }
    return 0;
}

size_t replacement_scan(struct slice text, const struct words *names, struct replacement *r)
{
    size_t at = 1, digits = 0;
    unsigned index = 0;
    if (text.len < 2 || text.data[0] != '{')
        return 0;
    *r = (struct replacement){.kind = REPLACE_VALUE};
    if (text.len > 2 && text.data[2] == '}' && (text.data[1] == '#' || text.data[1] == '%')) {
        r->kind = text.data[1] == '#' ? REPLACE_SEQ : REPLACE_SLOT;
        return 3;
    }
    for (; at < text.len && text.data[at] >= '0' && text.data[at] <= '9'; at++, digits++) {
        if (digits == MAX_DIGITS)
            return scan_name(text, names, r);
        index = index * 10 + (unsigned)(text.data[at] - '0');
    }
    if (digits && index == 0)
        return scan_name(text, names, r);
    r->index = index;
    size_t len = scan_part((struct slice){text.data + at, text.len - at}, r);
    if (len)
        return at + len;
    r->index = 0;
    return scan_name(text, names, r);
}

size_t replacement_find(struct slice text, size_t from, const struct words *names, struct replacement *r,
                        size_t *len)
{
    *len = 0;
    for (size_t at = from; at < text.len; at++) {
        const char *brace = memchr(text.data + at, '{', text.len - at);
        if (!brace)
            break;
        at = (size_t)(brace - text.data);
        *len = replacement_scan((struct slice){brace, text.len - at}, names, r);
        if (*len)
            return at;
    }
    return text.len;
}

static struct slice after_last_slash(struct slice s)
{
    const char *slash = s.len ? memrchr(s.data, '/', s.len) : NULL;
    if (!slash)
        return s;
    size_t skip = (size_t)(slash - s.data) + 1;
    return (struct slice){s.data + skip, s.len - skip};
}

static struct slice without_extension(struct slice s)
{
    struct slice base = after_last_slash(s);
    const char *dot = base.len ? memrchr(base.data, '.', base.len) : NULL;
    if (dot)
        s.len -= (size_t)(base.data + base.len - dot);
    return s;
}

/* What dirname(1) says, with "." for a name without a slash. */
static struct slice directory(struct slice s)
{
    while (s.len > 1 && s.data[s.len - 1] == '/')
        s.len--;
    if (s.len == 1 && s.data[0] == '/')
        return s;
    s.len -= after_last_slash(s).len;
    if (s.len == 0)
        return slice_of(".");
    while (s.len > 1 && s.data[s.len - 1] == '/')
        s.len--;
    return s;
}

struct slice replacement_part(struct slice value, enum value_part part)
{
    switch (part) {
    case PART_WHOLE:
        break;
    case PART_NO_EXTENSION:
        return without_extension(value);
    case PART_BASE:
        return after_last_slash(value);
    case PART_DIRECTORY:
        return directory(value);
    case PART_BASE_NO_EXTENSION:
        return without_extension(after_last_slash(value));
    }
    return value;
}
