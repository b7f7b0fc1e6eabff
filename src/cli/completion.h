/* Completions for shells, made from the command table and the option tables. */
#ifndef JOBPOOL_CLI_COMPLETION_H
#define JOBPOOL_CLI_COMPLETION_H

extern const char *const completion_shells[]; /* "bash", "zsh", "fish", NULL */

/* Writes the script for one of them; the exit status: 0, or 125 if it could not be written. */
int completion_print(const char *shell, int fd);

#endif
