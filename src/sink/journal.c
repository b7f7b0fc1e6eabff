#include "sink/journal.h"

#include "base/alloc.h"
#include "os/files.h"
#include "os/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE        (1u << 18) /* bytes read at a time, */
#define LINE_PIECE   1024       /* or for one line */
#define GUARD_WAIT   INT64_C(10000000000) /* for what a killed run left */
#define BYTE_WRITER  0
#define BYTE_GUARD   1

struct journal {
    char *path;
    int fd;       /* -1: there is no such file, and it is only to be read */
    int guard_fd; /* -1: given away */
    off_t end;    /* behind the last whole line */
    off_t torn;   /* bytes behind that, when it was read */

    pthread_mutex_t lock; /* for what follows, and `end` once it is written to */
    struct buffer line;
    atomic_bool failed;
    struct error error; /* the first */
    bool told;
};

/* ---- opening ---- */

static int open_file(struct journal *j, bool only_read, struct error *err)
{
    struct stat st;
    int flags = O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (only_read ? O_RDONLY : O_RDWR | O_CREAT | O_APPEND);
    enum error_code code = only_read ? ERR_INPUT : ERR_IO;
    j->fd = open(j->path, flags, 0666);
    if (j->fd < 0 && only_read && errno == ENOENT)
        return 0;
    if (j->fd < 0 || fstat(j->fd, &st) < 0)
        return error_set_errno(err, code, errno, "journal %s", j->path);
    if (!S_ISREG(st.st_mode))
        return error_set(err, code, "journal %.200s: this is no regular file, and nobody could read it again; "
                         "give the name of a file", j->path);
    return 0;
}

static int lock_file(struct journal *j, struct error *err)
{
    int got = lock_byte(j->fd, BYTE_WRITER, 0, err);
    if (got == 0)
        return error_set(err, ERR_IO, "journal %.200s: another jobpool is writing it; wait for its end, or give "
                         "each run a journal of its own", j->path);
    j->guard_fd = got < 0 ? -1 : open(j->path, O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (got > 0 && j->guard_fd < 0)
        return error_set_errno(err, ERR_IO, errno, "journal %s", j->path);
    if (got > 0)
        got = lock_byte(j->guard_fd, BYTE_GUARD, GUARD_WAIT, err);
    if (got == 0)
        return error_set(err, ERR_IO, "journal %.200s: the tasks of the run that was killed are still there; end "
                         "them, then try again", j->path);
    return got < 0 ? error_prefix(err, "journal %.200s", j->path) : 0;
}

struct journal *journal_open(const char *path, bool only_read, struct error *err)
{
    struct journal *j = xcalloc(1, sizeof *j);
    j->path = xstrdup(path);
    j->fd = j->guard_fd = -1;
    pthread_mutex_init(&j->lock, NULL);
    if (open_file(j, only_read, err) < 0 || (!only_read && lock_file(j, err) < 0)) {
        journal_close(j);
        return NULL;
    }
    return j;
}

void journal_close(struct journal *j)
{
    if (!j)
        return;
    journal_guarded(j);
    if (j->fd >= 0)
        close(j->fd);
    pthread_mutex_destroy(&j->lock);
    buffer_fini(&j->line);
    free(j->path);
    free(j);
}

const char *journal_path(const struct journal *j)
{
    return j->path;
}

int journal_guard_fd(const struct journal *j)
{
    return j->guard_fd;
}

void journal_guarded(struct journal *j)
{
    if (j->guard_fd >= 0)
        close(j->guard_fd);
    j->guard_fd = -1;
}

/* ---- reading ---- */

struct reading {
    struct journal *journal;
    int (*visit)(void *context, const struct journal_record *record, off_t at, struct error *err);
    void *context;
    struct buffer bytes; /* read, and no whole line yet */
    uint64_t line;       /* of the last one */
};

static int read_line(struct reading *r, struct slice line, struct error *err)
{
    struct journal_record record;
    struct journal *j = r->journal;
    r->line++;
    struct error why;
    if (journal_parse(line, &record, &why) < 0)
        return error_set(err, ERR_INPUT, "journal %.200s:%" PRIu64 " (byte %lld): %.120s; cut the file off there, "
                         "or begin another journal", j->path, r->line, (long long)j->end, why.message);
    int got = r->visit(r->context, &record, j->end, err);
    j->end += (off_t)line.len + 1;
    return got;
}

/* The whole lines of what was read. */
static int read_lines(struct reading *r, struct error *err)
{
    size_t at = 0;
    const char *end;
    int got = 0;
    while (got == 0 && (end = memchr(r->bytes.data + at, '\n', r->bytes.len - at))) {
        size_t len = (size_t)(end - (r->bytes.data + at));
        got = read_line(r, (struct slice){r->bytes.data + at, len}, err);
        at += len + 1;
    }
    buffer_drop_front(&r->bytes, at);
    return got;
}

int journal_read(struct journal *j,
                 int (*visit)(void *context, const struct journal_record *record, off_t at, struct error *err),
                 void *context, struct error *err)
{
    struct reading r = {.journal = j, .visit = visit, .context = context};
    off_t at = 0;
    int got = 0;
    j->end = 0;
    while (j->fd >= 0 && got == 0) {
        ssize_t n = pread(j->fd, buffer_reserve(&r.bytes, PIECE), PIECE, at);
        if (n < 0)
            got = error_set_errno(err, ERR_INPUT, errno, "journal %s: read", j->path);
        if (n <= 0)
            break;
        r.bytes.len += (size_t)n;
        at += n;
        got = read_lines(&r, err);
    }
    j->torn = (off_t)r.bytes.len;
    buffer_fini(&r.bytes);
    return got;
}

off_t journal_torn(const struct journal *j)
{
    return j->torn;
}

bool journal_line_at(const struct journal *j, off_t at, struct buffer *line)
{
    const char *end = NULL;
    while (!end) {
        char *piece = buffer_reserve(line, LINE_PIECE);
        ssize_t n = pread(j->fd, piece, LINE_PIECE, at);
        if (n <= 0)
            return false;
        end = memchr(piece, '\n', (size_t)n);
        line->len += end ? (size_t)(end - piece) : (size_t)n;
        at += n;
    }
    return true;
}

uint64_t journal_line_number(const struct journal *j, off_t at)
{
    uint64_t number = 1;
    char *piece = xmalloc(PIECE);
    off_t from = 0;
    for (ssize_t n; from < at && (n = pread(j->fd, piece, PIECE, from)) > 0; from += n)
        for (ssize_t i = 0; i < n && from + i < at; i++)
            number += piece[i] == '\n';
    free(piece);
    return number;
}

/* ---- writing ---- */

/* Behind a write that failed, the whole lines that are there stay. */
static void cut_behind_lines(struct journal *j, const struct buffer *bytes)
{
    struct stat st;
    if (fstat(j->fd, &st) < 0)
        return;
    size_t there = st.st_size > j->end ? (size_t)(st.st_size - j->end) : 0;
    there = there < bytes->len ? there : bytes->len;
    const char *last = there ? memrchr(bytes->data, '\n', there) : NULL;
    j->end += last ? last + 1 - bytes->data : 0;
    (void)!ftruncate(j->fd, j->end); /* the error that is told stays the first */
}

static void fail_locked(struct journal *j, const struct error *err)
{
    if (atomic_exchange(&j->failed, true))
        return;
    j->error = *err;
    j->error.code = ERR_IO;
    error_prefix(&j->error, "journal %.200s", j->path);
}

static int write_locked(struct journal *j, const struct buffer *bytes)
{
    struct error err;
    if (atomic_load(&j->failed))
        return -1;
    if (files_write_all(j->fd, bytes->data, bytes->len, &err) < 0) {
        cut_behind_lines(j, bytes);
        fail_locked(j, &err);
        return -1;
    }
    j->end += (off_t)bytes->len;
    return 0;
}

static int write_line(struct journal *j, const struct task *t, bool start, bool again, int64_t real_ns)
{
    int got = -1;
    pthread_mutex_lock(&j->lock);
    buffer_clear(&j->line);
    if (start)
        journal_write_start(&j->line, t, real_ns);
    else
        journal_write_end(&j->line, t, again);
    got = write_locked(j, &j->line);
    pthread_mutex_unlock(&j->lock);
    return got;
}

bool journal_start(struct journal *j, const struct task *t, int64_t real_ns)
{
    return !atomic_load(&j->failed) && write_line(j, t, true, false, real_ns) == 0;
}

void journal_end(struct journal *j, const struct task *t, bool again)
{
    if (!atomic_load(&j->failed))
        (void)write_line(j, t, false, again, 0); /* journal_sync tells */
}

/* The lock is not held meanwhile: others go on writing, and an error of theirs comes first. */
int journal_sync(struct journal *j, struct error *err)
{
    struct error failed = {0};
    if (!atomic_load(&j->failed) && fdatasync(j->fd) < 0)
        error_set_errno(&failed, ERR_IO, errno, "fdatasync");
    pthread_mutex_lock(&j->lock);
    if (failed.code != ERR_NONE)
        fail_locked(j, &failed);
    bool tell = atomic_load(&j->failed) && !j->told;
    if (tell)
        *err = j->error;
    j->told = j->told || tell;
    pthread_mutex_unlock(&j->lock);
    return tell ? -1 : 0;
}

/* A new file is there after a power failure only if its folder is on disk, too. */
static void sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? xmemdup0(path, slash == path ? 1 : (size_t)(slash - path)) : xstrdup(".");
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    if (fd < 0)
        return; /* a folder that may be written and not read */
    (void)fsync(fd);
    close(fd);
}

int journal_begin(struct journal *j, const struct words *command, const struct journal_record *lost,
                  size_t lost_len, int64_t real_ns, struct error *err)
{
    if (j->torn > 0 && ftruncate(j->fd, j->end) < 0)
        return error_set_errno(err, ERR_IO, errno, "journal %s: ftruncate", j->path);
    if (j->end == 0)
        sync_folder(j->path);
    pthread_mutex_lock(&j->lock);
    buffer_clear(&j->line);
    journal_write_run(&j->line, command, real_ns);
    for (size_t i = 0; i < lost_len; i++)
        journal_write_lost(&j->line, &lost[i], real_ns);
    (void)write_locked(j, &j->line); /* journal_sync tells */
    pthread_mutex_unlock(&j->lock);
    return journal_sync(j, err);
}
