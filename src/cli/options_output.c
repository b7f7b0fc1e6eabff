/* Options on what is written, and the exit status. */
#include "base/buffer.h"
#include "cli/option_text.h"
#include "cli/options.h"

#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct {
    const char **output, **report, **exit, **tagstring;
    int keep_order, append, summary, events, tag, color, color_failed, line_buffer, ungroup, dry_run, verbose, progress;
    int bar, eta;
} raw;

static const struct poptOption table[] = {
    {"output", 'o', POPT_ARG_ARGV, &raw.output, 0,
     "form of the output (default: jsonl): a JSON result per line, one JSON document, the tasks' own output, "
     "or nothing",
     "jsonl|json|text|none"},
    {"keep-order", 'k', POPT_ARG_NONE, &raw.keep_order, 0,
     "write results in the order of the input (the report is as tasks end)", NULL},
    {"tag", 0, POPT_ARG_NONE, &raw.tag, 0,
     "begin each line with the task's values and a tab; implies -o text", NULL},
    {"tagstring", 0, POPT_ARG_ARGV, &raw.tagstring, 0,
     "begin each line with TEXT, in which replacement strings and \\t are replaced, and a tab; implies -o text",
     "TEXT"},
    {"color", 0, POPT_ARG_NONE, &raw.color, 0, "show the lines of each task in a colour of its own; implies -o text",
     NULL},
    {"color-failed", 0, POPT_ARG_NONE, &raw.color_failed, 0,
     "show the lines of a task that did not succeed white on red; implies -o text", NULL},
    {"line-buffer", 0, POPT_ARG_NONE, &raw.line_buffer, 0,
     "write each line as soon as it is there, lines of several tasks mixed; implies -o text", NULL},
    {"ungroup", 'u', POPT_ARG_NONE, &raw.ungroup, 0,
     "let tasks write to stdout and stderr themselves, parts of lines mixed; implies -o text", NULL},
    {"report", 0, POPT_ARG_ARGV, &raw.report, 0, "write results as JSON Lines into FILE too; replaces it",
     "FILE"},
    {"append", 0, POPT_ARG_NONE, &raw.append, 0, "append to the report, which several jobpools may share",
     NULL},
    {"summary", 0, POPT_ARG_NONE, &raw.summary, 0, "write a summary at the end", NULL},
    {"events", 0, POPT_ARG_NONE, &raw.events, 0, "write each change of a task's state as a JSON line", NULL},
    {"progress", 0, POPT_ARG_NONE, &raw.progress, 0,
     "show on stderr how far it is; a live bar on a terminal, else plain lines", NULL},
    {"bar", 0, POPT_ARG_NONE, &raw.bar, 0,
     "the same with a bar as wide as the terminal; the input is read ahead, to know how much there is", NULL},
    {"eta", 0, POPT_ARG_NONE, &raw.eta, 0,
     "the same with the remaining time first; the input is read ahead, to know how much there is", NULL},
    {"verbose", 'v', POPT_ARG_NONE, &raw.verbose, 0, "say on stderr what starts", NULL},
    {"dry-run", 0, POPT_ARG_NONE, &raw.dry_run, 0,
     "print each command for a shell and run nothing; with -o jsonl or json print task specs", NULL},
    {"exit", 0, POPT_ARG_ARGV, &raw.exit, 0, "exit with the number of failed tasks, 101 for more than 100",
     "count"},
    POPT_TABLEEND,
};

const struct option_group output_group = {"Output options", table};
struct output_options output_options;

/* Tasks that write by themselves. */
static int check_ungroup(const struct output_options *o, struct error *err)
{
    const struct {
        bool given;
        const char *name;
    } others[] = {{o->mark.tag, "--tag"},         {o->tagstring != NULL, "--tagstring"},
                  {o->mark.color, "--color"},     {o->mark.color_failed, "--color-failed"},
                  {o->line_buffer, "--line-buffer"}, {o->keep_order, "-k"},
                  {results_options.name != NULL, "--results"}, {results_options.files, "--files"}};
    for (size_t i = 0; o->ungroup && i < sizeof others / sizeof others[0]; i++) {
        if (others[i].given)
            return error_set(err, ERR_USAGE,
                             "--ungroup: tasks write by themselves, so %s cannot be had; leave one of them out",
                             others[i].name);
    }
    return 0;
}

static int check_results(const struct output_options *o, struct error *err)
{
    const struct results_options *r = &results_options;
    if (!r->on_stdout || (o->form == OUTPUT_NONE && !o->summary))
        return 0;
    return error_set(err, ERR_USAGE, "--results %.20s: standard output is for the rows, so %s cannot be had; leave it out, "
                                     "or name a file for the rows",
                     r->name, r->files ? "--files" : o->form == OUTPUT_NONE ? "--summary" : "other output");
}

static int check_together(const struct output_options *o, struct error *err)
{
    static const char *const names[] = {"", "jsonl", "json", "text", "none"};
    const struct {
        bool given;
        const char *name;
    } text_only[] = {{o->mark.tag, "--tag"},
                     {o->tagstring != NULL, "--tagstring"},
                     {o->mark.color, "--color"},
                     {o->mark.color_failed, "--color-failed"},
                     {o->line_buffer, "--line-buffer"},
                     {o->ungroup, "--ungroup"},
                     {results_options.files, "--files"}};
    for (size_t i = 0; i < sizeof text_only / sizeof text_only[0]; i++) {
        if (text_only[i].given && o->form != OUTPUT_TEXT)
            return error_set(err, ERR_USAGE, "%s needs -o text, not -o %s", text_only[i].name, names[o->form]);
    }
    if (check_ungroup(o, err) < 0 || check_results(o, err) < 0)
        return -1;
    if (o->mark.color_failed && o->line_buffer)
        return error_set(err, ERR_USAGE, "--color-failed: that a task fails is known when it ends, so --line-buffer cannot "
                                         "be had; leave one of them out");
    if (o->events && o->form != OUTPUT_JSONL)
        return error_set(err, ERR_USAGE, "--events needs -o jsonl, not -o %s", names[o->form]);
    if (o->append && !o->report)
        return error_set(err, ERR_USAGE, "--append needs --report, the file to append to");
    return 0;
}

static int read_form(struct output_options *o, struct error *err)
{
    static const char *const choices[] = {"jsonl", "json", "text", "none", NULL};
    static const enum output_form forms[] = {OUTPUT_JSONL, OUTPUT_JSON, OUTPUT_TEXT, OUTPUT_NONE};
    int index = 0;
    if (option_choice(raw.output, choices, &index, "--output", err) < 0)
        return -1;
    o->form_given = raw.output != NULL;
    bool text = mark_is_wanted(&o->mark) || o->tagstring || o->line_buffer || o->ungroup || results_options.files;
    enum output_form usual = text ? OUTPUT_TEXT : results_options.on_stdout ? OUTPUT_NONE : OUTPUT_JSONL;
    o->form = o->form_given ? forms[index] : usual;
    return 0;
}

static bool is_same_file(const char *path, const char *other)
{
    struct stat a, b;
    if (!other || stat(other, &b) < 0 || !S_ISREG(b.st_mode))
        return false;
    if ((strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, &a) : stat(path, &a)) < 0)
        return false;
    return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

int options_check_input(const char *path, struct error *err)
{
    const struct results_options *r = &results_options;
    const char *is_stdin = strcmp(path, "-") == 0 ? " (standard input)" : "";
    bool has_table = r->form == RESULTS_TABLE && !r->on_stdout;
    const struct {
        const char *option, *name;
    } outputs[] = {
        {"report", output_options.report},
        {"results", has_table ? r->name : NULL},
        {"journal", journal_options.journal},
        {"joblog", journal_options.joblog},
    };
    for (size_t i = 0; i < sizeof outputs / sizeof outputs[0]; i++) {
        if (is_same_file(path, outputs[i].name))
            return error_set(err, ERR_USAGE, "--%s: %.200s is an input too%s; write the %s to another file",
                             outputs[i].option, outputs[i].name, is_stdin, outputs[i].option);
    }
    return 0;
}

/* The text with what \t and \n stand for. It is read once, and lasts as long as the process. */
static const char *read_tagstring(void)
{
    static struct buffer text;
    buffer_clear(&text);
    for (const char *at = option_text(raw.tagstring); at && *at; at++) {
        bool escape = at[0] == '\\' && (at[1] == 't' || at[1] == 'n');
        at += escape;
        buffer_putc(&text, !escape ? *at : *at == 't' ? '\t' : '\n');
    }
    return raw.tagstring ? buffer_text(&text) : NULL;
}

int options_read_output(struct error *err)
{
    static const char *const exits[] = {"count", NULL};
    struct output_options *o = &output_options;
    *o = (struct output_options){
        .keep_order = raw.keep_order != 0,
        .report = option_text(raw.report),
        .append = raw.append != 0,
        .summary = raw.summary != 0,
        .events = raw.events != 0,
        .mark = {.tag = raw.tag != 0, .color = raw.color != 0, .color_failed = raw.color_failed != 0},
        .tagstring = read_tagstring(),
        .line_buffer = raw.line_buffer != 0,
        .ungroup = raw.ungroup != 0,
        .dry_run = raw.dry_run != 0,
        .verbose = raw.verbose != 0,
        .progress = raw.progress || raw.bar || raw.eta,
        .bar = raw.bar != 0,
        .eta = raw.eta != 0,
        .exit_count = raw.exit != NULL,
    };
    int only = 0;
    if (read_form(o, err) < 0 || option_choice(raw.exit, exits, &only, "--exit", err) < 0)
        return -1;
    if (o->report && !*o->report)
        return error_set(err, ERR_USAGE, "--report: the name is empty; give the file to write");
    return check_together(o, err);
}
