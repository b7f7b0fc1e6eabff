/* Where in a shell script a byte stands: the lexer that tells how a value must be quoted there. Private to
 * templates.
 */
#ifndef JOBPOOL_TASK_SHELL_LEXER_H
#define JOBPOOL_TASK_SHELL_LEXER_H

#include "base/error.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum shell_place {
    PLACE_PLAIN,  /* outside of quotes */
    PLACE_SINGLE, /* inside '…' */
    PLACE_DOUBLE, /* inside "…" */
    PLACE_BARE,   /* where only digits may be put, as they are */
};

struct shell_spot {
    enum shell_place place;
    bool joined; /* letters and digits put here could become part of a $name before them */
};

/* Those that read a script in ways of their own. */
enum shell_family {
    SHELL_POSIX,
    SHELL_ZSH,
    SHELL_PDKSH, /* posh, oksh: they look for the end of $(…) with simpler rules than they read it by */
};

struct shell_frame {
    uint8_t kind;
    bool glued;     /* it is a part of a word */
    unsigned depth; /* open parentheses or brackets */
    size_t command; /* where the simple command begins that is read in it, */
    size_t word;    /* and the word, if it is a frame in which there are words */
};

#define SHELL_DEPTH 64

struct shell_lexer {
    struct slice text;
    size_t at;
    size_t limit;    /* what lies behind is not looked at: a replacement string, or the end */
    enum shell_family shell;
    bool word_start; /* the next byte would begin a word */
    bool dollar;     /* there was a $ in this word, or in these quotes since the last blank */
    char pending;    /* a backslash or dollar directly before `at`, else 0 */
    unsigned doubt;  /* why nothing is certain from here on, else 0 */
    size_t frames;
    struct shell_frame stack[SHELL_DEPTH];
};

void shell_lexer_init(struct shell_lexer *l, struct slice text, enum shell_family shell);

/* Reads on to the replacement string at `offset`, or to the end of the text. */
void shell_lexer_advance(struct shell_lexer *l, size_t offset);
/* Steps over a replacement string of `len` bytes. */
void shell_lexer_pass(struct shell_lexer *l, size_t len);

/* The word of the innermost command that the place is in, before what stands there is passed: where it begins, and
 * the frame that it is in. False if it is not certain that other words may follow it. */
bool shell_lexer_word(const struct shell_lexer *l, size_t *start, size_t *frame);
/* Reads on to `limit`, a replacement string or the end of the text. True: the word in `frame` ends before that, or
 * with the text, and `at` is there. */
bool shell_lexer_end_word(struct shell_lexer *l, size_t frame, size_t limit);

/* May something be put in here? `digits`: only digits are. `name` is the replacement string, for the
 * message. -1 with ERR_USAGE if there is no quoting that is safe for certain. */
int shell_lexer_spot(const struct shell_lexer *l, struct slice name, bool digits, struct shell_spot *spot,
                     struct error *err);

/* May words be appended to the text, which was read to its end? -1 with ERR_USAGE if not. */
int shell_lexer_may_append(const struct shell_lexer *l, struct error *err);

#endif
