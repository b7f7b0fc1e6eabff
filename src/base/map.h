/* A hash table from byte strings to pointers. The table copies keys and does not own values. */
#ifndef JOBPOOL_BASE_MAP_H
#define JOBPOOL_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

struct map {
    struct map_entry *entries;
    size_t len;  /* live entries */
    size_t used; /* live and deleted places */
    size_t cap;  /* a power of two, or 0 */
};

/* All zero is a valid empty map. */
void map_fini(struct map *m);
void *map_get(const struct map *m, const char *key, size_t key_len); /* NULL if absent */
bool map_put(struct map *m, const char *key, size_t key_len, void *value); /* false: it was there already */
void map_set(struct map *m, const char *key, size_t key_len, void *value); /* adds or replaces */
void *map_remove(struct map *m, const char *key, size_t key_len);    /* the value, or NULL */

/* Calls `visit` for every entry in no particular order; `visit` must not change the map. */
void map_each(const struct map *m, void (*visit)(void *context, const char *key, size_t key_len, void *value),
              void *context);

#endif
