/* Blocks of a stream or of a file, cut where records end (--pipe, --pipepart): each becomes the stdin of a task.
 *
 * A record ends behind the text `recend`, before the text `recstart`, or, if both are given, where one follows the
 * other; with neither (both empty) anywhere. A block has as many whole records as fit in its size, and at least one;
 * with `records` exactly so many. What is left at the end is the last one.
 */
#ifndef JOBPOOL_SOURCE_BLOCKS_H
#define JOBPOOL_SOURCE_BLOCKS_H

#include "source/source.h"
#include "task/input.h"

#include <stdint.h>

struct blocks_options {
    size_t size;          /* of a block, ≥ 1 */
    uint64_t records;     /* 0: as many as fit */
    uint64_t lines;       /* so many lines make a record; 0: see below */
    const char *recstart; /* "": none */
    const char *recend;
    bool regexp;          /* both are regular expressions */
    bool remove;          /* recend and recstart are left out, where they stand between records */
    const char *header;   /* a regular expression for what stands at the start and is repeated before each block, or a
                           * number of lines; NULL: none */
};

struct blocks;

/* A stream, read as it comes: a file or "-". NULL with ERR_INPUT (cannot be opened) or ERR_USAGE (an expression). */
struct blocks *blocks_of_stream(const char *path, const struct blocks_options *options, struct error *err);
/* A regular file, whose blocks are ranges that nobody but their readers reads. Not with `records` and `remove`. */
struct blocks *blocks_of_file(const char *path, const struct blocks_options *options, struct error *err);
void blocks_free(struct blocks *b); /* after the tasks that have its inputs; NULL is allowed */

/* The next block. SOURCE_ERROR: ERR_INPUT, and it has ended. */
enum source_status blocks_next(struct blocks *b, struct input **block, struct error *err);
int blocks_fd(const struct blocks *b);

#endif
