/* What the tests of tasks and sinks share: a spool whose file can be spoilt, and tasks made by hand. */
#ifndef JOBPOOL_TESTS_TASK_SUPPORT_H
#define JOBPOOL_TESTS_TASK_SUPPORT_H

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/spool.h"
#include "os/files.h"
#include "task/task.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int support_spool_fd __attribute__((unused)) = -1;

static inline int support_open(struct error *err)
{
    return support_spool_fd = files_temporary(err);
}

static inline int support_open_nothing(struct error *err)
{
    return error_set(err, ERR_OUTPUT, "no temporary file here");
}

static inline struct spool *support_spool(void)
{
    return spool_new(support_open);
}

/* Nothing may be left in the file, and the whole budget must be there. */
static inline void support_spool_free(struct spool *s)
{
    assert_int_equal(spool_live(s), 0);
    assert_true(spool_budget_take(s, SPOOL_BUDGET));
    spool_free(s);
}

/* The bytes that a reader of a capture sees. */
static inline void support_read(const struct capture *c, struct buffer *out)
{
    struct capture_cursor cursor = {0};
    struct slice slice;
    struct error err;
    char *scratch = xmalloc(SPOOL_PIECE);
    int got;
    while ((got = capture_next(c, &cursor, scratch, &slice, &err)) > 0) {
        assert_true(slice.len > 0);
        buffer_append(out, slice.data, slice.len);
    }
    assert_int_equal(got, 0);
    free(scratch);
}

static inline void support_fill(struct capture *c, struct spool *spool, int64_t limit, const void *data, size_t len)
{
    capture_init(c, spool, limit);
    assert_int_equal(capture_append(c, data, len, NULL), 0);
    assert_int_equal(capture_seal(c, NULL), 0);
}

/* A task of `words` (a NULL-terminated list), executed as an argv; of one word and `script`, as a script. */
static inline struct task *support_task(uint64_t seq, bool script, const char *const *words)
{
    struct words command = {0};
    struct error err;
    struct template_options options = {.form = script ? TEMPLATE_SCRIPT : TEMPLATE_ARGV, .literal = true};
    for (; *words; words++)
        words_add(&command, *words, strlen(*words));
    struct spec *spec = spec_new();
    spec->template = template_new(&command, &options, &err);
    assert_non_null(spec->template);
    struct task *t = task_new(spec, NULL);
    t->seq = t->place = seq;
    spec_unref(spec);
    words_fini(&command);
    return t;
}

static inline void support_add_args(struct task *t, const char *const *args)
{
    for (; *args; args++)
        words_add(&t->args, *args, strlen(*args));
}

#endif
