/* One pass translates the pattern into libc's syntax, and notes on the way whether it is plain text, which
 * memmem finds faster. A bracket is read into a set of bytes and written anew, because a backslash means
 * nothing inside libc's.
 */
#include "base/regex.h"

#include "base/alloc.h"
#include "base/buffer.h"

#include <ctype.h>
#include <limits.h>
#include <regex.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct regex {
    regex_t compiled;
    bool is_plain;       /* `plain` is all there is to find */
    struct buffer plain;
};

struct byte_set {
    bool has[256];
};

struct translation {
    const char *pattern; /* for messages */
    const char *at;
    struct buffer out;
    struct buffer plain;
    bool is_plain;
    bool can_repeat; /* a quantifier may follow: what stands before is an atom */
    bool repeated;   /* what stands before is a quantifier */
    bool ignore_case;
};

static int refuse(const struct translation *t, struct error *err, const char *what)
{
    return error_set(err, ERR_USAGE, "regular expression '%.200s': %s", t->pattern, what);
}

/* ---- escapes ---- */

static const struct {
    char letter;
    char byte;
} bytes[] = {{'t', '\t'}, {'n', '\n'}, {'r', '\r'}, {'f', '\f'}, {'a', '\a'}, {'e', '\033'}};

static const struct {
    char letter;
    const char *outside; /* in libc's syntax */
} classes[] = {
    {'d', "[0-9]"}, {'D', "[^0-9]"}, {'h', "[ \t]"}, {'s', "\\s"},  {'S', "\\S"},  {'w', "\\w"},
    {'W', "\\W"},   {'b', "\\b"},    {'B', "\\B"},   {'A', "\\`"}, {'z', "\\'"}, {'Z', "\\'"},
};

/* The byte that the escape at `text` (behind the backslash) stands for; *len is its length. -1: it is none. */
static int escaped_byte(const char *text, size_t *len)
{
    *len = 1;
    for (size_t i = 0; i < sizeof bytes / sizeof bytes[0]; i++) {
        if (*text == bytes[i].letter)
            return bytes[i].byte;
    }
    if (*text == 'x' && isxdigit((unsigned char)text[1]) && isxdigit((unsigned char)text[2])) {
        char digits[3] = {text[1], text[2], '\0'};
        *len = 3;
        return (int)strtoul(digits, NULL, 16);
    }
    return *text && !isalnum((unsigned char)*text) ? (unsigned char)*text : -1;
}

static void put_atom(struct translation *t)
{
    t->can_repeat = true;
    t->repeated = false;
}

/* A byte that means itself. */
static int put_byte(struct translation *t, int byte, struct error *err)
{
    if (byte == 0)
        return refuse(t, err, "a NUL byte cannot be looked for");
    if (strchr("\\.[]{}()*+?^$|", byte))
        buffer_putc(&t->out, '\\');
    buffer_putc(&t->out, (char)byte);
    buffer_putc(&t->plain, (char)byte);
    put_atom(t);
    return 0;
}

static int put_escape(struct translation *t, struct error *err)
{
    size_t len;
    char letter = *++t->at;
    if (!letter)
        return refuse(t, err, "it ends with a backslash");
    int byte = escaped_byte(t->at, &len);
    if (byte >= 0) {
        t->at += len;
        return put_byte(t, byte, err);
    }
    t->at++;
    t->is_plain = false;
    put_atom(t);
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
        if (letter == classes[i].letter) {
            buffer_puts(&t->out, classes[i].outside);
            return 0;
        }
    }
    if (letter >= '1' && letter <= '9') {
        buffer_putc(&t->out, '\\');
        buffer_putc(&t->out, letter);
        return 0;
    }
    char what[64] = "\\  is not understood";
    what[1] = letter;
    return refuse(t, err, what);
}

/* ---- brackets ---- */

static bool class_has(char letter, int byte)
{
    bool upper = isupper((unsigned char)letter);
    switch (tolower((unsigned char)letter)) {
    case 'd':
        return (isdigit(byte) != 0) != upper;
    case 's':
        return (isspace(byte) != 0) != upper;
    case 'w':
        return (isalnum(byte) || byte == '_') != upper;
    default: /* h */
        return byte == ' ' || byte == '\t';
    }
}

static const struct {
    const char *name;
    int (*has)(int byte);
} posix_classes[] = {
    {"[:alnum:]", isalnum}, {"[:alpha:]", isalpha}, {"[:blank:]", isblank}, {"[:cntrl:]", iscntrl},
    {"[:digit:]", isdigit}, {"[:graph:]", isgraph}, {"[:lower:]", islower}, {"[:print:]", isprint},
    {"[:punct:]", ispunct}, {"[:space:]", isspace}, {"[:upper:]", isupper}, {"[:xdigit:]", isxdigit},
};

/* A class at t->at inside brackets: adds it and passes over it. */
static bool read_class(struct translation *t, struct byte_set *set)
{
    if (t->at[0] == '\\' && t->at[1] && strchr("dDsSwWh", t->at[1])) {
        for (int byte = 1; byte < 256; byte++)
            set->has[byte] |= class_has(t->at[1], byte);
        t->at += 2;
        return true;
    }
    for (size_t i = 0; i < sizeof posix_classes / sizeof posix_classes[0]; i++) {
        size_t len = strlen(posix_classes[i].name);
        if (strncmp(t->at, posix_classes[i].name, len) != 0)
            continue;
        for (int byte = 1; byte < 256; byte++)
            set->has[byte] |= posix_classes[i].has(byte) != 0;
        t->at += len;
        return true;
    }
    return false;
}

/* One byte of a bracket, perhaps escaped. */
static int read_member(struct translation *t, struct error *err)
{
    size_t len = 1;
    int byte = (unsigned char)*t->at;
    if (byte == '\\') {
        t->at++;
        byte = escaped_byte(t->at, &len);
        if (byte < 0)
            return refuse(t, err, "an escape inside [ ] is not understood");
    }
    t->at += len;
    return byte;
}

static int read_set(struct translation *t, struct byte_set *set, struct error *err)
{
    for (bool first = true; *t->at != ']' || first; first = false) {
        if (!*t->at)
            return refuse(t, err, "a [ has no ]");
        if (read_class(t, set))
            continue;
        int from = read_member(t, err), to = from;
        if (from >= 0 && t->at[0] == '-' && t->at[1] && t->at[1] != ']') {
            t->at++;
            to = read_member(t, err);
        }
        if (from < 0 || to < 0)
            return -1;
        if (to < from)
            return refuse(t, err, "a range inside [ ] runs backwards");
        for (int byte = from; byte <= to; byte++)
            set->has[byte] = true;
    }
    t->at++;
    return 0;
}

/* ']' comes first, and what could begin something ('[', '^', '-') last. */
static void write_set(struct buffer *out, const struct byte_set *set)
{
    static const char special[] = "][^-";
    if (set->has[']'])
        buffer_putc(out, ']');
    for (int byte = 1; byte < 256; byte++) {
        if (set->has[byte] && !strchr(special, byte))
            buffer_putc(out, (char)byte);
    }
    for (const char *s = special + 1; *s; s++) {
        if (set->has[(unsigned char)*s])
            buffer_putc(out, *s);
    }
}

static int put_bracket(struct translation *t, struct error *err)
{
    struct byte_set set = {{false}};
    size_t members = 0;
    bool negated = *++t->at == '^';
    t->at += negated;
    if (read_set(t, &set, err) < 0)
        return -1;
    for (int byte = 1; byte < 256; byte++)
        members += set.has[byte];
    t->is_plain = false;
    put_atom(t);
    if (members == 1 && set.has['^'] && !negated) {
        buffer_puts(&t->out, "\\^");
        return 0;
    }
    if (members == 0) /* only a NUL was in it: what is no NUL, or nothing at all */
        return refuse(t, err, "a NUL byte cannot be looked for");
    buffer_puts(&t->out, negated ? "[^" : "[");
    write_set(&t->out, &set);
    buffer_putc(&t->out, ']');
    return 0;
}

/* ---- groups and quantifiers ---- */

static int put_group(struct translation *t, struct error *err)
{
    bool starts = t->at == t->pattern;
    t->is_plain = false;
    if (strncmp(t->at, "(?i)", 4) == 0 && starts) {
        t->ignore_case = true;
        t->at += 4;
        return 0;
    }
    if (t->at[1] == '?' && t->at[2] != ':')
        return refuse(t, err, "of Perl's (?…) only (?:…) and a (?i) in front are understood");
    t->at += t->at[1] == '?' ? 3 : 1;
    buffer_putc(&t->out, '(');
    t->can_repeat = t->repeated = false;
    return 0;
}

/* The length of {N}, {N,} or {N,M}; 0: the brace means itself. */
static size_t bounds_length(const char *text)
{
    size_t len = 1 + strspn(text + 1, "0123456789");
    if (len == 1)
        return 0;
    if (text[len] == ',')
        len += 1 + strspn(text + len + 1, "0123456789");
    return text[len] == '}' ? len + 1 : 0;
}

static int put_quantifier(struct translation *t, size_t len, struct error *err)
{
    if (t->repeated)
        return refuse(t, err, "lazy and possessive quantifiers such as *? and ++ are not understood; write what "
                              "must not be part of it, as in [^x]*");
    if (!t->can_repeat)
        return refuse(t, err, "a quantifier has nothing in front of it");
    buffer_append(&t->out, t->at, len);
    t->at += len;
    t->is_plain = false;
    t->can_repeat = false;
    t->repeated = true;
    return 0;
}

static int put_next(struct translation *t, struct error *err)
{
    size_t bounds;
    switch (*t->at) {
    case '\\':
        return put_escape(t, err);
    case '[':
        return put_bracket(t, err);
    case '(':
        return put_group(t, err);
    case '*':
    case '+':
    case '?':
        return put_quantifier(t, 1, err);
    case '{':
        bounds = bounds_length(t->at);
        if (bounds)
            return put_quantifier(t, bounds, err);
        break;
    case '.': /* not the end of a line */
        t->at++;
        t->is_plain = false;
        put_atom(t);
        buffer_puts(&t->out, "[^\n]");
        return 0;
    case ')':
    case '|':
    case '^':
    case '$':
        t->is_plain = false;
        put_atom(t);
        t->can_repeat = *t->at == ')';
        buffer_putc(&t->out, *t->at++);
        return 0;
    }
    return put_byte(t, (unsigned char)*t->at++, err);
}

/* ---- the whole ---- */

static int translate(struct translation *t, struct error *err)
{
    if (!*t->at)
        return refuse(t, err, "it is empty");
    while (*t->at) {
        if (put_next(t, err) < 0)
            return -1;
    }
    return 0;
}

static int compile(struct regex *r, struct translation *t, struct error *err)
{
    r->is_plain = t->is_plain;
    if (t->is_plain) {
        r->plain = t->plain;
        t->plain = (struct buffer){0};
        return 0;
    }
    int code = regcomp(&r->compiled, buffer_text(&t->out), REG_EXTENDED | (t->ignore_case ? REG_ICASE : 0));
    if (code == 0)
        return 0;
    char why[128];
    regerror(code, &r->compiled, why, sizeof why);
    return refuse(t, err, why);
}

struct regex *regex_new(const char *pattern, struct error *err)
{
    struct translation t = {.pattern = pattern, .at = pattern, .is_plain = true};
    struct regex *r = xcalloc(1, sizeof *r);
    bool good = translate(&t, err) == 0 && compile(r, &t, err) == 0;
    buffer_fini(&t.out);
    buffer_fini(&t.plain);
    if (good)
        return r;
    free(r);
    return NULL;
}

void regex_free(struct regex *r)
{
    if (!r)
        return;
    if (!r->is_plain)
        regfree(&r->compiled);
    buffer_fini(&r->plain);
    free(r);
}

static bool find_plain(const struct regex *r, struct slice text, size_t from, struct regex_match *match)
{
    const char *at = memmem(text.data + from, text.len - from, r->plain.data, r->plain.len);
    if (!at)
        return false;
    match->start = (size_t)(at - text.data);
    match->end = match->start + r->plain.len;
    return true;
}

bool regex_find(const struct regex *r, struct slice text, size_t from, struct regex_match *match)
{
    if (!text.data)
        text.data = "";
    if (from > text.len)
        return false;
    if (r->is_plain)
        return find_plain(r, text, from, match);
    if (text.len > INT_MAX)
        text.len = INT_MAX;
    if (from > text.len)
        return false;
    regmatch_t found = {.rm_so = (regoff_t)from, .rm_eo = (regoff_t)text.len};
    if (regexec(&r->compiled, text.data, 1, &found, REG_STARTEND) != 0)
        return false;
    match->start = (size_t)found.rm_so;
    match->end = (size_t)found.rm_eo;
    return true;
}
