/* Base64 of RFC 4648: an encoder that keeps at most two bytes between pieces, and a strict decoder (padding
 * demanded, unused bits zero, nothing between the groups). */
#include "base/base64.h"

#include <stdbool.h>

static const char alphabet[65] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void encode_group(char out[4], const uint8_t in[3])
{
    out[0] = alphabet[in[0] >> 2];
    out[1] = alphabet[(in[0] & 3) << 4 | in[1] >> 4];
    out[2] = alphabet[(in[1] & 15) << 2 | in[2] >> 6];
    out[3] = alphabet[in[2] & 63];
}

void base64_feed(struct base64 *e, struct buffer *out, const void *data, size_t len)
{
    const uint8_t *p = data;
    char *to = buffer_reserve(out, len / 3 * 4 + 8);
    while (e->held_len > 0 && len > 0) {
        e->held[e->held_len++] = *p++;
        len--;
        if (e->held_len == 3) {
            encode_group(to, e->held);
            to += 4;
            e->held_len = 0;
        }
    }
    for (; len >= 3; p += 3, len -= 3, to += 4)
        encode_group(to, p);
    while (len-- > 0)
        e->held[e->held_len++] = *p++;
    out->len = (size_t)(to - out->data);
}

void base64_end(struct base64 *e, struct buffer *out)
{
    if (e->held_len > 0) {
        uint8_t group[3] = {e->held[0], e->held_len > 1 ? e->held[1] : 0, 0};
        char text[4];
        encode_group(text, group);
        text[3] = '=';
        if (e->held_len == 1)
            text[2] = '=';
        buffer_append(out, text, sizeof text);
    }
    *e = (struct base64){0};
}

static int digit_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* The bytes of one group (1 to 3), or -1. Only the last group may be padded. */
static int decode_group(char out[3], const char text[4], bool last)
{
    int pad = 0;
    if (last && text[3] == '=')
        pad = text[2] == '=' ? 2 : 1;
    uint32_t bits = 0;
    for (int i = 0; i < 4; i++) {
        int value = i >= 4 - pad ? 0 : digit_value(text[i]);
        if (value < 0)
            return -1;
        bits = bits << 6 | (uint32_t)value;
    }
    if (bits & ((UINT32_C(1) << (8 * pad)) - 1))
        return -1;
    out[0] = (char)(bits >> 16 & 0xFF);
    out[1] = (char)(bits >> 8 & 0xFF);
    out[2] = (char)(bits & 0xFF);
    return 3 - pad;
}

int base64_decode(struct buffer *out, const char *text, size_t len)
{
    if (len % 4 != 0)
        return -1;
    size_t start = out->len;
    char *to = buffer_reserve(out, len / 4 * 3);
    for (size_t i = 0; i < len; i += 4, to += 3) {
        int got = decode_group(to, text + i, i + 4 == len);
        if (got < 0) {
            out->len = start;
            return -1;
        }
        out->len += (size_t)got;
    }
    return 0;
}
