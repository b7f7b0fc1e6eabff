/* --term-seq: the signals with which a task is ended, and how long each is given, as GNU parallel writes it:
 * TERM,200,TERM,100,TERM,50,KILL,25 (milliseconds). Whatever the sequence, KILL ends it.
 */
#ifndef JOBPOOL_EXECUTOR_TERM_SEQ_H
#define JOBPOOL_EXECUTOR_TERM_SEQ_H

#include "base/error.h"

#include <stdint.h>

#define TERM_STEPS 16

struct term_seq {
    struct {
        int signal;
        int64_t wait_ns; /* before the next one */
    } steps[TERM_STEPS];
    int len;             /* 0: none was given */
};

/* ERR_USAGE naming the part that is wrong. */
int term_seq_parse(const char *text, struct term_seq *seq, struct error *err);
/* How long after the first signal KILL is sent. */
int64_t term_seq_kill_after_ns(const struct term_seq *seq);

#endif
