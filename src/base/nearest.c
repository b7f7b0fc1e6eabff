/* By the number of letters to insert, drop, replace or swap. */
#include "base/nearest.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define NAME_MAX_LEN 40u

static unsigned least(unsigned a, unsigned b, unsigned c)
{
    unsigned n = a < b ? a : b;
    return n < c ? n : c;
}

static unsigned distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    unsigned rows[3][NAME_MAX_LEN + 1];
    unsigned *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b_len; j++)
        last[j] = before[j] = (unsigned)j;
    for (size_t i = 1; i <= a_len; i++) {
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_len; j++) {
            unsigned change = a[i - 1] == b[j - 1] ? 0 : 1;
            row[j] = least(last[j] + 1, row[j - 1] + 1, last[j - 1] + change);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < row[j])
                row[j] = before[j - 2] + 1;
        }
        unsigned *free_row = before;
        before = last;
        last = row;
        row = free_row;
    }
    return last[b_len];
}

const char *nearest_name(const char *typed, const char *const *names)
{
    size_t len = strlen(typed);
    if (len == 0 || len > NAME_MAX_LEN)
        return NULL;
    const char *nearest = NULL;
    unsigned best = (unsigned)len < 4 ? 2 : (unsigned)len / 2;
    for (; *names; names++) {
        size_t name_len = strlen(*names);
        if (name_len > NAME_MAX_LEN)
            continue;
        /* The beginning of a name, or its form in other letters, is as near as one slip. */
        bool begins = len >= 2 && strncasecmp(typed, *names, len) == 0;
        unsigned d = begins ? 1 : distance(typed, len, *names, name_len);
        if (d < best) {
            best = d;
            nearest = *names;
        }
    }
    return nearest;
}
