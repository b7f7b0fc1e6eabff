#include "base/backoff.h"

#include "base/duration.h"

#include <string.h>

#define BACKOFF_TEXT 128 /* longer than any that makes sense */

static int refuse(const char *part, const char *text, const char *what, struct error *err)
{
    return error_set(err, ERR_USAGE,
                     "%s%s'%.60s' in '%.200s' is not usable; give a duration, and behind commas exponential, "
                     "max=DURATION or jitter, such as 1s,exponential,max=60s,jitter",
                     what ? what : "", what ? ": " : "", part, text);
}

static int read_part(const char *part, const char *text, struct backoff *b, const char *what, struct error *err)
{
    if (strcmp(part, "exponential") == 0)
        b->exponential = true;
    else if (strcmp(part, "jitter") == 0)
        b->jitter = true;
    else if (strncmp(part, "max=", 4) != 0)
        return refuse(part, text, what, err);
    else
        return duration_parse(part + 4, &b->max_ns, what, err);
    return 0;
}

int backoff_parse(const char *text, struct backoff *b, const char *what, struct error *err)
{
    struct backoff read = {0};
    char copy[BACKOFF_TEXT];
    size_t len = strlen(text);
    if (len >= sizeof copy)
        return refuse("", text, what, err);
    memcpy(copy, text, len + 1);
    char *comma = strchr(copy, ',');
    if (comma)
        *comma = '\0';
    if (duration_parse(copy, &read.first_ns, what, err) < 0)
        return -1;
    while (comma) {
        const char *part = comma + 1;
        comma = strchr(part, ',');
        if (comma)
            *comma = '\0';
        if (read_part(part, text, &read, what, err) < 0)
            return -1;
    }
    *b = read;
    return 0;
}

int64_t backoff_delay_ns(const struct backoff *b, int64_t failures, uint64_t chance)
{
    int64_t most = b->max_ns ? b->max_ns : INT64_MAX / 2;
    int64_t wait = b->first_ns;
    for (int64_t i = 1; b->exponential && i < failures && wait > 0 && wait < most; i++)
        wait = wait > most / 2 ? most : wait * 2;
    wait = wait < most ? wait : most;
    if (!b->jitter || wait < 2)
        return wait;
    int64_t half = wait / 2;
    return wait - (int64_t)(chance % (uint64_t)(half + 1));
}
