/* Rules for lines: where they end the input, which are left out, which belong together. */
#ifndef JOBPOOL_SOURCE_EDIT_H
#define JOBPOOL_SOURCE_EDIT_H

#include "source/source.h"
#include "source/trim.h"

struct edit_rules {
    const char *eof; /* -E: a line that is this ends the source; NULL: none does */
    bool skip_blank; /* -r: lines that have only white space are no items */
    bool join;       /* -L: the same, and a line that ends with a blank is continued by the next one */
    enum trim trim;
};

/* Lines that are continued by one that is bad or cannot be read are dropped with it. Items of several words go
 * through. Takes the source; borrows rules->eof. */
struct source *source_edit(struct source *inner, const struct edit_rules *rules);

#endif
