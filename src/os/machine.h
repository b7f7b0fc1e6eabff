/* What this process may use of the machine. */
#ifndef JOBPOOL_OS_MACHINE_H
#define JOBPOOL_OS_MACHINE_H

#include <stdint.h>

/* Processors by affinity and by the cgroup quotas (v1 and v2) above this process; at least 1. */
int machine_processors(void);
/* This process's own peak resident set, in KiB. */
long machine_peak_rss_kib(void);
/* A number that nobody can foresee. */
uint64_t machine_random(void);

#endif
