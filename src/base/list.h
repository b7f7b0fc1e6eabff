/* Doubly linked list whose nodes live inside their elements. The head is a node; an element that is in no
 * list has node.next == NULL (list_remove sets that), so membership can be asked. */
#ifndef JOBPOOL_BASE_LIST_H
#define JOBPOOL_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list_node {
    struct list_node *next;
    struct list_node *prev;
};

/* The element that holds `node` as its `member`. */
#define list_entry(node, type, member) ((type *)(void *)((char *)(node) - offsetof(type, member)))

static inline void list_init(struct list_node *head)
{
    head->next = head->prev = head;
}

static inline bool list_empty(const struct list_node *head)
{
    return head->next == head;
}

static inline bool list_linked(const struct list_node *node)
{
    return node->next != NULL;
}

static inline void list_insert_before(struct list_node *where, struct list_node *node)
{
    node->prev = where->prev;
    node->next = where;
    where->prev->next = node;
    where->prev = node;
}

static inline void list_push_back(struct list_node *head, struct list_node *node)
{
    list_insert_before(head, node);
}

static inline void list_push_front(struct list_node *head, struct list_node *node)
{
    list_insert_before(head->next, node);
}

static inline void list_remove(struct list_node *node)
{
    if (!node->next)
        return;
    node->prev->next = node->next;
    node->next->prev = node->prev;
    node->next = node->prev = NULL;
}

/* The first node, taken out; NULL if the list is empty. */
static inline struct list_node *list_pop_front(struct list_node *head)
{
    struct list_node *node = head->next;
    if (node == head)
        return NULL;
    list_remove(node);
    return node;
}

/* Moves all of `from` behind `to`; `from` is empty then. */
static inline void list_splice_back(struct list_node *to, struct list_node *from)
{
    if (list_empty(from))
        return;
    from->next->prev = to->prev;
    to->prev->next = from->next;
    from->prev->next = to;
    to->prev = from->prev;
    list_init(from);
}

#endif
