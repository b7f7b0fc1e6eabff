/* A binary min-heap of nodes that live inside their elements. One heap serves timers and the priority
 * queue; `less` breaks ties (by a sequence number), so the order is total and repeatable. */
#ifndef JOBPOOL_BASE_HEAP_H
#define JOBPOOL_BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>

struct heap_node {
    size_t place; /* 1-based place in the heap; 0: in none. Zeroed memory is valid. */
};

struct heap {
    struct heap_node **nodes;
    size_t len;
    size_t cap;
    bool (*less)(const struct heap_node *a, const struct heap_node *b);
};

void heap_init(struct heap *h, bool (*less)(const struct heap_node *, const struct heap_node *));
void heap_fini(struct heap *h); /* frees the array; the nodes belong to their elements */
void heap_insert(struct heap *h, struct heap_node *node);
void heap_remove(struct heap *h, struct heap_node *node); /* no-op for a node that is in no heap */
struct heap_node *heap_min(const struct heap *h);         /* NULL when empty */
struct heap_node *heap_pop(struct heap *h);               /* NULL when empty */

static inline bool heap_linked(const struct heap_node *node)
{
    return node->place != 0;
}

#endif
