/* Numbers from one to another: a source that holds three of them, however far it goes.
 *
 * It is an option (--range 1..1000000) and no form of an item, because an item may be any text: whatever stood
 * for a range behind ":::" could be the name of somebody's file. What is between the dots is what {1..10..2}
 * takes in a shell, with the same meaning: it counts down if the first is greater, and a leading zero gives all
 * of them the width of the wider end.
 */
#include "source/source.h"

#include "base/alloc.h"
#include "base/number.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_TEXT 24

struct range {
    struct source base;
    int64_t first, last;
    uint64_t step;
    int width;
    int64_t at;
    bool ended;
};

/* The next one is at most as far as the last one is; counted without a sign, so nothing overflows. */
static void range_advance(struct range *r)
{
    bool up = r->first <= r->last;
    uint64_t left = up ? (uint64_t)r->last - (uint64_t)r->at : (uint64_t)r->at - (uint64_t)r->last;
    r->ended = left < r->step;
    if (!r->ended)
        r->at = (int64_t)(up ? (uint64_t)r->at + r->step : (uint64_t)r->at - r->step);
}

static enum source_status range_next(struct source *source, struct words *values, struct error *err)
{
    struct range *r = (struct range *)source;
    char text[RANGE_WIDTH_MAX + NUMBER_TEXT];
    (void)err;
    if (r->ended)
        return SOURCE_END;
    int len = snprintf(text, sizeof text, "%0*" PRId64, r->width, r->at);
    words_add(values, text, (size_t)len);
    range_advance(r);
    return SOURCE_ITEM;
}

static bool range_rewind(struct source *source)
{
    struct range *r = (struct range *)source;
    r->at = r->first;
    r->ended = false;
    return true;
}

static void range_free(struct source *source)
{
    free(source);
}

static const struct source_ops range_ops = {
    .next = range_next,
    .rewind = range_rewind,
    .free = range_free,
};

static bool is_padded(const char *text)
{
    text += *text == '-';
    return text[0] == '0' && text[1] != '\0';
}

/* Cuts what stands in front of ".." off; the rest, or NULL if there is none. */
static char *cut_part(char *text)
{
    char *dots = strstr(text, "..");
    if (!dots)
        return NULL;
    *dots = '\0';
    return dots + 2;
}

static int range_parse(struct range *r, const char *text, char *first, struct error *err)
{
    char *last = cut_part(first), *step = last ? cut_part(last) : NULL;
    int64_t by = 1;
    if (!last)
        return error_set(err, ERR_USAGE,
                         "--range: '%.200s' is no range; write FIRST..LAST or FIRST..LAST..STEP, as in 1..100", text);
    if (number_parse(first, INT64_MIN, INT64_MAX, &r->first, "--range", err) < 0 ||
        number_parse(last, INT64_MIN, INT64_MAX, &r->last, "--range", err) < 0 ||
        (step && number_parse(step, 1, INT64_MAX, &by, "the step of --range", err) < 0))
        return -1;
    r->step = (uint64_t)by;
    if (is_padded(first) || is_padded(last)) {
        size_t width = strlen(first) > strlen(last) ? strlen(first) : strlen(last);
        if (width > RANGE_WIDTH_MAX)
            return error_set(err, ERR_USAGE, "--range: a number of %zu digits is too wide; the most is %d", width,
                             RANGE_WIDTH_MAX);
        r->width = (int)width;
    }
    return 0;
}

struct source *source_range(const char *text, struct error *err)
{
    struct range *r = xcalloc(1, sizeof *r);
    char *copy = xstrdup(text);
    int status = range_parse(r, text, copy, err);
    free(copy);
    if (status < 0) {
        free(r);
        return NULL;
    }
    r->base.ops = &range_ops;
    r->at = r->first;
    return &r->base;
}
