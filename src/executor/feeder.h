/* Gives a task its input through a pipe, as it reads. Used by the supervisor that runs the task, in its thread. */
#ifndef JOBPOOL_EXECUTOR_FEEDER_H
#define JOBPOOL_EXECUTOR_FEEDER_H

#include "os/poll.h"
#include "task/input.h"

struct feeder {
    struct poll *poll;
    struct poll_watch room;    /* of the pipe; fd is -1 when nothing is given any more */
    const struct input *input; /* what is given now; NULL: the next block of the channel is waited for */
    struct channel *channel;   /* NULL: there is one input */
    int idle_fd;               /* the pipe, while a block is waited for; else -1 */
    size_t head_given, given;
    int64_t range_given;
    struct error error;        /* why not all of it could be given; ERR_NONE */
};

/* A pipe for this input: *reader is the end for the task, *writer the one for the feeder, which does not wait. -1 with
 * ERR_SYSTEM. */
int feeder_pipe(const struct input *in, int *reader, int *writer, struct error *err);
/* An unlinked file with all of the input. -1 with *err. Blocks. */
int feeder_file(const struct input *in, struct error *err);
/* Takes the writer. Gives at once what there is room for. */
void feeder_start(struct feeder *f, struct poll *poll, const struct input *in, int writer);
/* A block may have come. */
void feeder_resume(struct feeder *f);
#define FEEDER_NONE {.room = {.fd = -1}, .idle_fd = -1}
void feeder_stop(struct feeder *f); /* FEEDER_NONE is valid */

#endif
