/* Outputs: nothing is lost, mixed up or waited for; a reader that goes away is noticed while nothing is written. */
#include "task_support.h"

#include "sink/output.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>

struct fixture {
    struct ev_loop *loop;
    struct output *out;
    struct spool *spool;
    int fds[2]; /* the reader's end, the output's end */
    int failed, drained;
    struct error error;
};

static void on_failed(void *context, const struct error *err)
{
    struct fixture *f = context;
    f->failed++;
    f->error = *err;
    ev_break(f->loop, EVBREAK_ALL);
}

static void on_drained(void *context)
{
    struct fixture *f = context;
    f->drained++;
}

static void start_on(struct fixture *f, int fd)
{
    struct output_hooks hooks = {.failed = on_failed, .drained = on_drained, .context = f};
    f->loop = ev_loop_new(EVFLAG_NOENV);
    f->spool = support_spool();
    f->out = output_new(f->loop, fd, "stdout", &hooks);
}

static void start(struct fixture *f)
{
    *f = (struct fixture){0};
    assert_int_equal(pipe2(f->fds, O_CLOEXEC), 0);
    assert_int_equal(fcntl(f->fds[0], F_SETFL, O_NONBLOCK), 0);
    start_on(f, f->fds[1]);
}

static void end_spool_and_loop(struct fixture *f)
{
    support_spool_free(f->spool);
    ev_loop_destroy(f->loop);
}

static void end(struct fixture *f)
{
    close(f->fds[0]);
    close(f->fds[1]);
    end_spool_and_loop(f);
}

/* What can be read now. */
static void drain(struct fixture *f, struct buffer *got)
{
    ssize_t n;
    while ((n = read(f->fds[0], buffer_reserve(got, 65536), 65536)) > 0)
        got->len += (size_t)n;
}

static void put(struct fixture *f, const char *text)
{
    buffer_puts(output_buffer(f->out), text);
}

/* Recognisable bytes, as a captured stream. */
static void put_capture(struct fixture *f, struct buffer *expected, size_t len, unsigned seed)
{
    struct capture c;
    struct buffer data = {0};
    while (data.len < len)
        buffer_printf(&data, "%u:%zu ", seed, data.len);
    support_fill(&c, f->spool, 0, data.data, data.len);
    buffer_append(expected, data.data, data.len);
    output_capture(f->out, &c);
    assert_int_equal(c.total, 0);
    buffer_fini(&data);
}

static void check_bytes(struct buffer *got, struct buffer *expected)
{
    assert_int_equal(got->len, expected->len);
    assert_memory_equal(got->data, expected->data, expected->len);
    buffer_fini(got);
    buffer_fini(expected);
}

static void test_a_commit_writes_at_once(void **state)
{
    (void)state;
    struct fixture f;
    struct buffer got = {0};
    start(&f);
    put(&f, "one\n");
    output_commit(f.out);
    assert_true(output_is_empty(f.out));
    drain(&f, &got);
    assert_string_equal(buffer_text(&got), "one\n");
    /* Without a commit: before the loop waits. */
    put(&f, "two\n");
    ev_run(f.loop, EVRUN_NOWAIT);
    drain(&f, &got);
    assert_string_equal(buffer_text(&got), "one\ntwo\n");
    assert_int_equal(output_free(f.out, false, NULL), 0);
    buffer_fini(&got);
    end(&f);
}

static void test_bytes_and_captures_keep_their_order(void **state)
{
    (void)state;
    struct fixture f;
    struct buffer got = {0}, expected = {0};
    start(&f);
    for (unsigned i = 0; i < 60; i++) {
        char text[32];
        snprintf(text, sizeof text, "[%u]", i);
        put(&f, text);
        buffer_puts(&expected, text);
        put_capture(&f, &expected, (size_t)(i % 7) * 30000, i);
        if (i % 3 == 0)
            output_commit(f.out);
    }
    assert_true(output_is_full(f.out));
    assert_int_equal(f.drained, 0);
    while (!output_is_empty(f.out)) {
        drain(&f, &got);
        ev_run(f.loop, EVRUN_ONCE);
    }
    drain(&f, &got);
    assert_false(output_is_full(f.out));
    assert_int_equal(f.drained, 1);
    assert_int_equal(f.failed, 0);
    assert_int_equal(output_free(f.out, false, NULL), 0);
    check_bytes(&got, &expected);
    end(&f);
}

static void test_an_idle_loop_has_nothing_to_do(void **state)
{
    (void)state;
    struct fixture f;
    start(&f);
    put(&f, "x");
    /* Returns because no watcher keeps it alive; a busy one would never return. */
    ev_run(f.loop, 0);
    assert_true(output_is_empty(f.out));
    assert_int_equal(output_free(f.out, false, NULL), 0);
    end(&f);
}

static void test_a_reader_that_goes_is_noticed_while_idle(void **state)
{
    (void)state;
    struct fixture f;
    struct error err = {0};
    start(&f);
    ev_ref(f.loop);
    close(f.fds[0]);
    f.fds[0] = -1;
    ev_run(f.loop, 0);
    ev_unref(f.loop);
    assert_int_equal(f.failed, 1);
    assert_int_equal(f.error.code, ERR_IO);
    assert_int_equal(f.error.sys_errno, EPIPE);
    put(&f, "dropped");
    output_commit(f.out);
    assert_true(output_is_empty(f.out));
    assert_true(output_has_failed(f.out));
    assert_int_equal(f.failed, 1);
    assert_int_equal(output_free(f.out, false, &err), -1);
    assert_int_equal(err.sys_errno, EPIPE);
    end(&f);
}

static void test_a_reader_that_goes_while_much_waits(void **state)
{
    (void)state;
    struct fixture f;
    struct buffer ignored = {0};
    start(&f);
    put_capture(&f, &ignored, 3 << 20, 1);
    output_commit(f.out);
    assert_true(output_is_full(f.out));
    close(f.fds[0]);
    f.fds[0] = -1;
    ev_run(f.loop, 0);
    assert_int_equal(f.failed, 1);
    assert_int_equal(f.error.sys_errno, EPIPE);
    assert_true(output_is_empty(f.out));
    assert_int_equal(output_free(f.out, false, NULL), -1);
    buffer_fini(&ignored);
    end(&f);
}

static void *read_all(void *context)
{
    struct fixture *f = context;
    struct buffer *got = xcalloc(1, sizeof *got);
    ssize_t n;
    while ((n = read(f->fds[0], buffer_reserve(got, 4096), 4096)) > 0)
        got->len += (size_t)n;
    return got;
}

static void check_blocking_end(struct fixture *f)
{
    struct buffer expected = {0};
    pthread_t reader;
    void *got;
    assert_int_equal(fcntl(f->fds[0], F_SETFL, 0), 0);
    put_capture(f, &expected, 500000, 1);
    put(f, "last");
    buffer_puts(&expected, "last");
    output_commit(f->out);
    assert_false(output_is_empty(f->out));
    assert_int_equal(pthread_create(&reader, NULL, read_all, f), 0);
    assert_int_equal(output_free(f->out, false, NULL), 0);
    close(f->fds[1]);
    f->fds[1] = -1;
    assert_int_equal(pthread_join(reader, &got), 0);
    check_bytes(got, &expected);
    free(got);
}

static void test_the_end_waits_for_the_reader(void **state)
{
    (void)state;
    struct fixture f;
    start(&f);
    check_blocking_end(&f);
    end(&f);
}

static void test_a_socket(void **state)
{
    (void)state;
    struct fixture f = {0};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, f.fds), 0);
    start_on(&f, f.fds[1]);
    check_blocking_end(&f);
    end(&f);
}

static void test_now_drops_what_waits(void **state)
{
    (void)state;
    struct fixture f;
    struct buffer ignored = {0};
    start(&f);
    put_capture(&f, &ignored, 500000, 1);
    output_commit(f.out);
    assert_int_equal(output_free(f.out, true, NULL), 0);
    buffer_fini(&ignored);
    end(&f);
}

static void test_a_full_device(void **state)
{
    (void)state;
    struct fixture f = {0};
    struct error err = {0};
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    start_on(&f, fd);
    put(&f, "x");
    output_commit(f.out);
    assert_int_equal(f.failed, 1);
    assert_int_equal(f.error.sys_errno, ENOSPC);
    assert_non_null(strstr(f.error.message, "stdout"));
    assert_non_null(strstr(f.error.message, "ENOSPC"));
    assert_int_equal(output_free(f.out, false, &err), -1);
    close(fd);
    end_spool_and_loop(&f);
}

static void test_no_descriptor(void **state)
{
    (void)state;
    struct fixture f = {0};
    struct buffer ignored = {0};
    start_on(&f, -1);
    put(&f, "x");
    output_commit(f.out);
    assert_true(output_is_empty(f.out));
    put(&f, "y");
    assert_int_equal(output_free(f.out, false, NULL), 0);
    assert_int_equal(f.failed, 0);
    end_spool_and_loop(&f);

    /* What a task wrote is not lost in silence. */
    f = (struct fixture){0};
    start_on(&f, -1);
    put_capture(&f, &ignored, 100000, 1);
    output_commit(f.out);
    put_capture(&f, &ignored, 100000, 2);
    output_commit(f.out);
    assert_true(output_is_empty(f.out));
    assert_int_equal(f.failed, 1);
    assert_int_equal(f.error.sys_errno, EBADF);
    assert_int_equal(output_free(f.out, false, NULL), -1);
    buffer_fini(&ignored);
    end_spool_and_loop(&f);
}

static void test_a_stream_that_cannot_be_read_back(void **state)
{
    (void)state;
    struct fixture f;
    struct buffer ignored = {0};
    start(&f);
    put_capture(&f, &ignored, 300000, 1);
    assert_int_equal(ftruncate(support_spool_fd, 0), 0);
    output_commit(f.out);
    assert_int_equal(f.failed, 1);
    assert_int_equal(f.error.code, ERR_IO);
    assert_non_null(strstr(f.error.message, "stdout"));
    assert_int_equal(output_free(f.out, false, NULL), -1);
    buffer_fini(&ignored);
    end(&f);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_commit_writes_at_once),
        cmocka_unit_test(test_bytes_and_captures_keep_their_order),
        cmocka_unit_test(test_an_idle_loop_has_nothing_to_do),
        cmocka_unit_test(test_a_reader_that_goes_is_noticed_while_idle),
        cmocka_unit_test(test_a_reader_that_goes_while_much_waits),
        cmocka_unit_test(test_the_end_waits_for_the_reader),
        cmocka_unit_test(test_a_socket),
        cmocka_unit_test(test_now_drops_what_waits),
        cmocka_unit_test(test_a_full_device),
        cmocka_unit_test(test_no_descriptor),
        cmocka_unit_test(test_a_stream_that_cannot_be_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
