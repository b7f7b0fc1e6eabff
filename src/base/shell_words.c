#include "base/shell_words.h"

#include "base/buffer.h"

#include <stdbool.h>
#include <string.h>

static const char blanks[] = " \t\n\r\f\v";

/* Where the next word begins: blanks are passed over, and lines that are comments. */
static const char *skip_blanks(const char *text, bool line_start)
{
    for (;;) {
        size_t len = strspn(text, blanks);
        line_start = line_start || memchr(text, '\n', len);
        text += len;
        if (!line_start || *text != '#')
            return text;
        text += strcspn(text, "\n");
    }
}

/* Appends what stands between '"' and the next one; returns where it goes on behind it, NULL if there is none. */
static const char *take_double(const char *text, struct buffer *word)
{
    for (; *text && *text != '"'; text++) {
        if (*text == '\\' && text[1] && strchr("\"\\$`", text[1]))
            text++;
        buffer_putc(word, *text);
    }
    return *text ? text + 1 : NULL;
}

static const char *take_single(const char *text, struct buffer *word)
{
    size_t len = strcspn(text, "'");
    buffer_append(word, text, len);
    return text[len] ? text + len + 1 : NULL;
}

static const char *take_word(const char *text, struct buffer *word)
{
    while (text && *text && !strchr(blanks, *text)) {
        switch (*text) {
        case '\'':
            text = take_single(text + 1, word);
            break;
        case '"':
            text = take_double(text + 1, word);
            break;
        case '\\':
            text += text[1] != '\0';
            buffer_putc(word, *text++);
            break;
        default:
            buffer_putc(word, *text++);
        }
    }
    return text;
}

int shell_words_split(const char *text, struct words *words, struct error *err)
{
    struct buffer word = {0};
    text = skip_blanks(text, true);
    while (text && *text) {
        buffer_clear(&word);
        const char *start = text;
        text = take_word(text, &word);
        if (!text) {
            error_set(err, ERR_USAGE, "the quote in '%.100s' has no end", start);
            break;
        }
        words_add(words, buffer_text(&word), word.len);
        text = skip_blanks(text, false);
    }
    buffer_fini(&word);
    return text ? 0 : -1;
}
