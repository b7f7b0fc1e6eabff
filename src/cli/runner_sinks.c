/* Where a run's results go: the outputs for stdout and stderr, and the sinks that the options ask for. */
#include "base/alloc.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/runner_private.h"
#include "os/clock.h"
#include "os/files.h"
#include "os/terminal.h"
#include "sink/joblog.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A reader that has gone ends the run quietly, as SIGPIPE would; any other failure of stdout is told, and
 * ends it too: nobody would see what further tasks did. */
static void out_failed(void *context, const struct error *err)
{
    struct runner *r = context;
    if (err->sys_errno == EPIPE) {
        runner_interrupt(r, SIGPIPE);
        return;
    }
    complain("%s", err->message);
    r->failed = true;
    r->no_more_input = true;
    runner_terminate(r);
}

static void err_failed(void *context, const struct error *err)
{
    struct runner *r = context;
    (void)err; /* there is no place left to tell it */
    r->failed = true;
}

static void report_failed(void *context, const struct error *err)
{
    struct runner *r = context;
    complain("%s", err->message);
    r->failed = true;
}

static void output_drained(void *context)
{
    struct runner *r = context;
    r->feed_ready = true;
    ev_async_send(r->loop, &r->wake);
}

int runner_open_outputs(struct runner *r, struct error *err)
{
    bool needed = output_options.form != OUTPUT_NONE || output_options.summary || results_options.on_stdout;
    if (needed && files_was_closed(STDOUT_FILENO))
        return error_set(err, ERR_IO, "stdout is closed: redirect it to a file, or use -o none");
    struct output_hooks out_hooks = {.failed = out_failed, .drained = output_drained, .context = r};
    struct output_hooks err_hooks = {
        .failed = err_failed, .drained = output_drained, .only_writes = true, .context = r};
    r->out = output_new(r->loop, STDOUT_FILENO, "stdout", &out_hooks);
    r->err = output_new(r->loop, files_was_closed(STDERR_FILENO) ? -1 : STDERR_FILENO, "stderr", &err_hooks);
    complain_through(r->err);
    return 0;
}

void runner_add_sink(struct runner *r, struct sink *s)
{
    r->sinks[r->sinks_len++] = s;
}

bool runner_follows(void)
{
    const struct output_options *o = &output_options;
    return o->form == OUTPUT_TEXT && o->keep_order && !o->mark.color_failed && !results_options.files;
}

static void follow(void *context, struct task *task)
{
    struct runner *r = context;
    executor_follow(r->executor, task);
}

static struct sink *main_sink(struct runner *r)
{
    const struct output_options *o = &output_options;
    if (o->form == OUTPUT_NONE)
        return sink_none(r->out, o->summary);
    if (o->form == OUTPUT_TEXT) {
        bool printed = parallel_options.print_commands;
        bool told = o->ungroup || (o->line_buffer && !o->keep_order);
        struct text_sink_options text = {
            .keep_order = o->keep_order,
            .mark = o->mark,
            .file = results_options.files ? runner_result_file : NULL,
            .commands = printed && !told,
            .commands_first = printed && told,
            .follow = runner_follows() && !printed ? follow : NULL,
            .context = r,
            .retries = retry_options.retries,
            .summary = o->summary,
            .spool = r->spool,
        };
        text.mark.tag_text = r->tag_text;
        return sink_text(r->out, r->err, &text);
    }
    struct json_sink_options json = {
        .document = o->form == OUTPUT_JSON,
        .events = o->events,
        .summary = o->summary,
        .keep_order = o->keep_order,
        .spool = r->spool,
    };
    return sink_json(r->out, &json);
}

static int64_t total_of_pool(void *context)
{
    struct runner *r = context;
    return pool_total(r->pool);
}

static void wake(void *context)
{
    struct runner *r = context;
    ev_async_send(r->loop, &r->wake);
}

static void add_callbacks(struct runner *r)
{
    struct callback_options callbacks = {
        .callback = pool_options.callback,
        .error_callback = pool_options.error_callback,
        .shell_path = shell_options.path,
        .timeout_ns = pool_options.callback_timeout_ns,
        .supervisor = r->supervisor,
        .notify = wake,
        .tell = complain,
        .context = r,
    };
    r->callbacks = sink_callback(r->err, &callbacks);
    runner_add_sink(r, r->callbacks);
}

/* What is no regular file may have a reader, who may be slow: it is written to as stdout is. */
static int add_report(struct runner *r, struct error *err)
{
    const struct output_options *o = &output_options;
    bool is_stream;
    int fd = report_open(o->report, o->append, &is_stream, err);
    if (fd < 0)
        return -1;
    if (!is_stream) {
        runner_add_sink(r, sink_report(fd, o->report, o->append));
        return 0;
    }
    struct output_hooks hooks = {.failed = report_failed, .drained = output_drained, .context = r};
    struct json_sink_options lines = {.spool = r->spool};
    r->report_fd = fd;
    r->report_name = xasprintf("report %s", o->report);
    r->report = output_new(r->loop, fd, r->report_name, &hooks);
    runner_add_sink(r, sink_json(r->report, &lines));
    return 0;
}

/* The main sink is the last one: text output takes the captured streams away from the task. */
int runner_open_sinks(struct runner *r, struct error *err)
{
    const struct output_options *o = &output_options;
    if (o->verbose)
        runner_add_sink(r, sink_verbose(r->err));
    if (o->progress) {
        bool terminal = terminal_is(STDERR_FILENO);
        struct progress_options progress = {
            .terminal = terminal,
            .wide = o->bar,
            .eta_first = o->eta,
            .color = terminal && !getenv("NO_COLOR"),
            .fd = STDERR_FILENO,
            .total = total_of_pool,
            .context = r,
        };
        r->progress = sink_progress(r->loop, r->err, &progress);
        r->bar_is_beside_output =
            terminal && (o->verbose || o->form == OUTPUT_TEXT || terminal_is(STDOUT_FILENO));
        runner_add_sink(r, r->progress);
    }
    if (o->report && add_report(r, err) < 0)
        return -1;
    if (journal_options.joblog) {
        struct sink *joblog = sink_joblog(journal_options.joblog, journal_options.append, err);
        if (!joblog)
            return -1;
        runner_add_sink(r, joblog);
    }
    if (o->tagstring && *o->tagstring) {
        r->tag_text = runner_text_template(r, o->tagstring, "--tagstring", err);
        if (!r->tag_text)
            return -1;
    }
    if (runner_add_results(r, err) < 0)
        return -1;
    add_callbacks(r);
    runner_add_sink(r, main_sink(r));
    return 0;
}

/* The bar comes back with the next drawing: what is shown begins on a line of its own. */
void runner_show(struct runner *r, const struct event *event)
{
    if (r->bar_is_beside_output)
        progress_hide(r->progress);
    for (size_t i = 0; i < r->sinks_len; i++)
        r->sinks[i]->ops->event(r->sinks[i], event);
}

void runner_show_output(struct runner *r, struct event *event)
{
    if (r->bar_is_beside_output)
        progress_hide(r->progress);
    for (size_t i = 0; i < r->sinks_len; i++) {
        if (r->sinks[i]->ops->output)
            r->sinks[i]->ops->output(r->sinks[i], event->task, event->output);
    }
    live_output_free(event->output);
}

bool runner_outputs_are_full(const struct runner *r)
{
    return output_is_full(r->out) || output_is_full(r->err) || (r->report && output_is_full(r->report));
}

bool runner_outputs_are_empty(const struct runner *r)
{
    return output_is_empty(r->out) && output_is_empty(r->err) && (!r->report || output_is_empty(r->report));
}

void runner_commit_outputs(struct runner *r)
{
    output_commit(r->out);
    output_commit(r->err);
    if (r->report)
        output_commit(r->report);
}

static bool sink_is_full(const struct sink *s)
{
    return s->ops->is_full && s->ops->is_full(s);
}

static bool too_many_callbacks(struct runner *r)
{
    bool many = sink_is_full(r->callbacks);
    if (many && !r->told_callbacks && output_options.verbose)
        complain("starting nothing new until some of the waiting callbacks have run");
    r->told_callbacks = many;
    return many;
}

/* Output that waits for its reader, and callbacks, hold up everything; results that wait for an earlier
 * task (-k) hold up others only while something runs: it may be that task, and if nothing does, that task
 * has still to start. */
bool runner_is_full(struct runner *r)
{
    if (runner_outputs_are_full(r) || too_many_callbacks(r))
        return true;
    bool waits = false;
    for (size_t i = 0; i < r->sinks_len && !waits; i++)
        waits = r->sinks[i]->ops->waits_for_task && r->sinks[i]->ops->waits_for_task(r->sinks[i]);
    return waits && pool_is_busy(r->pool);
}

void runner_finish_sinks(struct runner *r, const struct summary *summary)
{
    progress_hide(r->progress);
    for (size_t i = 0; i < r->sinks_len; i++) {
        struct error err;
        if (r->sinks[i]->ops->finish(r->sinks[i], summary, &err) < 0) {
            complain("%s", err.message);
            r->failed = true;
        }
    }
    if (callback_failures(r->callbacks) > 0)
        r->failed = true;
    for (size_t i = 0; i < r->sinks_len; i++)
        r->sinks[i]->ops->free(r->sinks[i]);
    r->sinks_len = 0;
    r->progress = r->callbacks = NULL;
}

/* What failed was told when it happened (see out_failed). */
void runner_close_outputs(struct runner *r)
{
    struct error err;
    bool quiet = r->interrupted == SIGPIPE;
    complain_through(NULL);
    if (r->out && output_free(r->out, r->hurried, &err) < 0 && !quiet)
        r->failed = true;
    if (r->err && output_free(r->err, r->hurried, &err) < 0 && !files_was_closed(STDERR_FILENO))
        r->failed = true;
    if (r->report) {
        if (output_free(r->report, r->hurried, &err) < 0)
            r->failed = true;
        close(r->report_fd);
        free(r->report_name);
    }
    r->out = r->err = r->report = NULL;
}
