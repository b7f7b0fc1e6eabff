/* The session against a real pool and an executor that runs nothing: the test takes the tasks and says how they ended.
 * Times are virtual. Lines are written here with single quotes in place of double ones.
 */
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

static int64_t mono_now(void)
{
    return now_ns;
}

static int64_t real_now(void)
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

static void ignore_wake(struct executor *e, unsigned worker)
{
    (void)e;
    (void)worker;
}

static void count_ended(void *context)
{
    ((struct fixture *)context)->ended++;
}

static void end_everything(void *context)
{
    struct fixture *f = context;
    f->terminated++;
    pool_end_all(f->pool, ERR_SHUTDOWN, ERR_SHUTDOWN, false, real_now());
}

static struct fixture *start(struct options options)
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
static void drain(struct fixture *f)
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

static enum session_status say(struct fixture *f, const char *line)
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

static enum session_status end_input(struct fixture *f)
{
    close(f->input);
    f->input = -1;
    return session_pump(f->s);
}

/* The next line that was written, without its end, or NULL. To be freed. */
static char *next_line(int fd, off_t *from)
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

static void expect_nothing(struct fixture *f)
{
    output_commit(f->out);
    char *line = next_line(f->out_fd, &f->out_read);
    if (line)
        fail_msg("unexpected: %s", line);
}

/* The next line of output as JSON. */
static json_t *answer(struct fixture *f)
{
    output_commit(f->out);
    char *line = next_line(f->out_fd, &f->out_read);
    if (!line)
        fail_msg("no answer came");
    json_error_t err;
    json_t *got = json_loads(line, JSON_REJECT_DUPLICATES, &err);
    if (!got)
        fail_msg("%s: %s", line, err.text);
    free(line);
    return got;
}

/* The next line is this object. */
static void expect(struct fixture *f, const char *expected)
{
    json_error_t err;
    char *text = strdup(expected);
    assert_non_null(text);
    for (char *c = text; *c; c++)
        if (*c == '\'')
            *c = '"';
    json_t *got = answer(f), *wanted = json_loads(text, 0, &err);
    if (!wanted)
        fail_msg("%s: %s", text, err.text);
    if (!json_equal(got, wanted))
        fail_msg("expected %s\nbut got  %s", text, json_dumps(got, JSON_COMPACT));
    json_decref(got);
    json_decref(wanted);
    free(text);
}

/* The next line is an error line or a refusing reply with this in its message. */
static void expect_refusal(struct fixture *f, const char *type, const char *error_type, const char *key,
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

static struct task *take(struct fixture *f, const char *id)
{
    char text[TASK_ID_SIZE];
    struct task *t = f->d.take(f->pool, 0, now_ns);
    if (!t)
        fail_msg("%s does not start", id);
    assert_string_equal(task_id(t, text), id);
    f->d.started(f->pool, t, 4000 + (pid_t)t->seq, real_now());
    return t;
}

static void finish(struct fixture *f, struct task *t, int exit_code)
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
static void run(struct fixture *f, const char *id, int exit_code)
{
    finish(f, take(f, id), exit_code);
    drain(f);
}

static void expect_no_task(struct fixture *f)
{
    assert_null(f->d.take(f->pool, 0, now_ns));
}

/* No further answer may be there. */
static void stop(struct fixture *f)
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

/* ---- submissions ---- */

static void test_submit(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){0});
    assert_int_equal(session_pump(f->s), SESSION_WAIT_INPUT);
    assert_true(session_fd(f->s) >= 0);
    assert_int_equal(say(f, "{'id':'a','command':['x']}"), SESSION_WAIT_INPUT);
    expect_nothing(f);
    say(f, "{'id':'b','command':['x'],'req':5}");
    expect(f, "{'type':'reply','op':'submit','req':5,'ok':true,'id':'b'}");
    say(f, "{'op':'submit','shell':'true','req':'r'}");
    expect(f, "{'type':'reply','op':'submit','req':'r','ok':true,'id':'3'}");
    say(f, "{'op':'submit','shell':'true','req':null}");
    expect_nothing(f);
    run(f, "a", 0);
    run(f, "b", 1);
    run(f, "3", 0);
    run(f, "4", 0);
    assert_int_equal(session_bad_lines(f->s), 0);
    assert_false(session_input_complete(f->s));
    assert_int_equal(end_input(f), SESSION_ENDED);
    assert_true(session_input_complete(f->s));
    assert_int_equal(f->ended, 1);
    assert_int_equal(session_fd(f->s), -1);
    stop(f);
}

static void test_bad_lines(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){0});
    say(f, "nonsense");
    expect(f, "{'type':'error','line':1,'key':null,'message':'no JSON','text':'nonsense'}");
    say(f, "42");
    expect_refusal(f, "error", NULL, NULL, "not a number");
    say(f, "{'a':}");
    expect_refusal(f, "error", NULL, NULL, "no valid JSON");
    say(f, "{'command':['x'],'command':['y']}");
    expect_refusal(f, "error", NULL, NULL, "duplicate");
    say(f, "{'command':['x'],'timeot':3}");
    expect_refusal(f, "error", NULL, "timeot", "timeot");
    say(f, "{'command':['x'],'timeot':3,'req':1}");
    expect_refusal(f, "reply", "BadSpec", "timeot", "timeot");
    say(f, "{'command':['x'],'timeout':'never'}");
    expect_refusal(f, "error", NULL, "timeout", "never");
    say(f, "{'command':['x'],'req':[1]}");
    expect_refusal(f, "error", NULL, "req", "req");
    say(f, "{'command':['x'],'over':['1']}");
    expect_refusal(f, "error", NULL, "over", "map");
    say(f, "{'op':'apply','command':['x'],'chunksize':2}");
    expect_refusal(f, "reply", "BadSpec", "chunksize", "map");
    say(f, "{'op':5}");
    expect_refusal(f, "error", NULL, "op", "string");
    say(f, "{'op':'cancle','id':'a'}");
    expect_refusal(f, "error", NULL, "op", "cancel");
    say(f, "{'op':'trminate','req':1}");
    expect_refusal(f, "reply", "BadSpec", "op", "terminate");
    say(f, "{'op':'cancel','id':'a','runing':true}");
    expect_refusal(f, "reply", "BadSpec", "runing", "id ids running");
    say(f, "{'op':'close','id':'a'}");
    expect_refusal(f, "reply", "BadSpec", "id", "none");
    assert_int_equal(session_bad_lines(f->s), 15);
    assert_int_equal(say(f, "{'id':'good','command':['x']}"), SESSION_WAIT_INPUT);
    run(f, "good", 0);
    stop(f);
}

static void test_text_of_bad_lines(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){0});
    char line[260];
    /* 199 bytes, then a character of three bytes: it is left out whole. */
    memset(line, 'x', 199);
    memcpy(line + 199, "\xe2\x82\xac and more", 13);
    say(f, line);
    json_t *got = answer(f);
    assert_int_equal(json_string_length(json_object_get(got, "text")), 199);
    json_decref(got);
    memset(line, 'x', 250);
    line[250] = '\0';
    say(f, line);
    got = answer(f);
    assert_int_equal(json_string_length(json_object_get(got, "text")), 200);
    json_decref(got);
    say(f, "\xff\xfe");
    expect(f, "{'type':'error','line':3,'key':null,'message':'no JSON','text':null,'text_base64':'//4='}");
    stop(f);
}

static void test_error_lines_as_text(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){.text = true});
    say(f, "nonsense\n{'command':['x'],'timeot':1}\n{'id':'a','command':['x']}\n{'id':'a','command':['x']}");
    output_commit(f->err);
    static const char *const expected[] = {"jobpool: line 1: no JSON", "jobpool: line 2: \"timeot\"",
                                           "jobpool: line 4: DuplicateId: "};
    for (size_t i = 0; i < 3; i++) {
        char *line = next_line(f->err_fd, &f->err_read);
        assert_non_null(line);
        assert_memory_equal(line, expected[i], strlen(expected[i]));
        free(line);
    }
    stop(f);
}

static void test_duplicate_ids(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){0});
    say(f, "{'id':'a','command':['x']}");
    say(f, "{'id':'a','command':['x']}");
    expect_refusal(f, "error", NULL, "id", "DuplicateId");
    say(f, "{'id':'a','command':['x'],'req':1}");
    expect_refusal(f, "reply", "DuplicateId", "id", "\"a\"");
    run(f, "a", 0);
    say(f, "{'id':'a','command':['x'],'req':1}");
    expect_refusal(f, "reply", "DuplicateId", "id", "\"a\"");
    say(f, "{'id':'m.2','command':['x']}");
    say(f, "{'op':'map','id':'m','command':['x','{}'],'over':['1','2']}");
    expect_refusal(f, "reply", "DuplicateId", "id", "m.2");
    say(f, "{'op':'map','id':'a','command':['x','{}'],'over':['1']}");
    expect_refusal(f, "reply", "DuplicateId", "id", "\"a\"");
    assert_int_equal(session_bad_lines(f->s), 5);
    stop(f);
}

/* ---- room ---- */

static void test_full_queue(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){.max_queue = 2});
    say(f, "{'id':'a','command':['x']}");
    assert_int_equal(say(f, "{'id':'b','command':['x']}"), SESSION_WAIT_INPUT);
    say(f, "{'id':'c','command':['x'],'block':false,'req':1}");
    expect_refusal(f, "reply", "Full", NULL, "full");
    say(f, "{'id':'c','command':['x'],'block':false}");
    expect_refusal(f, "error", NULL, NULL, "Full");
    assert_int_equal(session_bad_lines(f->s), 1);
    /* One that may wait holds up what is behind it. */
    assert_int_equal(say(f, "{'id':'d','command':['x'],'req':2}\n{'op':'status'}"), SESSION_WAIT_POOL);
    expect_nothing(f);
    assert_int_equal(session_pump(f->s), SESSION_WAIT_POOL);
    run(f, "a", 0);
    assert_int_equal(session_pump(f->s), SESSION_WAIT_INPUT);
    expect(f, "{'type':'reply','op':'submit','req':2,'ok':true,'id':'d'}");
    json_decref(answer(f));
    run(f, "b", 0);
    run(f, "d", 0);
    stop(f);
}

/* What waits for room when the pool is closed from elsewhere is refused, not lost. */
static void test_closed_while_it_waits(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){.max_queue = 1});
    say(f, "{'id':'a','command':['x']}");
    say(f, "{'id':'b','command':['x']}");
    pool_close(f->pool);
    run(f, "a", 0);
    assert_int_equal(session_pump(f->s), SESSION_WAIT_INPUT);
    expect_refusal(f, "error", NULL, NULL, "Closed");
    stop(f);
}

/* ---- apply ---- */

static void test_apply(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){0});
    assert_int_equal(say(f, "{'op':'apply','id':'a','command':['x'],'req':1}\n{'id':'b','command':['x'],'req':2}"),
                     SESSION_WAIT_POOL);
    expect_nothing(f);
    struct task *t = take(f, "a");
    assert_int_equal(session_pump(f->s), SESSION_WAIT_POOL);
    expect_no_task(f);
    finish(f, t, 3);
    drain(f);
    expect(f, "{'type':'reply','op':'apply','req':1,'ok':true,'id':'a','state':'failed','exit_code':3}");
    assert_int_equal(session_pump(f->s), SESSION_WAIT_INPUT);
    expect(f, "{'type':'reply','op':'submit','req':2,'ok':true,'id':'b'}");
    say(f, "{'op':'apply','command':['x']}");
    run(f, "b", 0);
    expect_nothing(f);
    run(f, "3", 0);
    expect(f, "{'type':'reply','op':'apply','req':null,'ok':true,'id':'3','state':'succeeded','exit_code':0}");
    assert_int_equal(session_pump(f->s), SESSION_WAIT_INPUT);
    say(f, "{'op':'apply','command':['x'],'daemon':true}");
    expect_refusal(f, "reply", "BadSpec", "daemon", "daemon");
    stop(f);
}

/* ---- map ---- */

static void test_map(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){0});
    say(f, "{'op':'map','id':'m','command':['x','{}'],'over':['p',['q','r'],7],'req':1}");
    expect(f, "{'type':'reply','op':'map','req':1,'ok':true,'id':'m','count':3}");
    struct task *t = take(f, "m.1");
    assert_string_equal(words_get(&t->args, 0), "p");
    assert_int_equal(t->chunk, 0);
    finish(f, t, 0);
    t = take(f, "m.2");
    assert_int_equal(t->args.count, 2);
    assert_string_equal(words_get(&t->args, 1), "r");
    finish(f, t, 0);
    t = take(f, "m.3");
    assert_string_equal(words_get(&t->args, 0), "7");
    say(f, "{'op':'status','id':'m','req':1}");
    json_t *got = answer(f);
    assert_string_equal(json_string_value(json_object_get(got, "state")), "running");
    json_decref(got);
    say(f, "{'op':'wait','id':'m','req':2}");
    drain(f);
    expect_nothing(f);
    finish(f, t, 1);
    drain(f);
    expect(f, "{'type':'reply','op':'wait','req':2,'ok':true,'done':['m'],'pending':[]}");
    say(f, "{'op':'cancel','id':'m','req':3}");
    expect(f, "{'type':'reply','op':'cancel','req':3,'ok':true,'cancelled':false,'state':'failed'}");
    say(f, "{'op':'map','id':'n','command':['x'],'over':[],'req':4}\n{'op':'wait','id':'n'}");
    expect(f, "{'type':'reply','op':'map','req':4,'ok':true,'id':'n','count':0}");
    expect(f, "{'type':'reply','op':'wait','req':null,'ok':true,'done':['n'],'pending':[]}");
    say(f, "{'op':'map','command':['x','{}'],'over':['1']}");
    expect(f, "{'type':'reply','op':'map','req':null,'ok':true,'count':1}");
    run(f, "4", 0);
    stop(f);
}

static void test_map_is_checked_whole(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){0});
    say(f, "{'op':'map','id':'m','command':['x','{}'],'over':['p',{}]}");
    expect_refusal(f, "reply", "BadSpec", "over", "");
    say(f, "{'op':'map','id':'m','command':['x','{}']}");
    expect_refusal(f, "reply", "BadSpec", "over", "array");
    say(f, "{'op':'map','id':'m','command':['x','{}'],'over':['1'],'chunksize':0}");
    expect_refusal(f, "reply", "BadSpec", "chunksize", "at least 1");
    expect_no_task(f);
    say(f, "{'op':'map','id':'m','command':['x','{}'],'over':['1']}");
    json_decref(answer(f));
    run(f, "m.1", 0);
    stop(f);
}

static void test_chunks(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){.slots = 8});
    say(f, "{'op':'map','id':'m','command':['x','{}'],'over':['1','2','3'],'chunksize':2}");
    say(f, "{'op':'map','id':'n','command':['x','{}'],'over':['1'],'chunksize':2}");
    json_decref(answer(f));
    json_decref(answer(f));
    /* The second of a chunk waits in the slot of the first. */
    struct task *first = take(f, "m.1"), *third = take(f, "m.3"), *other = take(f, "n.1");
    expect_no_task(f);
    assert_true(first->chunk != third->chunk && third->chunk != other->chunk && first->chunk != other->chunk);
    finish(f, first, 0);
    struct task *second = take(f, "m.2");
    assert_int_equal(second->chunk, other->chunk - 2);
    finish(f, second, 0);
    finish(f, third, 0);
    finish(f, other, 0);
    drain(f);
    stop(f);
}

/* A map is submitted as the queue has room; its answer comes when all of it is there. */
static void test_map_waits_for_room(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){.max_queue = 2});
    assert_int_equal(say(f, "{'op':'map','id':'m','command':['x','{}'],'over':['1','2','3','4']}"), SESSION_WAIT_POOL);
    run(f, "m.1", 0);
    assert_int_equal(session_pump(f->s), SESSION_WAIT_POOL);
    run(f, "m.2", 0);
    expect_nothing(f);
    assert_int_equal(session_pump(f->s), SESSION_WAIT_INPUT);
    expect(f, "{'type':'reply','op':'map','req':null,'ok':true,'id':'m','count':4}");
    run(f, "m.3", 0);
    run(f, "m.4", 0);
    stop(f);
}

/* ---- cancel ---- */

static void test_cancel(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){0});
    say(f, "{'id':'r','command':['x']}\n{'id':'a','command':['x']}\n{'id':'b','command':['x']}");
    struct task *r = take(f, "r");
    say(f, "{'op':'cancel','id':'a'}");
    expect(f, "{'type':'reply','op':'cancel','req':null,'ok':true,'cancelled':true}");
    /* Its end was not seen yet; and then it was. */
    for (int i = 0; i < 2; i++) {
        say(f, "{'op':'cancel','id':'a'}");
        expect(f, "{'type':'reply','op':'cancel','req':null,'ok':true,'cancelled':false,'state':'cancelled'}");
        drain(f);
    }
    say(f, "{'op':'cancel','id':'r'}");
    expect(f, "{'type':'reply','op':'cancel','req':null,'ok':true,'cancelled':false,'state':'running'}");
    assert_int_equal(r->order, ORDER_NONE);
    say(f, "{'op':'cancel','ids':['r','b'],'req':'x'}");
    expect(f, "{'type':'reply','op':'cancel','req':'x','ok':true,'cancelled':false,'each':{'r':false,'b':true}}");
    say(f, "{'op':'cancel','ids':['r'],'running':true}");
    expect(f, "{'type':'reply','op':'cancel','req':null,'ok':true,'cancelled':true,'each':{'r':true}}");
    assert_int_equal(r->order, ORDER_STOP);
    assert_int_equal(r->why, ERR_CANCELLED);
    say(f, "{'op':'cancel','id':'nobody'}");
    expect_refusal(f, "reply", "UnknownId", NULL, "nobody");
    say(f, "{'op':'cancel'}");
    expect_refusal(f, "reply", "BadSpec", NULL, "id");
    say(f, "{'op':'cancel','id':7}");
    expect_refusal(f, "reply", "BadSpec", NULL, "string");
    say(f, "{'op':'cancel','id':'r','running':1}");
    expect_refusal(f, "reply", "BadSpec", NULL, "running");
    assert_int_equal(session_bad_lines(f->s), 3);
    finish(f, r, 0);
    drain(f);
    expect_no_task(f);
    stop(f);
}

/* One unknown id among several: nothing is cancelled. */
static void test_cancel_all_or_nothing(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){0});
    say(f, "{'id':'a','command':['x']}");
    say(f, "{'op':'cancel','ids':['a','zz']}");
    expect_refusal(f, "reply", "UnknownId", NULL, "zz");
    run(f, "a", 0);
    stop(f);
}

static void test_cancel_number(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){0});
    say(f, "{'command':['x']}\n{'command':['x']}");
    say(f, "{'op':'cancel','id':'2'}");
    expect(f, "{'type':'reply','op':'cancel','req':null,'ok':true,'cancelled':true}");
    run(f, "1", 0);
    say(f, "{'op':'cancel','id':'1'}");
    expect(f, "{'type':'reply','op':'cancel','req':null,'ok':true,'cancelled':false,'state':'succeeded'}");
    stop(f);
}

static void test_cancel_map(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){0});
    say(f, "{'op':'map','id':'m','command':['x','{}'],'over':['1','2','3']}");
    json_decref(answer(f));
    run(f, "m.1", 0);
    struct task *t = take(f, "m.2");
    say(f, "{'op':'cancel','id':'m'}");
    expect(f, "{'type':'reply','op':'cancel','req':null,'ok':true,'cancelled':false,'state':'running'}");
    drain(f);
    say(f, "{'op':'cancel','id':'m','running':true}");
    expect(f, "{'type':'reply','op':'cancel','req':null,'ok':true,'cancelled':true}");
    finish(f, t, 0);
    drain(f);
    expect_no_task(f);
    say(f, "{'op':'status','id':'m'}");
    json_t *got = answer(f);
    assert_string_equal(json_string_value(json_object_get(got, "state")), "failed");
    json_decref(got);
    stop(f);
}

/* ---- wait ---- */

static void test_wait(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){0});
    say(f, "{'id':'a','command':['x']}\n{'id':'b','command':['x']}");
    /* Reading goes on while it waits. */
    say(f, "{'op':'wait','ids':['a','b'],'req':1}\n{'op':'wait','id':'a','req':2}\n{'op':'wait','id':'a','req':3}");
    assert_int_equal(say(f, "{'op':'wait','ids':[],'req':4}"), SESSION_WAIT_INPUT);
    expect(f, "{'type':'reply','op':'wait','req':4,'ok':true,'done':[],'pending':[]}");
    expect_nothing(f);
    run(f, "a", 0);
    expect(f, "{'type':'reply','op':'wait','req':2,'ok':true,'done':['a'],'pending':[]}");
    expect(f, "{'type':'reply','op':'wait','req':3,'ok':true,'done':['a'],'pending':[]}");
    expect_nothing(f);
    run(f, "b", 1);
    expect(f, "{'type':'reply','op':'wait','req':1,'ok':true,'done':['a','b'],'pending':[]}");
    say(f, "{'op':'wait','ids':['a','b','a'],'req':5}");
    expect(f, "{'type':'reply','op':'wait','req':5,'ok':true,'done':['a','b','a'],'pending':[]}");
    say(f, "{'op':'wait','ids':['a','zz'],'req':6}");
    expect_refusal(f, "reply", "UnknownId", NULL, "zz");
    stop(f);
}

static void test_wait_timeout(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){0});
    say(f, "{'id':'a','command':['x']}\n{'id':'b','command':['x']}");
    assert_int_equal(session_tick(f->s, now_ns), 0);
    say(f, "{'op':'wait','ids':['a','b'],'timeout':'5s','req':1}");
    say(f, "{'op':'wait','ids':['b'],'timeout':2,'req':2}");
    say(f, "{'op':'wait','ids':['a'],'timeout':'1s','req':3}");
    assert_int_equal(session_tick(f->s, now_ns), now_ns + SECOND);
    run(f, "a", 0);
    expect(f, "{'type':'reply','op':'wait','req':3,'ok':true,'done':['a'],'pending':[]}");
    assert_int_equal(session_tick(f->s, now_ns), now_ns + 2 * SECOND);
    now_ns += 2 * SECOND - 1;
    assert_int_equal(session_tick(f->s, now_ns), now_ns + 1);
    expect_nothing(f);
    now_ns += 1;
    assert_int_equal(session_tick(f->s, now_ns), now_ns + 3 * SECOND);
    expect(f, "{'type':'reply','op':'wait','req':2,'ok':true,'done':[],'pending':['b']}");
    now_ns += 3 * SECOND;
    assert_int_equal(session_tick(f->s, now_ns), 0);
    expect(f, "{'type':'reply','op':'wait','req':1,'ok':true,'done':['a'],'pending':['b']}");
    say(f, "{'op':'wait','id':'b','timeout':-1}");
    expect_refusal(f, "reply", "BadSpec", NULL, "timeout");
    say(f, "{'op':'wait','id':'b','timeout':'soon'}");
    expect_refusal(f, "reply", "BadSpec", NULL, "soon");
    say(f, "{'op':'wait','id':'b','timeout':true}");
    expect_refusal(f, "reply", "BadSpec", NULL, "timeout");
    /* So far away that the clock cannot say it: without a limit. */
    say(f, "{'op':'wait','id':'b','timeout':9223372035,'req':4}");
    assert_int_equal(session_tick(f->s, now_ns), 0);
    run(f, "b", 0);
    expect(f, "{'type':'reply','op':'wait','req':4,'ok':true,'done':['b'],'pending':[]}");
    stop(f);
}

/* ---- status ---- */

static void test_status(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){0});
    say(f, "{'id':'a','command':['x']}\n{'id':'b','command':['x']}\n{'id':'c','command':['x'],'in':'1h'}");
    run(f, "a", 0);
    struct task *t = take(f, "b");
    say(f, "{'op':'status','req':1}");
    expect(f, "{'type':'reply','op':'status','req':1,'ok':true,"
              "'counts':{'scheduled':1,'ready':0,'running':1,'suspended':0,'succeeded':1,'failed':0,'timed_out':0,"
              "'cancelled':0,'lost':0,'skipped':0},"
              "'running':[{'id':'b','seq':2,'pid':4002,'slot':1,'started':'2027-01-15T08:16:40.000000Z',"
              "'suspended':false}]}");
    static const char *const expected[][2] = {
        {"{'op':'status','id':'a'}", "succeeded"},
        {"{'op':'status','id':'b'}", "running"},
        {"{'op':'status','id':'c'}", "scheduled"},
        {"{'id':'d','command':['x']}\n{'op':'status','id':'d'}", "ready"},
    };
    for (size_t i = 0; i < 4; i++) {
        say(f, expected[i][0]);
        json_t *got = answer(f);
        assert_string_equal(json_string_value(json_object_get(got, "state")), expected[i][1]);
        json_decref(got);
    }
    say(f, "{'op':'status','id':'zz'}");
    expect_refusal(f, "reply", "UnknownId", NULL, "zz");
    finish(f, t, 0);
    drain(f);
    stop(f);
}

/* ---- the end ---- */

static void test_close_and_join(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){0});
    say(f, "{'id':'a','command':['x']}\n{'id':'d','command':['x'],'daemon':true}");
    say(f, "{'op':'join','req':0}");
    expect_refusal(f, "reply", "UsageError", NULL, "close");
    say(f, "{'op':'close','req':1}");
    expect(f, "{'type':'reply','op':'close','req':1,'ok':true}");
    say(f, "{'id':'b','command':['x']}");
    expect_refusal(f, "error", NULL, NULL, "Closed");
    say(f, "{'id':'b','command':['x'],'req':2}");
    expect_refusal(f, "reply", "Closed", NULL, "closed");
    assert_int_equal(say(f, "{'op':'join','req':3}\n{'op':'cancel','id':'a','req':4}"), SESSION_WAIT_POOL);
    struct task *d = take(f, "d"), *a = take(f, "a");
    drain(f);
    expect_nothing(f);
    finish(f, a, 0);
    drain(f);
    /* The daemon is not waited for. */
    expect(f, "{'type':'reply','op':'join','req':3,'ok':true}");
    assert_int_equal(session_pump(f->s), SESSION_WAIT_INPUT);
    expect(f, "{'type':'reply','op':'cancel','req':4,'ok':true,'cancelled':false,'state':'succeeded'}");
    assert_int_equal(say(f, "{'op':'join','req':5}"), SESSION_WAIT_INPUT);
    expect(f, "{'type':'reply','op':'join','req':5,'ok':true}");
    assert_int_equal(session_bad_lines(f->s), 1);
    finish(f, d, 0);
    drain(f);
    stop(f);
}

static void test_terminate(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){0});
    say(f, "{'id':'a','command':['x']}\n{'id':'b','command':['x']}");
    struct task *a = take(f, "a");
    assert_int_equal(say(f, "{'op':'terminate','req':1}\n{'id':'c','command':['x'],'req':2}"), SESSION_WAIT_INPUT);
    assert_int_equal(f->terminated, 1);
    expect_refusal(f, "reply", "Closed", NULL, "closed");
    drain(f);
    expect_nothing(f);
    assert_int_equal(a->why, ERR_SHUTDOWN);
    finish(f, a, 0);
    assert_int_equal(f->ended, 0);
    drain(f);
    expect(f, "{'type':'reply','op':'terminate','req':1,'ok':true}");
    /* All is said and done: nobody waits for the end of input any more. */
    assert_int_equal(f->ended, 1);
    assert_int_equal(session_pump(f->s), SESSION_ENDED);
    assert_true(session_input_complete(f->s));
    stop(f);
}

static void test_shutdown(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){0});
    say(f, "{'id':'a','command':['x']}\n{'id':'b','command':['x']}");
    struct task *a = take(f, "a");
    say(f, "{'op':'shutdown','wait':1}");
    expect_refusal(f, "reply", "BadSpec", NULL, "wait");
    assert_int_equal(say(f, "{'op':'shutdown','req':1}"), SESSION_WAIT_INPUT);
    expect_nothing(f);
    finish(f, a, 0);
    drain(f);
    say(f, "{'op':'status','id':'b','req':2}");
    json_decref(answer(f));
    run(f, "b", 0);
    expect(f, "{'type':'reply','op':'shutdown','req':1,'ok':true}");
    assert_int_equal(f->terminated, 0);
    assert_int_equal(session_pump(f->s), SESSION_ENDED);
    stop(f);
}

static void test_shutdown_cancels_pending(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){0});
    say(f, "{'id':'a','command':['x']}\n{'id':'b','command':['x']}");
    struct task *a = take(f, "a");
    say(f, "{'op':'shutdown','wait':false,'cancel_pending':true,'req':1}");
    expect(f, "{'type':'reply','op':'shutdown','req':1,'ok':true}");
    drain(f);
    expect_no_task(f);
    say(f, "{'op':'status','id':'b','req':2}");
    json_t *got = answer(f);
    assert_string_equal(json_string_value(json_object_get(got, "state")), "cancelled");
    json_decref(got);
    assert_int_equal(a->why, ERR_NONE);
    finish(f, a, 0);
    drain(f);
    assert_int_equal(session_pump(f->s), SESSION_ENDED);
    stop(f);
}

/* End of input: what is owed is still answered, and then the owner is told. */
static void test_end_of_input(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){0});
    say(f, "{'id':'a','command':['x']}\n{'op':'wait','id':'a','req':1}");
    assert_int_equal(end_input(f), SESSION_ENDED);
    assert_true(pool_is_closed(f->pool));
    assert_int_equal(f->ended, 0);
    run(f, "a", 0);
    expect(f, "{'type':'reply','op':'wait','req':1,'ok':true,'done':['a'],'pending':[]}");
    assert_int_equal(f->ended, 1);
    stop(f);
}

/* Streams follow each other; one that cannot be read is the only one that is left out. */
static void test_streams(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){0});
    int directory = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(directory >= 0);
    session_add(f->s, specs_new(directory, true));
    int file = memfd_create("specs", MFD_CLOEXEC);
    assert_int_equal(write(file, "\n{\"id\":\"b\",\"command\":[\"x\"]}\nbad", 31), 31);
    assert_int_equal(lseek(file, 0, SEEK_SET), 0);
    session_add(f->s, specs_new(file, true));
    say(f, "{'id':'a','command':['x']}");
    assert_int_equal(end_input(f), SESSION_ENDED);
    expect(f, "{'type':'error','line':3,'key':null,'message':'no JSON','text':'bad'}");
    assert_false(session_input_complete(f->s));
    assert_non_null(session_input_error(f->s));
    assert_int_equal(session_input_error(f->s)->code, ERR_INPUT);
    run(f, "a", 0);
    run(f, "b", 0);
    stop(f);
}

/* ---- repeated tasks ---- */

static void tick(struct fixture *f, int64_t ns)
{
    now_ns += ns;
    pool_tick(f->pool, now_ns, real_now());
    drain(f);
}

static void test_repeats(void **state)
{
    (void)state;
    for (int every_event = 0; every_event < 2; every_event++) {
        struct fixture *f = start((struct options){.every_event = every_event});
        say(f, "{'id':'t','command':['x'],'every':'10s','times':2,'req':1}");
        expect(f, "{'type':'reply','op':'submit','req':1,'ok':true,'id':'t'}");
        say(f, "{'op':'wait','id':'t','req':2}\n{'op':'wait','id':'t@1','req':3}");
        tick(f, SECOND);
        run(f, "t@1", 0);
        expect(f, "{'type':'reply','op':'wait','req':3,'ok':true,'done':['t@1'],'pending':[]}");
        say(f, "{'id':'t','command':['x'],'req':4}");
        expect_refusal(f, "reply", "DuplicateId", "id", "\"t\"");
        say(f, "{'op':'status','id':'t@2','req':5}");
        json_t *got = answer(f);
        assert_string_equal(json_string_value(json_object_get(got, "state")), "scheduled");
        json_decref(got);
        tick(f, 10 * SECOND);
        run(f, "t@2", 7);
        expect(f, "{'type':'reply','op':'wait','req':2,'ok':true,'done':['t'],'pending':[]}");
        say(f, "{'op':'cancel','id':'t','req':6}");
        expect(f, "{'type':'reply','op':'cancel','req':6,'ok':true,'cancelled':false,'state':'failed'}");
        stop(f);
    }
}

static void test_cancel_repeats(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){0});
    say(f, "{'id':'t','command':['x'],'every':'10s'}\n{'command':['x'],'every':'10s'}");
    tick(f, 10 * SECOND);
    run(f, "t@1", 0);
    say(f, "{'op':'cancel','id':'t','req':1}");
    expect(f, "{'type':'reply','op':'cancel','req':1,'ok':true,'cancelled':true}");
    drain(f);
    struct task *t = take(f, "2@1");
    /* The run goes on, the timer does not. */
    say(f, "{'op':'cancel','id':'2','req':2}");
    expect(f, "{'type':'reply','op':'cancel','req':2,'ok':true,'cancelled':true}");
    finish(f, t, 0);
    drain(f);
    tick(f, 100 * SECOND);
    expect_no_task(f);
    assert_int_equal(say(f, "{'op':'close'}\n{'op':'join','req':3}"), SESSION_WAIT_INPUT);
    json_decref(answer(f));
    expect(f, "{'type':'reply','op':'join','req':3,'ok':true}");
    stop(f);
}

static void test_join_waits_for_repeats(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){0});
    say(f, "{'op':'map','id':'m','command':['x','{}'],'over':['1','2'],'every':'10s','times':2}");
    say(f, "{'op':'close'}\n{'op':'join','req':1}");
    json_decref(answer(f));
    json_decref(answer(f));
    tick(f, 10 * SECOND);
    run(f, "m.1@1", 0);
    run(f, "m.2@1", 0);
    expect_nothing(f);
    tick(f, 10 * SECOND);
    run(f, "m.1@2", 0);
    expect_nothing(f);
    run(f, "m.2@2", 0);
    expect(f, "{'type':'reply','op':'join','req':1,'ok':true}");
    session_pump(f->s);
    say(f, "{'op':'status','id':'m'}");
    json_t *got = answer(f);
    assert_string_equal(json_string_value(json_object_get(got, "state")), "succeeded");
    json_decref(got);
    stop(f);
}

/* Owed answers are dropped with the session; nothing is left behind (the sanitizer looks). */
static void test_free_while_owed(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){.max_queue = 2});
    say(f, "{'id':'a','command':['x']}\n{'op':'wait','ids':['a'],'timeout':'1h','req':'x'}");
    say(f, "{'op':'map','id':'m','command':['x','{}'],'over':['1','2','3','4'],'req':'y'}");
    stop(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_submit),
        cmocka_unit_test(test_bad_lines),
        cmocka_unit_test(test_text_of_bad_lines),
        cmocka_unit_test(test_error_lines_as_text),
        cmocka_unit_test(test_duplicate_ids),
        cmocka_unit_test(test_full_queue),
        cmocka_unit_test(test_closed_while_it_waits),
        cmocka_unit_test(test_apply),
        cmocka_unit_test(test_map),
        cmocka_unit_test(test_map_is_checked_whole),
        cmocka_unit_test(test_chunks),
        cmocka_unit_test(test_map_waits_for_room),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_cancel_all_or_nothing),
        cmocka_unit_test(test_cancel_number),
        cmocka_unit_test(test_cancel_map),
        cmocka_unit_test(test_wait),
        cmocka_unit_test(test_wait_timeout),
        cmocka_unit_test(test_status),
        cmocka_unit_test(test_close_and_join),
        cmocka_unit_test(test_terminate),
        cmocka_unit_test(test_shutdown),
        cmocka_unit_test(test_shutdown_cancels_pending),
        cmocka_unit_test(test_end_of_input),
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_repeats),
        cmocka_unit_test(test_cancel_repeats),
        cmocka_unit_test(test_join_waits_for_repeats),
        cmocka_unit_test(test_free_while_owed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
