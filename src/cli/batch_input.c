/* A command line is as long as xargs makes it by default, so that the items are spread over many tasks and a line in
 * the making takes little memory; -s makes it as long as the system allows. What that is follows from the limit on the
 * stack that tasks have, and from their environment.
 */
#include "cli/batch_input.h"

#include "cli/options.h"
#include "os/exec_space.h"
#include "os/machine.h"
#include "source/batch.h"

#include <string.h>
#include <unistd.h>

#define LINE_DEFAULT ((size_t)128 << 10)
#define OWN_VARIABLES ((size_t)2048) /* the JOBPOOL_* of a task */

static size_t space_of_words(const struct words *words)
{
    return words->len + words->count * EXEC_POINTER;
}

static size_t arguments_space(const struct spec *spec)
{
    struct rlimit stack = {.rlim_cur = 0};
    getrlimit(RLIMIT_STACK, &stack);
    for (size_t i = 0; i < spec->limits_len; i++) {
        if (spec->limits[i].resource == RLIMIT_STACK)
            stack.rlim_cur = spec->limits[i].value;
    }
    return exec_space_left(stack.rlim_cur, exec_space_of(environ) + space_of_words(&pool_options.env) +
                                               space_of_words(&spec->env) + OWN_VARIABLES);
}

static int check_line(const struct template *t, size_t line, struct error *err)
{
    struct template_meter meter = {.template = t};
    struct template_cost cost;
    template_cost_fixed(&meter, &cost);
    template_meter_fini(&meter);
    if (cost.bytes <= line)
        return 0;
    return error_set(err, ERR_USAGE, "--max-chars: the command alone has %zu bytes, and %zu are allowed", cost.bytes,
                     line);
}

int batch_input(struct inputs *in, const struct spec *spec, struct error *err)
{
    int64_t items = input_options.max_args ? input_options.max_args : input_options.max_lines;
    bool splits = template_can_split(spec->template);
    struct batch_plan plan = {
        .items = (uint64_t)items,
        .line = batch_options.line ? (size_t)batch_options.line : items ? 0 : LINE_DEFAULT,
        .line_is_strict = batch_options.line > 0,
        .slots = batch_options.spread ? batch_options.slots : 0,
        .whole = items && !splits,
        .width = splits ? &in->width : NULL,
    };
    if (batch_options.line && check_line(spec->template, plan.line, err) < 0)
        return -1;
    if (!plan.whole || batch_options.line) {
        plan.template = spec->template;
        plan.space = arguments_space(spec);
    }
    if (batch_options.packed || items > 1)
        in->source = source_packed(in->source, &plan);
    if (input_options.shuffle)
        in->source = source_shuffle(in->source, machine_random());
    return 0;
}
