/* Gates: what the machine must be like for tasks to start (--load, --memfree, --memsuspend, --noswap, --pressure), and
 * what becomes of running ones when memory is short. Pure: readings go in, a decision comes out.
 *
 * A start changes the readings, but only after a while. So no reading allows more starts than would, each for itself,
 * take it to its bound: with --load 8 and 5 processes that run, three; with --memfree 1G and 3 GiB free, three.
 */
#ifndef JOBPOOL_POOL_GATE_H
#define JOBPOOL_POOL_GATE_H

#include "os/gauge.h"

#include <stdbool.h>
#include <stdint.h>

/* Of pressure and disk 0 is a bound like any other; there is no rule where it is negative. */
struct gate_rules {
    double load;       /* start while fewer processes run; 0: no rule */
    int64_t memfree;   /* start while so many bytes are free, or more; 0: no rule */
    int64_t memsuspend; /* suspend young tasks while less than twice as many bytes are free; 0: no rule */
    bool noswap;       /* start while the machine does not swap in and out */
    double disk;       /* start while no disk is busy for more per cent of the time; -1: no rule */
    double pressure[GAUGE_PRESSURES]; /* start while it is no more; -1: no rule */
};

/* Which gauges the rules look at; 0: there are no rules. */
unsigned gate_gauges(const struct gate_rules *rules);

#define GATE_REASON 128

struct gate_decision {
    unsigned starts;          /* how many tasks may start; 0: none, for the reason: */
    char reason[GATE_REASON]; /* "waiting for the load, 7, to fall below 4" */
    int rule;                 /* a number for the kind of reason */
    unsigned run_most;        /* how many of the running tasks may go on; UINT_MAX: all */
    bool yield;               /* the youngest is to go back to the queue */
};

/* `running` tasks, `held` of them suspended for --memsuspend. */
struct gate_decision gate_decide(const struct gate_rules *rules, const struct gauge_readings *readings,
                                 unsigned running, unsigned held);

#endif
