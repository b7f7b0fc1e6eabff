/* What stands in front of the lines of a task, and around them: tags and colours. */
#ifndef JOBPOOL_SINK_MARK_H
#define JOBPOOL_SINK_MARK_H

#include "base/buffer.h"
#include "task/capture.h"
#include "task/task.h"
#include "task/text_template.h"

#include <stdbool.h>

struct mark_options {
    bool tag;                             /* the task's values joined by a space, and a tab; or */
    const struct text_template *tag_text; /* what it becomes, and a tab. NULL: no such thing */
    bool color;                           /* each task in a colour of its own; 215 others come before the same one */
    bool color_failed;                    /* a task that did not succeed white on red */
};

bool mark_is_wanted(const struct mark_options *options);

struct mark {
    struct buffer tag;
    struct buffer color;
};
void mark_init(struct mark *m, const struct mark_options *options, const struct task *task);
void mark_fini(struct mark *m);

/* Moves a stream with marks put in, and `before` (NULL: nothing) in front of it. at_start: a line begins with its first byte. What cannot be moved is missing
 * then: -1 with ERR_OUTPUT. */
int mark_move(struct capture *to, struct capture *from, const struct mark *m, const struct buffer *before,
              bool at_start, struct error *err);

#endif
