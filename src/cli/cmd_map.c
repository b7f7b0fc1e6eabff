/* jobpool map: one task per input item. The words after the options are the command, up to the first ":::"
 * or "::::"; what follows are the sources. */
#include "cli/command.h"
#include "cli/dry_run.h"
#include "cli/gnu_status.h"
#include "cli/map.h"
#include "cli/options.h"
#include "cli/pipe_input.h"
#include "cli/runner.h"
#include "cli/task_spec.h"
#include "session/items.h"
#include "source/source.h"

#include <stdlib.h>
#include <string.h>

#define QUEUE_TASKS 1024
#define QUEUE_BYTES (4u << 20)
#define SOURCES_MOST 64

struct map_words {
    struct words command;
    struct source *sources[SOURCES_MOST];
    size_t sources_len;
    bool reads_stdin;
};

static bool is_separator(const char *word)
{
    return strcmp(word, ":::") == 0 || strcmp(word, "::::") == 0;
}

/* What links sources in GNU parallel would be an item here, and nobody means that. */
static int refuse_links(const char **words, int count, struct error *err)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(words[i], ":::+") == 0 || strcmp(words[i], "::::+") == 0)
            return error_set(err, ERR_USAGE,
                             "map: %s, which links two sources, is not there yet; give the pairs as lines of a "
                             "file to -n 2, or to run as specs with args",
                             words[i]);
    }
    return 0;
}

static int add_source(struct map_words *m, struct source *s, struct error *err)
{
    if (!s)
        return -1;
    if (m->sources_len == SOURCES_MOST) {
        source_free(s);
        return error_set(err, ERR_USAGE, "map: more than %d sources; put values into a file", SOURCES_MOST);
    }
    m->sources[m->sources_len++] = s;
    return 0;
}

static int add_file(struct map_words *m, const char *path, struct error *err)
{
    if (strcmp(path, "-") == 0) {
        if (m->reads_stdin)
            return error_set(err, ERR_USAGE, "map: standard input is named twice as a source; name it once");
        m->reads_stdin = true;
    }
    if (options_check_input(path, err) < 0)
        return -1;
    return add_source(m, source_lines(path, input_options.delimiter, err), err);
}

/* The group that begins behind the separator words[at - 1]; returns where the next one begins. One without
 * files has no items, as one without words. */
static int add_group(struct map_words *m, const char **words, int at, int count, struct error *err)
{
    bool files = strcmp(words[at - 1], "::::") == 0 && at < count && !is_separator(words[at]);
    struct words items = {0};
    for (; at < count && !is_separator(words[at]); at++) {
        if (!files)
            words_add(&items, words[at], strlen(words[at]));
        else if (add_file(m, words[at], err) < 0)
            return -1;
    }
    if (!files && add_source(m, source_arguments(&items), err) < 0)
        return -1;
    return at;
}

static int map_read_words(struct map_words *m, const char **words, int count, struct error *err)
{
    int at = 0;
    if (refuse_links(words, count, err) < 0)
        return -1;
    for (; at < count && !is_separator(words[at]); at++)
        words_add(&m->command, words[at], strlen(words[at]));
    for (const char *const *file = input_options.files; file && *file; file++) {
        if (add_file(m, *file, err) < 0)
            return -1;
    }
    while (at < count) {
        at = add_group(m, words, at + 1, count, err);
        if (at < 0)
            return -1;
    }
    if (m->sources_len == 0 && add_file(m, "-", err) < 0) {
        if (err->code == ERR_INPUT)
            err->code = ERR_IO; /* nobody named it */
        return -1;
    }
    if (m->reads_stdin && pool_options.stdin_file && strcmp(pool_options.stdin_file, "-") == 0)
        return error_set(err, ERR_USAGE,
                         "--stdin -: standard input holds the items already; give the items with :::, "
                         ":::: or -a, or another file for --stdin");
    return 0;
}

/* One source out of all of them. */
static struct source *map_source(struct map_words *m)
{
    struct source *s = m->sources_len == 1 ? m->sources[0] : source_product(m->sources, m->sources_len);
    m->sources_len = 0;
    return input_options.max_args > 1 ? source_batch(s, (size_t)input_options.max_args) : s;
}

static void map_words_fini(struct map_words *m)
{
    words_fini(&m->command);
    for (size_t i = 0; i < m->sources_len; i++)
        source_free(m->sources[i]);
}

static int map_in_pool(struct source *source, struct blocks *blocks, struct spec *spec)
{
    int status;
    struct runner_setup setup = {.max_queue = QUEUE_TASKS, .max_queue_bytes = QUEUE_BYTES};
    struct runner *r = runner_new(&setup, &status);
    if (!r) {
        source_free(source);
        blocks_free(blocks);
        return status;
    }
    struct items_config items = {
        .pool = runner_pool(r),
        .spec = spec,
        .source = source,
        .blocks = blocks,
        .way = pipe_options.way,
        .chunksize = (uint64_t)input_options.chunksize,
        .bad_item = runner_bad_item,
        .context = r,
    };
    struct feed *feed = items_new(&items);
    runner_set_total(r, items_total);
    status = runner_run(r, feed);
    items_free(feed);
    return status;
}

static int map_pipe(const char **words, int count)
{
    struct words command = {0};
    struct blocks *blocks = NULL;
    struct error err = {0};
    struct spec *spec = NULL;
    if (pipe_open(words, count, &command, &blocks, &err) == 0)
        spec = task_spec_new(&command, false, &err);
    words_fini(&command);
    if (!spec) {
        complain("%s", err.message);
        blocks_free(blocks);
        return failure_status(err.code == ERR_IO ? 125 : 2);
    }
    int status = map_in_pool(NULL, blocks, spec);
    spec_unref(spec);
    return status;
}

int map_run(const char **words, int count)
{
    if (pipe_options.pipe)
        return map_pipe(words, count);
    struct map_words m = {0};
    struct error err = {0};
    struct spec *spec = NULL;
    if (map_read_words(&m, words, count, &err) == 0)
        spec = task_spec_new(&m.command, false, &err);
    if (!spec) {
        complain("%s", err.message);
        map_words_fini(&m);
        return failure_status(err.code == ERR_IO ? 125 : 2);
    }
    struct source *source = map_source(&m);
    int status = output_options.dry_run ? dry_run_source(source, spec) : map_in_pool(source, NULL, spec);
    spec_unref(spec);
    map_words_fini(&m);
    return status;
}

static const struct option_group *const groups[] = {&pool_group,  &input_group, &pipe_group, &shell_group, &retry_group,
                                                    &timer_group, &output_group, NULL};

const struct command cmd_map = {
    .name = "map",
    .summary = "run one task per input item",
    .usage = "[OPTIONS] COMMAND… [::: ITEM…]… [:::: FILE…]…",
    .description = "Runs a command once for each item: the words behind :::, the lines of the files behind "
                   ":::: or of -a FILE, or "
                   "the lines of standard input. Several sources give every combination. Each result goes to "
                   "stdout as one line of "
                   "JSON as soon as its task has ended.\n"
                   "\n"
                   "These strings in the command are replaced; if there is none, the item is appended:\n"
                   "  {}    the item                   {#}  the number of the task\n"
                   "  {.}   without its extension      {%}  the number of its slot\n"
                   "  {/}   without its directory      {2}  the item of the second source, or\n"
                   "  {//}  its directory                   with -n the second item\n"
                   "  {/.}  without both               {2.} {2/} {2//} {2/.}  the same of it\n"
                   "\n"
                   "Several words are a command and its arguments, executed without a shell. A single word "
                   "with white space or "
                   "shell characters is a shell script: each value is quoted where it stands, so it is never "
                   "code. Write map "
                   "'wc -l < {}', not map sh -c 'wc -l < {}', which would make code of the values. Without a "
                   "command each item is "
                   "a script itself.\n"
                   "\n"
                   "The exit status is 0 if every task succeeded, 123 if one did not, 125 if jobpool itself "
                   "failed, 126 or 127 if "
                   "no task could be executed or found.",
    .groups = groups,
    .examples = "jobpool map -j4 gzip -9 ::: *.log\n"
                "find . -name '*.c' -print0 | jobpool map -0 -k -o text 'wc -l < {}'\n"
                "jobpool map convert {1} -resize {2} {1/.}-{2}.png ::: *.jpg ::: 64 256",
    .takes_command = true,
    .run = map_run,
};
