/* What the commands `parallel` and `sem` share. */
#ifndef JOBPOOL_CLI_PARALLEL_H
#define JOBPOOL_CLI_PARALLEL_H

#include "cli/command.h"

extern const struct option_group *const parallel_groups[];

/* The words behind the options, which have been read; returns the exit status. */
int parallel_run(const char **words, int count);

#endif
