/* The scanner knows strings, escapes and brackets; commas, colons and words are left to the JSON parser,
 * which gets the value later.
 *
 * A value may go on over many lines. So that a broken line does not swallow the good ones behind it, a value
 * is given up where a further line begins with '{' although JSON cannot have one there (only behind ':' or
 * '[', or a comma in an array). A string is given up at the end of its line: JSON has no line breaks in
 * strings.
 */
#include "source/scan.h"

#include <string.h>

void scan_reset(struct scan *s)
{
    /* The bits above `depth` are written before they are read. */
    memset(s, 0, offsetof(struct scan, is_object));
}

static bool top_is_object(const struct scan *s)
{
    unsigned top = s->depth - 1;
    return (s->is_object[top / 64] >> (top % 64) & 1) != 0;
}

/* Behind the opening quote: goes to the end of the string. */
static enum scan_status scan_string(struct scan *s, struct slice text)
{
    while (s->at < text.len) {
        switch (text.data[s->at]) {
        case '"':
            s->at++;
            s->in_string = false;
            return s->depth == 0 ? SCAN_DONE : SCAN_MORE;
        case '\\':
            if (s->at + 1 == text.len)
                return SCAN_MORE;
            s->at += text.data[s->at + 1] == '\n' ? 1 : 2;
            break;
        case '\n':
            s->what = "a string is not closed at the end of the line";
            return SCAN_BAD_LINE;
        default:
            s->at++;
        }
    }
    return SCAN_MORE;
}

static enum scan_status scan_bad(struct scan *s, enum scan_status status, const char *what)
{
    s->what = what;
    return status;
}

static enum scan_status scan_open(struct scan *s, char c)
{
    bool is_object = c == '{';
    if (is_object && s->line_start && s->depth > 0) {
        if (s->at == s->line_at && s->resume == 0)
            s->resume = s->at;
        if (s->last != ':' && s->last != '[' && !(s->last == ',' && !top_is_object(s))) {
            s->at = s->line_at;
            return scan_bad(s, SCAN_BAD,
                            "the value is not complete, and another one begins on the next line");
        }
    }
    if (s->depth == SCAN_DEPTH)
        return scan_bad(s, SCAN_BAD_LINE, "the value is nested too deeply");
    uint64_t bit = UINT64_C(1) << (s->depth % 64);
    uint64_t *bits = &s->is_object[s->depth / 64];
    *bits = is_object ? *bits | bit : *bits & ~bit;
    s->depth++;
    return SCAN_MORE;
}

static enum scan_status scan_close(struct scan *s, char c)
{
    if (s->depth == 0 || top_is_object(s) != (c == '}'))
        return scan_bad(s, SCAN_BAD_LINE, "a closing bracket does not fit");
    return --s->depth == 0 ? SCAN_DONE : SCAN_MORE;
}

enum scan_status scan_value(struct scan *s, struct slice text)
{
    if (s->at > 0 && s->depth == 0 && !s->in_string)
        return SCAN_DONE;
    while (s->at < text.len) {
        enum scan_status status = SCAN_MORE;
        char c = text.data[s->at];
        if (s->in_string) {
            status = scan_string(s, text);
            if (status != SCAN_MORE || s->in_string)
                return status;
            continue;
        }
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
            s->at++;
            if (c == '\n') {
                s->line_at = s->at;
                s->line_start = true;
            }
            continue;
        }
        if (c == '{' || c == '[')
            status = scan_open(s, c);
        else if (c == '}' || c == ']')
            status = scan_close(s, c);
        else if (c == '"')
            s->in_string = true;
        if (status == SCAN_BAD || status == SCAN_BAD_LINE)
            return status;
        s->at++;
        s->last = c;
        s->line_start = false;
        if (status == SCAN_DONE)
            return status;
    }
    return SCAN_MORE;
}
