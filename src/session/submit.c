/* A submission is checked whole when its line is read (keys, values, ids, every item of a map); after that
 * only the pool's closing can refuse it. It is then held until the queue has room: one task of it, or one
 * item after the other. Meanwhile no further line is read.
 *
 * What is submitted is known to the registry before any event of it can be seen: events are drained by this
 * same thread.
 */
#include "session/submit.h"

#include "base/alloc.h"
#include "session/reply.h"
#include "session/waits.h"
#include "task/spec_values.h"

#include <stdio.h>
#include <stdlib.h>

struct submission {
    enum submit_kind kind;
    struct origin origin;
    struct spec *spec;
    json_t *over;     /* of a map */
    int64_t begun_ns; /* when it came: for all items of a map "in" counts from here */
    size_t next;  /* its next item, from 0 */
    size_t bytes; /* that all items but the last take in the queue */
    uint64_t chunksize;
    struct registry_entry *group; /* of a map with an id */
};

static void submission_free(struct submission *sub)
{
    if (!sub)
        return;
    origin_fini(&sub->origin);
    if (sub->spec)
        spec_unref(sub->spec);
    json_decref(sub->over);
    free(sub);
}

void submit_drop(struct session *s)
{
    submission_free(s->held);
    s->held = NULL;
}

/* ---- checking ---- */

/* Is the id free, with all those that its firings will have, and none that a timer's will? What was checked
 * stays so: ids of live timers are taken, and while something is held no other submission is read. */
static int check_id(struct session *s, const char *id, bool repeats, struct error *err)
{
    if (registry_find(&s->registry, id))
        return error_set(err, ERR_DUPLICATE, "the id \"%s\" is known already", id);
    const struct registry_entry *timer = registry_timer_of(&s->registry, id);
    if (timer)
        return error_set(err, ERR_DUPLICATE, "the id \"%s\" belongs to a run of the repeated task \"%s\"", id,
                         timer->id);
    if (repeats && registry_has_firing(&s->registry, id))
        return error_set(err, ERR_DUPLICATE,
                         "the runs of a repeated task \"%s\" have ids such as \"%s@1\", and one of these is known "
                         "already",
                         id, id);
    return 0;
}

static char *item_id(const struct submission *sub, size_t index)
{
    return xasprintf("%s.%zu", sub->spec->id, index + 1);
}

static int check_items(struct session *s, struct submission *sub, const char **key, struct error *err)
{
    struct words values = {0};
    size_t last = 0;
    int status = 0;
    for (size_t i = 0; status == 0 && i < json_array_size(sub->over); i++) {
        words_clear(&values);
        *key = "over";
        status = spec_parse_values(json_array_get(sub->over, i), &values, err);
        sub->bytes += last;
        last = sizeof(struct task) + values.len;
        if (status == 0 && sub->spec->id) {
            char *id = item_id(sub, i);
            *key = "id";
            status = check_id(s, id, schedule_repeats(&sub->spec->schedule), err);
            free(id);
        }
    }
    words_fini(&values);
    return status;
}

static int parse_map(struct submission *sub, const json_t *object, const char **key, struct error *err)
{
    json_t *over = json_object_get(object, "over");
    const json_t *chunksize = json_object_get(object, "chunksize");
    *key = "over";
    if (!json_is_array(over))
        return error_set(err, ERR_SPEC, "\"over\" must be an array of the items");
    sub->over = json_incref(over);
    *key = "chunksize";
    return spec_read_chunksize(chunksize, &sub->chunksize, err);
}

/* For one that does not wait for room. What repeats needs none. */
static int check_room(struct session *s, const struct submission *sub, struct error *err)
{
    size_t tasks = 1;
    if (sub->kind == SUBMIT_MAP && !schedule_repeats(&sub->spec->schedule))
        tasks = json_array_size(sub->over);
    if (tasks == 0 || pool_has_room_for(s->config.pool, tasks, tasks > 1 ? sub->bytes : 0))
        return 0;
    if (tasks == 1)
        return error_set(err, ERR_FULL, "the queue is full");
    return error_set(err, ERR_FULL, "the queue has no room for all %zu elements of \"over\"", tasks);
}

/* Fills `sub` from the object, or says what is wrong with it. */
static int submission_parse(struct session *s, struct submission *sub, const json_t *object, const char **key,
                            struct error *err)
{
    if (s->closed || pool_is_closed(s->config.pool))
        return error_set(err, ERR_CLOSED, "the pool is closed: it takes no more tasks");
    static const char *const map_keys[] = {"over", "chunksize"};
    for (size_t i = 0; sub->kind != SUBMIT_MAP && i < 2; i++) {
        *key = map_keys[i];
        if (json_object_get(object, map_keys[i]))
            return error_set(err, ERR_SPEC, "\"%s\" needs \"op\":\"map\"", map_keys[i]);
    }
    *key = NULL;
    struct spec_context context = s->config.spec_context;
    context.real_now_ns = s->config.real_now();
    if (spec_parse(object, &context, &sub->spec, key, err) < 0)
        return -1;
    if (sub->kind == SUBMIT_MAP && parse_map(sub, object, key, err) < 0)
        return -1;
    *key = "daemon";
    if (sub->kind == SUBMIT_APPLY && sub->spec->daemon)
        return error_set(err, ERR_SPEC, "apply waits for the task's end, and a daemon has none of its own");
    *key = "id";
    bool repeats = sub->kind != SUBMIT_MAP && schedule_repeats(&sub->spec->schedule);
    if (sub->spec->id && check_id(s, sub->spec->id, repeats, err) < 0)
        return -1;
    if (sub->kind == SUBMIT_MAP && check_items(s, sub, key, err) < 0)
        return -1;
    *key = NULL;
    return sub->spec->block ? 0 : check_room(s, sub, err);
}

void submit_object(struct session *s, struct origin *o, const json_t *object, enum submit_kind kind)
{
    struct submission *sub = xcalloc(1, sizeof *sub);
    struct error err = {0};
    const char *key = NULL;
    sub->kind = kind;
    sub->begun_ns = s->config.mono_now();
    origin_move(&sub->origin, o);
    if (submission_parse(s, sub, object, &key, &err) < 0) {
        reply_refuse(s, &sub->origin, key, &err);
        submission_free(sub);
        return;
    }
    if (sub->kind == SUBMIT_MAP && sub->spec->id)
        sub->group = registry_add(&s->registry, REGISTRY_GROUP, sub->spec->id, NULL);
    s->held = sub;
    submit_held(s);
}

/* ---- submitting ---- */

/* Puts `t` (taken) into the pool and its ids into the registry; `id` (NULL: its number) is the submission's.
 * NULL if the pool takes no more. */
static struct registry_entry *submit_task(struct session *s, struct task *t, const char *id,
                                          struct error *err)
{
    bool repeats = schedule_repeats(&t->spec->schedule);
    struct registry_entry *e = NULL;
    t->owner = s;
    task_ref(t);
    if (pool_submit(s->config.pool, t, s->config.mono_now(), s->config.real_now(), err) == 0) {
        char number[TASK_ID_SIZE];
        snprintf(number, sizeof number, "%llu", (unsigned long long)t->seq);
        e = registry_add(&s->registry, repeats ? REGISTRY_TIMER : REGISTRY_TASK, id ? id : number, t);
        if (repeats)
            registry_add(&s->registry, REGISTRY_TASK, task_id(t, number), t);
    }
    task_unref(t);
    return e;
}

/* One task. 0, or -1 if the pool is closed. */
static int submit_one(struct session *s, struct submission *sub, struct error *err)
{
    struct words values = {0};
    words_add_all(&values, &sub->spec->args);
    char *id = xstrdup(sub->spec->id);
    struct task *t = task_new(sub->spec, &values);
    /* The task holds the spec alone now, and so counts the spec's size in the queue's bound. */
    spec_unref(sub->spec);
    sub->spec = NULL;
    struct registry_entry *e = submit_task(s, t, id, err);
    free(id);
    if (!e)
        return -1;
    if (sub->kind == SUBMIT_APPLY)
        waits_for_task(s, &sub->origin, e);
    else if (sub->origin.req)
        reply_ok(s, &sub->origin, json_pack("{ss#}", "id", e->id, (int)e->id_len));
    return 0;
}

/* The map's next item. */
static int submit_item(struct session *s, struct submission *sub, struct error *err)
{
    struct words values = {0};
    if (spec_parse_values(json_array_get(sub->over, sub->next), &values, err) < 0) {
        words_fini(&values);
        return -1;
    }
    struct task *t = task_new(sub->spec, &values);
    t->from_ns = sub->begun_ns;
    if (sub->chunksize > 1)
        t->chunk = s->last_chunk + 1 + sub->next / sub->chunksize;
    char *id = sub->spec->id ? item_id(sub, sub->next) : NULL;
    if (id && schedule_repeats(&sub->spec->schedule)) {
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
    s->last_chunk += json_array_size(sub->over) / sub->chunksize + 1;
    if (err) {
        reply_refuse(s, &sub->origin, NULL, err);
    } else {
        json_t *more = json_pack("{sI}", "count", (json_int_t)sub->next);
        if (sub->spec->id)
            json_object_set_new(more, "id", json_string(sub->spec->id));
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
    return !sub->spec->block || pool_has_room(s->config.pool) || pool_is_closed(s->config.pool);
}

bool submit_held(struct session *s)
{
    struct submission *sub = s->held;
    struct error err = {0};
    int status = 0;
    if (!sub)
        return true;
    if (sub->kind == SUBMIT_MAP) {
        while (status == 0 && sub->next < json_array_size(sub->over)) {
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
