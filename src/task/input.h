/* What one task reads on stdin, where that is its own and not its spec's: a block of a stream, or a range of a file.
 * It is given through a pipe while the task reads, from its start for each attempt.
 */
#ifndef JOBPOOL_TASK_INPUT_H
#define JOBPOOL_TASK_INPUT_H

#include "base/slice.h"

#include <stdint.h>

enum input_way {
    INPUT_STDIN,
    INPUT_FILE, /* not on stdin, but in a file, whose name is the task's only value */
    INPUT_FIFO, /* the same with a pipe */
};

struct channel;

struct input {
    struct slice head; /* comes first; its maker's, who outlives the task */
    char *data;        /* then these bytes, malloced, … */
    size_t len;
    int fd;            /* … then a range of this regular file, its maker's; -1: none */
    int64_t offset;
    int64_t range;
    enum input_way way;
    struct channel *channel; /* not NULL: nothing of that, but blocks from there, which is its maker's */
};

/* Takes the bytes. */
struct input *input_bytes(struct slice head, char *data, size_t len);
struct input *input_range(struct slice head, int fd, int64_t offset, int64_t range);
int64_t input_size(const struct input *in); /* bytes that the task can read */
size_t input_memory(const struct input *in); /* bytes that it holds; NULL is allowed */
struct input *input_channel(struct channel *channel);
/* The same bytes once more. */
struct input *input_copy(const struct input *in);
void input_free(struct input *in); /* NULL is allowed */

#endif
