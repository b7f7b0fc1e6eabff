/* Durations. Reading is exact: whole numbers in 64 bits with overflow checks, fractions in 128 bits, digits
 * below a nanosecond dropped. Because 0 means "no limit", what is above 0 never becomes 0 by that. */
#include "base/duration.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct {
    char name[3];
    int64_t ns;
} units[] = {
    {"ms", NS_PER_MS}, {"s", NS_PER_S}, {"m", 60 * NS_PER_S}, {"h", 3600 * NS_PER_S}, {"d", 86400 * NS_PER_S},
};

enum outcome { READ, WRONG, TOO_LONG };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The unit at *p, which is passed; 0 if there is none. A unit ends at a digit or at the end of the text. */
static int64_t take_unit(const char **p)
{
    size_t len = 0;
    while ((*p)[len] && !is_digit((*p)[len]))
        len++;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strlen(units[i].name) == len && memcmp(units[i].name, *p, len) == 0) {
            *p += len;
            return units[i].ns;
        }
    }
    return 0;
}

/* Adds one N[.N]UNIT at *p to *ns and passes it. `alone`: the unit may be left out, which means seconds. */
static enum outcome take_part(const char **p, bool alone, int64_t *ns, bool *above_zero)
{
    int64_t whole = 0;
    unsigned __int128 fraction = 0, scale = 1;
    bool too_long = false;
    if (!is_digit(**p))
        return WRONG;
    for (; is_digit(**p); ++*p) {
        too_long |= __builtin_mul_overflow(whole, 10, &whole);
        too_long |= __builtin_add_overflow(whole, **p - '0', &whole);
        *above_zero |= **p != '0';
    }
    if (**p == '.') {
        ++*p;
        if (!is_digit(**p))
            return WRONG;
        for (int digits = 0; is_digit(**p); ++*p, digits++) {
            *above_zero |= **p != '0';
            if (digits < 18) {
                fraction = fraction * 10 + (unsigned)(**p - '0');
                scale *= 10;
            }
        }
    }
    int64_t unit = alone && **p == '\0' ? NS_PER_S : take_unit(p);
    if (unit == 0)
        return WRONG;
    too_long |= __builtin_mul_overflow(whole, unit, &whole);
    too_long |= __builtin_add_overflow(*ns, whole, ns);
    too_long |= __builtin_add_overflow(*ns, (int64_t)(fraction * (uint64_t)unit / scale), ns);
    return too_long ? TOO_LONG : READ;
}

static enum outcome read_all(const char *p, int64_t *ns)
{
    bool above_zero = false;
    enum outcome all = READ;
    int64_t sum = 0;
    const char *start = p;
    do {
        enum outcome part = take_part(&p, p == start, &sum, &above_zero);
        if (part == WRONG)
            return WRONG;
        if (part == TOO_LONG)
            all = TOO_LONG;
    } while (*p);
    *ns = sum == 0 && above_zero ? 1 : sum;
    return all;
}

int duration_parse(const char *text, int64_t *ns, const char *what, struct error *err)
{
    const char *name = what ? what : "", *colon = what ? ": " : "";
    const char *token = text ? text : "";
    int64_t value = 0;
    enum outcome outcome = strcmp(token, "none") == 0 ? READ : read_all(token, &value);
    if (outcome == WRONG)
        return error_set(err, ERR_USAGE,
                         "%s%s'%.200s' is not a duration; use a number with ms, s, m, h or d, such as 1h30m",
                         name, colon, token);
    if (outcome == TOO_LONG)
        return error_set(err, ERR_USAGE, "%s%s'%.200s' is too long a duration; the longest is 106751d", name,
                         colon, token);
    *ns = value;
    return 0;
}

int duration_from_seconds(double seconds, int64_t *ns, const char *what, struct error *err)
{
    const char *name = what ? what : "", *colon = what ? ": " : "";
    if (!(seconds >= 0))
        return error_set(err, ERR_USAGE, "%s%s%g is not a duration; use a number of seconds of at least 0",
                         name, colon, seconds);
    if (seconds >= 9223372036.0)
        return error_set(err, ERR_USAGE, "%s%s%g is too long a duration; the longest is 106751 days", name,
                         colon, seconds);
    int64_t whole = (int64_t)seconds;
    int64_t value = whole * NS_PER_S + (int64_t)((seconds - (double)whole) * 1e9 + 0.5);
    *ns = value == 0 && seconds > 0 ? 1 : value;
    return 0;
}

char *duration_format(int64_t ns, char *text, size_t size)
{
    uint64_t n = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
    const char *sign = ns < 0 ? "-" : "";
    uint64_t s = n / (uint64_t)NS_PER_S;
    if (s == 0)
        snprintf(text, size, "%s%" PRIu64 "ms", sign, n / (uint64_t)NS_PER_MS);
    else if (s < 60)
        snprintf(text, size, "%s%" PRIu64 ".%" PRIu64 "s", sign, s, n / (uint64_t)(100 * NS_PER_MS) % 10);
    else if (s < 3600)
        snprintf(text, size, "%s%" PRIu64 "m%02" PRIu64 "s", sign, s / 60, s % 60);
    else if (s < 86400)
        snprintf(text, size, "%s%" PRIu64 "h%02" PRIu64 "m", sign, s / 3600, s / 60 % 60);
    else
        snprintf(text, size, "%s%" PRIu64 "d%02" PRIu64 "h", sign, s / 86400, s / 3600 % 24);
    return text;
}
