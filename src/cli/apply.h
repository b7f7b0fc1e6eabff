/* What `apply` does with its task; `sem` does the same in a place of its semaphore. */
#ifndef JOBPOOL_CLI_APPLY_H
#define JOBPOOL_CLI_APPLY_H

#include "task/spec.h"

/* Runs the one task, as the options say. Returns the exit status. */
int apply_run(struct spec *spec);

#endif
