/* The writer of results.
 *
 * One pass over the keys in their fixed order. A captured stream is read twice: once to see whether it is
 * valid UTF-8 as a whole, and once to write it. What was spooled passes through one piece of scratch
 * memory, so the writer's memory does not grow with the output.
 */
#include "task/result.h"

#include "base/alloc.h"
#include "base/base64.h"
#include "base/duration.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

#define FLUSH_AT 65536

struct writer {
    struct buffer *out;
    const struct task *task;
    const struct result_flush *flush;
    char *scratch; /* for spooled output; NULL until it is needed */
};

/* `text` is a string literal. */
#define PUT(w, text) json_put((w)->out, "" text, sizeof(text) - 1)

static void put_text(struct writer *w, const char *text)
{
    json_write_string(w->out, text, strlen(text));
}

static void put_bytes_or_null(struct writer *w, const char *key, const char *text)
{
    if (text) {
        json_write_bytes(w->out, key, text, strlen(text));
    } else {
        PUT(w, "\"");
        buffer_puts(w->out, key);
        PUT(w, "\":null");
    }
}

static void put_bool(struct writer *w, bool value)
{
    if (value)
        PUT(w, "true");
    else
        PUT(w, "false");
}

/* The number, or null if it does not apply. */
static void put_int_if(struct writer *w, bool applies, int64_t value)
{
    if (applies)
        json_write_int(w->out, value);
    else
        PUT(w, "null");
}

static void put_seconds_if(struct writer *w, bool applies, int64_t us)
{
    if (applies)
        json_write_seconds(w->out, us);
    else
        PUT(w, "null");
}

/* "key":[…], or "key":null,"key_base64":[…] if one of the words is not UTF-8. */
static void put_words(struct writer *w, const char *key, const struct words *words)
{
    /* The NUL behind each word keeps one from completing the next. */
    bool text = utf8_valid(words->data, words->len);
    PUT(w, "\"");
    buffer_puts(w->out, key);
    if (!text) {
        PUT(w, "\":null,\"");
        buffer_puts(w->out, key);
        PUT(w, "_base64");
    }
    PUT(w, "\":[");
    for (const char *word = NULL; (word = words_next(words, word));) {
        if (w->out->data[w->out->len - 1] != '[')
            PUT(w, ",");
        if (text)
            json_write_string(w->out, word, strlen(word));
        else
            json_write_base64(w->out, word, strlen(word));
    }
    PUT(w, "]");
}

/* What is executed. A task that never started has no rendering yet; one that cannot be rendered shows
 * nulls. */
static void put_command(struct writer *w)
{
    const struct task *t = w->task;
    const struct rendering *shown = &t->rendering;
    struct rendering made = {0};
    bool script = template_is_script(t->spec->template);
    if (!shown->script && shown->argv.count == 0) {
        shown = &made;
        if (template_render(t->spec->template, &t->args, t->seq, t->slot, &made, NULL) < 0)
            rendering_fini(&made);
    }
    if (!script && shown->argv.count > 0)
        put_words(w, "command", &shown->argv);
    else
        PUT(w, "\"command\":null");
    PUT(w, ",");
    put_bytes_or_null(w, "shell", script ? shown->script : NULL);
    rendering_fini(&made);
}

static void put_error(struct writer *w, const struct outcome *o)
{
    if (o->code == ERR_NONE) {
        PUT(w, ",\"error\":null");
        return;
    }
    PUT(w, ",\"error\":{\"type\":\"");
    buffer_puts(w->out, error_code_name(o->code));
    PUT(w, "\",");
    put_bytes_or_null(w, "message", o->message ? o->message : error_code_name(o->code));
    PUT(w, "}");
}

static int flush_if_large(struct writer *w, struct error *err)
{
    if (!w->flush || w->out->len <= FLUSH_AT)
        return 0;
    return w->flush->write(w->flush->context, w->out, err);
}

/* 1: all that is shown is valid UTF-8, 0: it is not, -1: it cannot be read. */
static int stream_is_text(struct writer *w, const struct capture *c, struct error *err)
{
    struct capture_cursor cursor = {0};
    struct utf8 utf8 = {0};
    struct slice slice;
    int got;
    while ((got = capture_next(c, &cursor, w->scratch, &slice, err)) > 0)
        if (!utf8_feed(&utf8, slice.data, slice.len))
            return 0;
    return got < 0 ? -1 : utf8_done(&utf8);
}

static int put_stream(struct writer *w, const char *key, const struct capture *c, struct error *err)
{
    if (c->pieces_len > 0 && !w->scratch)
        w->scratch = xmalloc(SPOOL_PIECE);
    int text = stream_is_text(w, c, err);
    if (text < 0)
        return -1;
    PUT(w, ",\"");
    buffer_puts(w->out, key);
    if (!text) {
        PUT(w, "\":null,\"");
        buffer_puts(w->out, key);
        PUT(w, "_base64");
    }
    PUT(w, "\":\"");
    struct capture_cursor cursor = {0};
    struct base64 base64 = {0};
    struct slice slice;
    int got;
    while ((got = capture_next(c, &cursor, w->scratch, &slice, err)) > 0) {
        if (text)
            json_write_escaped(w->out, slice.data, slice.len);
        else
            base64_feed(&base64, w->out, slice.data, slice.len);
        if (flush_if_large(w, err) < 0)
            return -1;
    }
    if (got < 0)
        return -1;
    base64_end(&base64, w->out);
    PUT(w, "\"");
    return 0;
}

static void put_cut(struct writer *w, const char *key, const struct capture *c)
{
    if (!capture_truncated(c))
        return;
    PUT(w, ",\"");
    buffer_puts(w->out, key);
    PUT(w, "_omitted_at\":");
    json_write_int(w->out, capture_omitted_at(c));
}

static int put_output(struct writer *w, const struct outcome *o, struct error *err)
{
    if (put_stream(w, "stdout", &o->out, err) < 0 || put_stream(w, "stderr", &o->err, err) < 0)
        return -1;
    PUT(w, ",\"stdout_bytes\":");
    json_write_int(w->out, o->out.total);
    PUT(w, ",\"stderr_bytes\":");
    json_write_int(w->out, o->err.total);
    PUT(w, ",\"truncated\":");
    put_bool(w, capture_truncated(&o->out) || capture_truncated(&o->err));
    put_cut(w, "stdout", &o->out);
    put_cut(w, "stderr", &o->err);
    return 0;
}

static void put_identity(struct writer *w)
{
    const struct task *t = w->task;
    char text[TASK_ID_SIZE];
    PUT(w, "{\"type\":\"result\",\"id\":");
    put_text(w, task_id(t, text));
    PUT(w, ",\"seq\":");
    json_write_uint(w->out, t->seq);
    PUT(w, ",");
    put_bytes_or_null(w, "name", t->spec->name);
    PUT(w, ",\"state\":\"");
    buffer_puts(w->out, task_state_name(t->state));
    PUT(w, "\",");
    put_words(w, "args", &t->args);
    PUT(w, ",");
    put_command(w);
}

static void put_times(struct writer *w, const struct outcome *o)
{
    const struct task *t = w->task;
    bool started = o->started_ns != 0;
    PUT(w, ",\"submitted\":");
    json_write_time(w->out, t->submitted_real_ns);
    PUT(w, ",\"started\":");
    json_write_time(w->out, started ? o->started_real_ns : 0);
    PUT(w, ",\"finished\":");
    json_write_time(w->out, o->finished_real_ns);
    PUT(w, ",\"queued_s\":");
    put_seconds_if(w, started, (o->started_ns - t->ready_ns) / NS_PER_US);
    PUT(w, ",\"wall_s\":");
    put_seconds_if(w, started, (o->finished_ns - o->started_ns) / NS_PER_US);
    PUT(w, ",\"user_s\":");
    put_seconds_if(w, o->pid != 0, o->user_us);
    PUT(w, ",\"sys_s\":");
    put_seconds_if(w, o->pid != 0, o->sys_us);
    PUT(w, ",\"max_rss_kib\":");
    put_int_if(w, o->pid != 0 && o->max_rss_kib >= 0, o->max_rss_kib);
}

int result_write(struct buffer *out, const struct task *task, const struct result_flush *flush,
                 struct error *err)
{
    struct writer w = {out, task, flush, NULL};
    const struct outcome *o = &task->outcome;
    put_identity(&w);
    PUT(&w, ",\"exit_code\":");
    put_int_if(&w, o->pid != 0 && o->signal == 0 && o->exit_code >= 0, o->exit_code);
    PUT(&w, ",\"signal\":");
    put_int_if(&w, o->signal != 0, o->signal);
    put_error(&w, o);
    PUT(&w, ",\"value\":null");
    int got = put_output(&w, o, err);
    free(w.scratch);
    if (got < 0)
        return -1;
    PUT(&w, ",\"leaked\":");
    put_bool(&w, o->leaked);
    PUT(&w, ",\"attempt\":");
    json_write_uint(out, task->attempt);
    PUT(&w, ",\"executor\":\"process\",\"slot\":");
    put_int_if(&w, task->slot != 0, task->slot);
    PUT(&w, ",\"pid\":");
    put_int_if(&w, o->pid != 0, o->pid);
    PUT(&w, ",\"host\":null");
    put_times(&w, o);
    if (task->missed > 0) {
        PUT(&w, ",\"missed\":");
        json_write_int(out, task->missed);
    }
    PUT(&w, "}");
    return flush_if_large(&w, err);
}
