/* The ids that a session knows: of its live tasks, timers and maps, and of the last 65,536 that ended.
 * Private to session/.
 */
#ifndef JOBPOOL_SESSION_REGISTRY_H
#define JOBPOOL_SESSION_REGISTRY_H

#include "base/map.h"
#include "task/task.h"

#define REGISTRY_ENDED 65536

struct watch; /* somebody who waits for the end of an entry (waits.c) */

enum registry_kind {
    REGISTRY_TASK,
    REGISTRY_TIMER, /* a repeated submission: its firings are entries of their own */
    REGISTRY_GROUP, /* a map with an id: its items are entries of their own */
};

struct registry_entry {
    enum registry_kind kind;
    enum task_state state; /* once it has ended */
    bool ended;
    bool counted;      /* in registry.live */
    struct task *task; /* a reference, while it is live; a timer's current firing; NULL for a group */
    struct registry_entry *group; /* the map that it is an item of, while both are live */
    struct watch *watches;
    uint64_t items;              /* of a group: how many there are, */
    uint64_t items_live;         /* how many of them have not ended, */
    enum task_state items_state; /* what it ends as by those that have, */
    bool items_complete;         /* and whether all are there */
    size_t id_len;
    char id[];
};

/* What is left of an ended task without an id of its own. */
struct registry_anonymous {
    uint64_t seq;
    enum task_state state;
};

struct registry {
    struct map entries;
    struct registry_entry **ended;        /* a ring; once it is full, its oldest is at ended_next */
    size_t ended_len, ended_next;
    struct registry_anonymous *anonymous; /* by seq modulo REGISTRY_ENDED */
    struct registry_entry *found;         /* lent by registry_find for an anonymous one */
    uint64_t live;                        /* tasks that have not ended, daemons left out */
};

void registry_init(struct registry *r);
void registry_fini(struct registry *r);

/* NULL: not known. An entry that has ended is valid until the next call of any of these. */
struct registry_entry *registry_find(struct registry *r, const char *id);
/* A new live entry; takes a reference of `task` (NULL for a group). NULL if the id is known. */
struct registry_entry *registry_add(struct registry *r, enum registry_kind kind, const char *id,
                                    struct task *task);
/* Gives a timer its next firing. */
void registry_set_task(struct registry_entry *e, struct task *task);
/* It has ended (nobody watches it any more). Invalidates `e`, or entries that ended long ago. */
void registry_end(struct registry *r, struct registry_entry *e, enum task_state state);

#endif
