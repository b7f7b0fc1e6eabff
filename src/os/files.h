/* Descriptors: the standard three, temporary files, input for tasks, writing without being held up. */
#ifndef JOBPOOL_OS_FILES_H
#define JOBPOOL_OS_FILES_H

#include "base/buffer.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

/* Opens /dev/null on each of 0, 1, 2 that is closed, so that no later descriptor lands there, and
 * remembers which were. Marks all other inherited descriptors O_CLOEXEC: jobpool may use them (/dev/fd/63),
 * tasks do not get them. First thing in main. */
void files_ensure_standard(void);
bool files_was_closed(int fd); /* for 0, 1, 2: was it closed when jobpool started? */

/* O_CLOEXEC pipe; both ends wait, and are ≥ 3. -1 with ERR_SYSTEM. */
int files_pipe(int fds[2], struct error *err);
/* From here on reads of this pipe's end do not wait. */
void files_pipe_do_not_wait(int fd);

/* An empty unlinked file, 0600, O_CLOEXEC, in $TMPDIR or else /tmp, /var/tmp: O_TMPFILE, or else mkostemp and
 * unlink. -1 with ERR_OUTPUT naming the directory. */
int files_temporary(struct error *err);
/* 0 if TMPDIR is not set, or is a directory in which a file can be made; else -1 with ERR_IO naming it. */
int files_check_tmpdir(struct error *err);

/* A descriptor from which `data` can be read from the start (memfd, or a temporary file). O_CLOEXEC. */
int files_with_content(const void *data, size_t len, struct error *err);

/* Writes as much as is possible without waiting: the count, 0 if it would have to wait, or -1 with errno.
 * Never changes the flags of a description that it shares with others. */
struct files_writer {
    int fd;       /* what to write to: the given one, or a non-blocking description of the same file */
    int kind;     /* private to files.c */
    bool own;     /* fd was opened here and is closed by files_writer_fini */
};
void files_writer_init(struct files_writer *w, int fd); /* fd stays the caller's */
void files_writer_fini(struct files_writer *w);
ssize_t files_write_some(struct files_writer *w, const void *data, size_t len);
/* Can the reader's end go away while we are idle (pipe or socket)? Then it is worth watching. */
bool files_writer_is_pipe(const struct files_writer *w);

/* A descriptor that becomes readable when nobody can read any more what is written to the pipe or socket `fd`,
 * and for nothing else. The caller closes it. -1 where the system has no such thing. */
int files_watch_reader(int fd);

/* The whole content of a small file (of /proc, /sys); false if it cannot be read. Blocks. */
bool files_read_whole(const char *name, struct buffer *out);

/* All of it, at the descriptor's position. -1 with ERR_IO. Blocks. */
int files_write_all(int fd, const void *data, size_t len, struct error *err);

/* For several jobpools that append lines to one file: locks it, goes to its end, and ends a line that somebody left
 * unfinished, if it may be read. *start is where the new line begins, -1 if it is no file with an end. -1 with
 * ERR_IO, and then it is not locked. Blocks. */
int files_append_begin(int fd, off_t *start, struct error *err);
/* Gives the lock back. What was not written whole is cut off, so that nobody goes on behind half a line. */
void files_append_end(int fd, off_t start, bool whole);

/* Raises the soft limit of open files to the hard one; returns how many are then allowed. */
long files_raise_limit(void);
/* How many descriptors are open now, about: inherited ones count too. */
int files_count_open(void);
/* The limit as it was when jobpool started: what tasks get back. Valid after files_raise_limit. */
struct rlimit files_inherited_limit(void);

#endif
