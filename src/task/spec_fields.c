/* The keys of a spec. Readers set the spec's members at once; what two keys decide together (the command, the
 * times) is finished in spec.c. A key that stands beside its KEY_base64 may be null, as it is in results.
 */
#include "task/spec_fields.h"

#include "base/alloc.h"
#include "base/duration.h"
#include "base/number.h"
#include "base/slice.h"
#include "task/script.h"
#include "task/spec_values.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static void *place_of(struct spec_reader *r, const struct spec_field *field)
{
    return (char *)r->spec + field->offset;
}

/* Is the value null because the bytes stand under KEY_base64? */
static bool stands_in_base64(const struct spec_reader *r, const struct spec_field *field, const json_t *value)
{
    char other[64];
    snprintf(other, sizeof other, "%s_base64", field->key);
    return json_is_null(value) && json_object_get(r->object, other);
}

static bool is_base64(const struct spec_field *field)
{
    size_t len = strlen(field->key);
    return len > 7 && strcmp(field->key + len - 7, "_base64") == 0;
}

/* A string, or the bytes of a string in base64, without NUL. The caller frees *text. */
static int read_string(const struct spec_field *field, const json_t *value, char **text, struct error *err)
{
    const char *borrowed;
    if (is_base64(field))
        return json_read_base64_text(value, text, err);
    if (json_read_text(value, &borrowed, err))
        return -1;
    *text = xstrdup(borrowed);
    return 0;
}

/* Remembers which of KEY and KEY_base64 was read. */
static int claim(const char **claimed, const struct spec_field *field, struct error *err)
{
    if (*claimed)
        return error_set(err, ERR_SPEC, "cannot stand beside \"%s\"", *claimed);
    *claimed = field->key;
    return 0;
}

static int read_text(struct spec_reader *r, const struct spec_field *field, const json_t *value,
                     struct error *err)
{
    char **place = place_of(r, field), *text;
    if (stands_in_base64(r, field, value))
        return 0;
    if (*place)
        return error_set(err, ERR_SPEC, "is given twice, as text and in base64");
    if (read_string(field, value, &text, err))
        return -1;
    if (*text == '\0') {
        free(text);
        return error_set(err, ERR_SPEC, "must not be empty");
    }
    *place = text;
    return 0;
}

static int read_id(struct spec_reader *r, const struct spec_field *field, const json_t *value,
                   struct error *err)
{
    const char *text;
    if (json_read_text(value, &text, err) || spec_check_id(text, err))
        return -1;
    *(char **)place_of(r, field) = xstrdup(text);
    return 0;
}

static int read_command(struct spec_reader *r, const struct spec_field *field, const json_t *value,
                        struct error *err)
{
    if (stands_in_base64(r, field, value))
        return 0;
    if (claim(&r->command_key, field, err) || json_read_words(value, is_base64(field), &r->command, err))
        return -1;
    if (r->command.count == 0)
        return error_set(err, ERR_SPEC, "must have at least one word");
    return 0;
}

static int read_shell(struct spec_reader *r, const struct spec_field *field, const json_t *value,
                      struct error *err)
{
    if (stands_in_base64(r, field, value))
        return 0;
    return claim(&r->shell_key, field, err) ? -1 : read_string(field, value, &r->shell, err);
}

static int read_args(struct spec_reader *r, const struct spec_field *field, const json_t *value,
                     struct error *err)
{
    if (stands_in_base64(r, field, value))
        return 0;
    if (claim(&r->args_key, field, err))
        return -1;
    if (!json_is_array(value))
        return error_set(err, ERR_SPEC, "must be an array, not %s", json_type_name(value));
    return is_base64(field) ? json_read_words(value, true, &r->spec->args, err)
                            : spec_parse_values(value, &r->spec->args, err);
}

static int read_stdin(struct spec_reader *r, const struct spec_field *field, const json_t *value,
                      struct error *err)
{
    char *data;
    size_t len;
    if (stands_in_base64(r, field, value))
        return 0;
    if (claim(&r->stdin_key, field, err))
        return -1;
    if (is_base64(field)) {
        if (json_read_base64(value, &data, &len, err))
            return -1;
    } else {
        if (!json_is_string(value))
            return error_set(err, ERR_SPEC, "must be a string, not %s", json_type_name(value));
        len = json_string_length(value);
        data = xmemdup0(json_string_value(value), len);
    }
    r->spec->input = data;
    r->spec->input_len = len;
    return 0;
}

static int read_stdin_file(struct spec_reader *r, const struct spec_field *field, const json_t *value,
                           struct error *err)
{
    return claim(&r->stdin_key, field, err) ? -1 : read_text(r, field, value, err);
}

/* The value of one variable: a string, or {"base64":…}. The caller frees it. */
static int read_variable(const json_t *value, char **text, struct error *err)
{
    const char *borrowed;
    if (json_is_object(value)) {
        const json_t *base64 = json_object_get(value, "base64");
        if (!base64 || json_object_size(value) != 1)
            return error_set(err, ERR_SPEC, "must be a string or {\"base64\":...}");
        return json_read_base64_text(base64, text, err);
    }
    if (json_read_text(value, &borrowed, err))
        return -1;
    *text = xstrdup(borrowed);
    return 0;
}

/* A task without the mark of its run in JOBPOOL_RUN could not be found by it. */
bool spec_owns_variable(const char *name, size_t len)
{
    static const char *const names[] = {"JOBPOOL_RUN", "JOBPOOL_ID", "JOBPOOL_SEQ", "JOBPOOL_SLOT",
                                        "JOBPOOL_ATTEMPT"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strlen(names[i]) == len && memcmp(name, names[i], len) == 0)
            return true;
    }
    return false;
}

static int read_env(struct spec_reader *r, const struct spec_field *field, const json_t *value,
                    struct error *err)
{
    struct words *env = place_of(r, field);
    const char *name;
    const json_t *member;
    if (!json_is_object(value))
        return error_set(err, ERR_SPEC, "must be an object, not %s", json_type_name(value));
    json_object_foreach((json_t *)(uintptr_t)value, name, member) {
        char *text;
        if (*name == '\0' || strchr(name, '='))
            return error_set(err, ERR_SPEC, "'%.200s' is no name of a variable", name);
        if (spec_owns_variable(name, strlen(name)))
            return error_set(err, ERR_SPEC, "jobpool itself sets the variable '%s'; use another name", name);
        if (read_variable(member, &text, err)) {
            error_prefix(err, "variable '%s'", name);
            return -1;
        }
        char *entry = xasprintf("%s=%s", name, text);
        words_add(env, entry, strlen(entry));
        free(entry);
        free(text);
        r->no_direct |= !script_variable_is_quiet(name);
    }
    return 0;
}

static int parse_duration(const json_t *value, int64_t *ns, struct error *err)
{
    const char *text;
    if (json_is_number(value))
        return duration_from_seconds(json_number_value(value), ns, NULL, err);
    if (!json_is_string(value))
        return error_set(err, ERR_SPEC, "must be a duration (a string or a number of seconds), not %s",
                         json_type_name(value));
    return json_read_text(value, &text, err) ? -1 : duration_parse(text, ns, NULL, err);
}

static int read_duration(struct spec_reader *r, const struct spec_field *field, const json_t *value,
                         struct error *err)
{
    int64_t *place = place_of(r, field);
    if (parse_duration(value, place, err))
        return -1;
    return *place < field->min ? error_set(err, ERR_SPEC, "must be longer than 0") : 0;
}

static int read_backoff(struct spec_reader *r, const struct spec_field *field, const json_t *value,
                        struct error *err)
{
    const char *text;
    struct backoff *place = place_of(r, field);
    if (!json_is_string(value))
        return parse_duration(value, &place->first_ns, err);
    return json_read_text(value, &text, err) ? -1 : backoff_parse(text, place, NULL, err);
}

static int read_number(const struct spec_field *field, const json_t *value, int64_t *number,
                       struct error *err)
{
    if (json_read_whole(value, number, err))
        return -1;
    if (*number >= field->min && *number <= field->max)
        return 0;
    if (field->max == INT64_MAX)
        return error_set(err, ERR_SPEC, "%lld is less than %lld", (long long)*number, (long long)field->min);
    return error_set(err, ERR_SPEC, "%lld is not from %lld to %lld", (long long)*number,
                     (long long)field->min, (long long)field->max);
}

static int read_int64(struct spec_reader *r, const struct spec_field *field, const json_t *value,
                      struct error *err)
{
    return read_number(field, value, place_of(r, field), err);
}

static int read_int(struct spec_reader *r, const struct spec_field *field, const json_t *value,
                    struct error *err)
{
    int64_t number;
    if (read_number(field, value, &number, err))
        return -1;
    *(int *)place_of(r, field) = (int)number;
    return 0;
}

static int read_unsigned(struct spec_reader *r, const struct spec_field *field, const json_t *value,
                         struct error *err)
{
    int64_t number;
    if (read_number(field, value, &number, err))
        return -1;
    *(unsigned *)place_of(r, field) = (unsigned)number;
    return 0;
}

static int read_bool(struct spec_reader *r, const struct spec_field *field, const json_t *value,
                     struct error *err)
{
    if (!json_is_boolean(value))
        return error_set(err, ERR_SPEC, "must be true or false, not %s", json_type_name(value));
    *(bool *)place_of(r, field) = json_is_true(value);
    return 0;
}

static int read_cost(struct spec_reader *r, const struct spec_field *field, const json_t *value,
                     struct error *err)
{
    if (!json_is_number(value))
        return error_set(err, ERR_SPEC, "must be a number, not %s", json_type_name(value));
    if (!(json_number_value(value) >= 0))
        return error_set(err, ERR_SPEC, "must be at least 0");
    *(double *)place_of(r, field) = json_number_value(value);
    return 0;
}

static int read_bytes(const json_t *value, int64_t *bytes, struct error *err)
{
    const char *text;
    if (json_is_string(value))
        return json_read_text(value, &text, err) ? -1 : size_parse(text, bytes, NULL, err);
    if (!json_is_number(value))
        return error_set(err, ERR_SPEC, "must be a size (a whole number or a string such as \"1G\"), not %s",
                         json_type_name(value));
    if (json_read_whole(value, bytes, err))
        return -1;
    return *bytes < 0 ? error_set(err, ERR_SPEC, "%lld is less than 0", (long long)*bytes) : 0;
}

/* A size, or "none": no bound, as 0. */
static int read_bound(struct spec_reader *r, const struct spec_field *field, const json_t *value,
                      struct error *err)
{
    const char *text = json_string_value(value);
    int64_t *place = place_of(r, field);
    if (text && strcmp(text, "none") == 0) {
        *place = 0;
        return 0;
    }
    return read_bytes(value, place, err);
}

static int read_tags(struct spec_reader *r, const struct spec_field *field, const json_t *value,
                     struct error *err)
{
    return json_read_words(value, false, place_of(r, field), err);
}

static const struct {
    const char *name;
    int resource;
} limit_names[] = {
    {"as", RLIMIT_AS},         {"core", RLIMIT_CORE},     {"cpu", RLIMIT_CPU},
    {"data", RLIMIT_DATA},     {"fsize", RLIMIT_FSIZE},   {"memlock", RLIMIT_MEMLOCK},
    {"nofile", RLIMIT_NOFILE}, {"nproc", RLIMIT_NPROC},   {"rss", RLIMIT_RSS},
    {"stack", RLIMIT_STACK},
};

static int find_limit(const char *name, int *resource, struct error *err)
{
    for (size_t i = 0; i < sizeof limit_names / sizeof limit_names[0]; i++) {
        if (strcmp(name, limit_names[i].name) == 0) {
            *resource = limit_names[i].resource;
            return 0;
        }
    }
    return error_set(
        err, ERR_SPEC,
        "'%.200s' is not a limit; use as, core, cpu, data, fsize, memlock, nofile, nproc, rss or stack", name);
}

static int read_limits(struct spec_reader *r, const struct spec_field *field, const json_t *value,
                       struct error *err)
{
    struct spec *spec = r->spec;
    const char *name;
    const json_t *member;
    (void)field;
    if (!json_is_object(value))
        return error_set(err, ERR_SPEC, "must be an object, not %s", json_type_name(value));
    json_object_foreach((json_t *)(uintptr_t)value, name, member) {
        int resource = 0;
        int64_t limit = 0;
        if (find_limit(name, &resource, err))
            return -1;
        if (resource == RLIMIT_CPU ? parse_duration(member, &limit, err) : read_bytes(member, &limit, err)) {
            error_prefix(err, "limit '%s'", name);
            return -1;
        }
        if (resource == RLIMIT_CPU && limit == 0)
            continue; /* "none" */
        if (resource == RLIMIT_CPU)
            limit = limit / NS_PER_S + (limit % NS_PER_S != 0);
        spec->limits[spec->limits_len++] = (struct spec_limit){resource, (rlim_t)limit};
    }
    return 0;
}

static int refuse(struct spec_reader *r, const struct spec_field *field, const json_t *value,
                  struct error *err)
{
    (void)r;
    (void)field;
    (void)value;
    return error_set(err, ERR_SPEC, "is not supported by this version of jobpool");
}

/* "at", "until" and "timezone" depend on each other: see spec.c. */
static int check_text(struct spec_reader *r, const struct spec_field *field, const json_t *value,
                      struct error *err)
{
    const char *text;
    (void)r;
    (void)field;
    return json_read_text(value, &text, err);
}

#define AT(member) offsetof(struct spec, member)

/* Sorted by key. */
static const struct spec_field fields[] = {
    {"after", refuse, 0, 0, 0},
    {"after_any", refuse, 0, 0, 0},
    {"after_failed", refuse, 0, 0, 0},
    {"args", read_args, 0, 0, 0},
    {"args_base64", read_args, 0, 0, 0},
    {"at", check_text, 0, 0, 0},
    {"block", read_bool, AT(block), 0, 0},
    {"call", refuse, 0, 0, 0},
    {"callback", read_text, AT(callback), 0, 0},
    {"chunksize", NULL, 0, 0, 0},
    {"command", read_command, 0, 0, 0},
    {"command_base64", read_command, 0, 0, 0},
    {"cost", read_cost, AT(cost), 0, 0},
    {"cron", refuse, 0, 0, 0},
    {"cwd", read_text, AT(cwd), 0, 0},
    {"cwd_base64", read_text, AT(cwd), 0, 0},
    {"daemon", read_bool, AT(daemon), 0, 0},
    {"env", read_env, AT(env), 0, 0},
    {"error_callback", read_text, AT(error_callback), 0, 0},
    {"every", read_duration, AT(schedule.every_ns), 1, 0},
    {"function", refuse, 0, 0, 0},
    {"id", read_id, AT(id), 0, 0},
    {"in", read_duration, AT(schedule.in_ns), 0, 0},
    {"kill_after", read_duration, AT(kill_after_ns), 0, 0},
    {"limits", read_limits, 0, 0, 0},
    {"max_output", read_bound, AT(max_output), 0, 0},
    {"name", read_text, AT(name), 0, 0},
    {"nice", read_int, AT(nice), -20, 19},
    {"op", NULL, 0, 0, 0},
    {"over", NULL, 0, 0, 0},
    {"priority", read_int64, AT(priority), INT64_MIN, INT64_MAX},
    {"req", NULL, 0, 0, 0},
    {"retries", read_int64, AT(retries), 0, 1000000},
    {"retry_delay", read_backoff, AT(retry_delay), 0, 0},
    {"shell", read_shell, 0, 0, 0},
    {"shell_base64", read_shell, 0, 0, 0},
    {"slots", read_unsigned, AT(slots), 1, 1000000},
    {"stdin", read_stdin, 0, 0, 0},
    {"stdin_base64", read_stdin, 0, 0, 0},
    {"stdin_file", read_stdin_file, AT(input_file), 0, 0},
    {"tags", read_tags, AT(tags), 0, 0},
    {"timeout", read_duration, AT(timeout_ns), 0, 0},
    {"times", read_int64, AT(schedule.times), 1, INT64_MAX},
    {"timezone", check_text, 0, 0, 0},
    {"until", check_text, 0, 0, 0},
};

static int compare_key(const void *key, const void *field)
{
    return strcmp(key, ((const struct spec_field *)field)->key);
}

const struct spec_field *spec_field_find(const char *key)
{
    return bsearch(key, fields, sizeof fields / sizeof fields[0], sizeof fields[0], compare_key);
}

const struct spec_field *spec_field_at(size_t index)
{
    return index < sizeof fields / sizeof fields[0] ? &fields[index] : NULL;
}
