/* The journal of a run: what it must say before something starts, and before anything is shown. */
#include "cli/command.h"
#include "cli/runner_private.h"
#include "os/clock.h"
#include "sink/journal.h"

/* A worker's thread: nothing is started that the journal does not tell of. */
bool runner_starting(void *context, struct task *t)
{
    struct runner *r = context;
    int64_t real_ns = clock_real_ns();
    if (journal_start(r->setup.journal, t, real_ns))
        return true;
    outcome_fail(&t->outcome, ERR_SHUTDOWN, "the journal could not be written");
    t->outcome.finished_real_ns = real_ns;
    return false;
}

void runner_attempt_ended(void *context, const struct task *t, bool again)
{
    struct runner *r = context;
    journal_end(r->setup.journal, t, again);
}

/* What was taken from the pool is on disk before anybody sees it. When that fails, what runs goes on, and is
 * shown. */
void runner_sync_journal(struct runner *r, const struct event_list *events, int64_t real_ns)
{
    struct error err;
    bool any_end = false;
    for (size_t i = 0; !any_end && i < events->len; i++)
        any_end = !events->items[i].output && task_state_ended(events->items[i].to);
    if (!any_end || journal_sync(r->setup.journal, &err) == 0)
        return;
    progress_hide(r->progress);
    complain("%s; starting nothing more", err.message);
    r->failed = true;
    r->no_more_input = true;
    pool_end_all(r->pool, ERR_SHUTDOWN, ERR_NONE, false, real_ns);
}
