/* Tables: lines that are cut into columns by a regular expression, records of CSV, and how many columns there
 * are. */
#ifndef JOBPOOL_SOURCE_COLUMNS_H
#define JOBPOOL_SOURCE_COLUMNS_H

#include "base/regex.h"
#include "source/source.h"
#include "source/trim.h"

/* Each word of an item is cut wherever the expression matches. Matches of nothing do not count. Empty columns
 * do, the last one too. Takes the source; the expression is borrowed. */
struct source *source_columns(struct source *inner, const struct regex *separator, enum trim trim);

struct csv_rules {
    char delimiter;  /* no quote, newline, carriage return or NUL */
    enum trim trim;  /* of white space outside of quotes */
    bool keep_empty; /* an empty line is a record with one empty column, not nothing */
};

/* The records of a file or "-" (stdin) as RFC 4180 has them, each an item with one word per column. Streamed,
 * with the next record's beginning in memory. A bad one is ERR_SPEC. NULL with ERR_INPUT if it cannot be opened. */
struct source *source_csv(const char *path, const struct csv_rules *rules, struct error *err);

/* The same for items that are a record each. Takes the source. */
struct source *source_csv_items(struct source *inner, const struct csv_rules *rules);

/* Items of `width` words: shorter ones get empty words at the end, longer ones are bad (ERR_SPEC) or, if `open`,
 * stay as they are. Takes the source. */
struct source *source_width(struct source *inner, size_t width, bool open);

#endif
