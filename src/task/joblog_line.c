#include "task/joblog_line.h"

#include "base/duration.h"
#include "task/json.h"
#include "task/script.h"

#include <string.h>

#define COLUMNS        9
#define COLUMN_EXITVAL 6
#define COLUMN_SIGNAL  7
#define COLUMN_COMMAND 8

static void put_rendering(struct buffer *out, const struct rendering *made)
{
    const char *separator = "";
    if (made->script) {
        buffer_puts(out, made->script);
        return;
    }
    for (const char *word = NULL; (word = words_next(&made->argv, word)); separator = " ") {
        buffer_puts(out, separator);
        script_quote(out, slice_of(word), false);
    }
}

/* A task that gave its rendering back, or never had one, is rendered again. */
static void put_command(struct buffer *out, const struct task *t)
{
    size_t start = out->len;
    struct rendering made = {0};
    if (t->rendering.script || t->rendering.argv.count)
        put_rendering(out, &t->rendering);
    else if (template_render(t->spec->template, &t->args, t->seq, t->slot, &made, NULL) == 0)
        put_rendering(out, &made);
    rendering_fini(&made);
    for (char *at = out->data + start; (at = memchr(at, '\n', (size_t)(out->data + out->len - at)));)
        *at = '\0';
}

/* What failed without a status of its own shall not look like success. */
static int exit_value(const struct task *t)
{
    const struct outcome *o = &t->outcome;
    if (o->code == ERR_SPAWN || o->code == ERR_NOT_FOUND)
        return task_exit_status(t);
    if (o->code == ERR_NONE || o->exit_code > 0)
        return o->exit_code;
    return o->code == ERR_SIGNAL ? 0 : -1;
}

void joblog_write(struct buffer *out, const struct task *t)
{
    const struct outcome *o = &t->outcome;
    int64_t start_ms = o->started_real_ns / NS_PER_MS;
    int64_t wall_ms = (o->finished_ns - o->started_ns + NS_PER_MS / 2) / NS_PER_MS;
    buffer_printf(out, "%llu\t:\t%lld.%03d\t%6lld.%03d\t0\t%llu\t%d\t%d\t", (unsigned long long)t->seq,
                  (long long)(start_ms / 1000), (int)(start_ms % 1000), (long long)(wall_ms / 1000),
                  (int)(wall_ms % 1000), (unsigned long long)o->out.total, exit_value(t), o->signal);
    put_command(out, t);
    buffer_putc(out, '\n');
}

static bool is_number(struct slice text)
{
    size_t digits = 0, points = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        digits += c >= '0' && c <= '9';
        points += c == '.';
        if (!(c >= '0' && c <= '9') && c != '.' && c != ' ' && !(c == '-' && digits == 0))
            return false;
    }
    return digits > 0 && points <= 1;
}

static bool split(struct slice line, struct slice columns[COLUMNS])
{
    for (size_t i = 0; i < COLUMNS - 1; i++) {
        const char *tab = memchr(line.data, '\t', line.len);
        if (!tab)
            return false;
        columns[i] = (struct slice){line.data, (size_t)(tab - line.data)};
        line = (struct slice){tab + 1, line.len - columns[i].len - 1};
    }
    columns[COLUMN_COMMAND] = line;
    return true;
}

static bool read_seq(struct slice text, uint64_t *seq)
{
    *seq = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9' || *seq > INT64_MAX / 10 - 1)
            return false;
        *seq = *seq * 10 + (uint64_t)(text.data[i] - '0');
    }
    return *seq > 0;
}

bool joblog_parse(struct slice line, struct joblog_record *record)
{
    struct slice columns[COLUMNS];
    if (!split(line, columns) || !read_seq(columns[0], &record->seq))
        return false;
    for (size_t i = 2; i < COLUMN_COMMAND; i++) {
        if (!is_number(columns[i]))
            return false;
    }
    record->succeeded = slice_is(columns[COLUMN_EXITVAL], "0") && slice_is(columns[COLUMN_SIGNAL], "0");
    record->command = columns[COLUMN_COMMAND];
    return true;
}
