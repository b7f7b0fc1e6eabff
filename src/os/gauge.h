/* What the machine is busy with: processes that run, free memory, swapping, pressure, disks. Readers of /proc, and the
 * parsers of its texts, which are pure. Main thread.
 */
#ifndef JOBPOOL_OS_GAUGE_H
#define JOBPOOL_OS_GAUGE_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

enum gauge_pressure { GAUGE_CPU, GAUGE_IO, GAUGE_MEMORY, GAUGE_PRESSURES };

/* Which gauges are to be read; the bit of a pressure is GAUGE_READ_PRESSURE << enum gauge_pressure. */
enum {
    GAUGE_READ_RUNNING = 1,
    GAUGE_READ_AVAILABLE = 2,
    GAUGE_READ_SWAP = 4,
    GAUGE_READ_DISKS = 8,
    GAUGE_READ_PRESSURE = 16,
};

struct gauge_readings {
    int64_t running;                   /* processes and threads that run or wait for a disk, without the reader */
    int64_t available;                 /* bytes of memory that can be had without swapping */
    int swapping;                      /* was there traffic in both directions? 1, 0; -1: not known yet */
    double disk;                       /* per cent of the time that the busiest disk was busy; -1: not known yet */
    double pressure[GAUGE_PRESSURES];  /* per cent of the last ten seconds in which somebody waited for it */
};

#define GAUGE_DISKS 64

/* What rates are worked out from. Zeroed: nothing was read yet. */
struct gauges {
    int64_t swap_ns, disks_ns;
    uint64_t swapped_in, swapped_out;
    int swapping;
    double disk;
    struct gauge_disk {
        char name[32];
        uint64_t busy_ms;
    } disks[GAUGE_DISKS];
    unsigned disks_len;
};

/* Reads the gauges whose bits are set. Rates need two readings GAUGE_PERIOD_NS apart; until then they are -1. -1 with
 * ERR_SYSTEM naming the file that is missing or makes no sense. */
#define GAUGE_PERIOD_NS INT64_C(1000000000)
int gauges_read(struct gauges *g, unsigned which, int64_t mono_ns, struct gauge_readings *readings,
                struct error *err);

const char *gauge_pressure_name(enum gauge_pressure kind); /* "cpu", "io", "memory" */

/* The texts of /proc/stat, meminfo, vmstat, pressure/…, diskstats. False: it is not there. */
bool gauge_parse_running(const char *text, int64_t *running);
bool gauge_parse_available(const char *text, int64_t *bytes);
bool gauge_parse_swap(const char *text, uint64_t *in, uint64_t *out);
bool gauge_parse_pressure(const char *text, double *percent);
/* Takes the new numbers into g, and the busiest disk's part of `period_ns` into g->disk. */
void gauge_parse_disks(struct gauges *g, const char *text, int64_t period_ns);

#endif
