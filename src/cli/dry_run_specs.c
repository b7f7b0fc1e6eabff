/* run --dry-run: each line is taken or refused as in a session, and its tasks are shown. It is a run whose tasks
 * take no time and whose queue is never full: what starts at once has ended when the next line is read; what
 * waits for a time or repeats, and daemons, stay. So no more ids are kept than in a run. Ops that submit nothing
 * are checked and passed over, but for those behind which the pool takes no more.
 */
#include "base/alloc.h"
#include "cli/command.h"
#include "cli/dry_run.h"
#include "cli/task_spec.h"
#include "os/clock.h"
#include "session/request.h"

#include <stdio.h>
#include <stdlib.h>

struct dry_lines {
    struct dry_run run;
    struct registry known;
    bool closed;
};

static bool takes_time(const struct spec *spec)
{
    return spec->daemon || schedule_is_timed(&spec->schedule);
}

/* ---- showing ---- */

/* The task that was shown last; `id` (NULL: its number) is its own. */
static void remember_task(struct dry_lines *d, const struct spec *spec, const char *id)
{
    char number[TASK_ID_SIZE];
    snprintf(number, sizeof number, "%llu", (unsigned long long)d->run.tasks);
    struct registry_entry *e =
        registry_add_submitted(&d->known, id ? id : number, schedule_repeats(&spec->schedule), NULL);
    if (!takes_time(spec))
        registry_end(&d->known, e, TASK_SUCCEEDED);
}

/* An item as a spec of its own. */
static void show_item(struct dry_lines *d, const struct request *q, size_t index)
{
    static const char *const of_map[] = {"op", "req", "over", "chunksize"};
    struct words values = {0};
    json_t *origin = json_copy(q->object);
    char *id = q->spec->id ? request_item_id(q, index) : NULL;
    for (size_t i = 0; i < sizeof of_map / sizeof of_map[0]; i++)
        json_object_del(origin, of_map[i]);
    if (id)
        json_object_set_new(origin, "id", json_string(id));
    if (spec_parse_values(json_array_get(q->over, index), &values, NULL) == 0)
        dry_run_task(&d->run, q->spec, &values, origin);
    remember_task(d, q->spec, id);
    free(id);
    words_fini(&values);
    json_decref(origin);
}

static void show_map(struct dry_lines *d, const struct request *q)
{
    struct registry_entry *group = NULL;
    if (q->spec->id)
        group = registry_add(&d->known, REGISTRY_GROUP, q->spec->id, NULL);
    for (size_t i = 0; i < json_array_size(q->over); i++)
        show_item(d, q, i);
    if (group && (!takes_time(q->spec) || json_array_size(q->over) == 0))
        registry_end(&d->known, group, TASK_SUCCEEDED);
}

static void show_request(struct dry_lines *d, const struct request *q)
{
    if (q->over) {
        show_map(d, q);
    } else if (q->spec) {
        dry_run_task(&d->run, q->spec, &q->spec->args, q->object);
        remember_task(d, q->spec, q->spec->id);
    }
}

/* ---- reading ---- */

static void refuse_line(struct dry_lines *d, uint64_t number, const struct error *err)
{
    struct error text = request_error_text(err);
    complain("line %llu: %s", (unsigned long long)number, text.message);
    if (request_is_bad(err))
        dry_run_fail(&d->run, 123);
}

static void read_line(struct dry_lines *d, uint64_t number, struct slice text)
{
    const struct spec_context context = task_spec_context(clock_real_ns());
    struct error err = {0};
    struct request q;
    if (request_parse(&q, text, &context, &err) < 0 || request_check(&q, &d->known, d->closed, &err) < 0) {
        refuse_line(d, number, &err);
    } else {
        show_request(d, &q);
        d->closed = d->closed || request_closes(&q);
    }
    request_fini(&q);
}

/* A stream that cannot be read on does not keep the next from being read. */
static void read_stream(struct dry_lines *d, struct specs *specs)
{
    while (!d->run.broken) {
        struct slice text;
        uint64_t number = 0;
        struct error err;
        switch (specs_next(specs, &text, &number, &err)) {
        case SOURCE_ITEM:
            read_line(d, number, text);
            break;
        case SOURCE_WAIT:
            dry_run_wait(specs_fd(specs));
            break;
        case SOURCE_ERROR:
            if (err.code != ERR_SPEC) {
                dry_run_bad(&d->run, &err);
                return;
            }
            refuse_line(d, number, &err);
            break;
        case SOURCE_END:
            return;
        }
    }
}

int dry_run_specs(struct specs *const *streams, int count)
{
    struct dry_lines d = {0};
    dry_run_begin(&d.run);
    registry_init(&d.known);
    for (int i = 0; i < count; i++)
        read_stream(&d, streams[i]);
    registry_fini(&d.known);
    return dry_run_end(&d.run);
}
