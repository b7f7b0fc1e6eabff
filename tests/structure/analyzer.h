/* What clang-tidy is told before each file, because it sees one file at a time: that functions of base/,
 * defined elsewhere, never return NULL, and that errors are always -1. (Not for base/ itself.) */
#ifndef JOBPOOL_TESTS_ANALYZER_H
#define JOBPOOL_TESTS_ANALYZER_H

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/error.h"

__attribute__((returns_nonnull)) void *xmalloc(size_t size);
__attribute__((returns_nonnull)) void *xcalloc(size_t count, size_t size);
__attribute__((returns_nonnull)) void *xrealloc_array(void *old, size_t count, size_t size);
__attribute__((returns_nonnull)) char *xmemdup0(const void *data, size_t len);
__attribute__((returns_nonnull)) char *buffer_reserve(struct buffer *b, size_t more);
__attribute__((returns_nonnull)) char *buffer_text(struct buffer *b);

#define error_set(...) (error_set(__VA_ARGS__), -1)
#define error_set_errno(...) (error_set_errno(__VA_ARGS__), -1)
#define error_prefix(...) (error_prefix(__VA_ARGS__), -1)

#endif
