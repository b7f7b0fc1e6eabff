/* The ops of a session: cancel, wait, status, the end, and repeated tasks. */
#include "session_support.h"

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
        expect(f, "{'type':'reply','op':'cancel','req':null,'ok':true,'cancelled':true}");
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
    expect_refusal(f, "reply", "UnknownId", "id", "nobody");
    say(f, "{'op':'cancel'}");
    expect_refusal(f, "reply", "BadSpec", NULL, "id");
    say(f, "{'op':'cancel','id':7}");
    expect_refusal(f, "reply", "BadSpec", "id", "string");
    say(f, "{'op':'cancel','id':'r','running':1}");
    expect_refusal(f, "reply", "BadSpec", "running", "running");
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
    expect_refusal(f, "reply", "UnknownId", "ids", "zz");
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
    /* m.3 has ended as cancelled, which nobody was told yet: that is not the state of the map. */
    say(f, "{'op':'cancel','id':'m.3'}");
    expect(f, "{'type':'reply','op':'cancel','req':null,'ok':true,'cancelled':true}");
    say(f, "{'op':'cancel','id':'m'}");
    expect(f, "{'type':'reply','op':'cancel','req':null,'ok':true,'cancelled':false,'state':'running'}");
    drain(f);
    /* Not all of its items are cancelled, neither before its end nor after. */
    say(f, "{'op':'cancel','id':'m','running':true}");
    expect(f, "{'type':'reply','op':'cancel','req':null,'ok':true,'cancelled':false,'state':'succeeded'}");
    finish(f, t, 0);
    drain(f);
    expect_no_task(f);
    say(f, "{'op':'status','id':'m'}");
    json_t *got = answer(f);
    assert_string_equal(json_string_value(json_object_get(got, "state")), "cancelled");
    json_decref(got);
    say(f, "{'op':'cancel','id':'m'}");
    expect(f, "{'type':'reply','op':'cancel','req':null,'ok':true,'cancelled':false,'state':'succeeded'}");
    stop(f);
}

static void test_cancel_whole_map(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){0});
    say(f, "{'op':'map','id':'m','command':['x','{}'],'over':['1','2','3']}");
    json_decref(answer(f));
    struct task *t = take(f, "m.1");
    for (int i = 0; i < 3; i++) {
        say(f, "{'op':'cancel','id':'m','running':true}");
        expect(f, "{'type':'reply','op':'cancel','req':null,'ok':true,'cancelled':true}");
        if (i == 0)
            finish(f, t, 0);
        drain(f);
    }
    say(f, "{'op':'map','id':'n','command':['x'],'over':[1]}\n{'op':'map','id':'e','command':['x'],'over':[]}");
    json_decref(answer(f));
    json_decref(answer(f));
    run(f, "n.1", 1);
    say(f, "{'op':'cancel','id':'n'}\n{'op':'cancel','id':'e'}\n{'op':'cancel','ids':['m','n']}");
    expect(f, "{'type':'reply','op':'cancel','req':null,'ok':true,'cancelled':false,'state':'failed'}");
    expect(f, "{'type':'reply','op':'cancel','req':null,'ok':true,'cancelled':false,'state':'succeeded'}");
    expect(f, "{'type':'reply','op':'cancel','req':null,'ok':true,'cancelled':false,'each':{'m':true,'n':false}}");
    stop(f);
}

/* A NUL byte ends no value. */
static void test_nul_bytes(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){0});
    say(f, "{'id':'a','command':['x']}");
    static const char *const lines[][2] = {
        {"{'op':'cancel','id':'a\\u0000zzz','running':true,'req':1}", "id"},
        {"{'op':'cancel','ids':['a\\u0000'],'req':1}", "ids"},
        {"{'op':'wait','id':'a\\u0000','req':1}", "id"},
        {"{'op':'wait','id':'a','timeout':'1s\\u0000h','req':1}", "timeout"},
        {"{'op':'status','id':'a\\u0000','req':1}", "id"},
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        say(f, lines[i][0]);
        expect_refusal(f, "reply", "BadSpec", lines[i][1], "NUL");
    }
    run(f, "a", 0);
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
    expect_refusal(f, "reply", "UnknownId", "ids", "zz");
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
    expect_refusal(f, "reply", "BadSpec", "timeout", "timeout");
    say(f, "{'op':'wait','id':'b','timeout':'soon'}");
    expect_refusal(f, "reply", "BadSpec", "timeout", "soon");
    say(f, "{'op':'wait','id':'b','timeout':true}");
    expect_refusal(f, "reply", "BadSpec", "timeout", "timeout");
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
    expect_refusal(f, "reply", "UnknownId", "id", "zz");
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
    assert_int_equal(session_bad_lines(f->s), 2); /* the refused submissions, not the early join */
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
    expect_refusal(f, "reply", "BadSpec", "wait", "wait");
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

/* Daemons are ended when nothing else is left, and waited for. */
static void test_the_end_of_daemons(void **state)
{
    (void)state;
    static const char *const ops[] = {"{'op':'shutdown','req':1}", "{'op':'terminate','req':1}"};
    for (size_t i = 0; i < 2; i++) {
        struct fixture *f = start((struct options){0});
        say(f, "{'id':'d','command':['x'],'daemon':true}\n{'id':'a','command':['x']}");
        struct task *d = take(f, "d"), *a = take(f, "a");
        say(f, ops[i]);
        drain(f);
        assert_int_equal(d->why, i == 0 ? ERR_NONE : ERR_SHUTDOWN);
        finish(f, a, 0);
        drain(f);
        assert_int_equal(d->why, ERR_SHUTDOWN);
        expect_nothing(f);
        finish(f, d, 0);
        expect_nothing(f);
        drain(f);
        json_t *got = answer(f);
        assert_int_equal(json_integer_value(json_object_get(got, "req")), 1);
        json_decref(got);
        assert_int_equal(session_pump(f->s), SESSION_ENDED);
        stop(f);
    }
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

/* Only the timer's own id stops the timer. */
static void test_cancel_a_run_of_repeats(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){0});
    say(f, "{'id':'t','command':['x'],'every':'10s','times':4}");
    tick(f, SECOND);
    struct task *t = take(f, "t@1");
    say(f, "{'op':'cancel','id':'t@1','req':1}");
    expect(f, "{'type':'reply','op':'cancel','req':1,'ok':true,'cancelled':false,'state':'running'}");
    say(f, "{'op':'cancel','id':'t@1','running':true,'req':2}");
    expect(f, "{'type':'reply','op':'cancel','req':2,'ok':true,'cancelled':true}");
    finish(f, t, 0);
    say(f, "{'op':'cancel','id':'t@1','req':3}");
    expect(f, "{'type':'reply','op':'cancel','req':3,'ok':true,'cancelled':true}");
    drain(f);
    /* The next has not started. */
    say(f, "{'op':'cancel','id':'t@2','req':4}");
    expect(f, "{'type':'reply','op':'cancel','req':4,'ok':true,'cancelled':true}");
    drain(f);
    tick(f, 10 * SECOND);
    expect_no_task(f);
    tick(f, 10 * SECOND);
    t = take(f, "t@3");
    say(f, "{'op':'wait','id':'t','req':5}\n{'op':'cancel','id':'t','req':6}");
    expect(f, "{'type':'reply','op':'cancel','req':6,'ok':true,'cancelled':true}");
    finish(f, t, 0);
    drain(f);
    expect(f, "{'type':'reply','op':'wait','req':5,'ok':true,'done':['t'],'pending':[]}");
    tick(f, 100 * SECOND);
    expect_no_task(f);
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
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_cancel_all_or_nothing),
        cmocka_unit_test(test_cancel_number),
        cmocka_unit_test(test_cancel_map),
        cmocka_unit_test(test_cancel_whole_map),
        cmocka_unit_test(test_nul_bytes),
        cmocka_unit_test(test_wait),
        cmocka_unit_test(test_wait_timeout),
        cmocka_unit_test(test_status),
        cmocka_unit_test(test_close_and_join),
        cmocka_unit_test(test_terminate),
        cmocka_unit_test(test_shutdown),
        cmocka_unit_test(test_the_end_of_daemons),
        cmocka_unit_test(test_shutdown_cancels_pending),
        cmocka_unit_test(test_end_of_input),
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_repeats),
        cmocka_unit_test(test_cancel_repeats),
        cmocka_unit_test(test_cancel_a_run_of_repeats),
        cmocka_unit_test(test_join_waits_for_repeats),
        cmocka_unit_test(test_free_while_owed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
