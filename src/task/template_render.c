/* Rendering: one walk over the pieces, which appends to one buffer that becomes the argv or the script.
 *
 * Quoting. In plain text a value becomes '…', always, so that it can be no reserved word, assignment or
 * number of a descriptor. Inside '…' it stays there. Inside "…" the quotes are left for it, as in "a "'…'" b",
 * unless no byte of it can mean anything; so it stays apart from a $name before it, too. A ' itself becomes
 * '"'"'. No backslash is ever written: there are locales in which one can be the second byte of a character,
 * and one (Shift_JIS) in which that byte is no backslash at all to a shell that decodes what it reads.
 * The places come from the lexer (shell_lexer.c).
 */
#include "task/template.h"

#include "task/script.h"
#include "task/shell_lexer.h"
#include "task/template_pieces.h"
#include "task/value_part.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define SCRIPT_MAX 131071 /* MAX_ARG_STRLEN of Linux without the NUL */

/* What is put in for one task. */
struct input {
    const struct words *args;
    uint64_t seq;
    unsigned slot;
    struct words all;       /* a view: what {} means of them */
    struct buffer *scratch; /* what was made of the last value */
};

/* The argv that is being built: words with a NUL behind each. */
struct argv_builder {
    struct buffer data;
    size_t count;
    bool in_word;
};

static void end_word(struct argv_builder *b)
{
    buffer_putc(&b->data, '\0');
    b->count++;
    b->in_word = false;
}

/* Gives the words away. */
static void take_words(struct argv_builder *b, struct words *words)
{
    *words = (struct words){b->data.data, b->data.len, b->data.cap, b->count};
    b->data = (struct buffer){0};
}

/* The value with this number, or counted from the last one that {} means if it is negative; "" if there is none. */
static const char *value_at(const struct input *in, int index)
{
    size_t from_end = index < 0 ? (size_t)-index : 0;
    const char *value = NULL;
    if (from_end <= in->all.count)
        value = words_get(in->args, from_end ? in->all.count - from_end : (size_t)index - 1);
    return value ? value : "";
}

/* Walks over the values that a piece stands for: start with *at NULL. The value is valid until the next call. */
static bool next_value(const struct piece *piece, const struct input *in, const char **at, struct slice *value)
{
    if (piece->index == 0)
        *at = words_next(&in->all, *at);
    else
        *at = *at ? NULL : value_at(in, piece->index);
    if (!*at)
        return false;
    *value = slice_of(*at);
    if (piece->change)
        *value = value_change_apply(piece->change, *value, in->scratch);
    else if (piece->part != PART_WHOLE)
        *value = value_part(*value, (enum value_part)piece->part);
    return true;
}

static size_t width(uint64_t n)
{
    size_t digits = 1;
    while (n /= 10)
        digits++;
    return digits;
}

/* The digits of {#}, {%} and those like them; none for a slot of 0. */
static struct slice digits(const struct template *t, const struct piece *piece, const struct input *in,
                           char text[24])
{
    enum replacement_kind what = (enum replacement_kind)piece->what;
    bool slot = what == REPLACE_SLOT || what == REPLACE_SLOT_PADDED;
    uint64_t n = what == REPLACE_TOTAL ? t->total : slot ? in->slot : in->seq;
    char *end = text + 24, *p = end;
    if (slot && n == 0)
        return (struct slice){text, 0};
    size_t least = what == REPLACE_SLOT_PADDED  ? width(t->slots)
                   : what == REPLACE_SEQ_PADDED ? width(t->total)
                                                : 1;
    do
        *--p = (char)('0' + n % 10);
    while ((n /= 10) > 0 || (size_t)(end - p) < least);
    return (struct slice){p, (size_t)(end - p)};
}

/* Every task runs on this machine, which GNU parallel calls ":"; it is in no group. */
static struct slice fixed(const struct piece *piece)
{
    return slice_of(piece->what == REPLACE_HOST ? ":" : "");
}

/* How pieces are put one behind the other into something. */
struct writer {
    void (*put)(const struct template *t, const struct piece *piece, const struct input *in, void *to);
    void (*between)(void *to); /* two words that one piece became; NULL: pieces end them */
};

/* The pieces from `from` on, before `end`: those of a repeated word once for each value, or without one if there are
 * no values. */
static void write_pieces(const struct template *t, size_t from, size_t end, const struct input *in,
                         const struct writer *w, void *to)
{
    for (size_t i = from; i < end; i++) {
        const struct piece *piece = &t->pieces[i];
        if (piece->kind != PIECE_REPEAT) {
            w->put(t, piece, in, to);
            continue;
        }
        struct input one = *in;
        const char *at = words_next(&in->all, NULL);
        do {
            size_t len = at ? strlen(at) + 1 : 0;
            one.all = (struct words){(char *)(uintptr_t)at, len, len, at != NULL};
            write_pieces(t, i + 1, i + 1 + piece->len, &one, w, to);
            at = at ? words_next(&in->all, at) : NULL;
            if (at && w->between)
                w->between(to);
        } while (at);
        i += piece->len;
    }
}

static void write_all(const struct template *t, const struct input *in, const struct writer *w, void *to)
{
    write_pieces(t, 0, t->pieces_len, in, w, to);
}

/* An argv template: bytes as they are. */
static void put_word_piece(const struct template *t, const struct piece *piece, const struct input *in, void *to)
{
    struct argv_builder *b = to;
    struct slice value;
    const char *at = NULL;
    char text[24];
    switch ((enum piece_kind)piece->kind) {
    case PIECE_TEXT:
        buffer_append(&b->data, t->text.data + piece->offset, piece->len);
        break;
    case PIECE_NUMBER:
        value = digits(t, piece, in, text);
        buffer_append(&b->data, value.data, value.len);
        break;
    case PIECE_FIXED:
        value = fixed(piece);
        buffer_append(&b->data, value.data, value.len);
        break;
    case PIECE_VALUE:
        for (bool first = true; next_value(piece, in, &at, &value); first = false) {
            if (!first && !piece->alone)
                buffer_putc(&b->data, ' ');
            buffer_append(&b->data, value.data, value.len);
            if (piece->alone)
                end_word(b);
        }
        break;
    case PIECE_END:
        end_word(b);
        break;
    case PIECE_REPEAT:
        break;
    }
}

static const struct writer word_writer = {.put = put_word_piece};

static int render_argv(const struct template *t, const struct input *in, struct rendering *out,
                       struct error *err)
{
    struct argv_builder b = {0};
    write_all(t, in, &word_writer, &b);
    if (b.count == 0) {
        buffer_fini(&b.data);
        return error_set_errno(err, ERR_SPAWN, EINVAL, "the command has no words");
    }
    take_words(&b, &out->argv);
    return 0;
}

/* Has it only bytes that mean nothing inside "…"? */
static bool is_harmless(struct slice value)
{
    for (size_t i = 0; i < value.len; i++) {
        if ((unsigned char)value.data[i] >= 0x80)
            return false;
    }
    return script_is_plain(value);
}

/* Between single quotes that are there already. */
static void put_inside_single(struct buffer *out, struct slice value)
{
    while (value.len > 0) {
        const char *quote = memchr(value.data, '\'', value.len);
        size_t len = quote ? (size_t)(quote - value.data) : value.len;
        buffer_append(out, value.data, len);
        if (quote)
            buffer_puts(out, "'\"'\"'");
        len += quote != NULL;
        value = (struct slice){value.data + len, value.len - len};
    }
}

static void put_single(struct buffer *out, struct slice value)
{
    buffer_putc(out, '\'');
    put_inside_single(out, value);
    buffer_putc(out, '\'');
}

/* Does it mean the same without quotes? It must not become a reserved word, or part of one. */
static bool needs_no_quotes(const struct piece *piece, struct slice value)
{
    if (piece->quotes < QUOTES_LIGHT || !script_is_light(value))
        return false;
    if (piece->quotes == QUOTES_INNER)
        return true;
    return piece->alone ? !script_is_reserved(value) : !script_is_in_reserved(value);
}

static void put_plain(struct buffer *out, const struct piece *piece, struct slice value)
{
    if (piece->quotes == QUOTES_ALWAYS)
        put_single(out, value);
    else if (needs_no_quotes(piece, value) || !script_is_light(value))
        script_quote_light(out, value);
    else
        put_single(out, value);
}

static void put_value(struct buffer *out, const struct piece *piece, struct slice value)
{
    switch ((enum shell_place)piece->place) {
    case PLACE_PLAIN:
        put_plain(out, piece, value);
        break;
    case PLACE_SINGLE:
        put_inside_single(out, value);
        break;
    case PLACE_DOUBLE:
        if (!piece->joined && is_harmless(value)) {
            buffer_append(out, value.data, value.len);
            break;
        }
        buffer_putc(out, '"');
        put_single(out, value);
        buffer_putc(out, '"');
        break;
    case PLACE_BARE:
        buffer_append(out, value.data, value.len);
        break;
    }
}

/* Nothing, in such a way that nothing beside it changes its meaning: a # behind it begins no comment. */
static void put_nothing(struct buffer *out, const struct piece *piece)
{
    if (piece->place == PLACE_PLAIN && !piece->alone)
        buffer_append(out, "''", 2);
    else if (piece->place == PLACE_DOUBLE && piece->joined)
        buffer_append(out, "\"\"", 2);
}

static void put_digits(struct buffer *out, const struct piece *piece, struct slice value)
{
    if (value.len == 0)
        put_nothing(out, piece);
    else if (piece->joined)
        put_value(out, piece, value);
    else
        buffer_append(out, value.data, value.len);
}

/* All values of a piece that is part of a word, joined by spaces. They stand in *joined if there are several; false
 * if there is none. */
static bool joined_values(const struct piece *piece, const struct input *in, struct buffer *joined,
                          struct slice *all)
{
    const char *at = NULL;
    struct slice value;
    if (piece->index != 0 || in->all.count == 1)
        return next_value(piece, in, &at, all);
    for (bool first = true; next_value(piece, in, &at, &value); first = false) {
        if (!first)
            buffer_putc(joined, ' ');
        buffer_append(joined, value.data, value.len);
    }
    *all = (struct slice){joined->data, joined->len};
    return in->all.count > 0;
}

static void put_values(struct buffer *out, const struct piece *piece, const struct input *in)
{
    const char *at = NULL;
    struct slice value;
    bool any = false;
    for (; piece->alone && next_value(piece, in, &at, &value); any = true) {
        if (any)
            buffer_putc(out, ' ');
        put_value(out, piece, value);
    }
    struct buffer joined = {0};
    if (!piece->alone && (any = joined_values(piece, in, &joined, &value)))
        put_value(out, piece, value);
    buffer_fini(&joined);
    if (!any)
        put_nothing(out, piece);
}

static void put_script_piece(const struct template *t, const struct piece *piece, const struct input *in, void *to)
{
    struct buffer *out = to;
    char text[24];
    switch ((enum piece_kind)piece->kind) {
    case PIECE_TEXT:
        buffer_append(out, t->text.data + piece->offset, piece->len);
        break;
    case PIECE_NUMBER:
        put_digits(out, piece, digits(t, piece, in, text));
        break;
    case PIECE_FIXED:
        if (fixed(piece).len)
            put_value(out, piece, fixed(piece));
        else
            put_nothing(out, piece);
        break;
    case PIECE_VALUE:
        put_values(out, piece, in);
        break;
    case PIECE_END:
    case PIECE_REPEAT:
        break;
    }
}

static void put_space(void *to)
{
    buffer_putc(to, ' ');
}

static const struct writer script_writer = {.put = put_script_piece, .between = put_space};

/* Literal text of a direct script: blanks end words. */
static void split_text(struct argv_builder *b, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] != ' ' && text.data[i] != '\t') {
            buffer_putc(&b->data, text.data[i]);
            b->in_word = true;
        } else if (b->in_word) {
            end_word(b);
        }
    }
}

static void put_direct_values(struct argv_builder *b, const struct piece *piece, const struct input *in)
{
    struct slice value;
    const char *at = NULL;
    for (bool first = true; next_value(piece, in, &at, &value); first = false) {
        if (!first && piece->alone)
            end_word(b);
        else if (!first)
            buffer_putc(&b->data, ' ');
        buffer_append(&b->data, value.data, value.len);
        b->in_word = true;
    }
}

static void put_direct_piece(const struct template *t, const struct piece *piece, const struct input *in, void *to)
{
    struct argv_builder *b = to;
    char text[24];
    if (piece->kind == PIECE_TEXT) {
        split_text(b, (struct slice){t->text.data + piece->offset, piece->len});
        return;
    }
    if (piece->kind == PIECE_VALUE) {
        put_direct_values(b, piece, in);
    } else {
        struct slice value = piece->kind == PIECE_FIXED ? fixed(piece) : digits(t, piece, in, text);
        buffer_append(&b->data, value.data, value.len);
        b->in_word |= value.len > 0;
    }
    b->in_word |= !piece->alone;
}

static void end_direct_word(void *to)
{
    struct argv_builder *b = to;
    if (b->in_word)
        end_word(b);
}

static const struct writer direct_writer = {.put = put_direct_piece, .between = end_direct_word};

/* The words that a shell would make of the script. */
static void render_direct(const struct template *t, const struct input *in, struct rendering *out)
{
    struct argv_builder b = {0};
    write_all(t, in, &direct_writer, &b);
    end_direct_word(&b);
    take_words(&b, &out->argv);
    out->direct = true;
}

static void render_line(const struct template *t, const struct input *in, struct buffer *script,
                        struct rendering *out)
{
    for (const char *s = NULL; (s = words_next(in->args, s));) {
        if (script->len)
            buffer_putc(script, ' ');
        buffer_puts(script, s);
    }
    struct slice line = {buffer_text(script), script->len};
    if (!t->direct || !script_is_plain(line) || !script_names_program(line, true, t->functions))
        return;
    struct argv_builder b = {0};
    split_text(&b, line);
    if (b.in_word)
        end_word(&b);
    take_words(&b, &out->argv);
    out->direct = true;
}

/* What {} means of the values: the first ones, if more were added behind them. */
static struct words whole(const struct template *t, const struct words *args)
{
    struct words all = *args;
    const char *end = t->whole && t->whole < args->count ? words_get(args, t->whole) : NULL;
    if (end) {
        all.len = (size_t)(end - args->data);
        all.count = t->whole;
    }
    return all;
}

static int render(const struct template *t, const struct input *in, struct rendering *out, struct error *err)
{
    if (!t->script)
        return render_argv(t, in, out, err);
    struct buffer script = {0};
    if (t->lines) {
        render_line(t, in, &script, out);
    } else {
        write_all(t, in, &script_writer, &script);
        if (t->direct)
            render_direct(t, in, out);
    }
    size_t len = script.len;
    out->script = buffer_take(&script, NULL);
    if (len <= SCRIPT_MAX)
        return 0;
    rendering_fini(out);
    return error_set_errno(err, ERR_SPAWN, E2BIG, "the script has %zu bytes, a shell takes %d", len,
                           SCRIPT_MAX);
}

static const struct words no_args;

int template_render(const struct template *t, const struct words *args, uint64_t seq, unsigned slot,
                    struct rendering *out, struct error *err)
{
    struct buffer scratch = {0};
    if (!args)
        args = &no_args;
    struct input in = {args, seq, slot, whole(t, args), &scratch};
    *out = (struct rendering){0};
    int status = render(t, &in, out, err);
    buffer_fini(&scratch);
    return status;
}

void template_render_text(const struct template *t, const struct words *args, uint64_t seq, unsigned slot,
                          struct buffer *out)
{
    struct buffer scratch = {0};
    if (!args)
        args = &no_args;
    struct input in = {args, seq, slot, whole(t, args), &scratch};
    struct argv_builder b = {.data = *out};
    write_all(t, &in, &word_writer, &b);
    *out = b.data;
    buffer_fini(&scratch);
}

void rendering_fini(struct rendering *r)
{
    words_fini(&r->argv);
    free(r->script);
    *r = (struct rendering){0};
}

/* ---- what a command line counts ---- */

bool template_can_split(const struct template *t)
{
    bool has_value = false;
    if (t->lines || t->whole)
        return false;
    for (size_t i = 0; i < t->pieces_len; i++) {
        if (t->pieces[i].kind != PIECE_VALUE)
            continue;
        if (t->pieces[i].index != 0)
            return false;
        has_value = true;
    }
    return has_value;
}

/* Numbers are taken for as long as they get. */
static struct input measured(struct template_meter *m, const struct words *values)
{
    buffer_clear(&m->line);
    return (struct input){values, UINT64_MAX, UINT_MAX, *values, &m->scratch};
}

static size_t longest_word(const struct argv_builder *b)
{
    size_t longest = 0;
    for (size_t at = 0; at < b->data.len;) {
        const char *end = memchr(b->data.data + at, '\0', b->data.len - at);
        size_t len = end ? (size_t)(end - b->data.data) + 1 - at : b->data.len - at;
        longest = len > longest ? len : longest;
        at += len;
    }
    return longest;
}

void template_cost_fixed(struct template_meter *m, struct template_cost *cost)
{
    const struct template *t = m->template;
    struct input in = measured(m, &no_args);
    struct argv_builder b = {.data = m->line};
    *cost = (struct template_cost){0};
    for (size_t i = 0; i < t->pieces_len; i++) {
        if (t->pieces[i].kind == PIECE_REPEAT)
            i += t->pieces[i].len;
        else if (t->script)
            put_script_piece(t, &t->pieces[i], &in, &b.data);
        else
            put_word_piece(t, &t->pieces[i], &in, &b);
    }
    m->line = b.data;
    cost->bytes = b.data.len + t->script;
    cost->shared = t->script ? cost->bytes : longest_word(&b);
    cost->words = t->script ? 4 : b.count;
    cost->around = t->script ? strlen(template_shell(t)) + sizeof "-c" + sizeof "--" + 1 : 0;
}

/* A piece that stands for one value, or for the values in a word that is not repeated. */
static void cost_shared(const struct template *t, const struct piece *piece, const struct input *in, size_t before,
                        struct argv_builder *b)
{
    struct piece here = *piece;
    size_t index = piece->index > 0 ? (size_t)piece->index : 0;
    if (piece->index > 0 && (index <= before || index > before + in->args->count))
        return;
    here.index = index ? (int)(index - before) : 0; /* the last one might be any of them */
    if (t->script)
        put_script_piece(t, &here, in, &b->data);
    else
        put_word_piece(t, &here, in, b);
    buffer_putc(&b->data, ' ');
}

void template_cost_values(struct template_meter *m, const struct words *values, size_t before,
                          struct template_cost *cost)
{
    const struct template *t = m->template;
    struct input in = measured(m, values);
    struct argv_builder b = {.data = m->line};
    const struct writer *w = t->script ? &script_writer : &word_writer;
    void *to = t->script ? (void *)&b.data : (void *)&b;
    *cost = (struct template_cost){0};
    for (size_t i = 0; i < t->pieces_len; i++) {
        const struct piece *piece = &t->pieces[i];
        size_t from = b.data.len;
        if (piece->kind == PIECE_REPEAT || (!t->script && piece->kind == PIECE_VALUE && piece->alone)) {
            write_pieces(t, i, i + 1 + piece->len, &in, w, to);
            if (t->script)
                buffer_putc(&b.data, ' ');
            i += piece->len;
        } else if (piece->kind == PIECE_VALUE) {
            cost_shared(t, piece, &in, before, &b);
            cost->shared = b.data.len - from > cost->shared ? b.data.len - from : cost->shared;
        }
    }
    if (t->lines)
        buffer_append(&b.data, values->data, values->len);
    m->line = b.data;
    cost->bytes = b.data.len;
    cost->words = b.count;
    if (t->script)
        cost->shared = cost->bytes;
    else if (cost->bytes > SCRIPT_MAX)
        cost->longest = longest_word(&b);
}

void template_meter_fini(struct template_meter *m)
{
    buffer_fini(&m->line);
    buffer_fini(&m->scratch);
}
