/* Ops are one table: the name, the keys, what reads their values. What is common to all (the JSON, "op", "req",
 * unknown keys) is read before, so that an answer can name its op and its req however wrong the rest is.
 */
#include "session/request.h"

#include "base/alloc.h"
#include "base/duration.h"
#include "base/nearest.h"
#include "task/spec_values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct op {
    const char *name;
    const char *keys; /* allowed besides op and req, each between spaces; NULL: those of a spec */
    int (*read)(struct request *q, const struct spec_context *context, struct error *err);
    bool closes;
};

static int read_one(struct request *q, const struct spec_context *context, struct error *err);
static int read_apply(struct request *q, const struct spec_context *context, struct error *err);
static int read_map(struct request *q, const struct spec_context *context, struct error *err);
static int read_cancel(struct request *q, const struct spec_context *context, struct error *err);
static int read_wait(struct request *q, const struct spec_context *context, struct error *err);
static int read_status(struct request *q, const struct spec_context *context, struct error *err);
static int read_shutdown(struct request *q, const struct spec_context *context, struct error *err);

static const struct op ops[REQUEST_OPS] = {
    [REQUEST_SUBMIT] = {"submit", NULL, read_one, false},
    [REQUEST_APPLY] = {"apply", NULL, read_apply, false},
    [REQUEST_MAP] = {"map", NULL, read_map, false},
    [REQUEST_CANCEL] = {"cancel", " id ids running ", read_cancel, false},
    [REQUEST_WAIT] = {"wait", " id ids timeout ", read_wait, false},
    [REQUEST_STATUS] = {"status", " id ", read_status, false},
    [REQUEST_CLOSE] = {"close", " ", NULL, true},
    [REQUEST_JOIN] = {"join", " ", NULL, false},
    [REQUEST_TERMINATE] = {"terminate", " ", NULL, true},
    [REQUEST_SHUTDOWN] = {"shutdown", " wait cancel_pending ", read_shutdown, true},
};

/* ---- submissions ---- */

static int read_spec(struct request *q, const struct spec_context *context, struct error *err)
{
    return spec_parse(q->object, context, &q->spec, &q->key, err);
}

static int read_one(struct request *q, const struct spec_context *context, struct error *err)
{
    static const char *const of_map[] = {"over", "chunksize"};
    for (size_t i = 0; i < sizeof of_map / sizeof of_map[0]; i++) {
        q->key = of_map[i];
        if (json_object_get(q->object, q->key))
            return error_set(err, ERR_SPEC, "\"%s\" needs \"op\":\"map\"", q->key);
    }
    return read_spec(q, context, err);
}

static int read_apply(struct request *q, const struct spec_context *context, struct error *err)
{
    if (read_one(q, context, err) < 0)
        return -1;
    q->key = "daemon";
    if (q->spec->daemon)
        return error_set(err, ERR_SPEC, "apply waits for the task's end, and a daemon has none of its own");
    return 0;
}

static int check_items(const json_t *over, struct error *err)
{
    struct words values = {0};
    int status = 0;
    for (size_t i = 0; status == 0 && i < json_array_size(over); i++) {
        words_clear(&values);
        status = spec_parse_values(json_array_get(over, i), &values, err);
        if (status < 0)
            error_prefix(err, "element %zu of \"over\"", i + 1);
    }
    words_fini(&values);
    return status;
}

static int read_map(struct request *q, const struct spec_context *context, struct error *err)
{
    const json_t *over = json_object_get(q->object, "over");
    if (read_spec(q, context, err) < 0)
        return -1;
    q->key = "over";
    if (!json_is_array(over))
        return error_set(err, ERR_SPEC, "\"over\" must be an array of the items");
    if (check_items(over, err) < 0)
        return -1;
    q->over = over;
    q->key = "chunksize";
    return spec_read_chunksize(json_object_get(q->object, q->key), &q->chunksize, err);
}

/* ---- values of the other ops ---- */

/* A member that may be true or false; `value` keeps its default if it is not there. */
static int read_bool(struct request *q, const char *key, bool *value, struct error *err)
{
    const json_t *member = json_object_get(q->object, key);
    q->key = key;
    if (member && !json_is_boolean(member))
        return error_set(err, ERR_SPEC, "\"%s\" must be true or false", key);
    if (member)
        *value = json_is_true(member);
    return 0;
}

/* Either "id" or "ids". */
static int read_ids(struct request *q, struct error *err)
{
    json_t *one = json_object_get(q->object, "id"), *many = json_object_get(q->object, "ids");
    const char *text;
    q->key = many ? "ids" : one ? "id" : NULL;
    if ((one != NULL) == (many != NULL))
        return error_set(err, ERR_SPEC, "either \"id\" or \"ids\" must be given");
    if (many && !json_is_array(many))
        return error_set(err, ERR_SPEC, "\"ids\" must be an array of strings");
    q->ids = many ? json_incref(many) : json_pack("[O]", one);
    for (size_t i = 0; i < json_array_size(q->ids); i++)
        if (json_read_text(json_array_get(q->ids, i), &text, err) < 0)
            return error_prefix(err, "%s", one ? "\"id\"" : "an element of \"ids\"");
    return 0;
}

static int read_timeout(struct request *q, struct error *err)
{
    const json_t *timeout = json_object_get(q->object, "timeout");
    const char *text;
    int status = -1;
    q->key = "timeout";
    if (!timeout)
        return 0;
    if (json_is_string(timeout) && json_read_text(timeout, &text, err) < 0)
        error_prefix(err, "\"timeout\"");
    else if (json_is_string(timeout))
        status = duration_parse(text, &q->timeout_ns, "timeout", err);
    else if (json_is_number(timeout))
        status = duration_from_seconds(json_number_value(timeout), &q->timeout_ns, "timeout", err);
    else
        error_set(err, ERR_SPEC, "\"timeout\" must be a number of seconds or a duration such as \"5s\"");
    if (status < 0 && err)
        err->code = ERR_SPEC;
    return status;
}

static int read_cancel(struct request *q, const struct spec_context *context, struct error *err)
{
    (void)context;
    return read_ids(q, err) < 0 || read_bool(q, "running", &q->running, err) < 0 ? -1 : 0;
}

static int read_wait(struct request *q, const struct spec_context *context, struct error *err)
{
    (void)context;
    return read_ids(q, err) < 0 || read_timeout(q, err) < 0 ? -1 : 0;
}

static int read_status(struct request *q, const struct spec_context *context, struct error *err)
{
    (void)context;
    return json_object_get(q->object, "id") ? read_ids(q, err) : 0;
}

static int read_shutdown(struct request *q, const struct spec_context *context, struct error *err)
{
    (void)context;
    q->wait = true;
    return read_bool(q, "wait", &q->wait, err) < 0 ||
                   read_bool(q, "cancel_pending", &q->cancel_pending, err) < 0
               ? -1
               : 0;
}

/* ---- what all have ---- */

static void set_name(struct request *q, const char *name, size_t len)
{
    q->name = name;
    q->name_len = len;
}

static int unknown_op(const char *name, struct error *err)
{
    const char *names[REQUEST_OPS + 1] = {NULL};
    char all[256] = "";
    for (size_t i = 0, len = 0; i < REQUEST_OPS; i++) {
        names[i] = ops[i].name;
        len += (size_t)snprintf(all + len, sizeof all - len, "%s%s", i ? ", " : "", names[i]);
    }
    const char *near = nearest_name(name, names);
    if (near)
        return error_set(err, ERR_SPEC, "unknown op \"%.200s\"; did you mean \"%s\"?", name, near);
    return error_set(err, ERR_SPEC, "unknown op \"%.200s\"; the ops are %s", name, all);
}

/* The op that is asked for by name; one that is a string is answered in any case. */
static int read_op(struct request *q, struct error *err)
{
    const json_t *op = json_object_get(q->object, "op");
    const char *name;
    q->key = "op";
    if (!op)
        return 0;
    if (!json_is_string(op))
        return error_set(err, ERR_SPEC, "\"op\" must be a string");
    q->is_submission = false;
    set_name(q, json_string_value(op), json_string_length(op));
    if (json_read_text(op, &name, err) < 0)
        return error_prefix(err, "\"op\"");
    for (size_t i = 0; i < REQUEST_OPS; i++) {
        if (strcmp(ops[i].name, name) != 0)
            continue;
        q->op = (enum request_op)i;
        set_name(q, ops[i].name, strlen(ops[i].name));
        q->is_submission = q->op == REQUEST_SUBMIT;
        return 0;
    }
    return unknown_op(name, err);
}

static int check_req(struct request *q, struct error *err)
{
    const json_t *req = json_object_get(q->object, "req");
    q->key = "req";
    if (json_is_object(req) || json_is_array(req))
        return error_set(err, ERR_SPEC, "\"req\" must be a string, a number, true or false");
    return 0;
}

/* The first key that the op does not have, or NULL. */
static const char *unknown_key(const struct request *q, const char *keys)
{
    const char *key;
    json_t *value;
    char spaced[64];
    json_object_foreach(q->object, key, value) {
        if (strcmp(key, "op") == 0 || strcmp(key, "req") == 0)
            continue;
        int len = snprintf(spaced, sizeof spaced, " %s ", key);
        if (len < 0 || (size_t)len >= sizeof spaced || strchr(key, ' ') || !strstr(keys, spaced))
            return key;
    }
    return NULL;
}

static int check_keys(struct request *q, struct error *err)
{
    const char *keys = ops[q->op].keys;
    q->key = keys ? unknown_key(q, keys) : NULL;
    if (!q->key)
        return 0;
    int len = (int)strlen(keys) - 1;
    return error_set(err, ERR_SPEC, "unknown key \"%.200s\": %s takes%.*s", q->key, q->name, len ? len : 5,
                     len ? keys : " none");
}

static int read_object(struct request *q, struct slice text, struct error *err)
{
    json_error_t why;
    json_t *value =
        json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
    if (!value)
        return error_set(err, ERR_SPEC, "no valid JSON: %s", why.text);
    if (!json_is_object(value)) {
        error_set(err, ERR_SPEC, "a line must hold a JSON object, not %s", json_type_name(value));
        json_decref(value);
        return -1;
    }
    q->object = value;
    return 0;
}

int request_parse(struct request *q, struct slice text, const struct spec_context *context, struct error *err)
{
    *q = (struct request){.op = REQUEST_SUBMIT, .is_submission = true};
    set_name(q, ops[REQUEST_SUBMIT].name, strlen(ops[REQUEST_SUBMIT].name));
    if (read_object(q, text, err) < 0)
        return -1;
    json_t *req = json_object_get(q->object, "req");
    if (!json_is_null(req) && !json_is_object(req) && !json_is_array(req))
        q->req = req;
    if (read_op(q, err) < 0 || check_req(q, err) < 0 || check_keys(q, err) < 0)
        return -1;
    if (ops[q->op].read && ops[q->op].read(q, context, err) < 0)
        return -1;
    q->key = NULL;
    return 0;
}

void request_fini(struct request *q)
{
    if (q->spec)
        spec_unref(q->spec);
    json_decref(q->ids);
    json_decref(q->object);
    *q = (struct request){0};
}

/* ---- what is known ---- */

/* Is the id free, with all those that its firings will have, and none that a timer's will? */
static int check_new(struct registry *known, const char *id, bool repeats, struct error *err)
{
    if (registry_find(known, id))
        return error_set(err, ERR_DUPLICATE, "the id \"%s\" is known already", id);
    const struct registry_entry *timer = registry_timer_of(known, id);
    if (timer)
        return error_set(err, ERR_DUPLICATE, "the id \"%s\" belongs to a run of the repeated task \"%s\"", id,
                         timer->id);
    if (repeats && registry_has_firing(known, id))
        return error_set(err, ERR_DUPLICATE,
                         "the runs of a repeated task \"%s\" have ids such as \"%s@1\", and one of these is known "
                         "already",
                         id, id);
    return 0;
}

static int check_new_ids(const struct request *q, struct registry *known, struct error *err)
{
    bool repeats = schedule_repeats(&q->spec->schedule);
    if (!q->spec->id)
        return 0;
    if (check_new(known, q->spec->id, repeats && !q->over, err) < 0)
        return -1;
    int status = 0;
    for (size_t i = 0; status == 0 && i < json_array_size(q->over); i++) {
        char *id = request_item_id(q, i);
        status = check_new(known, id, repeats, err);
        free(id);
    }
    return status;
}

static int check_known_ids(const struct request *q, struct registry *known, struct error *err)
{
    for (size_t i = 0; i < json_array_size(q->ids); i++) {
        const char *id = json_string_value(json_array_get(q->ids, i));
        if (!registry_find(known, id))
            return error_set(err, ERR_UNKNOWN, "no task with the id \"%.255s\" is known", id);
    }
    return 0;
}

int request_check(struct request *q, struct registry *known, bool closed, struct error *err)
{
    q->key = NULL;
    if (q->spec && closed)
        return error_set(err, ERR_CLOSED, "the pool is closed: it takes no more tasks");
    if (q->op == REQUEST_JOIN && !closed)
        return error_set(err, ERR_USAGE, "join needs close first");
    if ((q->spec ? check_new_ids : check_known_ids)(q, known, err) == 0)
        return 0;
    q->key = json_object_get(q->object, "ids") ? "ids" : "id";
    return -1;
}

bool request_closes(const struct request *q)
{
    return ops[q->op].closes;
}

char *request_item_id(const struct request *q, size_t index)
{
    return xasprintf("%s.%zu", q->spec->id, index + 1);
}

/* ---- errors ---- */

bool request_is_bad(const struct error *err)
{
    return err->code != ERR_UNKNOWN && err->code != ERR_USAGE;
}

struct error request_error_text(const struct error *err)
{
    struct error text = *err;
    if (err->code != ERR_SPEC)
        error_prefix(&text, "%s", error_code_name(err->code));
    return text;
}
