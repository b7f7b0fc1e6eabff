/* The feed of `map` and `apply`: each item of a source becomes a task of one spec. */
#ifndef JOBPOOL_SESSION_ITEMS_H
#define JOBPOOL_SESSION_ITEMS_H

#include "pool/pool.h"
#include "session/feed.h"
#include "session/resume.h"
#include "source/blocks.h"
#include "source/source.h"

struct items_config {
    struct pool *pool;
    struct spec *spec;       /* shared by all; referenced */
    struct source *source;   /* taken; NULL: exactly one task without values, or */
    struct blocks *blocks;   /* taken: what each task reads on its stdin, or where its only value says */
    enum input_way way;      /* of blocks */
    const size_t *width;     /* values of each item, if a task may be split between items (source/batch.h), or NULL */
    uint64_t chunksize;      /* items that a slot takes at a time */
    struct resume *resume;   /* borrowed; NULL: all is new, and there is no journal */
    /* A bad item (ERR_SPEC): told here, and counted. */
    void (*bad_item)(void *context, const struct error *err);
    void *context;
};

struct feed *items_new(const struct items_config *config);
void items_free(struct feed *f);

#endif
