#include "cli/task_spec.h"

#include "cli/options.h"

struct spec *task_spec_new(const struct words *command, bool literal, struct error *err)
{
    struct template_options options = {
        .form = shell_options.form,
        .literal = literal,
        .light = parallel_options.on,
        .append_nothing = pipe_options.pipe && pipe_options.way == INPUT_STDIN,
        .no_direct = pool_options.no_direct,
        .shell_path = shell_options.path,
    };
    struct template *template = template_new(command, &options, err);
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
