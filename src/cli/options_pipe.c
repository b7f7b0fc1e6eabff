/* Options on cutting a stream into blocks, each of which is what one task reads. */
#include "cli/option_text.h"
#include "cli/options.h"

#include "base/number.h"

#include <string.h>

#define BLOCK_DEFAULT (1 << 20)
#define BLOCK_MOST ((int64_t)1 << 40)
#define BLOCKS_PER_SLOT_MOST 1000000

static struct {
    const char **block, **recstart, **recend;
    int pipe, part, regexp, remove, file, fifo, round_robin, tee;
} raw;

static const struct poptOption table[] = {
    {"pipe", 0, POPT_ARG_NONE, &raw.pipe, 0,
     "cut standard input, or the file of -a, into blocks of whole records: each is what a task reads on stdin", NULL},
    {"pipepart", 0, POPT_ARG_NONE, &raw.part, 0,
     "the same for a regular file, of which tasks are given parts without its being read before", NULL},
    {"pipe-part", 0, POPT_ARG_NONE, &raw.part, 0, "the same as --pipepart", NULL},
    {"block", 0, POPT_ARG_ARGV, &raw.block, 0,
     "size of a block; with --pipepart -N for N blocks per slot (default: 1M)", "SIZE"},
    {"block-size", 0, POPT_ARG_ARGV, &raw.block, 0, "the same as --block", "SIZE"},
    {"recend", 0, POPT_ARG_ARGV, &raw.recend, 0,
     "a record ends behind this text; '' if anywhere (default: \\n)", "TEXT"},
    {"recstart", 0, POPT_ARG_ARGV, &raw.recstart, 0,
     "a record begins with this text; with --recend too it begins where one follows the other", "TEXT"},
    {"regexp", 0, POPT_ARG_NONE, &raw.regexp, 0, "--recstart and --recend are regular expressions", NULL},
    {"rrs", 0, POPT_ARG_NONE, &raw.remove, 0, "leave out what --recend and --recstart have found", NULL},
    {"remove-rec-sep", 0, POPT_ARG_NONE, &raw.remove, 0, "the same as --rrs", NULL},
    {"cat", 0, POPT_ARG_NONE, &raw.file, 0, "{} is the name of a file that holds the block, instead of stdin", NULL},
    {"fifo", 0, POPT_ARG_NONE, &raw.fifo, 0, "{} is the name of a pipe that gives the block, instead of stdin", NULL},
    {"round-robin", 0, POPT_ARG_NONE, &raw.round_robin, 0,
     "start one task for each slot, and give each block to the one that takes it first", NULL},
    {"round", 0, POPT_ARG_NONE, &raw.round_robin, 0, "the same as --round-robin", NULL},
    {"tee", 0, POPT_ARG_NONE, &raw.tee, 0,
     "start a task for each item behind ::: or ::::, all at once, and give each of them all of the input", NULL},
    POPT_TABLEEND,
};

const struct option_group pipe_group = {"Pipe options", table};
struct pipe_options pipe_options;

/* \n, \t, \r, \0, \\ and \xHH, as GNU parallel reads separators. In an expression they mean the same anyway. */
static int read_text(const char *const *texts, const char **value, const char *what, struct error *err)
{
    static char unescaped[2][4096];
    char *to = unescaped[value == &pipe_options.recend];
    const char *from = option_text(texts);
    if (!from || raw.regexp) {
        *value = from ? from : *value;
        return 0;
    }
    if (strlen(from) >= sizeof unescaped[0])
        return error_set(err, ERR_USAGE, "%s: it is longer than %zu bytes", what, sizeof unescaped[0] - 1);
    *value = to;
    while (*from) {
        static const char names[] = "ntrf\\", bytes[] = "\n\t\r\f\\";
        const char *name = from[0] == '\\' && from[1] ? strchr(names, from[1]) : NULL;
        *to++ = name ? bytes[name - names] : *from;
        from += name ? 2 : 1;
    }
    *to = '\0';
    return 0;
}

static int read_block(struct error *err)
{
    const char *text = option_text(raw.block);
    bool per_slot = text && text[0] == '-';
    pipe_options.block = BLOCK_DEFAULT;
    if (!text)
        return 0;
    if (per_slot && !raw.part)
        return error_set(err, ERR_USAGE, "--block %.200s: so many blocks per slot can only be had with --pipepart",
                         text);
    if (per_slot)
        return number_parse(text + 1, 1, BLOCKS_PER_SLOT_MOST, &pipe_options.blocks_per_slot, "--block", err);
    if (size_parse(text, &pipe_options.block, "--block", err) < 0)
        return -1;
    if (pipe_options.block < 1 || pipe_options.block > BLOCK_MOST)
        return error_set(err, ERR_USAGE, "--block: %.200s is no size of a block; give 1 to 1T", text);
    return 0;
}

static int check_together(struct error *err)
{
    const struct {
        bool given;
        const char *name;
    } dependent[] = {
        {raw.block != NULL, "--block"}, {raw.recstart != NULL, "--recstart"}, {raw.recend != NULL, "--recend"},
        {raw.regexp != 0, "--regexp"},  {raw.remove != 0, "--rrs"},           {raw.file != 0, "--cat"},
        {raw.fifo != 0, "--fifo"},       {raw.round_robin != 0, "--round-robin"},
        {raw.tee != 0, "--tee"},
    };
    for (size_t i = 0; !raw.pipe && !raw.part && i < sizeof dependent / sizeof dependent[0]; i++) {
        if (dependent[i].given)
            return error_set(err, ERR_USAGE, "%s needs --pipe or --pipepart", dependent[i].name);
    }
    if (raw.part && raw.remove)
        return error_set(err, ERR_USAGE, "--rrs: --pipepart gives tasks the file as it is; use --pipe");
    if (raw.part && input_options.max_args)
        return error_set(err, ERR_USAGE, "-n: --pipepart counts no records, which would be to read the file; use --pipe");
    if (raw.file && raw.fifo)
        return error_set(err, ERR_USAGE, "--cat and --fifo: a block is either in a file or in a pipe; give one of them");
    const char *streams = raw.round_robin ? "--round-robin" : "--tee";
    if (raw.round_robin && raw.tee)
        return error_set(err, ERR_USAGE, "--round-robin and --tee: a block goes to one task or to all; give one of them");
    if ((raw.round_robin || raw.tee) && (raw.file || raw.fifo))
        return error_set(err, ERR_USAGE, "%s: a task has many blocks, so that they have no name; leave %s out", streams,
                         raw.file ? "--cat" : "--fifo");
    if ((raw.round_robin || raw.tee) && retry_options.retries > 0)
        return error_set(err, ERR_USAGE, "%s: blocks that a task has read are gone, so it cannot be tried again; leave "
                                         "--retries out", streams);
    if (raw.part && input_options.max_lines)
        return error_set(err, ERR_USAGE, "-L: --pipepart counts no lines, which would be to read the file; use --pipe");
    return 0;
}

int options_read_pipe(struct error *err)
{
    pipe_options = (struct pipe_options){
        .pipe = raw.pipe || raw.part,
        .part = raw.part != 0,
        .recstart = "",
        .recend = raw.recstart ? "" : "\n",
        .regexp = raw.regexp != 0,
        .remove = raw.remove != 0,
        .round_robin = raw.round_robin != 0,
        .tee = raw.tee != 0,
        .way = raw.file ? INPUT_FILE : raw.fifo ? INPUT_FIFO : INPUT_STDIN,
    };
    if (check_together(err) < 0 || read_block(err) < 0)
        return -1;
    if (raw.tee && !pool_options.slots_given)
        pool_options.slots = 0; /* all at once */
    if (read_text(raw.recstart, &pipe_options.recstart, "--recstart", err) < 0)
        return -1;
    return read_text(raw.recend, &pipe_options.recend, "--recend", err);
}
