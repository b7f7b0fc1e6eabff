/* The command line, read by popt.
 *
 * popt replaces "!#:+" in the value of an option by the next argument, which it takes away (meant for
 * aliases, done everywhere). A value may be anybody's text and must stay as it is, so each "!#:+" of the
 * command line is hidden from popt: a MARK is put behind its '!', one more where there are some already,
 * and taken out again afterwards.
 */
#include "cli/parse.h"

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/nearest.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define GROUPS_MAX 16
#define MARK       '\x7f'

/* Where the next "!#:+" ends, marks between its first two characters allowed; NULL if there is none. */
static const char *find_special(const char *text, const char **marks)
{
    while ((text = strchr(text, '!'))) {
        text++;
        const char *rest = text + strspn(text, "\x7f");
        if (strncmp(rest, "#:+", 3) == 0) {
            *marks = text;
            return rest;
        }
    }
    return NULL;
}

static char *hide_special(const char *text)
{
    struct buffer out = {0};
    const char *marks, *rest;
    while ((rest = find_special(text, &marks))) {
        buffer_append(&out, text, (size_t)(rest - text));
        buffer_putc(&out, MARK);
        text = rest;
    }
    buffer_puts(&out, text);
    return buffer_take(&out, NULL);
}

static void show_special(char *text)
{
    const char *marks, *rest;
    while ((rest = find_special(text, &marks))) {
        size_t at = (size_t)(rest - text);
        if (rest > marks) {
            memmove(text + at - 1, text + at, strlen(text + at) + 1);
            at--;
        }
        text += at;
    }
}

/* argv as it is, or a copy with what popt must not see hidden. */
static const char **hide_all(int argc, const char **argv)
{
    static const char **copy;
    const char *marks;
    bool any = false;
    for (int i = 0; i < argc && !any; i++)
        any = find_special(argv[i], &marks) != NULL;
    if (!any)
        return argv;
    copy = xcalloc((size_t)argc + 1, sizeof *copy);
    for (int i = 0; i < argc; i++)
        copy[i] = hide_special(argv[i]);
    return copy;
}

/* The strings are popt's own copies, so they may be changed. */
static void show_list(const char **texts)
{
    for (; texts && *texts; texts++) {
        const char *marks;
        if (find_special(*texts, &marks))
            show_special((char *)(uintptr_t)*texts);
    }
}

static void show_all(const struct command *c, const char **words)
{
    for (const struct option_group *const *g = c->groups; g && *g; g++) {
        for (const struct poptOption *o = (*g)->options; o->longName; o++) {
            if (o->argInfo == POPT_ARG_ARGV)
                show_list(*(const char ***)o->arg);
        }
    }
    show_list(words);
}

/* The option of that name (without dashes), or of that letter if `name` is NULL. */
static const struct poptOption *find_option(const struct command *c, const char *name, char letter)
{
    for (const struct option_group *const *g = c->groups; g && *g; g++) {
        for (const struct poptOption *o = (*g)->options; o->longName; o++) {
            if (name ? strcmp(o->longName, name) == 0 : o->shortName == letter)
                return o;
        }
    }
    return NULL;
}

static const char *nearest_option(const struct command *c, const char *typed)
{
    size_t count = 1;
    for (const struct option_group *const *g = c->groups; g && *g; g++) {
        for (const struct poptOption *o = (*g)->options; o->longName; o++)
            count++;
    }
    const char **names = xcalloc(count + 1, sizeof *names);
    names[0] = "help";
    count = 1;
    for (const struct option_group *const *g = c->groups; g && *g; g++) {
        for (const struct poptOption *o = (*g)->options; o->longName; o++)
            names[count++] = o->longName;
    }
    const char *nearest = nearest_name(typed, names);
    free(names);
    return nearest;
}

static void complain_unknown(const struct command *c, const char *typed)
{
    if (strncmp(typed, "--", 2) != 0) {
        /* A cluster of letters: the first one that is no option is meant. */
        const char *letter = typed + 1;
        while (letter[1] && (*letter == 'h' || find_option(c, NULL, *letter)))
            letter++;
        complain("unknown option '-%c'; see jobpool %s --help", *letter, c->name);
        return;
    }
    char *name = xmemdup0(typed + 2, strcspn(typed + 2, "="));
    const char *near = nearest_option(c, name);
    if (near)
        complain("unknown option '--%.200s'; did you mean --%s?", name, near);
    else
        complain("unknown option '--%.200s'; see jobpool %s --help", name, c->name);
    free(name);
}

/* In a cluster of letters the last one is meant: one before it would have had the rest as its value. */
static void complain_no_value(const struct command *c, const char *typed)
{
    bool is_long = strncmp(typed, "--", 2) == 0;
    size_t len = strlen(typed);
    const struct poptOption *o =
        is_long ? find_option(c, typed + 2, 0) : find_option(c, NULL, len > 0 ? typed[len - 1] : '\0');
    if (o && is_long)
        complain("option '%.200s' needs a value, %s: %s", typed, o->argDescrip, o->descrip);
    else if (o)
        complain("option '-%c' needs a value, %s: %s", o->shortName, o->argDescrip, o->descrip);
    else
        complain("option '%.200s' needs a value; see jobpool %s --help", typed, c->name);
}

static void complain_option(const struct command *c, poptContext context, int code)
{
    const char *typed = poptBadOption(context, POPT_BADOPTION_NOALIAS);
    if (!typed)
        typed = "";
    switch (code) {
    case POPT_ERROR_BADOPT:
        complain_unknown(c, typed);
        break;
    case POPT_ERROR_NOARG:
        complain_no_value(c, typed);
        break;
    case POPT_ERROR_UNWANTEDARG:
        complain("option '%.*s' takes no value", (int)strcspn(typed, "="), typed);
        break;
    default:
        complain("option '%.200s': %s", typed, poptStrerror(code));
        break;
    }
}

int parse_options(const struct command *c, int argc, const char **argv, const char ***words, int *count)
{
    static struct poptOption tables[GROUPS_MAX + 2];
    static poptContext context; /* owns the words */
    static const char *none[] = {NULL};
    size_t n = 0;
    for (const struct option_group *const *g = c->groups; g && *g && n < GROUPS_MAX; g++, n++)
        tables[n] = (struct poptOption){
            NULL, 0, POPT_ARG_INCLUDE_TABLE, (void *)(uintptr_t)(*g)->options, 0, NULL, NULL};
    tables[n] = (struct poptOption){
        NULL, 0, POPT_ARG_INCLUDE_TABLE, (void *)(uintptr_t)help_group.options, 0, NULL, NULL};

    context = poptGetContext("jobpool", argc, hide_all(argc, argv), tables,
                             POPT_CONTEXT_NO_EXEC | (c->takes_command ? POPT_CONTEXT_POSIXMEHARDER : 0u));
    /* Nothing follows from a file of aliases that cannot be read but that its aliases are unknown. */
    poptReadDefaultConfig(context, 0);
    int code = poptGetNextOpt(context);
    if (code != -1) {
        complain_option(c, context, code);
        return -1;
    }
    *words = poptGetArgs(context);
    if (!*words)
        *words = none;
    show_all(c, *words);
    for (*count = 0; (*words)[*count]; ++*count)
        ;
    return 0;
}
