/* Where records end in a text. Private to blocks. */
#ifndef JOBPOOL_SOURCE_RECORDS_H
#define JOBPOOL_SOURCE_RECORDS_H

#include "source/blocks.h"

#include "base/regex.h"

/* A separator: text[from, to), of which [from, cut) belongs to the record before it and [cut, to) to the next. */
struct boundary {
    size_t from, cut, to;
};

struct records {
    const char *recstart, *recend; /* plain ones, or */
    size_t recstart_len, recend_len;
    struct regex *start_regex, *end_regex;
    uint64_t lines;
};

int records_init(struct records *r, const struct blocks_options *options, struct error *err);
void records_fini(struct records *r);
/* Is there nothing that ends a record, so that a cut may be anywhere? */
bool records_are_bytes(const struct records *r);
/* How many bytes a plain separator has, for those who look at a text in pieces; expressions have some number. */
size_t records_overlap(const struct records *r);

/* The first boundary whose cut is behind `at`. */
bool records_next(const struct records *r, struct slice text, size_t at, struct boundary *b);
/* The text without a `recstart` that it begins with and a `recend` that it ends with. */
struct slice records_strip(const struct records *r, struct slice text);
/* The last one in the text; false if there is none. */
bool records_last(const struct records *r, struct slice text, struct boundary *b);

#endif
