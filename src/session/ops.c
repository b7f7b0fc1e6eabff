/* What a line asks for is read and checked in request.c. A handler gets a request that can be carried out, whose
 * ids are known, and gives exactly one answer, at once or through waits.c.
 */
#include "session/ops.h"

#include "base/alloc.h"
#include "base/timestamp.h"
#include "session/reply.h"
#include "session/request.h"
#include "session/submit.h"
#include "session/waits.h"

#include <stdlib.h>
#include <string.h>

/* ---- firings ---- */

struct looked_for {
    const struct session *session;
    const char *id;
    struct task *task;
};

static void match_running(void *context, const struct task *t)
{
    struct looked_for *l = context;
    char text[TASK_ID_SIZE];
    /* Not const for us: the pool lends it to its own main thread. */
    if (t->owner == l->session && strcmp(task_id(t, text), l->id) == 0)
        l->task = list_entry(&t->in_pool, struct task, in_pool);
}

/* A running firing of a repeated task may be unknown here until it ends: then the pool is asked. From here on
 * it is known as any other. */
static void learn_firings(struct session *s, const struct request *q)
{
    for (size_t i = 0; i < json_array_size(q->ids); i++) {
        struct looked_for l = {.session = s, .id = json_string_value(json_array_get(q->ids, i))};
        if (!strchr(l.id, '@') || registry_find(&s->registry, l.id))
            continue;
        pool_each_running(s->config.pool, match_running, &l);
        if (l.task)
            registry_add(&s->registry, REGISTRY_TASK, l.id, l.task);
    }
}

/* Entry `i` of the ids that the request names. */
static struct registry_entry *named_entry(struct session *s, const struct request *q, size_t i)
{
    return registry_find(&s->registry, json_string_value(json_array_get(q->ids, i)));
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

/* Only a timer's own id stops the timer. */
static void cancel_task(struct session *s, const struct registry_entry *e, bool running, struct cancelled *c)
{
    struct task *t = e->task;
    switch ((e->kind == REGISTRY_TIMER ? pool_cancel : pool_cancel_firing)(
        s->config.pool, t, running, s->config.mono_now(), s->config.real_now())) {
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
        if (item && item->task)
            cancel_task(s, item, running, c);
        free(id);
    }
}

/* What was cancelled before counts as cancelled. */
static void cancel_entry(struct session *s, const struct registry_entry *e, bool running, struct cancelled *c)
{
    c->all = true;
    if (e->kind == REGISTRY_GROUP)
        cancel_group(s, e, running, c);
    else if (e->task)
        cancel_task(s, e, running, c);
    else if (e->state != TASK_CANCELLED)
        note_not_cancelled(c, e->state);
}

/* For several ids "cancelled" says whether every one of them was, and "each" tells them apart. */
static void op_cancel(struct session *s, struct origin *o, struct request *q)
{
    bool one = json_object_get(q->object, "id") != NULL, all = true;
    json_t *more = json_object(), *each = json_object();
    /* What ends meanwhile must not make room for a task whose turn to be cancelled comes later. */
    pool_pause(s->config.pool, true, s->config.mono_now());
    for (size_t i = 0; i < json_array_size(q->ids); i++) {
        struct cancelled c = {0};
        cancel_entry(s, named_entry(s, q, i), q->running, &c);
        all = all && c.all;
        json_object_set_new(each, json_string_value(json_array_get(q->ids, i)), json_boolean(c.all));
        if (!c.all && one)
            json_object_set_new(more, "state", json_string(c.state));
    }
    pool_pause(s->config.pool, false, s->config.mono_now());
    json_object_set_new(more, "cancelled", json_boolean(all));
    if (!one)
        json_object_set(more, "each", each);
    json_decref(each);
    reply_ok(s, o, more);
}

/* ---- wait and status ---- */

static void op_wait(struct session *s, struct origin *o, struct request *q)
{
    int64_t due_ns;
    /* A time beyond the clock's range never comes. */
    if (q->timeout_ns == 0 || __builtin_add_overflow(s->config.mono_now(), q->timeout_ns, &due_ns))
        due_ns = 0;
    waits_for_ids(s, o, q->ids, due_ns);
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

static json_t *counts_json(struct session *s)
{
    struct summary summary = {0};
    pool_summary(s->config.pool, &summary);
    json_t *counts = json_object();
    for (int i = 0; i < TASK_STATES; i++)
        json_object_set_new(counts, task_state_name((enum task_state)i),
                            json_integer((json_int_t)summary.counts[i]));
    return counts;
}

/* The state that has been told last, or that the task is in now if it has not ended as far as was told. */
static enum task_state entry_state(struct session *s, const struct registry_entry *e)
{
    if (e->ended)
        return e->state;
    if (e->task)
        return pool_task_state(s->config.pool, e->task);
    return e->items_live > 0 ? TASK_RUNNING : TASK_READY;
}

static void op_status(struct session *s, struct origin *o, struct request *q)
{
    json_t *more = json_object();
    if (q->ids) {
        enum task_state state = entry_state(s, named_entry(s, q, 0));
        json_object_set(more, "id", json_array_get(q->ids, 0));
        json_object_set_new(more, "state", json_string(task_state_name(state)));
    }
    json_object_set_new(more, "counts", counts_json(s));
    json_object_set_new(more, "running", running_json(s));
    reply_ok(s, o, more);
}

/* ---- the end ---- */

static void op_close(struct session *s, struct origin *o, struct request *q)
{
    (void)q;
    reply_ok(s, o, NULL);
}

static void op_join(struct session *s, struct origin *o, struct request *q)
{
    (void)q;
    waits_for_tasks(s, o);
}

static void op_terminate(struct session *s, struct origin *o, struct request *q)
{
    (void)q;
    s->leaving = true;
    if (s->config.terminate)
        s->config.terminate(s->config.context);
    else
        pool_end_all(s->config.pool, ERR_SHUTDOWN, ERR_SHUTDOWN, false, s->config.real_now());
    waits_for_all(s, o);
}

static void op_shutdown(struct session *s, struct origin *o, struct request *q)
{
    s->leaving = true;
    if (q->cancel_pending)
        pool_end_all(s->config.pool, ERR_SHUTDOWN, ERR_NONE, false, s->config.real_now());
    if (q->wait)
        waits_for_all(s, o);
    else
        reply_ok(s, o, NULL);
}

/* ---- the table ---- */

static void (*const handlers[REQUEST_OPS])(struct session *s, struct origin *o, struct request *q) = {
    [REQUEST_SUBMIT] = submit_request,   [REQUEST_APPLY] = submit_request,
    [REQUEST_MAP] = submit_request,      [REQUEST_CANCEL] = op_cancel,
    [REQUEST_WAIT] = op_wait,            [REQUEST_STATUS] = op_status,
    [REQUEST_CLOSE] = op_close,          [REQUEST_JOIN] = op_join,
    [REQUEST_TERMINATE] = op_terminate,  [REQUEST_SHUTDOWN] = op_shutdown,
};

static int read_request(struct session *s, struct slice text, struct request *q, struct error *err)
{
    struct spec_context context = s->config.spec_context;
    context.real_now_ns = s->config.real_now();
    if (request_parse(q, text, &context, err) < 0)
        return -1;
    learn_firings(s, q);
    return request_check(q, &s->registry, s->closed || pool_is_closed(s->config.pool), err);
}

static void close_pool(struct session *s)
{
    s->closed = true;
    pool_close(s->config.pool);
}

void ops_run(struct session *s, struct origin *o, struct slice text)
{
    struct error err = {0};
    struct request q;
    int status = read_request(s, text, &q, &err);
    origin_set_request(o, &q);
    if (status < 0) {
        reply_refuse(s, o, q.key, &err);
    } else {
        if (request_closes(&q))
            close_pool(s);
        handlers[q.op](s, o, &q);
    }
    origin_fini(o);
    request_fini(&q);
}
