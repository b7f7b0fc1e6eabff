/* Completions for shells, made from the command table and the option tables: completion.c knows what an
 * argument name means, completion_SHELL.c how the shell wants it said.
 */
#ifndef JOBPOOL_CLI_COMPLETION_H
#define JOBPOOL_CLI_COMPLETION_H

#include "base/buffer.h"
#include "cli/command.h"

extern const char *const completion_shells[]; /* "bash", "zsh", "fish", NULL */

/* Writes the script for one of them; the exit status: 0, or 125 if it could not be written. */
int completion_print(const char *shell, int fd);

/* What follows an option or a command. */
enum completion_kind {
    COMPLETE_NONE,   /* an option without a value; a command without words */
    COMPLETE_TEXT,   /* a number, a time …: nothing to offer */
    COMPLETE_CHOICE, /* the alternatives of the argument name */
    COMPLETE_FILE,
    COMPLETE_DIR,
    COMPLETE_COMMAND,  /* a program of the user */
    COMPLETE_VARIABLE, /* an environment variable */
    COMPLETE_OWN,      /* a command of jobpool */
};
enum completion_kind completion_value(const struct poptOption *o);
enum completion_kind completion_words(const struct command *c);

/* May the option be repeated with effect? */
bool completion_repeats(const struct poptOption *o);
/* Appends what describes the option in a few words, the characters in `special` with a backslash before
 * them; a single quote as '\''. */
void completion_describe(struct buffer *out, const char *text, const char *special);
/* Appends the alternatives of the option's argument name, separated by spaces. */
void completion_choices(struct buffer *out, const struct poptOption *o);

/* Calls `put` for each option of a command, --help too. */
void completion_each(struct buffer *out, const struct command *c,
                     void (*put)(struct buffer *out, const struct command *c, const struct poptOption *o));

void completion_bash(struct buffer *out);
void completion_zsh(struct buffer *out);
void completion_fish(struct buffer *out);

#endif
