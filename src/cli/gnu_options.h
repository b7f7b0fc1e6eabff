/* The command line as GNU parallel reads it, made into one that popt can read: a pre-pass from words to words.
 *
 * popt knows neither abbreviations nor optional values. Here each option, however it was spelled (an abbreviation
 * that only one option begins with, another name, a letter in a cluster, a value in the same word or the next),
 * becomes --name or --name=value of the command's popt tables. Pure: nothing is printed, nothing remembered.
 */
#ifndef JOBPOOL_CLI_GNU_OPTIONS_H
#define JOBPOOL_CLI_GNU_OPTIONS_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/words.h"
#include "cli/command.h"

enum gnu_takes {
    GNU_NOTHING,
    GNU_VALUE,    /* behind =, behind its letter, or the next word whatever that is */
    GNU_OPTIONAL, /* the same, but not a next word that looks like an option */
    GNU_NUMBER,   /* optional too, and the next word only if it is a number */
};

/* An option of GNU parallel and what becomes of it. The last row of a table has no names. */
struct gnu_option {
    const char *names; /* every spelling, separated by |; the first is the one that messages use */
    enum gnu_takes takes;
    const char *to;    /* the long option that it becomes, which is "not there yet" as long as the popt tables
                           * do not have it; NULL: none */
    const char *value; /* what `to` gets if the command line gives no value; NULL: nothing */
    /* Appends the value as `to` wants it. -1 with ERR_USAGE. NULL: as it is. */
    int (*convert)(const char *value, struct buffer *out, struct error *err);
    const char
        *why; /* without `to`: why it is refused, and what to write instead; NULL: accepted, and nothing
                           * follows from it. With `to`: what to write as long as that is not there yet, or NULL */
};

/* All of GNU parallel's (gnu_table.c). */
extern const struct gnu_option gnu_table[];

struct gnu_spellings {
    const struct gnu_option *gnu;             /* NULL: the popt tables' own options only */
    const struct option_group *const *groups; /* of the command, NULL-terminated */
    const char *where; /* "$PARALLEL": where the words stand; NULL: on the command line */
};

/* Reads `in` up to its first word that is no option or an option's value, or to "--". Appends the options, made
 * plain, to `options`, and the words from there on ("--" not) to `rest`. -1 with ERR_USAGE. */
int gnu_options_expand(const struct gnu_spellings *s, const struct words *in, struct words *options,
                       struct words *rest, struct error *err);

#endif
