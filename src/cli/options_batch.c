/* Options on how many items a task of `map` gets: as many as fit. */
#include "cli/option_text.h"
#include "cli/options.h"

#include "base/number.h"

#define LINE_MOST ((int64_t)1 << 30)

static struct {
    const char **line;
    int repeat, pack, spread;
} raw;

static const struct poptOption table[] = {
    {"spread", 'm', POPT_ARG_NONE, &raw.spread, 0,
     "as many items as a command line holds; the last ones are spread over the slots", NULL},
    {"context-replace", 'X', POPT_ARG_NONE, &raw.repeat, 0,
     "the same, and a word with {} in it is there once for each: pre-a.gz pre-b.gz", NULL},
    {"xargs", 0, POPT_ARG_NONE, &raw.pack, 0, "as -m, but the last ones stay together", NULL},
    {"max-chars", 's', POPT_ARG_ARGV, &raw.line, 0,
     "bytes of a command line at most; alone it means -X (default: 128K, or what the system allows)", "SIZE"},
    POPT_TABLEEND,
};

const struct option_group batch_group = {"Batch options", table};
struct batch_options batch_options;

int options_read_batch(struct error *err)
{
    const char *line = option_text(raw.line);
    bool counted = input_options.max_args > 0 || input_options.max_lines > 0;
    bool joined = raw.spread || raw.pack;
    batch_options = (struct batch_options){.slots = pool_options.slots};
    if (line && size_parse(line, &batch_options.line, "--max-chars", err) < 0)
        return -1;
    if (line && (batch_options.line < 1 || batch_options.line > LINE_MOST))
        return error_set(err, ERR_USAGE, "--max-chars: %.200s is no length of a command line; give 1 to 1G", line);
    if (pipe_options.pipe && (line || joined || raw.repeat))
        return error_set(err, ERR_USAGE, "%s: a task of --pipe has a block, and no items; leave it out",
                         raw.repeat   ? "-X"
                         : raw.spread ? "-m"
                         : raw.pack   ? "--xargs"
                                      : "--max-chars");
    batch_options.packed = line || joined || raw.repeat;
    batch_options.repeat = raw.repeat || (!joined && (input_options.each_word || (line && !counted)));
    batch_options.spread = !counted && !raw.pack;
    return 0;
}
