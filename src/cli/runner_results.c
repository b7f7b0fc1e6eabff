/* The files of a run that get what its tasks write: --results and --files. */
#include "cli/options.h"
#include "cli/runner_private.h"
#include "os/paths.h"
#include "sink/results.h"
#include "sink/table.h"

#include <string.h>

const char *runner_result_file(void *context, const struct task *task)
{
    struct runner *r = context;
    (void)task; /* its end is the event that all sinks see now */
    return results_file(r->results);
}

struct text_template *runner_text_template(const struct runner *r, const char *text, const char *what,
                                           struct error *err)
{
    const struct inputs *in = r->setup.inputs;
    struct template_options options = {
        .names = in ? &in->names : NULL,
        .whole = in ? in->whole : 0,
        .slots = pool_options.slots,
        .syntax.no_plus = replace_options.no_plus,
    };
    memcpy(options.syntax.tokens, replace_options.tokens, sizeof options.syntax.tokens);
    struct text_template *t = text_template_new(text, &options, err);
    if (!t)
        error_prefix(err, "%s", what);
    return t;
}

static int add_files(struct runner *r, struct error *err)
{
    const struct inputs *in = r->setup.inputs;
    const char *name = results_options.name;
    r->results_name = runner_text_template(r, name, "--results", err);
    if (!r->results_name)
        return -1;
    struct result_naming naming = {
        .template = r->results_name,
        .sources = in ? in->sources : 0,
        .whole = in ? in->whole : 0,
        .names = in ? &in->names : NULL,
        .several = !r->setup.single || timer_options.schedule.every_ns > 0,
    };
    if (text_template_prefix(r->results_name) == strlen(name) && paths_make_directory(name, err) < 0)
        return error_prefix(err, "results");
    r->results = sink_results(&naming);
    runner_add_sink(r, r->results);
    return 0;
}

static int add_table(struct runner *r, struct error *err)
{
    const struct results_options *o = &results_options;
    struct table_options table = {
        .form = o->table,
        .keep_order = output_options.keep_order,
        .names = r->setup.inputs ? &r->setup.inputs->names : NULL,
        .spool = r->spool,
        .file = o->files ? runner_result_file : NULL,
        .context = r,
    };
    struct sink *s = sink_table(o->on_stdout ? r->out : NULL, o->name, &table, err);
    if (!s)
        return -1;
    runner_add_sink(r, s);
    return 0;
}

int runner_add_results(struct runner *r, struct error *err)
{
    const struct results_options *o = &results_options;
    if (o->form == RESULTS_FILES)
        return add_files(r, err);
    if (o->files) {
        r->results = sink_results(NULL);
        runner_add_sink(r, r->results);
    }
    return o->form == RESULTS_TABLE ? add_table(r, err) : 0;
}
