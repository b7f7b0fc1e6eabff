#include "os/file_watch.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

/* The folder is watched, so that a file that takes the other's place is seen too. */
void file_watch_init(struct file_watch *w, const char *path)
{
    *w = (struct file_watch){.path = path, .fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
    const char *slash = strrchr(path, '/');
    char *folder = slash ? xmemdup0(path, (size_t)(slash - path) + 1) : xstrdup(".");
    if (w->fd >= 0 && inotify_add_watch(w->fd, folder, IN_CLOSE_WRITE | IN_MOVED_TO) < 0)
        file_watch_fini(w);
    free(folder);
}

void file_watch_fini(struct file_watch *w)
{
    if (w->fd >= 0)
        close(w->fd);
    w->fd = -1;
}

bool file_watch_changed(struct file_watch *w)
{
    char events[4096];
    struct stat now;
    while (w->fd >= 0 && read(w->fd, events, sizeof events) > 0)
        ;
    if (stat(w->path, &now) < 0)
        return false;
    int64_t changed_ns = (int64_t)now.st_mtim.tv_sec * 1000000000 + now.st_mtim.tv_nsec;
    bool same = w->device == now.st_dev && w->inode == now.st_ino && w->changed_ns == changed_ns &&
                w->size == now.st_size;
    w->device = now.st_dev;
    w->inode = now.st_ino;
    w->changed_ns = changed_ns;
    w->size = now.st_size;
    return !same;
}
