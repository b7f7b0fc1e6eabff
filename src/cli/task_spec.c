#include "cli/task_spec.h"

#include "cli/options.h"

#include <string.h>

static struct spec *new_spec(const struct words *command, struct template_options *options, struct error *err)
{
    options->form = shell_options.form;
    options->light = parallel_options.on;
    options->append_nothing = pipe_options.pipe && pipe_options.way == INPUT_STDIN;
    options->no_direct = pool_options.no_direct;
    options->shell_path = shell_options.path;
    options->syntax.no_plus = replace_options.no_plus;
    memcpy(options->syntax.tokens, replace_options.tokens, sizeof options->syntax.tokens);
    options->slots = pool_options.slots < SLOTS_MAX ? pool_options.slots : 0;
    options->total = !pipe_options.pipe;
    struct template *template = template_new(command, options, err);
    if (!template)
        return NULL;
    struct spec *spec = spec_new();
    spec->template = template;
    spec->schedule = timer_options.schedule;
    return spec;
}

struct spec_context task_spec_context(int64_t real_now_ns)
{
    return (struct spec_context){
        .shell_path = shell_options.path,
        .no_direct = pool_options.no_direct,
        .real_now_ns = real_now_ns,
    };
}

struct spec *task_spec_new(const struct words *command, bool literal, struct error *err)
{
    return new_spec(command, &(struct template_options){.literal = literal}, err);
}

struct spec *task_spec_of(const struct inputs *in, struct error *err)
{
    return new_spec(&in->command, &(struct template_options){.names = &in->names,
                                                                .whole = in->whole,
                                                                .repeat_words = batch_options.repeat}, err);
}
