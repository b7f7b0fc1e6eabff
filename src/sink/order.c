/* Order.
 *
 * A window of places, a ring indexed by sequence number, begins with the first number that has not had its turn; it is
 * that number's turn, unless tasks were split: then links lead out of the line and back. A place takes 16 bytes,
 * because a million results may wait for a slow first task. A small item is packed: its
 * bytes are kept together in one block within the spool's budget, or as one piece in the spool. A large
 * item, most of which is in the spool already, keeps its captures.
 */
#include "sink/order.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define PACKED_MAX SPOOL_PIECE /* bytes of both streams together */
#define BLOCK_COST 32          /* what a block costs beyond its bytes, about */

enum place_kind {
    PLACE_EMPTY,   /* not come yet */
    PLACE_NOTHING, /* came, with no bytes at all */
    PLACE_SKIPPED, /* nothing comes */
    PLACE_BLOCK,
    PLACE_SPOOLED,
    PLACE_ITEM,
    PLACE_GONE, /* it had its turn before those in front of it */
};

struct place {
    union {
        char *block;
        uint64_t offset; /* in the spool */
        struct order_item *item;
    };
    uint32_t kind : 8;
    uint32_t out_len : 24; /* first the bytes for stdout, */
    uint32_t err_len;      /* then those for stderr */
};

struct order {
    void (*emit)(void *context, struct order_item *item);
    void *context;
    struct spool *spool;  /* that of the items; NULL before the first that has bytes */
    struct place *places; /* `cap` of them: number s is at s & (cap - 1) */
    size_t cap;
    uint64_t *links; /* as many: whose turn it is next, 0: the next number's; NULL before the first one */
    size_t waiting;
    uint64_t first;  /* of the window */
    uint64_t next;   /* whose turn it is */
    uint64_t end; /* behind the last that came */
    bool full;
};

struct order *order_new(void (*emit)(void *context, struct order_item *item), void *context)
{
    struct order *o = xcalloc(1, sizeof *o);
    o->emit = emit;
    o->context = context;
    o->first = o->next = o->end = 1;
    return o;
}

static struct place *place_of(const struct order *o, uint64_t seq)
{
    return &o->places[seq & (o->cap - 1)];
}

/* Takes what is at a place out of it, as captures. */
static void unpack(struct order *o, struct place *place, struct order_item *item)
{
    uint32_t out_len = place->out_len, err_len = place->err_len;
    *item = (struct order_item){0};
    capture_init(&item->out, o->spool, 0);
    capture_init(&item->err, o->spool, 0);
    if (place->kind == PLACE_BLOCK) {
        size_t cost = capture_cost(out_len) + capture_cost(err_len);
        spool_budget_give(o->spool, BLOCK_COST + out_len + err_len - cost);
        capture_own(&item->out, xmemdup0(place->block, out_len), out_len);
        capture_own(&item->err, xmemdup0(place->block + out_len, err_len), err_len);
        free(place->block);
    } else if (place->kind == PLACE_SPOOLED) {
        if (out_len)
            capture_adopt(&item->out, (struct spool_piece){place->offset, out_len});
        if (err_len)
            capture_adopt(&item->err, (struct spool_piece){place->offset + out_len, err_len});
    } else if (place->kind == PLACE_ITEM) {
        *item = *place->item;
        free(place->item);
    }
    *place = (struct place){.kind = PLACE_EMPTY};
}

void order_free(struct order *o)
{
    for (uint64_t seq = o->first; seq < o->end; seq++) {
        struct order_item item;
        unpack(o, place_of(o, seq), &item);
        capture_fini(&item.out);
        capture_fini(&item.err);
    }
    free(o->places);
    free(o->links);
    free(o);
}

/* Makes the window reach to `seq`. */
static void widen(struct order *o, uint64_t seq)
{
    size_t cap = o->cap ? o->cap : 64;
    while (seq - o->first >= cap)
        cap *= 2;
    if (cap == o->cap)
        return;
    struct place *places = xcalloc(cap, sizeof *places);
    uint64_t *links = o->links ? xcalloc(cap, sizeof *links) : NULL;
    for (uint64_t i = o->first; i < o->end; i++) {
        places[i & (cap - 1)] = *place_of(o, i);
        if (links)
            links[i & (cap - 1)] = o->links[i & (o->cap - 1)];
    }
    free(o->places);
    free(o->links);
    o->places = places;
    o->links = links;
    o->cap = cap;
}

/* Everything in memory and small enough to be packed? */
static bool can_pack(const struct order_item *item)
{
    return item->out.pieces_len == 0 && item->err.pieces_len == 0 &&
           item->out.memory_len + item->err.memory_len <= PACKED_MAX;
}

static char *copy_visible(const struct capture *c, char *to)
{
    struct capture_cursor cursor = {0};
    struct slice slice;
    while (capture_next(c, &cursor, NULL, &slice, NULL) > 0) {
        memcpy(to, slice.data, slice.len);
        to += slice.len;
    }
    return to;
}

static void pack(struct order *o, struct place *place, struct order_item *item)
{
    size_t out_len = (size_t)capture_size(&item->out), err_len = (size_t)capture_size(&item->err);
    size_t len = out_len + err_len;
    place->kind = PLACE_NOTHING;
    place->out_len = (uint32_t)out_len & 0xFFFFFF;
    place->err_len = (uint32_t)err_len;
    if (len == 0)
        return;
    char *block = xmalloc(len);
    copy_visible(&item->err, copy_visible(&item->out, block));
    struct spool_piece piece;
    if (spool_budget_take(o->spool, len + BLOCK_COST)) {
        place->kind = PLACE_BLOCK;
        place->block = block;
    } else if (spool_write(o->spool, block, len, &piece, NULL) == 0) {
        place->kind = PLACE_SPOOLED;
        place->offset = piece.offset;
        free(block);
    } else {
        /* No room anywhere: the captures stay as they are, and no more should come. */
        free(block);
        place->kind = PLACE_ITEM;
        o->full = true;
    }
}

static void hold(struct order *o, uint64_t seq, struct order_item *item)
{
    widen(o, seq);
    if (!o->spool)
        o->spool = item->out.spool ? item->out.spool : item->err.spool;
    struct place *place = place_of(o, seq);
    if (can_pack(item))
        pack(o, place, item);
    else
        place->kind = PLACE_ITEM;
    if (place->kind == PLACE_ITEM) {
        place->item = xmalloc(sizeof *place->item);
        capture_move(&place->item->out, &item->out);
        capture_move(&place->item->err, &item->err);
    } else {
        capture_fini(&item->out);
        capture_fini(&item->err);
    }
    if (seq >= o->end)
        o->end = seq + 1;
    o->waiting++;
}

static bool is_gone(const struct order *o, uint64_t seq)
{
    return seq < o->first || (o->links && seq < o->end && place_of(o, seq)->kind == PLACE_GONE);
}

/* Whoever's turn it was has had it. */
static void pass(struct order *o)
{
    uint64_t seq = o->next++;
    if (o->end < o->next)
        o->end = o->next;
    if (!o->links) {
        o->first = o->next;
        return;
    }
    uint64_t *link = &o->links[seq & (o->cap - 1)];
    place_of(o, seq)->kind = PLACE_GONE;
    if (*link)
        o->next = *link;
    *link = 0;
    while (o->next < o->end && is_gone(o, o->next))
        o->next++;
    for (; o->first < o->end && is_gone(o, o->first); o->first++)
        place_of(o, o->first)->kind = PLACE_EMPTY;
}

void order_link(struct order *o, uint64_t seq, uint64_t next)
{
    widen(o, seq > o->next ? seq : o->next);
    if (!o->links)
        o->links = xcalloc(o->cap, sizeof *o->links);
    o->links[seq & (o->cap - 1)] = next;
    if (seq >= o->end)
        o->end = seq + 1;
}

/* Emits what is at the front, if it has come. */
static void emit_front(struct order *o)
{
    struct place *place = place_of(o, o->next);
    enum place_kind kind = place->kind;
    if (kind == PLACE_EMPTY || kind == PLACE_SKIPPED) {
        place->kind = PLACE_EMPTY;
        pass(o);
        return;
    }
    struct order_item item;
    unpack(o, place, &item);
    pass(o);
    o->waiting--;
    o->full = false; /* room was made; the next that finds none says so again */
    o->emit(o->context, &item);
}

static void advance(struct order *o)
{
    while (o->next < o->end && place_of(o, o->next)->kind != PLACE_EMPTY)
        emit_front(o);
}

void order_put(struct order *o, uint64_t seq, struct order_item *item)
{
    if (seq != o->next && !is_gone(o, seq)) {
        hold(o, seq, item);
        return;
    }
    if (seq == o->next) {
        if (o->links)
            widen(o, seq);
        pass(o);
    }
    o->emit(o->context, item);
    advance(o);
}

void order_event(struct order *o, const struct event *event)
{
    uint64_t seq = event->task->place;
    if (event->from != event->to || order_has_place(event->task) || is_gone(o, seq))
        return;
    widen(o, seq);
    place_of(o, seq)->kind = PLACE_SKIPPED;
    if (seq >= o->end)
        o->end = seq + 1;
    advance(o);
}

bool order_has_place(const struct task *task)
{
    return !task->spec->daemon;
}

void order_flush(struct order *o)
{
    while (o->first < o->end) {
        if (o->next >= o->end)
            o->next = o->first; /* a link led to what never came */
        emit_front(o);
    }
}

uint64_t order_next(const struct order *o)
{
    return o->next;
}

size_t order_waiting(const struct order *o)
{
    return o->waiting;
}

bool order_is_full(const struct order *o)
{
    return o->full;
}
