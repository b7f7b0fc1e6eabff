/* Commands behind a semaphore: `sem`, and `parallel --semaphore`. */
#ifndef JOBPOOL_CLI_SEM_H
#define JOBPOOL_CLI_SEM_H

#include "base/words.h"
#include "cli/command.h"

#include <stdbool.h>

/* --semaphore, --semaphore-name (--id), --semaphore-timeout (--st), --fg, --bg, --wait */
extern const struct option_group sem_group;

/* Does one of its options ask for a semaphore? */
bool sem_is_wanted(void);

/* Waits for a slot and runs the command, in the background or not; or, with --wait, waits for those that run.
 * Returns the exit status. */
int sem_run(const struct words *command);

#endif
