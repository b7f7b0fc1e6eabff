/* GNU parallel's profiles: ~/.parallel/config (or else $XDG_CONFIG_HOME/parallel/config), or instead of it those
 * that are named; and for everybody /etc/parallel/config. A file of these, or $PARALLEL, may have words of a
 * command behind its options: they come in front of the command.
 */
#include "cli/default_options.h"

#include "base/alloc.h"
#include "base/shell_words.h"
#include "cli/gnu_options.h"
#include "cli/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The command line that is being put together. */
struct line {
    const struct command *command;
    struct words options;
    struct words words;
};

static int add_text(struct line *l, const struct gnu_option *gnu, const char *where, const char *text,
                    struct error *err)
{
    struct words in = {0};
    struct gnu_spellings spellings = {.gnu = gnu, .groups = l->command->groups, .where = where};
    int status = shell_words_split(text, &in, err);
    if (status < 0) {
        struct error inner = *err;
        error_set(err, ERR_USAGE, "%s: %s", where, inner.message);
    } else {
        status = gnu_options_expand(&spellings, &in, &l->options, &l->words, err);
    }
    words_fini(&in);
    return status;
}

/* ---- $JOBPOOL ---- */

static bool runs_tasks(const struct command *c)
{
    for (const struct option_group *const *g = c->groups; g && *g; g++) {
        if (*g == &pool_group)
            return true;
    }
    return false;
}

static int add_jobpool(struct line *l, struct error *err)
{
    const char *text = getenv("JOBPOOL");
    if (!text || !*text || !runs_tasks(l->command))
        return 0;
    if (add_text(l, NULL, "$JOBPOOL", text, err) < 0)
        return -1;
    const char *word = words_get(&l->words, 0);
    if (word)
        return error_set(err, ERR_USAGE, "$JOBPOOL: '%.200s' is no option; it may hold options only", word);
    return 0;
}

/* ---- $PARALLEL and profiles ---- */

static int read_file(const char *path, struct buffer *text, struct error *err)
{
    char piece[4096];
    size_t len;
    FILE *file = fopen(path, "re");
    if (!file)
        return error_set_errno(err, ERR_INPUT, errno, "cannot open the profile %s", path);
    while ((len = fread(piece, 1, sizeof piece, file)) > 0)
        buffer_append(text, piece, len);
    int failed = ferror(file) ? errno : 0;
    fclose(file);
    return failed ? error_set_errno(err, ERR_INPUT, failed, "cannot read the profile %s", path) : 0;
}

static int add_file(struct line *l, const char *path, struct error *err)
{
    struct buffer text = {0};
    int status = read_file(path, &text, err);
    if (status == 0)
        status = add_text(l, gnu_table, path, buffer_text(&text), err);
    buffer_fini(&text);
    return status;
}

/* The user's file of that name: the first place that has it, or the first place of all. */
static char *find_profile(const char *name)
{
    const char *parallel = getenv("PARALLEL_HOME"), *home = getenv("HOME"),
               *config = getenv("XDG_CONFIG_HOME");
    if (name[0] == '/' || strncmp(name, "./", 2) == 0)
        return xstrdup(name);
    char *first = parallel && *parallel ? xasprintf("%s/%s", parallel, name)
                                        : xasprintf("%s/.parallel/%s", home ? home : "", name);
    char *second = config && *config ? xasprintf("%s/parallel/%s", config, name)
                                     : xasprintf("%s/.config/parallel/%s", home ? home : "", name);
    bool use_second = access(first, R_OK) < 0 && access(second, R_OK) == 0;
    char *path = use_second ? second : first;
    free(use_second ? first : second);
    return path;
}

/* A file that nobody named need not be there. */
static int add_if_there(struct line *l, const char *path, struct error *err)
{
    return access(path, R_OK) < 0 ? 0 : add_file(l, path, err);
}

static int add_profile(struct line *l, const char *name, bool needed, struct error *err)
{
    char *path = find_profile(name);
    int status = needed ? add_file(l, path, err) : add_if_there(l, path, err);
    free(path);
    return status;
}

static int add_profiles(struct line *l, const struct words *options, struct error *err)
{
    static const char profile[] = "--profile=";
    size_t named = 0;
    if (add_if_there(l, "/etc/parallel/config", err) < 0)
        return -1;
    for (const char *o = NULL; (o = words_next(options, o));) {
        if (strncmp(o, profile, strlen(profile)) != 0)
            continue;
        if (add_profile(l, o + strlen(profile), true, err) < 0)
            return -1;
        named++;
    }
    return named ? 0 : add_profile(l, "config", false, err);
}

static size_t count_option(const struct words *options, const char *wanted)
{
    size_t count = 0;
    for (const char *o = NULL; (o = words_next(options, o));)
        count += strcmp(o, wanted) == 0;
    return count;
}

/* The command line is read first: it says which profiles are wanted. */
static int add_gnu(struct line *l, const struct words *in, struct error *err)
{
    struct words options = {0}, words = {0};
    struct gnu_spellings spellings = {.gnu = gnu_table, .groups = l->command->groups};
    const char *variable = getenv("PARALLEL");
    int status = gnu_options_expand(&spellings, in, &options, &words, err);
    if (status == 0 && !count_option(&options, "--plain")) {
        status = add_profiles(l, &options, err);
        if (status == 0 && variable)
            status = add_text(l, gnu_table, "$PARALLEL", variable, err);
    }
    parallel_options.on = true;
    parallel_options.shell_quotes = (int)count_option(&options, "--shell-quote");
    words_add_all(&l->options, &options);
    words_add_all(&l->words, &words);
    words_fini(&options);
    words_fini(&words);
    return status;
}

/* ---- together ---- */

static void put_together(const struct line *l, const char *name, int *argc, const char ***argv)
{
    static struct words all;
    static char **list;
    words_clear(&all);
    words_add(&all, name, strlen(name));
    words_add_all(&all, &l->options);
    if (l->command->gnu)
        words_add(&all, "--", 2);
    words_add_all(&all, &l->words);
    free(list);
    list = words_argv(&all);
    *argc = (int)all.count;
    *argv = (const char **)list;
}

int default_options_add(const struct command *c, int *argc, const char ***argv, struct error *err)
{
    struct line l = {.command = c};
    struct words in = {0};
    for (int i = 1; i < *argc; i++)
        words_add(&in, (*argv)[i], strlen((*argv)[i]));
    if (strcmp(c->name, "sem") == 0)
        words_add(&l.options, "--semaphore", strlen("--semaphore"));
    int status = add_jobpool(&l, err);
    if (status == 0 && c->gnu)
        status = add_gnu(&l, &in, err);
    else if (status == 0)
        words_add_all(&l.words, &in);
    if (status == 0 && (c->gnu || l.options.count))
        put_together(&l, (*argv)[0], argc, argv);
    words_fini(&in);
    words_fini(&l.options);
    words_fini(&l.words);
    return status;
}
