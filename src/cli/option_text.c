/* The texts of options and their values: what all groups share. */
#include "cli/option_text.h"

#include "base/buffer.h"
#include "base/duration.h"
#include "base/nearest.h"
#include "base/number.h"

#include <string.h>

const char *option_text(const char *const *texts)
{
    if (!texts || !*texts)
        return NULL;
    while (texts[1])
        texts++;
    return *texts;
}

int option_number(const char *const *texts, int64_t min, int64_t max, int64_t *value, const char *what,
                  struct error *err)
{
    const char *text = option_text(texts);
    return text ? number_parse(text, min, max, value, what, err) : 0;
}

int option_duration(const char *const *texts, int64_t *ns, const char *what, struct error *err)
{
    const char *text = option_text(texts);
    return text ? duration_parse(text, ns, what, err) : 0;
}

static int refuse_choice(const char *text, const char *const *choices, const char *what, struct error *err)
{
    struct buffer list = {0};
    for (size_t i = 0; choices[i]; i++)
        buffer_printf(&list, "%s%s", i == 0 ? "" : choices[i + 1] ? ", " : " or ", choices[i]);
    const char *near = nearest_name(text, choices);
    error_set(err, ERR_USAGE, "%s: '%.200s' is not possible; use %s%s%s%s", what, text, buffer_text(&list),
              near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
    buffer_fini(&list);
    return -1;
}

int option_choice(const char *const *texts, const char *const *choices, int *index, const char *what,
                  struct error *err)
{
    const char *text = option_text(texts);
    if (!text)
        return 0;
    for (int i = 0; choices[i]; i++) {
        if (strcmp(choices[i], text) == 0) {
            *index = i;
            return 0;
        }
    }
    return refuse_choice(text, choices, what, err);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int option_byte(const char *text)
{
    static const char names[] = "ntr0\\", bytes[] = "\n\t\r\0\\";
    size_t len = strlen(text);
    if (len == 1)
        return (unsigned char)text[0];
    if (len < 2 || text[0] != '\\')
        return -1;
    const char *name = strchr(names, text[1]);
    if (len == 2)
        return name ? (unsigned char)bytes[name - names] : -1;
    if (len != 4 || text[1] != 'x' || hex_digit(text[2]) < 0 || hex_digit(text[3]) < 0)
        return -1;
    return hex_digit(text[2]) * 16 + hex_digit(text[3]);
}
