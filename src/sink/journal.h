/* The journal: a file that tells, line by line (task/journal_line.h), which attempts were started and how they
 * ended, so that a later run can go on where this one was cut off, `kill -9` and power failures included.
 *
 * The lines are written by the threads that start the processes and see their ends, each as it happens: the start
 * before the process is there, the end before anything follows from it. So after a `kill -9` of jobpool the file
 * tells all that was; what ends in the very moment of the kill, unseen, counts as cut off. What the main thread
 * takes from the pool at a time is synced, with one fdatasync for all of it, before it is shown to anybody: a
 * result that was seen survives a power failure, too. A start is not synced for its own sake: after a power
 * failure nothing runs, and a task without an end is run again whether its start is known or not.
 *
 * One writer: byte 0 is locked for the life of jobpool. The guardian holds byte 1 (through journal_guard_fd):
 * after a `kill -9` the next writer waits until whatever the last run left has been ended. The locks are
 * no more than marks: the bytes are read and written all the same.
 *
 * What cannot be written ends it: the first error is told once by journal_sync, nothing is started any more
 * (journal_start says no), and the file ends behind its last whole line.
 */
#ifndef JOBPOOL_SINK_JOURNAL_H
#define JOBPOOL_SINK_JOURNAL_H

#include "task/journal_line.h"

#include <sys/types.h>

struct journal;

/* Opens it, made if need be, and locks it. only_read: neither; one that is not there is empty. NULL with ERR_IO
 * (ERR_INPUT for only_read) naming the file: no regular file, no right to it, another jobpool writes it. */
struct journal *journal_open(const char *path, bool only_read, struct error *err);
void journal_close(struct journal *j); /* NULL is allowed */
const char *journal_path(const struct journal *j);
/* What the guardian is to keep open; -1: nothing. Given away: closed by journal_guarded, once it does. */
int journal_guard_fd(const struct journal *j);
void journal_guarded(struct journal *j);

/* Reads all of it: each line to `visit`, with its place in the file; -1 from there ends it. A last line that is
 * cut off is passed over (journal_torn says how many bytes it has) and replaced by what is written. -1 with
 * ERR_INPUT naming file and line. */
int journal_read(struct journal *j,
                 int (*visit)(void *context, const struct journal_record *record, off_t at, struct error *err),
                 void *context, struct error *err);
off_t journal_torn(const struct journal *j);
/* The line at that place, without its newline, appended to `line`; false: it cannot be read. */
bool journal_line_at(const struct journal *j, off_t at, struct buffer *line);
/* Which line that is, from 1; reads all that is before it. */
uint64_t journal_line_number(const struct journal *j, off_t at);

/* Cuts off what is torn, begins the run, tells which attempts of former ones are lost; all of it is on disk then.
 * Before that nothing was changed. -1 with ERR_IO. */
int journal_begin(struct journal *j, const struct words *command, const struct journal_record *lost,
                  size_t lost_len, int64_t real_ns, struct error *err);
/* Any thread. False: this attempt may not start. */
bool journal_start(struct journal *j, const struct task *t, int64_t real_ns);
/* Any thread. The attempt's outcome is complete. */
void journal_end(struct journal *j, const struct task *t, bool again);
/* Main thread. All that was written so far is on disk: 0; -1 with ERR_IO naming the file, once: from then on 0,
 * and nothing is written. */
int journal_sync(struct journal *j, struct error *err);

#endif
