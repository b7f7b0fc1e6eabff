/* How the items of a command are put together for its tasks, as -n, -N, -L, -m, -X, --xargs and -s say. */
#ifndef JOBPOOL_CLI_BATCH_INPUT_H
#define JOBPOOL_CLI_BATCH_INPUT_H

#include "base/error.h"
#include "cli/inputs.h"
#include "task/spec.h"

/* Makes groups of what in->source gives, in the order that --shuf says. The spec must stay as long as the source. -1
 * with ERR_USAGE if --max-chars has no room for the command itself. */
int batch_input(struct inputs *in, const struct spec *spec, struct error *err);

#endif
