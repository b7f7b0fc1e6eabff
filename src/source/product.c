/* Every combination of the items of several sources, the last varying fastest.
 *
 * The first source is streamed: one item of it is held. The others are read whole before the first
 * combination; they are walked like the digits of a number, each with a pointer to the words of its current
 * item.
 */
#include "source/source.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* All items of one source; an item may be several words. */
struct column {
    struct source *source;
    struct words words;
    size_t *sizes; /* words in each item */
    size_t count, cap;
    size_t index;   /* the current item, */
    const char *at; /* and its first word (NULL if it has none) */
};

struct product {
    struct source base;
    struct source *first;
    struct words head; /* the current item of the first source */
    bool has_head;
    struct column *columns; /* the others */
    size_t columns_len;
    size_t loaded; /* so many columns are complete */
    bool ended;
};

static void column_add(struct column *c, const struct words *item)
{
    if (c->count == c->cap) {
        c->cap = c->cap ? c->cap * 2 : 16;
        c->sizes = xrealloc_array(c->sizes, c->cap, sizeof *c->sizes);
    }
    c->sizes[c->count++] = item->count;
    words_add_all(&c->words, item);
}

static void column_rewind(struct column *c)
{
    c->index = 0;
    c->at = words_next(&c->words, NULL);
}

/* Goes to the next item; false: it was the last, and the column starts again. */
static bool column_advance(struct column *c)
{
    for (size_t i = 0; i < c->sizes[c->index]; i++)
        c->at += strlen(c->at) + 1;
    if (++c->index < c->count)
        return true;
    column_rewind(c);
    return false;
}

static enum source_status product_load(struct product *p, struct error *err)
{
    struct words item = {0};
    enum source_status status = SOURCE_ITEM;
    while (p->loaded < p->columns_len) {
        struct column *c = &p->columns[p->loaded];
        words_clear(&item);
        status = source_next(c->source, &item, err);
        if (status == SOURCE_ITEM) {
            column_add(c, &item);
        } else if (status == SOURCE_END) {
            column_rewind(c);
            p->ended |= c->count == 0;
            p->loaded++;
        } else {
            break;
        }
    }
    words_fini(&item);
    return p->loaded == p->columns_len ? SOURCE_ITEM : status;
}

static void product_give(struct product *p, struct words *values)
{
    words_add_all(values, &p->head);
    for (size_t i = 0; i < p->columns_len; i++) {
        struct column *c = &p->columns[i];
        const char *word = c->at;
        for (size_t n = c->sizes[c->index]; n > 0; n--, word += strlen(word) + 1)
            words_add(values, word, strlen(word));
    }
    size_t i = p->columns_len;
    while (i > 0 && !column_advance(&p->columns[i - 1]))
        i--;
    p->has_head = i > 0;
}

static enum source_status product_next(struct source *source, struct words *values, struct error *err)
{
    struct product *p = (struct product *)source;
    struct error failure = {0};
    if (p->ended)
        return SOURCE_END;
    enum source_status status = product_load(p, &failure);
    if (p->ended)
        return SOURCE_END;
    if (status == SOURCE_ITEM && !p->has_head) {
        words_clear(&p->head);
        status = source_next(p->first, &p->head, &failure);
        p->has_head = status == SOURCE_ITEM;
    }
    if (status == SOURCE_ITEM)
        product_give(p, values);
    else if (status == SOURCE_END || (status == SOURCE_ERROR && failure.code != ERR_SPEC))
        p->ended = true;
    if (status == SOURCE_ERROR && err)
        *err = failure;
    return status;
}

static int product_fd(const struct source *source)
{
    const struct product *p = (const struct product *)source;
    return source_fd(p->loaded < p->columns_len ? p->columns[p->loaded].source : p->first);
}

static void product_free(struct source *source)
{
    struct product *p = (struct product *)source;
    source_free(p->first);
    words_fini(&p->head);
    for (size_t i = 0; i < p->columns_len; i++) {
        source_free(p->columns[i].source);
        words_fini(&p->columns[i].words);
        free(p->columns[i].sizes);
    }
    free(p->columns);
    free(p);
}

static const struct source_ops product_ops = {
    .next = product_next,
    .fd = product_fd,
    .free = product_free,
};

struct source *source_product(struct source **sources, size_t count)
{
    if (count == 0)
        return source_arguments(&(struct words){0});
    if (count == 1)
        return sources[0];
    struct product *p = xcalloc(1, sizeof *p);
    p->base.ops = &product_ops;
    p->first = sources[0];
    p->columns_len = count - 1;
    p->columns = xcalloc(count - 1, sizeof *p->columns);
    for (size_t i = 1; i < count; i++)
        p->columns[i - 1].source = sources[i];
    return &p->base;
}
