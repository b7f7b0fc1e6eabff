/* Learns that a file was written or replaced. Where the kernel tells (inotify) there is a descriptor to wait for; the
 * file is looked at besides whenever the caller asks, for file systems that other machines write to.
 */
#ifndef JOBPOOL_OS_FILE_WATCH_H
#define JOBPOOL_OS_FILE_WATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct file_watch {
    const char *path; /* the caller's */
    int fd;           /* readable when something happened in the file's folder; -1: nothing tells */
    dev_t device;
    ino_t inode;
    int64_t changed_ns, size;
};

/* The first look finds it changed. */
void file_watch_init(struct file_watch *w, const char *path);
void file_watch_fini(struct file_watch *w);
/* Has it changed since it was last asked for? (Empties the descriptor.) A file that is gone has not. */
bool file_watch_changed(struct file_watch *w);

#endif
