/* Locks on single bytes of a file. They belong to the open file (its description), so they last as long as any
 * process has it open: a forked child that keeps it keeps them. They stand beside flock(2) and do not see it.
 */
#ifndef JOBPOOL_OS_LOCK_H
#define JOBPOOL_OS_LOCK_H

#include "base/error.h"

#include <stdint.h>
#include <sys/types.h>

/* 1: it is ours; 0: somebody else has it and kept it for `wait_ns` (0: does not wait); -1 with ERR_IO: there can
 * be no locks on this file. The file must be open for writing. */
int lock_byte(int fd, off_t byte, int64_t wait_ns, struct error *err);

#endif
