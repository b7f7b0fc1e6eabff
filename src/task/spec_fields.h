/* The keys of a spec: one table, one reader for each type. Private to specs. */
#ifndef JOBPOOL_TASK_SPEC_FIELDS_H
#define JOBPOOL_TASK_SPEC_FIELDS_H

#include "task/spec.h"

/* A spec that is being read. The strings and values are borrowed from the object. */
struct spec_reader {
    const json_t *object;
    struct spec *spec;
    struct words command;
    const char *command_key; /* "command", "command_base64" or NULL */
    char *shell;
    const char *shell_key;
    const char *args_key;
    const char *stdin_key;
    bool no_direct;          /* the environment asks for a shell */
};

struct spec_field {
    const char *key;
    /* NULL: the protocol's. Errors do not name the key; their code does not matter. */
    int (*read)(struct spec_reader *r, const struct spec_field *field, const json_t *value,
                struct error *err);
    size_t offset; /* of its place in struct spec */
    int64_t min;   /* of a number */
    int64_t max;
};

/* NULL: there is no such key. */
const struct spec_field *spec_field_find(const char *key);
/* For tests: the field at a place in the sorted table, NULL behind the last. */
const struct spec_field *spec_field_at(size_t index);

#endif
