/* The text is cut at blanks, whether they are quoted or not: that only brings in more words than the shell would
 * see. The command is the first word that is no assignment and nothing that a command follows.
 */
#include "task/shell_evaluates.h"

#include <stddef.h>
#include <string.h>

enum evaluates {
    ALWAYS,
    UNLESS_ASSIGNED, /* names; what stands behind NAME= is not, without options */
    BEHIND_V,        /* only the argument of -v */
};

static const struct {
    const char *name;
    enum evaluates what;
} builtins[] = {
    {"let", ALWAYS},
    {"declare", ALWAYS},
    {"typeset", ALWAYS},
    {"integer", ALWAYS},
    {"float", ALWAYS},
    {"nameref", ALWAYS},
    {"local", UNLESS_ASSIGNED},
    {"export", UNLESS_ASSIGNED},
    {"readonly", UNLESS_ASSIGNED},
    {"read", ALWAYS},
    {"readarray", ALWAYS},
    {"mapfile", ALWAYS},
    {"getopts", ALWAYS},
    {"unset", ALWAYS},
    {"printf", BEHIND_V},
    {"print", BEHIND_V},
    {"test", BEHIND_V},
    {"[", BEHIND_V},
};

/* A command may follow these. */
static const char *const prefixes[] = {"if",   "then", "elif",    "else",    "while", "until", "do",
                                       "time", "!",    "command", "builtin", "exec",  "{"};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/* The next word of `text` from *at on; empty at the end. */
static struct slice next_word(struct slice text, size_t *at)
{
    while (*at < text.len && is_blank(text.data[*at]))
        ++*at;
    size_t start = *at;
    while (*at < text.len && !is_blank(text.data[*at]))
        ++*at;
    return (struct slice){text.data + start, *at - start};
}

/* Is it that word to the shell, which takes quotes away? */
static bool is_word(struct slice word, const char *name)
{
    for (size_t i = 0; i < word.len; i++) {
        if (strchr("'\"\\", word.data[i]))
            continue;
        if (word.data[i] != *name || !*name)
            return false;
        name++;
    }
    return *name == '\0';
}

static bool is_prefix(struct slice word)
{
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (is_word(word, prefixes[i]))
            return true;
    return memchr(word.data, '=', word.len) != NULL;
}

/* Does a value that goes on `last` stand behind the operator of a redirection? */
static bool is_redirected(struct slice before, struct slice last)
{
    return memchr(last.data, '<', last.len) || memchr(last.data, '>', last.len) ||
           (before.len > 0 && strchr("<>", before.data[before.len - 1]));
}

/* `last` is the word that the value goes on, or empty; `before` the one before it. */
static bool is_evaluated(enum evaluates what, struct slice before, struct slice last, bool options)
{
    if (is_redirected(before, last))
        return false;
    switch (what) {
    case ALWAYS:
        return true;
    case UNLESS_ASSIGNED:
        return options || !memchr(last.data, '=', last.len);
    case BEHIND_V:
        return is_word(before, "-v") || is_word(last, "-v");
    }
    return false;
}

const char *shell_evaluates(struct slice command, bool begins_word)
{
    size_t at = 0;
    struct slice name, before = {command.data, 0}, last = {command.data, 0};
    do
        name = next_word(command, &at);
    while (name.len > 0 && at < command.len && is_prefix(name));
    begins_word = begins_word || (command.len > 0 && is_blank(command.data[command.len - 1]));
    if (name.len == 0 || (at == command.len && !begins_word)) /* the value goes on the name itself */
        return NULL;
    bool options = false;
    for (struct slice word; (word = next_word(command, &at)).len > 0;) {
        options = options || word.data[0] == '-';
        before = last;
        last = word;
    }
    if (begins_word) {
        before = last;
        last.len = 0;
    }
    for (size_t i = 0; i < sizeof builtins / sizeof builtins[0]; i++)
        if (is_word(name, builtins[i].name) && is_evaluated(builtins[i].what, before, last, options))
            return builtins[i].name;
    return NULL;
}
