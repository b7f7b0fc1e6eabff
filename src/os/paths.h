/* Files with names, made for the user: their directories, and files in place of older ones. */
#ifndef JOBPOOL_OS_PATHS_H
#define JOBPOOL_OS_PATHS_H

#include "base/buffer.h"
#include "base/error.h"

/* Makes a directory with all that are above it; one that is there is no error. -1 with ERR_IO naming it. */
int paths_make_directory(const char *path, struct error *err);
/* The same for the directory that a file is to be in. */
int paths_make_parent(const char *path, struct error *err);

/* A new empty file, in place of whatever has the name but a directory: a link is replaced, not followed, a FIFO is
 * not waited for. Missing directories are made. The descriptor, O_WRONLY and O_CLOEXEC; -1 with ERR_IO naming it. */
int paths_create(const char *path, struct error *err);

/* A new file that is to stay, 0600, in $TMPDIR or else /tmp, named PREFIX, five letters or digits, SUFFIX. Its name
 * is put into `path`. The descriptor, or -1 with ERR_IO naming the directory. */
int paths_create_temporary(const char *prefix, const char *suffix, struct buffer *path, struct error *err);

#endif
