/* Fields of JSON Lines.
 *
 * The parser checks each line and reads its strings. Everything else is taken from the line's own text, so a
 * number is put in as it was written, however long it is. That text is known to be JSON, which makes finding a
 * member in it a matter of counting brackets outside of strings.
 */
#include "source/json_items.h"

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/slice.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Numbers are only checked, so they may have any number of digits. */
#define ITEM_FLAGS (JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL)

struct json_items {
    struct source base;
    struct source *inner;
    struct words names;
    struct words item;
    json_t **objects; /* one for each word of the item */
    size_t objects_len, objects_cap;
    uint64_t number;
};

static int bad_item(const struct json_items *j, struct error *err, const char *what, const char *name)
{
    return error_set(err, ERR_SPEC, "item %llu %s%.200s%s", (unsigned long long)j->number, what, name ? name : "",
                     name ? "\"" : "");
}

/* ---- the text of a member ---- */

static const char *skip_space(const char *s)
{
    return s + strspn(s, " \t\r\n");
}

/* Behind the string whose first quote stands at `s`. */
static const char *skip_string(const char *s)
{
    for (s++; *s != '"'; s++)
        s += *s == '\\';
    return s + 1;
}

/* Behind the value at `s`. */
static const char *skip_value(const char *s)
{
    if (*s == '"')
        return skip_string(s);
    if (*s != '{' && *s != '[')
        return s + strcspn(s, ",]} \t\r\n");
    for (size_t depth = 0;;) {
        if (*s == '"') {
            s = skip_string(s);
            continue;
        }
        if (*s == '{' || *s == '[')
            depth++;
        if ((*s == '}' || *s == ']') && --depth == 0)
            return s + 1;
        s++;
    }
}

/* Is the key, whose quotes stand around it, this name? */
static bool is_key(const char *key, size_t len, const char *name)
{
    if (!memchr(key, '\\', len))
        return len == strlen(name) + 2 && memcmp(key + 1, name, len - 2) == 0;
    json_t *text = json_loadb(key, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    bool same = text && json_string_length(text) == strlen(name) && strcmp(json_string_value(text), name) == 0;
    json_decref(text);
    return same;
}

/* The member's value in a line that is known to be an object with it. */
static struct slice member_text(const char *line, const char *name)
{
    const char *s = skip_space(skip_space(line) + 1);
    for (;;) {
        const char *key = s;
        s = skip_string(s);
        bool found = is_key(key, (size_t)(s - key), name);
        const char *value = skip_space(skip_space(s) + 1);
        s = skip_value(value);
        if (found)
            return (struct slice){value, (size_t)(s - value)};
        s = skip_space(skip_space(s) + 1);
    }
}

/* JSON without the white space between its parts. */
static void add_compact(struct words *values, struct slice json)
{
    struct buffer out = {0};
    const char *end = json.data + json.len;
    for (const char *s = json.data; s < end;) {
        size_t blanks = strspn(s, " \t\r\n");
        s += blanks;
        const char *part = s;
        s = *s == '"' ? skip_string(s) : s < end ? s + 1 : s;
        buffer_append(&out, part, (size_t)(s - part));
    }
    words_add(values, out.data, out.len);
    buffer_fini(&out);
}

/* ---- items ---- */

static void forget_objects(struct json_items *j)
{
    while (j->objects_len > 0)
        json_decref(j->objects[--j->objects_len]);
}

static int parse(struct json_items *j, struct error *err)
{
    for (const char *word = NULL; (word = words_next(&j->item, word));) {
        json_error_t failure;
        json_t *object = json_loads(word, ITEM_FLAGS, &failure);
        if (!object)
            return error_set(err, ERR_SPEC, "item %llu is no JSON object: %s near column %d",
                             (unsigned long long)j->number, failure.text, failure.column);
        if (!json_is_object(object)) {
            json_decref(object);
            return bad_item(j, err, "is no JSON object", NULL);
        }
        if (j->objects_len == j->objects_cap) {
            j->objects_cap = j->objects_cap ? j->objects_cap * 2 : 4;
            j->objects = xrealloc_array(j->objects, j->objects_cap, sizeof(json_t *));
        }
        j->objects[j->objects_len++] = object;
    }
    return 0;
}

static int add_string(struct json_items *j, const json_t *string, const char *name, struct words *values,
                      struct error *err)
{
    const char *text = json_string_value(string);
    size_t len = json_string_length(string);
    if (memchr(text, '\0', len))
        return bad_item(j, err, "has a NUL byte, which no argument can hold, in its field \"", name);
    words_add(values, text, len);
    return 0;
}

static int add_field(struct json_items *j, const char *name, struct words *values, struct error *err)
{
    const char *line = NULL;
    const json_t *value = NULL;
    for (size_t i = 0; i < j->objects_len && !value; i++) {
        line = words_next(&j->item, line);
        value = json_object_get(j->objects[i], name);
    }
    if (!value)
        return bad_item(j, err, "has no field \"", name);
    if (json_is_string(value))
        return add_string(j, value, name, values, err);
    if (json_is_null(value))
        words_add(values, "", 0);
    else
        add_compact(values, member_text(line, name));
    return 0;
}

static int add_fields(struct json_items *j, struct words *values, struct error *err)
{
    for (const char *name = NULL; (name = words_next(&j->names, name));) {
        if (add_field(j, name, values, err) < 0)
            return -1;
    }
    return 0;
}

static enum source_status json_items_next(struct source *source, struct words *values, struct error *err)
{
    struct json_items *j = (struct json_items *)source;
    struct words fields = {0};
    words_clear(&j->item);
    enum source_status status = source_next(j->inner, &j->item, err);
    if (status != SOURCE_ITEM)
        return status;
    j->number++;
    if (parse(j, err) < 0 || add_fields(j, &fields, err) < 0) {
        status = SOURCE_ERROR;
    } else {
        words_add_all(values, &j->item);
        words_add_all(values, &fields);
    }
    words_fini(&fields);
    forget_objects(j);
    return status;
}

static int json_items_fd(const struct source *source)
{
    return source_fd(((const struct json_items *)source)->inner);
}

static void json_items_free(struct source *source)
{
    struct json_items *j = (struct json_items *)source;
    source_free(j->inner);
    words_fini(&j->names);
    words_fini(&j->item);
    free(j->objects);
    free(j);
}

static const struct source_ops json_items_ops = {
    .next = json_items_next,
    .fd = json_items_fd,
    .free = json_items_free,
};

struct source *source_json(struct source *inner, struct words *names)
{
    struct json_items *j = xcalloc(1, sizeof *j);
    j->base.ops = &json_items_ops;
    j->inner = inner;
    words_move(&j->names, names);
    return &j->base;
}
