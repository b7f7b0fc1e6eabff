/* Events: every transition of every task, in the order in which the pool made them. Sinks, callbacks and
 * progress see this one stream and know nothing of each other.
 *
 * An event copies what may change after it (the state of a retried task moves on while its event waits); only
 * in an event whose `to` is an end state may the reader look at task->outcome.
 */
#ifndef JOBPOOL_TASK_EVENT_H
#define JOBPOOL_TASK_EVENT_H

#include "task/task.h"

/* What a followed task has written on one stream since the last event of this kind; where it runs to its end, whole
 * lines. Malloced; its bytes are sealed. */
struct live_output {
    struct capture bytes;
    bool is_err;
};
void live_output_free(struct live_output *o); /* NULL is allowed */

struct event {
    struct task *task;
    enum task_state from;
    enum task_state to;      /* from == to == TASK_READY or TASK_SCHEDULED: submitted */
    unsigned attempt;
    unsigned slot;
    pid_t pid;
    enum error_code why;     /* of a retry: what the attempt failed with */
    int64_t real_ns;
    struct live_output *output; /* not NULL: no transition, but output, which the reader of the event frees */
};

/* What a run came to. */
struct summary {
    uint64_t counts[TASK_STATES]; /* by state; those that have not ended are still in theirs */
    uint64_t retried;             /* attempts beyond the first */
    uint64_t bad_lines;
    uint64_t not_found;           /* failed because there is no such program */
    uint64_t not_executable;      /* failed with any other SpawnError */
    uint64_t ignored;             /* of `counts`, daemons that were ended: they count for no status */
    bool input_complete;
    bool halted;                  /* --halt triggered */
    bool halted_by_success;
    int64_t started_real_ns;
    int64_t wall_ns;
};

struct buffer;
/* Append one JSON line (with newline) for an event, for a summary. */
void event_write(struct buffer *out, const struct event *event);
void summary_write(struct buffer *out, const struct summary *summary);
/* The same summary for a person: one line, no newline: "12 succeeded, 1 failed in 3.4s". */
void summary_describe(struct buffer *out, const struct summary *summary);
/* The exit status of a many-task command (jobpool(1), EXIT STATUS). */
int summary_status(const struct summary *summary);

#endif
