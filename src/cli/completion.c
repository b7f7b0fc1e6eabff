/* What the completions of all shells have in common. */
#include "cli/completion.h"

#include <string.h>

const char *const completion_shells[] = {"bash", "zsh", "fish", NULL};

enum completion_kind completion_value(const struct poptOption *o)
{
    static const struct {
        const char *name;
        enum completion_kind kind;
    } kinds[] = {
        {"FILE", COMPLETE_FILE},
        {"DIR", COMPLETE_DIR},
        {"COMMAND", COMPLETE_COMMAND},
        {"NAME[=VALUE]", COMPLETE_VARIABLE},
    };
    const char *name = o->argDescrip;
    if (!name)
        return COMPLETE_NONE;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i].name, name) == 0)
            return kinds[i].kind;
    }
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-|") == strlen(name) ? COMPLETE_CHOICE
                                                                                  : COMPLETE_TEXT;
}

enum completion_kind completion_words(const struct command *c)
{
    if (c->takes_command)
        return COMPLETE_COMMAND;
    if (strstr(c->usage, "FILE"))
        return COMPLETE_FILE;
    return strstr(c->usage, "COMMAND") ? COMPLETE_OWN : COMPLETE_NONE;
}

bool completion_repeats(const struct poptOption *o)
{
    return strstr(o->descrip, "may be repeated") != NULL;
}

void completion_describe(struct buffer *out, const char *text, const char *special)
{
    /* Details stand behind a semicolon, a colon or in brackets. */
    size_t len = strcspn(text, ";:(");
    while (len > 0 && text[len - 1] == ' ')
        len--;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\'') {
            buffer_puts(out, "'\\''");
            continue;
        }
        if (strchr(special, text[i]))
            buffer_putc(out, '\\');
        buffer_putc(out, text[i]);
    }
}

void completion_choices(struct buffer *out, const struct poptOption *o)
{
    for (const char *p = o->argDescrip; *p; p++)
        buffer_putc(out, *p == '|' ? ' ' : *p);
}

void completion_each(struct buffer *out, const struct command *c,
                     void (*put)(struct buffer *out, const struct command *c, const struct poptOption *o))
{
    for (const struct option_group *const *g = c->groups; g && *g; g++) {
        for (const struct poptOption *o = (*g)->options; o->longName; o++)
            put(out, c, o);
    }
    for (const struct poptOption *o = help_group.options; o->longName; o++)
        put(out, c, o);
}

int completion_print(const char *shell, int fd)
{
    static void (*const makers[])(struct buffer *) = {completion_bash, completion_zsh, completion_fish};
    struct buffer out = {0};
    for (size_t i = 0; completion_shells[i]; i++) {
        if (strcmp(completion_shells[i], shell) == 0)
            makers[i](&out);
    }
    int status = print_all(fd, out.data, out.len);
    buffer_fini(&out);
    return status;
}
