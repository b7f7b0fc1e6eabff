/* When a task starts and when it repeats. Pure arithmetic: the clock is the caller's. */
#ifndef JOBPOOL_TASK_CALENDAR_H
#define JOBPOOL_TASK_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

struct schedule {
    int64_t in_ns;    /* delay before the first start; 0: none */
    int64_t at_ns;    /* real time of the first start; 0: none (in_ns counts) */
    int64_t every_ns; /* interval between starts; 0: once */
    int64_t times;    /* how many starts; 0: no bound */
    int64_t until_ns; /* real time after which nothing starts; 0: none */
};

bool schedule_is_timed(const struct schedule *s);   /* does it do anything but start once, now? */
bool schedule_repeats(const struct schedule *s);

/* How long from now to the first start: real and monotonic "now" are given. Never negative. */
int64_t schedule_first_ns(const struct schedule *s, int64_t real_now_ns, int64_t mono_now_ns);

/* After the firing that was due at `due_ns` (monotonic): when is the next one due? Firings that fell into
 * the past (now is later) are counted in *missed and passed over. Returns false if there is none: `fired`
 * counts the firings that have run so far (--times bounds those); the next one must not be after until. */
bool schedule_next(const struct schedule *s, int64_t due_ns, int64_t now_ns, int64_t real_now_ns,
                   int64_t fired, int64_t *next_due_ns, int64_t *missed);

#endif
