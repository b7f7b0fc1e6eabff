/* A text cut into words as a shell cuts a command line, without its expansions: what variables such as $PARALLEL
 * and files of options hold.
 */
#ifndef JOBPOOL_BASE_SHELL_WORDS_H
#define JOBPOOL_BASE_SHELL_WORDS_H

#include "base/error.h"
#include "base/words.h"

/* Appends the words of `text`. White space separates them, newlines too; '…', "…" and \ quote as in a shell. In
 * a line whose first word begins with # the rest is a comment. -1 with ERR_USAGE for a quote without its end; the
 * words in front of it have been appended then. */
int shell_words_split(const char *text, struct words *words, struct error *err);

#endif
