/* Where one JSON value ends, found without building it and in any number of pieces. Private to specs.c. */
#ifndef JOBPOOL_SOURCE_SCAN_H
#define JOBPOOL_SOURCE_SCAN_H

#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCAN_DEPTH 2048 /* jansson's own bound */

enum scan_status {
    SCAN_MORE,     /* the value goes on behind the text */
    SCAN_DONE,     /* it ends in front of `at` */
    SCAN_BAD,      /* it cannot go on: what is in front of `at` is bad, `what` says why */
    SCAN_BAD_LINE, /* the same, but the rest of the line in which `at` stands is part of it */
};

struct scan {
    size_t at;      /* bytes looked at */
    size_t line_at; /* where the line of `at` begins */
    size_t resume;  /* the first further line that begins with '{' in its first column; 0: none */
    unsigned depth;
    bool in_string;
    bool line_start; /* only white space since line_at, and it is a further line */
    char last;       /* the last byte that was no white space and in no string */
    const char *what;
    uint64_t is_object[SCAN_DEPTH / 64]; /* one bit for each open bracket */
};

/* All of text[0..len) from the value's first byte, which is '{', '[' or '"'. What was looked at before is not
 * looked at again. */
enum scan_status scan_value(struct scan *s, struct slice text);
void scan_reset(struct scan *s);

#endif
