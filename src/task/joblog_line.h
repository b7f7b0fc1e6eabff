/* The lines of a joblog, GNU parallel's format: nine columns with a tab between them, under a line of their names.
 *
 *   Seq Host Starttime JobRuntime Send Receive Exitval Signal Command
 *
 * Host is ":" (this one), Send is 0, Receive counts what the task wrote to stdout. A task that a signal ended has
 * Exitval 0, one that jobpool ended because of its time -1. Command is what a shell would have to be given, with
 * NUL bytes for newlines. It is the last column, so it may hold tabs.
 */
#ifndef JOBPOOL_TASK_JOBLOG_LINE_H
#define JOBPOOL_TASK_JOBLOG_LINE_H

#include "base/buffer.h"
#include "base/slice.h"
#include "task/task.h"

#define JOBLOG_HEADER "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n"

/* Appends the line of a task that has ended. */
void joblog_write(struct buffer *out, const struct task *t);

struct joblog_record {
    uint64_t seq;
    bool succeeded;       /* Exitval and Signal are 0 */
    struct slice command; /* as it stands there */
};
/* Reads a line (without its newline). False: it is none. */
bool joblog_parse(struct slice line, struct joblog_record *record);

#endif
