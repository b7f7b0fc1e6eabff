/* A task whose command line turned out to be too long, and which several items were put together for: two tasks. */
#ifndef JOBPOOL_POOL_SPLIT_H
#define JOBPOOL_POOL_SPLIT_H

#include "task/task.h"

/* Did this attempt end so that the task is to be split? */
bool split_wanted(const struct task *t);
/* A new task with the second half of the items; those of `t` are the first half from now on. The new one comes behind
 * `t` in the order of results once it has a number (split_chain). */
struct task *split_take(struct task *t);
void split_chain(struct task *t, struct task *other);

#endif
