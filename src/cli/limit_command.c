#include "cli/limit_command.h"

#include "base/alloc.h"
#include "os/clock.h"
#include "pool/pool.h"

#include <stdlib.h>
#include <string.h>

struct limit_command {
    struct output *err;
    struct spec *spec;
    struct pool *pool;
    struct executor *executor;
    bool asked;
};

static struct spec *limit_spec(const struct limit_options *options, struct error *err)
{
    struct words words = {0};
    struct template_options template_options = {
        .form = TEMPLATE_SCRIPT, .literal = true, .shell_path = options->shell_path};
    words_add(&words, options->script, strlen(options->script));
    struct template *template = template_new(&words, &template_options, err);
    words_fini(&words);
    if (!template)
        return NULL;
    struct spec *spec = spec_new();
    spec->id = xstrdup("--limit"); /* not a number: its processes are no task's */
    spec->template = template;
    spec->timeout_ns = 0;
    spec->retries = 0;
    return spec;
}

struct limit_command *limit_command_new(const struct limit_options *options, struct error *err)
{
    struct spec *spec = limit_spec(options, err);
    if (!spec)
        return NULL;
    struct limit_command *c = xcalloc(1, sizeof *c);
    struct supervisor_config supervisor = options->supervisor;
    struct pool_config config = {
        .slots = 1,
        .workers = 1,
        .policy = queue_policy_find("fifo"),
        .max_queue = 1,
        .max_queue_bytes = SIZE_MAX,
        .notify = options->notify,
        .notify_context = options->context,
    };
    supervisor.workers = 1;
    supervisor.input_file = NULL;
    supervisor.input_fd = -1;
    c->err = options->err;
    c->spec = spec;
    c->pool = pool_new(&config);
    struct dispatcher dispatcher = pool_dispatcher(c->pool);
    c->executor = supervisor_start(&supervisor, &dispatcher, err);
    if (!c->executor) {
        limit_command_free(c);
        return NULL;
    }
    pool_set_executor(c->pool, c->executor);
    return c;
}

void limit_command_free(struct limit_command *c)
{
    if (!c)
        return;
    pool_end_all(c->pool, ERR_SHUTDOWN, ERR_SHUTDOWN, true, clock_real_ns());
    if (c->executor)
        c->executor->ops->stop(c->executor);
    pool_free(c->pool);
    spec_unref(c->spec);
    free(c);
}

void limit_command_ask(struct limit_command *c, int64_t mono_ns, int64_t real_ns)
{
    if (!c->asked)
        c->asked = pool_submit(c->pool, task_new(c->spec, NULL), mono_ns, real_ns, NULL) == 0;
}

bool limit_command_is_asked(const struct limit_command *c)
{
    return c->asked;
}

static enum limit_answer answer_of(const struct outcome *o, struct error *err)
{
    if (o->code == ERR_NONE)
        return LIMIT_BELOW;
    if (o->code == ERR_EXIT_STATUS && o->exit_code <= 2)
        return o->exit_code == 1 ? LIMIT_OVER : LIMIT_WAY_OVER;
    error_set(err, ERR_SYSTEM, "--limit: %s; it must exit with 0, 1 or 2", o->message);
    return LIMIT_FAILED;
}

enum limit_answer limit_command_answer(struct limit_command *c, int64_t mono_ns, int64_t real_ns, struct error *err)
{
    struct event_list events = {0};
    enum limit_answer answer = LIMIT_NONE;
    pool_drain(c->pool, &events, mono_ns, real_ns);
    for (size_t i = 0; i < events.len; i++) {
        struct task *t = events.items[i].task;
        answer = answer_of(&t->outcome, err);
        output_capture(c->err, &t->outcome.out);
        output_capture(c->err, &t->outcome.err);
        task_unref(t);
        c->asked = false;
    }
    free(events.items);
    return answer;
}

void limit_command_orphans_reaped(struct limit_command *c)
{
    if (c)
        supervisor_orphans_reaped(c->executor);
}
