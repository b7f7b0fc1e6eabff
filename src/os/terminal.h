/* The terminal, as far as jobpool looks at it: for progress and colours on stderr only. */
#ifndef JOBPOOL_OS_TERMINAL_H
#define JOBPOOL_OS_TERMINAL_H

#include <stdbool.h>

bool terminal_is(int fd);
int terminal_width(int fd); /* columns; 80 if unknown */

/* Is this process's group orphaned (no member's parent is in another group of the session)? Then SIGTSTP
 * stops nothing, and tasks must not be stopped either. */
bool terminal_group_orphaned(void);
/* Is this process in the terminal's foreground group? (Then it may draw on it.) */
bool terminal_foreground(int fd);

#endif
