#include "base/digest.h"

#include <string.h>

#define FNV_PRIME UINT64_C(0x100000001b3)

uint64_t digest_bytes(uint64_t digest, const void *data, size_t len)
{
    const unsigned char *at = data;
    for (size_t i = 0; i < len; i++)
        digest = (digest ^ at[i]) * FNV_PRIME;
    return digest;
}

uint64_t digest_text(uint64_t digest, const char *text)
{
    digest = digest_number(digest, text != NULL);
    return text ? digest_bytes(digest, text, strlen(text) + 1) : digest;
}

uint64_t digest_number(uint64_t digest, uint64_t number)
{
    unsigned char bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(number >> 8 * i);
    return digest_bytes(digest, bytes, sizeof bytes);
}

uint64_t digest_words(uint64_t digest, const struct words *words)
{
    return digest_number(digest_bytes(digest, words->data, words->len), words->count);
}
