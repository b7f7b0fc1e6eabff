/* A session reads lines while it may: not while a submission waits for room, an apply or join for its end, or
 * the reader of the answers is slow.
 *
 * It learns the ends of tasks from the events; every end that matters (of a firing, of the timer behind it,
 * of the last item of a map) is worked out here, and whoever waits for it is answered there and then.
 */
#include "session/session.h"

#include "base/alloc.h"
#include "session/ops.h"
#include "session/reply.h"
#include "session/session_private.h"
#include "session/submit.h"
#include "session/waits.h"

#include <stdlib.h>
#include <string.h>

#define LINES_PER_TURN 1000 /* then signals and events have their turn */

struct session *session_new(const struct session_config *config)
{
    struct session *s = xcalloc(1, sizeof *s);
    s->config = *config;
    registry_init(&s->registry);
    waits_init(s);
    return s;
}

void session_free(struct session *s)
{
    if (!s)
        return;
    submit_drop(s);
    waits_fini(s);
    registry_fini(&s->registry);
    for (size_t i = 0; i < s->streams_len; i++)
        specs_free(s->streams[i]);
    free(s->streams);
    free(s);
}

void session_add(struct session *s, struct specs *specs)
{
    s->streams = xrealloc_array(s->streams, s->streams_len + 1, sizeof *s->streams);
    s->streams[s->streams_len++] = specs;
}

bool session_all_ended(struct session *s)
{
    return !s->held && s->registry.live == 0 && pool_is_idle(s->config.pool);
}

/* No more will be read: what End of input means. */
static void end_input(struct session *s)
{
    s->input_over = true;
    s->input_complete = s->input_error.code == ERR_NONE;
    s->closed = true;
    pool_close(s->config.pool);
}

static void entry_ended(struct session *s, struct registry_entry *e, enum task_state state, int exit_code)
{
    struct registry_entry *group = e->group;
    waits_entry_ends(s, e, state, exit_code);
    registry_end(&s->registry, e, state);
    if (!group)
        return;
    group->items_live--;
    group->items_cancelled += state == TASK_CANCELLED;
    group->items_failed |= state != TASK_SUCCEEDED && state != TASK_CANCELLED;
    if (group->items_live == 0 && group->items_complete)
        entry_ended(s, group, registry_group_state(group), -1);
}

/* Answers what can be answered now, and tells the owner when that was the last. */
static void settle(struct session *s)
{
    bool owes_for_all = !list_empty(&s->for_all);
    bool may_leave = s->leaving && s->waits_for_input && !s->input_over;
    bool may_tell = s->input_over && !s->told_ended;
    if (!owes_for_all && !may_leave && !may_tell)
        return;
    bool all_ended = session_all_ended(s);
    if (all_ended) {
        if (!waits_all_ended(s, pool_is_empty(s->config.pool)))
            pool_end_daemons(s->config.pool, s->config.real_now());
        if (may_leave)
            end_input(s);
    }
    /* When all has ended, only waits for daemons are left, which end after the session. */
    if (s->input_over && !s->told_ended && !s->held && (all_ended || list_empty(&s->waiters))) {
        s->told_ended = true;
        if (s->config.ended)
            s->config.ended(s->config.context);
    }
}

/* ---- reading ---- */

static void read_line(struct session *s, struct slice text, uint64_t line)
{
    struct origin origin;
    origin_init(&origin, line, text);
    ops_run(s, &origin, text);
}

static void read_bad_line(struct session *s, struct slice text, uint64_t line, const struct error *err)
{
    struct origin origin;
    origin_init(&origin, line, text);
    reply_refuse(s, &origin, NULL, err);
}

/* Reads one line, or the end of a stream. False: it must be waited for. */
static bool read_next(struct session *s)
{
    struct slice text = {"", 0};
    uint64_t line = 0;
    struct error err = {0};
    switch (specs_next(s->streams[s->current], &text, &line, &err)) {
    case SOURCE_ITEM:
        read_line(s, text, line);
        return true;
    case SOURCE_WAIT:
        return false;
    case SOURCE_ERROR:
        if (err.code == ERR_SPEC) {
            read_bad_line(s, text, line, &err);
            return true;
        }
        if (s->input_error.code == ERR_NONE)
            s->input_error = err;
        s->current++;
        return true;
    case SOURCE_END:
        s->current++;
        return true;
    }
    return false;
}

enum session_status session_pump(struct session *s)
{
    s->waits_for_input = false;
    for (int lines = 0; !s->input_over; lines++) {
        if (lines == LINES_PER_TURN)
            return SESSION_AGAIN;
        if (!submit_held(s))
            return SESSION_WAIT_POOL;
        settle(s);
        if (s->holding || output_is_full(s->config.out))
            return SESSION_WAIT_POOL;
        if (s->current == s->streams_len) {
            end_input(s);
        } else if (!read_next(s)) {
            s->waits_for_input = true;
            settle(s);
            if (!s->input_over)
                return SESSION_WAIT_INPUT;
        }
    }
    settle(s);
    return SESSION_ENDED;
}

void session_cut(struct session *s)
{
    submit_held(s);
    settle(s);
}

int session_fd(const struct session *s)
{
    return s->current < s->streams_len ? specs_fd(s->streams[s->current]) : -1;
}

/* ---- events ---- */

/* The timer that a firing belongs to, if it is live. */
static struct registry_entry *timer_of(struct session *s, const struct task *t)
{
    return t->fired > 0 ? registry_timer_of(&s->registry, t->id) : NULL;
}

static void task_ended(struct session *s, const struct event *event)
{
    struct task *t = event->task;
    char number[TASK_ID_SIZE];
    const char *id = task_id(t, number);
    struct registry_entry *e = registry_find(&s->registry, id);
    int exit_code = t->outcome.exit_code;
    if (!e)
        e = registry_add(&s->registry, REGISTRY_TASK, id, t);
    if (e && e->task == t && e->kind == REGISTRY_TASK)
        entry_ended(s, e, event->to, exit_code);
    struct registry_entry *timer = timer_of(s, t);
    if (timer && !t->due_again)
        entry_ended(s, timer, event->to, exit_code);
}

/* A further firing of a timer: its id becomes known, and it is what the timer's id means from now on. */
static void task_appeared(struct session *s, struct task *t)
{
    struct registry_entry *timer = timer_of(s, t);
    if (!timer || timer->task == t)
        return;
    registry_add(&s->registry, REGISTRY_TASK, t->id, t);
    registry_set_task(timer, t);
}

void session_event(struct session *s, const struct event *event)
{
    if (event->task->owner == s) {
        if (task_state_ended(event->to))
            task_ended(s, event);
        else if (event->task->fired > 1)
            task_appeared(s, event->task);
    }
    settle(s);
}

int64_t session_tick(struct session *s, int64_t mono_ns)
{
    int64_t next = waits_tick(s, mono_ns);
    settle(s);
    return next;
}

uint64_t session_bad_lines(const struct session *s)
{
    return s->bad_lines;
}

bool session_input_complete(const struct session *s)
{
    return s->input_complete;
}

const struct error *session_input_error(const struct session *s)
{
    return s->input_error.code != ERR_NONE ? &s->input_error : NULL;
}
