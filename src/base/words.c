/* A packed list of strings: "a\0bc\0". The count is kept beside the bytes; an index is found by walking,
 * because lists are walked far more often than they are indexed. */
#include "base/words.h"

#include "base/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void words_fini(struct words *w)
{
    free(w->data);
    *w = (struct words){0};
}

void words_clear(struct words *w)
{
    w->len = 0;
    w->count = 0;
}

static void words_reserve(struct words *w, size_t more)
{
    if (w->cap - w->len >= more)
        return;
    size_t cap = w->cap ? w->cap : 32;
    while (cap - w->len < more)
        cap = cap > SIZE_MAX / 2 ? SIZE_MAX : cap * 2;
    w->data = xrealloc_array(w->data, cap, 1);
    w->cap = cap;
}

void words_add(struct words *w, const char *data, size_t len)
{
    words_reserve(w, len + 1);
    if (len)
        memcpy(w->data + w->len, data, len);
    w->data[w->len + len] = '\0';
    w->len += len + 1;
    w->count++;
}

void words_add_all(struct words *w, const struct words *more)
{
    if (more->len == 0)
        return;
    size_t len = more->len, count = more->count;
    words_reserve(w, len);
    memcpy(w->data + w->len, more->data, len);
    w->len += len;
    w->count += count;
}

void words_shrink(struct words *w)
{
    if (w->len == 0) {
        words_fini(w);
    } else if (w->cap > w->len) {
        w->data = xrealloc_array(w->data, w->len, 1);
        w->cap = w->len;
    }
}

void words_move(struct words *to, struct words *from)
{
    words_fini(to);
    *to = *from;
    *from = (struct words){0};
}

const char *words_next(const struct words *w, const char *at)
{
    if (w->len == 0)
        return NULL;
    if (!at)
        return w->data;
    const char *next = at + strlen(at) + 1;
    return next < w->data + w->len ? next : NULL;
}

const char *words_get(const struct words *w, size_t index)
{
    if (index >= w->count)
        return NULL;
    const char *s = w->data;
    while (index-- > 0)
        s += strlen(s) + 1;
    return s;
}

char **words_argv(const struct words *w)
{
    char **argv = xrealloc_array(NULL, w->count + 1, sizeof *argv);
    char *s = w->data;
    for (size_t i = 0; i < w->count; i++) {
        argv[i] = s;
        s += strlen(s) + 1;
    }
    argv[w->count] = NULL;
    return argv;
}
