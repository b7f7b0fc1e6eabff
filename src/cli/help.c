/* --help: made from the command table and the option tables, so it is always complete. Every line has at
 * most 80 columns (but for examples and what a description gives as it is). A text is built whole and
 * written at once.
 */
#include "base/buffer.h"
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS       80u
#define OPTION_COLUMN 28u /* where descriptions of options begin */

static int wanted;

static const struct poptOption table[] = {
    {"help", 'h', POPT_ARG_NONE, &wanted, 0, "show this help", NULL},
    POPT_TABLEEND,
};

const struct option_group help_group = {"Help", table};

bool help_wanted(void)
{
    return wanted != 0;
}

/* Columns that `len` bytes of UTF-8 take: the texts here hold no wide or combining characters. */
static size_t columns(const char *text, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++)
        n += ((unsigned char)text[i] & 0xc0) != 0x80;
    return n;
}

static void put_spaces(struct buffer *out, size_t count)
{
    while (count-- > 0)
        buffer_putc(out, ' ');
}

/* Appends the words of text[0..len) from column `at` on, each further line indented by `indent`. */
static void put_wrapped(struct buffer *out, const char *text, size_t len, size_t at, size_t indent)
{
    const char *end = text + len;
    bool first = true;
    while (text < end) {
        size_t word = 0;
        while (text + word < end && text[word] != ' ')
            word++;
        size_t width = columns(text, word);
        if (!first && at + 1 + width > COLUMNS) {
            buffer_putc(out, '\n');
            put_spaces(out, indent);
            at = indent;
        } else if (!first) {
            buffer_putc(out, ' ');
            at++;
        }
        buffer_append(out, text, word);
        at += width;
        first = false;
        text += word;
        while (text < end && *text == ' ')
            text++;
    }
    buffer_putc(out, '\n');
}

/* Lines of `text`: paragraphs to wrap, or, with a space first or `verbatim`, lines as they are. */
static void put_lines(struct buffer *out, const char *text, size_t indent, bool verbatim)
{
    while (*text) {
        size_t len = strcspn(text, "\n");
        if (len > 0)
            put_spaces(out, indent);
        if (len == 0 || verbatim || *text == ' ') {
            buffer_append(out, text, len);
            buffer_putc(out, '\n');
        } else {
            put_wrapped(out, text, len, indent, indent);
        }
        text += len;
        text += *text == '\n';
    }
}

static void put_option(struct buffer *out, const struct poptOption *o)
{
    size_t start = out->len;
    if (o->shortName)
        buffer_printf(out, "  -%c, --%s", o->shortName, o->longName);
    else
        buffer_printf(out, "      --%s", o->longName);
    if (o->argDescrip)
        buffer_printf(out, " %s", o->argDescrip);
    size_t at = columns(out->data + start, out->len - start);
    if (at + 2 > OPTION_COLUMN) {
        buffer_putc(out, '\n');
        at = 0;
    }
    put_spaces(out, OPTION_COLUMN - at);
    put_wrapped(out, o->descrip, strlen(o->descrip), OPTION_COLUMN, OPTION_COLUMN);
}

static void put_group(struct buffer *out, const struct option_group *group)
{
    buffer_printf(out, "\n%s:\n", group->heading);
    for (const struct poptOption *o = group->options; o->longName; o++)
        put_option(out, o);
}

/* What the names of values in the tables mean, if a table has such a value. */
static const struct {
    const char *name, *meaning;
} values[] = {
    {"DURATION",
     "a number with ms, s, m, h or d, such as 1h30m or 0.5s; without a unit seconds; 0 or none for no limit"},
    {"TIME", "HH:MM[:SS] for the next time the clock shows it, 'YYYY-MM-DD HH:MM[:SS]', or RFC 3339 such as "
             "2030-01-31T08:00:00Z"},
    {"SIZE", "bytes; with K, M, G or T behind them 1024 bytes and so on, with k, m, g or t 1000"},
    {"RULE", "never, or soon or now, then a comma, then fail, success or done, then =N or =N%; soon starts "
             "nothing more, "
             "now also ends what runs"},
};

static bool has_value(const struct option_group *const *groups, const char *name)
{
    for (; groups && *groups; groups++) {
        for (const struct poptOption *o = (*groups)->options; o->longName; o++) {
            if (o->argDescrip && strcmp(o->argDescrip, name) == 0)
                return true;
        }
    }
    return false;
}

static void put_values(struct buffer *out, const struct option_group *const *groups)
{
    bool any = false;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        if (!has_value(groups, values[i].name))
            continue;
        if (!any)
            buffer_puts(out, "\nValues:\n");
        any = true;
        buffer_printf(out, "  %-10s", values[i].name);
        put_wrapped(out, values[i].meaning, strlen(values[i].meaning), 12, 12);
    }
}

static int print(struct buffer *out, int fd)
{
    int status = print_all(fd, out->data, out->len);
    buffer_fini(out);
    return status;
}

int help_command(const struct command *c, int fd)
{
    struct buffer out = {0};
    buffer_printf(&out, "Usage: jobpool %s %s\n\n", c->name, c->usage);
    put_lines(&out, c->description, 0, false);
    for (const struct option_group *const *g = c->groups; g && *g; g++)
        put_group(&out, *g);
    put_group(&out, &help_group);
    put_values(&out, c->groups);
    buffer_puts(&out, "\nExamples:\n");
    put_lines(&out, c->examples, 2, true);
    return print(&out, fd);
}

int help_overview(int fd)
{
    struct buffer out = {0};
    buffer_puts(&out, "Usage: jobpool COMMAND [OPTIONS] …\n\n"
                      "Runs tasks on a pool of workers and reports every result as JSON.\n\nCommands:\n");
    for (size_t i = 0; commands[i]; i++) {
        buffer_printf(&out, "  %-10s", commands[i]->name);
        put_wrapped(&out, commands[i]->summary, strlen(commands[i]->summary), 12, 12);
    }
    buffer_puts(&out, "\nOptions:\n"
                      "  -h, --help     show this help; after a command, its own\n"
                      "  -V, --version  show the version\n"
                      "\nExamples:\n"
                      "  jobpool map gzip -9 ::: *.log\n"
                      "  find . -name '*.c' | jobpool map -k 'wc -l < {}'\n"
                      "  jobpool apply --timeout 30s -- ./job --fast\n"
                      "\nThe manual: man jobpool, man jobpool-map and so on.\n");
    return print(&out, fd);
}
