/* The builtins of shells that evaluate their arguments: as arithmetic, or as the name of a variable, whose
 * subscript is arithmetic. There even a quoted a[$(…)] runs a command, in bash, ksh93 and zsh. Private to templates.
 */
#ifndef JOBPOOL_TASK_SHELL_EVALUATES_H
#define JOBPOOL_TASK_SHELL_EVALUATES_H

#include "base/slice.h"

#include <stdbool.h>

/* The builtin that would evaluate a value put behind `command`, the text of a simple command from its start to the
 * value, quotes and all; NULL if there is none. begins_word: the value does, even if no blank stands before it.
 * Static storage. */
const char *shell_evaluates(struct slice command, bool begins_word);

#endif
