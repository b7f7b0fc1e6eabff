/* Sinks observe the event stream. Each kind begins with `struct sink`; the run hands every event to every
 * sink, in order, in the main thread.
 */
#ifndef JOBPOOL_SINK_SINK_H
#define JOBPOOL_SINK_SINK_H

#include "base/error.h"
#include "sink/mark.h"
#include "sink/output.h"
#include "task/event.h"

struct sink;

struct sink_ops {
    /* Whoever needs the task beyond this call takes a reference. Must not block. */
    void (*event)(struct sink *s, const struct event *event);
    /* Everything has ended: write what comes last. -1 with ERR_IO if anything was not written. */
    int (*finish)(struct sink *s, const struct summary *summary, struct error *err);
    void (*free)(struct sink *s);
    /* Does it hold so much that no more should start? NULL: never. */
    bool (*is_full)(const struct sink *s);
    /* The same, but only while something runs: it waits for a task, and if none runs that one has still to start. */
    bool (*waits_for_task)(const struct sink *s);
    /* What a followed task has written; the bytes may be moved away. NULL: it shows no such thing. */
    void (*output)(struct sink *s, const struct task *task, struct live_output *output);
};

struct sink {
    const struct sink_ops *ops;
};

/* Results as JSON on `out`, one per line as tasks end (document: one object {"results":[…],"summary":{…}}
 * instead). With `events` every event is a line, with `summary` the last line is one. */
struct json_sink_options {
    bool document;
    bool events;
    bool summary;
    bool keep_order;
    struct spool *spool; /* for -k */
};
struct sink *sink_json(struct output *out, const struct json_sink_options *options);

/* The tasks' own output: stdout to `out`, stderr to `err`, every byte. Grouped per task as tasks end, or
 * (keep_order) in input order; that of tasks that are followed as it comes. With `file` stdout is not shown,
 * but the name of the file that holds it. */
struct text_sink_options {
    bool keep_order;
    bool commands;       /* in front of what a task wrote to stdout stands its command */
    bool commands_first; /* the same, but it is written when the task starts */
    struct mark_options mark;
    /* The file that holds the stdout of a task that has just ended; NULL: there is none. Not of followed tasks. */
    const char *(*file)(void *context, const struct task *task);
    /* With keep_order: called for the task whose turn it is as soon as it runs, so that it is followed; not for one
     * that may be tried again, whose failed attempts are not shown. NULL: nothing is followed. Starts must be
     * among the events. */
    void (*follow)(void *context, struct task *task);
    void *context;
    int64_t retries;     /* of tasks that do not say */
    bool summary;        /* a line for people on `err` at the end */
    struct spool *spool;
};
struct sink *sink_text(struct output *out, struct output *err, const struct text_sink_options *options);

/* No output but, if asked, the summary line on `out` as JSON. */
struct sink *sink_none(struct output *out, bool summary);

/* Opens a file for a report: replaced, or appended to. *is_stream: it is no regular file, so that writing to it may
 * block, and results go to it as to any output. -1 with ERR_IO naming the file. */
int report_open(const char *path, bool append, bool *is_stream, struct error *err);
/* JSON Lines results into a regular file beside the rest, appended under a lock per line. Takes the descriptor.
 * Writes block. The first write error is kept, named by finish as ERR_IO; the file then ends behind its last
 * complete line. */
struct sink *sink_report(int fd, const char *path, bool append);

/* The live bar on a terminal, plain lines otherwise, on stderr's output. Draws at most ten times a second,
 * by a timer that runs only while tasks do. `total` tells how many tasks there will be, -1 while unknown. */
struct progress_options {
    bool terminal;
    bool wide;      /* the bar takes the whole width, beside the numbers */
    bool eta_first; /* the remaining time stands in front */
    bool color;
    int fd;
    int64_t (*total)(void *context);
    void *context;
};
struct sink *sink_progress(struct ev_loop *loop, struct output *err, const struct progress_options *options);
/* Messages and tasks' stderr go to the same terminal: takes the bar away before they are written, so that
 * it is drawn again below them. NULL is allowed. */
void progress_hide(struct sink *progress);

/* Nothing starts for this reason (copied); NULL: tasks start. It is shown, also while nothing runs. */
void progress_waits(struct sink *progress, const char *reason);
/* Appends the command of the event's task, as it could be pasted into a shell. */
void sink_put_command(struct buffer *out, const struct event *event);

/* -v: one line on stderr for each command that starts. */
struct sink *sink_verbose(struct output *err);

#endif
