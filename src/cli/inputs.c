/* The groups of words, and how the sources of them all are put together. */
#include "cli/inputs.h"

#include "base/alloc.h"
#include "cli/item_source.h"
#include "cli/options.h"
#include "source/json_items.h"
#include "task/template.h"

#include <stdlib.h>
#include <string.h>

/* What is being put together. */
struct stack {
    const char *name; /* of the command */
    struct source **sources;
    struct kind {
        bool linked;    /* to the one in front of it */
        bool no_header; /* its first item is one, also with --header */
    } *kinds;
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

static int add_source(struct stack *k, struct source *s, struct kind kind)
{
    if (!s)
        return -1;
    k->sources = xrealloc_array(k->sources, k->count + 1, sizeof *k->sources);
    k->kinds = xrealloc_array(k->kinds, k->count + 1, sizeof *k->kinds);
    k->kinds[k->count] = kind;
    k->sources[k->count++] = s;
    return 0;
}

static int add_file(struct stack *k, const char *path, bool linked, struct error *err)
{
    if (strcmp(path, "-") == 0) {
        if (k->reads_stdin)
            return error_set(err, ERR_USAGE, "%s: standard input is named twice as a source; name it once",
                             k->name);
        k->reads_stdin = true;
    }
    if (options_check_input(path, err) < 0)
        return -1;
    return add_source(k, item_source_file(path, err), (struct kind){.linked = linked});
}

/* The group behind a separator, at words[at]; returns where the next one begins. One without files has no items,
 * as one without words. */
static int add_group(struct stack *k, const struct separator *separator, const char **words, int at, int count,
                     struct error *err)
{
    struct words items = {0};
    if (separator->linked && k->count == 0)
        return error_set(err, ERR_USAGE,
                         "%s: %s links to the source in front of it, and there is none; begin with %s",
                         k->name, separator->text, separator->files ? "::::" : ":::");
    bool files = separator->files && at < count && !find_separator(words[at]);
    for (; at < count && !find_separator(words[at]); at++) {
        if (!files)
            words_add(&items, words[at], strlen(words[at]));
        else if (add_file(k, words[at], separator->linked, err) < 0)
            return -1;
    }
    if (!files && add_source(k, item_source_words(&items), (struct kind){.linked = separator->linked}) < 0)
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
        if (add_source(k, source_range(*range, err), (struct kind){.no_header = true}) < 0)
            return -1;
    }
    return 0;
}

static int add_all(struct stack *k, struct words *command, const char **words, int count, struct error *err)
{
    int at = 0;
    for (; at < count && !find_separator(words[at]); at++)
        words_add(command, words[at], strlen(words[at]));
    if (!pipe_options.tee && add_options(k, err) < 0)
        return -1;
    for (const struct separator *s; at < count && (s = find_separator(words[at]));) {
        at = add_group(k, s, words, at + 1, count, err);
        if (at < 0)
            return -1;
    }
    if (k->count == 0 && pipe_options.tee)
        return error_set(err, ERR_USAGE, "--tee: there are no items to start tasks for; give them with ::: or ::::");
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
        for (to = from + 1; to < k->count && k->kinds[to].linked; to++)
            ;
        k->sources[count++] = source_link(k->sources + from, to - from, false);
    }
    k->count = count;
}

static int read_headers(struct stack *k, struct words *names, struct error *err)
{
    for (size_t i = 0; item_options.header && i < k->count; i++) {
        if (k->kinds[i].no_header)
            words_add(names, "", 0);
        else if (item_source_header(&k->sources[i], i + 1 == k->count, names, err) < 0)
            return -1;
    }
    return 0;
}

/* With --json the fields that the command names are values too, behind those of the item itself. */
static int name_fields(struct inputs *in, const struct stack *k, struct words *fields, struct error *err)
{
    if (in->command.count == 0)
        return error_set(err, ERR_USAGE, "--json: an object is no script; give a command");
    template_names_used(&in->command, fields);
    if (fields->count == 0)
        return 0;
    if (input_options.max_args > 1 || input_options.max_lines > 1 || batch_options.packed)
        return error_set(err, ERR_USAGE,
                         "--json: {%.200s} is a field of one item, and a task gets several; leave %s out",
                         words_get(fields, 0),
                         input_options.max_args > 1    ? "--max-args"
                         : input_options.max_lines > 1 ? "--max-lines"
                                                       : "-m, -X, --xargs and --max-chars");
    in->whole = k->count;
    for (size_t i = 0; i < k->count; i++)
        words_add(&in->names, "", 0);
    words_add_all(&in->names, fields);
    return 0;
}

static int64_t batch_size(void)
{
    return input_options.max_args ? input_options.max_args : input_options.max_lines;
}

static struct source *join_all(struct stack *k, struct words *fields)
{
    join_linked(k);
    struct source *s = input_options.link ? source_link(k->sources, k->count, true)
                                          : source_product(k->sources, k->count);
    if (item_options.json)
        s = source_json(s, fields);
    return s;
}

int inputs_open(struct inputs *in, const char *name, const char **words, int count, struct error *err)
{
    struct stack k = {.name = name};
    struct words fields = {0};
    int status = add_all(&k, &in->command, words, count, err);
    if (status == 0)
        status = read_headers(&k, &in->names, err);
    if (status == 0 && item_options.json)
        status = name_fields(in, &k, &fields, err);
    in->sources = batch_size() > 1 ? k.count : 0;
    if (status == 0)
        in->source = join_all(&k, &fields);
    for (size_t i = 0; status < 0 && i < k.count; i++)
        source_free(k.sources[i]);
    words_fini(&fields);
    free(k.sources);
    free(k.kinds);
    return status;
}

void inputs_fini(struct inputs *in)
{
    words_fini(&in->command);
    words_fini(&in->names);
    source_free(in->source);
    *in = (struct inputs){0};
}
