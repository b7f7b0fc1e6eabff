/* Supervisors with real commands: what a task is given, what it prints, how it ends. */
#include "supervisor_support.h"

#include <sys/resource.h>

/* ---- output ---- */

static void test_output_is_exact(void **state)
{
    (void)state;
    rig_start(2, 2);
    struct task *t = rig_run(COMMAND("sh", "-c", "printf 'a\\000\\377\\300\\042\\n'; printf 'e\\000\\376' >&2"));
    struct buffer out = captured(&t->outcome.out), err = captured(&t->outcome.err);
    assert_int_equal(out.len, 6);
    assert_memory_equal(out.data, "a\0\377\300\"\n", 6);
    assert_int_equal(err.len, 3);
    assert_memory_equal(err.data, "e\0\376", 3);
    buffer_fini(&out);
    buffer_fini(&err);
    check_end(t, TASK_SUCCEEDED, ERR_NONE, 0, 0);
    task_unref(t);
    rig_stop();
}

/* Far more than a pipe holds, on both streams at once, from several tasks. */
static void test_large_output(void **state)
{
    enum { TASKS = 4, LINES = 40000 };
    struct task *tasks[TASKS];
    (void)state;
    rig_start(TASKS, 2);
    for (int i = 0; i < TASKS; i++)
        tasks[i] = rig_submit(COMMAND("sh", "-c", "seq 100000 139999 & seq 200000 239999 >&2; wait"));
    rig_wait();
    for (int i = 0; i < TASKS; i++) {
        struct buffer out = captured(&tasks[i]->outcome.out), err = captured(&tasks[i]->outcome.err);
        assert_int_equal(out.len, LINES * 7);
        assert_int_equal(err.len, LINES * 7);
        for (int line = 0; line < LINES; line++) {
            assert_int_equal(atoi(out.data + 7 * line), 100000 + line);
            assert_int_equal(atoi(err.data + 7 * line), 200000 + line);
        }
        buffer_fini(&out);
        buffer_fini(&err);
        check_end(tasks[i], TASK_SUCCEEDED, ERR_NONE, 0, 0);
        task_unref(tasks[i]);
    }
    rig_stop();
}

static void test_bounded_output(void **state)
{
    (void)state;
    rig_start(1, 1);
    struct spec *spec = COMMAND("seq", "100000", "199999");
    spec->max_output = 1000;
    struct task *t = rig_run(spec);
    assert_true(capture_truncated(&t->outcome.out));
    assert_int_equal(t->outcome.out.total, 700000);
    assert_in_range(capture_size(&t->outcome.out), 990, 1000);
    check_contains(&t->outcome.out, "100000\n100001\n");
    check_contains(&t->outcome.out, "199998\n199999\n");
    task_unref(t);
    rig_stop();
}

/* 36: streams closed long before the end. */
static void test_closed_streams(void **state)
{
    (void)state;
    rig_start(1, 1);
    struct task *t = rig_run(script("exec >&- 2>&-; sleep 0.2; exit 3"));
    check_end(t, TASK_FAILED, ERR_EXIT_STATUS, 3, 0);
    assert_false(t->outcome.leaked);
    assert_true(t->outcome.finished_ns - t->outcome.started_ns >= 200 * NS_PER_MS);
    task_unref(t);
    rig_stop();
}

/* ---- how a task ends ---- */

static void test_exit_codes(void **state)
{
    static const int codes[] = {0, 1, 2, 77, 124, 125, 126, 127, 128, 254, 255};
    (void)state;
    rig_start(4, 2);
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        char text[16];
        snprintf(text, sizeof text, "exit %d", codes[i]);
        struct task *t = rig_run(script(text));
        check_end(t, codes[i] ? TASK_FAILED : TASK_SUCCEEDED, codes[i] ? ERR_EXIT_STATUS : ERR_NONE, codes[i], 0);
        assert_int_equal(task_exit_status(t), codes[i]);
        task_unref(t);
    }
    rig_stop();
}

static void test_signals(void **state)
{
    static const int signals[] = {SIGKILL, SIGTERM, SIGINT, SIGUSR1, SIGHUP};
    (void)state;
    rig_start(4, 2);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        char text[24];
        snprintf(text, sizeof text, "kill -%d $$", signals[i]);
        struct task *t = rig_run(script(text));
        check_end(t, TASK_FAILED, ERR_SIGNAL, -1, signals[i]);
        assert_int_equal(task_exit_status(t), 128 + signals[i]);
        task_unref(t);
    }
    rig_stop();
}

static void check_spawn_error(struct spec *spec, enum error_code code, const char *message)
{
    struct task *t = rig_run(spec);
    check_end(t, TASK_FAILED, code, -1, 0);
    assert_non_null(strstr(t->outcome.message, message));
    assert_int_equal(t->outcome.pid, 0);
    assert_int_equal(task_exit_status(t), code == ERR_NOT_FOUND ? 127 : 126);
    task_unref(t);
}

static void test_cannot_be_started(void **state)
{
    (void)state;
    rig_start(2, 1);
    check_spawn_error(COMMAND("no-such-command-anywhere"), ERR_NOT_FOUND, "ENOENT");
    check_spawn_error(COMMAND("/no/such/file"), ERR_NOT_FOUND, "/no/such/file");
    check_spawn_error(COMMAND("/etc/passwd"), ERR_SPAWN, "EACCES");
    check_spawn_error(COMMAND("/tmp"), ERR_SPAWN, "EACCES");
    struct spec *spec = COMMAND("true");
    spec->cwd = strdup("/no/such/directory");
    check_spawn_error(spec, ERR_SPAWN, "/no/such/directory");
    spec = COMMAND("cat");
    spec->input_file = strdup("/no/such/input");
    check_spawn_error(spec, ERR_SPAWN, "/no/such/input");
    /* One argument beyond what the kernel takes. */
    char *large = malloc(200001);
    memset(large, 'x', 200000);
    large[200000] = '\0';
    check_spawn_error(COMMAND("true", large), ERR_SPAWN, "E2BIG");
    free(large);
    rig_stop();
}

/* After failures that no process came of, the worker goes on with the next. */
static void test_failures_in_a_row(void **state)
{
    (void)state;
    rig_start(1, 1);
    for (int i = 0; i < 50; i++)
        task_unref(rig_submit(COMMAND("no-such-command-anywhere")));
    struct task *t = rig_submit(COMMAND("true"));
    rig_wait();
    check_end(t, TASK_SUCCEEDED, ERR_NONE, 0, 0);
    task_unref(t);
    rig_stop();
}

static void test_retries(void **state)
{
    (void)state;
    rig_start(1, 1);
    struct spec *spec = script("echo $JOBPOOL_ATTEMPT; test $JOBPOOL_ATTEMPT = 3");
    spec->retries = 5;
    spec->retry_delay.first_ns = NS_PER_MS;
    struct task *t = rig_run(spec);
    check_end(t, TASK_SUCCEEDED, ERR_NONE, 0, 0);
    assert_int_equal(t->attempt, 3);
    check_text(&t->outcome.out, "3\n"); /* the last attempt's alone */
    task_unref(t);
    rig_stop();
}

static void test_many(void **state)
{
    (void)state;
    rig_start(8, 2);
    for (int i = 0; i < 300; i++)
        task_unref(rig_submit(COMMAND("true")));
    rig_wait();
    struct summary s = {0};
    pool_summary(rig.pool, &s);
    assert_int_equal(s.counts[TASK_SUCCEEDED], 300);
    rig_stop();
}

/* ---- scripts ---- */

/* Plain enough to start without a shell: nobody can tell, also when it cannot be found. */
static void test_scripts(void **state)
{
    (void)state;
    rig_start(2, 1);
    check_prints(script("seq 2"), "1\n2\n");
    check_prints(script("x=1; echo $x; echo 'a  b'"), "1\na  b\n");
    struct task *t = rig_run(script("no-such-command-anywhere a b"));
    check_end(t, TASK_FAILED, ERR_EXIT_STATUS, 127, 0);
    check_contains(&t->outcome.err, "not found");
    task_unref(t);
    t = rig_run(script("/etc/passwd"));
    check_end(t, TASK_FAILED, ERR_EXIT_STATUS, 126, 0);
    task_unref(t);
    rig_stop();
}

static void test_file_without_interpreter(void **state)
{
    char path[64];
    (void)state;
    rig_start(1, 1);
    snprintf(path, sizeof path, "%s/plain", rig.directory);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
    assert_int_equal(write(fd, "echo $1 $#\n", 11), 11);
    close(fd);
    check_prints(COMMAND(path, "one", "two"), "one 2\n");
    unlink(path);
    rig_stop();
}

/* ---- what a task is given ---- */

static void test_environment(void **state)
{
    static const char variables[] =
        "echo $JOBPOOL_ID $JOBPOOL_SEQ $JOBPOOL_SLOT $JOBPOOL_ATTEMPT $JOBPOOL_RUN; env | grep -c ^JOBPOOL_";
    (void)state;
    rig_start(1, 1);
    check_prints(script(variables), "1 1 1 1 " RUN_MARK "\n5\n");
    struct spec *spec = script(variables);
    spec->id = strdup("mine");
    check_prints(spec, "mine 2 1 1 " RUN_MARK "\n5\n");
    spec = script("echo \"$OWN\" \"$HOME\"; env | grep -c ^HOME=");
    words_add(&spec->env, "OWN=a b=c", 9);
    words_add(&spec->env, "HOME=/elsewhere", 15);
    check_prints(spec, "a b=c /elsewhere\n1\n");
    rig_stop();
}

/* The longest id that there can be: the firing of a map's item. */
static void test_longest_id(void **state)
{
    char *id = malloc(300);
    (void)state;
    rig_start(1, 1);
    memset(id, 'x', 255);
    strcpy(id + 255, ".18446744073709551615@9223372036854");
    struct spec *spec = script("printf %s $JOBPOOL_ID");
    struct task *t = task_new(spec, NULL);
    spec_unref(spec);
    t->id = id;
    task_ref(t);
    assert_int_equal(pool_submit(rig.pool, t, clock_monotonic_ns(), clock_real_ns(), NULL), 0);
    rig_wait();
    check_text(&t->outcome.out, id);
    task_unref(t);
    rig_stop();
}

/* The task's own PATH finds its command. */
static void test_path(void **state)
{
    char path[64], variable[64];
    (void)state;
    rig_start(1, 1);
    snprintf(path, sizeof path, "%s/found-here", rig.directory);
    int len = snprintf(variable, sizeof variable, "PATH=/nowhere:%s", rig.directory);
    assert_int_equal(symlink("/bin/echo", path), 0);
    struct spec *spec = COMMAND("found-here", "yes");
    words_add(&spec->env, variable, (size_t)len);
    check_prints(spec, "yes\n");
    spec = COMMAND("found-here", "yes");
    check_spawn_error(spec, ERR_NOT_FOUND, "found-here");
    unlink(path);
    rig_stop();
}

static void test_cwd(void **state)
{
    (void)state;
    rig_start(1, 1);
    struct spec *spec = COMMAND("pwd", "-P");
    spec->cwd = strdup("/usr");
    check_prints(spec, "/usr\n");
    rig_stop();
}

static void test_input(void **state)
{
    enum { SIZE = 300000 };
    char path[64];
    (void)state;
    rig_start(1, 1);
    check_prints(COMMAND("cat"), ""); /* /dev/null */
    struct spec *spec = COMMAND("cat");
    spec->input = malloc(SIZE);
    spec->input_len = SIZE;
    for (size_t i = 0; i < SIZE; i++)
        ((char *)spec->input)[i] = (char)(i * 7);
    struct task *t = rig_run(spec_ref(spec));
    struct buffer out = captured(&t->outcome.out);
    assert_int_equal(out.len, SIZE);
    assert_memory_equal(out.data, spec->input, SIZE);
    buffer_fini(&out);
    task_unref(t);
    spec_unref(spec);

    snprintf(path, sizeof path, "%s/input", rig.directory);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(write(fd, "from a file", 11), 11);
    close(fd);
    spec = COMMAND("cat");
    spec->input_file = strdup(path);
    check_prints(spec, "from a file");
    unlink(path);
    rig_stop();
}

/* 25: descriptors 0, 1, 2 and the one that lists; mask and dispositions as inherited. */
static void test_nothing_else_is_inherited(void **state)
{
    (void)state;
    int open_here = open("/dev/null", O_RDONLY | O_CLOEXEC);
    rig_start(2, 2);
    check_prints(script("ls /proc/self/fd | wc -l"), "4\n");
    struct task *t = rig_run(COMMAND("grep", "-E", "^SigBlk:", "/proc/self/status"));
    check_text(&t->outcome.out, "SigBlk:\t0000000000000000\n");
    task_unref(t);
    check_prints(script("test $(ps -o pgid= -p $$) = $$ && echo own group"), "own group\n");
    close(open_here);
    rig_stop();
}

static void test_limits_and_niceness(void **state)
{
    (void)state;
    rig_start(1, 1);
    struct spec *spec = script("ulimit -n; ulimit -Hn; nice");
    spec->limits[spec->limits_len++] = (struct spec_limit){RLIMIT_NOFILE, 37};
    spec->nice = 3;
    check_prints(spec, "37\n37\n3\n");
    spec = script("head -c 100000 /dev/zero >$OUT");
    char variable[64];
    int len = snprintf(variable, sizeof variable, "OUT=%s/limited", rig.directory);
    words_add(&spec->env, variable, (size_t)len);
    spec->limits[spec->limits_len++] = (struct spec_limit){RLIMIT_FSIZE, 1000};
    struct task *t = rig_run(spec);
    assert_int_equal(t->state, TASK_FAILED);
    task_unref(t);
    unlink(variable + 4);
    rig_stop();
}

static void test_numbers(void **state)
{
    (void)state;
    rig_start(1, 1);
    int64_t before = clock_real_ns();
    struct task *t = rig_run(script("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done"));
    struct outcome *o = &t->outcome;
    assert_true(o->pid > 1);
    assert_true(o->user_us + o->sys_us > 0);
    assert_true(o->started_ns > 0 && o->finished_ns > o->started_ns);
    assert_true(o->started_real_ns >= before && o->finished_real_ns > o->started_real_ns);
    assert_true(o->max_rss_kib == -1 || o->max_rss_kib > 100);
    task_unref(t);
    rig_stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_output_is_exact),
        cmocka_unit_test(test_large_output),
        cmocka_unit_test(test_bounded_output),
        cmocka_unit_test(test_closed_streams),
        cmocka_unit_test(test_exit_codes),
        cmocka_unit_test(test_signals),
        cmocka_unit_test(test_cannot_be_started),
        cmocka_unit_test(test_failures_in_a_row),
        cmocka_unit_test(test_retries),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_scripts),
        cmocka_unit_test(test_file_without_interpreter),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_longest_id),
        cmocka_unit_test(test_path),
        cmocka_unit_test(test_cwd),
        cmocka_unit_test(test_input),
        cmocka_unit_test(test_nothing_else_is_inherited),
        cmocka_unit_test(test_limits_and_niceness),
        cmocka_unit_test(test_numbers),
    };
    return cmocka_run_group_tests(tests, rig_prepare, rig_clean);
}
