/* Options that stand in front of those of the command line: those of $JOBPOOL, and under the name parallel those
 * of $PARALLEL and of profiles. They and, for parallel, the command line itself go through the pre-pass of
 * gnu_options.h.
 */
#ifndef JOBPOOL_CLI_DEFAULT_OPTIONS_H
#define JOBPOOL_CLI_DEFAULT_OPTIONS_H

#include "base/error.h"
#include "cli/command.h"

/* Replaces the command line by the one that popt is to read; it stays valid until the program ends. -1 with
 * ERR_USAGE, naming the variable or the file, or ERR_INPUT. */
int default_options_add(const struct command *c, int *argc, const char ***argv, struct error *err);

#endif
