/* Which words of a script are there once for each value (-X). Private to templates.
 *
 * A word that has {} in it, not as all of it, is repeated whole, with the text that stands around it: pre-{}.gz
 * becomes pre-'a'.gz pre-'b'.gz. The shell's idea of a word counts: "a {}" and a\ {} are one each, and of
 * "$(wc {}-x)" the word is {}-x. The text is repeated as it stands there, between blanks, so what a value is quoted
 * for stays right. Where a second word would be something else, or it is not certain where the word ends, it stays
 * one word, and the values in it are joined: behind the operator of a redirection, in an assignment in front of a
 * command, in a pattern such as +(a|{}).
 */
#ifndef JOBPOOL_TASK_TEMPLATE_WORDS_H
#define JOBPOOL_TASK_TEMPLATE_WORDS_H

#include "base/slice.h"
#include "task/replacement.h"
#include "task/shell_lexer.h"

struct repeat {
    size_t start, end; /* in the script */
    size_t piece;      /* PIECE_REPEAT, once it is there */
};

/* They lie behind or within each other, never across. */
struct repeats {
    struct repeat *items;
    size_t len, cap;
};

/* Looks at the replacement string of `len` bytes that the lexer is before. */
void repeats_find(struct repeats *all, const struct shell_lexer *l, const struct replacement_syntax *syntax,
                  size_t len);
void repeats_fini(struct repeats *all);
/* The next offset behind `at` at which one begins or ends, at most `limit`; limit + 1 if there is none. */
size_t repeats_next(const struct repeats *all, size_t at, size_t limit);

/* Does what stands at `at` follow the operator of a redirection, which takes one word? (Behind a quoted one it
 * would take more, but need not.) */
bool script_is_redirected(struct slice text, size_t at);

#endif
