/* The two clocks. Intervals and timers use the monotonic one; timestamps the real one. */
#ifndef JOBPOOL_OS_CLOCK_H
#define JOBPOOL_OS_CLOCK_H

#include <stdint.h>

int64_t clock_monotonic_ns(void);
int64_t clock_real_ns(void);

#endif
