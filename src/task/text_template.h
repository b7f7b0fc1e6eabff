/* Texts with replacement strings, for tags and names of files: values are put in as they are, and nothing is
 * executed. */
#ifndef JOBPOOL_TASK_TEXT_TEMPLATE_H
#define JOBPOOL_TASK_TEXT_TEMPLATE_H

#include "base/buffer.h"
#include "task/task.h"

#include <stddef.h>

struct text_template;

/* Of the options syntax, names, whole and slots count. NULL: ERR_USAGE. */
struct text_template *text_template_new(const char *text, const struct template_options *options, struct error *err);
void text_template_free(struct text_template *t); /* NULL is allowed */

/* How many bytes stand in front of the first replacement string; all if there is none. */
size_t text_template_prefix(const struct text_template *t);
const char *text_template_text(const struct text_template *t); /* as it was given */

/* Appends what it becomes for a task. */
void text_template_write(const struct text_template *t, const struct task *task, struct buffer *out);

#endif
