/* What the replacement strings of a template want of its items: {uniq} and {choose_k} leave some out; {##} and {0#}
 * must know how many there are before the first one is given, so that all of them are read and kept.
 */
#include "base/alloc.h"
#include "base/list.h"
#include "source/source.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct selected {
    struct source source;
    struct source *inner;
    struct template *template;
    bool gathers;
    bool gathered;
    struct words kept; /* all items behind each other */
    size_t *counts;    /* how many values each has */
    size_t len, cap;
    size_t given;
    const char *last;   /* the value that was given last */
    struct error error; /* what ended the inner source */
};

static struct selected *selected_of(const struct source *s)
{
    return list_entry(s, struct selected, source);
}

/* The next item that gets a task. */
static enum source_status next_selected(struct selected *s, struct words *values, struct error *err)
{
    enum source_status status;
    while ((status = source_next(s->inner, values, err)) == SOURCE_ITEM && template_skips(s->template, values))
        words_clear(values);
    return status;
}

static void keep(struct selected *s, const struct words *values)
{
    if (s->len == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 64;
        s->counts = xrealloc_array(s->counts, s->cap, sizeof *s->counts);
    }
    words_add_all(&s->kept, values);
    s->counts[s->len++] = values->count;
}

/* Reads on to the end. SOURCE_END: everything is there, but for what an error cut off. */
static enum source_status gather(struct selected *s, struct error *err)
{
    struct words values = {0};
    enum source_status status;
    while ((status = next_selected(s, &values, err)) == SOURCE_ITEM) {
        keep(s, &values);
        words_clear(&values);
    }
    words_fini(&values);
    if (status == SOURCE_WAIT || (status == SOURCE_ERROR && err->code == ERR_SPEC))
        return status;
    if (status == SOURCE_ERROR)
        s->error = *err;
    s->gathered = true;
    template_set_total(s->template, s->len);
    return SOURCE_END;
}

static enum source_status selected_next(struct source *source, struct words *values, struct error *err)
{
    struct selected *s = selected_of(source);
    if (!s->gathers)
        return next_selected(s, values, err);
    enum source_status status = s->gathered ? SOURCE_END : gather(s, err);
    if (status != SOURCE_END)
        return status;
    if (s->given == s->len) {
        if (s->error.code == ERR_NONE)
            return SOURCE_END;
        *err = s->error;
        return SOURCE_ERROR;
    }
    for (size_t i = 0; i < s->counts[s->given]; i++) {
        s->last = words_next(&s->kept, s->last);
        words_add(values, s->last, strlen(s->last));
    }
    s->given++;
    return SOURCE_ITEM;
}

static int selected_fd(const struct source *source)
{
    return source_fd(selected_of(source)->inner);
}

static void selected_free(struct source *source)
{
    struct selected *s = selected_of(source);
    source_free(s->inner);
    template_unref(s->template);
    words_fini(&s->kept);
    free(s->counts);
    free(s);
}

static const struct source_ops selected_ops = {.next = selected_next, .fd = selected_fd, .free = selected_free};

struct source *source_selected(struct source *inner, struct template *t)
{
    if (!template_needs_total(t) && !template_selects(t))
        return inner;
    struct selected *s = xcalloc(1, sizeof *s);
    s->source.ops = &selected_ops;
    s->inner = inner;
    s->template = template_ref(t);
    s->gathers = template_needs_total(t);
    return &s->source;
}
