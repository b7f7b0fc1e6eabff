/* When a task starts and when it repeats. Pure arithmetic: the clocks are the caller's.
 *
 * A first start "at" a time is due when the wall clock shows that time, whatever the clock went through
 * before: it may be set, and it goes on while the machine sleeps. Everything else is a duration and counts
 * on the monotonic clock: the delay before a first start, and the interval from one start to the next.
 */
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

/* A moment at which something is due. */
struct due {
    int64_t ns;    /* monotonic, or real time if by_clock */
    bool by_clock; /* when the wall clock shows it */
};

/* When the first start is due; a delay counts from `mono_from_ns`. It may be over. */
struct due schedule_first(const struct schedule *s, int64_t mono_from_ns);

/* Can it start at all: is its first start, seen from now, before until? (Later the clock may be set: what
 * becomes due after until is not started then.) */
bool schedule_can_start(const struct schedule *s, int64_t real_now_ns);

/* After the firing that was due at `due_ns` (monotonic): when is the next one due? Firings that fell into
 * the past (now is later) are counted in *missed and passed over. Returns false if there is none: `fired`
 * counts the firings that have run so far (--times bounds those); the next one must not be after until. */
bool schedule_next(const struct schedule *s, int64_t due_ns, int64_t now_ns, int64_t real_now_ns,
                   int64_t fired, int64_t *next_due_ns, int64_t *missed);

#endif
