/* A result is rendered when its task ends (other sinks may move its output away afterwards) into a
 * capture, so that many waiting callbacks cost little memory. When its turn comes a small one is read back, a
 * large one copied into a file without a name.
 *
 * The callback of task X is a task with the id X in a pool of its own: its processes carry the same marks
 * and are ended with the run. That pool gets one task at a time.
 */
#include "sink/callback.h"

#include "base/alloc.h"
#include "os/files.h"
#include "pool/pool.h"
#include "task/result.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CALLBACKS_WAITING_MOST 10000 /* then no more tasks are started until some have run */
#define LARGE (1 << 20)

struct waiting {
    struct list_node node;
    struct spec *spec;   /* complete but for its input */
    struct capture line; /* the result */
};

struct callbacks {
    struct sink sink;
    struct callback_options options;
    struct output *err;
    struct pool *pool; /* NULL until the first callback */
    struct executor *executor;
    struct list_node waiting;
    size_t waiting_len;
    bool running;
    int input_fd; /* of the one that runs, if its line is large; else -1 */
    bool suspended; /* none is started */
    bool dropped; /* no callback runs any more */
    uint64_t failures;
};

static struct callbacks *callbacks_of(struct sink *s)
{
    return list_entry(s, struct callbacks, sink);
}

/* ---- what a callback is told ---- */

static void add_variable(struct words *env, const char *name, const char *value)
{
    char *text = xasprintf("%s=%s", name, value);
    words_add(env, text, strlen(text));
    free(text);
}

static void add_number(struct words *env, const char *name, int64_t value, bool known)
{
    char text[24] = "";
    if (known)
        snprintf(text, sizeof text, "%lld", (long long)value);
    add_variable(env, name, text);
}

static void describe(struct words *env, const struct task *t)
{
    char id[TASK_ID_SIZE];
    const struct outcome *o = &t->outcome;
    add_variable(env, "JOBPOOL_ID", task_id(t, id));
    add_variable(env, "JOBPOOL_NAME", t->spec->name ? t->spec->name : "");
    add_variable(env, "JOBPOOL_STATE", task_state_name(t->state));
    add_variable(env, "JOBPOOL_ERROR", o->code == ERR_NONE ? "" : error_code_name(o->code));
    add_number(env, "JOBPOOL_SEQ", (int64_t)t->seq, true);
    add_number(env, "JOBPOOL_ATTEMPT", t->attempt, true);
    add_number(env, "JOBPOOL_SLOT", t->slot, t->slot != 0);
    add_number(env, "JOBPOOL_EXIT_CODE", o->exit_code, o->pid && o->exit_code >= 0);
    add_number(env, "JOBPOOL_SIGNAL", o->signal, o->signal != 0);
}

static struct spec *callback_spec(struct callbacks *c, const struct task *t, const char *script,
                                  struct error *err)
{
    struct words words = {0};
    struct template_options options = {
        .form = TEMPLATE_SCRIPT, .literal = true, .shell_path = c->options.shell_path};
    words_add(&words, script, strlen(script));
    struct template *template = template_new(&words, &options, err);
    words_fini(&words);
    if (!template)
        return NULL;
    char id[TASK_ID_SIZE];
    struct spec *spec = spec_new();
    spec->id = xstrdup(task_id(t, id));
    spec->template = template;
    spec->timeout_ns = c->options.timeout_ns;
    spec->retries = 0;
    spec->max_output = 0;
    describe(&spec->env, t);
    return spec;
}

static int keep_line(void *context, struct buffer *line, struct error *err)
{
    struct waiting *w = context;
    int got = capture_append(&w->line, line->data, line->len, err);
    buffer_clear(line);
    return got;
}

static int render_line(struct waiting *w, const struct task *t, struct error *err)
{
    struct buffer line = {0};
    struct result_flush flush = {keep_line, w};
    int got = result_write(&line, t, &flush, err);
    if (got == 0) {
        buffer_putc(&line, '\n');
        got = keep_line(w, &line, err);
    }
    if (got == 0)
        got = capture_seal(&w->line, err);
    buffer_fini(&line);
    return got;
}

/* ---- the pool of callbacks ---- */

static int callbacks_start(struct callbacks *c, struct error *err)
{
    if (c->executor)
        return 0;
    struct pool_config config = {
        .slots = 1,
        .workers = 1,
        .policy = queue_policy_find("fifo"),
        .max_queue = 1,
        .max_queue_bytes = SIZE_MAX,
        .notify = c->options.notify,
        .notify_context = c->options.context,
    };
    struct pool *pool = pool_new(&config);
    struct dispatcher dispatcher = pool_dispatcher(pool);
    c->executor = supervisor_start(&c->options.supervisor, &dispatcher, err);
    if (!c->executor) {
        pool_free(pool);
        return -1;
    }
    c->pool = pool;
    pool_set_executor(c->pool, c->executor);
    return 0;
}

static void waiting_free(struct waiting *w)
{
    spec_unref(w->spec);
    capture_fini(&w->line);
    free(w);
}

static void callback_failed(struct callbacks *c, const char *id, const char *why)
{
    c->failures++;
    c->options.tell("callback of task %s: %s", id, why);
}

/* The line becomes the callback's input. */
static int waiting_load(struct callbacks *c, struct waiting *w, struct error *err)
{
    char *scratch = xmalloc(SPOOL_PIECE);
    struct buffer line = {0};
    struct capture_cursor cursor = {0};
    struct slice piece;
    bool large = capture_size(&w->line) > LARGE;
    int got = 1;
    if (large && (c->input_fd = files_temporary(err)) < 0)
        got = -1;
    while (got > 0 && (got = capture_next(&w->line, &cursor, scratch, &piece, err)) > 0) {
        if (!large)
            buffer_append(&line, piece.data, piece.len);
        else if (files_write_all(c->input_fd, piece.data, piece.len, err) < 0)
            got = -1;
    }
    if (large)
        w->spec->input_file = xasprintf("/proc/self/fd/%d", c->input_fd);
    else
        w->spec->input = buffer_take(&line, &w->spec->input_len);
    free(scratch);
    return got;
}

static void input_done(struct callbacks *c)
{
    if (c->input_fd >= 0)
        close(c->input_fd);
    c->input_fd = -1;
}

static void callbacks_next(struct callbacks *c, int64_t mono_ns, int64_t real_ns)
{
    struct list_node *node;
    struct error err;
    while (!c->running && !c->suspended && (node = list_pop_front(&c->waiting))) {
        struct waiting *w = list_entry(node, struct waiting, node);
        c->waiting_len--;
        c->running = callbacks_start(c, &err) == 0 && waiting_load(c, w, &err) == 0 &&
                     pool_submit(c->pool, task_new(w->spec, NULL), mono_ns, real_ns, &err) == 0;
        if (!c->running) {
            callback_failed(c, w->spec->id, err.message);
            input_done(c);
        }
        waiting_free(w);
    }
}

/* ---- the sink ---- */

static const char *first_of(const char *own, const char *otherwise)
{
    return own ? own : otherwise;
}

static void callback_event(struct sink *s, const struct event *event)
{
    struct callbacks *c = callbacks_of(s);
    const struct task *t = event->task;
    if (!task_state_ended(event->to) || c->dropped)
        return;
    const char *script = event->to == TASK_SUCCEEDED
                             ? first_of(t->spec->callback, c->options.callback)
                             : first_of(t->spec->error_callback, c->options.error_callback);
    if (!script)
        return;
    char id[TASK_ID_SIZE];
    struct error err;
    struct waiting *w = xcalloc(1, sizeof *w);
    capture_init(&w->line, c->options.supervisor.spool, 0);
    w->spec = callback_spec(c, t, script, &err);
    if (!w->spec || render_line(w, t, &err) < 0) {
        callback_failed(c, task_id(t, id), err.message);
        capture_fini(&w->line);
        if (w->spec)
            spec_unref(w->spec);
        free(w);
        return;
    }
    list_push_back(&c->waiting, &w->node);
    c->waiting_len++;
}

static void callback_ended(struct callbacks *c, struct task *t)
{
    char id[TASK_ID_SIZE];
    c->running = false;
    input_done(c);
    if (t->state != TASK_SUCCEEDED && !c->dropped)
        callback_failed(c, task_id(t, id), t->outcome.message);
    output_capture(c->err, &t->outcome.out);
    output_capture(c->err, &t->outcome.err);
    task_unref(t);
}

void callback_pump(struct sink *s, int64_t mono_ns, int64_t real_ns)
{
    struct callbacks *c = callbacks_of(s);
    if (c->pool) {
        struct event_list events = {0};
        pool_drain(c->pool, &events, mono_ns, real_ns);
        for (size_t i = 0; i < events.len; i++)
            callback_ended(c, events.items[i].task);
        free(events.items);
    }
    callbacks_next(c, mono_ns, real_ns);
}

bool callback_is_idle(struct sink *s)
{
    const struct callbacks *c = callbacks_of(s);
    return !c->running && c->waiting_len == 0;
}

void callback_drop(struct sink *s, int64_t real_ns)
{
    struct callbacks *c = callbacks_of(s);
    struct list_node *node;
    while ((node = list_pop_front(&c->waiting)))
        waiting_free(list_entry(node, struct waiting, node));
    c->waiting_len = 0;
    c->dropped = true;
    if (c->pool)
        pool_end_all(c->pool, ERR_SHUTDOWN, ERR_SHUTDOWN, true, real_ns);
}

uint64_t callback_failures(const struct sink *s)
{
    return list_entry(s, const struct callbacks, sink)->failures;
}

void callback_orphans_reaped(struct sink *s)
{
    struct callbacks *c = callbacks_of(s);
    if (c->executor)
        supervisor_orphans_reaped(c->executor);
}

void callback_suspend(struct sink *s, bool suspend, int64_t mono_ns)
{
    struct callbacks *c = callbacks_of(s);
    c->suspended = suspend;
    if (c->pool)
        pool_suspend(c->pool, suspend, mono_ns);
}

bool callback_is_suspended(struct sink *s)
{
    const struct callbacks *c = callbacks_of(s);
    return !c->pool || pool_all_suspended(c->pool);
}

static int callback_finish(struct sink *s, const struct summary *summary, struct error *err)
{
    (void)s;
    (void)summary;
    (void)err; /* failures were told one by one; callback_failures counts them */
    return 0;
}

static bool callback_is_full(const struct sink *s)
{
    return list_entry(s, const struct callbacks, sink)->waiting_len >= CALLBACKS_WAITING_MOST;
}

static void callback_free(struct sink *s)
{
    struct callbacks *c = callbacks_of(s);
    struct list_node *node;
    if (c->executor)
        c->executor->ops->stop(c->executor);
    pool_free(c->pool);
    input_done(c);
    while ((node = list_pop_front(&c->waiting)))
        waiting_free(list_entry(node, struct waiting, node));
    free(c);
}

static const struct sink_ops callback_ops = {
    .event = callback_event,
    .finish = callback_finish,
    .free = callback_free,
    .is_full = callback_is_full,
};

struct sink *sink_callback(struct output *err, const struct callback_options *options)
{
    struct callbacks *c = xcalloc(1, sizeof *c);
    c->sink.ops = &callback_ops;
    c->options = *options;
    c->options.supervisor.workers = 1;
    c->options.supervisor.every_byte = true;
    c->options.supervisor.input_file = NULL;
    c->options.supervisor.input_fd = -1;
    c->err = err;
    c->input_fd = -1;
    list_init(&c->waiting);
    return &c->sink;
}
