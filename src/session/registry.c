/* One map from ids to entries. An entry that has ended stays in the map and in a ring, whose oldest member
 * goes when the ring is full. Timers and groups have a ring of their own: they take no task's place.
 *
 * A task without an id of its own is known by its number. No submission can ask for such an id again, so when
 * it has ended its entry is freed, and only number and state are kept in a ring: a run of millions of such
 * tasks stays small. Numbers with the same remainder are chained, the last end first; a chain breaks off
 * where the ring has been written over.
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
    map_fini(&r->firings);
    free(r->ended.entries);
    free(r->ended_sets.entries);
    free(r->anonymous);
    free(r->anonymous_last);
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

/* The length of BASE if `id` is BASE@N, otherwise 0. */
static size_t firing_base(const char *id)
{
    const char *at = strrchr(id, '@');
    return at && seq_of(at + 1) ? (size_t)(at - id) : 0;
}

static void count_firing(struct registry *r, const char *id, intptr_t change)
{
    size_t len = firing_base(id);
    if (len == 0)
        return;
    intptr_t count = (intptr_t)map_get(&r->firings, id, len) + change;
    if (count > 0)
        map_set(&r->firings, id, len, (void *)count);
    else
        map_remove(&r->firings, id, len);
}

bool registry_has_firing(const struct registry *r, const char *id)
{
    return map_get(&r->firings, id, strlen(id)) != NULL;
}

struct registry_entry *registry_timer_of(struct registry *r, const char *id)
{
    size_t len = firing_base(id);
    struct registry_entry *e = len ? map_get(&r->entries, id, len) : NULL;
    return e && e->kind == REGISTRY_TIMER && !e->ended ? e : NULL;
}

/* What is left of the ended task with this number, or NULL. */
static const struct registry_anonymous *find_anonymous(const struct registry *r, uint64_t seq)
{
    if (seq == 0 || !r->anonymous)
        return NULL;
    uint64_t end = r->anonymous_last[seq % REGISTRY_ENDED];
    while (end > 0 && r->anonymous_ends - end < REGISTRY_ENDED) {
        const struct registry_anonymous *a = &r->anonymous[end % REGISTRY_ENDED];
        if (a->seq == seq)
            return a;
        end = a->before;
    }
    return NULL;
}

struct registry_entry *registry_find(struct registry *r, const char *id)
{
    struct registry_entry *e = map_get(&r->entries, id, strlen(id));
    const struct registry_anonymous *a = e ? NULL : find_anonymous(r, seq_of(id));
    if (!a)
        return e;
    if (!r->found)
        r->found = xcalloc(1, sizeof *r->found + TASK_ID_SIZE);
    r->found->ended = true;
    r->found->state = a->state;
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
    list_init(&e->watches);
    e->task = task ? task_ref(task) : NULL;
    e->counted = kind == REGISTRY_TASK && task && !task->spec->daemon;
    r->live += e->counted;
    e->id_len = len;
    memcpy(e->id, id, len);
    count_firing(r, e->id, 1);
    return e;
}

struct registry_entry *registry_add_submitted(struct registry *r, const char *id, bool repeats,
                                              struct task *task)
{
    struct registry_entry *e = registry_add(r, repeats ? REGISTRY_TIMER : REGISTRY_TASK, id, task);
    if (repeats) {
        char *firing = xasprintf("%s@1", id);
        registry_add(r, REGISTRY_TASK, firing, task);
        free(firing);
    }
    return e;
}

void registry_set_task(struct registry_entry *e, struct task *task)
{
    struct task *old = e->task;
    e->task = task_ref(task);
    if (old)
        task_unref(old);
}

/* Puts an ended entry into its ring, in place of the oldest if that is full. */
static void remember(struct registry *r, struct registry_entry *e)
{
    struct registry_ring *ring = e->kind == REGISTRY_TASK ? &r->ended : &r->ended_sets;
    if (ring->len < REGISTRY_ENDED) {
        if ((ring->len & (ring->len - 1)) == 0)
            ring->entries =
                xrealloc_array(ring->entries, ring->len ? ring->len * 2 : 1, sizeof *ring->entries);
        ring->entries[ring->len++] = e;
        return;
    }
    struct registry_entry *oldest = ring->entries[ring->next];
    count_firing(r, oldest->id, -1);
    map_remove(&r->entries, oldest->id, oldest->id_len);
    entry_free(oldest);
    ring->entries[ring->next] = e;
    ring->next = (ring->next + 1) % REGISTRY_ENDED;
}

static void remember_anonymous(struct registry *r, uint64_t seq, enum task_state state)
{
    if (!r->anonymous) {
        r->anonymous = xcalloc(REGISTRY_ENDED, sizeof *r->anonymous);
        r->anonymous_last = xcalloc(REGISTRY_ENDED, sizeof *r->anonymous_last);
    }
    uint64_t *last = &r->anonymous_last[seq % REGISTRY_ENDED];
    uint64_t end = ++r->anonymous_ends;
    r->anonymous[end % REGISTRY_ENDED] =
        (struct registry_anonymous){.seq = seq, .before = *last, .state = state};
    *last = end;
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
    remember_anonymous(r, seq, state);
    map_remove(&r->entries, e->id, e->id_len);
    free(e);
}

enum task_state registry_group_state(const struct registry_entry *e)
{
    if (e->items_failed)
        return TASK_FAILED;
    return e->items_cancelled > 0 ? TASK_CANCELLED : TASK_SUCCEEDED;
}
