/* jobpool run: task specs and ops as JSON, in a session on files or standard input. */
#include "base/alloc.h"
#include "base/list.h"
#include "cli/command.h"
#include "cli/dry_run.h"
#include "cli/options.h"
#include "cli/runner.h"
#include "cli/task_spec.h"
#include "os/clock.h"
#include "session/session.h"

#include <stdlib.h>
#include <string.h>

#define QUEUE_TASKS 100000
#define QUEUE_BYTES (64u << 20)

/* The session as the runner sees it. */
struct session_feed {
    struct feed feed;
    struct session *session;
};

static struct session *session_of(const struct feed *f)
{
    return list_entry(f, const struct session_feed, feed)->session;
}

static enum feed_status run_pump(struct feed *f, int64_t mono_ns, int64_t real_ns)
{
    (void)mono_ns, (void)real_ns; /* the session asks the clock for each line */
    switch (session_pump(session_of(f))) {
    case SESSION_WAIT_INPUT: return FEED_WAIT_INPUT;
    case SESSION_WAIT_POOL: return FEED_WAIT_POOL;
    case SESSION_AGAIN: return FEED_AGAIN;
    case SESSION_ENDED: break;
    }
    return FEED_ENDED;
}

static int run_fd(const struct feed *f)
{
    return session_fd(session_of(f));
}

static void run_event(struct feed *f, const struct event *event)
{
    session_event(session_of(f), event);
}

static int64_t run_tick(struct feed *f, int64_t mono_ns)
{
    return session_tick(session_of(f), mono_ns);
}

static void run_cut(struct feed *f)
{
    session_cut(session_of(f));
}

static const struct error *run_report(const struct feed *f, struct summary *summary)
{
    const struct session *s = session_of(f);
    summary->bad_lines = session_bad_lines(s);
    summary->input_complete = session_input_complete(s);
    return session_input_error(s);
}

static const struct feed_ops run_ops = {run_pump, run_fd, run_event, run_tick, run_cut, run_report};

/* ---- inputs ---- */

struct streams {
    struct specs **list;
    int len;
};

static void streams_fini(struct streams *in)
{
    for (int i = 0; i < in->len; i++)
        specs_free(in->list[i]);
    free(in->list);
}

static int input_open(struct streams *in, const char *path, struct error *err)
{
    if (strcmp(path, "-") == 0 && pool_options.stdin_file && strcmp(pool_options.stdin_file, "-") == 0)
        return error_set(err, ERR_USAGE,
                         "--stdin -: standard input holds the specs already; give the specs in a file, or "
                         "another file for --stdin");
    if (options_check_input(path, err) < 0)
        return -1;
    struct specs *specs = specs_open(path, err);
    if (!specs)
        return -1;
    in->list[in->len++] = specs;
    return 0;
}

static int streams_open(struct streams *in, const char **words, int count, struct error *err)
{
    *in = (struct streams){.list = xcalloc((size_t)count + 1, sizeof *in->list)};
    for (int i = 0; i < count; i++) {
        if (input_open(in, words[i], err) < 0)
            return -1;
    }
    if (count == 0 && input_open(in, "-", err) < 0) {
        if (err->code == ERR_INPUT)
            err->code = ERR_IO; /* nobody named it */
        return -1;
    }
    return 0;
}

static int run_in_pool(struct streams *in)
{
    int status;
    struct runner_setup setup = {.max_queue = QUEUE_TASKS, .max_queue_bytes = QUEUE_BYTES};
    struct runner *r = runner_new(&setup, &status);
    if (!r)
        return status;
    bool text = output_options.form != OUTPUT_JSONL;
    struct session_config config = {
        .pool = runner_pool(r),
        .out = runner_out(r),
        .err_text = text ? runner_err(r) : NULL,
        .spec_context = task_spec_context(0),
        .ended = runner_feed_ended,
        .terminate = runner_terminate,
        .context = r,
        .mono_now = clock_monotonic_ns,
        .real_now = clock_real_ns,
    };
    struct session_feed feed = {.feed = {&run_ops}, .session = session_new(&config)};
    for (int i = 0; i < in->len; i++)
        session_add(feed.session, in->list[i]);
    in->len = 0;
    status = runner_run(r, &feed.feed);
    session_free(feed.session);
    return status;
}

static int run(const char **words, int count)
{
    struct streams in;
    struct error err;
    int status;
    if (streams_open(&in, words, count, &err) < 0) {
        complain("%s", err.message);
        status = err.code == ERR_IO ? 125 : 2;
    } else {
        status = output_options.dry_run ? dry_run_specs(in.list, in.len) : run_in_pool(&in);
    }
    streams_fini(&in);
    return status;
}

static const struct option_group *const groups[] = {&pool_group,   &gate_group,    &retry_group, &scripts_group,
                                                    &output_group, &results_group, NULL};

const struct command cmd_run = {
    .name = "run",
    .summary = "run task specs and ops that are read as JSON",
    .usage = "[OPTIONS] [FILE…]",
    .description = "Reads task specs and ops, one JSON object per line or in an array, from the files or "
                   "from standard input, and "
                   "runs them as they come. Results, replies and errors are lines of JSON on stdout, each "
                   "written as soon as it "
                   "exists, so that a program can hold a conversation over two pipes.\n"
                   "\n"
                   "A spec has a command (an array) or shell (a script), and may have an id, timeout, "
                   "retries, env, cwd, stdin, "
                   "priority and more: see jobpool-spec(5). A line with an op submits, maps, cancels, waits "
                   "or asks: see "
                   "jobpool-protocol(7).\n"
                   "\n"
                   "The exit status is 0 if every task succeeded, 123 if one did not or a line was bad, 125 "
                   "if jobpool itself "
                   "failed, 126 or 127 if no task could be executed or found.",
    .groups = groups,
    .examples = "jobpool run tasks.jsonl\n"
                "echo '{\"id\":\"a\",\"command\":[\"gzip\",\"a.log\"],\"timeout\":\"30s\"}' | jobpool run\n"
                "jobpool map --dry-run -o jsonl gzip ::: *.log | jobpool run -j2 --report done.jsonl",
    .run = run,
};
