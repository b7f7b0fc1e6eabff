/* Templates: how a command is compiled into pieces (template_pieces.h), and what is decided about it once for
 * all its renderings: is it a script, where may values stand in it, may it be executed without a shell.
 */
#include "task/template.h"

#include "base/alloc.h"
#include "base/digest.h"
#include "task/script.h"
#include "task/shell_lexer.h"
#include "task/template_pieces.h"
#include "task/template_words.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The shells that values can be quoted for. */
static const struct {
    const char *name;
    enum shell_family family;
} shells[] = {
    {"sh", SHELL_POSIX},   {"dash", SHELL_POSIX}, {"bash", SHELL_POSIX},    {"ksh", SHELL_POSIX},
    {"ksh93", SHELL_POSIX}, {"mksh", SHELL_POSIX}, {"ash", SHELL_POSIX},     {"busybox", SHELL_POSIX},
    {"yash", SHELL_POSIX}, {"rbash", SHELL_POSIX}, {"zsh", SHELL_ZSH},      {"posh", SHELL_PDKSH},
    {"oksh", SHELL_PDKSH}, {"lksh", SHELL_PDKSH},
};

static bool find_family(const char *path, enum shell_family *family)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++) {
        if (strcmp(name, shells[i].name) == 0) {
            *family = shells[i].family;
            return true;
        }
    }
    return false;
}

bool template_quotes_for(const char *shell_path)
{
    enum shell_family family;
    return find_family(shell_path, &family);
}

/* The family by the shell's name; and by its file's, where /bin/sh is a link to one with ways of its own. */
static bool find_shell(const struct template *t, enum shell_family *family)
{
    if (!find_family(template_shell(t), family))
        return false;
    char *path = *family == SHELL_POSIX ? realpath(template_shell(t), NULL) : NULL;
    if (path)
        find_family(path, family);
    free(path);
    return true;
}

static struct piece *add_piece(struct template *t, enum piece_kind kind)
{
    if (!t->pieces || t->pieces_len == t->pieces_cap) {
        t->pieces_cap = t->pieces_cap ? t->pieces_cap * 2 : 8;
        t->pieces = xrealloc_array(t->pieces, t->pieces_cap, sizeof *t->pieces);
    }
    struct piece *piece = &t->pieces[t->pieces_len++];
    *piece = (struct piece){.kind = (uint8_t)kind};
    return piece;
}

static void add_text(struct template *t, const char *data, size_t len)
{
    struct piece *last = t->pieces_len > t->sealed ? &t->pieces[t->pieces_len - 1] : NULL;
    if (len == 0)
        return;
    if (last && last->kind == PIECE_TEXT) {
        last->len += len;
    } else {
        struct piece *piece = add_piece(t, PIECE_TEXT);
        piece->offset = t->text.len;
        piece->len = len;
    }
    buffer_append(&t->text, data, len);
}

/* What is refused because it cannot be known. */
static int check_known(struct template *t, const struct replacement *r, struct slice name,
                       const struct template_options *options, struct error *err)
{
    bool total = r->kind == REPLACE_TOTAL || r->kind == REPLACE_SEQ_PADDED;
    if (total && !options->total)
        return error_set(err, ERR_USAGE,
                         "%.*s: how many tasks there will be is not known here when the first one starts; write {#}, "
                         "the number of the task",
                         (int)name.len, name.data);
    if (r->kind == REPLACE_SLOT_PADDED && options->slots == 0)
        return error_set(err, ERR_USAGE, "%.*s: how many slots there are is not known here; write {%%}",
                         (int)name.len, name.data);
    t->needs_total |= total;
    t->unique |= r->filter == FILTER_UNIQUE;
    t->choose |= r->filter == FILTER_CHOOSE;
    return 0;
}

/* Adds the piece that a replacement string becomes; NULL with ERR_USAGE if it means nothing here. `name` is all
 * of it, for the message. */
static struct piece *add_replacement(struct template *t, const struct replacement *r, struct slice name,
                                     const struct template_options *options, struct error *err)
{
    static const enum piece_kind kinds[] = {
        [REPLACE_VALUE] = PIECE_VALUE,       [REPLACE_SEQ] = PIECE_NUMBER,
        [REPLACE_SLOT] = PIECE_NUMBER,       [REPLACE_TOTAL] = PIECE_NUMBER,
        [REPLACE_SEQ_PADDED] = PIECE_NUMBER, [REPLACE_SLOT_PADDED] = PIECE_NUMBER,
        [REPLACE_HOST] = PIECE_FIXED,        [REPLACE_HOST_GROUP] = PIECE_FIXED,
    };
    struct value_change *change = NULL;
    if (check_known(t, r, name, options, err) < 0)
        return NULL;
    if (r->kind == REPLACE_VALUE && r->form.part >= PART_OR_ELSE && !(change = value_change_new(&r->form, err))) {
        error_prefix(err, "%.*s", (int)(name.len < 100 ? name.len : 100), name.data);
        return NULL;
    }
    struct piece *piece = add_piece(t, kinds[r->kind]);
    piece->what = (uint8_t)r->kind;
    piece->part = (uint8_t)r->form.part;
    piece->change = change;
    piece->index = r->index;
    return piece;
}

/* A word of an argv, or a text; *found counts its replacement strings. */
static int compile_word(struct template *t, struct slice word, const struct template_options *options,
                        size_t *found, struct error *err)
{
    struct replacement r;
    size_t from = 0, len = 0;
    while (!options->literal) {
        size_t at = replacement_find(word, from, &options->syntax, &r, &len);
        if (len == 0)
            break;
        add_text(t, word.data + from, at - from);
        struct piece *piece = add_replacement(t, &r, (struct slice){word.data + at, len}, options, err);
        if (!piece)
            return -1;
        piece->alone = !t->text_only && len == word.len && r.kind == REPLACE_VALUE && r.index == 0;
        from = at + len;
        ++*found;
    }
    add_text(t, word.data + from, word.len - from);
    return 0;
}

/* Makes the word that ends here, and whose first piece is pieces[first], one that is there for each value, if it has
 * one in it. */
static void repeat_word(struct template *t, size_t first)
{
    bool has_value = false;
    for (size_t i = first; i < t->pieces_len; i++)
        has_value = has_value || (t->pieces[i].kind == PIECE_VALUE && t->pieces[i].index == 0);
    if (!has_value)
        return;
    add_piece(t, PIECE_REPEAT);
    struct piece *pieces = &t->pieces[first];
    size_t len = t->pieces_len - 1 - first;
    memmove(pieces + 1, pieces, len * sizeof *pieces);
    *pieces = (struct piece){.kind = PIECE_REPEAT, .len = len};
}

static int compile_argv(struct template *t, const struct words *command, const struct template_options *options,
                        struct error *err)
{
    size_t found = 0;
    for (const char *word = NULL; (word = words_next(command, word));) {
        size_t before = found, first = t->pieces_len;
        if (compile_word(t, slice_of(word), options, &found, err) < 0)
            return -1;
        if (found > before && t->pieces[t->pieces_len - 1].alone)
            continue;
        add_piece(t, PIECE_END);
        if (options->repeat_words)
            repeat_word(t, first);
    }
    if (found == 0 && !options->literal && !options->append_nothing)
        add_piece(t, PIECE_VALUE)->alone = true;
    return 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/* Can digits put before `next` become part of something else: 2>, 12, 1$x? */
static bool joins_digits(struct slice text, size_t at)
{
    return at < text.len && strchr("<>0123456789{$", text.data[at]);
}

/* Is it a word of its own, so that several values may be words of their own? Where it is a part of one, or where
 * only one can be, they stay one word: behind v= a second one would be a command. */
static bool is_alone(struct slice text, size_t at, size_t len)
{
    bool begins = at == 0 || is_blank(text.data[at - 1]) || strchr(";&|(", text.data[at - 1]);
    bool ends = at + len == text.len || is_blank(text.data[at + len]) || strchr(";&|)<>", text.data[at + len]);
    return begins && ends && !script_is_redirected(text, at);
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

/* May a value of harmless bytes stand beside this byte without quotes, and not become part of something? */
static bool stands_well_beside(char c)
{
    return is_blank(c) || script_is_light((struct slice){&c, 1}) || strchr(";&|()<>:@,%'\"", c);
}

/* Is there an = in the rest of the word? Without quotes in front of it that may be an assignment. */
static bool is_assigned(struct slice text, size_t at)
{
    while (at < text.len && !is_blank(text.data[at]) && text.data[at] != '=')
        at++;
    return at < text.len && text.data[at] == '=';
}

/* A byte on the left may also be the = of an assignment. */
static enum piece_quotes find_quotes(struct slice text, size_t at, size_t len, bool joined)
{
    char before = at == 0 ? ' ' : text.data[at - 1];
    char behind = at + len == text.len ? ' ' : text.data[at + len];
    if (joined || is_assigned(text, at + len) || behind == '(' ||
        !(stands_well_beside(before) || before == '=') || !stands_well_beside(behind))
        return QUOTES_SHORT;
    bool inner = (!is_blank(before) && !is_lower(before) && !strchr(";&|(", before)) ||
                 (!is_blank(behind) && !is_lower(behind) && !strchr(";&|)<>", behind));
    return inner ? QUOTES_INNER : QUOTES_LIGHT;
}

/* {,x} without quotes is what other shells than /bin/sh expand themselves, as in cp {}{,.bak}. */
static int check_braces(const struct template *t, const struct replacement *r, struct slice name,
                        const struct shell_spot *spot, struct error *err)
{
    if (!t->shell || spot->place != PLACE_PLAIN || r->form.part != PART_LOWER_START)
        return 0;
    return error_set(err, ERR_USAGE,
                     "%.*s: %s may expand this itself; write \"%.*s\" if a value is meant, or give --no-plus",
                     (int)(name.len < 100 ? name.len : 100), name.data, t->shell,
                     (int)(name.len < 100 ? name.len : 100), name.data);
}

static int compile_replacement(struct template *t, struct shell_lexer *l, const struct replacement *r,
                               struct slice text, size_t at, size_t len, const struct template_options *options,
                               struct error *err)
{
    struct shell_spot spot;
    struct slice name = {text.data + at, len};
    bool digits = r->kind != REPLACE_VALUE && r->kind != REPLACE_HOST && r->kind != REPLACE_HOST_GROUP;
    if (shell_lexer_spot(l, name, digits, &spot, err) || check_braces(t, r, name, &spot, err))
        return -1;
    struct piece *piece = add_replacement(t, r, name, options, err);
    if (!piece)
        return -1;
    piece->place = (uint8_t)spot.place;
    piece->alone = is_alone(text, at, len);
    piece->joined = spot.joined || (spot.place == PLACE_PLAIN && joins_digits(text, at + len));
    piece->quotes = t->light ? (uint8_t)find_quotes(text, at, len, piece->joined) : QUOTES_ALWAYS;
    return 0;
}

static int compile_append(struct template *t, const struct shell_lexer *l, struct error *err)
{
    if (shell_lexer_may_append(l, err))
        return -1;
    add_text(t, " ", 1);
    struct piece *piece = add_piece(t, PIECE_VALUE);
    piece->alone = true;
    piece->quotes = t->light ? QUOTES_LIGHT : QUOTES_ALWAYS;
    return 0;
}

/* The words that are there once for each value. */
static void find_repeats(struct repeats *repeats, struct slice text, enum shell_family family,
                         const struct template_options *options)
{
    struct shell_lexer lexer;
    struct replacement r;
    size_t at = 0, len = 0;
    shell_lexer_init(&lexer, text, family);
    while ((at = replacement_find(text, at, &options->syntax, &r, &len)), len > 0) {
        shell_lexer_advance(&lexer, at);
        if (r.kind == REPLACE_VALUE && r.index == 0)
            repeats_find(repeats, &lexer, &options->syntax, len);
        shell_lexer_pass(&lexer, len);
        at += len;
    }
}

/* Text of a script, and what begins and ends in it or at its end: a word that is to be repeated begins in front of
 * the replacement string that follows, and ends before anything else does. */
static void add_script(struct template *t, struct slice text, size_t from, size_t to, struct repeats *repeats)
{
    for (size_t at = from;;) {
        for (size_t i = 0; i < repeats->len; i++) {
            struct repeat *r = &repeats->items[i];
            if (r->end == at) {
                t->pieces[r->piece].len = t->pieces_len - r->piece - 1;
                t->sealed = t->pieces_len;
            } else if (r->start == at) {
                r->piece = t->pieces_len;
                add_piece(t, PIECE_REPEAT);
            }
        }
        size_t next = repeats_next(repeats, at, to);
        add_text(t, text.data + at, (next > to ? to : next) - at);
        if (next > to)
            return;
        at = next;
    }
}

static int compile_pieces(struct template *t, struct slice text, enum shell_family family, struct repeats *repeats,
                          const struct template_options *options, struct error *err)
{
    struct shell_lexer lexer;
    struct replacement r;
    size_t from = 0, len = 0, found = 0;
    shell_lexer_init(&lexer, text, family);
    for (;;) {
        size_t at = replacement_find(text, from, &options->syntax, &r, &len);
        add_script(t, text, from, at, repeats);
        shell_lexer_advance(&lexer, at);
        if (len == 0)
            return found || options->append_nothing ? 0 : compile_append(t, &lexer, err);
        if (compile_replacement(t, &lexer, &r, text, at, len, options, err))
            return -1;
        shell_lexer_pass(&lexer, len);
        from = at + len;
        found++;
    }
}

static int compile_script(struct template *t, struct slice text, const struct template_options *options,
                          struct error *err)
{
    enum shell_family family;
    struct repeats repeats = {0};
    if (!find_shell(t, &family))
        return error_set(err, ERR_USAGE,
                         "values cannot be quoted for the shell %s; pass them as arguments, as in: "
                         "%s -c '...' {}",
                         template_shell(t), template_shell(t));
    if (options->repeat_words)
        find_repeats(&repeats, text, family, options);
    int status = compile_pieces(t, text, family, &repeats, options, err);
    repeats_fini(&repeats);
    return status;
}

/* Would a shell leave the environment as it is, and do what the script says and no more? Which functions there
 * are is looked at when the program's name is known. */
static bool environment_is_quiet(const struct template_options *options)
{
    bool quiet = !options->no_direct;
    for (char *const *e = environ; quiet && e && *e; e++)
        quiet = script_variable_is_quiet(*e) || strncmp(*e, "BASH_FUNC_", 10) == 0;
    return quiet;
}

/* The first word of a text; empty if it may go on behind the text. */
static struct slice first_word(struct slice text, bool ends)
{
    size_t start = 0, end;
    while (start < text.len && is_blank(text.data[start]))
        start++;
    for (end = start; end < text.len && !is_blank(text.data[end]);)
        end++;
    return (struct slice){text.data + start, end == text.len && !ends ? 0 : end - start};
}

bool script_names_program(struct slice text, bool ends, char *const *environment)
{
    struct slice word = first_word(text, ends);
    return word.len && !memchr(word.data, '=', word.len) && !memchr(word.data, '%', word.len) &&
           !script_is_builtin(word) && !script_is_function(word, environment);
}

static bool script_is_direct(const struct template *t, const struct template_options *options)
{
    if (t->shell || !environment_is_quiet(options))
        return false;
    if (t->lines)
        return true;
    if (t->pieces_len == 0 || t->pieces[0].kind != PIECE_TEXT)
        return false;
    for (size_t i = 0; i < t->pieces_len; i++) {
        const struct piece *piece = &t->pieces[i];
        if (piece->kind == PIECE_TEXT &&
            !script_is_plain((struct slice){t->text.data + piece->offset, piece->len}))
            return false;
    }
    return script_names_program((struct slice){t->text.data, t->pieces[0].len}, t->pieces_len == 1,
                                environ);
}

/* A copy of what the environment has of functions, because other threads read it while environ may change. */
static char **copy_functions(void)
{
    char **functions = NULL;
    size_t count = 0;
    for (char *const *e = environ; e && *e; e++) {
        if (strncmp(*e, "BASH_FUNC_", 10) != 0)
            continue;
        functions = xrealloc_array(functions, count + 2, sizeof *functions);
        functions[count++] = xstrdup(*e);
        functions[count] = NULL;
    }
    return functions;
}

/* Is a command of one word a script? Replacement strings themselves are no reason. */
static bool looks_like_script(struct slice word, const struct template_options *options)
{
    struct replacement r;
    size_t from = 0, len = 0;
    do {
        size_t at = options->literal ? word.len : replacement_find(word, from, &options->syntax, &r, &len);
        if (script_has_shell_characters((struct slice){word.data + from, at - from}))
            return true;
        from = at + len;
    } while (from < word.len);
    return false;
}

static bool is_script(const struct words *command, const struct template_options *options)
{
    if (options->form != TEMPLATE_GUESS)
        return options->form == TEMPLATE_SCRIPT;
    if (command->count == 0 || options->shell_path)
        return true;
    return command->count == 1 && looks_like_script(slice_of(words_get(command, 0)), options);
}

/* A Perl expression between {= and =} would be passed on as it is, which nobody means. */
static int refuse_perl(const struct words *command, struct error *err)
{
    for (const char *word = NULL; (word = words_next(command, word));) {
        const char *start = strstr(word, "{="), *end = start ? strstr(start + 2, "=}") : NULL;
        int len = end ? (int)(end - start < 100 ? end + 2 - start : 100) : 0;
        if (end)
            return error_set(err, ERR_USAGE,
                             "%.*s: there is no Perl in a command; {.} {/} {:-x} {%%re} {/re/x} {^^re} and others do "
                             "most of it, see jobpool-replacement(7)",
                             len, start);
    }
    return 0;
}

static int compile_texts(struct template *t, const struct words *command, const struct template_options *options,
                         struct error *err)
{
    size_t found = 0;
    for (const char *word = NULL; (word = words_next(command, word));) {
        if (word != command->data)
            add_text(t, " ", 1);
        if (compile_word(t, slice_of(word), options, &found, err) < 0)
            return -1;
    }
    return 0;
}

static int compile(struct template *t, const struct words *command, const struct template_options *options,
                   struct error *err)
{
    if (!options->literal && refuse_perl(command, err) < 0)
        return -1;
    if (t->text_only)
        return compile_texts(t, command, options, err);
    if (command->count == 0 && !t->script)
        return error_set(err, ERR_USAGE, "there is no command, and input lines are not to be run by a shell");
    if (command->count == 0 && options->literal)
        return error_set(err, ERR_USAGE, "there is no command");
    if (command->count == 0) {
        t->lines = true;
        return 0;
    }
    if (!t->script)
        return compile_argv(t, command, options, err);
    struct buffer text = {0};
    for (const char *word = NULL; (word = words_next(command, word));) {
        if (text.len)
            buffer_putc(&text, ' ');
        buffer_puts(&text, word);
    }
    struct slice script = {buffer_text(&text), text.len};
    int status = 0;
    if (options->literal)
        add_text(t, script.data, script.len);
    else
        status = compile_script(t, script, options, err);
    buffer_fini(&text);
    return status;
}

/* Whether a script may be executed directly is left out: nobody can observe it. */
static uint64_t digest_of(const struct template *t, const struct words *command,
                          const struct template_options *options)
{
    uint64_t digest = digest_words(DIGEST_START, command);
    digest = digest_number(digest, (t->script ? 1u : 0) | (options->literal ? 2u : 0));
    digest = digest_number(digest, options->whole);
    digest = digest_number(digest, options->syntax.no_plus);
    for (size_t i = 0; i < TOKENS; i++)
        digest = digest_text(digest, options->syntax.tokens[i] ? options->syntax.tokens[i] : "");
    if (options->names)
        digest = digest_words(digest, options->names);
    return t->script ? digest_text(digest, template_shell(t)) : digest;
}

struct template *template_new(const struct words *command, const struct template_options *given,
                              struct error *err)
{
    struct template *t = xcalloc(1, sizeof *t);
    struct template_options copy = *given, *options = &copy;
    copy.syntax.names = given->names;
    t->refs = 1;
    t->script = is_script(command, options);
    t->light = options->light;
    t->shell = xstrdup(options->shell_path);
    t->digest = digest_of(t, command, options);
    t->text_only = options->form == TEMPLATE_TEXT;
    t->whole = options->whole;
    t->slots = options->slots;
    if (compile(t, command, options, err)) {
        template_unref(t);
        return NULL;
    }
    t->direct = t->script && script_is_direct(t, options);
    if (t->lines && t->direct)
        t->functions = copy_functions();
    return t;
}

void template_names_used(const struct words *command, struct words *names)
{
    static const struct replacement_syntax all;
    for (const char *word = NULL; (word = words_next(command, word));)
        replacement_names(slice_of(word), &all, names);
}

struct template *template_ref(struct template *t)
{
    t->refs++;
    return t;
}

void template_unref(struct template *t)
{
    if (!t || --t->refs)
        return;
    buffer_fini(&t->text);
    for (char **f = t->functions; f && *f; f++)
        free(*f);
    free(t->functions);
    for (size_t i = 0; i < t->pieces_len; i++)
        value_change_free(t->pieces[i].change);
    free(t->pieces);
    free(t->shell);
    free(t);
}

bool template_is_script(const struct template *t)
{
    return t->script;
}

const char *template_shell(const struct template *t)
{
    return t->shell ? t->shell : "/bin/sh";
}

uint64_t template_digest(const struct template *t)
{
    return t->digest;
}

bool template_needs_total(const struct template *t)
{
    return t->needs_total;
}

void template_set_total(struct template *t, uint64_t total)
{
    t->total = total;
}

/* Is it among the first `count` words? */
static bool has_word(const struct words *words, size_t count, const char *word)
{
    for (const char *w = NULL; count-- > 0 && (w = words_next(words, w));) {
        if (strcmp(w, word) == 0)
            return true;
    }
    return false;
}

bool template_selects(const struct template *t)
{
    return t->unique || t->choose;
}

bool template_skips(const struct template *t, const struct words *args)
{
    const char *before = NULL, *arg = NULL;
    size_t count = t->whole && t->whole < args->count ? t->whole : args->count;
    for (size_t i = 0; i < count && (arg = words_next(args, arg)); i++, before = arg) {
        if (t->choose && before && strcmp(before, arg) >= 0)
            return true;
        if (t->unique && has_word(args, i, arg))
            return true;
    }
    return false;
}

size_t template_size(const struct template *t)
{
    return t->text.len + t->pieces_len;
}
