/* What {:-x} {:2:3} {#re} {%re} {/re/x} {^^re} … make of a value: compiled once, applied to every value. Private to
 * templates. Bytes in, bytes out: what comes out is as unknown as the value, and is quoted as one.
 */
#ifndef JOBPOOL_TASK_VALUE_CHANGE_H
#define JOBPOOL_TASK_VALUE_CHANGE_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"
#include "task/value_part.h"

struct value_change;

/* `form` is PART_OR_ELSE or one behind it; its texts are copied. NULL with ERR_USAGE for a bad expression. */
struct value_change *value_change_new(const struct value_form *form, struct error *err);
void value_change_free(struct value_change *c); /* NULL is allowed */

/* A view of the value, of `c`, or of `scratch`, which is emptied. Thread-safe with a scratch of one's own. */
struct slice value_change_apply(const struct value_change *c, struct slice value, struct buffer *scratch);

#endif
