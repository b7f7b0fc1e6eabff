/* The lines of a journal. Each is a JSON object of its own, and ends in a check of the bytes before it, so that
 * what was changed afterwards is found:
 *
 *   {"type":"run","version":1,"command":["gzip","{}"],"pid":4711,"started":"2026-…","check":"0a1b2c3d"}
 *   {"type":"start","seq":7,"attempt":1,"digest":"0123456789abcdef","args":["b.log"],"time":"2026-…","check":…}
 *   {"type":"end","seq":7,"attempt":1,"digest":"0123456789abcdef","state":"failed","again":false,"exit_code":1,
 *    "signal":null,"error":"ExitStatus","args":["b.log"],"started":"2026-…","finished":"2026-…","check":…}
 *
 * A run begins with its "run" line. A "start" stands there before the attempt's process is started, its "end"
 * before the next attempt's start, and before the result is reported; "again" tells that another attempt is to
 * follow. The keys come in this order, so the reader needs no JSON parser: what has the right check and another
 * order was not written by jobpool. Arguments that are long ("args":null) are told apart by the digest alone.
 */
#ifndef JOBPOOL_TASK_JOURNAL_LINE_H
#define JOBPOOL_TASK_JOURNAL_LINE_H

#include "base/buffer.h"
#include "base/slice.h"
#include "task/task.h"

#define JOURNAL_VERSION 1

enum journal_kind {
    JOURNAL_RUN,
    JOURNAL_START,
    JOURNAL_END,
};

/* What a line says, as far as resuming needs it. */
struct journal_record {
    enum journal_kind kind;
    uint64_t seq;
    uint64_t digest;
    unsigned attempt;
    enum task_state state; /* of an end */
    bool again;            /* of an end: the attempt was followed by another one, or was to be */
};

/* Append one line. `command`: the words of the command line. */
void journal_write_run(struct buffer *out, const struct words *command, int64_t real_ns);
void journal_write_start(struct buffer *out, const struct task *t, int64_t real_ns);
/* The attempt's outcome is complete. */
void journal_write_end(struct buffer *out, const struct task *t, bool again);
/* The end of an attempt that nobody saw: the run was killed meanwhile. */
void journal_write_lost(struct buffer *out, const struct journal_record *start, int64_t real_ns);

/* Reads a line (without its newline). -1 with ERR_INPUT: what is wrong with it. */
int journal_parse(struct slice line, struct journal_record *record, struct error *err);

#endif
