/* What the values in specs and ops are made of. Errors are ERR_SPEC and do not name a key. */
#ifndef JOBPOOL_TASK_SPEC_VALUES_H
#define JOBPOOL_TASK_SPEC_VALUES_H

#include "base/error.h"
#include "base/words.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

const char *json_type_name(const json_t *value); /* "a string", "an array" … */
/* A whole number; 2 and 2.0 are the same in JSON. */
int json_read_whole(const json_t *value, int64_t *number, struct error *err);
/* The "chunksize" of op map: at least 1, and 1 if value is NULL. */
int spec_read_chunksize(const json_t *value, uint64_t *chunksize, struct error *err);
/* A string without NUL bytes, borrowed. */
int json_read_text(const json_t *value, const char **text, struct error *err);
/* The bytes that a string stands for in base64; the caller frees *data (NUL-terminated). */
int json_read_base64(const json_t *value, char **data, size_t *len, struct error *err);
/* The same without NUL bytes. */
int json_read_base64_text(const json_t *value, char **data, struct error *err);
/* An array of strings without NUL bytes. */
int json_read_words(const json_t *value, bool base64, struct words *words, struct error *err);

#endif
