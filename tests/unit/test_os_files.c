/* Descriptors: temporary files, and writing that never waits. */
#include "os_support.h"

#include "os/files.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

static char dir[] = "/tmp/jobpool-test-XXXXXX";

static int close_and_ensure(void)
{
    close(0);
    close(2);
    int inherited = fcntl(1, F_DUPFD, 100);
    files_ensure_standard();
    CHECK(fcntl(inherited, F_GETFD) == FD_CLOEXEC && fcntl(1, F_GETFD) == 0);
    CHECK(files_was_closed(0) && !files_was_closed(1) && files_was_closed(2));
    CHECK(!files_was_closed(-1) && !files_was_closed(3));
    CHECK(write(2, "x", 1) == 1);
    char c;
    CHECK(read(0, &c, 1) == 0);
    return 0;
}

static void test_standard_descriptors(void **state)
{
    (void)state;
    in_process(close_and_ensure);
}

static int pipe_without_standard(void)
{
    int fds[2];
    close(0);
    close(1);
    CHECK(files_pipe(fds, NULL) == 0);
    CHECK(fds[0] >= 3 && fds[1] >= 3 && fcntl(0, F_GETFD) < 0 && fcntl(1, F_GETFD) < 0);
    return 0;
}

static void test_pipe(void **state)
{
    (void)state;
    int fds[2];
    char c;
    assert_int_equal(files_pipe(fds, NULL), 0);
    assert_int_equal((fcntl(fds[0], F_GETFL) | fcntl(fds[1], F_GETFL)) & O_NONBLOCK, 0);
    files_pipe_do_not_wait(fds[0]);
    assert_int_equal(fcntl(fds[0], F_GETFD), FD_CLOEXEC);
    assert_int_equal(fcntl(fds[1], F_GETFD), FD_CLOEXEC);
    assert_int_equal(read(fds[0], &c, 1), -1);
    assert_int_equal(errno, EAGAIN);
    assert_int_equal(fcntl(fds[1], F_GETFL) & O_NONBLOCK, 0);
    close(fds[0]);
    close(fds[1]);
    in_process(pipe_without_standard);
}

static int pipe_at_the_limit(void)
{
    struct error err;
    int fds[2];
    const struct rlimit few = {3, 3};
    CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
    CHECK(files_pipe(fds, &err) == -1 && err.code == ERR_SYSTEM && err.sys_errno == EMFILE);
    CHECK(files_temporary(&err) == -1 && err.code == ERR_OUTPUT && err.sys_errno == EMFILE);
    CHECK(files_with_content("x", 1, &err) == -1 && err.sys_errno == EMFILE);
    return 0;
}

static void test_no_descriptors(void **state)
{
    (void)state;
    in_process(pipe_at_the_limit);
}

static void test_temporary(void **state)
{
    (void)state;
    struct stat st;
    struct error err;
    setenv("TMPDIR", dir, 1);
    assert_int_equal(files_check_tmpdir(&err), 0);
    int fd = files_temporary(&err);
    assert_true(fd >= 3);
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_mode, S_IFREG | 0600);
    assert_int_equal(st.st_nlink, 0);
    assert_int_equal(st.st_size, 0);
    assert_int_equal(write(fd, "x", 1), 1);
    close(fd);
    /* The directory is empty still. */
    assert_int_equal(rmdir(dir), 0);
    assert_int_equal(mkdir(dir, 0700), 0);
}

static void expect_bad_tmpdir(const char *name, int error)
{
    struct error err;
    setenv("TMPDIR", name, 1);
    assert_int_equal(files_check_tmpdir(&err), -1);
    assert_int_equal(err.code, ERR_IO);
    assert_int_equal(err.sys_errno, error);
    assert_non_null(strstr(err.message, name));
    assert_int_equal(files_temporary(&err), -1);
    assert_int_equal(err.code, ERR_OUTPUT);
    assert_int_equal(err.sys_errno, error);
    assert_non_null(strstr(err.message, name));
}

static void test_bad_tmpdir(void **state)
{
    (void)state;
    struct error err;
    expect_bad_tmpdir("/nonexistent/dir", ENOENT);
    expect_bad_tmpdir("/etc/passwd", ENOTDIR);
    unsetenv("TMPDIR");
    assert_int_equal(files_check_tmpdir(&err), 0);
    setenv("TMPDIR", "", 1);
    assert_int_equal(files_check_tmpdir(&err), 0);
    int fd = files_temporary(&err);
    assert_true(fd >= 3);
    close(fd);
}

static void test_content(void **state)
{
    (void)state;
    size_t len = 300000;
    char *data = malloc(len), *back = malloc(len + 1);
    for (size_t i = 0; i < len; i++)
        data[i] = (char)(i * 7);
    int fd = files_with_content(data, len, NULL);
    assert_true(fd >= 3);
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    assert_int_equal(read_all(fd, back, len + 1), len);
    assert_memory_equal(data, back, len);
    close(fd);
    free(data);
    free(back);
    fd = files_with_content("", 0, NULL);
    assert_int_equal(read(fd, &len, 1), 0);
    close(fd);
}

/* Fills what `w` writes to; returns how much went in before it had to wait. */
static size_t fill(struct files_writer *w)
{
    char block[10000];
    memset(block, 'x', sizeof block);
    size_t total = 0;
    ssize_t n;
    while ((n = files_write_some(w, block, sizeof block)) > 0)
        total += (size_t)n;
    assert_int_equal(n, 0);
    return total;
}

static void check_full_pipe(struct files_writer *w, int reader)
{
    char text[4096];
    assert_true(files_writer_is_pipe(w));
    assert_true(fill(w) >= 4096);
    assert_int_equal(files_write_some(w, "y", 1), 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(read(reader, text, sizeof text), (ssize_t)sizeof text);
    assert_true(files_write_some(w, text, sizeof text) > 0);
}

static void test_writer_on_pipe(void **state)
{
    (void)state;
    int fds[2];
    struct files_writer w;
    assert_int_equal(files_pipe(fds, NULL), 0);
    files_pipe_do_not_wait(fds[0]);
    files_writer_init(&w, fds[1]);
    check_full_pipe(&w, fds[0]);
    assert_int_equal(fcntl(fds[1], F_GETFL) & O_NONBLOCK, 0);
    close(fds[0]);
    assert_int_equal(files_write_some(&w, "x", 1), -1);
    assert_int_equal(errno, EPIPE);
    files_writer_fini(&w);
    assert_true(fcntl(fds[1], F_GETFD) >= 0);
    close(fds[1]);
}

static void test_writer_on_pipe_that_cannot_be_opened_again(void **state)
{
    (void)state;
    int fds[2];
    struct files_writer w;
    struct rlimit before;
    assert_int_equal(files_pipe(fds, NULL), 0);
    files_pipe_do_not_wait(fds[0]);
    getrlimit(RLIMIT_NOFILE, &before);
    const struct rlimit none = {3, before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
    files_writer_init(&w, fds[1]);
    setrlimit(RLIMIT_NOFILE, &before);
    assert_int_equal(w.fd, fds[1]);
    check_full_pipe(&w, fds[0]);
    files_writer_fini(&w);
    close(fds[0]);
    close(fds[1]);
}

static void test_writer_without_reader(void **state)
{
    (void)state;
    int fds[2];
    struct files_writer w;
    assert_int_equal(files_pipe(fds, NULL), 0);
    files_pipe_do_not_wait(fds[0]);
    close(fds[0]);
    files_writer_init(&w, fds[1]);
    assert_int_equal(files_write_some(&w, "x", 1), -1);
    assert_int_equal(errno, EPIPE);
    files_writer_fini(&w);
    close(fds[1]);
}

static void test_writer_on_socket(void **state)
{
    (void)state;
    int fds[2];
    struct files_writer w;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    files_writer_init(&w, fds[1]);
    assert_true(files_writer_is_pipe(&w));
    assert_true(fill(&w) > 0);
    assert_int_equal(fcntl(fds[1], F_GETFL) & O_NONBLOCK, 0);
    close(fds[0]);
    assert_int_equal(files_write_some(&w, "x", 1), -1);
    files_writer_fini(&w);
    close(fds[1]);
}

static void test_writer_on_terminal(void **state)
{
    (void)state;
    char name[64], text[8];
    struct files_writer master, slave;
    int master_fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master_fd < 0)
        skip();
    assert_int_equal(grantpt(master_fd) | unlockpt(master_fd), 0);
    assert_int_equal(ptsname_r(master_fd, name, sizeof name), 0);
    int slave_fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(slave_fd >= 0);
    files_writer_init(&slave, slave_fd);
    assert_false(files_writer_is_pipe(&slave));
    assert_int_equal(files_write_some(&slave, "abc", 3), 3);
    assert_int_equal(read(master_fd, text, sizeof text), 3);
    assert_true(fill(&slave) > 0);
    /* The master keeps its own terminal. */
    files_writer_init(&master, master_fd);
    assert_int_equal(master.fd, master_fd);
    files_writer_fini(&master);
    files_writer_fini(&slave);
    close(slave_fd);
    close(master_fd);
}

static void test_writer_on_files(void **state)
{
    (void)state;
    struct files_writer w;
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(full >= 0);
    files_writer_init(&w, full);
    assert_false(files_writer_is_pipe(&w));
    assert_int_equal(files_write_some(&w, "x", 1), -1);
    assert_int_equal(errno, ENOSPC);
    files_writer_fini(&w);
    close(full);

    int fd = files_temporary(NULL);
    files_writer_init(&w, fd);
    assert_int_equal(files_write_some(&w, "abc", 3), 3);
    files_writer_fini(&w);
    close(fd);

    int fds[2];
    assert_int_equal(files_pipe(fds, NULL), 0);
    files_pipe_do_not_wait(fds[0]);
    files_writer_init(&w, fds[0]);
    assert_int_equal(files_write_some(&w, "x", 1), -1);
    assert_int_equal(errno, EBADF);
    files_writer_fini(&w);
    close(fds[0]);
    close(fds[1]);
}

static int append_line(int fd, const char *line, size_t len, struct error *err)
{
    off_t start;
    if (files_append_begin(fd, &start, err) < 0)
        return -1;
    int got = files_write_all(fd, line, len, err);
    files_append_end(fd, start, got == 0);
    return got;
}

static void append_lines(const char *name, char letter)
{
    char line[100];
    memset(line, letter, sizeof line);
    line[sizeof line - 1] = '\n';
    int fd = open(name, O_WRONLY | O_APPEND | O_CLOEXEC);
    for (int i = 0; i < 500; i++)
        if (append_line(fd, line, sizeof line, NULL) < 0)
            _exit(1);
    _exit(0);
}

static void test_append_shared(void **state)
{
    (void)state;
    char name[64], *text = malloc(200001);
    snprintf(name, sizeof name, "%s/shared", dir);
    int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    for (int i = 0; i < 4; i++)
        if (fork() == 0)
            append_lines(name, (char)('a' + i));
    for (int i = 0; i < 4; i++) {
        int status;
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
    assert_int_equal(read_all(fd, text, 200001), 200000);
    for (size_t at = 0; at < 200000; at += 100) {
        for (size_t i = 1; i < 99; i++)
            assert_int_equal(text[at + i], text[at]);
        assert_int_equal(text[at + 99], '\n');
    }
    close(fd);
    unlink(name);
    free(text);
}

/* A limit on the size of files stands for a full filesystem: half a line must not stay. */
static int append_to_full(void)
{
    char name[64], text[32];
    struct error err;
    struct stat st;
    snprintf(name, sizeof name, "%s/full", dir);
    int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    const struct rlimit small = {20, 20};
    signal(SIGXFSZ, SIG_IGN);
    CHECK(setrlimit(RLIMIT_FSIZE, &small) == 0);
    CHECK(append_line(fd, "one\n", 4, &err) == 0);
    CHECK(append_line(fd, "abcdefghijklmnopq\n", 18, &err) == -1);
    CHECK(err.code == ERR_IO && err.sys_errno == EFBIG);
    CHECK(fstat(fd, &st) == 0 && st.st_size == 4);
    CHECK(append_line(fd, "two\n", 4, &err) == 0);
    CHECK(write(fd, "half", 4) == 4);
    CHECK(append_line(fd, "three\n", 6, &err) == 0);
    CHECK(pread(fd, text, sizeof text, 0) == 19 && memcmp(text, "one\ntwo\nhalf\nthree\n", 19) == 0);
    CHECK(ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0);
    CHECK(write(fd, "half that has no room", 20) == 20);
    CHECK(append_line(fd, "x\n", 2, &err) == -1);
    unlink(name);
    return 0;
}

static void test_append_keeps_whole_lines(void **state)
{
    (void)state;
    in_process(append_to_full);
}

static int raise_limit(void)
{
    const struct rlimit low = {50, 70};
    CHECK(setrlimit(RLIMIT_NOFILE, &low) == 0);
    CHECK(files_raise_limit() == 70);
    CHECK(files_inherited_limit().rlim_cur == 50 && files_inherited_limit().rlim_max == 70);
    struct rlimit now;
    getrlimit(RLIMIT_NOFILE, &now);
    CHECK(now.rlim_cur == 70);
    return 0;
}

static void test_count_open(void **state)
{
    (void)state;
    int before = files_count_open();
    assert_true(before >= 3);
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(files_count_open(), before + 2);
    close(fds[0]);
    close(fds[1]);
    assert_int_equal(files_count_open(), before);
}

static void test_raise_limit(void **state)
{
    (void)state;
    in_process(raise_limit);
}

static int set_up(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return rmdir(dir);
}

int main(void)
{
    files_ensure_standard();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_standard_descriptors),
        cmocka_unit_test(test_pipe),
        cmocka_unit_test(test_no_descriptors),
        cmocka_unit_test(test_temporary),
        cmocka_unit_test(test_bad_tmpdir),
        cmocka_unit_test(test_content),
        cmocka_unit_test(test_writer_on_pipe),
        cmocka_unit_test(test_writer_on_pipe_that_cannot_be_opened_again),
        cmocka_unit_test(test_writer_without_reader),
        cmocka_unit_test(test_writer_on_socket),
        cmocka_unit_test(test_writer_on_terminal),
        cmocka_unit_test(test_writer_on_files),
        cmocka_unit_test(test_append_shared),
        cmocka_unit_test(test_append_keeps_whole_lines),
        cmocka_unit_test(test_raise_limit),
        cmocka_unit_test(test_count_open),
    };
    alarm(120);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
