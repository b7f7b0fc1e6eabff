/* A command of jobpool: one `const struct command cmd_NAME` per file cmd_NAME.c; the table in main.c is
 * the only list. Help, completions and the manual's synopses come from it.
 */
#ifndef JOBPOOL_CLI_COMMAND_H
#define JOBPOOL_CLI_COMMAND_H

#include <popt.h>
#include <stdbool.h>
#include <stddef.h>

/* Options that belong together. The table's last entry is POPT_TABLEEND; each entry has a description and,
 * if it takes a value, an argument name. An argument name says what the value is, for completions too:
 * FILE, DIR, COMMAND, or alternatives such as "fifo|lifo|priority". */
struct option_group {
    const char *heading; /* "Pool options" */
    const struct poptOption *options;
};

struct command {
    const char *name;
    const char *summary;     /* one line, no full stop */
    const char *usage;       /* "[OPTIONS] [--] COMMAND [ARG…]" */
    const char *description; /* for --help: each line is a paragraph, wrapped at 80 columns; one that
                                                  begins with a space is printed as it is */
    const struct option_group *const *groups; /* NULL-terminated */
    const char *examples; /* two or three real command lines with a word each, one per line */
    bool takes_command;   /* options end at the first word: the rest is the user's command */
    bool gnu; /* its command line is read as GNU parallel's, and a failure that is not a task's is status 255 */
    int (*run)(const char **words, int count); /* the words after the options; returns the exit status */
};

/* All commands, NULL-terminated (main.c). */
extern const struct command *const commands[];

const struct command *command_find(const char *name); /* NULL: there is none (main.c) */
/* Says that there is no such command, and which one is near; returns 2. */
int command_unknown(const char *name);

/* -h --help: an option of every command, beside its groups. */
extern const struct option_group help_group;
bool help_wanted(void);
/* --help of one command, and the overview, on `fd` 1 or 2; the exit status: 0, or 125 if they could not be
 * written. */
int help_command(const struct command *c, int fd);
int help_overview(int fd);
/* Writes all of it to stdout or stderr; 0, or 125 with a message. */
int print_all(int fd, const char *text, size_t len);

/* Prints "jobpool: …" on stderr, one line. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* From here on lines go to that output, which must last until the next call; NULL: straight to stderr. */
struct output;
void complain_through(struct output *err);

#endif
