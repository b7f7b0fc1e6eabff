/* The groups of words, and how the sources of them all are put together. */
#include "cli/inputs.h"

#include "base/alloc.h"
#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

/* What is being put together. */
struct stack {
    const char *name; /* of the command */
    struct source **sources;
    size_t count;
    bool reads_stdin;
};

static bool is_separator(const char *word)
{
    return strcmp(word, ":::") == 0 || strcmp(word, "::::") == 0;
}

/* What links sources in GNU parallel would be an item here, and nobody means that. */
static int refuse_links(const struct stack *k, const char **words, int count, struct error *err)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(words[i], ":::+") == 0 || strcmp(words[i], "::::+") == 0)
            return error_set(err, ERR_USAGE,
                             "%s: %s, which links two sources, is not there yet; give the pairs as lines of a "
                             "file to -n 2, or to run as specs with args",
                             k->name, words[i]);
    }
    return 0;
}

static int add_source(struct stack *k, struct source *s)
{
    if (!s)
        return -1;
    k->sources = xrealloc_array(k->sources, k->count + 1, sizeof *k->sources);
    k->sources[k->count++] = s;
    return 0;
}

static int add_file(struct stack *k, const char *path, struct error *err)
{
    if (strcmp(path, "-") == 0) {
        if (k->reads_stdin)
            return error_set(err, ERR_USAGE, "%s: standard input is named twice as a source; name it once", k->name);
        k->reads_stdin = true;
    }
    if (options_check_input(path, err) < 0)
        return -1;
    return add_source(k, source_lines(path, input_options.delimiter, err));
}

/* The group that begins behind the separator words[at - 1]; returns where the next one begins. One without
 * files has no items, as one without words. */
static int add_group(struct stack *k, const char **words, int at, int count, struct error *err)
{
    bool files = strcmp(words[at - 1], "::::") == 0 && at < count && !is_separator(words[at]);
    struct words items = {0};
    for (; at < count && !is_separator(words[at]); at++) {
        if (!files)
            words_add(&items, words[at], strlen(words[at]));
        else if (add_file(k, words[at], err) < 0)
            return -1;
    }
    if (!files && add_source(k, source_arguments(&items)) < 0)
        return -1;
    return at;
}

static int add_all(struct stack *k, struct words *command, const char **words, int count, struct error *err)
{
    int at = 0;
    if (refuse_links(k, words, count, err) < 0)
        return -1;
    for (; at < count && !is_separator(words[at]); at++)
        words_add(command, words[at], strlen(words[at]));
    for (const char *const *file = input_options.files; file && *file; file++) {
        if (add_file(k, *file, err) < 0)
            return -1;
    }
    while (at < count) {
        at = add_group(k, words, at + 1, count, err);
        if (at < 0)
            return -1;
    }
    if (k->count == 0 && add_file(k, "-", err) < 0) {
        if (err->code == ERR_INPUT)
            err->code = ERR_IO; /* nobody named it */
        return -1;
    }
    if (k->reads_stdin && pool_options.stdin_file && strcmp(pool_options.stdin_file, "-") == 0)
        return error_set(err, ERR_USAGE,
                         "--stdin -: standard input holds the items already; give the items with :::, "
                         ":::: or -a, or another file for --stdin");
    return 0;
}

int inputs_open(struct inputs *in, const char *name, const char **words, int count, struct error *err)
{
    struct stack k = {.name = name};
    int status = add_all(&k, &in->command, words, count, err);
    if (status == 0) {
        in->source = source_product(k.sources, k.count);
        if (input_options.max_args > 1)
            in->source = source_batch(in->source, (size_t)input_options.max_args);
    }
    for (size_t i = 0; status < 0 && i < k.count; i++)
        source_free(k.sources[i]);
    free(k.sources);
    return status;
}

void inputs_fini(struct inputs *in)
{
    words_fini(&in->command);
    source_free(in->source);
    *in = (struct inputs){0};
}
