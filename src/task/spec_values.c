/* The values in specs and ops: strings, bytes in base64, lists of them, and items. */
#include "task/spec_values.h"

#include "base/alloc.h"
#include "base/base64.h"
#include "base/buffer.h"
#include "base/utf8.h"
#include "task/spec.h"

#include <stdlib.h>
#include <string.h>

#define ID_MAX 255

const char *json_type_name(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
    case JSON_REAL:
        return "a number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "true or false";
    case JSON_NULL:
        return "null";
    }
    return "nothing";
}

/* What is not written as an integer is one only as far as a double can tell integers apart. */
int json_read_whole(const json_t *value, int64_t *number, struct error *err)
{
    const double most = 9007199254740992.0;
    double real = json_real_value(value);
    if (json_is_integer(value)) {
        *number = json_integer_value(value);
        return 0;
    }
    if (!json_is_real(value))
        return error_set(err, ERR_SPEC, "must be a whole number, not %s", json_type_name(value));
    if (real < -most || real > most)
        return error_set(err, ERR_SPEC, "is too large a number to be written as %g; write all of its digits",
                         real);
    *number = (int64_t)real;
    double rest = real - (double)*number;
    return rest < 0 || rest > 0 ? error_set(err, ERR_SPEC, "must be a whole number, not %g", real) : 0;
}

int spec_read_chunksize(const json_t *value, uint64_t *chunksize, struct error *err)
{
    int64_t number = 1;
    if (value && (json_read_whole(value, &number, NULL) < 0 || number < 1))
        return error_set(err, ERR_SPEC, "\"chunksize\" must be a whole number of at least 1");
    *chunksize = (uint64_t)number;
    return 0;
}

int json_read_text(const json_t *value, const char **text, struct error *err)
{
    if (!json_is_string(value))
        return error_set(err, ERR_SPEC, "must be a string, not %s", json_type_name(value));
    *text = json_string_value(value);
    if (strlen(*text) != json_string_length(value))
        return error_set(err, ERR_SPEC, "must not hold a NUL byte");
    return 0;
}

int json_read_base64(const json_t *value, char **data, size_t *len, struct error *err)
{
    struct buffer bytes = {0};
    if (!json_is_string(value))
        return error_set(err, ERR_SPEC, "must be a string in base64, not %s", json_type_name(value));
    if (base64_decode(&bytes, json_string_value(value), json_string_length(value))) {
        buffer_fini(&bytes);
        return error_set(err, ERR_SPEC, "is not valid base64");
    }
    *data = buffer_take(&bytes, len);
    return 0;
}

int json_read_base64_text(const json_t *value, char **data, struct error *err)
{
    size_t len;
    if (json_read_base64(value, data, &len, err))
        return -1;
    if (strlen(*data) == len)
        return 0;
    free(*data);
    *data = NULL;
    return error_set(err, ERR_SPEC, "must not hold a NUL byte");
}

static int read_word(const json_t *value, bool base64, struct words *words, struct error *err)
{
    const char *text;
    char *data;
    if (!base64) {
        if (json_read_text(value, &text, err))
            return -1;
        words_add(words, text, strlen(text));
        return 0;
    }
    if (json_read_base64_text(value, &data, err))
        return -1;
    words_add(words, data, strlen(data));
    free(data);
    return 0;
}

int json_read_words(const json_t *value, bool base64, struct words *words, struct error *err)
{
    if (!json_is_array(value))
        return error_set(err, ERR_SPEC, "must be an array of strings, not %s", json_type_name(value));
    for (size_t i = 0; i < json_array_size(value); i++) {
        if (read_word(json_array_get(value, i), base64, words, err)) {
            error_prefix(err, "element %zu", i + 1);
            return -1;
        }
    }
    return 0;
}

/* A number with as few digits as say which it is. */
static void add_number(struct words *words, const json_t *number)
{
    char text[64];
    for (size_t digits = 15;; digits++) {
        size_t flags = JSON_ENCODE_ANY | JSON_REAL_PRECISION(digits);
        size_t len = json_dumpb(number, text, sizeof text, flags);
        if (json_is_real(number) && digits < 17) {
            json_t *again = json_loadb(text, len, JSON_DECODE_ANY, NULL);
            bool same = again && !(json_number_value(again) < json_number_value(number)) &&
                        !(json_number_value(again) > json_number_value(number));
            json_decref(again);
            if (!same)
                continue;
        }
        words_add(words, text, len);
        return;
    }
}

static int add_value(const json_t *value, struct words *words, struct error *err)
{
    if (json_is_number(value)) {
        add_number(words, value);
        return 0;
    }
    if (!json_is_string(value))
        return error_set(err, ERR_SPEC, "must be a string or a number, not %s", json_type_name(value));
    return read_word(value, false, words, err);
}

int spec_parse_values(const json_t *value, struct words *values, struct error *err)
{
    if (!json_is_array(value))
        return add_value(value, values, err);
    for (size_t i = 0; i < json_array_size(value); i++) {
        if (add_value(json_array_get(value, i), values, err)) {
            error_prefix(err, "value %zu", i + 1);
            return -1;
        }
    }
    return 0;
}

int spec_get_bytes(const json_t *object, const char *key, char **data, size_t *len, struct error *err)
{
    char other[64];
    snprintf(other, sizeof other, "%s_base64", key);
    const json_t *text = json_object_get(object, key), *base64 = json_object_get(object, other);
    *data = NULL;
    *len = 0;
    if (!text && !base64)
        return 0;
    if (base64 && text && !json_is_null(text))
        return error_set(err, ERR_SPEC, "key \"%s\": cannot stand beside \"%s\"", other, key);
    if (base64 && json_read_base64(base64, data, len, err)) {
        error_prefix(err, "key \"%s\"", other);
        return -1;
    }
    if (base64)
        return 1;
    if (!json_is_string(text))
        return error_set(err, ERR_SPEC, "key \"%s\": must be a string, not %s", key, json_type_name(text));
    *len = json_string_length(text);
    *data = xmemdup0(json_string_value(text), *len);
    return 1;
}

int spec_check_id(const char *id, struct error *err)
{
    static const char digits[] = "0123456789";
    size_t len = strlen(id);
    if (len == 0 || len > ID_MAX)
        return error_set(err, ERR_SPEC, "an id has 1 to %d bytes, this one has %zu", ID_MAX, len);
    if (!utf8_valid(id, len))
        return error_set(err, ERR_SPEC, "an id must be valid UTF-8");
    if (strspn(id, digits) == len)
        return error_set(err, ERR_SPEC, "'%s' has only digits, as the ids that jobpool gives itself", id);
    const char *rest = id + strspn(id, digits);
    if (rest > id && *rest == '@' && rest[1] && rest[1 + strspn(rest + 1, digits)] == '\0')
        return error_set(err, ERR_SPEC,
                         "'%s' is a number, @ and a number, as the ids that jobpool gives to the runs of repeated "
                         "tasks",
                         id);
    return 0;
}
