/* Results: the one JSON object that tells what a task ended with (schema: result.schema.json).
 *
 * Written by a direct, table-driven writer: no JSON tree, constant memory even over spilled output. A
 * string is text if the whole value is valid UTF-8; else the key is null and KEY_base64 has the bytes.
 */
#ifndef JOBPOOL_TASK_RESULT_H
#define JOBPOOL_TASK_RESULT_H

#include "base/buffer.h"
#include "base/error.h"
#include "task/json.h"
#include "task/task.h"

/* Appends the object without a newline. `flush` (may be NULL) is called when the buffer has grown beyond
 * 64 KiB, with the same context, and empties it: so a huge result passes through in pieces. -1 with
 * ERR_OUTPUT if the captured output cannot be read back, or with flush's error; then the object is
 * incomplete. */
struct result_flush {
    int (*write)(void *context, struct buffer *out, struct error *err);
    void *context;
};
int result_write(struct buffer *out, const struct task *task, const struct result_flush *flush,
                 struct error *err);

#endif
