#include "os/paths.h"

#include "base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMPORARY_TRIES 1000
#define TEMPORARY_CHARACTERS 5

/* Makes one directory, or finds it there; else -1 with errno. */
static int make_one(const char *path)
{
    struct stat st;
    if (mkdir(path, 0777) == 0)
        return 0;
    int sys_errno = errno;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return 0;
    errno = sys_errno;
    return -1;
}

int paths_make_directory(const char *path, struct error *err)
{
    if (make_one(path) == 0)
        return 0;
    if (errno != ENOENT)
        return error_set_errno(err, ERR_IO, errno, "directory %s", path);
    char *part = xstrdup(path);
    int got = 0;
    for (char *at = part; got == 0 && *at;) {
        at += strspn(at, "/");
        at += strcspn(at, "/");
        char end = *at;
        *at = '\0';
        if (make_one(part) < 0)
            got = error_set_errno(err, ERR_IO, errno, "directory %s", part);
        *at = end;
    }
    free(part);
    return got;
}

int paths_make_parent(const char *path, struct error *err)
{
    const char *slash = strrchr(path, '/');
    if (!slash || slash == path)
        return 0;
    char *parent = xmemdup0(path, (size_t)(slash - path));
    int got = paths_make_directory(parent, err);
    free(parent);
    return got;
}

static int create_new(const char *path, mode_t mode)
{
    return open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, mode);
}

int paths_create(const char *path, struct error *err)
{
    int fd = create_new(path, 0666);
    if (fd < 0 && errno == ENOENT && strrchr(path, '/')) {
        if (paths_make_parent(path, err) < 0)
            return -1;
        fd = create_new(path, 0666);
    }
    if (fd < 0 && errno == EEXIST && unlink(path) == 0)
        fd = create_new(path, 0666);
    return fd >= 0 ? fd : error_set_errno(err, ERR_IO, errno, "%s", path);
}

/* Whoever guesses the name gains nothing: the file is made by O_EXCL. */
static void put_characters(struct buffer *path)
{
    static const char characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    uint64_t random = 0;
    (void)!getrandom(&random, sizeof random, GRND_NONBLOCK);
    for (size_t i = 0; i < TEMPORARY_CHARACTERS; i++, random /= sizeof characters - 1)
        buffer_putc(path, characters[random % (sizeof characters - 1)]);
}

int paths_create_temporary(const char *prefix, const char *suffix, struct buffer *path, struct error *err)
{
    const char *dir = getenv("TMPDIR");
    int fd = -1;
    dir = dir && *dir ? dir : "/tmp";
    errno = EEXIST;
    for (int i = 0; i < TEMPORARY_TRIES && fd < 0 && errno == EEXIST; i++) {
        buffer_clear(path);
        buffer_printf(path, "%s/%s", dir, prefix);
        put_characters(path);
        buffer_puts(path, suffix);
        fd = create_new(buffer_text(path), 0600);
    }
    return fd >= 0 ? fd : error_set_errno(err, ERR_IO, errno, "a file in %s", dir);
}
