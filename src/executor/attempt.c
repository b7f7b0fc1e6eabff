#include "executor/attempt.h"

#include <signal.h>

void attempt_init(struct attempt *a, int64_t now_ns, int64_t timeout_ns, int64_t kill_after_ns, int pipes)
{
    *a = (struct attempt){
        .phase = ATTEMPT_RUNNING,
        .timeout_ns = timeout_ns,
        .kill_after_ns = kill_after_ns,
        .due_ns = timeout_ns ? now_ns + timeout_ns : 0,
        .open_pipes = pipes,
        .signal = SIGTERM,
    };
}

void attempt_set_sequence(struct attempt *a, const struct term_seq *seq)
{
    a->seq = seq->len ? seq : NULL;
}

static unsigned attempt_finish(struct attempt *a)
{
    a->phase = ATTEMPT_OVER;
    a->due_ns = 0;
    return ATTEMPT_DO_FINISH;
}

static unsigned attempt_kill(struct attempt *a, int64_t now_ns)
{
    a->killed = true;
    if (a->dead) {
        a->phase = ATTEMPT_CLEARING;
        a->due_ns = now_ns + ATTEMPT_CLEAR_NS;
        return ATTEMPT_DO_KILL | ATTEMPT_DO_LOOK;
    }
    a->phase = ATTEMPT_KILLED;
    a->due_ns = 0;
    return ATTEMPT_DO_KILL;
}

/* The next signal of the sequence, KILL when it is over. */
static unsigned attempt_step(struct attempt *a, int64_t now_ns)
{
    if (a->step == a->seq->len || a->seq->steps[a->step].signal == SIGKILL)
        return attempt_kill(a, now_ns);
    a->signal = a->seq->steps[a->step].signal;
    a->due_ns = now_ns + a->seq->steps[a->step].wait_ns;
    a->step++;
    return ATTEMPT_DO_TERM;
}

/* The root is dead and something is left: TERM, then KILL. What survived a TERM that was sent before has
 * the rest of its time; without a time for that (kill_after is 0: the root was to end by itself, and did)
 * as long as any other. */
static unsigned attempt_clear(struct attempt *a, int64_t now_ns)
{
    a->phase = ATTEMPT_CLEARING;
    if (a->killed)
        return attempt_kill(a, now_ns);
    if (a->why != ERR_NONE) {
        if (!a->kill_due_ns)
            a->kill_due_ns = now_ns + ATTEMPT_CLEAR_NS;
        a->due_ns = a->kill_due_ns;
        return ATTEMPT_DO_NOTHING;
    }
    a->leaked = true;
    a->kill_due_ns = a->due_ns = now_ns + ATTEMPT_CLEAR_NS;
    return ATTEMPT_DO_TERM | ATTEMPT_DO_LOOK;
}

unsigned attempt_stop(struct attempt *a, enum error_code why, bool kill, int64_t now_ns)
{
    if (a->phase == ATTEMPT_OVER || a->killed)
        return ATTEMPT_DO_NOTHING;
    unsigned resume = a->suspended_ns ? ATTEMPT_DO_CONT : ATTEMPT_DO_NOTHING;
    a->suspended_ns = 0;
    if (!a->dead && a->why == ERR_NONE)
        a->why = why;
    if (kill)
        return resume | attempt_kill(a, now_ns);
    if (a->phase != ATTEMPT_RUNNING)
        return resume;
    a->phase = ATTEMPT_STOPPING;
    if (a->seq) {
        a->kill_due_ns = now_ns + term_seq_kill_after_ns(a->seq);
        return resume | attempt_step(a, now_ns);
    }
    a->kill_due_ns = a->due_ns = a->kill_after_ns ? now_ns + a->kill_after_ns : 0;
    return ATTEMPT_DO_TERM;
}

unsigned attempt_suspend(struct attempt *a, int64_t now_ns)
{
    if (a->suspended_ns || a->phase != ATTEMPT_RUNNING)
        return ATTEMPT_DO_NOTHING;
    a->suspended_ns = now_ns;
    return ATTEMPT_DO_STOP;
}

unsigned attempt_resume(struct attempt *a, int64_t now_ns)
{
    if (!a->suspended_ns)
        return ATTEMPT_DO_NOTHING;
    if (a->due_ns)
        a->due_ns += now_ns - a->suspended_ns;
    a->suspended_ns = 0;
    return ATTEMPT_DO_CONT;
}

unsigned attempt_timer(struct attempt *a, int64_t now_ns)
{
    if (a->suspended_ns)
        return ATTEMPT_DO_NOTHING;
    switch (a->phase) {
    case ATTEMPT_RUNNING:
        return attempt_stop(a, ERR_TIMEOUT, false, now_ns);
    case ATTEMPT_STOPPING:
        return a->seq ? attempt_step(a, now_ns) : attempt_kill(a, now_ns);
    case ATTEMPT_DRAINING: /* the pipes are held by what is left, or by nobody that can be found */
        if (a->left)
            return attempt_clear(a, now_ns);
        a->leaked = a->leaked || a->why == ERR_NONE;
        return attempt_finish(a);
    case ATTEMPT_CLEARING:
        return a->killed ? attempt_finish(a) : attempt_kill(a, now_ns);
    case ATTEMPT_KILLED:
    case ATTEMPT_OVER:
        break;
    }
    return ATTEMPT_DO_NOTHING;
}

unsigned attempt_root_dead(struct attempt *a, int64_t now_ns)
{
    a->dead = true;
    a->suspended_ns = 0;
    a->due_ns = now_ns + ATTEMPT_DRAIN_NS;
    a->phase = ATTEMPT_DRAINING;
    return ATTEMPT_DO_LOOK;
}

unsigned attempt_pipe_ended(struct attempt *a)
{
    a->open_pipes--;
    return a->dead && a->open_pipes == 0 ? ATTEMPT_DO_LOOK : ATTEMPT_DO_NOTHING;
}

unsigned attempt_looked(struct attempt *a, bool left, int64_t now_ns)
{
    if (!a->dead || a->phase == ATTEMPT_OVER)
        return ATTEMPT_DO_NOTHING;
    a->left = left;
    if (!left && a->open_pipes == 0)
        return attempt_finish(a);
    if (left && a->phase == ATTEMPT_DRAINING && (a->open_pipes == 0 || a->why != ERR_NONE))
        return attempt_clear(a, now_ns);
    return ATTEMPT_DO_NOTHING;
}
