/* Replacement strings: {} {.} {/} {//} {/.} {#} {%}, and {N} {N.} {N/} {N//} {N/.}. Private to templates. */
#ifndef JOBPOOL_TASK_REPLACEMENT_H
#define JOBPOOL_TASK_REPLACEMENT_H

#include "base/slice.h"
#include "base/words.h"

#include <stddef.h>

enum replacement_kind {
    REPLACE_VALUE,
    REPLACE_SEQ,  /* {#} */
    REPLACE_SLOT, /* {%} */
};

/* Which part of a value. */
enum value_part {
    PART_WHOLE,
    PART_NO_EXTENSION,      /* {.} */
    PART_BASE,              /* {/} */
    PART_DIRECTORY,         /* {//} */
    PART_BASE_NO_EXTENSION, /* {/.} */
};

struct replacement {
    enum replacement_kind kind;
    enum value_part part;
    unsigned index; /* which value, from 1; 0: all of them */
};

/* How many bytes of a replacement string stand at the start of `text`; 0 if there is none. `names` (or NULL): what
 * the first values are called, as in {NAME}, {NAME.}, {NAME/} … */
size_t replacement_scan(struct slice text, const struct words *names, struct replacement *r);

/* The offset of the first one in `text` at or after `from`, or text.len; *len is its length (0: none). */
size_t replacement_find(struct slice text, size_t from, const struct words *names, struct replacement *r,
                        size_t *len);

/* A view of the value (or of "."), with GNU parallel's meaning of the parts. */
struct slice replacement_part(struct slice value, enum value_part part);

#endif
