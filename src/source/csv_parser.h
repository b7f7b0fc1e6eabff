/* RFC 4180, one byte after the other: what a record is made of, and where it ends. Private to csv.c and its tests.
 *
 * Columns are what stands between delimiters, or between quotes, where delimiters, line ends and (doubled) quotes
 * are text. Lines end with a newline, with or without a carriage return; the last one need not. A record may have
 * any number of columns. What the RFC does not allow is refused: a quote inside a column that did not begin with
 * one, something behind a closing quote, a carriage return on its own, a NUL byte.
 */
#ifndef JOBPOOL_SOURCE_CSV_PARSER_H
#define JOBPOOL_SOURCE_CSV_PARSER_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"
#include "base/words.h"
#include "source/columns.h"

#include <stdbool.h>
#include <stdint.h>

enum csv_status {
    CSV_MORE,   /* all of the text was read; the record goes on */
    CSV_RECORD, /* it is whole: csv_take */
    CSV_BAD,    /* it is whole and bad: csv_take_error */
};

struct csv_parser {
    struct csv_rules rules;
    unsigned char classes[256]; /* of each byte */
    unsigned char state;
    bool quoted;           /* the column, so that it counts if it is empty, and is not trimmed */
    struct buffer columns; /* of the record: each with a NUL behind it, and the one that is read now */
    size_t count;          /* of them that are whole */
    size_t column_at;      /* where the one that is read now begins */
    uint64_t line;         /* from 1 */
    uint64_t quote_line;   /* where the quote that is open was opened */
    uint64_t bad_line;     /* what is wrong with the record: 0 if nothing, */
    size_t bad_column;
    const char *bad;
};

void csv_init(struct csv_parser *p, const struct csv_rules *rules);
void csv_fini(struct csv_parser *p);

/* Reads up to the end of a record; *used is how many bytes of the text that took. */
enum csv_status csv_read(struct csv_parser *p, struct slice text, size_t *used);
/* There is no more text: CSV_MORE if there is no record either. */
enum csv_status csv_end(struct csv_parser *p);

/* Appends the record's columns to *values; the next one may begin. */
void csv_take(struct csv_parser *p, struct words *values);
/* "NAME: line 3, column 2: …" with ERR_SPEC. */
void csv_take_error(struct csv_parser *p, const char *name, struct error *err);

#endif
