#include "pool/halt.h"

#include "base/number.h"

#include <stdio.h>
#include <string.h>

struct halt_word {
    const char *text;
    int value;
};

static const struct halt_word when_words[] = {{"soon,", HALT_SOON}, {"now,", HALT_NOW}, {NULL, 0}};
static const struct halt_word what_words[] = {
    {"fail=", HALT_FAIL}, {"success=", HALT_SUCCESS}, {"done=", HALT_DONE}, {NULL, 0}};

/* Passes over the word that *text begins with; returns its value, or -1. */
static int halt_word(const struct halt_word *words, const char **text)
{
    for (; words->text; words++) {
        size_t len = strlen(words->text);
        if (strncmp(*text, words->text, len) == 0) {
            *text += len;
            return words->value;
        }
    }
    return -1;
}

/* What GNU parallel took before it had words: N% is soon,fail=N%. NULL: `text` is none of these. */
static const char *halt_old_form(const char *text, char space[16])
{
    static const char *const forms[][2] = {
        {"0", "never"}, {"1", "soon,fail=1"}, {"2", "now,fail=1"}, {"-1", "soon,success=1"}, {"-2", "now,success=1"}};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (strcmp(text, forms[i][0]) == 0)
            return forms[i][1];
    }
    size_t len = strlen(text);
    if (len < 2 || len > 4 || strspn(text, "0123456789") != len - 1 || text[len - 1] != '%')
        return NULL;
    snprintf(space, 16, "soon,fail=%s", text);
    return space;
}

static int halt_error(struct error *err, const char *text)
{
    return error_set(
        err, ERR_USAGE,
        "--halt: '%.200s' is not a rule; use never, or soon or now, a comma, and fail=N, success=N or "
        "done=N (or N%%), such as now,fail=1",
        text);
}

int halt_parse(const char *text, struct halt_rule *rule, struct error *err)
{
    *rule = (struct halt_rule){.when = HALT_NEVER};
    if (strcmp(text, "never") == 0)
        return 0;
    char space[16];
    const char *rest = halt_old_form(text, space);
    if (rest && strcmp(rest, "never") == 0)
        return 0;
    rest = rest ? rest : text;
    int when = halt_word(when_words, &rest);
    int what = when < 0 ? -1 : halt_word(what_words, &rest);
    char digits[20];
    size_t len = strlen(rest);
    if (what < 0 || len == 0 || len >= sizeof digits)
        return halt_error(err, text);
    memcpy(digits, rest, len + 1);
    bool percent = digits[len - 1] == '%';
    if (percent)
        digits[len - 1] = '\0';
    int64_t number;
    if (number_parse(digits, 1, percent ? 100 : INT64_MAX, &number, NULL, NULL) < 0)
        return halt_error(err, text);
    rule->when = (enum halt_when)when;
    rule->what = (enum halt_what)what;
    if (percent)
        rule->percent = (int)number;
    else
        rule->count = number;
    return 0;
}

bool halt_reached(const struct halt_rule *rule, uint64_t succeeded, uint64_t failed, int64_t total)
{
    if (rule->when == HALT_NEVER)
        return false;
    uint64_t ended = succeeded + failed;
    uint64_t number = rule->what == HALT_FAIL ? failed : rule->what == HALT_SUCCESS ? succeeded : ended;
    if (rule->count)
        return number >= (uint64_t)rule->count;
    return total > 0 && number * 100 >= (uint64_t)rule->percent * (uint64_t)total;
}
