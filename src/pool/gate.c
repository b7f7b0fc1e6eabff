#include "pool/gate.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#define STARTS_MOST 64 /* of one reading, whatever it says */

unsigned gate_gauges(const struct gate_rules *rules)
{
    unsigned which = 0;
    if (rules->load > 0)
        which |= GAUGE_READ_RUNNING;
    if (rules->memfree || rules->memsuspend)
        which |= GAUGE_READ_AVAILABLE;
    if (rules->noswap)
        which |= GAUGE_READ_SWAP;
    if (rules->disk >= 0)
        which |= GAUGE_READ_DISKS;
    for (int kind = 0; kind < GAUGE_PRESSURES; kind++) {
        if (rules->pressure[kind] >= 0)
            which |= (unsigned)GAUGE_READ_PRESSURE << kind;
    }
    return which;
}

enum { RULE_LOAD = 1, RULE_MEMFREE, RULE_MEMSUSPEND, RULE_NOSWAP, RULE_DISK, RULE_PRESSURE };

__attribute__((format(printf, 3, 4))) static void forbid(struct gate_decision *d, int rule, const char *format, ...)
{
    if (d->starts == 0)
        return; /* one reason is enough */
    va_list args;
    va_start(args, format);
    vsnprintf(d->reason, sizeof d->reason, format, args);
    va_end(args);
    d->rule = rule;
    d->starts = 0;
}

static void allow(struct gate_decision *d, double starts)
{
    unsigned most = starts < 1 ? 1 : starts < STARTS_MOST ? (unsigned)starts : STARTS_MOST;
    d->starts = d->starts < most ? d->starts : most;
}

/* "1.5G" */
static const char *size_text(int64_t bytes, char text[16])
{
    static const char units[] = " KMGTPE";
    double value = (double)bytes;
    int unit = 0;
    while (value >= 1024 && units[unit + 1]) {
        value /= 1024;
        unit++;
    }
    if (unit == 0)
        snprintf(text, 16, "%d", (int)bytes);
    else
        snprintf(text, 16, "%.1f%c", value, units[unit]);
    return text;
}

static void decide_load(struct gate_decision *d, double most, int64_t running)
{
    if ((double)running >= most)
        forbid(d, RULE_LOAD, "waiting for the load, %lld, to fall below %.4g", (long long)running, most);
    else
        allow(d, ceil(most - (double)running));
}

static void decide_memfree(struct gate_decision *d, int64_t least, int64_t available)
{
    char now[16], wanted[16];
    if (available < least)
        forbid(d, RULE_MEMFREE, "waiting for free memory, %s, to reach %s", size_text(available, now),
               size_text(least, wanted));
    else
        allow(d, (double)available / (double)least);
    d->yield = available < least / 2;
}

/* From twice the size down to the size fewer and fewer may go on, then one. A task that would have to be suspended at
 * once is not started. */
static void decide_memsuspend(struct gate_decision *d, int64_t size, int64_t available, unsigned running,
                              unsigned held)
{
    char now[16], wanted[16];
    double free_sizes = (double)available / (double)size;
    if (free_sizes < 1)
        d->run_most = 1;
    else if (free_sizes < 2 && 1 / (2 - free_sizes) < (double)INT_MAX)
        d->run_most = 1 + (unsigned)(1 / (2 - free_sizes));
    else if (held > 0)
        d->run_most = running - held + 1; /* one after the other, as memory allows */
    if (running > 0 && (held > 0 || free_sizes < 2))
        forbid(d, RULE_MEMSUSPEND, "waiting for free memory, %s, to reach twice %s%s", size_text(available, now),
               size_text(size, wanted), held ? ", with tasks suspended" : "");
}

struct gate_decision gate_decide(const struct gate_rules *rules, const struct gauge_readings *readings,
                                 unsigned running, unsigned held)
{
    struct gate_decision d = {.starts = STARTS_MOST, .run_most = UINT_MAX};
    if (rules->load > 0)
        decide_load(&d, rules->load, readings->running);
    if (rules->memfree)
        decide_memfree(&d, rules->memfree, readings->available);
    if (rules->memsuspend)
        decide_memsuspend(&d, rules->memsuspend, readings->available, running, held);
    if (rules->noswap && readings->swapping > 0)
        forbid(&d, RULE_NOSWAP, "waiting for the machine to stop swapping");
    if (rules->disk >= 0 && readings->disk > rules->disk)
        forbid(&d, RULE_DISK, "waiting for disks, %.0f%% busy, to fall to %.4g%%", readings->disk, rules->disk);
    if ((rules->noswap && readings->swapping < 0) || (rules->disk >= 0 && readings->disk < 0))
        allow(&d, 1); /* it is not known yet */
    for (int kind = 0; kind < GAUGE_PRESSURES; kind++) {
        double most = rules->pressure[kind];
        if (most >= 0 && readings->pressure[kind] > most)
            forbid(&d, RULE_PRESSURE + kind, "waiting for %s pressure, %.1f%%, to fall to %.4g%%",
                   gauge_pressure_name((enum gauge_pressure)kind), readings->pressure[kind], most);
    }
    return d;
}
