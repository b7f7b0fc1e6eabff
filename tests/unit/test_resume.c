/* Journals on disk, and what a later run makes of them: locks, torn ends, damage, and which tasks are done. */
#include "task_support.h"

#include "os/lock.h"
#include "session/done.h"
#include "session/resume.h"
#include "sink/joblog.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define REAL_NS INT64_C(1795188549123456789)

struct fixture {
    char dir[32];
    char path[64];
    struct words command;
};

static int setup(void **state)
{
    struct fixture *f = xcalloc(1, sizeof *f);
    strcpy(f->dir, "/tmp/jobpool-test-XXXXXX");
    if (!mkdtemp(f->dir))
        return -1;
    snprintf(f->path, sizeof f->path, "%s/journal", f->dir);
    words_add(&f->command, "true", 4);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    (void)unlink(f->path);
    int got = rmdir(f->dir);
    words_fini(&f->command);
    free(f);
    return got;
}

static struct task *new_task(uint64_t seq, const char *value)
{
    struct task *t = support_task(seq, false, (const char *const[]){"true", NULL});
    support_add_args(t, (const char *const[]){value, NULL});
    t->attempt = 1;
    t->outcome.exit_code = 0;
    return t;
}

/* Asks about task `seq`; what is to be kept in it is. */
static enum resume_verdict look(struct resume *r, struct task *t, struct error *err)
{
    return resume_look(r, t->seq, t->spec, &t->args, &t->digest, err);
}

static struct journal *open_journal(struct fixture *f)
{
    struct error err = {0};
    struct journal *j = journal_open(f->path, false, &err);
    if (!j)
        fail_msg("%s", err.message);
    return j;
}

static struct resume *open_resume(struct fixture *f, struct journal *j, enum resume_mode mode, struct error *err)
{
    struct resume_config config = {.mode = mode, .journal = j, .command = &f->command};
    return resume_new(&config, err);
}

enum fate { SUCCEEDS, FAILS, IS_CUT, STAYS, FAILS_TO_RETRY };

static void live(struct journal *j, struct task *t, enum fate fate)
{
    struct error err;
    assert_true(journal_start(j, t, REAL_NS));
    if (fate == FAILS || fate == FAILS_TO_RETRY)
        outcome_fail(&t->outcome, ERR_EXIT_STATUS, "exit status 1");
    if (fate == IS_CUT)
        outcome_fail(&t->outcome, ERR_SHUTDOWN, "shut down");
    if (fate != STAYS)
        journal_end(j, t, fate == FAILS_TO_RETRY);
    assert_int_equal(journal_sync(j, &err), 0);
}

/* A first run of tasks 1, 2, … with these fates and the values "1", "2", …, and a kill. */
static void first_run(struct fixture *f, const enum fate *fates, size_t count)
{
    struct error err;
    struct journal *j = open_journal(f);
    struct resume *r = open_resume(f, j, RESUME_NOTHING, &err);
    assert_non_null(r);
    assert_int_equal(resume_begin(r, REAL_NS, &err), 0);
    for (size_t i = 0; i < count; i++) {
        char value[24];
        snprintf(value, sizeof value, "%zu", i + 1);
        struct task *t = new_task(i + 1, value);
        assert_int_equal(look(r, t, &err), RESUME_RUN);
        live(j, t, fates[i]);
        task_unref(t);
    }
    resume_free(r);
    journal_close(j);
}

static const enum fate all_fates[] = {SUCCEEDS, FAILS, IS_CUT, STAYS, FAILS_TO_RETRY};

static off_t size_of(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_size;
}

static void test_verdicts(void **state)
{
    static const struct {
        enum resume_mode mode;
        enum resume_verdict verdicts[6];
    } cases[] = {
        {RESUME_UNDONE, {RESUME_PASS, RESUME_PASS, RESUME_RUN, RESUME_RUN, RESUME_RUN, RESUME_RUN}},
        {RESUME_FAILED, {RESUME_PASS, RESUME_RUN, RESUME_RUN, RESUME_RUN, RESUME_RUN, RESUME_RUN}},
        {RESUME_RETRY, {RESUME_PASS, RESUME_RUN, RESUME_RUN, RESUME_RUN, RESUME_RUN, RESUME_OVER}},
    };
    struct fixture *f = *state;
    first_run(f, all_fates, 5);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = {0};
        struct summary summary = {0};
        struct journal *j = open_journal(f);
        struct resume *r = open_resume(f, j, cases[i].mode, &err);
        assert_non_null(r);
        for (uint64_t seq = 1; seq <= 6; seq++) {
            char value[24];
            snprintf(value, sizeof value, "%d", (int)seq);
            struct task *t = new_task(seq, value);
            assert_int_equal(resume_is_verified(r, seq), seq >= 5);
            assert_int_equal(look(r, t, &err), cases[i].verdicts[seq - 1]);
            task_unref(t);
        }
        resume_report(r, &summary);
        assert_int_equal(summary.earlier, cases[i].mode == RESUME_UNDONE ? 2 : 1);
        assert_int_equal(summary.earlier_failed, cases[i].mode == RESUME_UNDONE ? 1 : 0);
        resume_free(r);
        journal_close(j);
    }
}

static void test_lost_are_told_and_kept(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    const struct journal_record *lost;
    first_run(f, (const enum fate[]){STAYS, SUCCEEDS, STAYS}, 3);
    struct journal *j = open_journal(f);
    struct resume *r = open_resume(f, j, RESUME_UNDONE, &err);
    assert_non_null(r);
    assert_int_equal(resume_lost(r, &lost), 2);
    assert_int_equal(lost[0].seq, 1);
    assert_int_equal(lost[1].seq, 3);
    assert_int_equal(resume_begin(r, REAL_NS, &err), 0);
    resume_free(r);
    journal_close(j);
    /* Told once: the next run finds them lost, not running, and runs them. */
    j = open_journal(f);
    r = open_resume(f, j, RESUME_UNDONE, &err);
    assert_non_null(r);
    assert_int_equal(resume_lost(r, &lost), 0);
    struct task *t = new_task(1, "1");
    assert_int_equal(look(r, t, &err), RESUME_RUN);
    live(j, t, SUCCEEDS);
    task_unref(t);
    resume_free(r);
    journal_close(j);
}

static void test_differences(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    first_run(f, all_fates, 5);
    off_t before = size_of(f->path);
    struct journal *j = open_journal(f);
    struct resume *r = open_resume(f, j, RESUME_UNDONE, &err);
    struct task *same = new_task(1, "1"), *other = new_task(2, "two");
    struct task *none = support_task(2, false, (const char *const[]){"false", NULL});
    assert_int_equal(look(r, same, &err), RESUME_PASS);
    assert_int_equal(look(r, other, &err), RESUME_DIFFERS);
    assert_int_equal(err.code, ERR_USAGE);
    assert_non_null(strstr(err.message, "task 2"));
    assert_non_null(strstr(err.message, "/journal:5:"));
    assert_non_null(strstr(err.message, "[\"2\"]"));
    assert_non_null(strstr(err.message, "[\"two\"]"));
    assert_int_equal(look(r, none, &err), RESUME_DIFFERS);
    assert_int_equal(resume_check_end(r, 4, &err), -1);
    assert_int_equal(err.code, ERR_USAGE);
    assert_int_equal(resume_check_end(r, 5, &err), 0);
    task_unref(same);
    task_unref(other);
    task_unref(none);
    resume_free(r);
    /* What counts for all tasks counts. */
    struct resume_config config = {.mode = RESUME_UNDONE, .journal = j, .command = &f->command, .cwd = "/"};
    r = resume_new(&config, &err);
    same = new_task(1, "1");
    assert_int_equal(look(r, same, &err), RESUME_DIFFERS);
    task_unref(same);
    resume_free(r);
    assert_null(open_resume(f, j, RESUME_NOTHING, &err));
    assert_int_equal(err.code, ERR_USAGE);
    journal_close(j);
    assert_int_equal(size_of(f->path), before);
}

/* Cut off anywhere, the file is what it was up to the last whole line, and is gone on with from there. */
static void test_cut_off_anywhere(void **state)
{
    struct fixture *f = *state;
    first_run(f, (const enum fate[]){SUCCEEDS, SUCCEEDS}, 2);
    off_t size = size_of(f->path);
    int fd = open(f->path, O_RDWR);
    char *bytes = xmalloc((size_t)size);
    assert_int_equal(pread(fd, bytes, (size_t)size, 0), size);
    for (off_t len = size; len >= 0; len--) {
        struct error err = {0};
        assert_int_equal(ftruncate(fd, 0), 0);
        assert_int_equal(pwrite(fd, bytes, (size_t)len, 0), len);
        struct journal *j = open_journal(f);
        struct resume *r = open_resume(f, j, RESUME_UNDONE, &err);
        if (!r)
            fail_msg("%lld bytes: %s", (long long)len, err.message);
        const char *last = len ? memrchr(bytes, '\n', (size_t)len) : NULL;
        off_t whole = last ? last + 1 - bytes : 0;
        assert_int_equal(journal_torn(j), len - whole);
        unsigned done = 0;
        for (uint64_t seq = 1; seq <= 2; seq++) {
            struct task *t = new_task(seq, seq == 1 ? "1" : "2");
            done += look(r, t, &err) == RESUME_PASS;
            task_unref(t);
        }
        unsigned lines = 0;
        for (off_t i = 0; i < whole; i++)
            lines += bytes[i] == '\n';
        assert_int_equal(done, lines >= 5 ? 2 : lines >= 3 ? 1 : 0);
        bool go_on = len % 17 == 0 || len == whole; /* each is synced, which takes its time */
        if (go_on)
            assert_int_equal(resume_begin(r, REAL_NS, &err), 0);
        resume_free(r);
        journal_close(j);
        if (!go_on)
            continue;
        j = open_journal(f);
        r = open_resume(f, j, RESUME_UNDONE, &err);
        assert_non_null(r);
        assert_int_equal(journal_torn(j), 0);
        resume_free(r);
        journal_close(j);
    }
    close(fd);
    free(bytes);
}

/* With any byte changed it is refused, or (the last newline) one line shorter: never another story. */
static void test_any_byte_changed(void **state)
{
    struct fixture *f = *state;
    first_run(f, (const enum fate[]){SUCCEEDS, FAILS}, 2);
    off_t size = size_of(f->path);
    int fd = open(f->path, O_RDWR);
    for (off_t at = 0; at < size; at++) {
        struct error err = {0};
        char byte, changed;
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        changed = (char)(byte ^ 0x15);
        assert_int_equal(pwrite(fd, &changed, 1, at), 1);
        struct journal *j = open_journal(f);
        struct resume *r = open_resume(f, j, RESUME_UNDONE, &err);
        if (at == size - 1) {
            assert_non_null(r);
            assert_true(journal_torn(j) > 0);
        } else {
            assert_null(r);
            assert_int_equal(err.code, ERR_INPUT);
            assert_non_null(strstr(err.message, "/journal:"));
        }
        resume_free(r);
        journal_close(j);
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    }
    close(fd);
}

static void test_one_writer(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct journal *j = open_journal(f);
    assert_null(journal_open(f->path, false, &err));
    assert_int_equal(err.code, ERR_IO);
    assert_non_null(strstr(err.message, f->path));
    struct journal *reader = journal_open(f->path, true, &err);
    assert_non_null(reader);
    journal_close(reader);
    journal_close(j);
    journal_close(open_journal(f));
    assert_null(journal_open(f->dir, false, &err));
    assert_int_equal(err.code, ERR_IO);
}

/* Whoever keeps the guard's descriptor holds up the next writer, though the first has gone. */
static void test_guard_is_waited_for(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    int pipe_fds[2];
    struct journal *j = open_journal(f);
    assert_int_equal(pipe(pipe_fds), 0);
    pid_t pid = fork();
    if (pid == 0) {
        char c;
        close(pipe_fds[1]);
        _exit(read(pipe_fds[0], &c, 1) == 1 ? 0 : 1); /* it has inherited the descriptor */
    }
    int fd = open(f->path, O_RDWR);
    journal_close(j);
    /* The child has the writer's descriptor as well, which a guardian has not. */
    assert_int_equal(lock_byte(fd, 1, 0, &err), 0);
    assert_int_equal(write(pipe_fds[1], "", 1), 1);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(lock_byte(fd, 1, 0, &err), 1);
    close(fd);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
}

static void test_many_are_cheap(void **state)
{
    struct done d = {0};
    (void)state;
    for (uint64_t seq = 1; seq <= 1000000; seq++)
        done_add(&d, seq)->state = DONE_SUCCEEDED;
    assert_int_equal(d.len, 1000000);
    assert_int_equal(d.last, 1000000);
    assert_true(d.cap * sizeof *d.entries <= UINT64_C(64) * 1000000);
    for (uint64_t seq = 1; seq <= 1000000; seq++)
        assert_int_equal(done_find(&d, seq)->state, DONE_SUCCEEDED);
    assert_null(done_find(&d, 1000001));
    done_fini(&d);
}

static void test_joblog(void **state)
{
    static const char text[] = "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n"
                               "3\t:\t1795613366.502\t     0.003\t0\t2\t1\t0\techo three\n"
                               "1\t:\t1795613366.502\t     0.003\t0\t2\t0\t0\techo one\n"
                               "2\t:\t1795613366.502\t     0.003\t0\t2\t0\t9\techo 'tw\0o'\n"
                               "4\t:\t1795613366.502\t     0.003\t0\t2\t1\t0\techo four\n"
                               "4\t:\t1795613366.502\t     0.003\t0\t2\t0\t0\techo four\n"
                               "5\t:\t1795613366.502\t     0.003\t0\t2\t0\t";
    static const struct {
        enum resume_mode mode;
        bool runs[5];
    } cases[] = {
        {RESUME_UNDONE, {false, false, false, false, true}},
        {RESUME_FAILED, {false, true, true, false, true}},
    };
    struct fixture *f = *state;
    struct error err = {0};
    int fd = open(f->path, O_RDWR | O_CREAT, 0600);
    assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
    for (size_t i = 0; i < 2; i++) {
        struct resume_config config = {.mode = cases[i].mode, .joblog = f->path, .command = &f->command};
        struct resume *r = resume_new(&config, &err);
        assert_non_null(r);
        for (uint64_t seq = 1; seq <= 5; seq++) {
            struct task *t = new_task(seq, "whatever");
            assert_true(resume_is_verified(r, seq));
            assert_int_equal(look(r, t, &err), cases[i].runs[seq - 1] ? RESUME_RUN : RESUME_PASS);
            task_unref(t);
        }
        resume_free(r);
    }
    struct resume_config config = {.mode = RESUME_RETRY, .joblog = f->path, .command = &f->command};
    struct resume *r = resume_new(&config, &err);
    struct words commands = {0};
    assert_non_null(r);
    resume_commands(r, &commands);
    assert_int_equal(commands.count, 2);
    assert_string_equal(words_get(&commands, 0), "echo 'tw\no'");
    assert_string_equal(words_get(&commands, 1), "echo three");
    assert_int_equal(resume_number(r, 0), 2);
    assert_int_equal(resume_number(r, 1), 3);
    assert_int_equal(resume_number(r, 2), 0);
    words_fini(&commands);
    resume_free(r);
    /* What is no joblog, and one that is not there. */
    assert_int_equal(ftruncate(fd, 0), 0);
    assert_int_equal(pwrite(fd, "a\nb\n", 4, 0), 4);
    assert_null(resume_new(&config, &err));
    assert_non_null(strstr(err.message, "/journal:2:"));
    close(fd);
    assert_int_equal(unlink(f->path), 0);
    r = resume_new(&config, &err);
    assert_non_null(r);
    resume_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_verdicts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lost_are_told_and_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(test_differences, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cut_off_anywhere, setup, teardown),
        cmocka_unit_test_setup_teardown(test_any_byte_changed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_writer, setup, teardown),
        cmocka_unit_test_setup_teardown(test_guard_is_waited_for, setup, teardown),
        cmocka_unit_test(test_many_are_cheap),
        cmocka_unit_test_setup_teardown(test_joblog, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
