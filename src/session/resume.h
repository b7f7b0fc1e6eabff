/* Going on where an earlier run was cut off: which tasks are done, by what its journal or its joblog tells, and
 * whether this run has the same tasks.
 *
 * A task is known by its number. With a journal the digest of all that makes it this task (task_digest) must be
 * what it was: every number that the journal tells of is compared before the first task is started (the feed holds
 * back what is to run until resume_is_verified), and a difference ends the run with nothing done and nothing
 * changed. A joblog has no digests; as with GNU parallel nothing is compared.
 *
 * What is done: with a journal the last word counts, so a task that was started again, or was cut short, is not
 * done. With a joblog a task that succeeded once is done.
 */
#ifndef JOBPOOL_SESSION_RESUME_H
#define JOBPOOL_SESSION_RESUME_H

#include "sink/journal.h"
#include "task/event.h"

enum resume_mode {
    RESUME_NOTHING, /* a run of its own: the journal must be empty */
    RESUME_UNDONE,  /* --resume: what is not done */
    RESUME_FAILED,  /* --resume-failed: the same and what failed */
    RESUME_RETRY,   /* --retry-failed: only what was started and has not succeeded */
};

struct resume_config {
    enum resume_mode mode;
    struct journal *journal;     /* borrowed; NULL: the joblog tells */
    const char *joblog;          /* the file to read; NULL: the journal tells, or nothing is resumed */
    const struct words *command; /* the words of the command line */
    const char *cwd;             /* what is said for all tasks; NULL: nothing */
    const char *stdin_file;
};

struct resume;

/* Reads the journal or joblog. NULL with ERR_INPUT (it cannot be read), or ERR_USAGE (it is not empty, and nothing
 * is resumed). */
struct resume *resume_new(const struct resume_config *config, struct error *err);
void resume_free(struct resume *r);

/* The commands that a joblog wants to be tried again, in the order of their numbers; the first call moves them.
 * resume_number tells their numbers, from 0 on. Only for RESUME_RETRY without a journal. */
void resume_commands(struct resume *r, struct words *commands);
uint64_t resume_number(const struct resume *r, size_t index);

enum resume_verdict {
    RESUME_RUN,
    RESUME_PASS,    /* it is done, or is not to be tried again */
    RESUME_OVER,    /* the same, and so is whatever follows */
    RESUME_DIFFERS, /* ERR_USAGE says how */
};
/* What becomes of task `seq`? They are asked about in order. *digest: to be kept in the task. */
enum resume_verdict resume_look(struct resume *r, uint64_t seq, const struct spec *spec,
                                const struct words *values, uint64_t *digest, struct error *err);
/* Has everything been compared that can be, when `seq` is the last one looked at? */
bool resume_is_verified(const struct resume *r, uint64_t seq);
/* There are no tasks behind `seq`: 0, or -1 with ERR_USAGE if the journal tells of some. */
int resume_check_end(const struct resume *r, uint64_t seq, struct error *err);
/* All is compared, and the first task is about to be submitted: the journal is begun. -1 with ERR_IO. */
int resume_begin(struct resume *r, int64_t real_ns, struct error *err);

/* The numbers of the tasks that ran when the journal's last run was killed, in order. */
size_t resume_lost(const struct resume *r, const struct journal_record **lost);
/* Fills in what was passed over because it is done. */
void resume_report(const struct resume *r, struct summary *summary);

#endif
