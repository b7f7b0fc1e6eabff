/* Memory that is there or the program ends: out of memory aborts with a message (jobpool never runs on
 * half an allocation). Sizes that a task or an input controls are checked by their owner before.
 * Everything returned is freed with free(3). */
#ifndef JOBPOOL_BASE_ALLOC_H
#define JOBPOOL_BASE_ALLOC_H

#include <stddef.h>

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);                     /* zeroed; overflow aborts */
void *xrealloc_array(void *old, size_t count, size_t size);   /* overflow aborts */
char *xstrdup(const char *text);                              /* NULL gives NULL */
char *xmemdup0(const void *data, size_t len);                 /* a copy with a NUL behind it */
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
