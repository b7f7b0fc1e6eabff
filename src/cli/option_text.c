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
