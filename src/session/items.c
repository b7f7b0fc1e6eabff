/* A group of values that does not fit (a line with a NUL byte) is told and counted; the rest of the input
 * goes on.
 *
 * A run that goes on where another was cut off first looks at as many items as its journal tells of. What of them
 * is to run is held, as values and numbers, until all of them are found to be what they were; then it is submitted
 * in front of the rest.
 */
#include "session/items.h"

#include "base/alloc.h"
#include "base/list.h"
#include "source/batch.h"

#include <stdlib.h>
#include <string.h>

#define LOOKS_PER_TURN 20000 /* then signals have their turn */

/* What is held: the values of all of them behind each other. */
struct held {
    uint64_t seq;
    uint64_t digest;
    size_t count; /* of values */
};

#define ITEMS_PER_TURN 2000 /* then signals and events have their turn */

struct items {
    struct feed feed;
    struct items_config config;
    int64_t begun_ns;  /* the first pump: for all items --in counts from here */
    uint64_t read;     /* groups of values so far: the last one's number */
    uint64_t given;    /* of these, those that were submitted */
    uint64_t bad;
    bool ended;
    bool checked;      /* nothing is held back any more */
    struct held *held; /* `held_len` of them, of which `held_next` were submitted, */
    size_t held_len, held_cap, held_next;
    struct words values; /* and their values, */
    const char *value;   /* of which this one was submitted last */
    struct error error; /* what ended the input early */
};

static struct items *items_of(struct feed *f)
{
    return list_entry(f, struct items, feed);
}

/* Submits one task, with `input` (or NULL) as its own; false if the pool takes no more. */
static bool items_submit(struct items *it, const struct held *which, struct words *values, struct input *input,
                         int64_t mono_ns, int64_t real_ns)
{
    struct task *t = task_new(it->config.spec, values);
    t->input = input;
    t->from_ns = it->begun_ns;
    if (it->config.resume) /* else the pool counts, runs of repeated tasks too */
        t->seq = which->seq;
    t->digest = which->digest;
    /* One that was recorded by its number stays one. */
    bool may_split = it->config.width && *it->config.width != BATCH_WIDTH_VARIES && !it->config.resume;
    t->width = may_split ? *it->config.width : 0;
    if (it->config.chunksize > 1)
        t->chunk = (which->seq - 1) / it->config.chunksize + 1;
    if (pool_submit(it->config.pool, t, mono_ns, real_ns, NULL) < 0)
        return false;
    it->given++;
    return true;
}

static void items_hold(struct items *it, const struct held *which, struct words *values)
{
    if (it->held_len == it->held_cap) {
        it->held_cap = it->held_cap ? it->held_cap * 2 : 64;
        it->held = xrealloc_array(it->held, it->held_cap, sizeof *it->held);
    }
    it->held[it->held_len++] = *which;
    words_add_all(&it->values, values);
    words_fini(values);
}

/* A group of values that was read (taken): it is submitted, held, or passed over. False: this was the last.
 * Blocks, which come as `input`, are not resumed. */
static bool items_take(struct items *it, struct words *values, struct input *input, int64_t mono_ns,
                       int64_t real_ns)
{
    struct resume *resume = it->config.resume;
    struct held which = {.seq = ++it->read, .count = values->count};
    enum resume_verdict verdict = RESUME_RUN;
    if (resume && resume_number(resume, it->read - 1))
        which.seq = resume_number(resume, it->read - 1);
    if (resume)
        verdict = resume_look(resume, which.seq, it->config.spec, values, &which.digest, &it->error);
    if (verdict == RESUME_RUN && it->checked)
        return items_submit(it, &which, values, input, mono_ns, real_ns);
    if (verdict == RESUME_RUN)
        items_hold(it, &which, values);
    else
        words_fini(values);
    it->ended = it->ended || verdict == RESUME_OVER;
    return verdict == RESUME_RUN || verdict == RESUME_PASS;
}

/* The task of a command without any source. */
static void items_take_only(struct items *it, int64_t mono_ns, int64_t real_ns)
{
    struct words none = {0};
    words_add_all(&none, &it->config.spec->args);
    items_take(it, &none, NULL, mono_ns, real_ns);
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
        if (items_take(it, &values, input, mono_ns, real_ns))
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

static bool items_are_over(const struct items *it)
{
    return it->ended || it->error.code != ERR_NONE;
}

/* Reads what has to be compared before anything starts, then begins the journal. False: not yet, or never
 * (*status). */
static bool items_check(struct items *it, int64_t mono_ns, int64_t real_ns, enum feed_status *status)
{
    struct resume *resume = it->config.resume;
    unsigned looks = 0;
    while (resume && !items_are_over(it) && !resume_is_verified(resume, it->read)) {
        if (++looks > LOOKS_PER_TURN) {
            *status = FEED_AGAIN;
            return false;
        }
        if (!it->config.source)
            items_take_only(it, mono_ns, real_ns);
        else if (!items_step(it, mono_ns, real_ns, status) && !items_are_over(it))
            return false;
    }
    *status = FEED_ENDED;
    it->checked = true;
    if (!resume || it->error.code != ERR_NONE)
        return it->error.code == ERR_NONE;
    return resume_check_end(resume, it->read, &it->error) == 0 && resume_begin(resume, real_ns, &it->error) == 0;
}

/* False: there is no room for all of it. */
static bool items_submit_held(struct items *it, int64_t mono_ns, int64_t real_ns)
{
    for (; it->held_next < it->held_len; it->held_next++) {
        const struct held *which = &it->held[it->held_next];
        struct words values = {0};
        if (!pool_has_room(it->config.pool))
            return false;
        for (size_t i = 0; i < which->count; i++) {
            it->value = words_next(&it->values, it->value);
            words_add(&values, it->value, strlen(it->value));
        }
        if (!items_submit(it, which, &values, NULL, mono_ns, real_ns))
            return true;
    }
    words_fini(&it->values);
    it->value = NULL;
    return true;
}

static enum feed_status items_pump(struct feed *f, int64_t mono_ns, int64_t real_ns)
{
    struct items *it = items_of(f);
    enum feed_status status = FEED_ENDED;
    if (!it->begun_ns)
        it->begun_ns = mono_ns;
    if (it->error.code != ERR_NONE || pool_is_closed(it->config.pool))
        return FEED_ENDED;
    if (!it->checked && !items_check(it, mono_ns, real_ns, &status))
        return status;
    if (!items_submit_held(it, mono_ns, real_ns))
        return FEED_WAIT_POOL;
    if (it->ended)
        return FEED_ENDED;
    if (!it->config.source && !it->config.blocks) {
        items_take_only(it, mono_ns, real_ns);
        return FEED_ENDED;
    }
    for (int items = 0; items < ITEMS_PER_TURN; items++) {
        if (!pool_has_room(it->config.pool))
            return FEED_WAIT_POOL;
        if (!items_step(it, mono_ns, real_ns, &status))
            return status;
    }
    return FEED_AGAIN;
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
    summary->input_complete = it->ended && it->held_next == it->held_len;
    if (it->config.resume)
        resume_report(it->config.resume, summary);
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
    words_fini(&it->values);
    free(it->held);
    free(it);
}
