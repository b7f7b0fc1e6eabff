/* A binary min-heap of nodes that live inside their elements.
 *
 * nodes[i] has place i + 1, so that a zeroed node is in no heap. The array never shrinks below its last
 * size while the heap lives: the same queue that filled once fills again.
 */
#include "base/heap.h"

#include "base/alloc.h"

#include <stdlib.h>

void heap_init(struct heap *h, bool (*less)(const struct heap_node *, const struct heap_node *))
{
    *h = (struct heap){.less = less};
}

void heap_fini(struct heap *h)
{
    free(h->nodes);
    h->nodes = NULL;
    h->len = h->cap = 0;
}

static void put(struct heap *h, size_t index, struct heap_node *node)
{
    h->nodes[index] = node;
    node->place = index + 1;
}

static void sift_up(struct heap *h, size_t index, struct heap_node *node)
{
    while (index > 0) {
        size_t parent = (index - 1) / 2;
        if (!h->less(node, h->nodes[parent]))
            break;
        put(h, index, h->nodes[parent]);
        index = parent;
    }
    put(h, index, node);
}

static void sift_down(struct heap *h, size_t index, struct heap_node *node)
{
    for (;;) {
        size_t child = index * 2 + 1;
        if (child >= h->len)
            break;
        if (child + 1 < h->len && h->less(h->nodes[child + 1], h->nodes[child]))
            child++;
        if (!h->less(h->nodes[child], node))
            break;
        put(h, index, h->nodes[child]);
        index = child;
    }
    put(h, index, node);
}

void heap_insert(struct heap *h, struct heap_node *node)
{
    if (h->len == h->cap) {
        h->cap = h->cap ? h->cap * 2 : 16;
        h->nodes = xrealloc_array(h->nodes, h->cap, sizeof *h->nodes);
    }
    h->len++;
    sift_up(h, h->len - 1, node);
}

void heap_remove(struct heap *h, struct heap_node *node)
{
    if (node->place == 0)
        return;
    size_t index = node->place - 1;
    struct heap_node *last = h->nodes[--h->len];
    node->place = 0;
    if (last == node)
        return;
    if (index > 0 && h->less(last, h->nodes[(index - 1) / 2]))
        sift_up(h, index, last);
    else
        sift_down(h, index, last);
}

struct heap_node *heap_min(const struct heap *h)
{
    return h->len ? h->nodes[0] : NULL;
}

struct heap_node *heap_pop(struct heap *h)
{
    struct heap_node *node = heap_min(h);
    if (node)
        heap_remove(h, node);
    return node;
}
