/* Options on what an item is: how what was read is ended, cut, named, trimmed and left out. */
#include "cli/option_text.h"
#include "cli/options.h"

#include <string.h>

static struct {
    const char **colsep, **header, **eof, **trim;
    int csv, json, skip_blank;
} raw;

static const struct poptOption table[] = {
    {"colsep", 'C', POPT_ARG_ARGV, &raw.colsep, 0,
     "cut items into columns, {1}, {2} …, where this regular expression matches; implies --trim lr", "REGEX"},
    {"csv", 0, POPT_ARG_NONE, &raw.csv, 0, "items are records of CSV; --colsep may give another delimiter", NULL},
    {"header", 0, POPT_ARG_ARGV, &raw.header, 0,
     "with : the first item of each source names its columns, for {NAME}; they end at tabs unless told otherwise",
     "HEADER"},
    {"json", 0, POPT_ARG_NONE, &raw.json, 0, "items are JSON objects, and {NAME} is a field", NULL},
    {"eof", 'E', POPT_ARG_ARGV, &raw.eof, 0, "an item that is this text ends its source", "TEXT"},
    {"trim", 0, POPT_ARG_ARGV, &raw.trim, 0,
     "take white space off the left, the right, both ends, or nothing", "n|l|r|lr|rl"},
    {"no-run-if-empty", 'r', POPT_ARG_NONE, &raw.skip_blank, 0,
     "leave out items that have only white space", NULL},
    POPT_TABLEEND,
};

const struct option_group item_group = {"Item options", table};
struct item_options item_options;

static int read_trim(struct error *err)
{
    static const char *const names[] = {"n", "l", "r", "lr", "rl", NULL};
    static const enum trim trims[] = {TRIM_NONE, TRIM_LEFT, TRIM_RIGHT, TRIM_BOTH, TRIM_BOTH};
    int index = raw.colsep && !raw.csv ? 3 : 0;
    if (option_choice(raw.trim, names, &index, "--trim", err) < 0)
        return -1;
    item_options.trim = trims[index];
    return 0;
}

/* One byte, as it is, as --delimiter takes it, or escaped as an expression may need it. */
static int read_csv_delimiter(const char *text, struct error *err)
{
    int byte = text ? option_byte(text) : ',';
    if (text && strlen(text) == 2 && text[0] == '\\' && strchr("|;:.,^$+*", text[1]))
        byte = (unsigned char)text[1];
    if (byte <= 0 || strchr("\"\r\n", byte))
        return error_set(err, ERR_USAGE,
                         "--colsep: '%.200s' cannot be the delimiter of CSV; give one byte that is no quote and "
                         "ends no line, such as ';' or \\t, or leave --csv out for a regular expression", text);
    item_options.csv = true;
    item_options.csv_delimiter = (char)byte;
    return 0;
}

static int read_columns(struct error *err)
{
    const char *text = option_text(raw.colsep), *header = option_text(raw.header);
    item_options.pipe_header = pipe_options.pipe ? header : NULL;
    if (pipe_options.pipe)
        return 0;
    if (header && strcmp(header, ":") != 0)
        return error_set(err, ERR_USAGE, "--header: '%.200s' is not possible; write --header : for the first line",
                         header);
    item_options.header = header != NULL;
    if (raw.csv && (input_options.delimiter_given || input_options.max_lines))
        return error_set(err, ERR_USAGE, "--csv: records end where their format says; leave %s out",
                         input_options.max_lines ? "--max-lines (--max-args counts records)"
                                                 : "--null and --delimiter");
    if (raw.csv)
        return read_csv_delimiter(text, err);
    if (text && !*text)
        return error_set(err, ERR_USAGE, "--colsep: an empty expression separates nothing");
    if (!text && !header)
        return 0;
    item_options.colsep = regex_new(text ? text : "\\t", err);
    return item_options.colsep ? 0 : error_prefix(err, "--colsep");
}

static int refuse_with_pipe(struct error *err)
{
    const struct {
        bool given;
        const char *name;
    } of_items[] = {
        {raw.colsep != NULL, "--colsep"},
        {raw.csv != 0, "--csv"},
        {raw.json != 0, "--json"},
        {raw.eof != NULL, "--eof"},
        {raw.trim != NULL, "--trim"},
        {raw.skip_blank != 0, "--no-run-if-empty"},
        {input_options.ranges != NULL, "--range"},
        {input_options.link, "--link"},
        {input_options.shuffle, "--shuf"},
    };
    for (size_t i = 0; pipe_options.pipe && i < sizeof of_items / sizeof of_items[0]; i++) {
        if (of_items[i].given)
            return error_set(err, ERR_USAGE, "%s: with --pipe tasks have blocks and no items; leave it out",
                             of_items[i].name);
    }
    return 0;
}

/* After options_read_input and options_read_pipe. */
int options_read_item(struct error *err)
{
    const char *eof = option_text(raw.eof);
    item_options = (struct item_options){
        .json = raw.json, .skip_blank = raw.skip_blank, .eof = eof && *eof ? eof : NULL};
    if (raw.json && (raw.csv || raw.colsep || raw.header))
        return error_set(err, ERR_USAGE, "--json has names for its values already; leave %s out",
                         raw.csv ? "--csv" : raw.colsep ? "--colsep" : "--header");
    if (refuse_with_pipe(err) < 0 || read_trim(err) < 0)
        return -1;
    return read_columns(err);
}
