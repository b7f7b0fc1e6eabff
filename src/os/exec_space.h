/* How much may be handed to a program: the arithmetic of execve(2), without calls. */
#ifndef JOBPOOL_OS_EXEC_SPACE_H
#define JOBPOOL_OS_EXEC_SPACE_H

#include <stddef.h>
#include <sys/resource.h>

/* One argument or variable, with its NUL (MAX_ARG_STRLEN of Linux). */
#define EXEC_STRING_MAX ((size_t)131072)
/* Left free: for the program's path, which counts too, and what is put in front for a "#!". */
#define EXEC_HEADROOM ((size_t)8192)

/* What each argument and variable counts beyond its bytes and NUL. */
#define EXEC_POINTER sizeof(char *)

/* What arguments, environment and the program's path may count together, under this soft limit on the stack. */
size_t exec_space_total(rlim_t stack);
/* What a list of strings counts. */
size_t exec_space_of(char *const *strings);
/* What is left for the arguments of a program in an environment that counts `environment`, less the headroom; 0 if
 * there is nothing. */
size_t exec_space_left(rlim_t stack, size_t environment);

#endif
