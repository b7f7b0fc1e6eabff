#include "sink/table_row.h"

#include "base/base64.h"
#include "base/duration.h"
#include "base/utf8.h"
#include "sink/every_byte.h"
#include "task/command_line.h"

#include <string.h>

#define FLUSH_AT 65536

/* A row on its way: what is in `bytes` goes to `out` when it is much, and at the end. */
struct writer {
    struct capture *out;
    struct buffer bytes;
    char separator; /* 0: json */
    struct utf8 utf8;
    struct base64 base64;
    bool special;   /* of a field: it must be quoted */
};

static int flush(struct writer *w, size_t at, struct error *err)
{
    if (w->bytes.len < at)
        return 0;
    int got = capture_append(w->out, w->bytes.data, w->bytes.len, err);
    buffer_clear(&w->bytes);
    return got;
}

/* ---- csv and tsv ---- */

static bool is_special(const struct writer *w, char c)
{
    return c == w->separator || c == '"' || c == ' ' || (c >= '\t' && c <= '\r');
}

static int look(void *context, struct slice bytes, struct error *err)
{
    struct writer *w = context;
    (void)err;
    for (size_t i = 0; i < bytes.len && !w->special; i++)
        w->special = is_special(w, bytes.data[i]);
    return 0;
}

static int put_doubled(void *context, struct slice bytes, struct error *err)
{
    struct writer *w = context;
    for (size_t i = 0; i < bytes.len; i++) {
        if (bytes.data[i] == '"')
            buffer_putc(&w->bytes, '"');
        buffer_putc(&w->bytes, bytes.data[i]);
    }
    return flush(w, FLUSH_AT, err);
}

static int put_plain(void *context, struct slice bytes, struct error *err)
{
    struct writer *w = context;
    buffer_append(&w->bytes, bytes.data, bytes.len);
    return flush(w, FLUSH_AT, err);
}

static int put_stream_field(struct writer *w, const struct capture *c, struct error *err)
{
    w->special = false;
    if (every_byte_each(c, look, w, err) < 0)
        return -1;
    if (!w->special)
        return every_byte_each(c, put_plain, w, err);
    buffer_putc(&w->bytes, '"');
    int got = every_byte_each(c, put_doubled, w, err);
    buffer_putc(&w->bytes, '"');
    return got;
}

static void put_field(struct writer *w, struct slice text)
{
    w->special = false;
    look(w, text, NULL);
    if (w->special)
        buffer_putc(&w->bytes, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '"')
            buffer_putc(&w->bytes, '"');
        buffer_putc(&w->bytes, text.data[i]);
    }
    if (w->special)
        buffer_putc(&w->bytes, '"');
}

static char separator_of(enum table_form form)
{
    return form == TABLE_CSV ? ',' : form == TABLE_TSV ? '\t' : '\0';
}

void table_header_write(struct buffer *out, enum table_form form, size_t values, const struct words *names)
{
    static const char *const first[] = {"Seq",     "Host",    "Starttime", "JobRuntime", "Send",
                                        "Receive", "Exitval", "Signal",    "Command"};
    struct writer w = {.separator = separator_of(form)};
    if (form == TABLE_JSON)
        return;
    for (size_t i = 0; i < sizeof first / sizeof first[0]; i++)
        buffer_printf(&w.bytes, "%s%c", first[i], w.separator);
    for (size_t i = 0; i < values; i++) {
        const char *name = names ? words_get(names, i) : NULL;
        if (name && *name)
            put_field(&w, slice_of(name));
        else
            buffer_printf(&w.bytes, "V%zu", i + 1);
        buffer_putc(&w.bytes, w.separator);
    }
    buffer_printf(&w.bytes, "Stdout%cStderr\n", w.separator);
    buffer_append(out, w.bytes.data, w.bytes.len);
    buffer_fini(&w.bytes);
}

/* ---- json ---- */

/* As GNU parallel has it: every control character by its number. */
static int put_escaped(void *context, struct slice bytes, struct error *err)
{
    struct writer *w = context;
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char c = (unsigned char)bytes.data[i];
        if (c < 0x20) {
            buffer_printf(&w->bytes, "\\u%04x", c);
            continue;
        }
        if (c == '"' || c == '\\')
            buffer_putc(&w->bytes, '\\');
        buffer_putc(&w->bytes, (char)c);
    }
    return flush(w, FLUSH_AT, err);
}

static int put_base64(void *context, struct slice bytes, struct error *err)
{
    struct writer *w = context;
    base64_feed(&w->base64, &w->bytes, bytes.data, bytes.len);
    return flush(w, FLUSH_AT, err);
}

static int check_text(void *context, struct slice bytes, struct error *err)
{
    struct writer *w = context;
    (void)err;
    (void)utf8_feed(&w->utf8, bytes.data, bytes.len);
    return 0;
}

/* The name of a member, and of the one beside it if its value is no text. */
static void put_key(struct writer *w, const char *key, bool text)
{
    buffer_printf(&w->bytes, ", \"%s\": ", key);
    if (!text)
        buffer_printf(&w->bytes, "null, \"%s_base64\": ", key);
}

static int put_stream_member(struct writer *w, const char *key, const struct capture *c, struct error *err)
{
    w->utf8 = (struct utf8){0};
    w->base64 = (struct base64){0};
    if (every_byte_each(c, check_text, w, err) < 0)
        return -1;
    bool text = utf8_done(&w->utf8);
    put_key(w, key, text);
    buffer_putc(&w->bytes, '"');
    if (every_byte_each(c, text ? put_escaped : put_base64, w, err) < 0)
        return -1;
    base64_end(&w->base64, &w->bytes);
    buffer_putc(&w->bytes, '"');
    return 0;
}

static int put_text(struct writer *w, struct slice text, bool valid, struct error *err)
{
    w->base64 = (struct base64){0};
    buffer_putc(&w->bytes, '"');
    int got = valid ? put_escaped(w, text, err) : put_base64(w, text, err);
    base64_end(&w->base64, &w->bytes);
    buffer_putc(&w->bytes, '"');
    return got;
}

static int put_text_member(struct writer *w, const char *key, struct slice text, struct error *err)
{
    bool valid = utf8_valid(text.data, text.len);
    put_key(w, key, valid);
    return put_text(w, text, valid, err);
}

static int put_values(struct writer *w, const struct words *values, struct error *err)
{
    bool valid = utf8_valid(values->data, values->len); /* the NUL behind each keeps one from completing the next */
    int got = 0;
    put_key(w, "V", valid);
    buffer_puts(&w->bytes, "[ ");
    for (const char *value = NULL; got == 0 && (value = words_next(values, value));) {
        if (value != values->data)
            buffer_putc(&w->bytes, ',');
        got = put_text(w, slice_of(value), valid, err);
    }
    buffer_puts(&w->bytes, " ]");
    return got;
}

/* ---- rows ---- */

struct figures {
    long long start_ms, wall_ms;
    unsigned long long seq, received;
    int exit_value, signal;
};

static struct figures figures_of(const struct task *task)
{
    const struct outcome *o = &task->outcome;
    return (struct figures){
        .start_ms = o->started_real_ns / NS_PER_MS,
        .wall_ms = (o->finished_ns - o->started_ns + NS_PER_MS / 2) / NS_PER_MS,
        .seq = task->seq,
        .received = (unsigned long long)o->out.total,
        .exit_value = command_line_exit_value(task),
        .signal = o->signal,
    };
}

static int write_fields(struct writer *w, const struct table_row *row, struct slice command, struct error *err)
{
    const struct task *task = row->task;
    struct figures f = figures_of(task);
    char c = w->separator;
    buffer_printf(&w->bytes, "%llu%c:%c%lld.%03d%c%lld.%03d%c0%c%llu%c%d%c%d%c", f.seq, c, c, f.start_ms / 1000,
                  (int)(f.start_ms % 1000), c, f.wall_ms / 1000, (int)(f.wall_ms % 1000), c, c, f.received, c,
                  f.exit_value, c, f.signal, c);
    put_field(w, command);
    buffer_putc(&w->bytes, c);
    for (const char *value = NULL; (value = words_next(&task->args, value));) {
        put_field(w, slice_of(value));
        buffer_putc(&w->bytes, c);
    }
    if (row->no_stdout)
        put_field(w, slice_of(row->file ? row->file : ""));
    else if (put_stream_field(w, &task->outcome.out, err) < 0)
        return -1;
    buffer_putc(&w->bytes, c);
    return put_stream_field(w, &task->outcome.err, err);
}

static int write_object(struct writer *w, const struct table_row *row, struct slice command, struct error *err)
{
    const struct task *task = row->task;
    struct figures f = figures_of(task);
    buffer_printf(&w->bytes,
                  "{ \"Seq\": %llu, \"Host\": \":\", \"Starttime\": %lld.%03d, \"JobRuntime\": %lld.%03d, "
                  "\"Send\": 0, \"Receive\": %llu, \"Exitval\": %d, \"Signal\": %d",
                  f.seq, f.start_ms / 1000, (int)(f.start_ms % 1000), f.wall_ms / 1000, (int)(f.wall_ms % 1000),
                  f.received, f.exit_value, f.signal);
    if (put_text_member(w, "Command", command, err) < 0 || put_values(w, &task->args, err) < 0)
        return -1;
    int got = row->no_stdout ? put_text_member(w, "Stdout", slice_of(row->file ? row->file : ""), err)
                             : put_stream_member(w, "Stdout", &task->outcome.out, err);
    if (got == 0)
        got = put_stream_member(w, "Stderr", &task->outcome.err, err);
    buffer_puts(&w->bytes, " }");
    return got;
}

int table_row_write(struct capture *out, enum table_form form, const struct table_row *row, struct error *err)
{
    struct writer w = {.out = out, .separator = separator_of(form)};
    struct buffer command = {0};
    command_line_write(&command, row->task);
    struct slice text = {command.data, command.len};
    int got = form == TABLE_JSON ? write_object(&w, row, text, err) : write_fields(&w, row, text, err);
    buffer_putc(&w.bytes, '\n');
    if (got == 0)
        got = flush(&w, 0, err);
    buffer_fini(&command);
    buffer_fini(&w.bytes);
    return got;
}
