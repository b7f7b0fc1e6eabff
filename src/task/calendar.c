/* When a task starts and when it repeats. Points in time are far from the ends of int64_t in practice, but
 * an interval may be as long as 292 years: sums are checked, and one that does not fit never comes.
 */
#include "task/calendar.h"

bool schedule_is_timed(const struct schedule *s)
{
    return s->in_ns > 0 || s->at_ns != 0 || s->every_ns > 0;
}

bool schedule_repeats(const struct schedule *s)
{
    return s->every_ns > 0;
}

struct due schedule_first(const struct schedule *s, int64_t mono_from_ns)
{
    struct due due = {.ns = s->at_ns, .by_clock = s->at_ns != 0};
    if (!due.by_clock && __builtin_add_overflow(mono_from_ns, s->in_ns, &due.ns))
        due.ns = INT64_MAX;
    return due;
}

bool schedule_can_start(const struct schedule *s, int64_t real_now_ns)
{
    int64_t first_ns = s->at_ns > real_now_ns ? s->at_ns : real_now_ns;
    if (s->at_ns == 0 && __builtin_add_overflow(real_now_ns, s->in_ns, &first_ns))
        first_ns = INT64_MAX;
    return s->until_ns == 0 || first_ns < s->until_ns;
}

bool schedule_next(const struct schedule *s, int64_t due_ns, int64_t now_ns, int64_t real_now_ns,
                   int64_t fired, int64_t *next_due_ns, int64_t *missed)
{
    int64_t step, wait_ns, real_ns;
    *missed = 0;
    if (s->every_ns <= 0 || (s->times > 0 && fired >= s->times))
        return false;
    /* A firing that is due right now is not in the past. */
    if (now_ns > due_ns)
        *missed = (now_ns - due_ns - 1) / s->every_ns;
    if (__builtin_mul_overflow(*missed + 1, s->every_ns, &step) ||
        __builtin_add_overflow(due_ns, step, next_due_ns))
        return false;
    if (s->until_ns == 0)
        return true;
    return !__builtin_sub_overflow(*next_due_ns, now_ns, &wait_ns) &&
           !__builtin_add_overflow(real_now_ns, wait_ns, &real_ns) && real_ns <= s->until_ns;
}
