/* Templates. The input is a script, a NUL and a value.
 *
 * Fixed scripts with the value in every kind of quotes are rendered and taken apart by a small reader of shell
 * words, written for this test alone: the words must be those of the script with the value's bytes in them.
 * So it is for what each replacement string makes of the value: the words must have the bytes that a plain text
 * gets; the forms with a text of their own are tried with the script as that text, too.
 * Any script that is accepted must, with the value, be read to the same end as with a harmless one: the same
 * quotes are open, nothing more is uncertain.
 */
#include "task/template.h"

#include "base/buffer.h"
#include "base/slice.h"
#include "task/replacement.h"
#include "task/shell_lexer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static struct rendering render(const struct template *t, const char *value)
{
    struct words args = {0};
    struct rendering r;
    words_add(&args, value, strlen(value));
    if (template_render(t, &args, 7, 2, &r, NULL))
        rendering_fini(&r); /* too long */
    words_fini(&args);
    return r;
}

static struct template *compile(const char *script)
{
    struct words command = {0};
    struct template_options options = {.form = TEMPLATE_SCRIPT};
    words_add(&command, script, strlen(script));
    struct template *t = template_new(&command, &options, NULL);
    words_fini(&command);
    return t;
}

/* Reads one shell word at *p: quotes are taken off. What is not quoted must be ordinary. */
static void read_word(const char **p, struct buffer *word)
{
    const char *s = *p;
    for (; *s && *s != ' '; s++) {
        if (*s == '\'') {
            const char *end = strchr(s + 1, '\'');
            assert(end);
            buffer_append(word, s + 1, (size_t)(end - s - 1));
            s = end;
        } else if (*s == '\\') {
            s++;
            assert(*s && *s != '\n');
            buffer_putc(word, *s);
        } else if (*s == '"') {
            for (s++; *s != '"'; s++) {
                assert(*s && *s != '$' && *s != '`');
                if (*s == '\\' && s[1] && strchr("$`\"\\", s[1]))
                    s++;
                buffer_putc(word, *s);
            }
        } else {
            assert(!strchr("$`;&|<>()#*?[]~!{}\n\t", *s));
            buffer_putc(word, *s);
        }
    }
    *p = s;
}

/* `expected` has % for the value and a blank between words. */
static void check_words(const char *script, const char *expected, const char *value)
{
    struct template *t = compile(script);
    assert(t);
    struct rendering r = render(t, value);
    const char *p = r.script;
    while (p && *expected) {
        struct buffer word = {0}, wanted = {0};
        read_word(&p, &word);
        for (; *expected && *expected != ' '; expected++) {
            if (*expected == '%')
                buffer_puts(&wanted, value);
            else
                buffer_putc(&wanted, *expected);
        }
        assert(word.len == wanted.len && memcmp(buffer_text(&word), buffer_text(&wanted), word.len) == 0);
        assert((*p != '\0') == (*expected != '\0'));
        if (*p) {
            p++;
            expected++;
        }
        buffer_fini(&word);
        buffer_fini(&wanted);
    }
    rendering_fini(&r);
    template_unref(t);
}

static bool word_is(const char **p, struct slice bytes, bool more)
{
    struct buffer word = {0};
    read_word(p, &word);
    bool same = word.len == bytes.len && memcmp(buffer_text(&word), bytes.data, word.len) == 0;
    assert((**p == ' ') == more);
    *p += more;
    buffer_fini(&word);
    return same;
}

/* What `string` makes of the value, as a text. */
static void replace(const char *string, const char *value, struct buffer *out)
{
    struct words command = {0}, args = {0};
    struct template_options options = {.form = TEMPLATE_TEXT};
    words_add(&command, string, strlen(string));
    words_add(&args, value, strlen(value));
    struct template *t = template_new(&command, &options, NULL);
    assert(t);
    template_render_text(t, &args, 7, 2, out);
    words_fini(&command);
    words_fini(&args);
    template_unref(t);
}

static void check_string(const char *string, const char *value)
{
    struct buffer script = {0}, bytes = {0};
    buffer_printf(&script, "p %s \"%s\" '%s'", string, string, string);
    struct template *t = compile(buffer_text(&script));
    buffer_fini(&script);
    if (!t)
        return; /* the expression is a bad one */
    struct rendering r = render(t, value);
    const char *p = r.script ? r.script + 2 : NULL;
    replace(string, value, &bytes);
    struct slice expected = {buffer_text(&bytes), bytes.len};
    assert(!p || (word_is(&p, expected, true) && word_is(&p, expected, true) && word_is(&p, expected, false)));
    buffer_fini(&bytes);
    rendering_fini(&r);
    template_unref(t);
}

/* Repeats of repeats and references to groups take libc for ever. */
static void check_strings(const char *text, const char *value)
{
    static const char *const fixed[] = {
        "{}", "{.}", "{..}", "{...}", "{/..}", "{+/}", "{+.}", "{+..}", "{-1}", "{1/}", "{:1}", "{:1:3}", "{:-$(x)'}",
        "{2:-`x`}", "{#.*'}", "{##.*'}", "{%'.*}", "{%%['\"].*}", "{/./'$(x)}", "{//[a-z]/\"}", "{/#x/;}", "{/%x/&}",
        "{^^.}", "{,,.*}", "{^.}", "{1,.}",
    };
    static const char *const begins[] = {":-", ":", "#", "##", "%", "%%", "/", "//", "/#", "/%", "^", "^^", ",", ",,"};
    struct replacement_syntax syntax = {0};
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        check_string(fixed[i], value);
    if (strlen(text) > 40 || strlen(value) > 200 || strpbrk(text, "{\\"))
        return;
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++) {
        struct buffer string = {0};
        struct replacement r;
        buffer_printf(&string, "{%s%s}", begins[i], text);
        if (replacement_scan((struct slice){buffer_text(&string), string.len}, &syntax, &r) == string.len &&
            r.kind == REPLACE_VALUE)
            check_string(buffer_text(&string), value);
        buffer_fini(&string);
    }
}

static void read_all(struct shell_lexer *l, const char *script)
{
    shell_lexer_init(l, slice_of(script), SHELL_POSIX);
    shell_lexer_advance(l, strlen(script));
}

static void check_same_end(const char *script, const char *value)
{
    struct template *t = compile(script);
    if (!t)
        return;
    struct rendering plain = render(t, "x y"), hostile = render(t, value);
    if (plain.script && hostile.script) {
        struct shell_lexer a, b;
        read_all(&a, plain.script);
        read_all(&b, hostile.script);
        assert(a.doubt == b.doubt);
        assert(a.doubt || (a.frames == b.frames && a.word_start == b.word_start && a.pending == b.pending));
        for (size_t i = 0; !a.doubt && i < a.frames; i++)
            assert(a.stack[i].kind == b.stack[i].kind && a.stack[i].depth == b.stack[i].depth);
    }
    rendering_fini(&plain);
    rendering_fini(&hostile);
    template_unref(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const fixed[][2] = {
        {"p", "p %"},
        {"p {} x{}y", "p % x%y"},
        {"p '{}' 'a{}b'", "p % a%b"},
        {"p \"{}\" \"a{}b\"", "p % a%b"},
        {"p \"a\"{}'b' \\\"{}\\'", "p a%b \"%'"},
        {"p {}\"{}\"'{}'{}", "p %%%%"},
    };
    char *text = malloc(size + 2);
    assert(text);
    if (size)
        memcpy(text, data, size);
    text[size] = text[size + 1] = '\0';
    const char *value = text + strlen(text) + 1;
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        check_words(fixed[i][0], fixed[i][1], value);
    check_same_end(text, value);
    check_strings(text, value);
    free(text);
    return 0;
}
