/* What clang-tidy is told before each file, because it sees one file at a time: that functions of base/,
 * defined elsewhere, never return NULL, and that those of errors return -1. (Not for base/ itself.) */
#ifndef JOBPOOL_TESTS_ANALYZER_H
#define JOBPOOL_TESTS_ANALYZER_H

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/error.h"

static inline void *never_null(void *memory)
{
    if (!memory)
        __builtin_unreachable();
    return memory;
}

#define xmalloc(...) never_null(xmalloc(__VA_ARGS__))
#define xcalloc(...) never_null(xcalloc(__VA_ARGS__))
#define xrealloc_array(...) never_null(xrealloc_array(__VA_ARGS__))
#define xmemdup0(...) (char *)never_null(xmemdup0(__VA_ARGS__))
#define buffer_reserve(...) (char *)never_null(buffer_reserve(__VA_ARGS__))
#define buffer_text(...) (char *)never_null(buffer_text(__VA_ARGS__))

#define error_set(...) (error_set(__VA_ARGS__), -1)
#define error_set_errno(...) (error_set_errno(__VA_ARGS__), -1)
#define error_prefix(...) (error_prefix(__VA_ARGS__), -1)

#endif
