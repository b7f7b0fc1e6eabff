#include "cli/gnu_status.h"

#include "cli/options.h"

#define FAILED_MOST 101

int failure_status(int status)
{
    return parallel_options.on ? 255 : status;
}

static bool is_failure(enum task_state state)
{
    return state == TASK_FAILED || state == TASK_TIMED_OUT || state == TASK_LOST;
}

bool gnu_decides(const struct halt_rule *rule, enum task_state state)
{
    if (rule->when == HALT_NEVER || rule->count != 1)
        return false;
    switch (rule->what) {
    case HALT_FAIL:
        return is_failure(state);
    case HALT_SUCCESS:
        return state == TASK_SUCCEEDED;
    case HALT_DONE:
        break;
    }
    return is_failure(state) || state == TASK_SUCCEEDED;
}

int gnu_status(const struct summary *s, const struct halt_rule *rule, int decisive)
{
    uint64_t failed =
        s->counts[TASK_FAILED] + s->counts[TASK_TIMED_OUT] + s->counts[TASK_LOST] + s->bad_lines;
    uint64_t ended = failed + s->counts[TASK_SUCCEEDED];
    if (s->halted && decisive >= 0)
        return decisive;
    if (s->halted && s->halted_by_success)
        return 0;
    if (rule->when != HALT_NEVER && rule->percent && ended)
        return (int)((failed * 100 + ended - 1) / ended);
    return failed < FAILED_MOST ? (int)failed : FAILED_MOST;
}
