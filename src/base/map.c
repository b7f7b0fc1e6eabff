/* A hash table from byte strings to pointers: open addressing, linear probing, keys copied.
 *
 * An entry is free (key NULL), deleted (key == tombstone) or live. `used` counts live and deleted ones and
 * stays at or below 3/4 of `cap`, so that every probe meets a free entry. A rehash picks the size by what
 * is live, so a table that grew once shrinks again; a large table that became empty is given back at once.
 */
#include "base/map.h"

#include "base/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct map_entry {
    char *key;
    size_t key_len;
    uint64_t hash;
    void *value;
};

#define MAP_MIN  16
#define MAP_KEEP 4096 /* an empty table of at most this many entries keeps its memory */

static char tombstone[1];

static uint64_t mix(uint64_t h)
{
    h ^= h >> 32;
    h *= UINT64_C(0xe9846af9b1a615d);
    h ^= h >> 32;
    h *= UINT64_C(0xe9846af9b1a615d);
    return h ^ h >> 28;
}

static uint64_t hash_of(const char *key, size_t len)
{
    uint64_t h = UINT64_C(0x9e3779b97f4a7c15) ^ len;
    uint64_t word;
    for (; len >= sizeof word; key += sizeof word, len -= sizeof word) {
        memcpy(&word, key, sizeof word);
        h = (h ^ word) * UINT64_C(0xff51afd7ed558ccd);
        h ^= h >> 29;
    }
    if (len > 0) {
        word = 0;
        memcpy(&word, key, len);
        h = (h ^ word) * UINT64_C(0xff51afd7ed558ccd);
    }
    return mix(h);
}

static bool is_live(const struct map_entry *e)
{
    return e->key && e->key != tombstone;
}

static struct map_entry *find(const struct map *m, const char *key, size_t key_len, uint64_t hash)
{
    if (m->cap == 0)
        return NULL;
    for (size_t i = hash & (m->cap - 1);; i = (i + 1) & (m->cap - 1)) {
        struct map_entry *e = &m->entries[i];
        if (!e->key)
            return NULL;
        if (e->hash == hash && e->key != tombstone && e->key_len == key_len &&
            (key_len == 0 || memcmp(e->key, key, key_len) == 0))
            return e;
    }
}

static void rehash(struct map *m)
{
    size_t cap = MAP_MIN;
    while (cap / 2 <= m->len)
        cap *= 2;
    struct map_entry *entries = xcalloc(cap, sizeof *entries);
    for (size_t i = 0; i < m->cap; i++) {
        if (!is_live(&m->entries[i]))
            continue;
        size_t at = m->entries[i].hash & (cap - 1);
        while (entries[at].key)
            at = (at + 1) & (cap - 1);
        entries[at] = m->entries[i];
    }
    free(m->entries);
    m->entries = entries;
    m->cap = cap;
    m->used = m->len;
}

/* Adds a key that is not there. A deleted entry on the way is not taken: `used` bounds them anyway. */
static void add(struct map *m, const char *key, size_t key_len, uint64_t hash, void *value)
{
    if (m->used + 1 > m->cap / 4 * 3)
        rehash(m);
    size_t at = hash & (m->cap - 1);
    while (m->entries[at].key)
        at = (at + 1) & (m->cap - 1);
    m->entries[at] = (struct map_entry){xmemdup0(key, key_len), key_len, hash, value};
    m->len++;
    m->used++;
}

void map_fini(struct map *m)
{
    for (size_t i = 0; i < m->cap; i++) {
        if (is_live(&m->entries[i]))
            free(m->entries[i].key);
    }
    free(m->entries);
    *m = (struct map){0};
}

void *map_get(const struct map *m, const char *key, size_t key_len)
{
    const struct map_entry *e = find(m, key, key_len, hash_of(key, key_len));
    return e ? e->value : NULL;
}

bool map_put(struct map *m, const char *key, size_t key_len, void *value)
{
    uint64_t hash = hash_of(key, key_len);
    if (find(m, key, key_len, hash))
        return false;
    add(m, key, key_len, hash, value);
    return true;
}

void map_set(struct map *m, const char *key, size_t key_len, void *value)
{
    uint64_t hash = hash_of(key, key_len);
    struct map_entry *e = find(m, key, key_len, hash);
    if (e)
        e->value = value;
    else
        add(m, key, key_len, hash, value);
}

/* A deleted entry is needed only while a probe may have to pass it: with a free one behind it, it and the
 * deleted ones in front of it become free. */
static void bury(struct map *m, size_t at)
{
    m->entries[at] = (struct map_entry){.key = tombstone};
    if (m->entries[(at + 1) & (m->cap - 1)].key)
        return;
    while (m->entries[at].key == tombstone) {
        m->entries[at].key = NULL;
        m->used--;
        at = (at - 1) & (m->cap - 1);
    }
}

void *map_remove(struct map *m, const char *key, size_t key_len)
{
    struct map_entry *e = find(m, key, key_len, hash_of(key, key_len));
    if (!e)
        return NULL;
    void *value = e->value;
    free(e->key);
    m->len--;
    bury(m, (size_t)(e - m->entries));
    if (m->len == 0 && m->cap > MAP_KEEP)
        map_fini(m);
    return value;
}

void map_each(const struct map *m, void (*visit)(void *context, const char *key, size_t key_len, void *value),
              void *context)
{
    for (size_t i = 0; i < m->cap; i++) {
        const struct map_entry *e = &m->entries[i];
        if (is_live(e))
            visit(context, e->key, e->key_len, e->value);
    }
}
