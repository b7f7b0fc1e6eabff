/* A followed task's bytes go two ways: as lines to whoever shows them, and into the outcome's captures, for the
 * objects that show a part of them (--report, callbacks) and the files that get them all (--results). Where there are
 * neither the captures only count, and what they hold when the task begins to be followed is given away, not
 * copied.
 */
#include "executor/intake.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

static struct capture *kept(const struct intake *in, enum intake_stream stream)
{
    struct outcome *o = &in->task->outcome;
    return stream == INTAKE_OUT ? &o->out : &o->err;
}

/* Does anybody want a followed task's bytes when it has ended? */
static bool wanted_later(const struct supervisor_config *config)
{
    return config->shows_output || config->keeps_output;
}

static void begin_untold(struct intake *in)
{
    for (enum intake_stream s = INTAKE_OUT; s < INTAKE_STREAMS; s++)
        capture_init(&in->untold[s], in->config->spool, 0);
    in->live = in->task->outcome.told = true;
}

void intake_init(struct intake *in, struct task *t, const struct supervisor_config *config,
                 const struct dispatcher *dispatcher)
{
    int64_t limit = t->spec->max_output == SPEC_UNSET ? config->max_output : t->spec->max_output;
    *in = (struct intake){.task = t, .config = config, .dispatcher = dispatcher};
    if (config->live || t->followed)
        begin_untold(in);
    for (enum intake_stream s = INTAKE_OUT; s < INTAKE_STREAMS; s++) {
        capture_init(kept(in, s), config->spool, limit);
        if (in->live && !wanted_later(config))
            capture_count_only(kept(in, s));
        else if (config->keeps_output || (!in->live && config->every_byte))
            capture_keep_all(kept(in, s));
    }
}

/* Tells what is untold of a stream. */
static int tell(struct intake *in, enum intake_stream stream, struct error *err)
{
    struct capture *c = &in->untold[stream];
    if (c->total == 0)
        return 0;
    if (capture_seal(c, err) < 0)
        return -1;
    struct live_output *o = xcalloc(1, sizeof *o);
    o->is_err = stream == INTAKE_ERR;
    capture_move(&o->bytes, c);
    in->dispatcher->output(in->dispatcher->pool, in->task, o);
    return 0;
}

static int keep_live(struct intake *in, enum intake_stream stream, const char *data, size_t len,
                     struct error *err)
{
    /* Where others write in between, a line that is begun waits for its end. */
    const char *newline = in->config->live ? memrchr(data, '\n', len) : data + len - 1;
    size_t whole = newline ? (size_t)(newline - data) + 1 : 0;
    if (whole && (capture_append(&in->untold[stream], data, whole, err) < 0 || tell(in, stream, err) < 0))
        return -1;
    return len > whole ? capture_append(&in->untold[stream], data + whole, len - whole, err) : 0;
}

int intake_keep(struct intake *in, enum intake_stream stream, const char *data, size_t len, struct error *err)
{
    if (capture_append(kept(in, stream), data, len, err) < 0)
        return -1;
    return in->live ? keep_live(in, stream, data, len, err) : 0;
}

static int copy(struct capture *to, const struct capture *from, struct error *err)
{
    struct capture_cursor cursor = {0};
    struct slice part;
    char *scratch = from->pieces_len > 0 ? xmalloc(SPOOL_PIECE) : NULL;
    int got;
    while ((got = capture_next(from, &cursor, scratch, &part, err)) > 0)
        if ((got = capture_append(to, part.data, part.len, err)) < 0)
            break;
    free(scratch);
    return got;
}

int intake_follow(struct intake *in, struct error *err)
{
    begin_untold(in);
    for (enum intake_stream s = INTAKE_OUT; s < INTAKE_STREAMS; s++) {
        if (!wanted_later(in->config))
            capture_give(&in->untold[s], kept(in, s));
        else if (copy(&in->untold[s], kept(in, s), err) < 0)
            return -1;
        if (tell(in, s, err) < 0)
            return -1;
    }
    return 0;
}

int intake_end(struct intake *in, struct error *err)
{
    int got = 0;
    for (enum intake_stream s = INTAKE_OUT; s < INTAKE_STREAMS; s++) {
        if (in->live && got == 0)
            got = tell(in, s, err);
        capture_fini(&in->untold[s]);
        if (capture_seal(kept(in, s), got == 0 ? err : NULL) < 0)
            got = -1;
    }
    return got;
}
