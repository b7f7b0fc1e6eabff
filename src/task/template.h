/* Templates: a command with replacement strings, compiled once and rendered for every task.
 *
 * A template is an argv (each word executed as it is, no shell) or a shell script (each value that is put
 * in is quoted for the place where it stands, so that it is part of one word and never code). A script that
 * is so plain that no shell could see anything in it is marked `direct`: it renders to an argv as well, which
 * the executor may run without a shell; nobody can observe the difference.
 *
 * Replacement strings (replacement.h) have GNU parallel's meanings; {} as a whole word of an argv becomes one word
 * per value, elsewhere the values are joined by a space, or the word is there once for each (repeat_words). A value is
 * never expanded again.
 */
#ifndef JOBPOOL_TASK_TEMPLATE_H
#define JOBPOOL_TASK_TEMPLATE_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/words.h"
#include "task/replacement.h"

#include <stdbool.h>
#include <stdint.h>

enum template_form {
    TEMPLATE_GUESS,  /* several words: argv; one word with white space or shell characters: script */
    TEMPLATE_ARGV,   /* --no-shell */
    TEMPLATE_SCRIPT, /* --shell: words are joined by a space */
    TEMPLATE_TEXT,   /* no command at all: template_render_text puts values into it as they are */
};

struct template_options {
    enum template_form form;
    bool literal;           /* no replacement strings, nothing appended ("command" of a plain spec) */
    bool light;             /* a value of a script is put in without quotes where it means the same, as GNU
                             * parallel does */
    bool append_nothing;    /* a command without replacement strings stays as it is */
    bool repeat_words;      /* a word with {} in it is there once for each value: -X */
    bool no_direct;         /* the task's environment is such that a shell must run its scripts */
    const char *shell_path; /* NULL: /bin/sh */
    const struct words *names; /* name i means value i+1; NULL: there are none */
    struct replacement_syntax syntax; /* but for the names */
    size_t whole;           /* {} means so many values in front; 0: all */
    unsigned slots;         /* how many there are, for {0%}; 0: nobody knows */
    bool total;             /* template_set_total will be called if template_needs_total */
};

struct template;

/* Compiles `command`. No words at all: the value itself is the script (input lines are commands). ERR_USAGE
 * for a replacement string where no value can be quoted safely (inside a here-document, a comment, `…`,
 * ${…}, $((…)), behind a backslash or a dollar): the message names the place and what to write instead. */
struct template *template_new(const struct words *command, const struct template_options *options,
                              struct error *err);
/* Appends each NAME that occurs in the command as {NAME}, {NAME.}, {NAME:-x} …: a letter or underscore, and then
 * letters, digits, underscores and dashes. Each once, in the order of the command; not behind a dollar. */
void template_names_used(const struct words *command, struct words *names);
struct template *template_ref(struct template *t); /* main thread only, as template_unref */
void template_unref(struct template *t);

bool template_is_script(const struct template *t);
const char *template_shell(const struct template *t); /* "/bin/sh" or the given path */
/* Of the words that it was made from and how they are taken: what tells whether it is the same command. */
uint64_t template_digest(const struct template *t);
size_t template_size(const struct template *t);       /* bytes that it adds to each rendering, about */

/* Can values be quoted for that shell? */
bool template_quotes_for(const char *shell_path);
/* {##} and {0#} stand for the number of all tasks: it must be set before anything is rendered. */
bool template_needs_total(const struct template *t);
void template_set_total(struct template *t, uint64_t total);
/* Is {uniq} or {choose_k} in it? */
bool template_selects(const struct template *t);
/* Do they say that these values get no task? */
bool template_skips(const struct template *t, const struct words *args);

/* May the values of a task be given to two? Not if the command tells them by their places, or is made of them. */
bool template_can_split(const struct template *t);

/* What a command line counts. */
struct template_cost {
    size_t bytes;   /* of the words of an argv, or of a script, NULs included */
    size_t around;  /* bytes of the shell's name and options in front of a script */
    size_t words;   /* arguments, those of the shell included */
    size_t shared;  /* bytes of the longest of the arguments that all values go into; a script is one */
    size_t longest; /* bytes of the longest of those that one value made */
};

/* Measures command lines value by value. */
struct template_meter {
    const struct template *template;
    struct buffer line, scratch;
};

/* Without any values. */
void template_cost_fixed(struct template_meter *m, struct template_cost *cost);
/* What these values add to it, behind `before` others. It may be more than it is, where a number is put in. */
void template_cost_values(struct template_meter *m, const struct words *values, size_t before,
                          struct template_cost *cost);
void template_meter_fini(struct template_meter *m);

/* What a template becomes for one task. */
struct rendering {
    struct words argv; /* of an argv template, or of a direct script; else empty */
    char *script;      /* of a script template, else NULL */
    bool direct;       /* argv may be executed in place of the script */
};

/* `slot` 0 renders {%} as nothing. ERR_SPAWN for what no exec can take (an argv of no words, a script beyond
 * 131,071 bytes → E2BIG). Thread-safe: reads the template only. */
int template_render(const struct template *t, const struct words *args, uint64_t seq, unsigned slot,
                    struct rendering *out, struct error *err);
/* Of TEMPLATE_TEXT: appends it to `out`, the values' bytes as they are. */
void template_render_text(const struct template *t, const struct words *args, uint64_t seq, unsigned slot,
                          struct buffer *out);
void rendering_fini(struct rendering *r); /* zeroed memory is valid */

#endif
