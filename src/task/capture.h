/* What a task wrote on one stream: every byte of it, or its head and tail if it is bounded.
 *
 * The first 64 KiB stay in memory as long as the spool's budget allows; the rest goes to the spool in
 * pieces. With a limit, the first and the last limit/2 bytes are kept and pieces between them are given
 * back as the stream goes on; unless every byte is kept, for the output itself, and the limit is only that of
 * what an object shows. Filled by one supervisor, read by the main thread after the attempt ended.
 */
#ifndef JOBPOOL_TASK_CAPTURE_H
#define JOBPOOL_TASK_CAPTURE_H

#include "base/slice.h"
#include "base/spool.h"

#include <stdint.h>

struct capture {
    struct spool *spool;
    int64_t limit; /* bytes that a reader will see at most; 0: all */
    bool keeps_all; /* what he will not see too, for capture_reveal */
    bool only_counts;
    int64_t total; /* bytes written by the task */
    char *memory;  /* the youngest bytes, not spooled yet */
    size_t memory_len;
    size_t memory_cap;
    struct spool_piece *pieces; /* older bytes: pieces[0..head), then pieces[tail_first..count) */
    size_t pieces_len;
    size_t pieces_cap;
    size_t head_pieces; /* how many pieces hold the head */
    size_t tail_first;  /* first piece of the tail that is still kept */
    int64_t head_len;   /* bytes in the head pieces */
    int64_t tail_len;   /* bytes in the kept tail pieces */
    int64_t head_show;  /* set by capture_seal: bytes of the head that a reader sees, */
    int64_t tail_skip;  /* and kept bytes behind it that he does not see */
    bool cut;           /* set by capture_seal: something is left out */
};

void capture_init(struct capture *c, struct spool *spool, int64_t limit);
/* Of an empty one: nothing is given back, whatever the limit. */
void capture_keep_all(struct capture *c);
/* Keeps nothing of what is appended from here on, but counts it; a reader sees nothing. Of an empty one. */
void capture_count_only(struct capture *c);
/* Moves all that `from` keeps into `to` (empty); `from` only counts from here on, with what it has counted. It has
 * no limit, or has kept all. */
void capture_give(struct capture *to, struct capture *from);
/* From here on a reader sees all that is kept. */
void capture_reveal(struct capture *c);
void capture_fini(struct capture *c); /* gives memory, budget and pieces back; zeroed memory is valid too */
void capture_move(struct capture *to,
                  struct capture *from); /* `to` (finished before) owns it; from is empty */

/* -1 with ERR_OUTPUT if the spool could not take it; what was captured before stays readable. */
int capture_append(struct capture *c, const void *data, size_t len, struct error *err);

/* Takes over a piece of the spool as the next bytes, for captures without a limit that hold nothing in
 * memory. */
void capture_adopt(struct capture *c, struct spool_piece piece);
/* Takes over malloced bytes as all of an empty capture. capture_cost(len) of the budget, which the caller
 * has taken, is the capture's from then on. */
void capture_own(struct capture *c, char *memory, size_t len);
size_t capture_cost(size_t memory); /* what so much memory takes from the budget */

/* Is something left out, and after how many bytes of what a reader sees? The cut is at character
 * boundaries: a character that the cut would split is left out whole. (Valid after the last append;
 * capture_seal computes it and must have been called.) */
int capture_seal(struct capture *c, struct error *err);
bool capture_truncated(const struct capture *c);
int64_t capture_size(const struct capture *c);       /* bytes that capture_next gives */
int64_t capture_omitted_at(const struct capture *c); /* -1 if nothing is left out */

/* Walks over what is kept. Start with a zeroed cursor; `scratch` holds SPOOL_PIECE bytes; each call gives
 * the next bytes in *slice (valid until the next call). 1: bytes, 0: the end, -1: ERR_OUTPUT. */
struct capture_cursor {
    size_t piece;      /* the next piece */
    int64_t position;  /* kept bytes passed so far */
    bool memory_done;
};
int capture_next(const struct capture *c, struct capture_cursor *cursor, char *scratch, struct slice *slice,
                 struct error *err);

#endif
