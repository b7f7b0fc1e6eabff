/* Sinks observe the event stream. Each kind begins with `struct sink`; the run hands every event to every
 * sink, in order, in the main thread.
 */
#ifndef JOBPOOL_SINK_SINK_H
#define JOBPOOL_SINK_SINK_H

#include "base/error.h"
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

/* The tasks' own output, grouped per task: stdout to `out`, stderr to `err`, every byte, as tasks end
 * (keep_order: in input order). A tag (the task's values joined by a space, and a tab) stands in front of
 * each line if asked. */
struct text_sink_options {
    bool keep_order;
    bool tag;
    bool commands;       /* in front of what a task wrote to stdout stands its command */
    bool summary;        /* a line for people on `err` at the end */
    struct spool *spool;
};
struct sink *sink_text(struct output *out, struct output *err, const struct text_sink_options *options);

/* No output but, if asked, the summary line on `out` as JSON. */
struct sink *sink_none(struct output *out, bool summary);

/* JSON Lines results into a file beside the rest: replaced, or appended under a lock per line. Writes
 * block. NULL with ERR_IO naming the file if it cannot be opened. The first write error is kept, named
 * by finish as ERR_IO; the file then ends behind its last complete line. */
struct sink *sink_report(const char *path, bool append, struct error *err);

/* The live bar on a terminal, plain lines otherwise, on stderr's output. Draws at most ten times a second,
 * by a timer that runs only while tasks do. `total` tells how many tasks there will be, -1 while unknown. */
struct progress_options {
    bool terminal;
    bool color;
    int fd;
    int64_t (*total)(void *context);
    void *context;
};
struct sink *sink_progress(struct ev_loop *loop, struct output *err, const struct progress_options *options);
/* Messages and tasks' stderr go to the same terminal: takes the bar away before they are written, so that
 * it is drawn again below them. NULL is allowed. */
void progress_hide(struct sink *progress);

/* Appends the command of the event's task, as it could be pasted into a shell. */
void sink_put_command(struct buffer *out, const struct event *event);

/* -v: one line on stderr for each command that starts. */
struct sink *sink_verbose(struct output *err);

#endif
