/* What a template is compiled into: a flat list of pieces. Private to templates. */
#ifndef JOBPOOL_TASK_TEMPLATE_PIECES_H
#define JOBPOOL_TASK_TEMPLATE_PIECES_H

#include "base/buffer.h"
#include "base/slice.h"
#include "task/replacement.h"
#include "task/value_change.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum piece_kind {
    PIECE_TEXT,
    PIECE_VALUE,
    PIECE_NUMBER, /* digits, of `what` */
    PIECE_FIXED,  /* what no task changes, but that is put in as a value: `what` */
    PIECE_END,    /* of a word of an argv */
    PIECE_REPEAT, /* the `len` pieces behind it are there once for each value, which {} means in them */
};

/* How a value is quoted in the plain text of a script. */
enum piece_quotes {
    QUOTES_ALWAYS,
    QUOTES_SHORT, /* always, and written as short as can be */
    QUOTES_LIGHT, /* the same, but none if the value needs none; it may be a word of its own, or part of one */
    QUOTES_INNER, /* the same, and there is a byte beside it that no reserved word has */
};

struct piece {
    uint8_t kind;
    uint8_t what;   /* enum replacement_kind */
    uint8_t part;   /* enum value_part */
    uint8_t place;  /* enum shell_place: where it stands in a script */
    uint8_t quotes; /* enum piece_quotes */
    bool alone;     /* a whole word (in an argv: one that becomes a word for each value, and has no end) */
    bool joined;    /* what stands beside it would take up what is put there without quotes */
    int index;      /* which value, from 1, or from the last one, -1; 0: all */
    struct value_change *change; /* instead of the part, or NULL */
    size_t offset;  /* of the text */
    size_t len;
};

struct template {
    unsigned refs;
    bool script;
    bool light;           /* values are quoted only where they must be */
    bool lines;           /* the value itself is the script */
    bool direct;          /* may be executed directly; `lines`: if the line is plain, too */
    bool text_only;       /* TEMPLATE_TEXT */
    bool unique, choose;  /* which combinations get a task */
    bool needs_total;
    size_t whole;         /* {} means so many values in front; 0: all */
    uint64_t total;       /* of {##} {0#} */
    unsigned slots;       /* of {0%} */
    char *shell;          /* NULL: /bin/sh */
    uint64_t digest;      /* of what it was compiled from */
    char **functions;     /* `lines`: the exported functions, as in the environment, or NULL */
    struct buffer text;
    struct piece *pieces;
    size_t pieces_len;
    size_t pieces_cap;
    size_t sealed;        /* text is not added to pieces before this one */
};

/* Does a plain script that begins with `text` name a program for certain, whatever shell /bin/sh is? `ends`:
 * the text is all of it; else its first word must end inside the text. `environment` tells functions. */
bool script_names_program(struct slice text, bool ends, char *const *environment);

#endif
