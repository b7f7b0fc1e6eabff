/* Which program started this one: looked for among the ancestors of this process. */
#ifndef JOBPOOL_OS_ANCESTOR_H
#define JOBPOOL_OS_ANCESTOR_H

#include <stdbool.h>

/* The path of the program that the nearest ancestor runs for which `wanted` says yes, or NULL. It can be executed.
 * The caller frees it. */
char *ancestor_program(bool (*wanted)(const char *path));

#endif
