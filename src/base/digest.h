/* Digests: 64 bits that tell whether something is what it was. FNV-1a, which takes any number of pieces, one
 * behind the other. It finds what changed by accident; against somebody who looks for another text with the same
 * digest it is no protection, and nothing here relies on that.
 */
#ifndef JOBPOOL_BASE_DIGEST_H
#define JOBPOOL_BASE_DIGEST_H

#include "base/words.h"

#include <stddef.h>
#include <stdint.h>

#define DIGEST_START UINT64_C(0xcbf29ce484222325)

uint64_t digest_bytes(uint64_t digest, const void *data, size_t len);
/* With its end, so that "a", "bc" and "ab", "c" differ. NULL is something else than "". */
uint64_t digest_text(uint64_t digest, const char *text);
uint64_t digest_number(uint64_t digest, uint64_t number);
/* Each word with its end, and how many there are. */
uint64_t digest_words(uint64_t digest, const struct words *words);

#endif
