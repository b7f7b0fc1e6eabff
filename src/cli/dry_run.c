#include "cli/dry_run.h"

#include "base/buffer.h"
#include "base/utf8.h"
#include "cli/gnu_status.h"
#include "cli/options.h"
#include "session/resume.h"
#include "task/json.h"
#include "task/script.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void dry_run_begin(struct dry_run *d)
{
    bool json = output_options.form_given &&
                (output_options.form == OUTPUT_JSONL || output_options.form == OUTPUT_JSON);
    *d = (struct dry_run){.json = json, .document = json && output_options.form == OUTPUT_JSON};
}

static void dry_run_print(struct dry_run *d, const struct buffer *line)
{
    if (!d->broken && print_all(STDOUT_FILENO, line->data, line->len) != 0) {
        d->broken = true;
        dry_run_fail(d, 125);
    }
}

static void quote_words(struct buffer *line, const struct words *argv)
{
    for (const char *word = NULL; (word = words_next(argv, word));) {
        if (word != argv->data)
            buffer_putc(line, ' ');
        script_quote(line, slice_of(word), false);
    }
}

static void quote_shell(struct buffer *line, const char *shell, const char *script)
{
    struct words argv = {0};
    const char *const words[] = {shell, "-c", "--", script};
    for (size_t i = 0; i < 4; i++)
        words_add(&argv, words[i], strlen(words[i]));
    quote_words(line, &argv);
    words_fini(&argv);
}

/* Assignments in front of the command; behind env(1) where a shell would not take them, or not pass them on. */
static void quote_environment(struct buffer *line, const struct words *env)
{
    bool quiet = true;
    for (const char *v = NULL; quiet && (v = words_next(env, v));)
        quiet = script_variable_is_quiet(v);
    if (!quiet)
        buffer_puts(line, "env ");
    for (const char *v = NULL; (v = words_next(env, v));) {
        size_t name = quiet ? strcspn(v, "=") + 1 : 0;
        buffer_append(line, v, name);
        script_quote(line, slice_of(v + name), false);
        buffer_putc(line, ' ');
    }
}

/* A script for /bin/sh is what can be pasted; for another shell, or with variables or a folder of its own, the
 * whole command line is. `./` keeps CDPATH and a leading dash out of it. */
static void write_pasteable(struct buffer *line, const struct spec *spec, const struct rendering *r)
{
    const char *shell = template_shell(spec->template);
    bool alone = !spec->cwd && !spec->env.count && !spec->input_file;
    if (r->script && alone && (parallel_options.on || strcmp(shell, "/bin/sh") == 0)) {
        buffer_puts(line, r->script);
        return;
    }
    if (spec->cwd) {
        buffer_puts(line, spec->cwd[0] == '/' ? "(cd " : "(cd ./");
        script_quote(line, slice_of(spec->cwd), false);
        buffer_puts(line, " && ");
    }
    quote_environment(line, &spec->env);
    if (r->script)
        quote_shell(line, shell, r->script);
    else
        quote_words(line, &r->argv);
    if (spec->cwd)
        buffer_putc(line, ')');
    if (spec->input_file) {
        buffer_puts(line, " < ");
        script_quote(line, slice_of(spec->input_file), false);
    }
}

static void write_argv(struct buffer *line, const struct words *argv)
{
    bool text = true;
    for (const char *word = NULL; (word = words_next(argv, word));)
        text = text && utf8_valid(word, strlen(word));
    buffer_puts(line, text ? "\"command\":[" : "\"command_base64\":[");
    for (const char *word = NULL; (word = words_next(argv, word));) {
        if (word != argv->data)
            buffer_putc(line, ',');
        if (text)
            json_write_string(line, word, strlen(word));
        else
            json_write_base64(line, word, strlen(word));
    }
    buffer_putc(line, ']');
}

static void write_script(struct buffer *line, const char *script)
{
    size_t len = strlen(script);
    bool text = utf8_valid(script, len);
    buffer_puts(line, text ? "\"shell\":" : "\"shell_base64\":");
    if (text)
        json_write_string(line, script, len);
    else
        json_write_base64(line, script, len);
}

static void write_command(struct buffer *line, const struct rendering *r)
{
    buffer_putc(line, '{');
    if (r->script)
        write_script(line, r->script);
    else
        write_argv(line, &r->argv);
    buffer_putc(line, '}');
}

/* The object again, with the command in place of its template and arguments. */
static void write_spec(struct buffer *line, const struct rendering *r, const json_t *origin)
{
    static const char *const replaced[] = {"command", "command_base64", "shell", "shell_base64",
                                           "args",    "args_base64",    NULL};
    if (!origin) {
        write_command(line, r);
        return;
    }
    struct buffer command = {0};
    write_command(&command, r);
    json_t *object = json_copy((json_t *)(uintptr_t)origin);
    json_t *rendered = json_loadb(command.data, command.len, JSON_ALLOW_NUL, NULL);
    for (size_t i = 0; replaced[i]; i++)
        json_object_del(object, replaced[i]);
    json_object_update(object, rendered);
    char *text = json_dumps(object, JSON_COMPACT);
    buffer_puts(line, text);
    free(text);
    json_decref(rendered);
    json_decref(object);
    buffer_fini(&command);
}

/* As GNU parallel prints it: with the tag in front, or quoted so many times. */
static void write_as_gnu(struct buffer *line, const struct words *values)
{
    struct buffer text = {0};
    for (int i = 0; i < parallel_options.shell_quotes; i++) {
        struct buffer quoted = {0};
        script_quote_light(&quoted, (struct slice){line->data, line->len});
        buffer_fini(line);
        *line = quoted;
    }
    if (!output_options.mark.tag)
        return;
    for (const char *word = NULL; (word = words_next(values, word));)
        buffer_printf(&text, word == values->data ? "%s" : " %s", word);
    buffer_putc(&text, '\t');
    buffer_append(&text, line->data, line->len);
    buffer_fini(line);
    *line = text;
}

void dry_run_task(struct dry_run *d, const struct spec *spec, const struct words *values, const json_t *origin)
{
    struct rendering r = {0};
    struct error err;
    struct buffer line = {0};
    d->tasks++;
    if (template_render(spec->template, values, d->tasks, 1, &r, &err) < 0) {
        dry_run_bad(d, &err);
        rendering_fini(&r);
        return;
    }
    if (d->json)
        write_spec(&line, &r, origin);
    else
        write_pasteable(&line, spec, &r);
    if (!d->json && parallel_options.on)
        write_as_gnu(&line, values);
    if (d->document) {
        struct buffer item = {0};
        buffer_puts(&item, d->printed ? ",\n" : "[");
        dry_run_print(d, &item);
        buffer_fini(&item);
    } else {
        buffer_putc(&line, '\n');
    }
    dry_run_print(d, &line);
    d->printed++;
    buffer_fini(&line);
    rendering_fini(&r);
}

void dry_run_bad(struct dry_run *d, const struct error *err)
{
    complain("%s", err->message);
    dry_run_fail(d, err->code == ERR_SPEC || err->code == ERR_SPAWN ? 123 : 125);
}

void dry_run_fail(struct dry_run *d, int status)
{
    if (d->status < status)
        d->status = status;
}

int dry_run_end(struct dry_run *d)
{
    struct buffer end = {0};
    if (d->document)
        buffer_puts(&end, d->printed ? "]\n" : "[]\n");
    if (end.len)
        dry_run_print(d, &end);
    buffer_fini(&end);
    return d->status ? failure_status(d->status) : 0;
}

void dry_run_wait(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    poll(&p, 1, -1);
}

/* One item of a run that goes on where another was cut off. False: nothing follows. */
static bool dry_run_look(struct dry_run *d, const struct spec *spec, const struct words *values, uint64_t seq,
                         struct resume *resume)
{
    struct error err;
    uint64_t digest;
    if (resume_number(resume, seq - 1))
        seq = resume_number(resume, seq - 1);
    enum resume_verdict verdict = resume_look(resume, seq, spec, values, &digest, &err);
    d->tasks = verdict == RESUME_RUN ? seq - 1 : seq;
    if (verdict == RESUME_RUN)
        dry_run_task(d, spec, values, NULL);
    if (verdict == RESUME_DIFFERS) {
        complain("%s", err.message);
        d->status = 2;
    }
    return verdict == RESUME_RUN || verdict == RESUME_PASS;
}

int dry_run_source(struct source *source, const struct spec *spec, struct resume *resume)
{
    struct dry_run d;
    struct words values = {0};
    struct error err;
    enum source_status got = SOURCE_ITEM;
    uint64_t seq = 0;
    dry_run_begin(&d);
    while (got != SOURCE_END && d.status != 125) {
        words_clear(&values);
        got = source ? source_next(source, &values, &err) : d.tasks ? SOURCE_END : SOURCE_ITEM;
        if (got == SOURCE_ITEM && resume)
            got = dry_run_look(&d, spec, &values, ++seq, resume) ? SOURCE_ITEM : SOURCE_END;
        else if (got == SOURCE_ITEM)
            dry_run_task(&d, spec, &values, NULL);
        else if (got == SOURCE_WAIT)
            dry_run_wait(source_fd(source));
        else if (got == SOURCE_ERROR)
            dry_run_bad(&d, &err);
    }
    words_fini(&values);
    source_free(source);
    return dry_run_end(&d);
}
