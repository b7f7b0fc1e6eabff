/* JSON pieces. Strings are copied in runs: eight bytes at a time are looked at for one that needs an
 * escape, and only such bytes go through the table.
 */
#include "task/json.h"

#include "base/base64.h"
#include "base/timestamp.h"
#include "base/utf8.h"

#include <stdbool.h>
#include <string.h>

#define ONES UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)

/* 0: stands for itself; 'u': \u00XX; else the letter behind the backslash. */
static const char escapes[256] = {
    'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'b', 't', 'n', 'u', 'f', 'r', 'u', 'u',
    'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u',
    ['"'] = '"', ['\\'] = '\\',
};

/* Has one of the eight bytes an escape: is one below 0x20, or 0 after the xor? */
static bool word_has_escape(uint64_t word)
{
    uint64_t control = (word - ONES * 0x20) & ~word;
    uint64_t quote = word ^ (ONES * '"');
    uint64_t backslash = word ^ (ONES * '\\');
    quote = (quote - ONES) & ~quote;
    backslash = (backslash - ONES) & ~backslash;
    return ((control | quote | backslash) & HIGHS) != 0;
}

/* How many bytes at the start stand for themselves. */
static size_t plain_run(const char *data, size_t len)
{
    size_t i = 0;
    uint64_t word;
    for (; len - i >= sizeof word; i += sizeof word) {
        memcpy(&word, data + i, sizeof word);
        if (word_has_escape(word))
            break;
    }
    while (i < len && !escapes[(unsigned char)data[i]])
        i++;
    return i;
}

static char *put_escape(char *to, unsigned char c)
{
    static const char digits[] = "0123456789ABCDEF";
    *to++ = '\\';
    *to++ = escapes[c];
    if (escapes[c] == 'u') {
        *to++ = '0';
        *to++ = '0';
        *to++ = digits[c >> 4];
        *to++ = digits[c & 15];
    }
    return to;
}

void json_write_escaped(struct buffer *out, const char *data, size_t len)
{
    while (len > 0) {
        size_t run = plain_run(data, len);
        json_put(out, data, run);
        data += run;
        len -= run;
        /* Escapes come in groups (binary data, indented text): one reservation for several. */
        while (len > 0 && escapes[(unsigned char)*data]) {
            size_t group = len < 64 ? len : 64;
            char *start = buffer_reserve(out, group * 6), *to = start;
            for (; group > 0 && escapes[(unsigned char)*data]; group--, data++, len--)
                to = put_escape(to, (unsigned char)*data);
            out->len += (size_t)(to - start);
        }
    }
}

void json_write_string(struct buffer *out, const char *data, size_t len)
{
    json_put(out, "\"", 1);
    json_write_escaped(out, data, len);
    json_put(out, "\"", 1);
}

void json_write_base64(struct buffer *out, const char *data, size_t len)
{
    struct base64 encoder = {0};
    buffer_putc(out, '"');
    base64_feed(&encoder, out, data, len);
    base64_end(&encoder, out);
    buffer_putc(out, '"');
}

void json_write_bytes(struct buffer *out, const char *key, const char *data, size_t len)
{
    size_t key_len = strlen(key);
    json_write_string(out, key, key_len);
    if (utf8_valid(data, len)) {
        buffer_putc(out, ':');
        json_write_string(out, data, len);
        return;
    }
    buffer_puts(out, ":null,\"");
    buffer_append(out, key, key_len);
    buffer_puts(out, "_base64\":");
    json_write_base64(out, data, len);
}

void json_write_uint(struct buffer *out, uint64_t value)
{
    char text[20];
    size_t at = sizeof text;
    do {
        text[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    json_put(out, text + at, sizeof text - at);
}

void json_write_int(struct buffer *out, int64_t value)
{
    if (value < 0)
        buffer_putc(out, '-');
    json_write_uint(out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void json_write_seconds(struct buffer *out, int64_t us)
{
    uint64_t value = us < 0 ? 0 : (uint64_t)us;
    json_write_uint(out, value / 1000000);
    unsigned fraction = (unsigned)(value % 1000000);
    if (fraction == 0)
        return;
    char text[7] = ".";
    for (size_t i = 6; i > 0; i--, fraction /= 10)
        text[i] = (char)('0' + fraction % 10);
    size_t len = sizeof text;
    while (text[len - 1] == '0')
        len--;
    buffer_append(out, text, len);
}

void json_write_time(struct buffer *out, int64_t real_ns)
{
    if (real_ns == 0) {
        json_put(out, "null", 4);
        return;
    }
    char *to = buffer_reserve(out, TIMESTAMP_SIZE + 2);
    *to = '"';
    timestamp_format(real_ns, to + 1);
    to[TIMESTAMP_SIZE] = '"';
    out->len += TIMESTAMP_SIZE + 1;
}
