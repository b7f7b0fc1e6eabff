/* Replies are built as jansson trees, error lines written directly: the text of a bad line may be any
 * bytes. */
#include "session/reply.h"

#include "base/utf8.h"
#include "session/request.h"
#include "task/json.h"

#include <string.h>

void origin_init(struct origin *o, uint64_t line, struct slice text)
{
    o->line = line;
    o->op = "submit";
    o->op_len = strlen(o->op);
    o->is_submission = true;
    o->req = NULL;
    o->text_len = text.len < ORIGIN_TEXT ? text.len : ORIGIN_TEXT;
    memcpy(o->text, text.data, o->text_len);
    if (text.len > ORIGIN_TEXT)
        o->text_len -= utf8_partial_tail(o->text, o->text_len);
}

void origin_set_request(struct origin *o, const struct request *q)
{
    o->op = q->name;
    o->op_len = q->name_len;
    o->is_submission = q->is_submission;
    o->req = json_incref(q->req);
}

void origin_fini(struct origin *o)
{
    json_decref(o->req);
    o->req = NULL;
}

void origin_move(struct origin *to, struct origin *from)
{
    *to = *from;
    from->req = NULL;
}

static int append_dumped(const char *data, size_t len, void *context)
{
    buffer_append(context, data, len);
    return 0;
}

static void reply_write(struct session *s, const struct origin *o, bool ok, json_t *more)
{
    json_t *reply = json_object();
    json_object_set_new(reply, "type", json_string("reply"));
    json_object_set_new(reply, "op", json_stringn(o->op, o->op_len));
    json_object_set_new(reply, "req", o->req ? json_incref(o->req) : json_null());
    json_object_set_new(reply, "ok", json_boolean(ok));
    if (more)
        json_object_update(reply, more);
    struct buffer *out = output_buffer(s->config.out);
    json_dump_callback(reply, append_dumped, out, JSON_COMPACT);
    buffer_putc(out, '\n');
    output_commit(s->config.out);
    json_decref(reply);
    json_decref(more);
}

void reply_ok(struct session *s, const struct origin *o, json_t *more)
{
    if ((o->is_submission && !o->req) || s->config.err_text)
        json_decref(more);
    else
        reply_write(s, o, true, more);
}

static void write_text(struct session *s, const struct origin *o, const struct error *err)
{
    struct error told = request_error_text(err);
    buffer_printf(output_buffer(s->config.err_text), "jobpool: line %llu: %s\n", (unsigned long long)o->line,
                  told.message);
    output_commit(s->config.err_text);
}

static void write_error_line(struct session *s, const struct origin *o, const char *key,
                             const struct error *err)
{
    struct error told = request_error_text(err);
    struct buffer *out = output_buffer(s->config.out);
    buffer_printf(out, "{\"type\":\"error\",\"line\":%llu,\"key\":", (unsigned long long)o->line);
    if (key)
        json_write_string(out, key, strlen(key));
    else
        buffer_puts(out, "null");
    buffer_puts(out, ",\"message\":");
    json_write_string(out, told.message, strlen(told.message));
    buffer_putc(out, ',');
    json_write_bytes(out, "text", o->text, o->text_len);
    buffer_puts(out, "}\n");
    output_commit(s->config.out);
}

static void write_refusal(struct session *s, const struct origin *o, const char *key, const struct error *err)
{
    json_t *error = json_object(), *more = json_object();
    json_object_set_new(error, "type", json_string(error_code_name(err->code)));
    json_object_set_new(error, "message", json_string(err->message));
    json_object_set_new(more, "error", error);
    if (key)
        json_object_set_new(more, "key", json_string(key));
    reply_write(s, o, false, more);
}

void reply_refuse(struct session *s, const struct origin *o, const char *key, const struct error *err)
{
    s->bad_lines += request_is_bad(err);
    if (s->config.err_text)
        write_text(s, o, err);
    else if (o->is_submission && !o->req)
        write_error_line(s, o, key, err);
    else
        write_refusal(s, o, key, err);
}
