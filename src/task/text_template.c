#include "task/text_template.h"

#include "base/alloc.h"
#include "task/replacement.h"

#include <stdlib.h>
#include <string.h>

struct text_template {
    struct template *template;
    char *text;
    size_t prefix;
};

struct text_template *text_template_new(const char *text, const struct template_options *given, struct error *err)
{
    struct template_options options = *given;
    struct replacement first;
    struct words words = {0};
    size_t len;
    options.form = TEMPLATE_TEXT;
    options.syntax.names = given->names;
    words_add(&words, text, strlen(text));
    struct template *template = template_new(&words, &options, err);
    words_fini(&words);
    if (!template)
        return NULL;
    struct text_template *t = xcalloc(1, sizeof *t);
    t->template = template;
    t->text = xstrdup(text);
    t->prefix = replacement_find(slice_of(text), 0, &options.syntax, &first, &len);
    return t;
}

void text_template_free(struct text_template *t)
{
    if (!t)
        return;
    template_unref(t->template);
    free(t->text);
    free(t);
}

size_t text_template_prefix(const struct text_template *t)
{
    return t->prefix;
}

const char *text_template_text(const struct text_template *t)
{
    return t->text;
}

void text_template_write(const struct text_template *t, const struct task *task, struct buffer *out)
{
    template_render_text(t->template, &task->args, task->seq, task->slot, out);
}
