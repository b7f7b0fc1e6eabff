/* Ops are checked centrally: the name, the keys, what `req` may be. A handler gets an object with known keys
 * only and gives exactly one answer, at once or through waits.c.
 */
#include "session/ops.h"

#include "base/alloc.h"
#include "base/duration.h"
#include "base/timestamp.h"
#include "session/reply.h"
#include "session/submit.h"
#include "session/waits.h"
#include "task/spec_values.h"

#include <stdlib.h>
#include <string.h>

struct op {
    const char *name;
    const char *keys; /* allowed besides op and req, each between spaces; NULL: those of a spec */
    void (*run)(struct session *s, struct origin *o, const json_t *object);
};

/* ---- values of keys ---- */

/* A member that may be true or false; `value` keeps its default if it is not there. */
static int get_bool(const json_t *object, const char *key, bool *value, struct error *err)
{
    const json_t *member = json_object_get(object, key);
    if (member && !json_is_boolean(member))
        return error_set(err, ERR_SPEC, "\"%s\" must be true or false", key);
    if (member)
        *value = json_is_true(member);
    return 0;
}

/* The ids of "id" or "ids" as an array of strings (a new reference). */
static json_t *get_ids(const json_t *object, struct error *err)
{
    json_t *one = json_object_get(object, "id"), *many = json_object_get(object, "ids");
    if ((one != NULL) == (many != NULL)) {
        error_set(err, ERR_SPEC, "either \"id\" or \"ids\" must be given");
        return NULL;
    }
    if (many && !json_is_array(many)) {
        error_set(err, ERR_SPEC, "\"ids\" must be an array of strings");
        return NULL;
    }
    json_t *ids = json_array();
    if (one)
        json_array_append(ids, one);
    else
        json_array_extend(ids, many);
    const char *text;
    for (size_t i = 0; i < json_array_size(ids); i++) {
        if (json_read_text(json_array_get(ids, i), &text, err) == 0)
            continue;
        error_prefix(err, "%s", one ? "\"id\"" : "an element of \"ids\"");
        json_decref(ids);
        return NULL;
    }
    return ids;
}

static int get_timeout(const json_t *object, int64_t *ns, struct error *err)
{
    const json_t *timeout = json_object_get(object, "timeout");
    *ns = 0;
    if (!timeout)
        return 0;
    int status = -1;
    const char *text;
    if (json_is_string(timeout) && json_read_text(timeout, &text, err) < 0)
        error_prefix(err, "\"timeout\"");
    else if (json_is_string(timeout))
        status = duration_parse(text, ns, "timeout", err);
    else if (json_is_number(timeout))
        status = duration_from_seconds(json_number_value(timeout), ns, "timeout", err);
    else
        error_set(err, ERR_SPEC, "\"timeout\" must be a number of seconds or a duration such as \"5s\"");
    if (status < 0 && err)
        err->code = ERR_SPEC;
    return status;
}

/* ---- which task an id means ---- */

struct found {
    struct registry_entry *entry; /* NULL: known only as a running task */
    struct task *task;            /* what can be cancelled; NULL: nothing any more, or a group */
};

struct looked_for {
    const char *id;
    struct task *task;
};

static void match_running(void *context, const struct task *t)
{
    struct looked_for *l = context;
    char text[TASK_ID_SIZE];
    /* Not const for us: the pool lends it to its own main thread. */
    if (strcmp(task_id(t, text), l->id) == 0)
        l->task = list_entry(&t->in_pool, struct task, in_pool);
}

/* A running firing of a repeated task may be unknown here until it ends: then the pool is asked. */
static int find_id(struct session *s, const char *id, struct found *f, struct error *err)
{
    *f = (struct found){.entry = registry_find(&s->registry, id)};
    if (f->entry) {
        f->task = f->entry->ended ? NULL : f->entry->task;
        return 0;
    }
    struct looked_for l = {.id = id};
    if (strchr(id, '@'))
        pool_each_running(s->config.pool, match_running, &l);
    f->task = l.task;
    return l.task ? 0 : error_set(err, ERR_UNKNOWN, "no task with the id \"%s\" is known", id);
}

/* ---- cancel ---- */

struct cancelled {
    bool all;          /* every task was, now or before */
    const char *state; /* of one that was not, or NULL */
};

static void note_not_cancelled(struct cancelled *c, enum task_state state)
{
    c->all = false;
    if (!c->state || state == TASK_RUNNING)
        c->state = task_state_name(state);
}

/* `e` (NULL: a firing) is known by the id that was named: only a timer's own stops the timer. */
static void cancel_task(struct session *s, const struct registry_entry *e, struct task *t, bool running,
                        struct cancelled *c)
{
    bool timer = e && e->kind == REGISTRY_TIMER;
    switch ((timer ? pool_cancel : pool_cancel_firing)(s->config.pool, t, running, s->config.mono_now(),
                                                       s->config.real_now())) {
    case POOL_CANCELLED:
        break;
    case POOL_RUNNING:
        note_not_cancelled(c, TASK_RUNNING);
        break;
    case POOL_ENDED: /* its state is final, though its event is still to come */
        if (t->state != TASK_CANCELLED)
            note_not_cancelled(c, t->state);
        break;
    }
}

static void cancel_group(struct session *s, const struct registry_entry *group, bool running,
                         struct cancelled *c)
{
    if (group->items_cancelled < group->items - group->items_live || group->items == 0)
        note_not_cancelled(c, group->items_failed ? TASK_FAILED : TASK_SUCCEEDED);
    for (uint64_t i = 1; group->items_live > 0 && i <= group->items; i++) {
        char *id = xasprintf("%s.%llu", group->id, (unsigned long long)i);
        struct registry_entry *item = registry_find(&s->registry, id);
        if (item && !item->ended && item->task)
            cancel_task(s, item, item->task, running, c);
        free(id);
    }
}

/* What was cancelled before counts as cancelled. */
static void cancel_found(struct session *s, const struct found *f, bool running, struct cancelled *c)
{
    c->all = true;
    if (f->entry && f->entry->kind == REGISTRY_GROUP)
        cancel_group(s, f->entry, running, c);
    else if (f->task)
        cancel_task(s, f->entry, f->task, running, c);
    else if (f->entry && f->entry->state != TASK_CANCELLED)
        note_not_cancelled(c, f->entry->state);
}

struct running_task {
    struct running_task *next;
    char *id;
    uint64_t seq;
    pid_t pid;
    unsigned slot;
    int64_t started_real_ns;
    bool suspended;
};

struct running_list {
    struct running_task *first;
    struct running_task **last;
};

static void collect_running(void *context, const struct task *t)
{
    struct running_list *list = context;
    char text[TASK_ID_SIZE];
    struct running_task *r = xcalloc(1, sizeof *r);
    r->id = xstrdup(task_id(t, text));
    r->seq = t->seq;
    r->pid = t->pid;
    r->slot = t->slot;
    r->started_real_ns = t->running_real_ns;
    r->suspended = t->state == TASK_SUSPENDED;
    *list->last = r;
    list->last = &r->next;
}

/* What a task that has not ended, as far as was told, does now. */
static const char *live_state(struct session *s, const struct found *f)
{
    if (!f->task)
        return task_state_name(f->entry && f->entry->items_live > 0 ? TASK_RUNNING : TASK_READY);
    return task_state_name(pool_task_state(s->config.pool, f->task));
}

static const char *found_state(struct session *s, const struct found *f)
{
    if (f->entry && f->entry->ended)
        return task_state_name(f->entry->state);
    return live_state(s, f);
}

/* For several ids "cancelled" says whether every one of them was, and "each" tells them apart. */
static void op_cancel(struct session *s, struct origin *o, const json_t *object)
{
    struct error err = {0};
    bool running = false;
    struct found f = {0};
    json_t *ids = get_ids(object, &err);
    int status = ids ? get_bool(object, "running", &running, &err) : -1;
    for (size_t i = 0; status == 0 && i < json_array_size(ids); i++)
        status = find_id(s, json_string_value(json_array_get(ids, i)), &f, &err);
    if (status < 0) {
        reply_refuse(s, o, NULL, &err);
        json_decref(ids);
        return;
    }
    json_t *more = json_object(), *each = json_object();
    bool all = true;
    /* What ends meanwhile must not make room for a task whose turn to be cancelled comes later. */
    pool_pause(s->config.pool, true, s->config.mono_now());
    for (size_t i = 0; i < json_array_size(ids); i++) {
        const char *id = json_string_value(json_array_get(ids, i));
        struct cancelled c = {0};
        if (find_id(s, id, &f, NULL) == 0)
            cancel_found(s, &f, running, &c);
        all = all && c.all;
        json_object_set_new(each, id, json_boolean(c.all));
        if (!c.all && json_object_get(object, "id"))
            json_object_set_new(more, "state", json_string(c.state));
    }
    pool_pause(s->config.pool, false, s->config.mono_now());
    json_object_set_new(more, "cancelled", json_boolean(all));
    if (json_object_get(object, "ids"))
        json_object_set(more, "each", each);
    json_decref(each);
    json_decref(ids);
    reply_ok(s, o, more);
}

/* ---- wait and status ---- */

static void op_wait(struct session *s, struct origin *o, const json_t *object)
{
    struct error err = {0};
    struct found f = {0};
    int64_t timeout_ns = 0;
    json_t *ids = get_ids(object, &err);
    int status = ids ? get_timeout(object, &timeout_ns, &err) : -1;
    for (size_t i = 0; status == 0 && i < json_array_size(ids); i++) {
        status = find_id(s, json_string_value(json_array_get(ids, i)), &f, &err);
        if (status == 0 && !f.entry) /* from here on it is known as any other */
            registry_add(&s->registry, REGISTRY_TASK, json_string_value(json_array_get(ids, i)), f.task);
    }
    int64_t due_ns;
    /* A time beyond the clock's range never comes. */
    if (timeout_ns == 0 || __builtin_add_overflow(s->config.mono_now(), timeout_ns, &due_ns))
        due_ns = 0;
    if (status < 0)
        reply_refuse(s, o, NULL, &err);
    else
        waits_for_ids(s, o, ids, due_ns);
    json_decref(ids);
}

static json_t *running_json(struct session *s)
{
    struct running_list list = {0};
    list.last = &list.first;
    pool_each_running(s->config.pool, collect_running, &list);
    json_t *running = json_array();
    while (list.first) {
        struct running_task *r = list.first;
        char started[TIMESTAMP_SIZE];
        timestamp_format(r->started_real_ns, started);
        json_t *item = json_object();
        json_object_set_new(item, "id", json_string(r->id));
        json_object_set_new(item, "seq", json_integer((json_int_t)r->seq));
        json_object_set_new(item, "pid", r->pid > 0 ? json_integer(r->pid) : json_null());
        json_object_set_new(item, "slot", r->slot > 0 ? json_integer(r->slot) : json_null());
        json_object_set_new(item, "started", r->started_real_ns > 0 ? json_string(started) : json_null());
        json_object_set_new(item, "suspended", json_boolean(r->suspended));
        json_array_append_new(running, item);
        list.first = r->next;
        free(r->id);
        free(r);
    }
    return running;
}

static void op_status(struct session *s, struct origin *o, const json_t *object)
{
    struct error err = {0};
    struct found f = {0};
    json_t *more = json_object();
    const json_t *member = json_object_get(object, "id");
    const char *id = NULL;
    int status = 0;
    if (member && (status = json_read_text(member, &id, &err)) < 0)
        error_prefix(&err, "\"id\"");
    else if (member)
        status = find_id(s, id, &f, &err);
    if (status < 0) {
        reply_refuse(s, o, NULL, &err);
        json_decref(more);
        return;
    }
    if (id) {
        json_object_set_new(more, "id", json_string(id));
        json_object_set_new(more, "state", json_string(found_state(s, &f)));
    }
    struct summary summary = {0};
    pool_summary(s->config.pool, &summary);
    json_t *counts = json_object();
    for (int i = 0; i < TASK_STATES; i++)
        json_object_set_new(counts, task_state_name((enum task_state)i),
                            json_integer((json_int_t)summary.counts[i]));
    json_object_set_new(more, "counts", counts);
    json_object_set_new(more, "running", running_json(s));
    reply_ok(s, o, more);
}

/* ---- the end ---- */

static void close_pool(struct session *s)
{
    s->closed = true;
    pool_close(s->config.pool);
}

static void op_close(struct session *s, struct origin *o, const json_t *object)
{
    (void)object;
    close_pool(s);
    reply_ok(s, o, NULL);
}

static void op_join(struct session *s, struct origin *o, const json_t *object)
{
    (void)object;
    struct error err = {0};
    if (s->closed) {
        waits_for_tasks(s, o);
        return;
    }
    error_set(&err, ERR_USAGE, "join needs close first");
    reply_refuse(s, o, NULL, &err);
}

static void op_terminate(struct session *s, struct origin *o, const json_t *object)
{
    (void)object;
    close_pool(s);
    s->leaving = true;
    if (s->config.terminate)
        s->config.terminate(s->config.context);
    else
        pool_end_all(s->config.pool, ERR_SHUTDOWN, ERR_SHUTDOWN, false, s->config.real_now());
    waits_for_all(s, o);
}

static void op_shutdown(struct session *s, struct origin *o, const json_t *object)
{
    struct error err = {0};
    bool wait = true, cancel_pending = false;
    if (get_bool(object, "wait", &wait, &err) < 0 ||
        get_bool(object, "cancel_pending", &cancel_pending, &err) < 0) {
        reply_refuse(s, o, NULL, &err);
        return;
    }
    close_pool(s);
    s->leaving = true;
    if (cancel_pending)
        pool_end_all(s->config.pool, ERR_SHUTDOWN, ERR_NONE, false, s->config.real_now());
    if (wait)
        waits_for_all(s, o);
    else
        reply_ok(s, o, NULL);
}

/* ---- the table ---- */

static void op_submit(struct session *s, struct origin *o, const json_t *object)
{
    submit_object(s, o, object, SUBMIT_ONE);
}

static void op_apply(struct session *s, struct origin *o, const json_t *object)
{
    submit_object(s, o, object, SUBMIT_APPLY);
}

static void op_map(struct session *s, struct origin *o, const json_t *object)
{
    submit_object(s, o, object, SUBMIT_MAP);
}

static const struct op ops[] = {
    {"submit", NULL, op_submit},
    {"apply", NULL, op_apply},
    {"map", NULL, op_map},
    {"cancel", " id ids running ", op_cancel},
    {"wait", " id ids timeout ", op_wait},
    {"status", " id ", op_status},
    {"close", " ", op_close},
    {"join", " ", op_join},
    {"terminate", " ", op_terminate},
    {"shutdown", " wait cancel_pending ", op_shutdown},
};

#define OPS (sizeof ops / sizeof ops[0])

static size_t common_prefix(const char *a, const char *b)
{
    size_t n = 0;
    while (a[n] && a[n] == b[n])
        n++;
    return n;
}

/* How alike two words are: the letters of `a` that are found in `b` in the same order, and those of a common
 * start. */
static size_t likeness(const char *a, const char *b)
{
    size_t score = common_prefix(a, b);
    for (; *a; a++) {
        const char *at = strchr(b, *a);
        if (at) {
            score++;
            b = at + 1;
        }
    }
    return score;
}

static const struct op *nearest_op(const char *name)
{
    const struct op *best = &ops[0];
    for (size_t i = 1; i < OPS; i++)
        if (likeness(name, ops[i].name) > likeness(name, best->name))
            best = &ops[i];
    return best;
}

static const struct op *find_op(const char *name, struct error *err)
{
    for (size_t i = 0; i < OPS; i++)
        if (strcmp(ops[i].name, name) == 0)
            return &ops[i];
    error_set(err, ERR_SPEC, "unknown op \"%s\": the nearest is \"%s\"", name, nearest_op(name)->name);
    return NULL;
}

/* The op that a line asks for, noted in its origin, which is answered in any case if it is a string; NULL:
 * there is none. */
static const struct op *named_op(struct origin *o, const json_t *name, struct error *err)
{
    const char *text;
    if (!json_is_string(name)) {
        error_set(err, ERR_SPEC, "\"op\" must be a string");
        return NULL;
    }
    o->is_submission = false;
    origin_set_op(o, json_string_value(name), json_string_length(name));
    if (json_read_text(name, &text, err) < 0) {
        error_prefix(err, "\"op\"");
        return NULL;
    }
    const struct op *op = find_op(text, err);
    if (!op)
        return NULL;
    origin_set_op(o, op->name, strlen(op->name));
    o->is_submission = op == &ops[0];
    return op;
}

/* The first key that the op does not have, or NULL. */
static const char *unknown_key(const struct op *op, const json_t *object)
{
    const char *key;
    json_t *value;
    char spaced[64];
    json_object_foreach((json_t *)(uintptr_t)object, key, value) {
        if (strcmp(key, "op") == 0 || strcmp(key, "req") == 0)
            continue;
        int len = snprintf(spaced, sizeof spaced, " %s ", key);
        if (len < 0 || (size_t)len >= sizeof spaced || strchr(key, ' ') || !strstr(op->keys, spaced))
            return key;
    }
    return NULL;
}

/* Finds the op of an object, and completes its origin. NULL: *key and *err say what is wrong. */
static const struct op *choose_op(struct origin *o, const json_t *object, const char **key, struct error *err)
{
    json_t *req = json_object_get(object, "req"), *name = json_object_get(object, "op");
    bool good_req = !json_is_object(req) && !json_is_array(req);
    const struct op *op = &ops[0];
    o->req = !good_req || json_is_null(req) ? NULL : json_incref(req);
    *key = "op";
    if (name && !(op = named_op(o, name, err)))
        return NULL;
    *key = "req";
    if (!good_req) {
        error_set(err, ERR_SPEC, "\"req\" must be a string, a number, true or false");
        return NULL;
    }
    *key = op->keys ? unknown_key(op, object) : NULL;
    if (!*key)
        return op;
    error_set(err, ERR_SPEC, "unknown key \"%s\": %s takes%s", *key, op->name,
              op->keys[1] ? op->keys : " none ");
    err->message[strlen(err->message) - 1] = '\0';
    return NULL;
}

void ops_run(struct session *s, struct origin *o, const json_t *object)
{
    struct error err = {0};
    const char *key = NULL;
    const struct op *op = choose_op(o, object, &key, &err);
    if (op)
        op->run(s, o, object);
    else
        reply_refuse(s, o, key, &err);
    origin_fini(o);
}
