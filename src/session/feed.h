/* A feed: where a run's tasks come from while it lives: items for a template (map), or a protocol session
 * (run). The run pumps it whenever there is room or input, and shows it every event. Main thread only;
 * nothing here blocks.
 */
#ifndef JOBPOOL_SESSION_FEED_H
#define JOBPOOL_SESSION_FEED_H

#include "base/error.h"
#include "task/event.h"

#include <stdbool.h>
#include <stdint.h>

enum feed_status {
    FEED_WAIT_INPUT, /* until feed->fd() is readable */
    FEED_WAIT_POOL,  /* until the pool has room, or a task ends */
    FEED_AGAIN,      /* at once, after signals and events had their turn */
    FEED_ENDED,      /* nothing more will be submitted */
};

struct feed;

struct feed_ops {
    enum feed_status (*pump)(struct feed *f, int64_t mono_ns, int64_t real_ns);
    int (*fd)(const struct feed *f);
    void (*event)(struct feed *f, const struct event *event);   /* NULL: not interested */
    int64_t (*tick)(struct feed *f, int64_t mono_ns);           /* NULL: has no timers; next time or 0 */
    /* The run submits no more, whether the input has ended or not: what was read and is not in the pool is
     * refused. NULL: there is no such thing. */
    void (*cut)(struct feed *f);
    /* Fills bad_lines and input_complete; returns the error that ended the input early, or NULL. */
    const struct error *(*report)(const struct feed *f, struct summary *summary);
};

struct feed {
    const struct feed_ops *ops;
};

#endif
