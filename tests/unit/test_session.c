/* The session: lines, submissions, and what waits for room. */
#include "session_support.h"

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
    expect_refusal(f, "reply", "BadSpec", "op", "cancel");
    say(f, "{'op':'close','req':[1]}");
    expect(f, "{'type':'reply','op':'close','req':null,'ok':false,'key':'req','error':{'type':'BadSpec',"
              "'message':'\\'req\\' must be a string, a number, true or false'}}");
    say(f, "{'op':'submit','command':['x'],'req':{}}");
    expect_refusal(f, "error", NULL, "req", "req");
    say(f, "{'op':'trminate','req':1}");
    expect_refusal(f, "reply", "BadSpec", "op", "terminate");
    say(f, "{'op':'cancel','id':'a','runing':true}");
    expect_refusal(f, "reply", "BadSpec", "runing", "id ids running");
    say(f, "{'op':'close','id':'a'}");
    expect_refusal(f, "reply", "BadSpec", "id", "none");
    say(f, "{'op':'close\\u0000x','req':1}");
    expect(f, "{'type':'reply','op':'close\\u0000x','req':1,'ok':false,'key':'op',"
              "'error':{'type':'BadSpec','message':'\\'op\\': must not hold a NUL byte'}}");
    assert_int_equal(session_bad_lines(f->s), 18);
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

/* Where results are no lines of JSON, no replies stand among them: what was refused is told as text. */
static void test_answers_as_text(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){.text = true});
    say(f, "nonsense\n{'command':['x'],'timeot':1}\n{'id':'a','command':['x']}\n{'id':'a','command':['x']}");
    say(f, "{'id':'a','command':['x'],'req':1}\n{'id':'b','command':['x'],'req':2}\n{'op':'nosuch'}\n{'op':'status'}");
    say(f, "{'op':'wait','id':'a'}\n{'op':'cancel','id':'z'}\n{'op':'close','req':3}");
    run(f, "a", 0);
    run(f, "b", 0);
    output_commit(f->err);
    static const char *const expected[] = {
        "jobpool: line 1: no JSON",      "jobpool: line 2: key \"timeot\"",    "jobpool: line 4: DuplicateId: ",
        "jobpool: line 5: DuplicateId:", "jobpool: line 7: unknown op \"nosuch", "jobpool: line 10: UnknownId: "};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        char *line = next_line(f->err_fd, &f->err_read);
        assert_non_null(line);
        assert_memory_equal(line, expected[i], strlen(expected[i]));
        free(line);
    }
    assert_null(next_line(f->err_fd, &f->err_read));
    assert_int_equal(session_bad_lines(f->s), 5);
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

/* The ids of a repeated task's runs are its own, whoever comes first. */
static void test_ids_of_firings(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){.slots = 8});
    say(f, "{'id':'t@2','command':['x']}\n{'id':'m.1@7','command':['x']}");
    struct task *known = take(f, "t@2");
    say(f, "{'id':'t','command':['x'],'every':'1s','req':1}");
    expect_refusal(f, "reply", "DuplicateId", "id", "\"t@1\"");
    say(f, "{'op':'map','id':'m','command':['x'],'over':['1'],'every':'1s','req':2}");
    expect_refusal(f, "reply", "DuplicateId", "id", "\"m.1@1\"");
    say(f, "{'op':'map','id':'t','command':['x'],'over':[],'req':3}");
    expect(f, "{'type':'reply','op':'map','req':3,'ok':true,'id':'t','count':0}");

    say(f, "{'id':'u','command':['x'],'every':'10s','times':1}");
    say(f, "{'id':'u@2','command':['x'],'req':4}");
    expect_refusal(f, "reply", "DuplicateId", "id", "\"u\"");
    say(f, "{'op':'map','id':'u@9','command':['x'],'over':['1'],'req':5}");
    expect_refusal(f, "reply", "DuplicateId", "id", "\"u\"");
    say(f, "{'id':'u@02','command':['x']}\n{'id':'u@x','command':['x']}\n{'id':'@1','command':['x']}");
    say(f, "{'id':'1@1','command':['x'],'req':6}");
    expect_refusal(f, "reply", "BadSpec", "id", "'1@1'");
    run(f, "m.1@7", 0);
    run(f, "u@02", 0);
    run(f, "u@x", 0);
    run(f, "@1", 0);
    finish(f, known, 0);
    now_ns += 10 * SECOND;
    pool_tick(f->pool, now_ns, real_now());
    drain(f);
    run(f, "u@1", 0);
    /* The timer is gone: what it did not use is free. */
    say(f, "{'id':'u@1','command':['x'],'req':7}");
    expect_refusal(f, "reply", "DuplicateId", "id", "\"u@1\"");
    say(f, "{'id':'u@2','command':['x'],'req':8}");
    expect(f, "{'type':'reply','op':'submit','req':8,'ok':true,'id':'u@2'}");
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
    assert_int_equal(session_bad_lines(f->s), 2);
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

/* A map that does not wait needs room for all of its items. */
static void test_full_queue_for_a_map(void **state)
{
    (void)state;
    struct fixture *f = start((struct options){.max_queue = 3});
    assert_int_equal(say(f, "{'op':'map','id':'m','command':['x'],'over':[1,2,3,4],'block':false,'req':1}"),
                     SESSION_WAIT_INPUT);
    expect_refusal(f, "reply", "Full", NULL, "all 4");
    say(f, "{'op':'map','id':'m','command':['x'],'over':[1,2],'block':false,'req':2}");
    expect(f, "{'type':'reply','op':'map','req':2,'ok':true,'id':'m','count':2}");
    say(f, "{'op':'map','command':['x'],'over':[1,2],'block':false,'req':3}");
    expect_refusal(f, "reply", "Full", NULL, "all 2");
    say(f, "{'op':'map','command':['x'],'over':[3],'block':false,'req':4}");
    expect(f, "{'type':'reply','op':'map','req':4,'ok':true,'count':1}");
    say(f, "{'op':'map','command':['x'],'over':[3],'block':false,'req':5}");
    expect_refusal(f, "reply", "Full", NULL, "is full");
    say(f, "{'op':'map','command':['x'],'over':[],'block':false,'req':6}");
    expect(f, "{'type':'reply','op':'map','req':6,'ok':true,'count':0}");
    run(f, "m.1", 0);
    run(f, "m.2", 0);
    run(f, "3", 0);
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

/* The run is cut short: what was read is answered although nothing makes room any more. */
static void test_cut_while_it_waits(void **state)
{
    (void)state;
    static const char *const lines[] = {"{'op':'apply','command':['x'],'req':1}",
                                        "{'command':['x'],'req':1}",
                                        "{'op':'map','id':'m','command':['x'],'over':[1,2],'req':1}"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct fixture *f = start((struct options){.max_queue = i == 2 ? 2 : 1});
        say(f, "{'id':'a','command':['x']}");
        assert_int_equal(say(f, lines[i]), SESSION_WAIT_POOL);
        pool_close(f->pool);
        session_cut(f->s);
        expect_refusal(f, "reply", "Closed", NULL, "closed");
        session_cut(f->s);
        run(f, "a", 0);
        if (i == 2) { /* one item had room: the map ends with it */
            say(f, "{'op':'wait','id':'m','req':2}");
            run(f, "m.1", 0);
            expect(f, "{'type':'reply','op':'wait','req':2,'ok':true,'done':['m'],'pending':[]}");
        }
        stop(f);
    }
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_submit),
        cmocka_unit_test(test_bad_lines),
        cmocka_unit_test(test_text_of_bad_lines),
        cmocka_unit_test(test_answers_as_text),
        cmocka_unit_test(test_duplicate_ids),
        cmocka_unit_test(test_ids_of_firings),
        cmocka_unit_test(test_full_queue),
        cmocka_unit_test(test_full_queue_for_a_map),
        cmocka_unit_test(test_closed_while_it_waits),
        cmocka_unit_test(test_cut_while_it_waits),
        cmocka_unit_test(test_apply),
        cmocka_unit_test(test_map),
        cmocka_unit_test(test_map_is_checked_whole),
        cmocka_unit_test(test_chunks),
        cmocka_unit_test(test_map_waits_for_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
