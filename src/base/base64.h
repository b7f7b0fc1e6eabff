/* Base64 of RFC 4648 with padding. */
#ifndef JOBPOOL_BASE_BASE64_H
#define JOBPOOL_BASE_BASE64_H

#include "base/buffer.h"

#include <stddef.h>
#include <stdint.h>

/* An encoder that is fed in pieces; all zero is the start. */
struct base64 {
    uint8_t held[3];
    uint8_t held_len;
};

void base64_feed(struct base64 *e, struct buffer *out, const void *data, size_t len);
void base64_end(struct base64 *e, struct buffer *out); /* writes the rest and the padding */

/* Appends the decoded bytes; -1 (out unchanged) if text is not strict base64. */
int base64_decode(struct buffer *out, const char *text, size_t len);

#endif
