/* Options on the names of replacement strings. */
#include "cli/option_text.h"
#include "cli/options.h"

#include <string.h>

static struct {
    const char **names[TOKENS];
    int plus, no_plus;
} raw;

#define SAME(name, token, as) {name, 0, POPT_ARG_ARGV, &raw.names[token], 0, "the same as --" as, "STRING"}

static const struct poptOption table[] = {
    {"replace", 'I', POPT_ARG_ARGV, &raw.names[TOKEN_VALUE], 0, "replace STRING by the item, instead of {}",
     "STRING"},
    {"extensionreplace", 0, POPT_ARG_ARGV, &raw.names[TOKEN_NO_EXTENSION], 0, "STRING in place of {.}", "STRING"},
    SAME("er", TOKEN_NO_EXTENSION, "extensionreplace"),
    {"basenamereplace", 0, POPT_ARG_ARGV, &raw.names[TOKEN_BASE], 0, "STRING in place of {/}", "STRING"},
    SAME("bnr", TOKEN_BASE, "basenamereplace"),
    {"dirnamereplace", 0, POPT_ARG_ARGV, &raw.names[TOKEN_DIRECTORY], 0, "STRING in place of {//}", "STRING"},
    SAME("dnr", TOKEN_DIRECTORY, "dirnamereplace"),
    {"basenameextensionreplace", 0, POPT_ARG_ARGV, &raw.names[TOKEN_BASE_NO_EXTENSION], 0,
     "STRING in place of {/.}", "STRING"},
    SAME("bner", TOKEN_BASE_NO_EXTENSION, "basenameextensionreplace"),
    {"seqreplace", 0, POPT_ARG_ARGV, &raw.names[TOKEN_SEQ], 0, "STRING in place of {#}", "STRING"},
    {"slotreplace", 0, POPT_ARG_ARGV, &raw.names[TOKEN_SLOT], 0, "STRING in place of {%}", "STRING"},
    {"plus", 0, POPT_ARG_NONE, &raw.plus, 0,
     "know all strings that GNU parallel knows with --plus, such as {..} and {##}; map always does", NULL},
    {"no-plus", 0, POPT_ARG_NONE, &raw.no_plus, 0, "leave strings that only --plus brings as they are", NULL},
    POPT_TABLEEND,
};

const struct option_group replace_group = {"Replacement options", table};
struct replace_options replace_options;

static const char *const options[TOKENS] = {
    "--replace", "--extensionreplace", "--basenamereplace", "--dirnamereplace", "--basenameextensionreplace",
    "--seqreplace", "--slotreplace",
};

static int read_token(size_t i, struct error *err)
{
    const char *name = option_text(raw.names[i]);
    replace_options.tokens[i] = name;
    if (name && !*name)
        return error_set(err, ERR_USAGE, "%s: the string is empty; give one that stands in the command", options[i]);
    for (size_t j = 0; name && j < i; j++) {
        if (replace_options.tokens[j] && strcmp(name, replace_options.tokens[j]) == 0)
            return error_set(err, ERR_USAGE, "%s and %s are both '%.200s'; give each a string of its own", options[j],
                             options[i], name);
    }
    return 0;
}

int options_read_replace(struct error *err)
{
    if (raw.plus && raw.no_plus)
        return error_set(err, ERR_USAGE, "--plus and --no-plus contradict each other; give one of them");
    replace_options = (struct replace_options){.plus = raw.plus, .no_plus = raw.no_plus};
    for (size_t i = 0; i < TOKENS; i++) {
        if (read_token(i, err) < 0)
            return -1;
    }
    return 0;
}
