/* What shells make of bytes: quoting for a POSIX shell, and the words that only a shell can run. */
#ifndef JOBPOOL_TASK_SCRIPT_H
#define JOBPOOL_TASK_SCRIPT_H

#include "base/buffer.h"
#include "base/slice.h"

#include <stdbool.h>

/* Appends `value` as one shell word: as it is if it needs no quotes and `always` is false, else in single
 * quotes. The result can be pasted into any POSIX shell. */
void script_quote(struct buffer *out, struct slice value, bool always);

/* The same as GNU parallel writes it: as it is if it has only A-Za-z0-9_+./- , else in single quotes, of which
 * none stand empty beside a quote of the value's own. */
void script_quote_light(struct buffer *out, struct slice value);
/* Only A-Za-z0-9_+./- , and at least one of them? */
bool script_is_light(struct slice value);
/* Is it a reserved word of dash, bash or ksh? Is it in one, or one itself? */
bool script_is_reserved(struct slice word);
bool script_is_in_reserved(struct slice part);

/* Is it a builtin or reserved word of dash, bash or ksh? (One sorted table.) */
bool script_is_builtin(struct slice word);

/* Has the text white space or characters that a shell gives a meaning? */
bool script_has_shell_characters(struct slice text);

/* Only A-Za-z0-9_@%+:,./=- , bytes ≥ 0x80, space and tab? */
bool script_is_plain(struct slice text);

/* Is NAME an exported shell function (BASH_FUNC_NAME%% in the environment)? */
bool script_is_function(struct slice word, char *const *environment);

/* Does a shell pass NAME=VALUE on as it is, and do nothing because of it? */
bool script_variable_is_quiet(const char *variable);

#endif
