/* Tasks: making and freeing them, the transition table, and what an outcome means. Pure but for memory:
 * the pool makes the effects.
 */
#include "task/task.h"

#include "base/alloc.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TO(state) (1u << (state))
#define TO_END                                                                                               \
    (TO(TASK_SUCCEEDED) | TO(TASK_FAILED) | TO(TASK_TIMED_OUT) | TO(TASK_CANCELLED) | TO(TASK_LOST) |        \
     TO(TASK_SKIPPED))

/* A task that has not started ends only because somebody or something was against it. From `running` every
 * end is possible, skipped too: a halt may come between the pool's decision and the spawn. A suspended
 * task may be killed from outside, and then it may be retried. */
static const struct {
    const char *name;
    unsigned next;
} states[] = {
    [TASK_SCHEDULED] = {"scheduled", TO(TASK_READY) | TO(TASK_CANCELLED) | TO(TASK_SKIPPED)},
    [TASK_READY] = {"ready", TO(TASK_RUNNING) | TO(TASK_CANCELLED) | TO(TASK_SKIPPED)},
    [TASK_RUNNING] = {"running", TO(TASK_SUSPENDED) | TO(TASK_READY) | TO(TASK_SCHEDULED) | TO_END},
    [TASK_SUSPENDED] = {"suspended", TO(TASK_RUNNING) | TO(TASK_READY) | TO(TASK_SCHEDULED) | TO_END},
    [TASK_SUCCEEDED] = {"succeeded", 0},
    [TASK_FAILED] = {"failed", 0},
    [TASK_TIMED_OUT] = {"timed_out", 0},
    [TASK_CANCELLED] = {"cancelled", 0},
    [TASK_LOST] = {"lost", 0},
    [TASK_SKIPPED] = {"skipped", 0},
};

_Static_assert(sizeof states / sizeof states[0] == TASK_STATES, "every state has its line");

struct task *task_new(struct spec *spec, struct words *args)
{
    struct task *t = xcalloc(1, sizeof *t);
    t->refs = 1;
    t->spec = spec_ref(spec);
    if (args)
        words_move(&t->args, args);
    else
        words_add_all(&t->args, &spec->args);
    outcome_fini(&t->outcome);
    return t;
}

struct task *task_ref(struct task *t)
{
    t->refs++;
    return t;
}

void task_unref(struct task *t)
{
    if (--t->refs > 0)
        return;
    outcome_fini(&t->outcome);
    rendering_fini(&t->rendering);
    words_fini(&t->args);
    input_free(t->input);
    spec_unref(t->spec);
    free(t->more_slots);
    free(t->id);
    free(t);
}

const char *task_id(const struct task *t, char text[TASK_ID_SIZE])
{
    if (t->id)
        return t->id;
    snprintf(text, TASK_ID_SIZE, "%" PRIu64, t->seq);
    return text;
}

const char *task_state_name(enum task_state state)
{
    return (unsigned)state < TASK_STATES ? states[state].name : "unknown";
}

bool task_state_runs(enum task_state state)
{
    return state == TASK_RUNNING || state == TASK_SUSPENDED;
}

bool task_state_ended(enum task_state state)
{
    return (TO(state) & TO_END) != 0;
}

bool task_may_become(enum task_state from, enum task_state to)
{
    return (states[from].next & TO(to)) != 0;
}

void task_become(struct task *t, enum task_state to)
{
    if (!task_may_become(t->state, to))
        abort();
    t->state = to;
}

enum task_state outcome_state(const struct outcome *o)
{
    switch (o->code) {
    case ERR_NONE:
        return TASK_SUCCEEDED;
    case ERR_TIMEOUT:
        /* Out of time before it began (a deadline) is not the same as taking too long. */
        return o->started_ns != 0 || o->pid != 0 ? TASK_TIMED_OUT : TASK_CANCELLED;
    case ERR_CANCELLED:
    case ERR_SHUTDOWN:
        return TASK_CANCELLED;
    case ERR_HALTED:
        return o->started_ns != 0 || o->pid != 0 ? TASK_CANCELLED : TASK_SKIPPED;
    case ERR_LOST:
        return TASK_LOST;
    case ERR_DEPENDENCY:
        return TASK_SKIPPED;
    default:
        return TASK_FAILED;
    }
}

void outcome_fini(struct outcome *o)
{
    free(o->message);
    capture_fini(&o->out);
    capture_fini(&o->err);
    *o = (struct outcome){.exit_code = -1, .max_rss_kib = -1};
}

void outcome_fail(struct outcome *o, enum error_code code, const char *format, ...)
{
    struct error err;
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int len = vasprintf(&text, format, args);
    va_end(args);
    /* By way of an error, because that makes one line of valid text of anything. */
    error_set(&err, code, "%s", len < 0 ? error_code_name(code) : text);
    if (len >= 0)
        free(text);
    free(o->message);
    o->message = xstrdup(err.message);
    o->code = code;
}

int task_exit_status(const struct task *t)
{
    const struct outcome *o = &t->outcome;
    switch (o->code) {
    case ERR_NONE:
        return 0;
    case ERR_EXIT_STATUS:
        return o->exit_code >= 0 ? o->exit_code : 125;
    case ERR_SIGNAL:
        return 128 + o->signal;
    case ERR_TIMEOUT:
        return t->state == TASK_CANCELLED ? 125 : 124;
    default: {
        int status = error_code_status(o->code);
        return status >= 0 ? status : 125;
    }
    }
}
