/* Specs: their life, and how one is made of a JSON object. The object is walked once and each key is read
 * through the table of spec_fields.c; then what depends on several keys is put together: the command, which
 * becomes a template, and the times.
 *
 * A plain spec's command is literal. Replacement strings mean something only if there is something to put in:
 * with "args", or in a map, with "over".
 */
#include "task/spec.h"

#include "base/alloc.h"
#include "base/timestamp.h"
#include "task/spec_fields.h"
#include "task/spec_values.h"

#include <stdlib.h>
#include <string.h>

struct spec *spec_new(void)
{
    struct spec *s = xcalloc(1, sizeof *s);
    atomic_init(&s->refs, 1);
    s->timeout_ns = SPEC_UNSET;
    s->kill_after_ns = SPEC_UNSET;
    s->retries = SPEC_UNSET;
    s->retry_delay.first_ns = SPEC_UNSET;
    s->max_output = SPEC_UNSET;
    s->nice = SPEC_NICE_UNSET;
    s->slots = 1;
    s->block = true;
    s->size = sizeof *s;
    return s;
}

struct spec *spec_ref(struct spec *s)
{
    atomic_fetch_add(&s->refs, 1);
    return s;
}

void spec_unref(struct spec *s)
{
    if (!s || atomic_fetch_sub(&s->refs, 1) > 1)
        return;
    free(s->id);
    free(s->name);
    template_unref(s->template);
    words_fini(&s->args);
    free(s->input);
    free(s->input_file);
    words_fini(&s->env);
    free(s->cwd);
    free(s->callback);
    free(s->error_callback);
    words_fini(&s->tags);
    free(s);
}

/* Reads every key that stands for itself. */
static int read_fields(struct spec_reader *r, const char **key, struct error *err)
{
    const json_t *value;
    json_object_foreach((json_t *)(uintptr_t)r->object, *key, value) {
        const struct spec_field *field = spec_field_find(*key);
        if (!field)
            return error_set(err, ERR_SPEC, "is not known");
        if (field->read && field->read(r, field, value, err))
            return -1;
    }
    *key = NULL;
    return 0;
}

static int make_template(struct spec_reader *r, const struct spec_context *context, const char **key,
                         struct error *err)
{
    bool map = json_object_get(r->object, "over") != NULL;
    struct template_options options = {
        .form = r->shell_key ? TEMPLATE_SCRIPT : TEMPLATE_ARGV,
        .literal = !map && !r->args_key,
        .no_direct = r->no_direct || context->no_direct,
        .shell_path = r->shell_key ? context->shell_path : NULL,
    };
    if (!r->shell_key && !r->command_key)
        return error_set(err, ERR_SPEC, "one of the keys \"command\" and \"shell\" is needed");
    *key = r->shell_key ? r->shell_key : r->command_key;
    if (r->shell_key && r->command_key)
        return error_set(err, ERR_SPEC, "cannot stand beside \"%s\"", r->command_key);
    if (r->shell_key)
        words_add(&r->command, r->shell, strlen(r->shell));
    r->spec->template = template_new(&r->command, &options, err);
    if (!r->spec->template)
        return -1;
    if (template_selects(r->spec->template))
        return error_set(err, ERR_SPEC, "{uniq} and {choose_k} leave items out, which only the command map can do; "
                                        "give the items that are wanted");
    *key = map ? r->args_key : NULL;
    return *key ? error_set(err, ERR_SPEC, "cannot stand beside \"over\"") : 0;
}

/* A point in time under `name`; 0 if there is none. */
static int read_time(struct spec_reader *r, const struct spec_context *context, const char *name,
                     int64_t *real_ns, const char **key, struct error *err)
{
    const char *zone = json_string_value(json_object_get(r->object, "timezone"));
    const char *text = json_string_value(json_object_get(r->object, name));
    if (!text)
        return 0;
    *key = name;
    if (timestamp_parse(text, zone, context->real_now_ns, real_ns, NULL, err))
        return -1;
    /* The first nanosecond of 1970 would mean that there is no time. */
    if (*real_ns == 0)
        *real_ns = 1;
    *key = NULL;
    return 0;
}

static int make_schedule(struct spec_reader *r, const struct spec_context *context, const char **key,
                         struct error *err)
{
    struct schedule *schedule = &r->spec->schedule;
    const json_t *object = r->object;
    bool at = json_object_get(object, "at"), until = json_object_get(object, "until");
    const char *zone = json_string_value(json_object_get(object, "timezone"));
    bool every = schedule->every_ns > 0;
    if (zone && timestamp_check_zone(zone, NULL, err) < 0) {
        *key = "timezone";
        return -1;
    }
    if (at && json_object_get(object, "in")) {
        *key = "at";
        return error_set(err, ERR_SPEC, "cannot stand beside \"in\"");
    }
    if (!every && (until || schedule->times)) {
        *key = until ? "until" : "times";
        return error_set(err, ERR_SPEC, "needs \"every\"");
    }
    if (!at && !until && json_object_get(object, "timezone")) {
        *key = "timezone";
        return error_set(err, ERR_SPEC, "needs \"at\" or \"until\"");
    }
    if (read_time(r, context, "at", &schedule->at_ns, key, err) ||
        read_time(r, context, "until", &schedule->until_ns, key, err))
        return -1;
    if (!schedule_can_start(schedule, context->real_now_ns)) {
        *key = "until";
        return error_set(err, ERR_SPEC, "is not later than the first start; give a later time");
    }
    return 0;
}

static size_t text_size(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

static void measure(struct spec *s)
{
    s->size = sizeof *s + template_size(s->template) + s->args.len + s->input_len + s->env.len + s->tags.len +
              text_size(s->id) + text_size(s->name) + text_size(s->input_file) + text_size(s->cwd) +
              text_size(s->callback) + text_size(s->error_callback);
}

int spec_parse(const json_t *object, const struct spec_context *context, struct spec **spec, const char **key,
               struct error *err)
{
    static const struct spec_context defaults;
    struct spec_reader reader = {.object = object};
    if (!context)
        context = &defaults;
    *spec = NULL;
    *key = NULL;
    if (!json_is_object(object))
        return error_set(err, ERR_SPEC, "a spec must be an object, not %s", json_type_name(object));
    reader.spec = spec_new();
    int status = read_fields(&reader, key, err) || make_template(&reader, context, key, err) ||
                         make_schedule(&reader, context, key, err)
                     ? -1
                     : 0;
    words_fini(&reader.command);
    free(reader.shell);
    if (status == 0) {
        words_shrink(&reader.spec->args);
        words_shrink(&reader.spec->env);
        measure(reader.spec);
        *spec = reader.spec;
        return 0;
    }
    spec_unref(reader.spec);
    if (err) {
        err->code = ERR_SPEC;
        err->sys_errno = 0;
        if (*key)
            error_prefix(err, "key \"%s\"", *key);
    }
    return -1;
}
