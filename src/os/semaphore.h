/* Counting semaphores that processes of one user share: a folder for each name, in it a file for each slot, of
 * which whoever holds a lock has that slot. A holder that ends, however it does, gives its slot back. The files
 * stay.
 */
#ifndef JOBPOOL_OS_SEMAPHORE_H
#define JOBPOOL_OS_SEMAPHORE_H

#include "base/error.h"

#include <stdint.h>

/* Takes one of `count` slots (≥ 1); those who wait get them in the order in which they came. Returns a
 * descriptor that holds the slot as long as it, or a copy of it, is open; -1 with ERR_TIMEOUT when the time has
 * passed (0: there is no limit), or ERR_SYSTEM or ERR_IO. Blocks. */
int semaphore_acquire(const char *name, unsigned count, int64_t timeout_ns, struct error *err);

/* Waits until everyone who has a slot now has given it back. 0 or -1. Blocks. */
int semaphore_wait(const char *name, struct error *err);

/* The name for whoever gives none: that of the controlling terminal, or "default". */
#define SEMAPHORE_NAME_SIZE 24
void semaphore_default_name(char name[SEMAPHORE_NAME_SIZE]);

#endif
