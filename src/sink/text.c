/* The text sink: every byte that the tasks wrote, grouped per task. Without marks the captured streams are
 * moved from the task to the outputs, never copied. (Sinks that read a task's output must see the event
 * before this one.)
 *
 * There is no result to tell why a task without an exit status of its own failed, so a line on stderr
 * does.
 */
#include "sink/sink.h"

#include "base/alloc.h"
#include "base/map.h"
#include "sink/order.h"

#include <stdlib.h>
#include <string.h>

enum { OUT, ERR, STREAMS };

struct text_sink {
    struct sink sink;
    struct output *outputs[STREAMS];
    struct text_sink_options options;
    struct order *order;    /* NULL: as they come */
    struct map running;     /* by place, if tasks are followed as their turn comes */
    bool in_line[STREAMS];  /* of a followed task: a line has begun that has no end yet */
    struct error error;     /* the first of our own; ERR_NONE */
};

static void emit(void *context, struct order_item *item)
{
    struct text_sink *s = context;
    output_capture(s->outputs[OUT], &item->out);
    output_capture(s->outputs[ERR], &item->err);
}

static void keep_error(struct text_sink *s, const struct error *err)
{
    if (s->error.code != ERR_NONE)
        return;
    s->error = *err;
    s->error.code = ERR_IO;
}

static bool needs_message(const struct task *task)
{
    return task->state != TASK_SUCCEEDED && task->state != TASK_CANCELLED && task->state != TASK_SKIPPED &&
           task->outcome.code != ERR_EXIT_STATUS;
}

static bool ends_inside_line(const struct capture *c)
{
    return c->memory_len > 0 && c->memory[c->memory_len - 1] != '\n';
}

static void make_message(struct buffer *out, const struct task *task, bool inside_line)
{
    char text[TASK_ID_SIZE];
    const char *message = task->outcome.message;
    buffer_puts(out, inside_line ? "\njobpool: task " : "jobpool: task ");
    buffer_puts(out, task_id(task, text));
    buffer_puts(out, ": ");
    buffer_puts(out, message ? message : error_code_name(task->outcome.code));
    buffer_putc(out, '\n');
}

static void put_in_order(struct text_sink *s, const struct task *task, struct order_item *item,
                         const struct buffer *message)
{
    struct error err;
    if (!item->err.spool)
        capture_init(&item->err, s->options.spool, 0);
    if (message->len > 0 && capture_append(&item->err, message->data, message->len, &err) < 0)
        keep_error(s, &err);
    if (task->next_place)
        order_link(s->order, task->place, task->next_place);
    order_put(s->order, task->place, item);
}

/* A stream with `before` (NULL: nothing) in front of it and marks put in, if they are asked for. What cannot be moved
 * is missing then, and the error is kept. */
static void take(struct text_sink *s, const struct task *task, struct capture *to, struct capture *from,
                 const struct buffer *before, bool at_start)
{
    struct mark mark;
    struct error err;
    if (!mark_is_wanted(&s->options.mark) && !before) {
        capture_move(to, from);
        return;
    }
    if (!from->spool)
        capture_init(from, s->options.spool, 0);
    mark_init(&mark, &s->options.mark, task);
    if (mark_move(to, from, &mark, before, at_start, &err) < 0)
        keep_error(s, &err);
    mark_fini(&mark);
}

/* The name of the file that holds the stream, in place of it. */
static void name_file(struct text_sink *s, const struct task *task, struct capture *stream)
{
    struct error err;
    const char *name = s->options.file(s->options.context, task);
    capture_fini(stream);
    capture_init(stream, s->options.spool, 0);
    if (name && (capture_append(stream, name, strlen(name), &err) < 0 || capture_append(stream, "\n", 1, &err) < 0))
        keep_error(s, &err);
    (void)capture_seal(stream, NULL);
}

static void make_command(struct buffer *line, const struct event *event)
{
    sink_put_command(line, event);
    buffer_putc(line, '\n');
}

/* The command of a task that starts, tagged, in front of all that it writes. */
static void show_command(struct text_sink *s, const struct event *event)
{
    struct buffer line = {0};
    struct mark mark;
    mark_init(&mark, &s->options.mark, event->task);
    buffer_append(&line, mark.tag.data, mark.tag.len);
    mark_fini(&mark);
    make_command(&line, event);
    buffer_append(output_buffer(s->outputs[OUT]), line.data, line.len);
    buffer_fini(&line);
}

static void show(struct text_sink *s, const struct event *event)
{
    struct task *task = event->task;
    struct order_item item = {0};
    struct buffer message = {0}, command = {0};
    struct outcome *o = &task->outcome;
    bool in_line = s->in_line[ERR];
    if (!o->told) {
        capture_reveal(&o->out);
        capture_reveal(&o->err);
        if (s->options.commands && event->slot)
            make_command(&command, event);
        if (s->options.file)
            name_file(s, task, &o->out);
        take(s, task, &item.out, &o->out, command.len ? &command : NULL, true);
        take(s, task, &item.err, &o->err, NULL, true);
        in_line = ends_inside_line(&item.err);
    }
    if (needs_message(task))
        make_message(&message, task, in_line);
    if (s->order && order_has_place(task)) {
        put_in_order(s, task, &item, &message);
    } else {
        emit(s, &item);
        buffer_append(output_buffer(s->outputs[ERR]), message.data, message.len);
    }
    if (o->told && message.len > 0)
        s->in_line[ERR] = false;
    buffer_fini(&message);
    buffer_fini(&command);
}

/* ---- followed tasks ---- */

static void text_output(struct sink *sink, const struct task *task, struct live_output *output)
{
    struct text_sink *s = (struct text_sink *)sink;
    int stream = output->is_err ? ERR : OUT;
    struct capture bytes;
    /* Each of many is told whole lines; one after the other may be told parts of them. */
    bool at_start = !s->order || !s->in_line[stream];
    s->in_line[stream] = ends_inside_line(&output->bytes);
    take(s, task, &bytes, &output->bytes, NULL, at_start);
    output_capture(s->outputs[stream], &bytes);
}

/* The task whose turn it is shows what it writes as it comes. */
static void follow_next(struct text_sink *s)
{
    uint64_t next = order_next(s->order);
    struct task *task = map_get(&s->running, (const char *)&next, sizeof next);
    if (!task || atomic_load(&task->followed))
        return;
    int64_t retries = task->spec->retries == SPEC_UNSET ? s->options.retries : task->spec->retries;
    if (retries > 0)
        return;
    s->in_line[OUT] = s->in_line[ERR] = false;
    s->options.follow(s->options.context, task);
}

static void note_running(struct text_sink *s, const struct event *event)
{
    const char *key = (const char *)&event->task->place;
    if (event->to == TASK_RUNNING || event->to == TASK_SUSPENDED)
        map_set(&s->running, key, sizeof event->task->place, event->task);
    else if (event->from != event->to)
        map_remove(&s->running, key, sizeof event->task->place);
}

static void text_event(struct sink *sink, const struct event *event)
{
    struct text_sink *s = (struct text_sink *)sink;
    bool follows = s->order && s->options.follow;
    if (s->order)
        order_event(s->order, event);
    if (follows)
        note_running(s, event);
    if (task_state_ended(event->to))
        show(s, event);
    if (s->options.commands_first && event->to == TASK_RUNNING && event->from != TASK_SUSPENDED)
        show_command(s, event);
    if (follows)
        follow_next(s);
}

static int text_finish(struct sink *sink, const struct summary *summary, struct error *err)
{
    struct text_sink *s = (struct text_sink *)sink;
    if (s->order)
        order_flush(s->order);
    if (s->options.summary) {
        summary_describe(output_buffer(s->outputs[ERR]), summary);
        buffer_putc(output_buffer(s->outputs[ERR]), '\n');
    }
    output_commit(s->outputs[OUT]);
    output_commit(s->outputs[ERR]);
    if (s->error.code == ERR_NONE)
        return 0;
    if (err)
        *err = s->error;
    return -1;
}

static void text_free(struct sink *sink)
{
    struct text_sink *s = (struct text_sink *)sink;
    if (s->order)
        order_free(s->order);
    map_fini(&s->running);
    free(s);
}

static bool text_waits_for_task(const struct sink *sink)
{
    const struct text_sink *s = (const struct text_sink *)sink;
    return s->order && order_is_full(s->order);
}

static const struct sink_ops text_ops = {
    .event = text_event,
    .finish = text_finish,
    .free = text_free,
    .waits_for_task = text_waits_for_task,
    .output = text_output,
};

struct sink *sink_text(struct output *out, struct output *err, const struct text_sink_options *options)
{
    struct text_sink *s = xcalloc(1, sizeof *s);
    s->sink.ops = &text_ops;
    s->outputs[OUT] = out;
    s->outputs[ERR] = err;
    s->options = *options;
    if (options->keep_order)
        s->order = order_new(emit, s);
    return &s->sink;
}
