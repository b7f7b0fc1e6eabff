/* The nearest name to one that nobody knows: what a mistyped word was probably meant to be. */
#ifndef JOBPOOL_BASE_NEAREST_H
#define JOBPOOL_BASE_NEAREST_H

/* The nearest of the names (NULL-terminated) to what was typed, or NULL if none is near. */
const char *nearest_name(const char *typed, const char *const *names);

#endif
