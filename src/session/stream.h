/* The feed of `map --pipe` with --round-robin or --tee: a fixed number of tasks, to which the blocks of a stream are
 * handed while they run. Round robin gives each block to the task that takes it first; tee gives all of them to every
 * task, as fast as the slowest reads.
 */
#ifndef JOBPOOL_SESSION_STREAM_H
#define JOBPOOL_SESSION_STREAM_H

#include "pool/pool.h"
#include "session/feed.h"
#include "source/blocks.h"
#include "task/channel.h"

struct stream_config {
    struct pool *pool;
    struct spec *spec;      /* shared by all; referenced */
    struct blocks *blocks;  /* taken */
    struct source *values;  /* taken: tee, a task for each item; NULL: round robin, a task for each slot */
    unsigned slots;         /* of the pool: no more tasks can be had, since all must run at once */
    struct channel_hooks hooks;
    void (*bad_item)(void *context, const struct error *err);
    void *context;
};

struct feed *stream_new(const struct stream_config *config);
void stream_free(struct feed *f); /* when no task of it is left */

#endif
