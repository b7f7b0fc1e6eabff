/* Rows of result tables, and marks in front of lines. */
#include "task_support.h"

#include "sink/mark.h"
#include "sink/table_row.h"

static struct task *row_task(struct spool *spool, int64_t limit, const char *const *args, const char *out,
                             const char *err)
{
    static const char *const command[] = {"echo", "it's", NULL};
    struct task *t = support_task(3, false, command);
    support_add_args(t, args);
    t->attempt = 1;
    t->outcome.exit_code = 2;
    t->outcome.code = ERR_EXIT_STATUS;
    t->outcome.started_real_ns = INT64_C(1795616546998000000);
    t->outcome.started_ns = 1;
    t->outcome.finished_ns = 47000001;
    capture_init(&t->outcome.out, spool, limit);
    if (limit)
        capture_keep_all(&t->outcome.out);
    assert_int_equal(capture_append(&t->outcome.out, out, strlen(out), NULL), 0);
    assert_int_equal(capture_seal(&t->outcome.out, NULL), 0);
    support_fill(&t->outcome.err, spool, 0, err, strlen(err));
    return t;
}

static void check_row(enum table_form form, const struct table_row *row, struct spool *spool, const char *wanted)
{
    struct capture c;
    struct buffer got = {0};
    capture_init(&c, spool, 0);
    assert_int_equal(table_row_write(&c, form, row, NULL), 0);
    assert_int_equal(capture_seal(&c, NULL), 0);
    support_read(&c, &got);
    assert_string_equal(buffer_text(&got), wanted);
    buffer_fini(&got);
    capture_fini(&c);
}

static void rows(void **state)
{
    static const char *const args[] = {"a", "x y", "c,d", "\"", "t\tb", "", NULL};
    struct spool *spool = support_spool();
    struct task *t = row_task(spool, 0, args, "one\n\"two\"\n", "e");
    struct table_row row = {.task = t};
    (void)state;
    check_row(TABLE_CSV, &row, spool,
              "3,:,1795616546.998,0.047,0,10,2,0,\"echo 'it'\\''s'\",a,\"x y\",\"c,d\",\"\"\"\",\"t\tb\",,"
              "\"one\n\"\"two\"\"\n\",e\n");
    check_row(TABLE_TSV, &row, spool,
              "3\t:\t1795616546.998\t0.047\t0\t10\t2\t0\t\"echo 'it'\\''s'\"\ta\t\"x y\"\tc,d\t\"\"\"\"\t\"t\tb\"\t\t"
              "\"one\n\"\"two\"\"\n\"\te\n");
    check_row(TABLE_JSON, &row, spool,
              "{ \"Seq\": 3, \"Host\": \":\", \"Starttime\": 1795616546.998, \"JobRuntime\": 0.047, \"Send\": 0, "
              "\"Receive\": 10, \"Exitval\": 2, \"Signal\": 0, \"Command\": \"echo 'it'\\\\''s'\", "
              "\"V\": [ \"a\",\"x y\",\"c,d\",\"\\\"\",\"t\\u0009b\",\"\" ], "
              "\"Stdout\": \"one\\u000a\\\"two\\\"\\u000a\", \"Stderr\": \"e\" }\n");
    row.no_stdout = true;
    row.file = "T/a b";
    check_row(TABLE_CSV, &row, spool,
              "3,:,1795616546.998,0.047,0,10,2,0,\"echo 'it'\\''s'\",a,\"x y\",\"c,d\",\"\"\"\",\"t\tb\",,\"T/a b\",e\n");
    task_unref(t);
    support_spool_free(spool);
}

static void bytes_that_are_no_text(void **state)
{
    static const char *const args[] = {"\xff", "a", NULL};
    struct spool *spool = support_spool();
    struct task *t = row_task(spool, 0, args, "a\n\xff", "");
    struct table_row row = {.task = t};
    (void)state;
    check_row(TABLE_JSON, &row, spool,
              "{ \"Seq\": 3, \"Host\": \":\", \"Starttime\": 1795616546.998, \"JobRuntime\": 0.047, \"Send\": 0, "
              "\"Receive\": 3, \"Exitval\": 2, \"Signal\": 0, \"Command\": \"echo 'it'\\\\''s'\", "
              "\"V\": null, \"V_base64\": [ \"/w==\",\"YQ==\" ], "
              "\"Stdout\": null, \"Stdout_base64\": \"YQr/\", \"Stderr\": \"\" }\n");
    task_unref(t);
    support_spool_free(spool);
}

static void the_limit_of_objects_is_not_that_of_rows(void **state)
{
    static const char *const args[] = {"a", NULL};
    struct spool *spool = support_spool();
    struct task *t = row_task(spool, 4, args, "0123456789", "");
    struct table_row row = {.task = t};
    (void)state;
    assert_true(capture_truncated(&t->outcome.out));
    check_row(TABLE_CSV, &row, spool,
              "3,:,1795616546.998,0.047,0,10,2,0,\"echo 'it'\\''s'\",a,0123456789,\n");
    assert_true(capture_truncated(&t->outcome.out));
    task_unref(t);
    support_spool_free(spool);
}

static void headers(void **state)
{
    struct buffer got = {0};
    struct words names = {0};
    (void)state;
    words_add(&names, "x y", 3);
    table_header_write(&got, TABLE_CSV, 2, NULL);
    table_header_write(&got, TABLE_CSV, 0, NULL);
    table_header_write(&got, TABLE_JSON, 2, NULL);
    table_header_write(&got, TABLE_CSV, 2, &names);
    assert_string_equal(buffer_text(&got),
                        "Seq,Host,Starttime,JobRuntime,Send,Receive,Exitval,Signal,Command,V1,V2,Stdout,Stderr\n"
                        "Seq,Host,Starttime,JobRuntime,Send,Receive,Exitval,Signal,Command,Stdout,Stderr\n"
                        "Seq,Host,Starttime,JobRuntime,Send,Receive,Exitval,Signal,Command,\"x y\",V2,Stdout,Stderr\n");
    buffer_fini(&got);
    words_fini(&names);
}

/* ---- marks ---- */

static void check_mark(const struct mark_options *options, uint64_t seq, const char *text, bool at_start,
                       const char *wanted)
{
    static const char *const command[] = {"true", NULL}, *const args[] = {"a", "b", NULL};
    struct spool *spool = support_spool();
    struct task *t = support_task(seq, false, command);
    struct capture from, to;
    struct buffer got = {0};
    struct mark mark;
    support_add_args(t, args);
    t->state = TASK_FAILED;
    support_fill(&from, spool, 0, text, strlen(text));
    mark_init(&mark, options, t);
    assert_int_equal(mark_move(&to, &from, &mark, NULL, at_start, NULL), 0);
    mark_fini(&mark);
    support_read(&to, &got);
    assert_string_equal(buffer_text(&got), wanted);
    buffer_fini(&got);
    capture_fini(&to);
    task_unref(t);
    support_spool_free(spool);
}

static void tags_and_colours(void **state)
{
    (void)state;
    struct mark_options tag = {.tag = true}, color = {.color = true}, both = {.tag = true, .color = true},
                        failed = {.color = true, .color_failed = true};
    check_mark(&tag, 1, "x\n\ny", true, "a b\tx\na b\t\na b\ty");
    check_mark(&tag, 1, "x\ny", false, "x\na b\ty");
    check_mark(&color, 1, "x\n\ny", true,
               "\033[48;5;63;38;5;231m\033[Kx\033[m\n\033[48;5;63;38;5;231m\033[K\033[m\n\033[48;5;63;38;5;231m\033[Ky\033[m");
    check_mark(&both, 2, "x", true, "\033[48;5;110;38;5;16m\033[Ka b\tx\033[m");
    check_mark(&failed, 2, "x\n", true, "\033[48;5;196;38;5;231m\033[Kx\033[m\n");
    check_mark(&color, 2, "", true, "");
}

static void neighbours_have_other_colours(void **state)
{
    struct mark_options color = {.color = true};
    static const char *const command[] = {"true", NULL};
    struct task *t = support_task(1, false, command);
    bool seen[256] = {false};
    (void)state;
    for (int i = 0; i < 216; i++, t->seq++) {
        struct mark mark;
        mark_init(&mark, &color, t);
        int ground = atoi(buffer_text(&mark.color) + strlen("\033[48;5;"));
        assert_false(seen[ground]);
        seen[ground] = true;
        mark_fini(&mark);
    }
    task_unref(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows),
        cmocka_unit_test(bytes_that_are_no_text),
        cmocka_unit_test(the_limit_of_objects_is_not_that_of_rows),
        cmocka_unit_test(headers),
        cmocka_unit_test(tags_and_colours),
        cmocka_unit_test(neighbours_have_other_colours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
