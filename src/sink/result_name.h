/* What the files of a task are called: GNU parallel's tree, or what the user's template says. Pure.
 *
 *     DIR/1/VALUE/2/VALUE/…      the number of each value's source, and the value
 *     DIR/id/ID/…                a task without values, where there may be several of them
 *     PREFIX{…}                  a template: with a slash at the end a directory, else the file for stdout
 *
 * In the tree a value is one name, whatever is in it: a slash is \_, a backslash two, . and .. have a backslash in
 * front, and what is longer than 255 bytes is cut. An empty one is no name: its files lie one level higher. A
 * template that begins with a directory never leads out of it: behind it .. has a backslash in front as well. One
 * that begins with a replacement string names whatever file the value does.
 */
#ifndef JOBPOOL_SINK_RESULT_NAME_H
#define JOBPOOL_SINK_RESULT_NAME_H

#include "base/buffer.h"
#include "task/task.h"
#include "task/text_template.h"

#include <stdbool.h>
#include <stddef.h>

#define RESULT_NAME_MOST 255 /* bytes of a name in the tree */

struct result_naming {
    const struct text_template *template; /* one without replacement strings is DIR; it is not empty */
    size_t sources;            /* values come from so many sources in turn; 0: each from one of its own */
    size_t whole;              /* only so many values in front are in the tree; 0: all */
    const struct words *names; /* the sources' in place of their numbers; an empty one is none. NULL: they have none */
    bool several;              /* tasks without values are told apart by their id */
};

/* Appends the name without an end. true: it is the name of a directory, and ends with a slash. */
bool result_name(struct buffer *out, const struct result_naming *naming, const struct task *task);

#endif
