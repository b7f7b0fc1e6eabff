/* What a task executes, as one piece of text for a shell, and its end as two numbers: the columns that logs for
 * people and for GNU parallel's readers have. */
#ifndef JOBPOOL_TASK_COMMAND_LINE_H
#define JOBPOOL_TASK_COMMAND_LINE_H

#include "base/buffer.h"
#include "task/task.h"

/* Appends the script, or the words quoted for a shell; nothing if the task cannot be rendered. */
void command_line_write(struct buffer *out, const struct task *task);

/* The exit status; 0 beside a signal, 126 or 127 for what could not be started, -1 for any other end without one. */
int command_line_exit_value(const struct task *task);

#endif
