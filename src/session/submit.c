/* A submission comes checked whole (keys, values, ids, every item of a map); once it has found the room that
 * it does not wait for, only the pool's closing can refuse it. It is then held until the queue has room: one
 * task of it, or one item after the other. Meanwhile no further line is read, so that what was checked stays so.
 *
 * What is submitted is known to the registry before any event of it can be seen: events are drained by this
 * same thread.
 */
#include "session/submit.h"

#include "base/alloc.h"
#include "session/reply.h"
#include "session/waits.h"

#include <stdio.h>
#include <stdlib.h>

struct submission {
    struct origin origin;
    struct request request;
    int64_t begun_ns; /* when it came: for all items of a map "in" counts from here */
    size_t next;      /* its next item, from 0 */
    struct registry_entry *group; /* of a map with an id */
};

static void submission_free(struct submission *sub)
{
    if (!sub)
        return;
    origin_fini(&sub->origin);
    request_fini(&sub->request);
    free(sub);
}

void submit_drop(struct session *s)
{
    submission_free(s->held);
    s->held = NULL;
}

/* ---- checking ---- */

/* What the items of a map but the last take in the queue. */
static size_t items_size(const json_t *over)
{
    struct words values = {0};
    size_t size = 0;
    for (size_t i = 0; i + 1 < json_array_size(over); i++) {
        words_clear(&values);
        spec_parse_values(json_array_get(over, i), &values, NULL);
        size += sizeof(struct task) + values.len;
    }
    words_fini(&values);
    return size;
}

/* For one that does not wait for room. What repeats needs none. */
static int check_room(struct session *s, const struct request *q, struct error *err)
{
    size_t tasks = 1;
    if (q->over && !schedule_repeats(&q->spec->schedule))
        tasks = json_array_size(q->over);
    if (tasks == 0 || pool_has_room_for(s->config.pool, tasks, tasks > 1 ? items_size(q->over) : 0))
        return 0;
    if (tasks == 1)
        return error_set(err, ERR_FULL, "the queue is full");
    return error_set(err, ERR_FULL, "the queue has no room for all %zu elements of \"over\"", tasks);
}

void submit_request(struct session *s, struct origin *o, struct request *q)
{
    struct error err = {0};
    if (!q->spec->block && check_room(s, q, &err) < 0) {
        reply_refuse(s, o, NULL, &err);
        return;
    }
    struct submission *sub = xcalloc(1, sizeof *sub);
    sub->begun_ns = s->config.mono_now();
    origin_move(&sub->origin, o);
    sub->request = *q;
    *q = (struct request){0};
    if (sub->request.over && sub->request.spec->id)
        sub->group = registry_add(&s->registry, REGISTRY_GROUP, sub->request.spec->id, NULL);
    s->held = sub;
    submit_held(s);
}

/* ---- submitting ---- */

/* Puts `t` (taken) into the pool and its ids into the registry; `id` (NULL: its number) is the submission's.
 * NULL if the pool takes no more. */
static struct registry_entry *submit_task(struct session *s, struct task *t, const char *id,
                                          struct error *err)
{
    struct registry_entry *e = NULL;
    t->owner = s;
    task_ref(t);
    if (pool_submit(s->config.pool, t, s->config.mono_now(), s->config.real_now(), err) == 0) {
        char number[TASK_ID_SIZE];
        snprintf(number, sizeof number, "%llu", (unsigned long long)t->seq);
        e = registry_add_submitted(&s->registry, id ? id : number, schedule_repeats(&t->spec->schedule), t);
    }
    task_unref(t);
    return e;
}

/* One task. 0, or -1 if the pool is closed. */
static int submit_one(struct session *s, struct submission *sub, struct error *err)
{
    struct words values = {0};
    words_add_all(&values, &sub->request.spec->args);
    char *id = xstrdup(sub->request.spec->id);
    struct task *t = task_new(sub->request.spec, &values);
    /* The task holds the spec alone now, and so counts the spec's size in the queue's bound. */
    spec_unref(sub->request.spec);
    sub->request.spec = NULL;
    struct registry_entry *e = submit_task(s, t, id, err);
    free(id);
    if (!e)
        return -1;
    if (sub->request.op == REQUEST_APPLY)
        waits_for_task(s, &sub->origin, e);
    else if (sub->origin.req)
        reply_ok(s, &sub->origin, json_pack("{ss#}", "id", e->id, (int)e->id_len));
    return 0;
}

/* The map's next item. */
static int submit_item(struct session *s, struct submission *sub, struct error *err)
{
    struct words values = {0};
    if (spec_parse_values(json_array_get(sub->request.over, sub->next), &values, err) < 0) {
        words_fini(&values);
        return -1;
    }
    struct task *t = task_new(sub->request.spec, &values);
    t->from_ns = sub->begun_ns;
    if (sub->request.chunksize > 1)
        t->chunk = s->last_chunk + 1 + sub->next / sub->request.chunksize;
    char *id = sub->request.spec->id ? request_item_id(&sub->request, sub->next) : NULL;
    if (id && schedule_repeats(&sub->request.spec->schedule)) {
        t->fired = 1; /* its firings are named here, because the spec's id is the map's */
        t->id = xasprintf("%s@1", id);
    } else if (id) {
        t->id = xstrdup(id);
    }
    struct registry_entry *e = submit_task(s, t, id, err);
    free(id);
    if (!e)
        return -1;
    sub->next++;
    if (sub->group) {
        e->group = sub->group;
        sub->group->items++;
        sub->group->items_live++;
    }
    return 0;
}

/* All items are in the pool, or no more can be (`err`). */
static void map_finish(struct session *s, struct submission *sub, const struct error *err)
{
    struct registry_entry *group = sub->group;
    s->last_chunk += json_array_size(sub->request.over) / sub->request.chunksize + 1;
    if (err) {
        reply_refuse(s, &sub->origin, NULL, err);
    } else {
        json_t *more = json_pack("{sI}", "count", (json_int_t)sub->next);
        if (sub->request.spec->id)
            json_object_set_new(more, "id", json_string(sub->request.spec->id));
        reply_ok(s, &sub->origin, more);
    }
    if (!group)
        return;
    group->items_complete = true;
    if (group->items_live > 0)
        return;
    enum task_state state = registry_group_state(group);
    waits_entry_ends(s, group, state, -1);
    registry_end(&s->registry, group, state);
}

/* One that does not wait was checked whole. A pool that is closed needs no room to refuse. */
static bool may_submit(struct session *s, const struct submission *sub)
{
    return !sub->request.spec->block || pool_has_room(s->config.pool) || pool_is_closed(s->config.pool);
}

bool submit_held(struct session *s)
{
    struct submission *sub = s->held;
    struct error err = {0};
    int status = 0;
    if (!sub)
        return true;
    if (sub->request.over) {
        while (status == 0 && sub->next < json_array_size(sub->request.over)) {
            if (!may_submit(s, sub))
                return false;
            status = submit_item(s, sub, &err);
        }
        map_finish(s, sub, status < 0 ? &err : NULL);
    } else {
        if (!may_submit(s, sub))
            return false;
        if (submit_one(s, sub, &err) < 0)
            reply_refuse(s, &sub->origin, NULL, &err);
    }
    submit_drop(s);
    return true;
}
