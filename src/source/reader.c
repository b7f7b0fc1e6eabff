/* A block reader that shares its descriptor with others.
 *
 * O_NONBLOCK belongs to the open file description, which stdin shares with the shell and with whoever else
 * has it; so it is never set there. Instead poll(2) is asked before each read, and one read is made for each
 * "readable": that read cannot block unless another process takes the bytes in between. Regular files are
 * read at once.
 *
 * The block is 64 KiB and grows only while one unconsumed piece is longer; a block that grew is given back as
 * soon as it is empty.
 */
#include "source/reader.h"

#include "base/alloc.h"
#include "os/files.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READER_BLOCK ((size_t)64 << 10)

int reader_open(const char *path, struct error *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    if (is_stdin && files_was_closed(STDIN_FILENO))
        return error_set_errno(err, ERR_INPUT, EBADF, "cannot read standard input");
    /* O_NONBLOCK, on a description of our own: opening a FIFO must not wait for its writer. */
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return error_set_errno(err, ERR_INPUT, errno, "cannot open %s", path);
    struct stat st;
    int code = fstat(fd, &st) != 0 ? errno : S_ISDIR(st.st_mode) ? EISDIR : 0;
    if (code == 0)
        return fd;
    if (!is_stdin)
        close(fd);
    return error_set_errno(err, ERR_INPUT, code, "cannot read %s", is_stdin ? "standard input" : path);
}

void reader_init(struct reader *r, int fd, bool own, const char *name)
{
    struct stat st;
    bool is_file = fstat(fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISBLK(st.st_mode) || S_ISDIR(st.st_mode));
    *r = (struct reader){.fd = fd, .own = own, .waits = !is_file, .name = xstrdup(name)};
}

void reader_fini(struct reader *r)
{
    if (r->own && r->fd >= 0)
        close(r->fd);
    free(r->name);
    free(r->data);
    *r = (struct reader){.fd = -1, .ended = true};
}

int reader_fd(const struct reader *r)
{
    return r->waits && !r->ended ? r->fd : -1;
}

void reader_consume(struct reader *r, size_t len)
{
    r->start += len;
    if (r->start < r->end)
        return;
    r->start = r->end = 0;
    if (r->cap > READER_BLOCK) {
        free(r->data);
        r->data = NULL;
        r->cap = 0;
    }
}

static void make_room(struct reader *r)
{
    if (r->start > 0) {
        memmove(r->data, r->data + r->start, r->end - r->start);
        r->end -= r->start;
        r->start = 0;
    }
    if (r->end < r->cap)
        return;
    r->cap = r->cap ? r->cap * 2 : READER_BLOCK;
    r->data = xrealloc_array(r->data, r->cap, 1);
}

static bool is_readable(const struct reader *r)
{
    struct pollfd p = {.fd = r->fd, .events = POLLIN};
    /* Whatever poll reports, an error too, is learnt by reading. */
    return !r->waits || poll(&p, 1, 0) > 0;
}

enum source_status reader_read(struct reader *r, char *to, size_t room, size_t *len, struct error *err)
{
    *len = 0;
    if (r->ended)
        return SOURCE_END;
    if (!is_readable(r))
        return SOURCE_WAIT;
    ssize_t got;
    do {
        got = read(r->fd, to, room);
    } while (got < 0 && errno == EINTR);
    if (got > 0) {
        *len = (size_t)got;
        return SOURCE_ITEM;
    }
    if (got < 0 && errno == EAGAIN)
        return SOURCE_WAIT;
    r->ended = true;
    if (got == 0)
        return SOURCE_END;
    error_set_errno(err, ERR_INPUT, errno, "cannot read %s", r->name);
    return SOURCE_ERROR;
}

enum source_status reader_fill(struct reader *r, struct error *err)
{
    size_t got;
    if (!r->ended)
        make_room(r);
    enum source_status status = reader_read(r, r->data + r->end, r->cap - r->end, &got, err);
    r->end += got;
    return status;
}
