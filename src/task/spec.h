/* A task spec: what somebody asked for, immutable once made, shared by all tasks that come from it (the items
 * of a map, the firings of a timer).
 */
#ifndef JOBPOOL_TASK_SPEC_H
#define JOBPOOL_TASK_SPEC_H

#include "base/backoff.h"
#include "base/error.h"
#include "base/words.h"
#include "task/calendar.h"
#include "task/template.h"

#include <jansson.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

struct spec_limit {
    int resource; /* RLIMIT_… */
    rlim_t value; /* soft and hard */
};

#define SPEC_LIMITS 16 /* no more resources than that exist */
#define SPEC_UNSET INT64_C(-1)
#define SPEC_NICE_UNSET 100

static inline int64_t spec_or(int64_t value, int64_t otherwise)
{
    return value == SPEC_UNSET ? otherwise : value;
}

struct spec {
    atomic_uint refs; /* counted in any thread: a supervisor may split a task */
    char *id;   /* NULL: the task's seq is its id */
    char *name;
    struct template *template; /* never NULL */
    struct words args;         /* "args" of a plain spec */
    void *input;               /* bytes for stdin, or NULL */
    size_t input_len;
    char *input_file;          /* path for stdin, or NULL: the pool's default */
    struct words env;          /* "NAME=VALUE" */
    char *cwd;
    int64_t timeout_ns;        /* 0: none; SPEC_UNSET: the pool's default */
    int64_t kill_after_ns;     /* SPEC_UNSET: the pool's default */
    int64_t retries;           /* SPEC_UNSET: the pool's default */
    struct backoff retry_delay; /* first_ns SPEC_UNSET: the pool's default */
    int64_t max_output;        /* 0: no bound; SPEC_UNSET: the pool's default */
    int64_t priority;          /* lower first; 0 by default */
    double cost;
    struct schedule schedule;
    char *callback;            /* scripts, or NULL: the pool's */
    char *error_callback;
    unsigned slots;            /* ≥ 1 */
    int nice;                  /* added to jobpool's own; SPEC_NICE_UNSET: the pool's default */
    struct spec_limit limits[SPEC_LIMITS];
    size_t limits_len;
    struct words tags;
    bool daemon;
    bool block;                /* true: wait for room in the queue (default) */
    size_t size;               /* bytes it holds, about: for the bound on the queue */
};

/* What a spec may inherit from the command line. */
struct spec_context {
    const char *shell_path;     /* NULL: /bin/sh */
    bool no_direct;             /* its environment is such that a shell must run scripts */
    int64_t real_now_ns;        /* for "at": "HH:MM" */
};

/* A spec with every field at its default, and no template. */
struct spec *spec_new(void);
struct spec *spec_ref(struct spec *s); /* main thread only, as spec_unref */
void spec_unref(struct spec *s);

/* Builds a spec from a JSON object (borrowed). Keys op, req, over, chunksize are passed over: they belong to
 * the protocol. With `over`, command and shell are templates. -1 with ERR_SPEC and *key set to the offending
 * key (static storage or a string in `object`), or to NULL. Keys of later versions (function, call, cron,
 * after…) are refused by name. */
int spec_parse(const json_t *object, const struct spec_context *context, struct spec **spec, const char **key,
               struct error *err);

/* One element of "over" or "args": a string, a number, or (over only) an array of these: its values. */
int spec_parse_values(const json_t *value, struct words *values, struct error *err);

/* The bytes of "key" or "key_base64" of an object: 1 if there, 0 if not, -1 with ERR_SPEC. `len` may not be
 * NULL; the caller frees *data (NUL-terminated). Serves protocol ops too. */
int spec_get_bytes(const json_t *object, const char *key, char **data, size_t *len, struct error *err);

/* Is it one of the variables that jobpool itself sets for every task, and that specs cannot set? */
bool spec_owns_variable(const char *name, size_t len);

/* Is it a valid id: 1 to 255 bytes, UTF-8, no NUL, neither all digits nor digits@digits? */
int spec_check_id(const char *id, struct error *err);

#endif
