/* The joblog: GNU parallel's log of ended tasks (task/joblog_line.h), written as tasks end, each line before the
 * result is shown. A task that was cut short (by a signal, --halt now, a cancel) has no line, as it has none in
 * GNU parallel's: it is run again by --resume. Writes block; the first error is kept until the end, as in the
 * report.
 */
#ifndef JOBPOOL_SINK_JOBLOG_H
#define JOBPOOL_SINK_JOBLOG_H

#include "base/buffer.h"
#include "sink/sink.h"
#include "task/joblog_line.h"

/* Replaces the file, or appends to it; then a last line without an end is cut off. A new or empty file begins with
 * the names of the columns. NULL with ERR_IO naming it. */
struct sink *sink_joblog(const char *path, bool append, struct error *err);

/* Reads one: each line behind the first, which has the names, to `visit`. One that is not there is empty; so is
 * what a last line without an end holds. -1 with ERR_INPUT naming file and line. */
int joblog_read(const char *path, void (*visit)(void *context, const struct joblog_record *record), void *context,
                struct error *err);

#endif
