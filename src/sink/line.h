/* The result of a task as one line that is whole or not there at all: what sinks that write JSON share. */
#ifndef JOBPOOL_SINK_LINE_H
#define JOBPOOL_SINK_LINE_H

#include "base/buffer.h"
#include "base/error.h"
#include "task/capture.h"
#include "task/task.h"

/* Is there so much output that the line should go into a capture? */
bool line_is_large(const struct task *task);

/* Append the result, without a newline. If the task's output cannot be read back (or, for a capture, the
 * line cannot be kept), the result says so instead: failed with OutputError, its output left out; then -1,
 * and *err has the reason. */
int line_to_buffer(struct buffer *out, const struct task *task, struct error *err);
int line_to_capture(struct capture *out, const struct task *task, struct error *err);

#endif
