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
    bool *linked; /* to the one in front of it */
    size_t count;
    bool reads_stdin;
};

/* What stands between groups. */
static const struct separator {
    const char *text;
    bool files;
    bool linked;
} separators[] = {
    {":::", false, false},
    {"::::", true, false},
    {":::+", false, true},
    {"::::+", true, true},
};

static const struct separator *find_separator(const char *word)
{
    for (size_t i = 0; i < sizeof separators / sizeof separators[0]; i++) {
        if (strcmp(word, separators[i].text) == 0)
            return &separators[i];
    }
    return NULL;
}

static int add_source(struct stack *k, struct source *s, bool linked)
{
    if (!s)
        return -1;
    k->sources = xrealloc_array(k->sources, k->count + 1, sizeof *k->sources);
    k->linked = xrealloc_array(k->linked, k->count + 1, sizeof *k->linked);
    k->linked[k->count] = linked;
    k->sources[k->count++] = s;
    return 0;
}

static int add_file(struct stack *k, const char *path, bool linked, struct error *err)
{
    if (strcmp(path, "-") == 0) {
        if (k->reads_stdin)
            return error_set(err, ERR_USAGE, "%s: standard input is named twice as a source; name it once", k->name);
        k->reads_stdin = true;
    }
    if (options_check_input(path, err) < 0)
        return -1;
    return add_source(k, source_lines(path, input_options.delimiter, err), linked);
}

/* The group behind a separator, at words[at]; returns where the next one begins. One without files has no items,
 * as one without words. */
static int add_group(struct stack *k, const struct separator *separator, const char **words, int at, int count,
                     struct error *err)
{
    struct words items = {0};
    if (separator->linked && k->count == 0)
        return error_set(err, ERR_USAGE, "%s: %s links to the source in front of it, and there is none; begin with %s",
                         k->name, separator->text, separator->files ? "::::" : ":::");
    bool files = separator->files && at < count && !find_separator(words[at]);
    for (; at < count && !find_separator(words[at]); at++) {
        if (!files)
            words_add(&items, words[at], strlen(words[at]));
        else if (add_file(k, words[at], separator->linked, err) < 0)
            return -1;
    }
    if (!files && add_source(k, source_arguments(&items), separator->linked) < 0)
        return -1;
    return at;
}

static int add_options(struct stack *k, struct error *err)
{
    for (const char *const *file = input_options.files; file && *file; file++) {
        if (add_file(k, *file, false, err) < 0)
            return -1;
    }
    for (const char *const *range = input_options.ranges; range && *range; range++) {
        if (add_source(k, source_range(*range, err), false) < 0)
            return -1;
    }
    return 0;
}

static int add_all(struct stack *k, struct words *command, const char **words, int count, struct error *err)
{
    int at = 0;
    for (; at < count && !find_separator(words[at]); at++)
        words_add(command, words[at], strlen(words[at]));
    if (add_options(k, err) < 0)
        return -1;
    for (const struct separator *s; at < count && (s = find_separator(words[at]));) {
        at = add_group(k, s, words, at + 1, count, err);
        if (at < 0)
            return -1;
    }
    if (k->count == 0 && add_file(k, "-", false, err) < 0) {
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

/* Puts linked ones together: so many sources are left. */
static void join_linked(struct stack *k)
{
    size_t count = 0;
    for (size_t from = 0, to; from < k->count; from = to) {
        for (to = from + 1; to < k->count && k->linked[to]; to++)
            ;
        k->sources[count++] = source_link(k->sources + from, to - from, false);
    }
    k->count = count;
}

static struct source *join_all(struct stack *k)
{
    join_linked(k);
    struct source *s = input_options.link ? source_link(k->sources, k->count, true)
                                          : source_product(k->sources, k->count);
    return input_options.max_args > 1 ? source_batch(s, (size_t)input_options.max_args) : s;
}

int inputs_open(struct inputs *in, const char *name, const char **words, int count, struct error *err)
{
    struct stack k = {.name = name};
    int status = add_all(&k, &in->command, words, count, err);
    if (status == 0)
        in->source = join_all(&k);
    for (size_t i = 0; status < 0 && i < k.count; i++)
        source_free(k.sources[i]);
    free(k.sources);
    free(k.linked);
    return status;
}

void inputs_fini(struct inputs *in)
{
    words_fini(&in->command);
    source_free(in->source);
    *in = (struct inputs){0};
}
