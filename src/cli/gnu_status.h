/* Exit statuses under the name parallel: how many tasks failed, up to 100, 101 for more; what --halt says in its
 * place; and 255 for every failure that is not a task's. Pure but for the question which name it is.
 */
#ifndef JOBPOOL_CLI_GNU_STATUS_H
#define JOBPOOL_CLI_GNU_STATUS_H

#include "pool/halt.h"
#include "task/event.h"

/* 2 or 125 as it is; under the name parallel 255. */
int failure_status(int status);

/* Is a task that ended so the first that a rule with a count of 1 was waiting for? Its status is then the
 * run's. */
bool gnu_decides(const struct halt_rule *rule, enum task_state state);

/* `decisive`: the status of the task for which gnu_decides said so, or -1. */
int gnu_status(const struct summary *s, const struct halt_rule *rule, int decisive);

#endif
