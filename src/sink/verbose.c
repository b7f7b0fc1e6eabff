/* -v: the command of each attempt that starts, as it could be pasted into a shell. It is rendered again
 * here: the task's own rendering belongs to its supervisor while it runs. */
#include "sink/sink.h"

#include "base/alloc.h"
#include "base/slice.h"
#include "task/script.h"

#include <stdlib.h>
#include <string.h>

struct verbose_sink {
    struct sink sink;
    struct output *err;
};

void sink_put_command(struct buffer *out, const struct event *event)
{
    const struct task *t = event->task;
    struct rendering made = {0};
    struct error err;
    if (template_render(t->spec->template, &t->args, t->seq, event->slot, &made, &err) < 0) {
        buffer_puts(out, err.message);
    } else if (made.script) {
        buffer_puts(out, made.script);
    } else {
        const char *separator = "";
        for (const char *word = NULL; (word = words_next(&made.argv, word)); separator = " ") {
            buffer_puts(out, separator);
            script_quote(out, slice_of(word), false);
        }
    }
    rendering_fini(&made);
}

static void verbose_event(struct sink *sink, const struct event *event)
{
    struct verbose_sink *s = (struct verbose_sink *)sink;
    if (event->to != TASK_RUNNING || event->from == TASK_SUSPENDED)
        return;
    sink_put_command(output_buffer(s->err), event);
    buffer_putc(output_buffer(s->err), '\n');
}

static int verbose_finish(struct sink *sink, const struct summary *summary, struct error *err)
{
    (void)summary;
    (void)err;
    output_commit(((struct verbose_sink *)sink)->err);
    return 0;
}

static void verbose_free(struct sink *sink)
{
    free(sink);
}

static const struct sink_ops verbose_ops = {.event = verbose_event, .finish = verbose_finish, .free = verbose_free};

struct sink *sink_verbose(struct output *err)
{
    struct verbose_sink *s = xcalloc(1, sizeof *s);
    s->sink.ops = &verbose_ops;
    s->err = err;
    return &s->sink;
}
