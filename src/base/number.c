/* Numbers as people type them. Digits are read by hand: strtoll takes white space, '+' and hex, and strtod
 * depends on the locale and takes "nan". */
#include "base/number.h"

#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int refuse_range(const char *text, int64_t min, int64_t max, const char *what, struct error *err)
{
    const char *name = what ? what : "", *colon = what ? ": " : "";
    char range[64] = ""; /* two numbers of 20 characters and the words */
    if (max < INT64_MAX)
        snprintf(range, sizeof range, " from %lld to %lld", (long long)min, (long long)max);
    else if (min > INT64_MIN)
        snprintf(range, sizeof range, " of at least %lld", (long long)min);
    return error_set(err, ERR_USAGE, "%s%s'%.200s' is not usable; give a whole number%s", name, colon, text,
                     range);
}

int number_parse(const char *text, int64_t min, int64_t max, int64_t *value, const char *what,
                 struct error *err)
{
    if (!text)
        text = "";
    bool negative = text[0] == '-';
    const char *p = text + negative;
    int64_t n = 0;
    if (!is_digit(*p))
        return refuse_range(text, min, max, what, err);
    for (; is_digit(*p); p++) {
        int digit = *p - '0';
        if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, negative ? -digit : digit, &n))
            return refuse_range(text, min, max, what, err);
    }
    if (*p != '\0' || n < min || n > max)
        return refuse_range(text, min, max, what, err);
    *value = n;
    return 0;
}

/* The end of N[.N] at `p`, or NULL if there is none. */
static const char *decimal_end(const char *p)
{
    if (!is_digit(*p))
        return NULL;
    while (is_digit(*p))
        p++;
    if (*p != '.')
        return p;
    if (!is_digit(*++p))
        return NULL;
    while (is_digit(*p))
        p++;
    return p;
}

int number_parse_real(const char *text, double *value, const char *what, struct error *err)
{
    if (!text)
        text = "";
    const char *end = decimal_end(text + (text[0] == '-'));
    double n = INFINITY;
    if (end && *end == '\0') {
        locale_t c_locale = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
        n = c_locale ? strtod_l(text, NULL, c_locale) : strtod(text, NULL);
        if (c_locale)
            freelocale(c_locale);
    }
    if (!isfinite(n))
        return error_set(err, ERR_USAGE, "%s%s'%.200s' is not a decimal number, such as 2 or 1.5",
                         what ? what : "", what ? ": " : "", text);
    *value = n;
    return 0;
}

/* How many bytes the suffix stands for, 0 if there is no such suffix. */
static int64_t size_unit(const char *suffix)
{
    static const char letters[] = "kmgtKMGT";
    if (*suffix == '\0' || strcmp(suffix, "B") == 0)
        return 1;
    const char *letter = strchr(letters, *suffix);
    if (!letter)
        return 0;
    ptrdiff_t index = letter - letters;
    int64_t base;
    if (strcmp(suffix + 1, "i") == 0 || strcmp(suffix + 1, "iB") == 0)
        base = 1024;
    else if (strcmp(suffix + 1, "B") == 0)
        base = 1000;
    else if (suffix[1] == '\0')
        base = index < 4 ? 1000 : 1024;
    else
        return 0;
    int64_t unit = base;
    for (ptrdiff_t i = index % 4; i > 0; i--)
        unit *= base;
    return unit;
}

/* N[.N] times `unit` into *bytes; false on overflow. What is below one byte is dropped. */
static bool size_multiply(const char *p, int64_t unit, int64_t *bytes)
{
    int64_t n = 0;
    for (; is_digit(*p); p++) {
        if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, *p - '0', &n))
            return false;
    }
    if (__builtin_mul_overflow(n, unit, &n))
        return false;
    if (*p == '.') {
        unsigned __int128 part = 0, scale = 1;
        int digits = 0;
        for (p++; is_digit(*p) && digits < 18; p++, digits++) {
            part = part * 10 + (unsigned)(*p - '0');
            scale *= 10;
        }
        if (__builtin_add_overflow(n, (int64_t)(part * (uint64_t)unit / scale), &n))
            return false;
    }
    *bytes = n;
    return true;
}

int size_parse(const char *text, int64_t *bytes, const char *what, struct error *err)
{
    if (!text)
        text = "";
    const char *name = what ? what : "", *colon = what ? ": " : "";
    const char *end = decimal_end(text);
    int64_t unit = end ? size_unit(end) : 0;
    if (unit == 0 || (unit == 1 && memchr(text, '.', (size_t)(end - text))))
        return error_set(err, ERR_USAGE,
                         "%s%s'%.200s' is not a size; use bytes, or a number with K, M, G or T, such as 1.5G",
                         name, colon, text);
    if (!size_multiply(text, unit, bytes))
        return error_set(err, ERR_USAGE, "%s%s'%.200s' is too large a size; the largest is %lld bytes", name,
                         colon, text, (long long)INT64_MAX);
    return 0;
}
