/* A group of values that does not fit (a line with a NUL byte) is told and counted; the rest of the input
 * goes on. */
#include "session/items.h"

#include "base/alloc.h"
#include "base/list.h"
#include "source/batch.h"

#include <stdlib.h>

struct items {
    struct feed feed;
    struct items_config config;
    int64_t begun_ns; /* the first pump: for all items --in counts from here */
    uint64_t given;
    uint64_t bad;
    bool ended;
    struct error error; /* what ended the input early */
};

static struct items *items_of(struct feed *f)
{
    return list_entry(f, struct items, feed);
}

/* Submits one task, with `input` (or NULL) as its own; false if the pool takes no more. */
static bool items_submit(struct items *it, struct words *values, struct input *input, int64_t mono_ns, int64_t real_ns)
{
    struct task *t = task_new(it->config.spec, values);
    t->input = input;
    t->from_ns = it->begun_ns;
    t->width = it->config.width && *it->config.width != BATCH_WIDTH_VARIES ? *it->config.width : 0;
    if (it->config.chunksize > 1)
        t->chunk = it->given / it->config.chunksize + 1;
    if (pool_submit(it->config.pool, t, mono_ns, real_ns, NULL) < 0)
        return false;
    it->given++;
    return true;
}

/* The task of a command without any source. */
static void items_submit_only(struct items *it, int64_t mono_ns, int64_t real_ns)
{
    struct words none = {0};
    words_add_all(&none, &it->config.spec->args);
    items_submit(it, &none, NULL, mono_ns, real_ns);
    it->ended = true;
}

static enum source_status items_next(struct items *it, struct words *values, struct input **input, struct error *err)
{
    if (!it->config.blocks)
        return source_next(it->config.source, values, err);
    enum source_status status = blocks_next(it->config.blocks, input, err);
    if (*input)
        (*input)->way = it->config.way;
    return status;
}

/* Takes one group of values from the source; false if that was the last one, or there is none now
 * (*status). */
static bool items_step(struct items *it, int64_t mono_ns, int64_t real_ns, enum feed_status *status)
{
    struct words values = {0};
    struct error err = {0};
    struct input *input = NULL;
    switch (items_next(it, &values, &input, &err)) {
    case SOURCE_ITEM:
        if (items_submit(it, &values, input, mono_ns, real_ns))
            return true;
        break; /* closed: the run is ending; what was not read gets no result */
    case SOURCE_WAIT:
        words_fini(&values);
        *status = FEED_WAIT_INPUT;
        return false;
    case SOURCE_END:
        words_fini(&values);
        it->ended = true;
        break;
    case SOURCE_ERROR:
        words_fini(&values);
        if (err.code == ERR_SPEC) {
            it->bad++;
            it->config.bad_item(it->config.context, &err);
            return true;
        }
        it->error = err;
        break;
    }
    *status = FEED_ENDED;
    return false;
}

static enum feed_status items_pump(struct feed *f, int64_t mono_ns, int64_t real_ns)
{
    struct items *it = items_of(f);
    enum feed_status status = FEED_ENDED;
    if (!it->begun_ns)
        it->begun_ns = mono_ns;
    if (it->ended || it->error.code != ERR_NONE || pool_is_closed(it->config.pool))
        return FEED_ENDED;
    if (!it->config.source && !it->config.blocks) {
        items_submit_only(it, mono_ns, real_ns);
        return FEED_ENDED;
    }
    do {
        if (!pool_has_room(it->config.pool))
            return FEED_WAIT_POOL;
    } while (items_step(it, mono_ns, real_ns, &status));
    return status;
}

static int items_fd(const struct feed *f)
{
    const struct items *it = list_entry(f, struct items, feed);
    if (it->config.blocks)
        return blocks_fd(it->config.blocks);
    return it->config.source ? source_fd(it->config.source) : -1;
}

static const struct error *items_report(const struct feed *f, struct summary *summary)
{
    const struct items *it = list_entry(f, struct items, feed);
    summary->bad_lines = it->bad;
    summary->input_complete = it->ended;
    return it->error.code != ERR_NONE ? &it->error : NULL;
}

static const struct feed_ops items_ops = {
    .pump = items_pump,
    .fd = items_fd,
    .report = items_report,
};

struct feed *items_new(const struct items_config *config)
{
    struct items *it = xcalloc(1, sizeof *it);
    it->feed.ops = &items_ops;
    it->config = *config;
    spec_ref(config->spec);
    return &it->feed;
}

void items_free(struct feed *f)
{
    struct items *it = items_of(f);
    source_free(it->config.source);
    blocks_free(it->config.blocks);
    spec_unref(it->config.spec);
    free(it);
}

int64_t items_total(const struct feed *f)
{
    const struct items *it = list_entry(f, struct items, feed);
    return it->ended ? (int64_t)(it->given + pool_splits(it->config.pool)) : -1;
}
