#include "task/template_words.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

bool script_is_redirected(struct slice text, size_t at)
{
    while (at > 0 && (text.data[at - 1] == ' ' || text.data[at - 1] == '\t'))
        at--;
    if (at > 1 && strchr("&|", text.data[at - 1]))
        at--;
    return at > 0 && strchr("<>", text.data[at - 1]);
}

/* Is the word that begins at `start` an assignment to the shell: NAME=, with nothing before it in its command but
 * others? What is none, but might be one, is taken for one. */
static bool is_assignment(struct slice text, size_t command, size_t start)
{
    size_t at = start;
    while (at < text.len && (text.data[at] == '_' || (text.data[at] >= '0' && text.data[at] <= '9') ||
                             ((text.data[at] | 0x20) >= 'a' && (text.data[at] | 0x20) <= 'z')))
        at++;
    bool named = at > start && at < text.len && (text.data[at] == '=' || strchr("+[", text.data[at]));
    for (at = command; named && at < start;) {
        size_t end = at;
        while (end < start && !strchr(" \t\n", text.data[end]))
            end++;
        named = end == at || memchr(text.data + at, '=', end - at);
        at = end + 1;
    }
    return named;
}

/* The end of the word, from the replacement string of `len` bytes on that the lexer is before; 0: not certain. */
static size_t find_end(const struct shell_lexer *from, size_t frame, size_t len,
                       const struct replacement_syntax *syntax)
{
    struct shell_lexer l = *from;
    struct replacement r;
    while (!l.doubt) {
        shell_lexer_pass(&l, len);
        size_t next = replacement_find(l.text, l.at, syntax, &r, &len);
        if (shell_lexer_end_word(&l, frame, next))
            return l.at;
        if (len == 0 || l.at < next)
            break;
    }
    return 0;
}

void repeats_find(struct repeats *all, const struct shell_lexer *l, const struct replacement_syntax *syntax,
                  size_t len)
{
    size_t start, frame;
    if (!shell_lexer_word(l, &start, &frame) || script_is_redirected(l->text, start) ||
        is_assignment(l->text, l->stack[frame - 1].command, start))
        return;
    size_t end = find_end(l, frame, len, syntax);
    if (end == 0 || (start == l->at && end == l->at + len))
        return;
    for (size_t i = 0; i < all->len; i++) {
        if (all->items[i].start == start && all->items[i].end == end)
            return;
    }
    if (all->len == all->cap) {
        all->cap = all->cap ? all->cap * 2 : 8;
        all->items = xrealloc_array(all->items, all->cap, sizeof *all->items);
    }
    all->items[all->len++] = (struct repeat){.start = start, .end = end};
}

void repeats_fini(struct repeats *all)
{
    free(all->items);
    *all = (struct repeats){0};
}

size_t repeats_next(const struct repeats *all, size_t at, size_t limit)
{
    size_t next = limit + 1;
    for (size_t i = 0; i < all->len; i++) {
        size_t places[] = {all->items[i].start, all->items[i].end};
        for (size_t k = 0; k < 2; k++) {
            if (places[k] > at && places[k] < next)
                next = places[k];
        }
    }
    return next;
}
