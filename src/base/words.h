/* A packed list of byte strings without NUL (arguments, items): one allocation, each string followed by a
 * NUL. All zero is a valid empty list. */
#ifndef JOBPOOL_BASE_WORDS_H
#define JOBPOOL_BASE_WORDS_H

#include <stddef.h>

struct words {
    char *data;
    size_t len; /* bytes used, terminators included */
    size_t cap;
    size_t count;
};

void words_fini(struct words *w);
void words_clear(struct words *w);
void words_add(struct words *w, const char *data, size_t len); /* `data` holds no NUL */
void words_add_all(struct words *w, const struct words *more);
void words_shrink(struct words *w);                            /* gives back what is allocated beyond len */
void words_move(struct words *to, struct words *from);         /* to (empty before) owns it; from is empty */

/* The string after `at` (NULL for the first); NULL at the end. for (s = NULL; (s = words_next(w, s));) */
const char *words_next(const struct words *w, const char *at);
const char *words_get(const struct words *w, size_t index);    /* walks; NULL beyond the end */

/* A NULL-terminated argv of pointers into w, valid until w changes. Free the array only. */
char **words_argv(const struct words *w);

#endif
