/* UTF-8: a validator by ranges.
 *
 * After a lead byte only the next byte has a range of its own (it keeps out overlong forms, surrogates and
 * what lies above U+10FFFF); all later ones are 80..BF. So the state between two pieces is how many bytes
 * are missing and the range of the next. ASCII, nearly all that comes, is passed eight bytes at a time.
 */
#include "base/utf8.h"

#include <string.h>

#define HIGH_BITS UINT64_C(0x8080808080808080)

static size_t ascii_run(const uint8_t *p, size_t len)
{
    size_t i = 0;
    uint64_t word[2];
    for (; len - i >= sizeof word; i += sizeof word) {
        memcpy(word, p + i, sizeof word);
        if ((word[0] | word[1]) & HIGH_BITS)
            break;
    }
    while (i < len && p[i] < 0x80)
        i++;
    return i;
}

/* Sets what must follow `lead`, a byte of 80..FF. */
static bool take_lead(struct utf8 *u, uint8_t lead)
{
    if (lead < 0xC2 || lead > 0xF4)
        return false;
    u->low = 0x80;
    u->high = 0xBF;
    if (lead < 0xE0) {
        u->need = 1;
    } else if (lead < 0xF0) {
        u->need = 2;
        if (lead == 0xE0)
            u->low = 0xA0;
        else if (lead == 0xED)
            u->high = 0x9F;
    } else {
        u->need = 3;
        if (lead == 0xF0)
            u->low = 0x90;
        else if (lead == 0xF4)
            u->high = 0x8F;
    }
    return true;
}

bool utf8_feed(struct utf8 *u, const void *data, size_t len)
{
    const uint8_t *p = data;
    if (u->bad)
        return false;
    for (size_t i = 0; i < len;) {
        if (u->need == 0) {
            if (p[i] < 0x80) {
                i += ascii_run(p + i, len - i);
                continue;
            }
            if (!take_lead(u, p[i++])) {
                u->bad = true;
                return false;
            }
            continue;
        }
        if (p[i] < u->low || p[i] > u->high) {
            u->bad = true;
            return false;
        }
        u->need--;
        u->low = 0x80;
        u->high = 0xBF;
        i++;
    }
    return true;
}

bool utf8_done(const struct utf8 *u)
{
    return !u->bad && u->need == 0;
}

bool utf8_valid(const void *data, size_t len)
{
    struct utf8 u = {0};
    return utf8_feed(&u, data, len) && utf8_done(&u);
}

size_t utf8_partial_tail(const void *data, size_t len)
{
    const uint8_t *p = data;
    for (size_t back = 1; back <= 3 && back <= len; back++) {
        uint8_t c = p[len - back];
        if (c < 0x80)
            return 0;
        if (c >= 0xC0) {
            struct utf8 u = {0};
            return utf8_feed(&u, p + len - back, back) && !utf8_done(&u) ? back : 0;
        }
    }
    return 0;
}

size_t utf8_partial_head(const void *data, size_t len)
{
    const uint8_t *p = data;
    size_t n = 0;
    while (n < len && n < 3 && (p[n] & 0xC0) == 0x80)
        n++;
    return n;
}
