/* Regular expressions are Perl's as base/regex.h has them. Letters are those of ASCII. {:2} counts characters if the
 * value is UTF-8, else bytes.
 */
#include "task/value_change.h"

#include "base/alloc.h"
#include "base/regex.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

typedef struct slice apply_fn(const struct value_change *c, struct slice value, struct buffer *scratch);

struct value_change {
    apply_fn *apply;
    struct regex *regex;
    struct regex *whole; /* of PART_NO_START: it matches to the end of the text, too */
    struct buffer text;  /* what is put in */
    size_t from;
    size_t count;
    enum value_part part;
};

static apply_fn or_else, characters, without_start, without_match, without_end, replace, change_case;

/* How each is compiled: where the expression is tied, and what uses it. */
static const struct {
    enum value_part part;
    apply_fn *apply;
    const char *start; /* NULL: no expression */
    const char *end;
} kinds[] = {
    {PART_OR_ELSE, or_else, NULL, NULL},
    {PART_FROM, characters, NULL, NULL},
    {PART_RANGE, characters, NULL, NULL},
    {PART_NO_START, without_start, "^", ""},
    {PART_NO_START_MOST, without_match, "^", ""},
    {PART_NO_END, without_end, "", "$"},
    {PART_NO_END_MOST, without_match, "", "$"},
    {PART_REPLACE, replace, "", ""},
    {PART_REPLACE_ALL, replace, "", ""},
    {PART_REPLACE_START, replace, "^", ""},
    {PART_REPLACE_END, replace, "", "$"},
    {PART_UPPER_START, change_case, "^", ""},
    {PART_UPPER, change_case, "", ""},
    {PART_LOWER_START, change_case, "^", ""},
    {PART_LOWER, change_case, "", ""},
};

/* ---- compiling ---- */

/* Does it refer to a group of its own? One more group around it would change the number. */
static bool refers_back(struct slice pattern)
{
    for (size_t i = 0; i + 1 < pattern.len; i++) {
        if (pattern.data[i] != '\\')
            continue;
        if (pattern.data[++i] >= '1' && pattern.data[i] <= '9')
            return true;
    }
    return false;
}

/* The expression, tied to start or end: with alternatives in it, all of them. */
static struct regex *compile_tied(struct slice pattern, const char *start, const char *end, struct error *err)
{
    bool tied = *start || *end, group = tied && pattern.len && memchr(pattern.data, '|', pattern.len);
    struct buffer text = {0};
    if (group && refers_back(pattern)) {
        error_set(err, ERR_USAGE,
                  "regular expression '%.*s': alternatives and \\1 cannot be in one that stands at the start or end",
                  (int)(pattern.len < 200 ? pattern.len : 200), pattern.data);
        return NULL;
    }
    if (pattern.len >= 4 && memcmp(pattern.data, "(?i)", 4) == 0) {
        buffer_puts(&text, "(?i)");
        pattern = (struct slice){pattern.data + 4, pattern.len - 4};
    }
    buffer_puts(&text, start);
    if (group)
        buffer_puts(&text, "(?:");
    buffer_append(&text, pattern.data, pattern.len);
    if (group)
        buffer_putc(&text, ')');
    buffer_puts(&text, end);
    struct regex *r = regex_new(buffer_text(&text), err);
    buffer_fini(&text);
    return r;
}

static size_t number(struct slice digits)
{
    size_t n = 0;
    for (size_t i = 0; i < digits.len; i++)
        n = n * 10 + (size_t)(digits.data[i] - '0');
    return n;
}

static int compile(struct value_change *c, const struct value_form *form, struct error *err)
{
    size_t i = 0;
    while (kinds[i].part != form->part)
        i++;
    c->part = form->part;
    c->apply = kinds[i].apply;
    if (c->apply == characters) {
        c->from = number(form->first);
        c->count = form->part == PART_RANGE ? number(form->second) : SIZE_MAX;
        return 0;
    }
    struct slice text = c->apply == or_else ? form->first : form->second;
    buffer_append(&c->text, text.data, text.len);
    if (!kinds[i].start)
        return 0;
    /* By itself first: a message shows the expression as it was written. */
    regex_free(compile_tied(form->first, "", "", err));
    if (err->code != ERR_NONE)
        return -1;
    c->regex = compile_tied(form->first, kinds[i].start, kinds[i].end, err);
    if (c->regex && form->part == PART_NO_START)
        c->whole = compile_tied(form->first, "^", "$", err);
    return err->code == ERR_NONE ? 0 : -1;
}

struct value_change *value_change_new(const struct value_form *form, struct error *err)
{
    struct value_change *c = xcalloc(1, sizeof *c);
    struct error why = {0};
    if (compile(c, form, &why) == 0)
        return c;
    value_change_free(c);
    error_set(err, why.code, "%s", why.message);
    return NULL;
}

void value_change_free(struct value_change *c)
{
    if (!c)
        return;
    regex_free(c->regex);
    regex_free(c->whole);
    buffer_fini(&c->text);
    free(c);
}

/* ---- applying ---- */

struct slice value_change_apply(const struct value_change *c, struct slice value, struct buffer *scratch)
{
    buffer_clear(scratch);
    return c->apply(c, value, scratch);
}

static struct slice or_else(const struct value_change *c, struct slice value, struct buffer *scratch)
{
    (void)scratch;
    return value.len ? value : (struct slice){c->text.data, c->text.len};
}

/* The offset of the character `count` behind `at`. */
static size_t skip_characters(struct slice value, size_t at, size_t count, bool utf8)
{
    while (count-- > 0 && at < value.len) {
        at++;
        while (utf8 && at < value.len && ((unsigned char)value.data[at] & 0xc0) == 0x80)
            at++;
    }
    return at;
}

static struct slice characters(const struct value_change *c, struct slice value, struct buffer *scratch)
{
    (void)scratch;
    bool utf8 = utf8_valid(value.data, value.len);
    size_t start = skip_characters(value, 0, c->from, utf8);
    size_t end = skip_characters(value, start, c->count, utf8);
    return (struct slice){value.data + start, end - start};
}

/* Without the shortest piece at the start that matches. The longest is looked for first, with all of the value in
 * sight, so that a $ or \b at the end of the expression means what it says. */
static struct slice without_start(const struct value_change *c, struct slice value, struct buffer *scratch)
{
    struct regex_match most, m;
    (void)scratch;
    if (!regex_find(c->regex, value, 0, &most))
        return value;
    size_t end = 0;
    while (end < most.end && !regex_find(c->whole, (struct slice){value.data, end}, 0, &m))
        end++;
    return (struct slice){value.data + end, value.len - end};
}

static struct slice cut(struct slice value, struct regex_match m, struct buffer *scratch)
{
    if (m.start == 0)
        return (struct slice){value.data + m.end, value.len - m.end};
    if (m.end == value.len)
        return (struct slice){value.data, m.start};
    buffer_append(scratch, value.data, m.start);
    buffer_append(scratch, value.data + m.end, value.len - m.end);
    return (struct slice){scratch->data, scratch->len};
}

static struct slice without_match(const struct value_change *c, struct slice value, struct buffer *scratch)
{
    struct regex_match m;
    return regex_find(c->regex, value, 0, &m) ? cut(value, m, scratch) : value;
}

/* Without the shortest piece at the end that matches: the one that begins last. */
static struct slice without_end(const struct value_change *c, struct slice value, struct buffer *scratch)
{
    struct regex_match m, last = {value.len, value.len};
    for (size_t from = 0; from <= value.len && regex_find(c->regex, value, from, &m); from = m.start + 1)
        last = m;
    return cut(value, last, scratch);
}

static void put_changed(const struct value_change *c, struct slice s, struct buffer *out)
{
    bool upper = c->part == PART_UPPER || c->part == PART_UPPER_START;
    for (size_t i = 0; i < s.len; i++) {
        char letter = s.data[i];
        if (upper ? letter >= 'a' && letter <= 'z' : letter >= 'A' && letter <= 'Z')
            letter = (char)(letter ^ ('a' ^ 'A'));
        buffer_putc(out, letter);
    }
}

/* Every match, or the first one, goes through `c`. Behind an empty match one byte is passed over, as Perl does it:
 * where a match ended, an empty one does not count. */
static struct slice for_matches(const struct value_change *c, struct slice value, bool all, struct buffer *out)
{
    struct regex_match m;
    size_t done = 0, from = 0;
    bool any = false;
    while (from <= value.len && regex_find(c->regex, value, from, &m)) {
        if (any && m.start == m.end && m.start == done) {
            from = m.start + 1;
            continue;
        }
        struct slice found = {value.data + m.start, m.end - m.start};
        buffer_append(out, value.data + done, m.start - done);
        if (c->apply == replace)
            buffer_append(out, c->text.data, c->text.len);
        else
            put_changed(c, found, out);
        done = from = m.end;
        any = true;
        if (!all)
            break;
    }
    if (!any)
        return value;
    buffer_append(out, value.data + done, value.len - done);
    return (struct slice){out->data, out->len};
}

static struct slice replace(const struct value_change *c, struct slice value, struct buffer *scratch)
{
    return for_matches(c, value, c->part == PART_REPLACE_ALL, scratch);
}

static struct slice change_case(const struct value_change *c, struct slice value, struct buffer *scratch)
{
    return for_matches(c, value, c->part == PART_UPPER || c->part == PART_LOWER, scratch);
}
