/* A growing run of bytes. All zero is a valid empty buffer; buffer_fini gives the memory back.
 * The bytes may hold NUL; buffer_text() ends them with one that is not counted. */
#ifndef JOBPOOL_BASE_BUFFER_H
#define JOBPOOL_BASE_BUFFER_H

#include <stddef.h>

struct buffer {
    char *data;
    size_t len;
    size_t cap;
};

void buffer_fini(struct buffer *b);                    /* frees; the buffer is empty and usable again */
void buffer_clear(struct buffer *b);                   /* len = 0, memory kept */
char *buffer_reserve(struct buffer *b, size_t more);   /* room at the end for `more` bytes; their place */
void buffer_append(struct buffer *b, const void *data, size_t len);
void buffer_puts(struct buffer *b, const char *text);
void buffer_putc(struct buffer *b, char c);
void buffer_printf(struct buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buffer_drop_front(struct buffer *b, size_t len);  /* the first `len` bytes go; the rest moves down */
char *buffer_text(struct buffer *b);                   /* NUL-terminated view, valid until the next change */
char *buffer_take(struct buffer *b, size_t *len);      /* gives the memory away, with a NUL; len or NULL */

#endif
