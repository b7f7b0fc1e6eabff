/* A growing run of bytes: capacity doubles, and one byte beyond what was asked for is always there, so
 * that buffer_text() never has to move the data. */
#include "base/buffer.h"

#include "base/alloc.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buffer_fini(struct buffer *b)
{
    free(b->data);
    *b = (struct buffer){0};
}

void buffer_clear(struct buffer *b)
{
    b->len = 0;
}

/* Room for `more` bytes and a NUL; a size that cannot be fails in the allocator. */
static void grow(struct buffer *b, size_t more)
{
    size_t need;
    if (__builtin_add_overflow(b->len, more, &need) || need > SIZE_MAX / 2 - 1)
        need = SIZE_MAX - 1;
    need++;
    size_t cap = b->cap < 64 ? 64 : b->cap;
    while (cap < need)
        cap = cap > SIZE_MAX / 2 ? SIZE_MAX : cap * 2;
    b->data = xrealloc_array(b->data, cap, 1);
    b->cap = cap;
}

char *buffer_reserve(struct buffer *b, size_t more)
{
    if (b->cap - b->len <= more)
        grow(b, more);
    return b->data + b->len;
}

void buffer_append(struct buffer *b, const void *data, size_t len)
{
    if (len == 0)
        return;
    memcpy(buffer_reserve(b, len), data, len);
    b->len += len;
}

void buffer_puts(struct buffer *b, const char *text)
{
    buffer_append(b, text, strlen(text));
}

void buffer_putc(struct buffer *b, char c)
{
    *buffer_reserve(b, 1) = c;
    b->len++;
}

void buffer_printf(struct buffer *b, const char *format, ...)
{
    char *end = buffer_reserve(b, 0);
    size_t room = b->cap - b->len;
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(end, room, format, args);
    if (len >= 0 && (size_t)len >= room) {
        end = buffer_reserve(b, (size_t)len);
        len = vsnprintf(end, (size_t)len + 1, format, again);
    }
    va_end(again);
    va_end(args);
    if (len > 0)
        b->len += (size_t)len;
}

void buffer_drop_front(struct buffer *b, size_t len)
{
    if (len >= b->len) {
        b->len = 0;
        return;
    }
    if (len == 0)
        return;
    memmove(b->data, b->data + len, b->len - len);
    b->len -= len;
}

char *buffer_text(struct buffer *b)
{
    *buffer_reserve(b, 0) = '\0';
    return b->data;
}

char *buffer_take(struct buffer *b, size_t *len)
{
    char *data = buffer_text(b);
    if (len)
        *len = b->len;
    *b = (struct buffer){0};
    return data;
}
