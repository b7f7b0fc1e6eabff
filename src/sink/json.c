/* The JSON sink: result lines, or one document. With keep_order the finished lines wait in an order; the
 * commas of a document are put between them when they come out, so the document is right in any order.
 */
#include "sink/sink.h"

#include "base/alloc.h"
#include "sink/line.h"
#include "sink/order.h"

#include <stdlib.h>
#include <string.h>

#define COMMIT_AT 65536

struct json_sink {
    struct sink sink;
    struct output *out;
    struct json_sink_options options;
    struct order *order; /* NULL: as they come */
    bool begun;          /* of a document: something was written */
    struct error error;  /* the first of our own; ERR_NONE */
};

/* What stands in front of a result. */
static void put_start(struct json_sink *s)
{
    if (!s->options.document)
        return;
    buffer_puts(output_buffer(s->out), s->begun ? ",\n" : "{\"results\":[\n");
    s->begun = true;
}

static void put_end(struct json_sink *s)
{
    if (!s->options.document)
        buffer_putc(output_buffer(s->out), '\n');
    if (output_buffer(s->out)->len > COMMIT_AT)
        output_commit(s->out);
}

static void emit(void *context, struct order_item *item)
{
    struct json_sink *s = context;
    put_start(s);
    output_capture(s->out, &item->out);
    capture_fini(&item->err);
    put_end(s);
}

static void keep_error(struct json_sink *s, const struct error *err)
{
    if (s->error.code != ERR_NONE)
        return;
    s->error = *err;
    s->error.code = ERR_IO;
}

static struct spool *spool_for(const struct json_sink *s, const struct task *task)
{
    return s->options.spool ? s->options.spool : task->outcome.out.spool;
}

static void put_result(struct json_sink *s, const struct task *task)
{
    struct error err;
    if (!s->order && (!line_is_large(task) || !spool_for(s, task))) {
        put_start(s);
        if (line_to_buffer(output_buffer(s->out), task, &err) < 0)
            keep_error(s, &err);
        put_end(s);
        return;
    }
    struct order_item item;
    capture_init(&item.out, spool_for(s, task), 0);
    capture_init(&item.err, NULL, 0);
    if (line_to_capture(&item.out, task, &err) < 0)
        keep_error(s, &err);
    if (!s->order || !order_has_place(task)) {
        emit(s, &item);
        return;
    }
    if (task->next_place)
        order_link(s->order, task->place, task->next_place);
    order_put(s->order, task->place, &item);
}

static void json_event(struct sink *sink, const struct event *event)
{
    struct json_sink *s = (struct json_sink *)sink;
    if (s->order)
        order_event(s->order, event);
    if (s->options.events)
        event_write(output_buffer(s->out), event);
    if (task_state_ended(event->to))
        put_result(s, event->task);
}

static int json_finish(struct sink *sink, const struct summary *summary, struct error *err)
{
    struct json_sink *s = (struct json_sink *)sink;
    if (s->order)
        order_flush(s->order);
    struct buffer *out = output_buffer(s->out);
    if (s->options.document) {
        buffer_puts(out, s->begun ? "\n],\"summary\":" : "{\"results\":[],\"summary\":");
        summary_write(out, summary);
        out->len--; /* the newline goes behind the brace */
        buffer_puts(out, "}\n");
    } else if (s->options.summary) {
        summary_write(out, summary);
    }
    output_commit(s->out);
    if (s->error.code == ERR_NONE)
        return 0;
    if (err)
        *err = s->error;
    return -1;
}

static void json_free(struct sink *sink)
{
    struct json_sink *s = (struct json_sink *)sink;
    if (s->order)
        order_free(s->order);
    free(s);
}

static bool json_waits_for_task(const struct sink *sink)
{
    const struct json_sink *s = (const struct json_sink *)sink;
    return s->order && order_is_full(s->order);
}

static const struct sink_ops json_ops = {
    .event = json_event, .finish = json_finish, .free = json_free, .waits_for_task = json_waits_for_task};

struct sink *sink_json(struct output *out, const struct json_sink_options *options)
{
    struct json_sink *s = xcalloc(1, sizeof *s);
    s->sink.ops = &json_ops;
    s->out = out;
    s->options = *options;
    if (options->keep_order)
        s->order = order_new(emit, s);
    return &s->sink;
}
