/* The lexer that makes injection impossible: it follows a script's quotes and nestings byte by byte, so
 * that each value is quoted for the very place where it is put.
 *
 * It need not understand all of the language. Where the shells of the POSIX family read a construct in
 * different ways, or where its end cannot be seen without parsing commands, it raises a *doubt*: from
 * there on no value is accepted, and the message says what to write instead. A value is never put where a
 * shell evaluates words as arithmetic (`a[…]=`, `((…))`, `[[ … ]]`): there even a quoted a[$(…)] runs a
 * command; nor as an argument of a builtin that does so (shell_evaluates.c).
 *
 * Invariants: `at` never passes `limit`, so what is decided never rests on the bytes of a replacement
 * string. A frame that is popped too early only matters inside $(…), where `case` raises a doubt for that
 * reason; plain frames are alike otherwise.
 */
#include "task/shell_lexer.h"

#include "task/shell_evaluates.h"

#include <string.h>

enum frame_kind {
    FRAME_TOP,
    FRAME_PAREN,    /* (…) */
    FRAME_COMPOUND, /* NAME=(…) */
    FRAME_SUBST,    /* $(…) <(…) >(…) */
    FRAME_SINGLE,
    FRAME_DOUBLE,
    /* No value may stand in these, however deep. */
    FRAME_LOCALE,        /* $"…" */
    FRAME_DOLLAR_SINGLE, /* $'…' */
    FRAME_BRACE,         /* ${…} */
    FRAME_ARITHMETIC,    /* $((…)) ((…)) */
    FRAME_SUBSCRIPT,     /* a[…] */
    FRAME_CONDITION,     /* [[ … ]] */
    FRAME_BACKTICK,
    FRAME_COMMENT,
};

enum doubt {
    DOUBT_NONE,
    DOUBT_HERE_DOCUMENT,
    DOUBT_BACKTICK,
    DOUBT_BRACE,
    DOUBT_ARITHMETIC,
    DOUBT_DOLLAR_SINGLE,
    DOUBT_CASE,
    DOUBT_COMMENT,
    DOUBT_SUBSCRIPT,
    DOUBT_CONDITION,
    DOUBT_CONTINUATION,
    DOUBT_DEPTH,
    DOUBT_ZSH,
    DOUBT_NESTING,
    DOUBT_COMPOUND,
    DOUBT_COPY,
};

struct refusal {
    const char *where;
    const char *way_out; /* NULL: assign it to a variable first */
};

#define USE_ARGUMENT "a shell may run what it evaluates there; pass it to a program, as in: expr {} + 1"
#define USE_TEST     "a shell may run what it evaluates there; use [ ... ] or case ... in"

static const struct refusal inside[] = {
    [FRAME_LOCALE] = {"inside $\"...\"", "use \"...\" without the dollar"},
    [FRAME_DOLLAR_SINGLE] = {"inside $'...'", NULL},
    [FRAME_BRACE] = {"inside ${...}", NULL},
    [FRAME_ARITHMETIC] = {"inside ((...)), which is arithmetic", USE_ARGUMENT},
    [FRAME_SUBSCRIPT] = {"inside [...] of a word, which may be arithmetic", "put it outside of the brackets"},
    [FRAME_CONDITION] = {"inside [[ ... ]]", USE_TEST},
    [FRAME_BACKTICK] = {"inside `...`", "use $(...) instead"},
    [FRAME_COMMENT] = {"inside a comment", "put it outside of the comment"},
};

static const struct refusal behind[] = {
    [DOUBT_HERE_DOCUMENT] = {"behind <<, in or after a here-document", NULL},
    [DOUBT_BACKTICK] = {"behind `...` with quotes, backslashes or nesting in it", "use $(...) instead"},
    [DOUBT_BRACE] = {"behind ${...} with quotes or nesting in it", NULL},
    [DOUBT_ARITHMETIC] = {"behind arithmetic with quotes or nesting in it", NULL},
    [DOUBT_DOLLAR_SINGLE] = {"behind $'...' with a backslash in it", NULL},
    [DOUBT_CASE] = {"behind case inside $(...)", NULL},
    [DOUBT_COMMENT] = {"behind a # that may begin a comment inside parentheses", NULL},
    [DOUBT_SUBSCRIPT] = {"behind [ with white space or an operator before its ]", NULL},
    [DOUBT_CONDITION] = {"behind [[ without its ]]", NULL},
    [DOUBT_CONTINUATION] = {"behind a backslash at the end of a line that joins two parts of a word",
                            "put white space before that backslash"},
    [DOUBT_DEPTH] = {"behind too many nested parentheses", NULL},
    [DOUBT_ZSH] = {"behind glob qualifiers or a subscript of zsh", NULL},
    [DOUBT_NESTING] = {"behind \"$(... \"$(\", where this shell mistakes quotes", NULL},
    [DOUBT_COMPOUND] = {"behind a line break, an operator, a backslash or parentheses inside NAME=(...)", NULL},
    [DOUBT_COPY] = {"behind >& without a number, which bash expands twice", "use >FILE 2>&1 instead"},
};

static bool is_name(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool is_blank(int c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/* The byte `ahead` of the place, -1 beyond the limit. */
static int peek(const struct shell_lexer *l, size_t ahead)
{
    return l->limit - l->at > ahead ? (unsigned char)l->text.data[l->at + ahead] : -1;
}

/* The byte `back` before the place, -1 before the start. */
static int before(const struct shell_lexer *l, size_t back)
{
    return l->at >= back ? (unsigned char)l->text.data[l->at - back] : -1;
}

static struct shell_frame *top(struct shell_lexer *l)
{
    return &l->stack[l->frames - 1];
}

static bool is_inside(const struct shell_lexer *l, enum frame_kind kind)
{
    for (size_t i = 0; i < l->frames; i++) {
        if (l->stack[i].kind == kind)
            return true;
    }
    return false;
}

/* May a # be taken for a comment by one shell and for text by another? Those that know patterns such as
 * +(…) read on to their end. */
static bool comment_is_unsure(const struct shell_lexer *l)
{
    for (size_t i = 0; i < l->frames; i++) {
        const struct shell_frame *frame = &l->stack[i];
        if (frame->kind == FRAME_SUBST || frame->kind == FRAME_COMPOUND || frame->kind == FRAME_CONDITION ||
            (frame->kind == FRAME_PAREN && frame->glued))
            return true;
    }
    return false;
}

/* Passes `len` bytes of a word. */
static void take(struct shell_lexer *l, size_t len)
{
    l->at += len;
    l->word_start = false;
}

static void doubt(struct shell_lexer *l, enum doubt why)
{
    l->doubt = why;
    l->at = l->limit;
}

/* Passes the `len` bytes that open a frame. */
static void push(struct shell_lexer *l, enum frame_kind kind, size_t len)
{
    if (l->frames == SHELL_DEPTH) {
        doubt(l, DOUBT_DEPTH);
        return;
    }
    l->at += len;
    l->stack[l->frames++] = (struct shell_frame){.kind = (uint8_t)kind, .command = l->at};
    l->word_start = kind <= FRAME_SUBST;
    l->dollar = false;
}

/* Passes the `len` bytes that close the innermost frame. */
static void pop(struct shell_lexer *l, size_t len, bool word_start)
{
    l->frames--;
    l->at += len;
    l->word_start = word_start;
    l->dollar = false;
}

/* A dollar, outside of quotes or in double ones. */
static void read_dollar(struct shell_lexer *l, bool quoted)
{
    int next = peek(l, 1);
    if (next == -1 && l->limit < l->text.len) {
        l->pending = '$';
        take(l, 1);
    } else if (next == '(' && peek(l, 2) == '(') {
        push(l, FRAME_ARITHMETIC, 3);
        if (!l->doubt)
            *top(l) = (struct shell_frame){.kind = FRAME_ARITHMETIC, .glued = true, .depth = 2};
    } else if (next == '(' && quoted && l->shell == SHELL_PDKSH && is_inside(l, FRAME_SUBST)) {
        doubt(l, DOUBT_NESTING);
    } else if (next == '(') {
        push(l, FRAME_SUBST, 2);
    } else if (next == '{') {
        int first = peek(l, 2);
        if (is_blank(first) || first == '|' || first == '(')
            doubt(l, DOUBT_BRACE);
        else
            push(l, FRAME_BRACE, 2);
    } else if (next == '[') {
        doubt(l, DOUBT_ARITHMETIC);
    } else if (next == '\'' && !quoted) {
        push(l, FRAME_DOLLAR_SINGLE, 2);
    } else if (next == '"' && !quoted) {
        push(l, FRAME_LOCALE, 2);
    } else {
        take(l, 1);
        l->dollar = true;
        if (next != -1 && strchr("@*#?$!-", next)) {
            take(l, 1);
        } else {
            while (is_name(peek(l, 0)))
                take(l, 1);
        }
        if (l->shell == SHELL_ZSH && peek(l, 0) == '[')
            doubt(l, DOUBT_ZSH);
    }
}

/* A backslash: outside of quotes, and before some characters in double ones, the next byte is literal. A line
 * that is continued inside a word or an operator is put together by shells before they look at it. */
static void read_backslash(struct shell_lexer *l, bool quoted)
{
    int next = peek(l, 1), last = before(l, 1);
    bool in_compound = top(l)->kind == FRAME_COMPOUND ||
                       (top(l)->kind == FRAME_SUBSCRIPT && is_inside(l, FRAME_COMPOUND));
    if (in_compound && is_inside(l, FRAME_SUBST)) {
        doubt(l, DOUBT_COMPOUND); /* bash forgets it when it reads $(…) for the second time */
    } else if (next == -1) {
        l->pending = '\\';
        take(l, 1);
    } else if (next != '\n') {
        take(l, 2);
    } else if (quoted ? last != '$' && !(l->shell == SHELL_ZSH && l->dollar)
                      : last == -1 || is_blank(last) || strchr(";&|", last)) {
        l->at += 2;
    } else {
        doubt(l, DOUBT_CONTINUATION);
    }
}

/* Bytes of a word up to `close`; `unsure`: bytes that raise a doubt. */
static void read_simple(struct shell_lexer *l, char close, const char *unsure, enum doubt why)
{
    int c = peek(l, 0);
    if (c == close)
        pop(l, 1, false);
    else if (c == '\0' || strchr(unsure, c))
        doubt(l, why);
    else if (c == '$' && peek(l, 1) != -1 && strchr("({['\"", peek(l, 1)))
        doubt(l, why);
    else
        take(l, 1);
}

static void read_arithmetic(struct shell_lexer *l)
{
    int c = peek(l, 0);
    struct shell_frame *frame = top(l);
    if (c == '(') {
        frame->depth++;
        take(l, 1);
    } else if (c == ')' && frame->depth > 2) {
        frame->depth--;
        take(l, 1);
    } else if (c == ')' && peek(l, 1) == ')') {
        pop(l, 2, !frame->glued);
    } else if (c == ')' || (c == '<' && peek(l, 1) == '<')) {
        doubt(l, DOUBT_ARITHMETIC);
    } else if (c == '#' && !is_name(before(l, 1)) && before(l, 1) != '$') {
        doubt(l, DOUBT_ARITHMETIC);
    } else if (c == '$' && peek(l, 1) != -1 && strchr("({['\"", peek(l, 1))) {
        doubt(l, DOUBT_ARITHMETIC);
    } else if (c == '$' && peek(l, 1) == -1) {
        l->pending = '$';
        take(l, 1);
    } else if (is_name(c) || (c && strchr(" \t+-*/%<>=!&|^?:,;~.[]@#$", c))) {
        take(l, 1);
    } else {
        doubt(l, DOUBT_ARITHMETIC);
    }
}

static void read_double(struct shell_lexer *l)
{
    int c = peek(l, 0);
    switch (c) {
    case '"':
        pop(l, 1, false);
        break;
    case '\\':
        read_backslash(l, true);
        break;
    case '$':
        read_dollar(l, true);
        break;
    case '`':
        push(l, FRAME_BACKTICK, 1);
        break;
    default:
        if (is_blank(c))
            l->dollar = false;
        take(l, 1);
    }
}

static void read_open_paren(struct shell_lexer *l)
{
    int last = before(l, 1), next = peek(l, 1);
    bool alone = last == -1 || is_blank(last) || strchr(";&|(<>=", last);
    if (top(l)->kind == FRAME_SUBSCRIPT)
        doubt(l, DOUBT_SUBSCRIPT);
    else if (top(l)->kind == FRAME_COMPOUND || (last == '=' && next == '('))
        doubt(l, DOUBT_COMPOUND);
    else if (next == '(')
        push(l, FRAME_ARITHMETIC, 2);
    else if (l->shell == SHELL_ZSH && ((!alone && next != ')') || next == '#'))
        doubt(l, DOUBT_ZSH);
    else
        push(l, last == '=' ? FRAME_COMPOUND : FRAME_PAREN, 1);
    if (l->doubt)
        return;
    if (top(l)->kind == FRAME_ARITHMETIC)
        top(l)->depth = 2;
    else
        top(l)->glued = !alone || last == '=';
}

static void read_close_paren(struct shell_lexer *l)
{
    const struct shell_frame *frame = top(l);
    switch (frame->kind) {
    case FRAME_SUBSCRIPT:
        doubt(l, DOUBT_SUBSCRIPT);
        break;
    case FRAME_CONDITION:
        doubt(l, DOUBT_CONDITION);
        break;
    case FRAME_TOP: /* of a case pattern, or an error that the shell will tell */
        take(l, 1);
        l->word_start = true;
        top(l)->command = l->at;
        break;
    default:
        /* Behind NAME=(…) or a pattern, shells differ in what they take for a comment. */
        if (frame->glued && peek(l, 1) == '#') {
            doubt(l, DOUBT_COMMENT);
        } else {
            bool was_paren = frame->kind == FRAME_PAREN;
            pop(l, 1, was_paren && !frame->glued);
            if (was_paren) /* the body of a function may follow */
                top(l)->command = l->at;
        }
    }
}

static void read_open_bracket(struct shell_lexer *l)
{
    int next = peek(l, 1);
    if (top(l)->kind == FRAME_CONDITION) {
        take(l, 1);
    } else if (top(l)->kind == FRAME_SUBSCRIPT) {
        top(l)->depth++;
        take(l, 1);
    } else if (l->word_start && next == '[' && is_blank(peek(l, 2))) {
        push(l, FRAME_CONDITION, 2);
    } else if (l->word_start && is_blank(next) && !is_inside(l, FRAME_COMPOUND)) {
        take(l, 1); /* the command [ */
    } else {
        push(l, FRAME_SUBSCRIPT, 1);
        if (!l->doubt)
            top(l)->depth = 1;
    }
}

static void read_close_bracket(struct shell_lexer *l)
{
    int after = peek(l, 2);
    if (top(l)->kind == FRAME_SUBSCRIPT && --top(l)->depth == 0)
        pop(l, 1, false);
    else if (top(l)->kind == FRAME_CONDITION && l->word_start && peek(l, 1) == ']' &&
             (after == -1 || is_blank(after) || strchr(";&|)", after)))
        pop(l, 2, false);
    else
        take(l, 1);
}

/* Does >& copy a descriptor? bash takes any other word for a file, and expands what it has expanded already. */
static bool copies_descriptor(const struct shell_lexer *l)
{
    size_t at = 2;
    while (peek(l, at) == ' ' || peek(l, at) == '\t')
        at++;
    size_t start = at;
    while (peek(l, at) >= '0' && peek(l, at) <= '9')
        at++;
    at += peek(l, at) == '-';
    int after = peek(l, at);
    bool ends = after == -1 ? l->limit == l->text.len : is_blank(after) || strchr(";&|<>)", after);
    return at > start && ends;
}

/* Is `c` the end of a simple command? Not in >& and &>, which redirect. */
static bool ends_command(int c, int last, int next)
{
    return c == ';' || c == '\n' || ((c == '&' || c == '|') && last != '>' && last != '<' && next != '>');
}

/* A blank or an operator of one byte. bash gives up on what is no word in NAME=(…), and then reads what is
 * behind the next newline as commands, be it the newline of a value. */
static void read_separator(struct shell_lexer *l)
{
    int c = peek(l, 0), next = peek(l, 1);
    if (top(l)->kind == FRAME_SUBSCRIPT) {
        doubt(l, DOUBT_SUBSCRIPT);
    } else if (c == '<' && next == '<') {
        doubt(l, DOUBT_HERE_DOCUMENT);
    } else if ((c == '<' || c == '>') && next == '(') {
        push(l, FRAME_SUBST, 2);
    } else if (top(l)->kind == FRAME_COMPOUND && c != ' ' && c != '\t') {
        doubt(l, DOUBT_COMPOUND);
    } else if (c == '>' && next == '&' && !copies_descriptor(l)) {
        doubt(l, DOUBT_COPY);
    } else if (c == ';' && top(l)->kind == FRAME_CONDITION) {
        doubt(l, DOUBT_CONDITION);
    } else {
        l->at++;
        l->word_start = true;
        l->dollar = false;
        if (ends_command(c, before(l, 2), next))
            top(l)->command = l->at;
    }
}

/* Is this the last letter of the word `case`, in a place where its pattern's ) could be taken for another? */
static bool is_case(const struct shell_lexer *l)
{
    return l->at >= 3 && memcmp(l->text.data + l->at - 3, "case", 4) == 0 && !is_name(before(l, 4)) &&
           !is_name(peek(l, 1)) && is_inside(l, FRAME_SUBST);
}

/* The next byte outside of quotes. */
static void read_plain(struct shell_lexer *l)
{
    int c = peek(l, 0);
    if (l->word_start)
        top(l)->word = l->at;
    switch (c) {
    case '\\':
        read_backslash(l, false);
        break;
    case '\'':
        push(l, FRAME_SINGLE, 1);
        break;
    case '"':
        push(l, FRAME_DOUBLE, 1);
        break;
    case '`':
        push(l, FRAME_BACKTICK, 1);
        break;
    case '$':
        read_dollar(l, false);
        break;
    case '(':
        read_open_paren(l);
        break;
    case ')':
        read_close_paren(l);
        break;
    case '[':
        read_open_bracket(l);
        break;
    case ']':
        read_close_bracket(l);
        break;
    case ' ':
    case '\t':
    case '\n':
    case ';':
    case '&':
    case '|':
    case '<':
    case '>':
        read_separator(l);
        break;
    case '#':
        if (!l->word_start)
            take(l, 1);
        else if (comment_is_unsure(l))
            doubt(l, DOUBT_COMMENT);
        else
            push(l, FRAME_COMMENT, 1);
        break;
    default:
        if (c == 'e' && is_case(l))
            doubt(l, DOUBT_CASE);
        else
            take(l, 1);
    }
}

static void read_byte(struct shell_lexer *l)
{
    int c = peek(l, 0);
    l->pending = 0;
    switch (top(l)->kind) {
    case FRAME_SINGLE:
        if (c == '\'')
            pop(l, 1, false);
        else
            take(l, 1);
        break;
    case FRAME_DOUBLE:
    case FRAME_LOCALE:
        read_double(l);
        break;
    case FRAME_DOLLAR_SINGLE:
        if (c == '\\')
            doubt(l, DOUBT_DOLLAR_SINGLE);
        else if (c == '\'')
            pop(l, 1, false);
        else
            take(l, 1);
        break;
    case FRAME_BRACE:
        read_simple(l, '}', "'\"\\`{(<\n", DOUBT_BRACE);
        break;
    case FRAME_BACKTICK:
        read_simple(l, '`', "'\"\\#<{(", DOUBT_BACKTICK);
        break;
    case FRAME_ARITHMETIC:
        read_arithmetic(l);
        break;
    case FRAME_COMMENT:
        if (c == '\n') {
            pop(l, 1, true);
            top(l)->command = l->at;
        } else {
            take(l, 1);
        }
        break;
    default:
        read_plain(l);
    }
}

void shell_lexer_init(struct shell_lexer *l, struct slice text, enum shell_family shell)
{
    *l = (struct shell_lexer){.text = text, .shell = shell, .word_start = true, .frames = 1};
    l->stack[0] = (struct shell_frame){.kind = FRAME_TOP};
}

void shell_lexer_advance(struct shell_lexer *l, size_t offset)
{
    l->limit = offset;
    while (l->at < l->limit) {
        if (l->doubt)
            l->at = l->limit;
        else
            read_byte(l);
    }
}

void shell_lexer_pass(struct shell_lexer *l, size_t len)
{
    if (l->word_start)
        top(l)->word = l->at;
    l->at += len;
    l->pending = 0;
    l->word_start = false;
    l->dollar = false;
}

bool shell_lexer_word(const struct shell_lexer *l, size_t *start, size_t *frame)
{
    size_t i = l->frames;
    while (l->stack[i - 1].kind > FRAME_SUBST)
        i--;
    const struct shell_frame *in = &l->stack[i - 1];
    *frame = i;
    *start = i == l->frames && l->word_start ? l->at : in->word;
    return !l->doubt && !(in->kind == FRAME_PAREN && in->glued);
}

bool shell_lexer_end_word(struct shell_lexer *l, size_t frame, size_t limit)
{
    l->limit = limit;
    while (l->at < limit && !l->doubt) {
        int c = peek(l, 0);
        if (l->frames == frame && c && strchr(" \t\n;&|<>()", c))
            return c != '(' && !((c == '<' || c == '>') && peek(l, 1) == '(');
        read_byte(l);
    }
    return limit == l->text.len && !l->doubt && !l->pending && l->frames == frame;
}

/* Why no value can be put here, or NULL. */
static const struct refusal *find_refusal(const struct shell_lexer *l)
{
    if (l->doubt)
        return &behind[l->doubt];
    for (size_t i = 0; i < l->frames; i++) {
        if (l->stack[i].kind >= FRAME_LOCALE)
            return &inside[l->stack[i].kind];
    }
    return NULL;
}

/* ksh93 and zsh expand a quoted NAME behind ~, zsh also behind =. */
static bool is_expansion(const struct shell_lexer *l)
{
    int last = before(l, 1), earlier = before(l, 2);
    if (l->stack[l->frames - 1].kind > FRAME_SUBST)
        return false;
    if (last == '~')
        return earlier == -1 || is_blank(earlier) || strchr(";&|()<>=:", earlier);
    return l->shell == SHELL_ZSH && last == '=' && !is_name(earlier) && earlier != ']' && earlier != '+';
}

/* The builtin that would evaluate what is put here, or NULL. */
static const char *find_evaluating(const struct shell_lexer *l, bool begins_word)
{
    size_t i = l->frames;
    while (i > 1 && l->stack[i - 1].kind > FRAME_SUBST)
        i--;
    size_t from = l->stack[i - 1].command;
    return shell_evaluates((struct slice){l->text.data + from, l->at - from}, begins_word);
}

static int refuse_evaluating(const char *builtin, const struct shell_lexer *l, struct slice name,
                             struct error *err)
{
    return error_set(err, ERR_USAGE,
                     "%.*s cannot be an argument of %s (byte %zu of the script), with which some shells run what "
                     "they evaluate; make it an argument of a program",
                     (int)name.len, name.data, builtin, l->at + 1);
}

int shell_lexer_spot(const struct shell_lexer *l, struct slice name, bool digits, struct shell_spot *spot,
                     struct error *err)
{
    static const struct refusal backslash = {"directly behind a backslash", "remove the backslash"};
    static const struct refusal dollar = {"directly behind a dollar", "write \\$ for the dollar itself"};
    static const struct refusal expansion = {"directly behind ~ or =, which some shells expand", NULL};
    const struct refusal *refusal = find_refusal(l);
    char pending = l->pending;
    if (refusal && (before(l, 1) == '\\' || before(l, 1) == '$'))
        pending = (char)before(l, 1);
    spot->place = PLACE_BARE;
    spot->joined = l->dollar;
    if (refusal && digits && !pending)
        return 0;
    if (pending)
        refusal = pending == '$' ? &dollar : &backslash;
    else if (!refusal && is_expansion(l))
        refusal = &expansion;
    const char *evaluating = refusal || digits ? NULL : find_evaluating(l, false);
    if (evaluating)
        return refuse_evaluating(evaluating, l, name, err);
    if (refusal) {
        error_set(err, ERR_USAGE, "%.*s cannot be quoted safely %s (byte %zu of the script); ", (int)name.len,
                  name.data, refusal->where, l->at + 1);
        if (refusal->way_out)
            return error_set(err, ERR_USAGE, "%s%s", err ? err->message : "", refusal->way_out);
        return error_set(err, ERR_USAGE, "%sassign it at the start of the script: v=%.*s; ... \"$v\"",
                         err ? err->message : "", (int)name.len, name.data);
    }
    uint8_t kind = l->stack[l->frames - 1].kind;
    spot->place = kind == FRAME_SINGLE ? PLACE_SINGLE : kind == FRAME_DOUBLE ? PLACE_DOUBLE : PLACE_PLAIN;
    return 0;
}

int shell_lexer_may_append(const struct shell_lexer *l, struct error *err)
{
    const struct refusal *refusal = find_refusal(l);
    const char *where = refusal ? refusal->where : NULL;
    size_t end = l->text.len;
    if (!where && l->pending)
        where = "behind a backslash";
    else if (!where && l->frames > 1)
        where = l->stack[l->frames - 1].kind >= FRAME_SINGLE ? "inside an open quote" : "inside an open (";
    while (end > 0 && (l->text.data[end - 1] == ' ' || l->text.data[end - 1] == '\t'))
        end--;
    if (!where && end == 0)
        where = "alone in it, as a command";
    else if (!where && strchr(";&|(\n", l->text.data[end - 1]))
        where = "behind the end of a command, as a command of its own";
    const char *evaluating = where ? NULL : find_evaluating(l, true);
    if (evaluating)
        return refuse_evaluating(evaluating, l, slice_of("the item"), err);
    if (where)
        return error_set(err, ERR_USAGE,
                         "the item cannot be appended to the script: it would stand %s; put {} where it "
                         "belongs",
                         where);
    return 0;
}
