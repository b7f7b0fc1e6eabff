/* Events and summaries as lines, and the exit status that a summary means. */
#include "task/event.h"

#include "base/buffer.h"
#include "base/duration.h"
#include "task/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void live_output_free(struct live_output *o)
{
    if (o)
        capture_fini(&o->bytes);
    free(o);
}

static const char *event_name(const struct event *event)
{
    if (event->from == event->to)
        return "submitted";
    if (task_state_ended(event->to))
        return task_state_name(event->to);
    if (event->to == TASK_RUNNING)
        return event->from == TASK_SUSPENDED ? "resumed" : "started";
    if (event->to != TASK_SUSPENDED && task_state_runs(event->from))
        return "retry";
    return task_state_name(event->to);
}

static void put_number_or_null(struct buffer *out, const char *key, int64_t value)
{
    buffer_puts(out, key);
    if (value > 0)
        json_write_int(out, value);
    else
        buffer_puts(out, "null");
}

void event_write(struct buffer *out, const struct event *event)
{
    char text[TASK_ID_SIZE];
    const char *id = task_id(event->task, text);
    enum error_code code = task_state_ended(event->to) ? event->task->outcome.code : event->why;
    buffer_puts(out, "{\"type\":\"event\",\"event\":\"");
    buffer_puts(out, event_name(event));
    buffer_puts(out, "\",\"id\":");
    json_write_string(out, id, strlen(id));
    buffer_puts(out, ",\"seq\":");
    json_write_uint(out, event->task->seq);
    buffer_puts(out, ",\"attempt\":");
    json_write_uint(out, event->attempt);
    put_number_or_null(out, ",\"slot\":", event->slot);
    put_number_or_null(out, ",\"pid\":", event->pid);
    if (code == ERR_NONE) {
        buffer_puts(out, ",\"error\":null");
    } else {
        buffer_puts(out, ",\"error\":\"");
        buffer_puts(out, error_code_name(code));
        buffer_putc(out, '"');
    }
    buffer_puts(out, ",\"time\":");
    json_write_time(out, event->real_ns);
    buffer_puts(out, "}\n");
}

static uint64_t count_total(const struct summary *s)
{
    uint64_t total = 0;
    for (size_t i = 0; i < TASK_STATES; i++)
        total += s->counts[i];
    return total;
}

void summary_write(struct buffer *out, const struct summary *summary)
{
    buffer_puts(out, "{\"type\":\"summary\",\"total\":");
    json_write_uint(out, count_total(summary));
    for (int state = 0; state < TASK_STATES; state++) {
        if (!task_state_ended((enum task_state)state))
            continue;
        buffer_puts(out, ",\"");
        buffer_puts(out, task_state_name((enum task_state)state));
        buffer_puts(out, "\":");
        json_write_uint(out, summary->counts[state]);
    }
    buffer_puts(out, ",\"retried\":");
    json_write_uint(out, summary->retried);
    buffer_puts(out, ",\"bad_lines\":");
    json_write_uint(out, summary->bad_lines);
    buffer_puts(out, summary->input_complete ? ",\"input_complete\":true" : ",\"input_complete\":false");
    buffer_puts(out, summary->halted ? ",\"halted\":true" : ",\"halted\":false");
    buffer_puts(out, ",\"started\":");
    json_write_time(out, summary->started_real_ns);
    buffer_puts(out, ",\"wall_s\":");
    json_write_seconds(out, summary->wall_ns / NS_PER_US);
    buffer_puts(out, "}\n");
}

void summary_describe(struct buffer *out, const struct summary *summary)
{
    static const struct {
        enum task_state state;
        const char *text;
    } parts[] = {
        {TASK_SUCCEEDED, "succeeded"}, {TASK_FAILED, "failed"},   {TASK_TIMED_OUT, "timed out"},
        {TASK_CANCELLED, "cancelled"}, {TASK_LOST, "lost"},       {TASK_SKIPPED, "skipped"},
    };
    const char *separator = "";
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (summary->counts[parts[i].state] == 0)
            continue;
        buffer_printf(out, "%s%" PRIu64 " %s", separator, summary->counts[parts[i].state], parts[i].text);
        separator = ", ";
    }
    if (!*separator)
        buffer_puts(out, "no tasks");
    char text[32];
    buffer_printf(out, " in %s", duration_format(summary->wall_ns, text, sizeof text));
    if (summary->retried)
        buffer_printf(out, ", %" PRIu64 " retried", summary->retried);
    if (summary->bad_lines)
        buffer_printf(out, ", %" PRIu64 " bad input line%s", summary->bad_lines,
                      summary->bad_lines == 1 ? "" : "s");
    if (summary->halted)
        buffer_puts(out, ", halted");
    if (!summary->input_complete)
        buffer_puts(out, ", input not read to its end");
}

int summary_status(const struct summary *summary)
{
    if (summary->halted_by_success)
        return 0;
    uint64_t total = count_total(summary) - summary->ignored;
    uint64_t not_good = total - summary->counts[TASK_SUCCEEDED];
    if (total > 0 && summary->not_found == total)
        return 127;
    if (total > 0 && summary->not_found + summary->not_executable == total)
        return 126;
    return not_good || summary->bad_lines || !summary->input_complete ? 123 : 0;
}
