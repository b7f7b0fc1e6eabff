/* Linux (≥ 4.13) gives a quarter of the limit on the stack, between 128 KiB and 6 MiB. Strings count with their NULs,
 * and a pointer to each.
 */
#include "os/exec_space.h"

#include <string.h>

#define SPACE_LEAST ((size_t)128 << 10)
#define SPACE_MOST  ((size_t)6 << 20)

size_t exec_space_total(rlim_t stack)
{
    if (stack == RLIM_INFINITY || stack / 4 >= SPACE_MOST)
        return SPACE_MOST;
    return stack / 4 <= SPACE_LEAST ? SPACE_LEAST : (size_t)(stack / 4);
}

size_t exec_space_of(char *const *strings)
{
    size_t space = 0;
    for (; *strings; strings++)
        space += strlen(*strings) + 1 + EXEC_POINTER;
    return space;
}

size_t exec_space_left(rlim_t stack, size_t environment)
{
    size_t total = exec_space_total(stack);
    return total > environment + EXEC_HEADROOM ? total - environment - EXEC_HEADROOM : 0;
}
