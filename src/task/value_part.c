/* Extensions are counted from the end: each is a dot and what stands behind it, without dots and slashes. */
#include "task/value_part.h"

static struct slice after_last_slash(struct slice s)
{
    const char *slash = s.len ? memrchr(s.data, '/', s.len) : NULL;
    if (!slash)
        return s;
    size_t skip = (size_t)(slash - s.data) + 1;
    return (struct slice){s.data + skip, s.len - skip};
}

/* The length of the last `count` extensions, their dots included; 0 if there are fewer. */
static size_t extensions_length(struct slice s, unsigned count)
{
    struct slice base = after_last_slash(s);
    size_t at = base.len;
    while (count > 0 && at > 0) {
        if (base.data[--at] == '.')
            count--;
    }
    return count == 0 ? base.len - at : 0;
}

static struct slice without_extensions(struct slice s, unsigned count)
{
    s.len -= extensions_length(s, count);
    return s;
}

/* Without the dot in front of them. */
static struct slice extensions(struct slice s, unsigned count)
{
    size_t len = extensions_length(s, count);
    if (len == 0)
        return (struct slice){s.data, 0};
    return (struct slice){s.data + s.len - len + 1, len - 1};
}

/* What stands behind the last dot, of whatever part of the path it is. */
static struct slice after_last_dot(struct slice s)
{
    const char *dot = s.len ? memrchr(s.data, '.', s.len) : NULL;
    if (!dot)
        return (struct slice){s.data, 0};
    return (struct slice){dot + 1, s.len - (size_t)(dot + 1 - s.data)};
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

/* Up to the last slash, without it. */
static struct slice before_base(struct slice s)
{
    s.len -= after_last_slash(s).len;
    s.len -= s.len > 0;
    return s;
}

struct slice value_part(struct slice value, enum value_part part)
{
    switch (part) {
    case PART_NO_EXTENSION:
        return without_extensions(value, 1);
    case PART_NO_EXTENSION_2:
        return without_extensions(value, 2);
    case PART_NO_EXTENSION_3:
        return without_extensions(value, 3);
    case PART_BASE:
        return after_last_slash(value);
    case PART_DIRECTORY:
        return directory(value);
    case PART_BASE_NO_EXTENSION:
        return without_extensions(after_last_slash(value), 1);
    case PART_BASE_NO_EXTENSION_2:
        return without_extensions(after_last_slash(value), 2);
    case PART_BASE_NO_EXTENSION_3:
        return without_extensions(after_last_slash(value), 3);
    case PART_BEFORE_BASE:
        return before_base(value);
    case PART_EXTENSION:
        return after_last_dot(value);
    case PART_EXTENSION_2:
        return extensions(value, 2);
    case PART_EXTENSION_3:
        return extensions(value, 3);
    default:
        return value;
    }
}
