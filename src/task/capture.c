/* Captures.
 *
 * The kept bytes are, in order: the head pieces, the tail pieces, the memory. Without a limit, or if all are
 * kept, every piece is a head piece. With one, pieces go to the head until it holds limit/2 bytes and SLACK more, then to
 * the tail; the first tail piece is given back as soon as what is behind it holds limit - limit/2 bytes
 * and SLACK more. So nothing is given back before more than `limit` bytes came, and around both cuts there
 * are enough bytes to see whether a character goes across.
 *
 * Memory starts small and doubles. What is allocated beyond FREE_MEMORY counts in the spool's budget; when
 * that is used up, what is in memory goes to the spool and the memory is filled again.
 */
#include "task/capture.h"

#include "base/alloc.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_MEMORY 512
#define FREE_MEMORY 4096
#define SLACK 3 /* a character is at most four bytes: a cut has at most three of it on one side */

size_t capture_cost(size_t memory)
{
    return memory > FREE_MEMORY ? memory - FREE_MEMORY : 0;
}

static int64_t kept(const struct capture *c)
{
    return c->head_len + c->tail_len + (int64_t)c->memory_len;
}

static int64_t head_limit(const struct capture *c)
{
    return c->limit / 2;
}

static int64_t tail_limit(const struct capture *c)
{
    return c->limit - c->limit / 2;
}

void capture_init(struct capture *c, struct spool *spool, int64_t limit)
{
    *c = (struct capture){.spool = spool, .limit = limit};
}

void capture_keep_all(struct capture *c)
{
    c->keeps_all = true;
}

void capture_count_only(struct capture *c)
{
    c->only_counts = true;
}

void capture_give(struct capture *to, struct capture *from)
{
    int64_t total = from->total;
    capture_reveal(from);
    capture_move(to, from);
    to->keeps_all = false;
    capture_count_only(from);
    from->total = total;
}

void capture_reveal(struct capture *c)
{
    c->limit = 0;
    c->cut = false;
}

static void drop_pieces(struct capture *c, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        spool_drop(c->spool, c->pieces[i]);
}

void capture_fini(struct capture *c)
{
    drop_pieces(c, 0, c->head_pieces);
    drop_pieces(c, c->tail_first, c->pieces_len);
    if (capture_cost(c->memory_cap))
        spool_budget_give(c->spool, capture_cost(c->memory_cap));
    free(c->pieces);
    free(c->memory);
    *c = (struct capture){0};
}

void capture_move(struct capture *to, struct capture *from)
{
    *to = *from;
    capture_init(from, to->spool, to->limit);
}

static bool grow(struct capture *c)
{
    size_t cap = c->memory_cap ? c->memory_cap * 2 : FIRST_MEMORY;
    size_t more = capture_cost(cap) - capture_cost(c->memory_cap);
    if (cap > SPOOL_PIECE || (more && !spool_budget_take(c->spool, more)))
        return false;
    c->memory = xrealloc_array(c->memory, cap, 1);
    c->memory_cap = cap;
    return true;
}

/* Room for one more piece: places of tail pieces that were given back are used first. */
static void reserve_piece(struct capture *c)
{
    if (c->pieces_len < c->pieces_cap)
        return;
    size_t gap = c->tail_first - c->head_pieces;
    if (gap > c->pieces_len / 2) {
        memmove(c->pieces + c->head_pieces, c->pieces + c->tail_first,
                (c->pieces_len - c->tail_first) * sizeof *c->pieces);
        c->pieces_len -= gap;
        c->tail_first = c->head_pieces;
        return;
    }
    c->pieces_cap = c->pieces_cap ? c->pieces_cap * 2 : 4;
    c->pieces = xrealloc_array(c->pieces, c->pieces_cap, sizeof *c->pieces);
}

static void add_piece(struct capture *c, struct spool_piece piece)
{
    reserve_piece(c);
    c->pieces[c->pieces_len++] = piece;
    if (c->limit == 0 || c->keeps_all || c->head_len < head_limit(c) + SLACK) {
        c->head_pieces = c->tail_first = c->pieces_len;
        c->head_len += piece.len;
    } else {
        c->tail_len += piece.len;
    }
}

/* Gives back what no reader can see any more. */
static void trim_tail(struct capture *c)
{
    while (c->tail_first < c->pieces_len) {
        struct spool_piece first = c->pieces[c->tail_first];
        if (c->tail_len - first.len + (int64_t)c->memory_len < tail_limit(c) + SLACK)
            return;
        spool_drop(c->spool, first);
        c->tail_len -= first.len;
        c->tail_first++;
    }
}

static int spool_bytes(struct capture *c, const char *data, size_t len, struct error *err)
{
    struct spool_piece piece;
    if (spool_write(c->spool, data, len, &piece, err) < 0)
        return -1;
    add_piece(c, piece);
    return 0;
}

static int spool_memory(struct capture *c, struct error *err)
{
    size_t len = c->memory_len;
    if (spool_bytes(c, c->memory, len, err) < 0)
        return -1;
    c->memory_len = 0;
    return 0;
}

int capture_append(struct capture *c, const void *data, size_t len, struct error *err)
{
    const char *from = data;
    c->cut = false;
    if (c->only_counts) {
        c->total += (int64_t)len;
        return 0;
    }
    while (len > 0) {
        size_t take;
        if (c->memory_len == 0 && len >= SPOOL_PIECE && c->pieces_len > 0) {
            take = SPOOL_PIECE;
            if (spool_bytes(c, from, take, err) < 0)
                return -1;
        } else {
            while (c->memory_cap - c->memory_len < len && grow(c))
                ;
            if (c->memory_len == c->memory_cap && spool_memory(c, err) < 0)
                return -1;
            size_t room = c->memory_cap - c->memory_len;
            take = len < room ? len : room;
            memcpy(c->memory + c->memory_len, from, take);
            c->memory_len += take;
        }
        c->total += (int64_t)take;
        from += take;
        len -= take;
        trim_tail(c);
    }
    return 0;
}

void capture_adopt(struct capture *c, struct spool_piece piece)
{
    add_piece(c, piece);
    c->total += piece.len;
}

void capture_own(struct capture *c, char *memory, size_t len)
{
    c->memory = memory;
    c->memory_len = c->memory_cap = len;
    c->total = (int64_t)len;
}

/* `i`, or the first piece behind the ones given back if it is one of those. */
static size_t skip_gap(const struct capture *c, size_t i)
{
    return i >= c->head_pieces && i < c->tail_first ? c->tail_first : i;
}

/* Copies kept bytes [at, at + len) to `out`; `scratch` has room for a piece. */
static int copy_kept(const struct capture *c, int64_t at, size_t len, char *out, char *scratch,
                     struct error *err)
{
    int64_t start = 0;
    for (size_t i = skip_gap(c, 0); i < c->pieces_len && len > 0; i = skip_gap(c, i + 1)) {
        int64_t end = start + c->pieces[i].len;
        if (at < end) {
            if (spool_read(c->spool, c->pieces[i], scratch, err) < 0)
                return -1;
            size_t room = (size_t)(end - at), take = len < room ? len : room;
            memcpy(out, scratch + (at - start), take);
            out += take;
            at += (int64_t)take;
            len -= take;
        }
        start = end;
    }
    if (len > 0 && c->memory)
        memcpy(out, c->memory + (at - c->head_len - c->tail_len), len);
    return 0;
}

/* A cut at kept byte `at`: if a character goes across it, *back of its bytes are before and *ahead behind. */
static int look_across(const struct capture *c, int64_t at, size_t *back, size_t *ahead, char *scratch,
                       struct error *err)
{
    char around[2 * SLACK];
    size_t before = at < SLACK ? (size_t)at : SLACK;
    size_t behind = kept(c) - at < SLACK ? (size_t)(kept(c) - at) : SLACK;
    *back = *ahead = 0;
    if (copy_kept(c, at - (int64_t)before, before + behind, around, scratch, err) < 0)
        return -1;
    size_t partial = utf8_partial_tail(around, before);
    for (size_t n = 1; partial && n <= behind && partial + n <= 4; n++) {
        if (utf8_valid(around + before - partial, partial + n)) {
            *back = partial;
            *ahead = n;
            break;
        }
    }
    return 0;
}

static void shrink(struct capture *c)
{
    if (c->memory_cap <= FIRST_MEMORY || c->memory_len > c->memory_cap / 2)
        return;
    size_t cap = c->memory_len;
    if (cap > 0) {
        c->memory = xrealloc_array(c->memory, cap, 1);
    } else {
        free(c->memory);
        c->memory = NULL;
    }
    if (capture_cost(c->memory_cap) > capture_cost(cap))
        spool_budget_give(c->spool, capture_cost(c->memory_cap) - capture_cost(cap));
    c->memory_cap = cap;
}

int capture_seal(struct capture *c, struct error *err)
{
    shrink(c);
    if (c->only_counts) {
        c->cut = c->total > 0;
        return 0;
    }
    c->cut = c->limit > 0 && c->total > c->limit;
    if (!c->cut)
        return 0;
    size_t head_back = 0, head_ahead = 0, tail_back = 0, tail_ahead = 0;
    int64_t tail_at = kept(c) - tail_limit(c);
    char *scratch = xmalloc(SPOOL_PIECE);
    int got = look_across(c, head_limit(c), &head_back, &head_ahead, scratch, err);
    if (got == 0)
        got = look_across(c, tail_at, &tail_back, &tail_ahead, scratch, err);
    free(scratch);
    if (got < 0) {
        c->head_show = 0;
        c->tail_skip = kept(c);
        return -1;
    }
    c->head_show = head_limit(c) - (int64_t)head_back;
    c->tail_skip = tail_at + (int64_t)tail_ahead - c->head_show;
    return 0;
}

bool capture_truncated(const struct capture *c)
{
    return c->cut;
}

int64_t capture_size(const struct capture *c)
{
    return c->cut ? kept(c) - c->tail_skip : kept(c);
}

int64_t capture_omitted_at(const struct capture *c)
{
    return c->cut ? c->head_show : -1;
}

/* The part of a block of `len` kept bytes from `start` on that a reader sees before (or, `behind`, after)
 * the cut. */
static struct slice visible(const struct capture *c, const char *data, int64_t start, size_t len, bool behind)
{
    int64_t from = start, to = start + (int64_t)len;
    if (!c->cut)
        return (struct slice){data, behind ? 0 : len};
    if (!behind && to > c->head_show)
        to = c->head_show;
    if (behind && from < c->head_show + c->tail_skip)
        from = c->head_show + c->tail_skip;
    return to > from ? (struct slice){data + (from - start), (size_t)(to - from)} : (struct slice){data, 0};
}

/* Reads a piece, unless nothing of it is seen. Both visible parts, if there are two, are laid together. */
static int next_piece(const struct capture *c, struct capture_cursor *cursor, char *scratch,
                      struct slice *slice, struct error *err)
{
    struct spool_piece piece = c->pieces[cursor->piece++];
    struct slice first = visible(c, scratch, cursor->position, piece.len, false);
    struct slice second = visible(c, scratch, cursor->position, piece.len, true);
    cursor->position += piece.len;
    slice->data = scratch;
    slice->len = first.len + second.len;
    if (slice->len == 0)
        return 0;
    if (spool_read(c->spool, piece, scratch, err) < 0)
        return -1;
    if (first.len == 0)
        slice->data = second.data;
    else if (second.len > 0)
        memmove(scratch + first.len, second.data, second.len);
    return 0;
}

int capture_next(const struct capture *c, struct capture_cursor *cursor, char *scratch, struct slice *slice,
                 struct error *err)
{
    while (true) {
        cursor->piece = skip_gap(c, cursor->piece);
        if (cursor->piece >= c->pieces_len)
            break;
        if (next_piece(c, cursor, scratch, slice, err) < 0)
            return -1;
        if (slice->len > 0)
            return 1;
    }
    /* Memory may be seen in two parts; the position, which stays at its start between them, tells which is
     * next. */
    int64_t start = c->head_len + c->tail_len;
    while (!cursor->memory_done) {
        bool behind = cursor->position > start || c->memory_len == 0;
        *slice = visible(c, c->memory, start, c->memory_len, behind);
        cursor->memory_done = behind;
        cursor->position = start + (int64_t)c->memory_len;
        if (slice->len > 0)
            return 1;
    }
    return 0;
}
