/* White space at the ends of values. */
#ifndef JOBPOOL_SOURCE_TRIM_H
#define JOBPOOL_SOURCE_TRIM_H

#include "base/slice.h"

#include <stdbool.h>

enum trim {
    TRIM_NONE = 0,
    TRIM_LEFT = 1,
    TRIM_RIGHT = 2,
    TRIM_BOTH = TRIM_LEFT | TRIM_RIGHT,
};

static inline bool trim_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* A view of what is left. */
static inline struct slice trim_slice(struct slice s, enum trim trim)
{
    while ((trim & TRIM_LEFT) && s.len > 0 && trim_is_space(s.data[0])) {
        s.data++;
        s.len--;
    }
    while ((trim & TRIM_RIGHT) && s.len > 0 && trim_is_space(s.data[s.len - 1]))
        s.len--;
    return s;
}

#endif
