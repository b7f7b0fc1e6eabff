/* Output that never holds up the main loop: bytes and captured streams wait in a queue until the
 * descriptor takes them. One for stdout, one for stderr. Main thread only.
 */
#ifndef JOBPOOL_SINK_OUTPUT_H
#define JOBPOOL_SINK_OUTPUT_H

#include "base/buffer.h"
#include "base/error.h"
#include "task/capture.h"

#include <ev.h>
#include <stdbool.h>

struct output;

/* `name` is for messages ("stdout"). `failed` (may be NULL) is called once, at the first error: *err has
 * ERR_IO and sys_errno (EPIPE when the reader has gone, which is watched for also while nothing is
 * written). After an error everything that is written is dropped. `drained` (may be NULL) is called when
 * the queue has become short again after output_is_full. `fd` stays the caller's; -1: bytes are dropped
 * silently, and a captured stream that has any fails with EBADF. */
struct output_hooks {
    void (*failed)(void *context, const struct error *err);
    void (*drained)(void *context);
    bool only_writes; /* a reader that goes away while there is nothing to write is no failure */
    void *context;
};
struct output *output_new(struct ev_loop *loop, int fd, const char *name, const struct output_hooks *hooks);
/* Writes what waits first, blocking until it is written or the reader is gone, unless `now`. Returns -1
 * with *err if the output has failed at any time (also by the close of a temporary file system: the
 * descriptor is not closed). */
int output_free(struct output *o, bool now, struct error *err);

/* Where to put bytes: append to it. They are written before the loop waits again; output_commit writes at
 * once what the descriptor takes. */
struct buffer *output_buffer(struct output *o);
void output_commit(struct output *o);
/* Queues a captured stream whole (moved: `c` is empty afterwards); the bytes in output_buffer come before
 * it. */
void output_capture(struct output *o, struct capture *c);

bool output_is_full(const struct output *o);   /* more than 1 MiB of bytes waits: produce no more */
bool output_is_empty(const struct output *o);  /* everything was written */
bool output_has_failed(const struct output *o);

#endif
