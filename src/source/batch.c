/* Groups of items: held back until the group is whole, so that a task never starts with half of its values
 * only because its input was slow. An input that fails gives what was held first, then its error.
 *
 * Groups of a fixed number keep their places: a bad item takes its own in its group, which is told once and dropped,
 * so that no other item moves into another group. Where what fits decides, a bad item is left out alone.
 *
 * Costs are added up value by value (template_cost_values), so a group of any size is measured once. The item that no
 * longer fits is carried over into the next group. One that does not fit anywhere is a group of its own, which only
 * the kernel refuses; if it is the user's own limit that it does not keep to, it is a bad one.
 */
#include "source/batch.h"

#include "base/alloc.h"
#include "os/exec_space.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct batch {
    struct source base;
    struct source *inner;
    struct batch_plan plan;
    struct template_meter meter;
    struct template_cost fixed, cost; /* of the command alone, and with what is held */
    struct words item;                /* the one that was read */
    struct template_cost item_cost;   /* behind what is held */
    struct words held;
    size_t held_items;
    uint32_t *sizes;      /* how many values each of those has, if they are to be spread */
    size_t sizes_cap;
    const char *given;    /* while they are spread: the last value that was given, */
    size_t given_items;   /* of so many items, */
    unsigned slots;       /* and how many slots have not got theirs */
    uint64_t read;        /* items, the bad ones too */
    bool carried;         /* `item` belongs to the next group */
    bool dropped;         /* the group that is read has a bad item */
    struct error failure; /* code is not ERR_NONE: to be given at the next call */
    bool ended;
};

size_t batch_share(size_t items, unsigned slots)
{
    return slots ? items / slots + (items % slots != 0) : items;
}

/* Do groups keep their places? */
static bool is_aligned(const struct batch *b)
{
    return b->plan.items && (b->plan.whole || !b->plan.template);
}

static void batch_begin(struct batch *b)
{
    words_clear(&b->held);
    b->held_items = 0;
    b->dropped = false;
    b->cost = b->fixed;
}

/* The group is whole. False: it was dropped, and a new one begins. */
static bool batch_give(struct batch *b, struct words *values)
{
    bool good = b->held_items > 0 && !b->dropped;
    if (good)
        words_add_all(values, &b->held);
    batch_begin(b);
    return good;
}

static struct template_cost sum(const struct template_cost *a, const struct template_cost *b)
{
    return (struct template_cost){
        .bytes = a->bytes + b->bytes,
        .around = a->around,
        .words = a->words + b->words,
        .shared = a->shared + b->shared,
        .longest = a->longest > b->longest ? a->longest : b->longest,
    };
}

/* May a command line count so much? `values`: what is held of it counts in any case, so that what a command does not
 * show of its values has an end too. */
static bool fits(const struct batch *b, const struct template_cost *c, size_t values)
{
    const struct batch_plan *plan = &b->plan;
    return (plan->line == 0 || c->bytes <= plan->line) && values <= plan->space &&
           c->bytes + c->around + c->words * EXEC_POINTER <= plan->space && c->shared <= EXEC_STRING_MAX &&
           c->longest <= EXEC_STRING_MAX;
}

static void note_size(struct batch *b)
{
    if (b->plan.width) {
        bool same = *b->plan.width == 0 || *b->plan.width == b->item.count;
        *b->plan.width = same ? b->item.count : BATCH_WIDTH_VARIES;
    }
    if (b->plan.slots <= 1)
        return;
    if (b->held_items == b->sizes_cap) {
        b->sizes_cap = b->sizes_cap ? b->sizes_cap * 2 : 64;
        b->sizes = xrealloc_array(b->sizes, b->sizes_cap, sizeof *b->sizes);
    }
    b->sizes[b->held_items] = (uint32_t)b->item.count;
}

static void hold_item(struct batch *b)
{
    note_size(b);
    if (b->plan.template)
        b->cost = sum(&b->cost, &b->item_cost);
    words_add_all(&b->held, &b->item);
    b->held_items++;
}

enum place {
    PLACE_HERE, /* it is held */
    PLACE_NEXT, /* the group is whole without it */
    PLACE_BAD,
};

static enum place place_item(struct batch *b, struct error *failure)
{
    if (!b->plan.template)
        return hold_item(b), PLACE_HERE;
    template_cost_values(&b->meter, &b->item, b->held.count, &b->item_cost);
    struct template_cost with = sum(&b->cost, &b->item_cost), alone = sum(&b->fixed, &b->item_cost);
    if (b->plan.line_is_strict && (b->plan.whole ? with.bytes : alone.bytes) > b->plan.line) {
        error_set(failure, ERR_SPEC, "item %" PRIu64 " makes a command line of %zu bytes, --max-chars allows %zu",
                  b->read, b->plan.whole ? with.bytes : alone.bytes, b->plan.line);
        return PLACE_BAD;
    }
    if (b->held_items > 0 && !b->plan.whole && !fits(b, &with, b->held.len + b->item.len))
        return PLACE_NEXT;
    return hold_item(b), PLACE_HERE;
}

/* What becomes of a bad item: told (true), or passed over in silence. */
static bool tell_bad(struct batch *b, const struct error *failure, struct error *err)
{
    bool tell = !is_aligned(b) || !b->dropped;
    if (!is_aligned(b)) {
        if (err)
            *err = *failure;
        return true;
    }
    b->dropped = true;
    b->held_items++;
    if (tell)
        error_set(err, ERR_SPEC, "%s; its group of %" PRIu64 " is left out", failure->message, b->plan.items);
    return tell;
}

/* A share of the last items. */
static enum source_status batch_spread(struct batch *b, struct words *values)
{
    size_t share = batch_share(b->held_items - b->given_items, b->slots--);
    for (; share > 0; share--) {
        for (uint32_t n = b->sizes[b->given_items++]; n > 0; n--) {
            b->given = words_next(&b->held, b->given);
            words_add(values, b->given, strlen(b->given));
        }
    }
    if (b->given_items == b->held_items)
        batch_begin(b);
    return SOURCE_ITEM;
}

static enum source_status batch_end(struct batch *b, struct words *values, struct error *err)
{
    if (b->held_items > 0 && b->plan.slots > 1)
        return batch_spread(b, values);
    if (batch_give(b, values))
        return SOURCE_ITEM;
    if (b->failure.code == ERR_NONE)
        return SOURCE_END;
    if (err)
        *err = b->failure;
    b->failure.code = ERR_NONE;
    return SOURCE_ERROR;
}

/* Puts the item that was read in its place; true if a group is whole, or `*status` tells something else. */
static bool batch_take(struct batch *b, struct words *values, enum source_status *status, struct error *err)
{
    struct error failure;
    *status = SOURCE_ITEM;
    switch (place_item(b, &failure)) {
    case PLACE_BAD:
        *status = SOURCE_ERROR;
        if (tell_bad(b, &failure, err))
            return true;
        break;
    case PLACE_NEXT:
        b->carried = true;
        return batch_give(b, values);
    case PLACE_HERE:
        break;
    }
    return false;
}

static bool is_full(const struct batch *b)
{
    return b->plan.items && b->held_items == b->plan.items;
}

static enum source_status batch_next(struct source *source, struct words *values, struct error *err)
{
    struct batch *b = (struct batch *)source;
    enum source_status status;
    while (!b->ended) {
        if (is_full(b) && batch_give(b, values))
            return SOURCE_ITEM;
        struct error failure = {0};
        if (!b->carried) {
            words_clear(&b->item);
            status = source_next(b->inner, &b->item, &failure);
            if (status == SOURCE_WAIT)
                return SOURCE_WAIT;
            b->read++;
            bool bad = status == SOURCE_ERROR && failure.code == ERR_SPEC;
            if (bad && tell_bad(b, &failure, err))
                return SOURCE_ERROR;
            b->ended = status != SOURCE_ITEM && !bad;
            if (b->ended)
                b->failure = failure;
            if (status != SOURCE_ITEM)
                continue;
        }
        b->carried = false;
        if (batch_take(b, values, &status, err))
            return status;
    }
    return batch_end(b, values, err);
}

static int batch_fd(const struct source *source)
{
    return source_fd(((const struct batch *)source)->inner);
}

static void batch_free(struct source *source)
{
    struct batch *b = (struct batch *)source;
    source_free(b->inner);
    words_fini(&b->item);
    words_fini(&b->held);
    template_meter_fini(&b->meter);
    free(b->sizes);
    free(b);
}

static const struct source_ops batch_ops = {
    .next = batch_next,
    .fd = batch_fd,
    .free = batch_free,
};

struct source *source_packed(struct source *inner, const struct batch_plan *plan)
{
    struct batch *b = xcalloc(1, sizeof *b);
    b->base.ops = &batch_ops;
    b->inner = inner;
    b->plan = *plan;
    b->slots = plan->slots;
    b->meter.template = plan->template;
    if (plan->template)
        template_cost_fixed(&b->meter, &b->fixed);
    batch_begin(b);
    return &b->base;
}

struct source *source_batch(struct source *inner, size_t size)
{
    return size <= 1 ? inner : source_packed(inner, &(struct batch_plan){.items = size});
}
