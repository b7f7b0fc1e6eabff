/* The sinks that show results: JSON lines and documents, text, the report, plain progress lines. */
#include "task_support.h"

#include "sink/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* Two files take the place of stdout and stderr: they are never full. */
struct fixture {
    struct ev_loop *loop;
    struct spool *spool;
    struct output *out, *err;
    int out_fd, err_fd;
    struct sink *sink;
};

static void start(struct fixture *f)
{
    f->loop = ev_loop_new(EVFLAG_NOENV);
    f->spool = support_spool();
    f->out_fd = files_temporary(NULL);
    f->err_fd = files_temporary(NULL);
    f->out = output_new(f->loop, f->out_fd, "stdout", NULL);
    f->err = output_new(f->loop, f->err_fd, "stderr", NULL);
}

static void read_file(int fd, struct buffer *got)
{
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    buffer_clear(got);
    assert_int_equal(pread(fd, buffer_reserve(got, (size_t)st.st_size + 1), (size_t)st.st_size, 0), st.st_size);
    got->len = (size_t)st.st_size;
    buffer_text(got);
}

/* Finishes the sink; what it wrote is in *out and *err. Returns what finish did. */
static int end(struct fixture *f, struct buffer *out, struct buffer *err, struct error *wrong)
{
    struct summary summary = {.input_complete = true, .wall_ns = 1500000000};
    summary.counts[TASK_SUCCEEDED] = 2;
    int got = f->sink->ops->finish(f->sink, &summary, wrong);
    f->sink->ops->free(f->sink);
    assert_int_equal(output_free(f->out, false, NULL), 0);
    assert_int_equal(output_free(f->err, false, NULL), 0);
    read_file(f->out_fd, out);
    read_file(f->err_fd, err);
    close(f->out_fd);
    close(f->err_fd);
    support_spool_free(f->spool);
    ev_loop_destroy(f->loop);
    return got;
}

static void show(struct fixture *f, struct task *t, enum task_state from, enum task_state to)
{
    struct event event = {.task = t, .from = from, .to = to, .attempt = t->attempt, .slot = t->slot};
    t->state = to;
    f->sink->ops->event(f->sink, &event);
}

/* A task that ended well after it wrote `out` and `err`. */
static struct task *ended_task(struct fixture *f, uint64_t seq, const char *out, const char *err)
{
    static const char *const words[] = {"echo", NULL};
    struct task *t = support_task(seq, false, words);
    t->attempt = 1;
    t->slot = 1;
    t->outcome.pid = 5;
    t->outcome.exit_code = 0;
    t->outcome.started_ns = 1;
    support_fill(&t->outcome.out, f->spool, 0, out, strlen(out));
    support_fill(&t->outcome.err, f->spool, 0, err, strlen(err));
    return t;
}

static void run_task(struct fixture *f, uint64_t seq, const char *out, const char *err)
{
    struct task *t = ended_task(f, seq, out, err);
    show(f, t, TASK_READY, TASK_RUNNING);
    show(f, t, TASK_RUNNING, TASK_SUCCEEDED);
    task_unref(t);
}

static char *repeated(const char *text, size_t times)
{
    struct buffer b = {0};
    for (size_t i = 0; i < times; i++)
        buffer_puts(&b, text);
    return buffer_take(&b, NULL);
}

/* The lines of `out`: each must be JSON of the given type with the given seq (0: none) and stdout (NULL: any). */
struct line {
    const char *type;
    int seq;
    const char *text;
};

static void check_lines(struct buffer *out, const struct line *lines, size_t count)
{
    char *rest = out->data;
    for (size_t i = 0; i < count; i++) {
        char *newline = strchr(rest, '\n');
        assert_non_null(newline);
        *newline = '\0';
        json_t *parsed = json_loads(rest, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(parsed);
        assert_string_equal(json_string_value(json_object_get(parsed, "type")), lines[i].type);
        assert_int_equal(json_integer_value(json_object_get(parsed, "seq")), lines[i].seq);
        if (lines[i].text)
            assert_string_equal(json_string_value(json_object_get(parsed, "stdout")), lines[i].text);
        json_decref(parsed);
        rest = newline + 1;
    }
    assert_string_equal(rest, "");
}

static void start_json(struct fixture *f, struct json_sink_options options)
{
    start(f);
    options.spool = f->spool;
    f->sink = sink_json(f->out, &options);
}

static void test_json_lines(void **state)
{
    (void)state;
    struct fixture f;
    struct buffer out = {0}, err = {0};
    char *large = repeated("0123456789\n", 30000);
    start_json(&f, (struct json_sink_options){.events = true, .summary = true});
    run_task(&f, 2, "two\n", "");
    run_task(&f, 1, large, "");
    assert_int_equal(end(&f, &out, &err, NULL), 0);
    const struct line lines[] = {{"event", 2, NULL},  {"event", 2, NULL}, {"result", 2, "two\n"}, {"event", 1, NULL},
                                 {"event", 1, NULL}, {"result", 1, large}, {"summary", 0, NULL}};
    check_lines(&out, lines, 7);
    assert_int_equal(err.len, 0);
    free(large);
    buffer_fini(&out);
    buffer_fini(&err);
}

static void test_json_in_order(void **state)
{
    (void)state;
    struct fixture f;
    struct buffer out = {0}, err = {0};
    char *large = repeated("0123456789\n", 30000);
    start_json(&f, (struct json_sink_options){.keep_order = true});
    run_task(&f, 3, "three", "");
    run_task(&f, 2, large, "");
    run_task(&f, 5, "five", ""); /* the fourth never comes */
    run_task(&f, 1, "one", "");
    assert_int_equal(end(&f, &out, &err, NULL), 0);
    const struct line lines[] = {{"result", 1, "one"}, {"result", 2, large}, {"result", 3, "three"}, {"result", 5, "five"}};
    check_lines(&out, lines, 4);
    free(large);
    buffer_fini(&out);
    buffer_fini(&err);
}

static void check_document(bool keep_order, int tasks)
{
    struct fixture f;
    struct buffer out = {0}, err = {0};
    start_json(&f, (struct json_sink_options){.document = true, .keep_order = keep_order});
    for (int i = tasks; i > 0; i--)
        run_task(&f, (uint64_t)i, "x", "");
    assert_int_equal(end(&f, &out, &err, NULL), 0);
    json_t *parsed = json_loads(out.data, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(parsed);
    const json_t *results = json_object_get(parsed, "results");
    assert_int_equal(json_array_size(results), tasks);
    if (tasks > 0)
        assert_int_equal(json_integer_value(json_object_get(json_array_get(results, 0), "seq")), keep_order ? 1 : tasks);
    assert_string_equal(json_string_value(json_object_get(json_object_get(parsed, "summary"), "type")), "summary");
    json_decref(parsed);
    buffer_fini(&out);
    buffer_fini(&err);
}

static void test_json_document(void **state)
{
    (void)state;
    for (int tasks = 0; tasks < 4; tasks++) {
        check_document(false, tasks);
        check_document(true, tasks);
    }
}

/* The task's output is gone: its result says so on a whole line, and the run is told. */
static void check_lost_output(bool keep_order)
{
    struct fixture f;
    struct buffer out = {0}, err = {0};
    struct error wrong = {0};
    char *large = repeated("0123456789\n", 30000);
    start_json(&f, (struct json_sink_options){.keep_order = keep_order});
    struct task *t = ended_task(&f, 1, large, "");
    assert_int_equal(ftruncate(support_spool_fd, 0), 0);
    show(&f, t, TASK_RUNNING, TASK_SUCCEEDED);
    task_unref(t);
    run_task(&f, 2, "two", "");
    assert_int_equal(end(&f, &out, &err, &wrong), -1);
    assert_int_equal(wrong.code, ERR_IO);
    assert_non_null(strstr(out.data, "\"state\":\"failed\""));
    assert_non_null(strstr(out.data, "\"type\":\"OutputError\""));
    assert_non_null(strstr(out.data, "\"stdout_bytes\":330000"));
    const struct line lines[] = {{"result", 1, ""}, {"result", 2, "two"}};
    check_lines(&out, lines, 2);
    free(large);
    buffer_fini(&out);
    buffer_fini(&err);
}

static void test_json_with_lost_output(void **state)
{
    (void)state;
    check_lost_output(false);
    check_lost_output(true);
}

static void start_text(struct fixture *f, struct text_sink_options options)
{
    start(f);
    options.spool = f->spool;
    f->sink = sink_text(f->out, f->err, &options);
}

static void check_text(struct fixture *f, const char *expected_out, const char *expected_err)
{
    struct buffer out = {0}, err = {0};
    assert_int_equal(end(f, &out, &err, NULL), 0);
    assert_string_equal(out.data, expected_out);
    assert_string_equal(err.data, expected_err);
    buffer_fini(&out);
    buffer_fini(&err);
}

static void test_text(void **state)
{
    (void)state;
    struct fixture f;
    char *large = repeated("0123456789\n", 30000);
    start_text(&f, (struct text_sink_options){.summary = true});
    run_task(&f, 2, "two\n", "no\n");
    run_task(&f, 1, large, "");
    char *expected = xasprintf("two\n%s", large);
    check_text(&f, expected, "no\n2 succeeded in 1.5s\n");
    free(expected);
    start_text(&f, (struct text_sink_options){.keep_order = true});
    run_task(&f, 2, "two\n", "no\n");
    run_task(&f, 3, "", "3\n");
    run_task(&f, 1, large, "1\n");
    expected = xasprintf("%stwo\n", large);
    check_text(&f, expected, "1\nno\n3\n");
    free(expected);
    free(large);
}

static void test_tags(void **state)
{
    (void)state;
    static const char *const args[] = {"a", "b c", NULL};
    for (int keep_order = 0; keep_order < 2; keep_order++) {
        struct fixture f;
        char *long_line = repeated("0123456789", 20000);
        char *text = xasprintf("one\n\n%s\nlast", long_line);
        char *expected = xasprintf("a b c\tone\na b c\t\na b c\t%s\na b c\tlast", long_line);
        start_text(&f, (struct text_sink_options){.mark.tag = true, .keep_order = keep_order});
        struct task *t = ended_task(&f, 1, text, "e\n");
        support_add_args(t, args);
        show(&f, t, TASK_RUNNING, TASK_SUCCEEDED);
        task_unref(t);
        run_task(&f, 2, "", "");
        check_text(&f, expected, "a b c\te\n");
        free(expected);
        free(text);
        free(long_line);
    }
}

/* Who reads only text must learn why a task failed that could say nothing itself. */
static void test_text_names_failures(void **state)
{
    (void)state;
    for (int keep_order = 0; keep_order < 2; keep_order++) {
        struct fixture f;
        start_text(&f, (struct text_sink_options){.keep_order = keep_order});
        struct task *t = ended_task(&f, 1, "", "half a line");
        outcome_fail(&t->outcome, ERR_SIGNAL, "killed by signal 9");
        show(&f, t, TASK_RUNNING, TASK_FAILED);
        task_unref(t);
        t = ended_task(&f, 2, "", "own message\n");
        outcome_fail(&t->outcome, ERR_EXIT_STATUS, "exit status 1");
        show(&f, t, TASK_RUNNING, TASK_FAILED);
        task_unref(t);
        t = ended_task(&f, 3, "", "");
        outcome_fini(&t->outcome);
        outcome_fail(&t->outcome, ERR_SPAWN, "nosuch: No such file or directory (ENOENT)");
        show(&f, t, TASK_RUNNING, TASK_FAILED);
        task_unref(t);
        t = ended_task(&f, 4, "", "");
        outcome_fini(&t->outcome);
        outcome_fail(&t->outcome, ERR_HALTED, "halted");
        show(&f, t, TASK_READY, TASK_SKIPPED);
        task_unref(t);
        check_text(&f, "", "half a line\njobpool: task 1: killed by signal 9\nown message\n"
                           "jobpool: task 3: nosuch: No such file or directory (ENOENT)\n");
    }
}

static void test_none(void **state)
{
    (void)state;
    struct fixture f;
    struct buffer out = {0}, err = {0};
    start(&f);
    f.sink = sink_none(f.out, true);
    run_task(&f, 1, "x", "y");
    assert_int_equal(end(&f, &out, &err, NULL), 0);
    const struct line lines[] = {{"summary", 0, NULL}};
    check_lines(&out, lines, 1);
    assert_int_equal(err.len, 0);
    buffer_fini(&out);
    buffer_fini(&err);
}

static void test_verbose(void **state)
{
    (void)state;
    static const char *const words[] = {"printf", "%s", "a b'c", NULL};
    struct fixture f;
    start(&f);
    f.sink = sink_verbose(f.err);
    struct task *t = support_task(1, false, words);
    show(&f, t, TASK_READY, TASK_READY);
    show(&f, t, TASK_READY, TASK_RUNNING);
    show(&f, t, TASK_RUNNING, TASK_SUSPENDED);
    show(&f, t, TASK_SUSPENDED, TASK_RUNNING);
    show(&f, t, TASK_RUNNING, TASK_SUCCEEDED);
    task_unref(t);
    check_text(&f, "", "printf '%s' 'a b'\\''c'\n");
}

/* ---- the report ---- */

static int report_to(struct fixture *f, const char *path, bool append)
{
    struct error err;
    start(f);
    bool is_stream;
    int fd = report_open(path, append, &is_stream, &err);
    if (fd >= 0)
        f->sink = sink_report(fd, path, append);
    return fd >= 0 ? 0 : -1;
}

static void check_report(const char *path, const struct line *lines, size_t count)
{
    struct buffer got = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    read_file(fd, &got);
    close(fd);
    check_lines(&got, lines, count);
    buffer_fini(&got);
}

static void end_report(struct fixture *f, int expected, struct error *wrong)
{
    struct buffer out = {0}, err = {0};
    assert_int_equal(end(f, &out, &err, wrong), expected);
    buffer_fini(&out);
    buffer_fini(&err);
}

static char *temporary_name(void)
{
    char *path = xstrdup("/tmp/jobpool-report.XXXXXX");
    close(mkstemp(path));
    return path;
}

static void test_report(void **state)
{
    (void)state;
    struct fixture f;
    char *path = temporary_name(), *large = repeated("0123456789\n", 30000);
    for (int append = 0; append < 2; append++) {
        assert_int_equal(report_to(&f, path, append), 0);
        run_task(&f, 1, "one", "");
        run_task(&f, 2, large, "");
        end_report(&f, 0, NULL);
    }
    const struct line twice[] = {{"result", 1, "one"}, {"result", 2, large}, {"result", 1, "one"}, {"result", 2, large}};
    check_report(path, twice, 4);
    assert_int_equal(report_to(&f, path, false), 0);
    run_task(&f, 3, "three", "");
    end_report(&f, 0, NULL);
    const struct line once[] = {{"result", 3, "three"}};
    check_report(path, once, 1);
    unlink(path);
    free(path);
    free(large);
}

/* A file that can take no more: behind its last whole line, nothing; and the error is told with its name. */
static void check_full_report(bool append)
{
    struct fixture f;
    struct error wrong = {0};
    struct rlimit unlimited, limited;
    char *path = temporary_name(), *large = repeated("0123456789\n", 5000);
    assert_int_equal(report_to(&f, path, append), 0);
    run_task(&f, 1, "one", "");
    struct task *t = ended_task(&f, 2, large, "");
    getrlimit(RLIMIT_FSIZE, &unlimited);
    limited = unlimited;
    limited.rlim_cur = 20000;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limited), 0);
    show(&f, t, TASK_RUNNING, TASK_SUCCEEDED);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &unlimited), 0);
    task_unref(t);
    run_task(&f, 3, "three", "");
    end_report(&f, -1, &wrong);
    assert_int_equal(wrong.code, ERR_IO);
    assert_int_equal(wrong.sys_errno, EFBIG);
    assert_non_null(strstr(wrong.message, path));
    const struct line lines[] = {{"result", 1, "one"}};
    check_report(path, lines, 1);
    unlink(path);
    free(path);
    free(large);
}

static void test_report_on_a_full_disk(void **state)
{
    (void)state;
    check_full_report(false);
    check_full_report(true);
}

static void test_report_that_cannot_be(void **state)
{
    (void)state;
    struct error err = {0};
    bool is_stream = true;
    assert_int_equal(report_open("/nonexistent/dir/report", false, &is_stream, &err), -1);
    assert_int_equal(err.code, ERR_IO);
    assert_non_null(strstr(err.message, "/nonexistent/dir/report"));
    struct fixture f;
    assert_int_equal(report_to(&f, "/dev/full", false), 0);
    run_task(&f, 1, "one", "");
    run_task(&f, 2, "two", "");
    end_report(&f, -1, &err);
    assert_int_equal(err.sys_errno, ENOSPC);
    assert_non_null(strstr(err.message, "/dev/full"));
}

/* ---- progress ---- */

static int64_t total_of_20(void *context)
{
    (void)context;
    return 20;
}

static void test_progress_lines(void **state)
{
    (void)state;
    struct fixture f;
    struct buffer out = {0}, err = {0};
    struct progress_options options = {.fd = -1, .total = total_of_20};
    start(&f);
    f.sink = sink_progress(f.loop, f.err, &options);
    progress_hide(NULL);
    progress_hide(f.sink);
    for (uint64_t seq = 1; seq <= 20; seq++)
        run_task(&f, seq, "", "");
    /* Its timer has stopped or stops by itself: nothing runs. */
    assert_int_equal(end(&f, &out, &err, NULL), 0);
    /* One line for each tenth but the last, and one at the end. */
    size_t lines = 0;
    for (const char *p = err.data; (p = strchr(p, '\n')); p++)
        lines++;
    assert_int_equal(lines, 10);
    assert_non_null(strstr(err.data, "jobpool: 2/20 10%, 0 failed, 0 running, 18 waiting"));
    assert_non_null(strstr(err.data, "jobpool: 20/20 100%, 0 failed, 0 running, 0 waiting"));
    assert_null(strchr(err.data, '\r'));
    buffer_fini(&out);
    buffer_fini(&err);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_lines),
        cmocka_unit_test(test_json_in_order),
        cmocka_unit_test(test_json_document),
        cmocka_unit_test(test_json_with_lost_output),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_tags),
        cmocka_unit_test(test_text_names_failures),
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_verbose),
        cmocka_unit_test(test_report),
        cmocka_unit_test(test_report_on_a_full_disk),
        cmocka_unit_test(test_report_that_cannot_be),
        cmocka_unit_test(test_progress_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
