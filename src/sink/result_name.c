#include "sink/result_name.h"

#include <string.h>

static bool is_up(const char *name, size_t len)
{
    return len == 2 && name[0] == '.' && name[1] == '.';
}

static bool is_dots(const char *name, size_t len)
{
    return (len == 1 && *name == '.') || is_up(name, len);
}

static void put_level(struct buffer *out, const char *value)
{
    size_t start = out->len;
    if (is_dots(value, strlen(value)))
        buffer_putc(out, '\\');
    for (; *value && out->len - start < RESULT_NAME_MOST; value++) {
        if (*value == '/')
            buffer_puts(out, "\\_");
        else if (*value == '\\')
            buffer_puts(out, "\\\\");
        else
            buffer_putc(out, *value);
    }
    if (out->len - start > RESULT_NAME_MOST)
        out->len = start + RESULT_NAME_MOST;
    if (out->len > start)
        buffer_putc(out, '/');
}

static void put_source(struct buffer *out, const struct result_naming *n, size_t i)
{
    if (n->sources > 0)
        i %= n->sources;
    const char *name = n->names ? words_get(n->names, i) : NULL;
    if (name && *name)
        put_level(out, name);
    else
        buffer_printf(out, "%zu/", i + 1);
}

static void put_tree(struct buffer *out, const struct result_naming *n, const struct task *task)
{
    size_t i = 0;
    char id[TASK_ID_SIZE];
    buffer_puts(out, text_template_text(n->template));
    if (out->data[out->len - 1] != '/')
        buffer_putc(out, '/');
    for (const char *value = NULL; (value = words_next(&task->args, value)) && (n->whole == 0 || i < n->whole); i++) {
        put_source(out, n, i);
        put_level(out, value);
    }
    if (i == 0 && n->several) {
        buffer_puts(out, "id/");
        put_level(out, task_id(task, id));
    }
}

/* Appends a path, with a backslash in front of each name .. in it, and of . for a file. */
static void put_below(struct buffer *out, const char *path)
{
    while (*path) {
        size_t len = strcspn(path, "/"), slashes = strspn(path + len, "/");
        if (is_up(path, len) || (slashes == 0 && is_dots(path, len)))
            buffer_putc(out, '\\');
        buffer_append(out, path, len + slashes);
        path += len + slashes;
    }
}

/* How many bytes of the template's text in front are its directory. */
static size_t prefix_directory(const struct result_naming *n)
{
    const char *text = text_template_text(n->template);
    const char *slash = memrchr(text, '/', text_template_prefix(n->template));
    return slash ? (size_t)(slash + 1 - text) : 0;
}

static void put_template(struct buffer *out, const struct result_naming *n, const struct task *task)
{
    struct buffer made = {0};
    size_t directory = prefix_directory(n);
    text_template_write(n->template, task, &made);
    if (text_template_prefix(n->template) == 0) {
        buffer_append(out, made.data, made.len);
    } else {
        buffer_append(out, made.data, directory);
        put_below(out, buffer_text(&made) + directory);
    }
    buffer_fini(&made);
}

bool result_name(struct buffer *out, const struct result_naming *naming, const struct task *task)
{
    size_t start = out->len;
    if (text_template_text(naming->template)[text_template_prefix(naming->template)])
        put_template(out, naming, task);
    else
        put_tree(out, naming, task);
    return out->len > start && out->data[out->len - 1] == '/';
}
