/* The ids that a session knows: of its live tasks, timers and maps, and of the last 65,536 that ended. */
#ifndef JOBPOOL_SESSION_REGISTRY_H
#define JOBPOOL_SESSION_REGISTRY_H

#include "base/list.h"
#include "base/map.h"
#include "task/task.h"

#define REGISTRY_ENDED 65536

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
    struct list_node watches; /* those who wait for its end (waits.c), who asked first in front */
    uint64_t items;           /* of a group: how many there are, */
    uint64_t items_live;      /* how many of them have not ended, */
    uint64_t items_cancelled; /* how many have, as cancelled, */
    bool items_failed;        /* whether one has in any way but this and success, */
    bool items_complete;      /* and whether all are there */
    size_t id_len;
    char id[];
};

/* Entries that have ended, in that order; once it is full, its oldest is at `next`. */
struct registry_ring {
    struct registry_entry **entries;
    size_t len, next;
};

/* What is left of an ended task without an id of its own. */
struct registry_anonymous {
    uint64_t seq;
    uint64_t before; /* the end before it of a number with the same remainder; 0: none */
    enum task_state state;
};

struct registry {
    struct map entries;
    struct map firings;                   /* by BASE: how many entries have an id BASE@N */
    struct registry_ring ended;           /* tasks with an id */
    struct registry_ring ended_sets;      /* timers and groups */
    struct registry_anonymous *anonymous; /* a ring: the end with number N is at N modulo REGISTRY_ENDED */
    uint64_t *anonymous_last;             /* by seq modulo REGISTRY_ENDED: the number of the last such end */
    uint64_t anonymous_ends;              /* how many there were */
    struct registry_entry *found;         /* lent by registry_find for an anonymous one */
    uint64_t live;                        /* tasks that have not ended, daemons left out */
};

void registry_init(struct registry *r);
void registry_fini(struct registry *r);

/* NULL: not known. An entry that has ended is valid until the next call of any of these. */
struct registry_entry *registry_find(struct registry *r, const char *id);
/* Is an id of the form ID@N known? */
bool registry_has_firing(const struct registry *r, const char *id);
/* The live timer whose firings have ids like this one, or NULL. */
struct registry_entry *registry_timer_of(struct registry *r, const char *id);
/* A new live entry; takes a reference of `task` (NULL for a group, or where none will run). NULL if the id is
 * known. */
struct registry_entry *registry_add(struct registry *r, enum registry_kind kind, const char *id,
                                    struct task *task);
/* The same for what is submitted under `id`: a task, or a timer and its first firing. Returns the entry of
 * `id`. */
struct registry_entry *registry_add_submitted(struct registry *r, const char *id, bool repeats,
                                              struct task *task);
/* Gives a timer its next firing. */
void registry_set_task(struct registry_entry *e, struct task *task);
/* It has ended (nobody watches it any more). Invalidates `e`, or entries that ended long ago. */
void registry_end(struct registry *r, struct registry_entry *e, enum task_state state);
/* What a group ends as, by the items that have. */
enum task_state registry_group_state(const struct registry_entry *e);

#endif
