/* Replacement strings: where they are in a command, and what they name. jobpool-replacement(7) lists them all.
 * Private to templates, and to what puts templates together.
 *
 * In front of the form there may be a number ({2.} {-1:-x}) or the name of a value ({size.}). Whatever else stands
 * in braces is ordinary text; so is, behind a dollar, everything that a shell gives a meaning of its own to:
 * ${x}, ${1%.c}, ${#x}.
 */
#ifndef JOBPOOL_TASK_REPLACEMENT_H
#define JOBPOOL_TASK_REPLACEMENT_H

#include "base/slice.h"
#include "base/words.h"
#include "task/value_part.h"

#include <stdbool.h>
#include <stddef.h>

enum replacement_kind {
    REPLACE_VALUE,
    REPLACE_SEQ,         /* {#} */
    REPLACE_SLOT,        /* {%} {slot} */
    REPLACE_TOTAL,       /* {##} */
    REPLACE_SEQ_PADDED,  /* {0#} */
    REPLACE_SLOT_PADDED, /* {0%} */
    REPLACE_HOST,        /* {host} {sshlogin} */
    REPLACE_HOST_GROUP,  /* {hgrp} {agrp} */
};

/* Combinations that get no task. */
enum replacement_filter {
    FILTER_NONE,
    FILTER_UNIQUE, /* {uniq}: those in which a value occurs twice */
    FILTER_CHOOSE, /* {choose_k}: those that are not in order */
};

/* Those that can have another name: -I, --er, --bnr, --dnr, --bner, --seqreplace, --slotreplace. */
enum replacement_token {
    TOKEN_VALUE,
    TOKEN_NO_EXTENSION,
    TOKEN_BASE,
    TOKEN_DIRECTORY,
    TOKEN_BASE_NO_EXTENSION,
    TOKEN_SEQ,
    TOKEN_SLOT,
    TOKENS /* how many there are */
};

/* What is a replacement string. All zero: all of GNU parallel's, those of --plus too. */
struct replacement_syntax {
    bool no_plus;               /* only {} {.} {/} {//} {/.} {#} {%}, and these with a number or a name */
    const char *tokens[TOKENS]; /* names in place of {} {.} {/} {//} {/.} {#} {%}; NULL: these; none is empty */
    const struct words *names;  /* of the values, the first one's first; NULL: there are none */
};

struct replacement {
    enum replacement_kind kind;
    enum replacement_filter filter;
    struct value_form form; /* its texts point into the command */
    int index;              /* which value, from 1, or from the last one, which is -1; 0: all of them */
};

/* How many bytes of a replacement string stand at the start of `text`; 0 if there is none. */
size_t replacement_scan(struct slice text, const struct replacement_syntax *syntax, struct replacement *r);

/* The offset of the first one in `text` at or after `from`, or text.len; *len is its length (0: none). */
size_t replacement_find(struct slice text, size_t from, const struct replacement_syntax *syntax,
                        struct replacement *r, size_t *len);

/* Appends each name that occurs in `text` as {NAME} or with a form behind it, once: a letter or underscore, and
 * then letters, digits, underscores and dashes. */
void replacement_names(struct slice text, const struct replacement_syntax *syntax, struct words *names);

#endif
