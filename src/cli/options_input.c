/* Options on where the items of `map` come from. */
#include "cli/option_text.h"
#include "cli/options.h"

#include <string.h>

#define ITEMS_MAX 1000000000

static struct {
    const char **files, **delimiter, **max_args, **chunksize;
    int null;
} raw;

static const struct poptOption table[] = {
    {"arg-file", 'a', POPT_ARG_ARGV, &raw.files, 0,
     "read items from FILE, - for standard input; may be repeated", "FILE"},
    {"null", '0', POPT_ARG_NONE, &raw.null, 0, "items end with a NUL byte, not with a newline", NULL},
    {"delimiter", 'd', POPT_ARG_ARGV, &raw.delimiter, 0,
     "items end with this byte; \\n, \\t, \\r, \\0, \\\\ and \\xHH are understood", "BYTE"},
    {"max-args", 'n', POPT_ARG_ARGV, &raw.max_args, 0, "give N items to each task (default: 1)", "N"},
    {"max-replace-args", 'N', POPT_ARG_ARGV, &raw.max_args, 0, "the same as -n; with --pipe: so many records", "N"},
    {"chunksize", 0, POPT_ARG_ARGV, &raw.chunksize, 0,
     "a slot takes N tasks at a time; never changes the results (default: 1)", "N"},
    POPT_TABLEEND,
};

const struct option_group input_group = {"Input options", table};
struct input_options input_options;

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The byte that the text stands for, or -1. */
static int delimiter_byte(const char *text)
{
    static const char names[] = "ntr0\\", bytes[] = "\n\t\r\0\\";
    size_t len = strlen(text);
    if (len == 1)
        return (unsigned char)text[0];
    if (len < 2 || text[0] != '\\')
        return -1;
    const char *name = strchr(names, text[1]);
    if (len == 2)
        return name ? (unsigned char)bytes[name - names] : -1;
    if (len != 4 || text[1] != 'x' || hex_digit(text[2]) < 0 || hex_digit(text[3]) < 0)
        return -1;
    return hex_digit(text[2]) * 16 + hex_digit(text[3]);
}

static int read_delimiter(struct error *err)
{
    const char *text = option_text(raw.delimiter);
    input_options.delimiter = raw.null ? '\0' : '\n';
    if (!text)
        return 0;
    if (raw.null)
        return error_set(err, ERR_USAGE, "--null and --delimiter both say how items end; give one of them");
    int byte = delimiter_byte(text);
    if (byte < 0)
        return error_set(
            err, ERR_USAGE,
            "--delimiter: '%.200s' is not one byte; give one, or \\n, \\t, \\r, \\0, \\\\ or \\xHH%s", text,
            *text ? "" : " (-d = for an equals sign)");
    input_options.delimiter = (char)byte;
    return 0;
}

int options_read_input(struct error *err)
{
    input_options = (struct input_options){.files = raw.files, .chunksize = 1};
    if (read_delimiter(err) < 0 ||
        option_number(raw.max_args, 1, ITEMS_MAX, &input_options.max_args, "--max-args", err) < 0)
        return -1;
    return option_number(raw.chunksize, 1, ITEMS_MAX, &input_options.chunksize, "--chunksize", err);
}
