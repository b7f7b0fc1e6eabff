/* The sink for those who want no results: the summary line, if asked. */
#include "sink/sink.h"

#include "base/alloc.h"

#include <stdlib.h>

struct none_sink {
    struct sink sink;
    struct output *out;
    bool summary;
};

static void none_event(struct sink *sink, const struct event *event)
{
    (void)sink;
    (void)event;
}

static int none_finish(struct sink *sink, const struct summary *summary, struct error *err)
{
    struct none_sink *s = (struct none_sink *)sink;
    (void)err;
    if (s->summary) {
        summary_write(output_buffer(s->out), summary);
        output_commit(s->out);
    }
    return 0;
}

static void none_free(struct sink *sink)
{
    free(sink);
}

static const struct sink_ops none_ops = {.event = none_event, .finish = none_finish, .free = none_free};

struct sink *sink_none(struct output *out, bool summary)
{
    struct none_sink *s = xcalloc(1, sizeof *s);
    s->sink.ops = &none_ops;
    s->out = out;
    s->summary = summary;
    return &s->sink;
}
