/* The spool: extents in one unlinked file.
 *
 * The file is cut into blocks of 1 MiB. Pieces are laid one behind the other into the current block; the
 * table holds for every block how many bytes of it are live. A block that falls to 0 goes to the free
 * list (the current one starts again from its beginning), and when nothing is live in a large file, the
 * file is cut to nothing, so that the disk has its space back.
 *
 * An extent counts as live from the moment it is reserved, under the mutex, until it is dropped. So nobody
 * else can be given its place, and the reading and writing of it need no lock.
 */
#include "base/spool.h"

#include "base/alloc.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#define BLOCK       (1u << 20)
#define KEEP_BLOCKS 16 /* an empty file of at most this size is not cut */
#define NO_BLOCK    SIZE_MAX

struct spool {
    pthread_mutex_t mutex;
    int (*open_file)(struct error *err);
    int fd;            /* -1: not opened yet; set once */
    uint32_t *live;    /* live bytes per block */
    size_t *free_list; /* as long as `live`; blocks with nothing live, the current one not among them */
    size_t blocks, blocks_cap, free_len;
    size_t current; /* block that takes the next piece, or NO_BLOCK */
    uint32_t fill;  /* how much of it is given out */
    uint64_t total_live;
    size_t budget_used;
};

struct spool *spool_new(int (*open_file)(struct error *err))
{
    struct spool *s = xcalloc(1, sizeof *s);
    pthread_mutex_init(&s->mutex, NULL);
    s->open_file = open_file;
    s->fd = -1;
    s->current = NO_BLOCK;
    return s;
}

void spool_free(struct spool *s)
{
    if (!s)
        return;
    if (s->fd >= 0)
        close(s->fd);
    pthread_mutex_destroy(&s->mutex);
    free(s->live);
    free(s->free_list);
    free(s);
}

static size_t new_block(struct spool *s)
{
    if (s->free_len > 0)
        return s->free_list[--s->free_len];
    if (s->blocks == s->blocks_cap) {
        s->blocks_cap = s->blocks_cap ? s->blocks_cap * 2 : 16;
        s->live = xrealloc_array(s->live, s->blocks_cap, sizeof *s->live);
        s->free_list = xrealloc_array(s->free_list, s->blocks_cap, sizeof *s->free_list);
    }
    s->live[s->blocks] = 0;
    return s->blocks++;
}

/* With the mutex held. */
static uint64_t reserve(struct spool *s, uint32_t len)
{
    if (s->current == NO_BLOCK || BLOCK - s->fill < len) {
        s->current = new_block(s);
        s->fill = 0;
    }
    uint64_t offset = (uint64_t)s->current * BLOCK + s->fill;
    s->fill += len;
    s->live[s->current] += len;
    s->total_live += len;
    return offset;
}

/* With the mutex held. */
static void release(struct spool *s, struct spool_piece piece)
{
    size_t block = (size_t)(piece.offset / BLOCK);
    s->live[block] -= piece.len;
    s->total_live -= piece.len;
    if (s->live[block] > 0)
        return;
    if (block == s->current)
        s->fill = 0;
    else
        s->free_list[s->free_len++] = block;
    /* Nothing is live, so no write is under way. */
    if (s->total_live == 0 && s->blocks > KEEP_BLOCKS && ftruncate(s->fd, 0) == 0) {
        s->blocks = s->free_len = 0;
        s->current = NO_BLOCK;
    }
}

static int write_all(int fd, const char *data, size_t len, uint64_t offset)
{
    while (len > 0) {
        ssize_t n = pwrite(fd, data, len, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? errno : ENOSPC;
        data += n;
        len -= (size_t)n;
        offset += (uint64_t)n;
    }
    return 0;
}

static int read_all(int fd, char *data, size_t len, uint64_t offset)
{
    while (len > 0) {
        ssize_t n = pread(fd, data, len, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? errno : EIO;
        data += n;
        len -= (size_t)n;
        offset += (uint64_t)n;
    }
    return 0;
}

int spool_write(struct spool *s, const void *data, size_t len, struct spool_piece *piece, struct error *err)
{
    if (len > SPOOL_PIECE)
        return error_set(err, ERR_OUTPUT, "a piece of %zu bytes is too large for the temporary file", len);
    struct spool_piece made = {0, (uint32_t)len};
    if (len > 0) {
        pthread_mutex_lock(&s->mutex);
        if (s->fd < 0)
            s->fd = s->open_file(err);
        int fd = s->fd;
        if (fd >= 0)
            made.offset = reserve(s, made.len);
        pthread_mutex_unlock(&s->mutex);
        if (fd < 0)
            return -1;
        int failed = write_all(fd, data, len, made.offset);
        if (failed) {
            spool_drop(s, made);
            return error_set_errno(err, ERR_OUTPUT, failed, "cannot write to the temporary file");
        }
    }
    *piece = made;
    return 0;
}

int spool_read(struct spool *s, struct spool_piece piece, void *data, struct error *err)
{
    if (piece.len == 0)
        return 0;
    pthread_mutex_lock(&s->mutex);
    int fd = s->fd;
    pthread_mutex_unlock(&s->mutex);
    int failed = read_all(fd, data, piece.len, piece.offset);
    if (failed)
        return error_set_errno(err, ERR_OUTPUT, failed, "cannot read the temporary file");
    return 0;
}

void spool_drop(struct spool *s, struct spool_piece piece)
{
    if (piece.len == 0)
        return;
    pthread_mutex_lock(&s->mutex);
    release(s, piece);
    pthread_mutex_unlock(&s->mutex);
}

bool spool_budget_take(struct spool *s, size_t bytes)
{
    pthread_mutex_lock(&s->mutex);
    bool fits = bytes <= SPOOL_BUDGET - s->budget_used;
    if (fits)
        s->budget_used += bytes;
    pthread_mutex_unlock(&s->mutex);
    return fits;
}

void spool_budget_give(struct spool *s, size_t bytes)
{
    pthread_mutex_lock(&s->mutex);
    s->budget_used = bytes < s->budget_used ? s->budget_used - bytes : 0;
    pthread_mutex_unlock(&s->mutex);
}

uint64_t spool_live(struct spool *s)
{
    pthread_mutex_lock(&s->mutex);
    uint64_t live = s->total_live;
    pthread_mutex_unlock(&s->mutex);
    return live;
}
