/* JSON pieces, appended directly: what writers of lines share. No tree, no printf. The escapes are those
 * that jansson writes, so that both give the same bytes.
 */
#ifndef JOBPOOL_TASK_JSON_H
#define JOBPOOL_TASK_JSON_H

#include "base/buffer.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* buffer_append for short runs of known length: in line, a few instructions. */
static inline void json_put(struct buffer *out, const char *data, size_t len)
{
    if (out->cap - out->len > len) {
        memcpy(out->data + out->len, data, len);
        out->len += len;
    } else {
        buffer_append(out, data, len);
    }
}

/* A string, quotes included; `data` must be valid UTF-8. */
void json_write_string(struct buffer *out, const char *data, size_t len);
/* The inside of a string, which may come in pieces that split characters. */
void json_write_escaped(struct buffer *out, const char *data, size_t len);
/* A member `"key":text` or, if it is not valid UTF-8, `"key":null,"key_base64":…` (no comma). */
void json_write_bytes(struct buffer *out, const char *key, const char *data, size_t len);
/* A string of base64, quotes included. */
void json_write_base64(struct buffer *out, const char *data, size_t len);

void json_write_int(struct buffer *out, int64_t value);
void json_write_uint(struct buffer *out, uint64_t value);
/* Microseconds as a number of seconds with at most six decimals: 7500 is 0.0075, 1000000 is 1. */
void json_write_seconds(struct buffer *out, int64_t us);
/* A point in time as a string; null for 0. */
void json_write_time(struct buffer *out, int64_t real_ns);

#endif
