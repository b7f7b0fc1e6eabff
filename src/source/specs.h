/* JSON values from a stream, one at a time: JSON Lines, values that span lines, or one JSON array of values.
 * Finds where each value ends without building it, so that a bad line costs only itself.
 */
#ifndef JOBPOOL_SOURCE_SPECS_H
#define JOBPOOL_SOURCE_SPECS_H

#include "base/slice.h"
#include "source/source.h"

#include <stdint.h>

struct specs;

/* Reads from a file, or from "-" (stdin). NULL with ERR_INPUT if it cannot be opened. */
struct specs *specs_open(const char *path, struct error *err);
/* Reads from `fd` (kept open; closed by specs_free if `own`). */
struct specs *specs_new(int fd, bool own);
void specs_free(struct specs *s);
int specs_fd(const struct specs *s);

/* The text of the next value in *text (valid until the next call) and the number of its first line in
 * *line. SOURCE_ERROR with ERR_SPEC: a line that is no JSON value (*text holds it; reading resumes behind
 * it). With ERR_INPUT: the stream cannot be read. Values longer than 64 MiB are refused. A value that
 * stands complete on a line is given as soon as the line's end is there: a conversation never waits for
 * the next line. */
enum source_status specs_next(struct specs *s, struct slice *text, uint64_t *line, struct error *err);

#endif
