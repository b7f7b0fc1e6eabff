/* Shell quoting, and the one table of the words that only a shell can run.
 *
 * The table has the builtins and reserved words of dash, bash, ksh93 and mksh: a script whose first word is
 * none of these, nor a function, means a program of that name to each of them.
 */
#include "task/script.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct shell_word {
    char name[12];
    bool reserved;
};

/* Sorted by bytes. */
static const struct shell_word shell_words[] = {
    {"!", true}, {".", false}, {":", false}, {"[", false}, {"[[", true}, {"]]", true}, {"alarm", false},
    {"alias", false}, {"autoload", false}, {"bg", false}, {"bind", false}, {"break", false},
    {"builtin", false}, {"caller", false}, {"case", true}, {"cat", false}, {"cd", false}, {"chdir", false},
    {"command", false}, {"compgen", false}, {"complete", false}, {"compopt", false}, {"compound", false},
    {"continue", false}, {"coproc", true}, {"declare", false}, {"dirs", false}, {"disown", false},
    {"do", true}, {"done", true}, {"echo", false}, {"elif", true}, {"else", true}, {"enable", false},
    {"enum", false}, {"esac", true}, {"eval", false}, {"exec", false}, {"exit", false}, {"export", false},
    {"false", false}, {"fc", false}, {"fg", false}, {"fi", true}, {"float", false}, {"for", true},
    {"function", true}, {"functions", false}, {"getopts", false}, {"global", false}, {"hash", false},
    {"help", false}, {"hist", false}, {"history", false}, {"if", true}, {"in", true}, {"integer", false},
    {"jobs", false}, {"kill", false}, {"let", false}, {"local", false}, {"login", false}, {"logout", false},
    {"mapfile", false}, {"mknod", false}, {"nameref", false}, {"namespace", true}, {"newgrp", false},
    {"nohup", false}, {"popd", false}, {"print", false}, {"printf", false}, {"pushd", false},
    {"pwd", false}, {"r", false}, {"read", false}, {"readarray", false}, {"readonly", false},
    {"realpath", false}, {"redirect", false}, {"rename", false}, {"return", false}, {"select", true},
    {"set", false}, {"shift", false}, {"shopt", false}, {"sleep", false}, {"source", false},
    {"stop", false}, {"suspend", false}, {"test", false}, {"then", true}, {"time", true}, {"times", false},
    {"trap", false}, {"true", false}, {"type", false}, {"typeset", false}, {"ulimit", false},
    {"umask", false}, {"unalias", false}, {"unset", false}, {"until", true}, {"wait", false},
    {"whence", false}, {"while", true}, {"{", true}, {"}", true},
};

static int compare_word(const void *key, const void *element)
{
    const struct slice *word = key;
    const char *name = ((const struct shell_word *)element)->name;
    size_t len = strlen(name);
    int order = memcmp(word->data, name, word->len < len ? word->len : len);
    if (order)
        return order;
    return word->len < len ? -1 : word->len > len;
}

static const struct shell_word *find_word(struct slice word)
{
    if (word.len == 0)
        return NULL;
    return bsearch(&word, shell_words, sizeof shell_words / sizeof shell_words[0], sizeof shell_words[0],
                   compare_word);
}

bool script_is_builtin(struct slice word)
{
    return find_word(word) != NULL;
}

bool script_is_reserved(struct slice word)
{
    const struct shell_word *found = find_word(word);
    return found && found->reserved;
}

bool script_is_in_reserved(struct slice part)
{
    for (size_t i = 0; i < sizeof shell_words / sizeof shell_words[0]; i++) {
        if (shell_words[i].reserved &&
            memmem(shell_words[i].name, strlen(shell_words[i].name), part.data, part.len))
            return true;
    }
    return false;
}

static bool is_name_byte(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Bytes that mean nothing to a shell, wherever in a word they stand. */
static bool is_quiet_byte(unsigned char c)
{
    return is_name_byte(c) || (c && strchr("@%+:,./-", c));
}

/* Would a shell take it as it is, even as the first word of a command? */
static bool is_quiet_word(struct slice value)
{
    if (value.len == 0 || value.data[0] == '%' || value.data[0] == '=')
        return false;
    bool name = !(value.data[0] >= '0' && value.data[0] <= '9');
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.data[i];
        if (c == '=' && name)
            return false;
        if (c != '=' && !is_quiet_byte(c))
            return false;
        /* NAME=, NAME+= and NAME[…]= are assignments; what follows another byte is not. */
        name = name && (is_name_byte(c) || c == '+');
    }
    return !script_is_reserved(value);
}

bool script_is_light(struct slice value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.data[i];
        if (!is_name_byte(c) && !(c && strchr("+./-", c)))
            return false;
    }
    return value.len > 0;
}

/* Each quote of the value is "'" between the pieces of it in single quotes. */
void script_quote_light(struct buffer *out, struct slice value)
{
    if (script_is_light(value)) {
        buffer_append(out, value.data, value.len);
        return;
    }
    for (size_t i = 0; i <= value.len; i++) {
        size_t start = i;
        while (i < value.len && value.data[i] != '\'')
            i++;
        bool outermost = start == 0 || i == value.len;
        if (i > start || !outermost || value.len == 0)
            buffer_printf(out, "'%.*s'", (int)(i - start), value.data + start);
        if (i < value.len)
            buffer_puts(out, "\"'\"");
    }
}

void script_quote(struct buffer *out, struct slice value, bool always)
{
    if (!always && is_quiet_word(value)) {
        buffer_append(out, value.data, value.len);
        return;
    }
    buffer_putc(out, '\'');
    const char *p = value.len ? value.data : "", *end = p + value.len;
    while (p < end) {
        const char *quote = memchr(p, '\'', (size_t)(end - p));
        const char *stop = quote ? quote : end;
        buffer_append(out, p, (size_t)(stop - p));
        if (quote)
            buffer_append(out, "'\\''", 4);
        p = quote ? quote + 1 : end;
    }
    buffer_putc(out, '\'');
}

bool script_has_shell_characters(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c < 0x80 && !is_quiet_byte(c))
            return true;
    }
    return false;
}

bool script_is_plain(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c < 0x80 && !is_quiet_byte(c) && c != '=' && c != ' ' && c != '\t')
            return false;
    }
    return true;
}

bool script_is_function(struct slice word, char *const *environment)
{
    static const char before[] = "BASH_FUNC_", after[] = "%%=";
    const size_t before_len = sizeof before - 1, after_len = sizeof after - 1;
    for (; environment && *environment; environment++) {
        const char *entry = *environment;
        if (strncmp(entry, before, before_len) != 0)
            continue;
        entry += before_len;
        if (strncmp(entry, word.data, word.len) == 0 && strncmp(entry + word.len, after, after_len) == 0)
            return true;
    }
    return false;
}

bool script_variable_is_quiet(const char *variable)
{
    /* Bash takes its options from the first two; every shell sets the others itself. */
    static const char *const loud[] = {"SHELLOPTS", "BASHOPTS", "IFS", "OPTIND", "PPID"};
    size_t len = strcspn(variable, "=");
    /* What is no identifier is a function for bash, and is not passed on by others. */
    if (len == 0 || (variable[0] >= '0' && variable[0] <= '9'))
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!is_name_byte((unsigned char)variable[i]))
            return false;
    }
    for (size_t i = 0; i < sizeof loud / sizeof loud[0]; i++) {
        if (strlen(loud[i]) == len && memcmp(variable, loud[i], len) == 0)
            return false;
    }
    return true;
}
