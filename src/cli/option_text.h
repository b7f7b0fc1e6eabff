/* The texts of options, as popt stores them, and their values.
 *
 * Every option with a value is POPT_ARG_ARGV: popt appends each text to a NULL-terminated array (NULL: the
 * option was not given), so nothing that was given is lost or leaks, and the last one wins. The functions
 * that read a value leave *value as it is when the option was not given; -1 with ERR_USAGE naming option
 * and text.
 */
#ifndef JOBPOOL_CLI_OPTION_TEXT_H
#define JOBPOOL_CLI_OPTION_TEXT_H

#include "base/error.h"

#include <stdint.h>

/* The last text, or NULL. */
const char *option_text(const char *const *texts);

int option_number(const char *const *texts, int64_t min, int64_t max, int64_t *value, const char *what,
                  struct error *err);
int option_duration(const char *const *texts, int64_t *ns, const char *what, struct error *err);
/* The index of the text in `choices` (NULL-terminated). */
int option_choice(const char *const *texts, const char *const *choices, int *index, const char *what,
                  struct error *err);
/* The byte that a text stands for, as it is or as \n, \t, \r, \0, \\ or \xHH; -1: none. */
int option_byte(const char *text);

#endif
