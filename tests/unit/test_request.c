/* session/request: what a line asks for, and what is wrong with one. Lines are written here with single quotes
 * in place of double ones. That a run and its dry run both ask here is tested in tests/cli/run.bats.
 */
#include "session/request.h"

#include "base/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct spec_context context = {.real_now_ns = INT64_C(1795168800000000000)};

static int parse(struct request *q, const char *line, struct error *err)
{
    char *text = xstrdup(line);
    for (char *c = text; *c; c++)
        if (*c == '\'')
            *c = '"';
    *err = (struct error){0};
    int status = request_parse(q, slice_of(text), &context, err);
    free(text); /* nothing of the request may point into it */
    return status;
}

static void parse_good(struct request *q, const char *line)
{
    struct error err;
    if (parse(q, line, &err) < 0)
        fail_msg("%s: %s", line, err.message);
    assert_null(q->key);
}

static void expect_key(const char *line, const char *key, const char *expected)
{
    if (key ? !expected || strcmp(key, expected) != 0 : expected != NULL)
        fail_msg("%s: the key is %s", line, key ? key : "none");
}

/* ---- what is wrong with a line ---- */

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *line, *key, *message, *name;
        bool is_submission;
    } cases[] = {
        {"", NULL, "no valid JSON", "submit", true},
        {"7", NULL, "a line must hold a JSON object, not a number", "submit", true},
        {"{'op':'close','op':'join'}", NULL, "no valid JSON: duplicate", "submit", true},
        {"{'op':5}", "op", "\"op\" must be a string", "submit", true},
        {"{'op':'cancle'}", "op", "unknown op \"cancle\"; did you mean \"cancel\"?", "cancle", false},
        {"{'op':'xyzzyx'}", "op",
         "unknown op \"xyzzyx\"; the ops are submit, apply, map, cancel, wait, status, close, join, terminate, "
         "shutdown",
         "xyzzyx", false},
        {"{'op':'xyzzyx','req':{}}", "op", "unknown op", "xyzzyx", false},
        {"{'op':'join','req':{}}", "req", "\"req\" must be a string, a number, true or false", "join", false},
        {"{'op':'join','req':[],'x':1}", "req", "\"req\" must be", "join", false},
        {"{'op':'join','id':'a'}", "id", "unknown key \"id\": join takes none", "join", false},
        {"{'op':'wait','id':'a','tmeout':1}", "tmeout", "unknown key \"tmeout\": wait takes id ids timeout",
         "wait", false},
        {"{'op':'wait','id':'a','id ids':1}", "id ids", "unknown key \"id ids\"", "wait", false},
        {"{'command':['x'],'over':[]}", "over", "\"over\" needs \"op\":\"map\"", "submit", true},
        {"{'op':'apply','command':['x'],'chunksize':1}", "chunksize", "\"chunksize\" needs \"op\":\"map\"",
         "apply", false},
        {"{'op':'submit','command':[]}", "command", "key \"command\": ", "submit", true},
        {"{'op':'apply','command':['x'],'daemon':true}", "daemon", "apply waits for the task's end", "apply",
         false},
        {"{'op':'map','command':['x']}", "over", "\"over\" must be an array of the items", "map", false},
        {"{'op':'map','command':['x'],'over':['a',{}]}", "over", "element 2 of \"over\": must be", "map", false},
        {"{'op':'map','command':['x'],'over':[],'chunksize':0}", "chunksize",
         "\"chunksize\" must be a whole number of at least 1", "map", false},
        {"{'op':'cancel'}", NULL, "either \"id\" or \"ids\" must be given", "cancel", false},
        {"{'op':'cancel','id':'a','ids':[]}", "ids", "either \"id\" or \"ids\" must be given", "cancel", false},
        {"{'op':'wait','ids':'a'}", "ids", "\"ids\" must be an array of strings", "wait", false},
        {"{'op':'wait','ids':['a',1]}", "ids", "an element of \"ids\": must be a string, not a number", "wait",
         false},
        {"{'op':'wait','id':'a','timeout':-1}", "timeout", "timeout", "wait", false},
        {"{'op':'wait','id':'a','timeout':'1x'}", "timeout", "'1x'", "wait", false},
        {"{'op':'wait','id':'a','timeout':[]}", "timeout", "\"timeout\" must be a number of seconds", "wait",
         false},
        {"{'op':'status','id':null}", "id", "\"id\": must be a string", "status", false},
        {"{'op':'cancel','id':'a','running':0}", "running", "\"running\" must be true or false", "cancel", false},
        {"{'op':'shutdown','wait':null}", "wait", "\"wait\" must be true or false", "shutdown", false},
        {"{'op':'shutdown','cancel_pending':1}", "cancel_pending", "\"cancel_pending\" must be", "shutdown",
         false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct request q;
        struct error err;
        assert_int_equal(parse(&q, cases[i].line, &err), -1);
        assert_int_equal(err.code, ERR_SPEC);
        expect_key(cases[i].line, q.key, cases[i].key);
        if (!strstr(err.message, cases[i].message))
            fail_msg("%s: %s", cases[i].line, err.message);
        assert_int_equal(q.name_len, strlen(cases[i].name));
        assert_memory_equal(q.name, cases[i].name, q.name_len);
        assert_int_equal(q.is_submission, cases[i].is_submission);
        request_fini(&q);
    }
}

/* An answer can name it, whatever else is wrong. */
static void test_req_of_a_bad_line(void **state)
{
    (void)state;
    struct request q;
    struct error err;
    static const char *const lines[] = {"{'op':'xyzzy','req':7}", "{'op':5,'req':7}", "{'command':5,'req':7}",
                                        "{'op':'join','x':1,'req':7}"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        assert_int_equal(parse(&q, lines[i], &err), -1);
        assert_int_equal(json_integer_value(q.req), 7);
        request_fini(&q);
    }
    parse_good(&q, "{'op':'join','req':null}");
    assert_null(q.req);
    request_fini(&q);
}

/* ---- values ---- */

static void test_submissions(void **state)
{
    (void)state;
    struct request q;
    static const struct {
        const char *line;
        enum request_op op;
    } cases[] = {
        {"{'command':['x']}", REQUEST_SUBMIT},
        {"{'op':'submit','command':['x']}", REQUEST_SUBMIT},
        {"{'op':'apply','command':['x']}", REQUEST_APPLY},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        parse_good(&q, cases[i].line);
        assert_int_equal(q.op, cases[i].op);
        assert_int_equal(q.is_submission, q.op == REQUEST_SUBMIT);
        assert_non_null(q.spec);
        assert_null(q.over);
        request_fini(&q);
    }
    parse_good(&q, "{'op':'map','id':'m','command':['x','{}'],'over':['a',1,['b',2]],'chunksize':2.0}");
    assert_int_equal(q.op, REQUEST_MAP);
    assert_int_equal(json_array_size(q.over), 3);
    assert_int_equal(q.chunksize, 2);
    char *id = request_item_id(&q, 2);
    assert_string_equal(id, "m.3");
    free(id);
    request_fini(&q);
}

static void test_values_of_ops(void **state)
{
    (void)state;
    struct request q;
    parse_good(&q, "{'op':'cancel','ids':['a','b'],'running':true}");
    assert_int_equal(json_array_size(q.ids), 2);
    assert_true(q.running);
    request_fini(&q);
    parse_good(&q, "{'op':'cancel','id':'a'}");
    assert_string_equal(json_string_value(json_array_get(q.ids, 0)), "a");
    assert_false(q.running);
    request_fini(&q);
    parse_good(&q, "{'op':'wait','ids':[],'timeout':'1.5s'}");
    assert_int_equal(q.timeout_ns, INT64_C(1500000000));
    request_fini(&q);
    parse_good(&q, "{'op':'status'}");
    assert_null(q.ids);
    request_fini(&q);
    parse_good(&q, "{'op':'shutdown'}");
    assert_true(q.wait);
    assert_false(q.cancel_pending);
    request_fini(&q);
    parse_good(&q, "{'op':'shutdown','wait':false,'cancel_pending':true}");
    assert_false(q.wait);
    assert_true(q.cancel_pending);
    request_fini(&q);
}

static void test_what_closes(void **state)
{
    (void)state;
    static const char *const closing[] = {"{'op':'close'}", "{'op':'terminate'}",
                                          "{'op':'shutdown','wait':false}"};
    static const char *const others[] = {"{'op':'join'}", "{'op':'status'}", "{'command':['x']}"};
    for (size_t i = 0; i < 3; i++) {
        struct request q;
        parse_good(&q, closing[i]);
        assert_true(request_closes(&q));
        request_fini(&q);
        parse_good(&q, others[i]);
        assert_false(request_closes(&q));
        request_fini(&q);
    }
}

/* ---- what is known ---- */

static void check(struct registry *known, bool closed, const char *line, enum error_code code, const char *key)
{
    struct request q;
    struct error err = {0};
    parse_good(&q, line);
    int status = request_check(&q, known, closed, &err);
    if (status != (code == ERR_NONE ? 0 : -1) || err.code != code)
        fail_msg("%s: %d %s", line, status, err.message);
    expect_key(line, q.key, key);
    request_fini(&q);
}

static void test_what_is_known(void **state)
{
    (void)state;
    struct registry known;
    registry_init(&known);
    registry_add_submitted(&known, "a", false, NULL);
    registry_add_submitted(&known, "t", true, NULL);
    registry_add_submitted(&known, "u@3", false, NULL);
    check(&known, false, "{'command':['x']}", ERR_NONE, NULL);
    check(&known, false, "{'id':'b','command':['x']}", ERR_NONE, NULL);
    check(&known, false, "{'id':'a','command':['x']}", ERR_DUPLICATE, "id");
    check(&known, false, "{'id':'t@1','command':['x']}", ERR_DUPLICATE, "id");
    check(&known, false, "{'id':'t@9','command':['x']}", ERR_DUPLICATE, "id");
    check(&known, false, "{'id':'u','command':['x'],'every':1}", ERR_DUPLICATE, "id");
    check(&known, false, "{'id':'u','command':['x']}", ERR_NONE, NULL);
    check(&known, false, "{'op':'map','id':'u','command':['x'],'over':[1],'every':1}", ERR_NONE, NULL);
    registry_end(&known, registry_add(&known, REGISTRY_TASK, "m.2", NULL), TASK_FAILED);
    check(&known, false, "{'op':'map','id':'m','command':['x'],'over':[1]}", ERR_NONE, NULL);
    check(&known, false, "{'op':'map','id':'m','command':['x'],'over':[1,2]}", ERR_DUPLICATE, "id");
    check(&known, false, "{'op':'wait','ids':['a','t','t@1','m.2']}", ERR_NONE, NULL);
    check(&known, false, "{'op':'wait','ids':['a','t@2']}", ERR_UNKNOWN, "ids");
    check(&known, false, "{'op':'cancel','id':'b'}", ERR_UNKNOWN, "id");
    check(&known, false, "{'op':'status','id':'b'}", ERR_UNKNOWN, "id");
    check(&known, false, "{'op':'join'}", ERR_USAGE, NULL);
    check(&known, true, "{'op':'join'}", ERR_NONE, NULL);
    check(&known, true, "{'id':'a','command':['x']}", ERR_CLOSED, NULL);
    check(&known, true, "{'op':'map','command':['x'],'over':[]}", ERR_CLOSED, NULL);
    check(&known, true, "{'op':'cancel','id':'a'}", ERR_NONE, NULL);
    check(&known, true, "{'op':'close'}", ERR_NONE, NULL);
    registry_fini(&known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),      cmocka_unit_test(test_req_of_a_bad_line),
        cmocka_unit_test(test_submissions),  cmocka_unit_test(test_values_of_ops),
        cmocka_unit_test(test_what_closes),  cmocka_unit_test(test_what_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
