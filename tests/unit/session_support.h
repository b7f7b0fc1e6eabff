/* A session on a real pool, with an executor that runs nothing: the test takes the tasks and says how they ended.
 * Times are virtual. Lines are written here with single quotes in place of double ones.
 */
#ifndef JOBPOOL_TESTS_SESSION_SUPPORT_H
#define JOBPOOL_TESTS_SESSION_SUPPORT_H

#include "session/session.h"

#include "base/buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SECOND INT64_C(1000000000)

static int64_t now_ns;

static inline int64_t mono_now(void)
{
    return now_ns;
}

static inline int64_t real_now(void)
{
    return 1800000000 * SECOND + now_ns;
}

struct options {
    size_t max_queue; /* 0: much */
    unsigned slots;   /* 0: 2 */
    bool every_event;
    bool text;
};

struct fixture {
    struct ev_loop *loop;
    int out_fd, err_fd;
    off_t out_read, err_read;
    struct output *out, *err;
    struct executor executor;
    struct pool *pool;
    struct dispatcher d;
    struct session *s;
    int input;        /* write lines here */
    int terminated, ended;
};

static inline void ignore_wake(struct executor *e, unsigned worker)
{
    (void)e;
    (void)worker;
}

static inline void count_ended(void *context)
{
    ((struct fixture *)context)->ended++;
}

static inline void end_everything(void *context)
{
    struct fixture *f = context;
    f->terminated++;
    pool_end_all(f->pool, ERR_SHUTDOWN, ERR_SHUTDOWN, false, real_now());
}

static inline struct fixture *start(struct options options)
{
    static const struct executor_ops executor_ops = {.wake = ignore_wake};
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    now_ns = 1000 * SECOND;
    f->loop = ev_loop_new(EVFLAG_NOENV);
    f->out_fd = memfd_create("out", MFD_CLOEXEC);
    f->err_fd = memfd_create("err", MFD_CLOEXEC);
    f->out = output_new(f->loop, f->out_fd, "stdout", &(struct output_hooks){0});
    f->err = output_new(f->loop, f->err_fd, "stderr", &(struct output_hooks){0});
    unsigned slots = options.slots ? options.slots : 2;
    struct pool_config pool_config = {
        .slots = slots,
        .workers = 1,
        .policy = queue_policy_find("fifo"),
        .max_queue = options.max_queue ? options.max_queue : 1000,
        .max_queue_bytes = 1 << 20,
        .every_event = options.every_event,
    };
    f->pool = pool_new(&pool_config);
    f->executor = (struct executor){.ops = &executor_ops, .workers = 1};
    pool_set_executor(f->pool, &f->executor);
    f->d = pool_dispatcher(f->pool);
    struct session_config config = {
        .pool = f->pool,
        .out = f->out,
        .err_text = options.text ? f->err : NULL,
        .ended = count_ended,
        .terminate = end_everything,
        .context = f,
        .mono_now = mono_now,
        .real_now = real_now,
    };
    f->s = session_new(&config);
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    f->input = fds[1];
    session_add(f->s, specs_new(fds[0], true));
    return f;
}

/* Shows the session what happened. */
static inline void drain(struct fixture *f)
{
    struct event_list events = {0};
    pool_drain(f->pool, &events, now_ns, real_now());
    for (size_t i = 0; i < events.len; i++)
        session_event(f->s, &events.items[i]);
    for (size_t i = 0; i < events.len; i++)
        if (task_state_ended(events.items[i].to))
            task_unref(events.items[i].task);
    free(events.items);
}

static inline enum session_status say(struct fixture *f, const char *line)
{
    char *text = strdup(line);
    assert_non_null(text);
    for (char *c = text; *c; c++)
        if (*c == '\'')
            *c = '"';
    size_t len = strlen(text);
    assert_int_equal(write(f->input, text, len), (ssize_t)len);
    assert_int_equal(write(f->input, "\n", 1), 1);
    free(text);
    return session_pump(f->s);
}

static inline enum session_status end_input(struct fixture *f)
{
    close(f->input);
    f->input = -1;
    return session_pump(f->s);
}

/* The next line that was written, without its end, or NULL. To be freed. */
static inline char *next_line(int fd, off_t *from)
{
    struct buffer line = {0};
    char c;
    while (pread(fd, &c, 1, *from) == 1) {
        (*from)++;
        if (c == '\n')
            return buffer_take(&line, NULL);
        buffer_putc(&line, c);
    }
    assert_int_equal(line.len, 0);
    buffer_fini(&line);
    return NULL;
}

static inline void expect_nothing(struct fixture *f)
{
    output_commit(f->out);
    char *line = next_line(f->out_fd, &f->out_read);
    if (line)
        fail_msg("unexpected: %s", line);
}

/* The next line of output as JSON. */
static inline json_t *answer(struct fixture *f)
{
    output_commit(f->out);
    char *line = next_line(f->out_fd, &f->out_read);
    if (!line)
        fail_msg("no answer came");
    json_error_t err;
    json_t *got = json_loads(line, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &err);
    if (!got)
        fail_msg("%s: %s", line, err.text);
    free(line);
    return got;
}

/* The next line is this object. */
static inline void expect(struct fixture *f, const char *expected)
{
    json_error_t err;
    char *text = strdup(expected);
    assert_non_null(text);
    for (char *c = text; *c; c++)
        if (*c == '\'')
            *c = '"';
    json_t *got = answer(f), *wanted = json_loads(text, JSON_ALLOW_NUL, &err);
    if (!wanted)
        fail_msg("%s: %s", text, err.text);
    if (!json_equal(got, wanted))
        fail_msg("expected %s\nbut got  %s", text, json_dumps(got, JSON_COMPACT));
    json_decref(got);
    json_decref(wanted);
    free(text);
}

/* The next line is an error line or a refusing reply with this in its message. */
static inline void expect_refusal(struct fixture *f, const char *type, const char *error_type, const char *key,
                           const char *part)
{
    json_t *got = answer(f);
    char *dump = json_dumps(got, JSON_COMPACT);
    json_t *error = json_object_get(got, "error");
    const char *got_type = json_string_value(json_object_get(got, "type"));
    const char *message = json_string_value(json_object_get(error ? error : got, "message"));
    const char *got_key = json_string_value(json_object_get(got, "key"));
    const char *got_error = json_string_value(json_object_get(error, "type"));
    bool as_wanted = got_type && strcmp(got_type, type) == 0 && message && strstr(message, part) &&
                     (key ? got_key && strcmp(got_key, key) == 0 : !got_key) &&
                     (error ? got_error && error_type && strcmp(got_error, error_type) == 0 : true);
    if (!as_wanted)
        fail_msg("not as wanted (%s, %s, %s, \"%s\"): %s", type, error_type ? error_type : "", key ? key : "", part,
                 dump);
    free(dump);
    json_decref(got);
}

static inline struct task *take(struct fixture *f, const char *id)
{
    char text[TASK_ID_SIZE];
    struct task *t = f->d.take(f->pool, 0, now_ns);
    if (!t)
        fail_msg("%s does not start", id);
    assert_string_equal(task_id(t, text), id);
    f->d.started(f->pool, t, 4000 + (pid_t)t->seq, real_now());
    return t;
}

static inline void finish(struct fixture *f, struct task *t, int exit_code)
{
    t->outcome.exit_code = exit_code;
    t->outcome.code = exit_code ? ERR_EXIT_STATUS : ERR_NONE;
    if (t->why != ERR_NONE) {
        t->outcome.code = t->why;
        t->outcome.exit_code = -1;
    }
    t->outcome.finished_ns = now_ns;
    t->outcome.finished_real_ns = real_now();
    f->d.done(f->pool, t, now_ns);
}

/* Starts the next task and ends it. */
static inline void run(struct fixture *f, const char *id, int exit_code)
{
    finish(f, take(f, id), exit_code);
    drain(f);
}

static inline void expect_no_task(struct fixture *f)
{
    assert_null(f->d.take(f->pool, 0, now_ns));
}

/* No further answer may be there. */
static inline void stop(struct fixture *f)
{
    expect_nothing(f);
    if (f->input >= 0)
        close(f->input);
    session_free(f->s);
    pool_end_all(f->pool, ERR_SHUTDOWN, ERR_SHUTDOWN, true, real_now());
    pool_free(f->pool);
    output_free(f->out, true, NULL);
    output_free(f->err, true, NULL);
    close(f->out_fd);
    close(f->err_fd);
    ev_loop_destroy(f->loop);
    free(f);
}

#endif
