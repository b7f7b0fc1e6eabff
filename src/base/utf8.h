/* UTF-8 as RFC 3629 has it: no surrogates, no overlong forms, nothing above U+10FFFF. */
#ifndef JOBPOOL_BASE_UTF8_H
#define JOBPOOL_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A validator that is fed in pieces. All zero is the start. */
struct utf8 {
    uint8_t need;     /* continuation bytes still to come */
    uint8_t low, high; /* the range that the next one must be in */
    bool bad;
};

/* Takes the next piece; returns false as soon as the whole cannot be valid any more. */
bool utf8_feed(struct utf8 *u, const void *data, size_t len);
/* Is everything fed so far valid and complete? */
bool utf8_done(const struct utf8 *u);
bool utf8_valid(const void *data, size_t len);

/* How many bytes at the end of data[0..len) are the start of a character that is cut off (0 to 3). */
size_t utf8_partial_tail(const void *data, size_t len);
/* How many bytes at the start are continuation bytes of a character that began before (0 to 3). */
size_t utf8_partial_head(const void *data, size_t len);

#endif
