/* The spec that the command line of apply and map describes, and what a command line means for the specs that run
 * reads. What it does not say (timeouts, retries …) are the pool's defaults.
 */
#ifndef JOBPOOL_CLI_TASK_SPEC_H
#define JOBPOOL_CLI_TASK_SPEC_H

#include "cli/inputs.h"
#include "task/spec.h"

/* `command` is the words of the user's command; `literal`: replacement strings mean nothing (apply). NULL with
 * *err. */
struct spec *task_spec_new(const struct words *command, bool literal, struct error *err);
/* The command of these inputs, with their names. NULL with *err. */
struct spec *task_spec_of(const struct inputs *in, struct error *err);

/* What the specs in an input inherit. */
struct spec_context task_spec_context(int64_t real_now_ns);

#endif
