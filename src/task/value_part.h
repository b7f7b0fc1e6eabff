/* What a replacement string takes of a value: a part of it as it stands there ({.} {/} …), which is a view; or what
 * the forms with a text of their own make of it (value_change.h). GNU parallel's meanings, byte for byte. Private
 * to templates.
 */
#ifndef JOBPOOL_TASK_VALUE_PART_H
#define JOBPOOL_TASK_VALUE_PART_H

#include "base/slice.h"

enum value_part {
    PART_WHOLE,
    PART_NO_EXTENSION,        /* {.} */
    PART_BASE,                /* {/} */
    PART_DIRECTORY,           /* {//} */
    PART_BASE_NO_EXTENSION,   /* {/.} */
    PART_NO_EXTENSION_2,      /* {..} */
    PART_NO_EXTENSION_3,      /* {...} */
    PART_BASE_NO_EXTENSION_2, /* {/..} */
    PART_BASE_NO_EXTENSION_3, /* {/...} */
    PART_BEFORE_BASE,         /* {+/} */
    PART_EXTENSION,           /* {+.} */
    PART_EXTENSION_2,         /* {+..} */
    PART_EXTENSION_3,         /* {+...} */
    /* From here on they make something new of the value. */
    PART_OR_ELSE,       /* {:-first} */
    PART_FROM,          /* {:first} */
    PART_RANGE,         /* {:first:second} */
    PART_NO_START,      /* {#first} as little as matches */
    PART_NO_START_MOST, /* {##first} */
    PART_NO_END,        /* {%first} as little as matches */
    PART_NO_END_MOST,   /* {%%first} */
    PART_REPLACE,       /* {/first/second} */
    PART_REPLACE_ALL,   /* {//first/second} */
    PART_REPLACE_START, /* {/#first/second} */
    PART_REPLACE_END,   /* {/%first/second} */
    PART_UPPER_START,   /* {^first} */
    PART_UPPER,         /* {^^first} */
    PART_LOWER_START,   /* {,first} */
    PART_LOWER,         /* {,,first} */
};

struct value_form {
    enum value_part part;
    struct slice first, second; /* from PART_OR_ELSE on */
};

/* A view of the value, or of "." (the directory of a name without one). `part` is before PART_OR_ELSE. */
struct slice value_part(struct slice value, enum value_part part);

#endif
