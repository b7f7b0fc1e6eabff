/* Bytes from a descriptor, a block at a time, never held up: the reading half of lines and specs. */
#ifndef JOBPOOL_SOURCE_READER_H
#define JOBPOOL_SOURCE_READER_H

#include "base/error.h"
#include "base/slice.h"
#include "source/source.h"

#include <stdbool.h>
#include <stddef.h>

struct reader {
    int fd;
    bool own;   /* fd is closed by reader_fini */
    bool waits; /* reading can block: ask poll(2) first */
    bool ended; /* end of file, or an error: nothing more is read */
    char *name; /* for messages */
    char *data; /* data[start..end) was read and not consumed */
    size_t start, end, cap;
};

/* Opens an input for reading: "-" is descriptor 0. -1 with ERR_INPUT, for a directory too. Does not wait for
 * the writer of a FIFO. */
int reader_open(const char *path, struct error *err);

void reader_init(struct reader *r, int fd, bool own, const char *name);
void reader_fini(struct reader *r);
/* The descriptor to wait for, or -1 if reading never has to wait. */
int reader_fd(const struct reader *r);

/* Reads once, behind what is there: SOURCE_ITEM (there is more than before), SOURCE_WAIT, SOURCE_END, or
 * SOURCE_ERROR with ERR_INPUT, after which it is at its end. */
enum source_status reader_fill(struct reader *r, struct error *err);

/* The same into the caller's memory, past what is there: *len bytes. */
enum source_status reader_read(struct reader *r, char *to, size_t room, size_t *len, struct error *err);

/* What was read and not consumed; valid until the next reader_fill. */
static inline struct slice reader_rest(const struct reader *r)
{
    return (struct slice){r->data ? r->data + r->start : "", r->end - r->start};
}

void reader_consume(struct reader *r, size_t len);

#endif
