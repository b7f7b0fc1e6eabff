/* A waiter is one answer that is owed. It has a watch on each id that has not ended; when the last watch is
 * gone it answers and is freed; who asked first is answered first. An answer only writes to an output, which
 * calls nothing of the session, so answering from within an event cannot recurse.
 */
#include "session/waits.h"

#include "base/alloc.h"
#include "session/reply.h"

#include <stdlib.h>

struct watch {
    struct list_node on_entry; /* in no list: it has ended */
    struct waiter *waiter;
};

struct waiter {
    struct list_node in_session;
    struct list_node in_all; /* waits for everything */
    struct heap_node deadline;
    int64_t due_ns; /* 0: no timeout */
    struct origin origin;
    json_t *ids; /* of wait; one watch each */
    struct watch *watches;
    size_t watches_len;
    size_t left; /* watches whose entry has not ended */
    bool is_apply;
    bool for_daemons; /* waits for everything, and for these too */
    enum task_state state; /* what the apply's task ended with */
    int exit_code;
};

static bool due_earlier(const struct heap_node *a, const struct heap_node *b)
{
    const struct waiter *x = list_entry(a, struct waiter, deadline),
                        *y = list_entry(b, struct waiter, deadline);
    return x->due_ns != y->due_ns ? x->due_ns < y->due_ns : x->origin.line < y->origin.line;
}

void waits_init(struct session *s)
{
    list_init(&s->waiters);
    list_init(&s->for_all);
    heap_init(&s->deadlines, due_earlier);
}

static struct waiter *waiter_new(struct session *s, struct origin *o, size_t watches)
{
    struct waiter *w = xcalloc(1, sizeof *w);
    origin_move(&w->origin, o);
    w->watches_len = watches;
    w->watches = xcalloc(watches, sizeof *w->watches);
    list_push_back(&s->waiters, &w->in_session);
    return w;
}

static void watch_start(struct watch *watch, struct waiter *w, struct registry_entry *e)
{
    list_push_back(&e->watches, &watch->on_entry);
    watch->waiter = w;
    w->left++;
}

static void waiter_free(struct session *s, struct waiter *w)
{
    for (size_t i = 0; i < w->watches_len; i++)
        list_remove(&w->watches[i].on_entry);
    if (s->holding == w)
        s->holding = NULL;
    list_remove(&w->in_session);
    list_remove(&w->in_all);
    heap_remove(&s->deadlines, &w->deadline);
    origin_fini(&w->origin);
    json_decref(w->ids);
    free(w->watches);
    free(w);
}

void waits_fini(struct session *s)
{
    while (!list_empty(&s->waiters))
        waiter_free(s, list_entry(s->waiters.next, struct waiter, in_session));
    heap_fini(&s->deadlines);
}

static json_t *wait_answer(const struct waiter *w)
{
    json_t *done = json_array(), *pending = json_array(), *more = json_object();
    for (size_t i = 0; i < w->watches_len; i++)
        json_array_append(list_linked(&w->watches[i].on_entry) ? pending : done, json_array_get(w->ids, i));
    json_object_set_new(more, "done", done);
    json_object_set_new(more, "pending", pending);
    return more;
}

static json_t *apply_answer(const struct waiter *w)
{
    json_t *more = json_object();
    json_object_set(more, "id", json_array_get(w->ids, 0));
    json_object_set_new(more, "state", json_string(task_state_name(w->state)));
    json_object_set_new(more, "exit_code", w->exit_code < 0 ? json_null() : json_integer(w->exit_code));
    return more;
}

/* Answers and frees it. */
static void waiter_answer(struct session *s, struct waiter *w)
{
    json_t *more = NULL;
    if (w->is_apply)
        more = apply_answer(w);
    else if (w->ids)
        more = wait_answer(w);
    reply_ok(s, &w->origin, more);
    waiter_free(s, w);
}

void waits_for_ids(struct session *s, struct origin *o, json_t *ids, int64_t due_ns)
{
    struct waiter *w = waiter_new(s, o, json_array_size(ids));
    w->ids = json_incref(ids);
    for (size_t i = 0; i < w->watches_len; i++) {
        struct registry_entry *e = registry_find(&s->registry, json_string_value(json_array_get(ids, i)));
        if (e && !e->ended)
            watch_start(&w->watches[i], w, e);
    }
    w->due_ns = due_ns;
    if (w->left == 0)
        waiter_answer(s, w);
    else if (due_ns > 0)
        heap_insert(&s->deadlines, &w->deadline);
}

void waits_for_task(struct session *s, struct origin *o, struct registry_entry *e)
{
    struct waiter *w = waiter_new(s, o, 1);
    w->is_apply = true;
    w->ids = json_array();
    json_array_append_new(w->ids, json_string(e->id));
    watch_start(&w->watches[0], w, e);
    s->holding = w;
}

void waits_for_tasks(struct session *s, struct origin *o)
{
    struct waiter *w = waiter_new(s, o, 0);
    list_push_back(&s->for_all, &w->in_all);
    s->holding = w;
}

void waits_for_all(struct session *s, struct origin *o)
{
    struct waiter *w = waiter_new(s, o, 0);
    w->for_daemons = true;
    list_push_back(&s->for_all, &w->in_all);
}

void waits_entry_ends(struct session *s, struct registry_entry *e, enum task_state state, int exit_code)
{
    struct list_node *node;
    while ((node = list_pop_front(&e->watches))) {
        struct waiter *w = list_entry(node, struct watch, on_entry)->waiter;
        w->state = state;
        w->exit_code = exit_code;
        if (--w->left == 0)
            waiter_answer(s, w);
    }
}

bool waits_all_ended(struct session *s, bool daemons_too)
{
    struct list_node *next;
    for (struct list_node *n = s->for_all.next; n != &s->for_all; n = next) {
        next = n->next;
        struct waiter *w = list_entry(n, struct waiter, in_all);
        if (daemons_too || !w->for_daemons)
            waiter_answer(s, w);
    }
    return list_empty(&s->for_all);
}

int64_t waits_tick(struct session *s, int64_t mono_ns)
{
    struct heap_node *node;
    while ((node = heap_min(&s->deadlines))) {
        struct waiter *w = list_entry(node, struct waiter, deadline);
        if (w->due_ns > mono_ns)
            return w->due_ns;
        waiter_answer(s, w);
    }
    return 0;
}
