/* What holds starts up in a run: gauges that are read, a command that is asked (--limit), slots that a file says (-j FILE).
 *
 * The pool starts nothing without a permit (pool_permit). When a permit is all that it lacks, or while tasks run that
 * memory may become too short for, the gauges are read, in a turn of the loop, by its timer. Nothing is read else.
 */
#include "base/duration.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/runner_private.h"
#include "os/clock.h"

#include <stdio.h>

#define OPEN_NS   (10 * NS_PER_MS)  /* the next reading after one that let tasks start, at the earliest */
#define CLOSED_NS (200 * NS_PER_MS) /* after one that did not */
#define WATCH_NS  (250 * NS_PER_MS) /* while memory is watched */
#define PERMIT_NS (100 * NS_PER_MS) /* how long a permit lasts */
#define ASK_NS    (500 * NS_PER_MS) /* between two questions whose answer was no */
#define SAY_NS    (10 * NS_PER_S)   /* the same reason again is not said sooner */
#define WAIT_WORTH_TELLING_NS NS_PER_S

enum { RULE_OWN = 100, RULE_LIMIT, RULE_GAUGE }; /* beside those of pool/gate */

/* ---- birth ---- */

/* A gauge that this kernel does not have is refused before anything starts. */
static int try_gauges(struct runner *r, struct error *err)
{
    static const struct {
        unsigned which;
        const char *option;
    } options[] = {
        {GAUGE_READ_RUNNING, "--load"},
        {GAUGE_READ_AVAILABLE, "--memfree and --memsuspend"},
        {GAUGE_READ_SWAP, "--noswap"},
        {GAUGE_READ_DISKS, "--limit io"},
        {GAUGE_READ_PRESSURE << GAUGE_CPU, "--pressure cpu"},
        {GAUGE_READ_PRESSURE << GAUGE_IO, "--pressure io"},
        {GAUGE_READ_PRESSURE << GAUGE_MEMORY, "--pressure memory"},
    };
    struct gauge_readings ignored;
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        unsigned which = options[i].which & r->gate.gauges_wanted;
        if (gauges_read(&r->gate.gauges, which, r->started_ns, &ignored, err) < 0) {
            err->code = ERR_USAGE;
            return error_prefix(err, "%s is not possible here", options[i].option);
        }
    }
    return 0;
}

static void limit_notify(void *context)
{
    struct runner *r = context;
    ev_async_send(r->loop, &r->wake);
}

int runner_gate_init(struct runner *r, struct error *err)
{
    struct runner_gate *g = &r->gate;
    g->gauges_wanted = gate_gauges(&gate_options.rules);
    if (pool_options.slots_file)
        file_watch_init(&g->file, pool_options.slots_file);
    return try_gauges(r, err);
}

bool runner_is_gated(const struct runner *r)
{
    return r->gate.gauges_wanted || gate_options.limit;
}

int runner_gate_start(struct runner *r, struct error *err)
{
    struct limit_options limit = {
        .script = gate_options.limit,
        .shell_path = shell_options.path,
        .supervisor = r->supervisor,
        .err = r->err,
        .notify = limit_notify,
        .context = r,
    };
    if (!gate_options.limit)
        return 0;
    r->gate.limit = limit_command_new(&limit, err);
    return r->gate.limit ? 0 : -1;
}

void runner_gate_free(struct runner *r)
{
    limit_command_free(r->gate.limit);
    r->gate.limit = NULL;
    file_watch_fini(&r->gate.file);
}

/* ---- what is said ---- */

static void gate_waits(struct runner *r, int rule, const char *reason, int64_t mono_ns)
{
    struct runner_gate *g = &r->gate;
    snprintf(g->reason, sizeof g->reason, "%s", reason);
    progress_waits(r->progress, g->reason);
    if (!output_options.verbose || (rule == g->said_rule && mono_ns - g->said_ns < SAY_NS))
        return;
    g->said_rule = rule;
    g->said_ns = mono_ns;
    progress_hide(r->progress);
    complain("%s", reason);
    output_commit(r->err);
}

static void gate_opens(struct runner *r)
{
    if (r->gate.reason[0])
        progress_waits(r->progress, NULL);
    r->gate.reason[0] = '\0';
}

const char *runner_waits_for(struct runner *r, char space[GATE_REASON])
{
    int64_t mono_ns = clock_monotonic_ns();
    int64_t next_ns = pool_next_start(r->pool);
    char left[24];
    if (r->gate.reason[0])
        return r->gate.reason;
    if (next_ns - mono_ns < WAIT_WORTH_TELLING_NS)
        return NULL;
    snprintf(space, GATE_REASON, "waiting for the next start (--delay, --rate), in %s",
             duration_format(next_ns - mono_ns, left, sizeof left));
    return space;
}

static void say_yields(struct runner *r, const char *why)
{
    if (!output_options.verbose)
        return;
    progress_hide(r->progress);
    complain("%s: the youngest task is ended and goes back to the queue", why);
    output_commit(r->err);
}

/* ---- --limit ---- */

/* Asks, or hears the answer. Returns whether a task may start. */
static bool limit_allows(struct runner *r, bool wants, int64_t mono_ns, int64_t real_ns)
{
    struct runner_gate *g = &r->gate;
    struct error err;
    char reason[GATE_REASON];
    enum limit_answer answer = limit_command_answer(g->limit, mono_ns, real_ns, &err);
    if (answer != LIMIT_NONE && answer != LIMIT_BELOW)
        g->ask_ns = mono_ns + ASK_NS;
    switch (answer) {
    case LIMIT_NONE:
        if (wants && mono_ns >= g->ask_ns)
            limit_command_ask(g->limit, mono_ns, real_ns);
        return false;
    case LIMIT_BELOW:
        return true;
    case LIMIT_WAY_OVER:
        if (pool_yield_youngest(r->pool, 0))
            say_yields(r, "--limit says that it is way over");
        /* fall through */
    case LIMIT_OVER:
        snprintf(reason, sizeof reason, "waiting for --limit '%.80s' to allow a start", gate_options.limit);
        gate_waits(r, RULE_LIMIT, reason, mono_ns);
        return false;
    case LIMIT_FAILED:
        if (!g->told_limit)
            complain("%s", err.message);
        g->told_limit = true;
        gate_waits(r, RULE_OWN, "waiting for --limit to exit with 0", mono_ns);
        return false;
    }
    return false;
}

/* ---- gauges ---- */

/* Reads the gauges, sees to the tasks that run, and says how many may start. */
static unsigned gate_look(struct runner *r, bool wants, unsigned running, unsigned held, int64_t mono_ns)
{
    struct runner_gate *g = &r->gate;
    struct gauge_readings readings;
    struct error err;
    if (gauges_read(&g->gauges, g->gauges_wanted, mono_ns, &readings, &err) < 0) {
        gate_waits(r, RULE_GAUGE, err.message, mono_ns);
        return 0;
    }
    struct gate_decision d = gate_decide(&gate_options.rules, &readings, running, held);
    if (gate_options.rules.memsuspend)
        pool_hold_but(r->pool, d.run_most);
    if (d.yield && pool_yield_youngest(r->pool, 1))
        say_yields(r, "free memory is below half of --memfree");
    if (d.starts == 0 && (wants || held))
        gate_waits(r, d.rule, d.reason, mono_ns);
    return d.starts;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a && (!b || a < b) ? a : b;
}

static int64_t next_look(const struct runner_gate *g, bool wants)
{
    if (!g->looked_ns)
        return 0;
    return g->looked_ns + (!wants ? WATCH_NS : g->was_closed ? CLOSED_NS : OPEN_NS);
}

int64_t runner_gate_turn(struct runner *r, int64_t mono_ns, int64_t real_ns)
{
    struct runner_gate *g = &r->gate;
    unsigned running = 0, held = 0;
    if (!runner_is_gated(r))
        return 0;
    bool wants = pool_wants_permit(r->pool, mono_ns);
    bool watches = gate_options.rules.memfree || gate_options.rules.memsuspend;
    if (watches)
        pool_count_running(r->pool, &running, &held);
    watches = watches && running > 0;
    if (!wants && !watches)
        gate_opens(r);
    bool looks = g->gauges_wanted && (wants || watches);
    if (looks && mono_ns >= next_look(g, wants)) {
        g->starts = gate_look(r, wants, running, held, mono_ns);
        g->was_closed = g->starts == 0;
        g->looked_ns = mono_ns;
        g->starts_until_ns = mono_ns + PERMIT_NS;
    }
    bool gauges_allow = !g->gauges_wanted || (g->starts && mono_ns < g->starts_until_ns);
    if (g->limit && limit_allows(r, wants && gauges_allow, mono_ns, real_ns) && wants && gauges_allow) {
        pool_permit(r->pool, 1, mono_ns + PERMIT_NS, mono_ns);
        g->starts -= g->gauges_wanted ? 1 : 0;
        gate_opens(r);
    } else if (!g->limit && wants && gauges_allow) {
        pool_permit(r->pool, g->starts, g->starts_until_ns, mono_ns);
        g->starts = 0;
        gate_opens(r);
    }
    int64_t next_ns = looks ? next_look(g, wants) : 0;
    if (g->limit && wants && gauges_allow && !limit_command_is_asked(g->limit))
        next_ns = earlier(next_ns, g->ask_ns > mono_ns ? g->ask_ns : mono_ns + 1);
    return next_ns;
}

/* ---- -j FILE ---- */

void runner_slots_turn(struct runner *r, int64_t mono_ns)
{
    struct error err;
    unsigned slots;
    if (!pool_options.slots_file || !file_watch_changed(&r->gate.file))
        return;
    if (options_read_slots_file(pool_options.slots_file, &slots, &err) < 0) {
        progress_hide(r->progress);
        complain("%s; going on as before", err.message);
        return;
    }
    pool_set_slots(r->pool, slots ? slots : SLOTS_MAX, mono_ns);
}
