/* The command line: popt over the option groups of one command. */
#ifndef JOBPOOL_CLI_PARSE_H
#define JOBPOOL_CLI_PARSE_H

#include "cli/command.h"

/* Parses argv[1] … argv[argc-1] as options and words of `c`: fills the texts of its groups (see
 * option_text.h) and *words (NULL-terminated, *count of them). Aliases in /etc/popt, /etc/popt.d and
 * ~/.popt under the name "jobpool" are applied. All strings stay valid until the program ends. -1 after a
 * complaint if an option is unknown, has no value or has one too many. */
int parse_options(const struct command *c, int argc, const char **argv, const char ***words, int *count);

#endif
