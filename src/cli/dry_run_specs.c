/* run --dry-run: each line is checked as a session would, and its tasks are shown. Ops that submit nothing are
 * passed over, but for those behind which the pool takes no more.
 */
#include "base/alloc.h"
#include "base/nearest.h"
#include "base/map.h"
#include "cli/command.h"
#include "cli/dry_run.h"
#include "cli/options.h"
#include "os/clock.h"
#include "task/spec_values.h"

#include <stdlib.h>
#include <string.h>

struct dry_lines {
    struct dry_run run;
    struct map ids;
    bool closed;
};

/* One line that submits something. */
struct dry_line {
    json_t *object;
    const json_t *over; /* of a map, else NULL */
    struct spec *spec;
};

enum op_kind { OP_SUBMIT, OP_APPLY, OP_MAP, OP_CLOSES, OP_OTHER };

static int read_op(const json_t *object, enum op_kind *kind, struct error *err)
{
    static const char *const names[] = {"submit", "apply", "map",  "close",  "shutdown", "terminate",
                                        "cancel", "wait",  "join", "status", NULL};
    static const enum op_kind kinds[] = {OP_SUBMIT, OP_APPLY, OP_MAP,   OP_CLOSES, OP_CLOSES,
                                         OP_CLOSES, OP_OTHER, OP_OTHER, OP_OTHER,  OP_OTHER};
    const json_t *op = json_object_get(object, "op"), *req = json_object_get(object, "req");
    *kind = OP_SUBMIT;
    if (json_is_object(req) || json_is_array(req))
        return error_set(err, ERR_SPEC, "\"req\" must be a string, a number, true or false");
    if (!op)
        return 0;
    if (!json_is_string(op))
        return error_set(err, ERR_SPEC, "\"op\" must be a string");
    for (size_t i = 0; names[i]; i++) {
        *kind = kinds[i];
        if (strcmp(names[i], json_string_value(op)) == 0)
            return 0;
    }
    const char *near = nearest_name(json_string_value(op), names);
    return error_set(err, ERR_SPEC, "unknown op \"%.200s\"%s%s", json_string_value(op),
                     near ? "; did you mean " : "", near ? near : "");
}

/* ---- checking ---- */

static char *item_id(const struct dry_line *line, size_t index)
{
    return xasprintf("%s.%zu", line->spec->id, index + 1);
}

static int check_new(const struct dry_lines *d, const char *id, struct error *err)
{
    if (map_get(&d->ids, id, strlen(id)))
        return error_set(err, ERR_DUPLICATE, "the id \"%s\" is known already", id);
    return 0;
}

static int check_items(const struct dry_lines *d, const struct dry_line *line, struct error *err)
{
    struct words values = {0};
    int status = 0;
    for (size_t i = 0; status == 0 && i < json_array_size(line->over); i++) {
        words_clear(&values);
        status = spec_parse_values(json_array_get(line->over, i), &values, err);
        if (status == 0 && line->spec->id) {
            char *id = item_id(line, i);
            status = check_new(d, id, err);
            free(id);
        }
    }
    words_fini(&values);
    return status;
}

static int check_map(const struct dry_lines *d, const struct dry_line *line, struct error *err)
{
    const json_t *chunksize = json_object_get(line->object, "chunksize");
    if (!json_is_array(line->over))
        return error_set(err, ERR_SPEC, "\"over\" must be an array of the items");
    uint64_t ignored;
    if (spec_read_chunksize(chunksize, &ignored, err) < 0)
        return -1;
    return check_items(d, line, err);
}

static int check_line(struct dry_lines *d, struct dry_line *line, enum op_kind kind, struct error *err)
{
    static const char *const map_keys[] = {"over", "chunksize"};
    struct spec_context context = {.shell_path = shell_options.path,
                                   .no_direct = pool_options.no_direct,
                                   .real_now_ns = clock_real_ns()};
    const char *key;
    if (d->closed)
        return error_set(err, ERR_CLOSED, "the pool is closed: it takes no more tasks");
    for (size_t i = 0; kind != OP_MAP && i < 2; i++) {
        if (json_object_get(line->object, map_keys[i]))
            return error_set(err, ERR_SPEC, "\"%s\" needs \"op\":\"map\"", map_keys[i]);
    }
    if (spec_parse(line->object, &context, &line->spec, &key, err) < 0)
        return -1;
    if (kind == OP_APPLY && line->spec->daemon)
        return error_set(err, ERR_SPEC, "apply waits for the task's end, and a daemon has none of its own");
    if (line->spec->id && check_new(d, line->spec->id, err) < 0)
        return -1;
    line->over = json_object_get(line->object, "over");
    return kind == OP_MAP ? check_map(d, line, err) : 0;
}

/* ---- showing ---- */

static void remember(struct dry_lines *d, const char *id)
{
    if (id)
        map_set(&d->ids, id, strlen(id), d);
}

/* An item as a spec of its own. */
static void show_item(struct dry_lines *d, const struct dry_line *line, size_t index)
{
    static const char *const of_map[] = {"op", "req", "over", "chunksize"};
    struct words values = {0};
    json_t *origin = json_copy(line->object);
    for (size_t i = 0; i < sizeof of_map / sizeof of_map[0]; i++)
        json_object_del(origin, of_map[i]);
    if (line->spec->id) {
        char *id = item_id(line, index);
        json_object_set_new(origin, "id", json_string(id));
        remember(d, id);
        free(id);
    }
    if (spec_parse_values(json_array_get(line->over, index), &values, NULL) == 0)
        dry_run_task(&d->run, line->spec, &values, origin);
    words_fini(&values);
    json_decref(origin);
}

static void show_line(struct dry_lines *d, const struct dry_line *line)
{
    remember(d, line->spec->id);
    if (!line->over)
        dry_run_task(&d->run, line->spec, &line->spec->args, line->object);
    for (size_t i = 0; i < json_array_size(line->over); i++)
        show_item(d, line, i);
}

static void bad_line(struct dry_lines *d, uint64_t number, struct error *err)
{
    if (err->code != ERR_INPUT)
        error_prefix(err, "line %llu", (unsigned long long)number);
    dry_run_bad(&d->run, err);
}

static void read_line(struct dry_lines *d, uint64_t number, struct slice text)
{
    struct error err = {0};
    json_error_t why;
    struct dry_line line = {0};
    enum op_kind kind;
    line.object =
        json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
    if (!line.object)
        error_set(&err, ERR_SPEC, "no valid JSON: %s", why.text);
    else if (!json_is_object(line.object))
        error_set(&err, ERR_SPEC, "a line must hold a JSON object, not %s", json_type_name(line.object));
    else if (read_op(line.object, &kind, &err) == 0 && kind >= OP_CLOSES)
        d->closed = d->closed || kind == OP_CLOSES;
    else if (err.code == ERR_NONE && check_line(d, &line, kind, &err) == 0)
        show_line(d, &line);
    if (err.code != ERR_NONE)
        bad_line(d, number, &err);
    spec_unref(line.spec);
    json_decref(line.object);
}

static void read_stream(struct dry_lines *d, struct specs *specs)
{
    enum source_status got = SOURCE_ITEM;
    while (got != SOURCE_END && d->run.status != 125) {
        struct slice text;
        uint64_t number = 0;
        struct error err;
        got = specs_next(specs, &text, &number, &err);
        if (got == SOURCE_ITEM)
            read_line(d, number, text);
        else if (got == SOURCE_WAIT)
            dry_run_wait(specs_fd(specs));
        else if (got == SOURCE_ERROR)
            bad_line(d, number, &err);
    }
}

int dry_run_specs(struct specs *const *streams, int count)
{
    struct dry_lines d = {0};
    dry_run_begin(&d.run);
    for (int i = 0; i < count; i++)
        read_stream(&d, streams[i]);
    map_fini(&d.ids);
    return dry_run_end(&d.run);
}
