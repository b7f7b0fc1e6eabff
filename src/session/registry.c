/* One map from ids to entries. An entry that has ended stays in the map and in a ring, whose oldest member
 * goes when the ring is full.
 *
 * A task without an id of its own is known by its number. No submission can ask for such an id again, so when
 * it has ended its entry is freed, and only number and state are kept in a table: a run of millions of such
 * tasks stays small.
 */
#include "session/registry.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

void registry_init(struct registry *r)
{
    *r = (struct registry){0};
}

static void entry_free(struct registry_entry *e)
{
    if (e->task)
        task_unref(e->task);
    free(e);
}

static void free_visited(void *context, const char *key, size_t key_len, void *value)
{
    (void)context;
    (void)key;
    (void)key_len;
    entry_free(value);
}

void registry_fini(struct registry *r)
{
    map_each(&r->entries, free_visited, NULL);
    map_fini(&r->entries);
    free(r->ended);
    free(r->anonymous);
    free(r->found);
    registry_init(r);
}

/* The number that `id` is the decimal form of, or 0. */
static uint64_t seq_of(const char *id)
{
    uint64_t seq = 0;
    if (*id == '0' || strlen(id) > 19)
        return 0;
    for (; *id; id++) {
        if (*id < '0' || *id > '9')
            return 0;
        seq = seq * 10 + (uint64_t)(*id - '0');
    }
    return seq;
}

struct registry_entry *registry_find(struct registry *r, const char *id)
{
    struct registry_entry *e = map_get(&r->entries, id, strlen(id));
    uint64_t seq = e ? 0 : seq_of(id);
    if (seq == 0 || !r->anonymous || r->anonymous[seq % REGISTRY_ENDED].seq != seq)
        return e;
    if (!r->found)
        r->found = xcalloc(1, sizeof *r->found + TASK_ID_SIZE);
    r->found->ended = true;
    r->found->state = r->anonymous[seq % REGISTRY_ENDED].state;
    r->found->id_len = strlen(id);
    memcpy(r->found->id, id, r->found->id_len + 1);
    return r->found;
}

struct registry_entry *registry_add(struct registry *r, enum registry_kind kind, const char *id,
                                    struct task *task)
{
    size_t len = strlen(id);
    struct registry_entry *e = xcalloc(1, sizeof *e + len + 1);
    if (!map_put(&r->entries, id, len, e)) {
        free(e);
        return NULL;
    }
    e->kind = kind;
    e->items_state = TASK_SUCCEEDED;
    e->task = task ? task_ref(task) : NULL;
    e->counted = kind == REGISTRY_TASK && task && !task->spec->daemon;
    r->live += e->counted;
    e->id_len = len;
    memcpy(e->id, id, len);
    return e;
}

void registry_set_task(struct registry_entry *e, struct task *task)
{
    struct task *old = e->task;
    e->task = task_ref(task);
    if (old)
        task_unref(old);
}

/* Puts an ended entry into the ring, in place of the oldest if it is full. */
static void remember(struct registry *r, struct registry_entry *e)
{
    if (r->ended_len < REGISTRY_ENDED) {
        if ((r->ended_len & (r->ended_len - 1)) == 0)
            r->ended = xrealloc_array(r->ended, r->ended_len ? r->ended_len * 2 : 1, sizeof *r->ended);
        r->ended[r->ended_len++] = e;
        return;
    }
    struct registry_entry *oldest = r->ended[r->ended_next];
    map_remove(&r->entries, oldest->id, oldest->id_len);
    entry_free(oldest);
    r->ended[r->ended_next] = e;
    r->ended_next = (r->ended_next + 1) % REGISTRY_ENDED;
}

void registry_end(struct registry *r, struct registry_entry *e, enum task_state state)
{
    r->live -= e->counted;
    e->counted = false;
    e->ended = true;
    e->state = state;
    e->group = NULL;
    if (e->task)
        task_unref(e->task);
    e->task = NULL;

    uint64_t seq = e->kind == REGISTRY_TASK ? seq_of(e->id) : 0;
    if (seq == 0) {
        remember(r, e);
        return;
    }
    if (!r->anonymous)
        r->anonymous = xcalloc(REGISTRY_ENDED, sizeof *r->anonymous);
    r->anonymous[seq % REGISTRY_ENDED] = (struct registry_anonymous){.seq = seq, .state = state};
    map_remove(&r->entries, e->id, e->id_len);
    free(e);
}
