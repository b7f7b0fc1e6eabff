/* Finding replacement strings. Tables tell which there are; a text is taken for one only if all of it, up to the
 * closing brace, fits. */
#include "task/replacement.h"

/* ---- the tables ---- */

/* Forms without a text of their own: what stands between the number or name and the brace. */
static const struct {
    const char *name;
    enum value_part part;
    int token; /* which option gives it another name; -1: none, it is one of --plus */
} parts[] = {
    {"", PART_WHOLE, TOKEN_VALUE},
    {".", PART_NO_EXTENSION, TOKEN_NO_EXTENSION},
    {"/", PART_BASE, TOKEN_BASE},
    {"//", PART_DIRECTORY, TOKEN_DIRECTORY},
    {"/.", PART_BASE_NO_EXTENSION, TOKEN_BASE_NO_EXTENSION},
    {"..", PART_NO_EXTENSION_2, -1},
    {"...", PART_NO_EXTENSION_3, -1},
    {"/..", PART_BASE_NO_EXTENSION_2, -1},
    {"/...", PART_BASE_NO_EXTENSION_3, -1},
    {"+/", PART_BEFORE_BASE, -1},
    {"+.", PART_EXTENSION, -1},
    {"+..", PART_EXTENSION_2, -1},
    {"+...", PART_EXTENSION_3, -1},
};
#define PARTS (sizeof parts / sizeof parts[0])

/* Those that stand for no value. */
static const struct {
    const char *name;
    enum replacement_kind kind;
    int token;
} others[] = {
    {"{#}", REPLACE_SEQ, TOKEN_SEQ},
    {"{%}", REPLACE_SLOT, TOKEN_SLOT},
    {"{##}", REPLACE_TOTAL, -1},
    {"{0#}", REPLACE_SEQ_PADDED, -1},
    {"{0%}", REPLACE_SLOT_PADDED, -1},
    {"{slot}", REPLACE_SLOT, -1},
    {"{host}", REPLACE_HOST, -1},
    {"{sshlogin}", REPLACE_HOST, -1},
    {"{hgrp}", REPLACE_HOST_GROUP, -1},
    {"{agrp}", REPLACE_HOST_GROUP, -1},
};
#define OTHERS (sizeof others / sizeof others[0])

static const struct {
    const char *name;
    enum replacement_filter filter;
} filters[] = {{"uniq", FILTER_UNIQUE}, {"choose_k", FILTER_CHOOSE}};

/* Forms with a text: the longer of two that begin alike comes first. */
static const struct {
    const char *begins;
    enum value_part part;
    enum { TEXT, NUMBERS, PATTERN, PATTERN_AND_TEXT } content;
} dynamic[] = {
    {":-", PART_OR_ELSE, TEXT},
    {":", PART_FROM, NUMBERS},
    {"##", PART_NO_START_MOST, PATTERN},
    {"#", PART_NO_START, PATTERN},
    {"%%", PART_NO_END_MOST, PATTERN},
    {"%", PART_NO_END, PATTERN},
    {"//", PART_REPLACE_ALL, PATTERN_AND_TEXT},
    {"/#", PART_REPLACE_START, PATTERN_AND_TEXT},
    {"/%", PART_REPLACE_END, PATTERN_AND_TEXT},
    {"/", PART_REPLACE, PATTERN_AND_TEXT},
    {"^^", PART_UPPER, PATTERN},
    {"^", PART_UPPER_START, PATTERN},
    {",,", PART_LOWER, PATTERN},
    {",", PART_LOWER_START, PATTERN},
};

/* ---- texts ---- */

static struct slice from_offset(struct slice s, size_t at)
{
    return (struct slice){s.data + at, s.len - at};
}

static bool begins_with(struct slice s, const char *text)
{
    size_t len = strlen(text);
    return s.len >= len && memcmp(s.data, text, len) == 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits_length(struct slice s)
{
    size_t len = 0;
    while (len < s.len && is_digit(s.data[len]))
        len++;
    return len;
}

/* The length of the {N}, {N,} or {N,M} of a regular expression. */
static size_t bounds_length(struct slice s)
{
    size_t len = 1 + digits_length(from_offset(s, 1));
    if (len == 1)
        return 0;
    if (len < s.len && s.data[len] == ',')
        len += 1 + digits_length(from_offset(s, len + 1));
    return len < s.len && s.data[len] == '}' ? len + 1 : 0;
}

/* Up to `end`, which is not taken along. A pattern may have braces that are its own; a newline, and any other
 * opening brace, says that it is none. False if there is no end. */
static bool read_until(struct slice s, char end, bool pattern, struct slice *text)
{
    for (size_t at = 0; at < s.len && s.data[at] != '\n';) {
        size_t skip = 1;
        if (s.data[at] == end) {
            *text = (struct slice){s.data, at};
            return true;
        }
        if (s.data[at] == '{' && (!pattern || !(skip = bounds_length(from_offset(s, at)))))
            return false;
        if (s.data[at] == '}')
            return false;
        if (pattern && s.data[at] == '\\' && at + 1 < s.len)
            skip = 2;
        at += skip;
    }
    return false;
}

/* ---- forms ---- */

/* More digits than any string has bytes are of no use; these fit into everything. */
#define MAX_DIGITS 9

/* N or N:M. */
static bool read_numbers(struct slice s, struct value_form *form, size_t *len)
{
    size_t first = digits_length(s), second = 0;
    if (first == 0 || first > MAX_DIGITS)
        return false;
    form->first = (struct slice){s.data, first};
    *len = first;
    if (first < s.len && s.data[first] == ':') {
        second = digits_length(from_offset(s, first + 1));
        if (second == 0 || second > MAX_DIGITS)
            return false;
        form->part = PART_RANGE;
        form->second = (struct slice){s.data + first + 1, second};
        *len += 1 + second;
    }
    return *len < s.len && s.data[*len] == '}';
}

/* {1,3} and {,3} say in a regular expression how often; and a digit has no lower case, so nobody means the value. */
static bool means_bounds(const struct value_form *form)
{
    return form->part == PART_LOWER_START && digits_length(form->first) == form->first.len;
}

/* The text of dynamic[i], whose length without the brace is added to *len. */
static bool read_content(struct slice s, size_t i, struct value_form *form, size_t *len)
{
    size_t content = 0;
    *form = (struct value_form){.part = dynamic[i].part};
    if (dynamic[i].content == NUMBERS && !read_numbers(s, form, &content))
        return false;
    if (dynamic[i].content == TEXT && !read_until(s, '}', false, &form->first))
        return false;
    if (dynamic[i].content == PATTERN && !read_until(s, '}', true, &form->first))
        return false;
    if (dynamic[i].content == PATTERN_AND_TEXT) {
        if (!read_until(s, '/', true, &form->first) ||
            !read_until(from_offset(s, form->first.len + 1), '}', false, &form->second))
            return false;
        content = form->first.len + 1 + form->second.len;
    } else if (dynamic[i].content != NUMBERS) {
        content = form->first.len;
    }
    *len += content;
    return form->first.len > 0 && !means_bounds(form);
}

/* The text behind # or % begins with another byte: {##} and {##x} are something else. */
static bool is_doubled(size_t i, struct slice rest)
{
    return dynamic[i].part == PART_NO_START && rest.len > 0 && rest.data[0] == '#';
}

static size_t scan_dynamic(struct slice s, struct value_form *form)
{
    for (size_t i = 0; i < sizeof dynamic / sizeof dynamic[0]; i++) {
        size_t len = strlen(dynamic[i].begins);
        if (!begins_with(s, dynamic[i].begins) || is_doubled(i, from_offset(s, len)))
            continue;
        if (read_content(from_offset(s, len), i, form, &len))
            return len + 1;
    }
    return 0;
}

/* The name of a form between number and brace; false if it has none, as behind --er ,, */
static bool part_name(size_t i, const struct replacement_syntax *syntax, struct slice *name)
{
    const char *token = parts[i].token >= 0 ? syntax->tokens[parts[i].token] : NULL;
    *name = slice_of(parts[i].name);
    if (!token)
        return parts[i].token >= 0 || !syntax->no_plus;
    *name = slice_of(token);
    if (name->len < 2 || token[0] != '{' || token[name->len - 1] != '}')
        return false;
    *name = (struct slice){token + 1, name->len - 2};
    return true;
}

/* The form at the start of `s`, up to and with the brace; 0 if it is none. `plain`: only those that were there
 * before --plus. */
static size_t scan_form(struct slice s, const struct replacement_syntax *syntax, bool plain, struct replacement *r)
{
    const char *brace = s.len ? memchr(s.data, '}', s.len) : NULL;
    if (!brace)
        return 0;
    struct slice text = {s.data, (size_t)(brace - s.data)}, name;
    for (size_t i = 0; i < PARTS; i++) {
        if (plain && parts[i].token < 0)
            continue;
        if (part_name(i, syntax, &name) && name.len == text.len && memcmp(name.data, text.data, name.len) == 0) {
            r->form.part = parts[i].part;
            return text.len + 1;
        }
    }
    if (syntax->no_plus || plain)
        return 0;
    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
        if (slice_is(text, filters[i].name)) {
            r->filter = filters[i].filter;
            return text.len + 1;
        }
    }
    return scan_dynamic(s, &r->form);
}

/* ---- in front of the form ---- */

/* {N} or {-N}: the number's length with its sign; 0 if there is none, or it counts nothing. */
static size_t scan_index(struct slice s, int *index)
{
    bool negative = s.len > 0 && s.data[0] == '-';
    size_t len = digits_length(from_offset(s, negative));
    int n = 0;
    if (len == 0 || len > 6)
        return 0;
    for (size_t i = 0; i < len; i++)
        n = n * 10 + (s.data[negative + i] - '0');
    *index = negative ? -n : n;
    return n ? len + negative : 0;
}

/* The longest name that a form follows. */
static size_t scan_name(struct slice s, const struct replacement_syntax *syntax, struct replacement *r)
{
    size_t longest = 0, best = 0;
    int index = 0;
    for (const char *name = NULL; syntax->names && (name = words_next(syntax->names, name));) {
        struct replacement one = {.kind = REPLACE_VALUE, .index = ++index};
        size_t len = strlen(name), rest = 0;
        if (len > longest && begins_with(s, name))
            rest = scan_form(from_offset(s, len), syntax, false, &one);
        if (rest) {
            longest = len;
            best = len + rest;
            *r = one;
        }
    }
    return best;
}

/* A name that an option gave. */
static size_t scan_token(struct slice text, const struct replacement_syntax *syntax, struct replacement *r)
{
    size_t longest = 0;
    for (size_t i = 0; i < PARTS + OTHERS; i++) {
        int token = i < PARTS ? parts[i].token : others[i - PARTS].token;
        const char *name = token >= 0 ? syntax->tokens[token] : NULL;
        if (!name || strlen(name) <= longest || !begins_with(text, name))
            continue;
        longest = strlen(name);
        *r = (struct replacement){.kind = i < PARTS ? REPLACE_VALUE : others[i - PARTS].kind};
        r->form.part = i < PARTS ? parts[i].part : PART_WHOLE;
    }
    return longest;
}

static size_t scan_other(struct slice text, const struct replacement_syntax *syntax, bool plain,
                         struct replacement *r)
{
    for (size_t i = 0; i < OTHERS; i++) {
        bool is_plus = others[i].token < 0;
        if (is_plus ? syntax->no_plus || plain : syntax->tokens[others[i].token] != NULL)
            continue;
        if (begins_with(text, others[i].name)) {
            *r = (struct replacement){.kind = others[i].kind};
            return strlen(others[i].name);
        }
    }
    return 0;
}

/* `dollar`: a $ stands in front, so that what a shell means by ${…} is left to it. */
static size_t scan(struct slice text, bool dollar, const struct replacement_syntax *syntax, struct replacement *r)
{
    size_t len = scan_token(text, syntax, r);
    if (len)
        return len;
    if (text.len < 2 || text.data[0] != '{')
        return 0;
    struct slice inner = from_offset(text, 1);
    if (!dollar && (len = scan_name(inner, syntax, r)) > 0)
        return len + 1;
    if ((len = scan_other(text, syntax, dollar, r)) > 0)
        return len;
    *r = (struct replacement){.kind = REPLACE_VALUE};
    size_t number = scan_index(inner, &r->index);
    len = scan_form(from_offset(inner, number), syntax, dollar, r);
    return len ? 1 + number + len : 0;
}

size_t replacement_scan(struct slice text, const struct replacement_syntax *syntax, struct replacement *r)
{
    return scan(text, false, syntax, r);
}

size_t replacement_find(struct slice text, size_t from, const struct replacement_syntax *syntax,
                        struct replacement *r, size_t *len)
{
    bool tokens = false;
    for (size_t i = 0; i < TOKENS; i++)
        tokens |= syntax->tokens[i] != NULL;
    for (size_t at = from; at < text.len; at++) {
        const char *brace = tokens ? text.data + at : memchr(text.data + at, '{', text.len - at);
        if (!brace)
            break;
        at = (size_t)(brace - text.data);
        *len = scan(from_offset(text, at), at > 0 && text.data[at - 1] == '$', syntax, r);
        if (*len)
            return at;
    }
    *len = 0;
    return text.len;
}

/* ---- names ---- */

static size_t name_length(struct slice s)
{
    size_t len = 0;
    for (; len < s.len; len++) {
        char c = s.data[len];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
        if (!letter && (len == 0 || (!is_digit(c) && c != '-')))
            break;
    }
    return len;
}

static bool has_name(const struct words *names, struct slice name)
{
    for (const char *n = NULL; (n = words_next(names, n));) {
        if (slice_is(name, n))
            return true;
    }
    return false;
}

void replacement_names(struct slice text, const struct replacement_syntax *syntax, struct words *names)
{
    for (size_t at = 0; at + 1 < text.len; at++) {
        struct replacement r;
        struct slice name = from_offset(text, at + 1);
        name.len = name_length(name);
        if (text.data[at] != '{' || name.len == 0 || (at > 0 && text.data[at - 1] == '$'))
            continue;
        r = (struct replacement){.kind = REPLACE_VALUE};
        if (scan_form(from_offset(text, at + 1 + name.len), syntax, false, &r) && !has_name(names, name))
            words_add(names, name.data, name.len);
    }
}
