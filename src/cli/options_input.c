/* Options on where the items of `map` come from. */
#include "cli/option_text.h"
#include "cli/options.h"

#define ITEMS_MAX 1000000000

static struct {
    const char **files, **ranges, **delimiter, **max_args, **max_replace, **max_lines, **chunksize;
    int null, link, shuffle;
} raw;

static const struct poptOption table[] = {
    {"arg-file", 'a', POPT_ARG_ARGV, &raw.files, 0,
     "read items from FILE, - for standard input; may be repeated", "FILE"},
    {"range", 0, POPT_ARG_ARGV, &raw.ranges, 0,
     "numbers as items, such as 1..100 or 0..100..5; may be repeated", "FIRST..LAST"},
    {"link", 0, POPT_ARG_NONE, &raw.link, 0,
     "several sources side by side, not every combination; shorter ones begin again", NULL},
    {"xapply", 0, POPT_ARG_NONE, &raw.link, 0, "the same as --link", NULL},
    {"null", '0', POPT_ARG_NONE, &raw.null, 0, "items end with a NUL byte, not with a newline", NULL},
    {"delimiter", 'd', POPT_ARG_ARGV, &raw.delimiter, 0,
     "items end with this byte; \\n, \\t, \\r, \\0, \\\\ and \\xHH are understood", "BYTE"},
    {"max-args", 'n', POPT_ARG_ARGV, &raw.max_args, 0,
     "give N items to each task, with -m, -X or -s at most N (default: 1)", "N"},
    {"max-replace-args", 'N', POPT_ARG_ARGV, &raw.max_replace, 0,
     "the same, and a word with {} in it is there once for each, as with -X; with --pipe: so many records", "N"},
    {"max-lines", 'L', POPT_ARG_ARGV, &raw.max_lines, 0,
     "the same as -N for lines that are not blank; one that ends with a blank goes on with the next", "N"},
    {"shuf", 0, POPT_ARG_NONE, &raw.shuffle, 0, "run tasks in random order; reads all items first", NULL},
    {"chunksize", 0, POPT_ARG_ARGV, &raw.chunksize, 0,
     "a slot takes N tasks at a time; never changes the results (default: 1)", "N"},
    POPT_TABLEEND,
};

const struct option_group input_group = {"Input options", table};
struct input_options input_options;

static int read_delimiter(struct error *err)
{
    const char *text = option_text(raw.delimiter);
    input_options.delimiter = raw.null ? '\0' : '\n';
    if (!text)
        return 0;
    if (raw.null)
        return error_set(err, ERR_USAGE, "--null and --delimiter both say how items end; give one of them");
    int byte = option_byte(text);
    if (byte < 0)
        return error_set(
            err, ERR_USAGE,
            "--delimiter: '%.200s' is not one byte; give one, or \\n, \\t, \\r, \\0, \\\\ or \\xHH%s", text,
            *text ? "" : " (-d = for an equals sign)");
    input_options.delimiter = (char)byte;
    return 0;
}

static int read_counts(struct error *err)
{
    if (option_number(raw.max_args, 1, ITEMS_MAX, &input_options.max_args, "--max-args", err) < 0 ||
        option_number(raw.max_replace, 1, ITEMS_MAX, &input_options.max_args, "--max-replace-args", err) < 0 ||
        option_number(raw.max_lines, 1, ITEMS_MAX, &input_options.max_lines, "--max-lines", err) < 0)
        return -1;
    input_options.each_word = raw.max_replace || raw.max_lines;
    if (input_options.max_args && raw.max_lines)
        return error_set(err, ERR_USAGE,
                         "--max-args and --max-lines both say how much a task gets; give one of them");
    return option_number(raw.chunksize, 1, ITEMS_MAX, &input_options.chunksize, "--chunksize", err);
}

int options_read_input(struct error *err)
{
    input_options = (struct input_options){
        .files = raw.files,
        .ranges = raw.ranges,
        .link = raw.link,
        .shuffle = raw.shuffle,
        .delimiter_given = raw.null || raw.delimiter,
        .chunksize = 1,
    };
    return read_delimiter(err) < 0 ? -1 : read_counts(err);
}
