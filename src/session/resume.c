#include "session/resume.h"

#include "base/alloc.h"
#include "base/digest.h"
#include "session/done.h"
#include "sink/joblog.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN 100 /* bytes of arguments that a message shows */

struct resume {
    struct resume_config config;
    uint64_t seed;
    struct done done;
    off_t first_run; /* where the journal tells of its first run */
    bool has_run;
    struct journal_record *lost;
    size_t lost_len;
    struct words commands; /* of a joblog, to be tried again, */
    uint64_t *numbers;     /* and their numbers */
    size_t numbers_len;
    uint64_t passed, passed_failed;
};

/* ---- reading ---- */

static enum done_state state_of(const struct journal_record *record)
{
    if (record->kind == JOURNAL_START)
        return DONE_RUNS;
    if (record->again)
        return DONE_NOTHING;
    if (record->state == TASK_SUCCEEDED)
        return DONE_SUCCEEDED;
    return record->state == TASK_FAILED || record->state == TASK_TIMED_OUT ? DONE_FAILED : DONE_NOTHING;
}

static void visit_run(struct resume *r, off_t at)
{
    if (!r->has_run)
        r->first_run = at;
    r->has_run = true;
}

static int visit_journal(void *context, const struct journal_record *record, off_t at, struct error *err)
{
    struct resume *r = context;
    if (record->kind == JOURNAL_RUN) {
        visit_run(r, at);
        return 0;
    }
    struct done_entry *e = done_add(&r->done, record->seq);
    if (e->at && e->digest != record->digest)
        return error_set(err, ERR_INPUT, "journal %.200s: at byte %lld it tells of another task %" PRIu64
                         " than before; begin another journal", journal_path(r->config.journal), (long long)at,
                         record->seq);
    e->digest = record->digest;
    done_set_at(e, (uint64_t)at);
    e->state = state_of(record);
    return 0;
}

static void visit_joblog(void *context, const struct joblog_record *record)
{
    struct resume *r = context;
    struct done_entry *e = done_add(&r->done, record->seq);
    if (e->state != DONE_SUCCEEDED)
        e->state = record->succeeded ? DONE_SUCCEEDED : DONE_FAILED;
}

static int compare_records(const void *a, const void *b)
{
    const struct journal_record *x = a, *y = b;
    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

/* The attempts without an end. Their lines are read again for what the table does not keep. */
static int find_lost(struct resume *r, struct error *err)
{
    for (size_t i = 0; i < r->done.cap; i++) {
        const struct done_entry *e = &r->done.entries[i];
        if (e->seq == 0 || e->state != DONE_RUNS)
            continue;
        struct buffer line = {0};
        r->lost = xrealloc_array(r->lost, r->lost_len + 1, sizeof *r->lost);
        int got = journal_line_at(r->config.journal, (off_t)e->at, &line)
                      ? journal_parse((struct slice){line.data, line.len}, &r->lost[r->lost_len], err)
                      : error_set(err, ERR_INPUT, "journal %.200s: it changes while it is read",
                                  journal_path(r->config.journal));
        buffer_fini(&line);
        if (got < 0)
            return -1;
        r->lost_len++;
    }
    if (r->lost_len)
        qsort(r->lost, r->lost_len, sizeof *r->lost, compare_records);
    return 0;
}

static int read_journal(struct resume *r, struct error *err)
{
    struct journal *j = r->config.journal;
    if (journal_read(j, visit_journal, r, err) < 0 || find_lost(r, err) < 0)
        return -1;
    if (r->config.mode == RESUME_NOTHING && (r->has_run || r->done.len))
        return error_set(err, ERR_USAGE, "journal %.200s: it holds a run already; go on with that (--resume), or "
                         "give another file", journal_path(j));
    return 0;
}

/* A joblog's commands that failed last; the numbers are looked up by the caller's order. */
struct retried {
    uint64_t seq;
    char *command;
    size_t len;
};

struct retries {
    struct resume *resume;
    struct retried *list;
    size_t len;
};

static void visit_failed(void *context, const struct joblog_record *record)
{
    struct retries *f = context;
    struct done_entry *e = done_find(&f->resume->done, record->seq);
    if (record->succeeded || e->state == DONE_SUCCEEDED)
        return;
    if (e->at == 0) { /* where it is in the list, from 1 */
        f->list = xrealloc_array(f->list, f->len + 1, sizeof *f->list);
        f->list[f->len++] = (struct retried){.seq = record->seq};
        done_set_at(e, f->len);
    }
    struct retried *one = &f->list[e->at - 1];
    free(one->command);
    one->command = xmemdup0(record->command.data, record->command.len);
    one->len = record->command.len;
    for (char *nul = one->command; (nul = memchr(nul, '\0', one->len - (size_t)(nul - one->command)));)
        *nul = '\n';
}

static int compare_retried(const void *a, const void *b)
{
    const struct retried *x = a, *y = b;
    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static int read_commands(struct resume *r, struct error *err)
{
    struct retries f = {.resume = r};
    int got = joblog_read(r->config.joblog, visit_failed, &f, err);
    if (f.len)
        qsort(f.list, f.len, sizeof *f.list, compare_retried);
    r->numbers = xcalloc(f.len + 1, sizeof *r->numbers);
    for (size_t i = 0; i < f.len; i++) {
        r->numbers[r->numbers_len++] = f.list[i].seq;
        words_add(&r->commands, f.list[i].command, f.list[i].len);
        free(f.list[i].command);
    }
    free(f.list);
    return got;
}

static int read_joblog(struct resume *r, struct error *err)
{
    if (joblog_read(r->config.joblog, visit_joblog, r, err) < 0)
        return -1;
    return r->config.mode == RESUME_RETRY ? read_commands(r, err) : 0;
}

struct resume *resume_new(const struct resume_config *config, struct error *err)
{
    struct resume *r = xcalloc(1, sizeof *r);
    r->config = *config;
    r->seed = digest_text(digest_text(DIGEST_START, config->cwd), config->stdin_file);
    int got = 0;
    if (config->journal)
        got = read_journal(r, err);
    else if (config->joblog)
        got = read_joblog(r, err);
    if (got == 0)
        return r;
    resume_free(r);
    return NULL;
}

void resume_free(struct resume *r)
{
    if (!r)
        return;
    done_fini(&r->done);
    words_fini(&r->commands);
    free(r->numbers);
    free(r->lost);
    free(r);
}

void resume_commands(struct resume *r, struct words *commands)
{
    words_move(commands, &r->commands);
}

uint64_t resume_number(const struct resume *r, size_t index)
{
    return index < r->numbers_len ? r->numbers[index] : 0;
}

/* ---- what differs ---- */

static void put_json(struct buffer *out, const json_t *list)
{
    char *text = list ? json_dumps(list, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    buffer_puts(out, text ? text : "(something else)");
    free(text);
}

static json_t *line_as_json(const struct resume *r, off_t at)
{
    struct buffer line = {0};
    json_t *object = NULL;
    if (journal_line_at(r->config.journal, at, &line))
        object = json_loadb(line.data, line.len, JSON_ALLOW_NUL, NULL);
    buffer_fini(&line);
    return object;
}

static json_t *words_as_json(const struct words *words)
{
    json_t *list = json_array();
    for (const char *word = NULL; (word = words_next(words, word));) {
        json_t *text = json_string(word);
        json_array_append_new(list, text ? text : json_string("(no UTF-8)"));
    }
    return list;
}

/* Both, if they are not the same; else false. What the line does not show counts as different. */
static bool put_both(struct buffer *there, struct buffer *here, const json_t *then, const struct words *now)
{
    json_t *list = words_as_json(now);
    bool differ = !json_equal(list, then);
    put_json(there, json_is_array(then) ? then : NULL);
    put_json(here, list);
    json_decref(list);
    if (differ)
        return true;
    buffer_clear(there);
    buffer_clear(here);
    return false;
}

static enum resume_verdict tell_difference(const struct resume *r, const struct done_entry *e,
                                           const struct words *values, struct error *err)
{
    struct buffer there = {0}, here = {0};
    uint64_t line = journal_line_number(r->config.journal, (off_t)e->at);
    json_t *record = line_as_json(r, (off_t)e->at), *run = line_as_json(r, r->first_run);
    const char *what = "the command, its folder or its standard input is another one";
    if (put_both(&there, &here, json_object_get(run, "command"), r->config.command))
        what = "the command was";
    else if (put_both(&there, &here, json_object_get(record, "args"), values))
        what = "the values were";
    bool both = there.len > 0;
    error_set(err, ERR_USAGE, "journal %.150s:%" PRIu64 ": task %" PRIu64 " is not the same any more: "
              "%s%s%.*s%s%.*s; give the same command and input, or another journal",
              journal_path(r->config.journal), line, e->seq, what, both ? " " : "", SHOWN,
              both ? buffer_text(&there) : "", both ? ", and now is " : "", SHOWN, both ? buffer_text(&here) : "");
    json_decref(record);
    json_decref(run);
    buffer_fini(&there);
    buffer_fini(&here);
    return RESUME_DIFFERS;
}

/* ---- asking ---- */

static enum resume_verdict verdict_of(const struct resume *r, uint64_t seq, const struct done_entry *e)
{
    enum done_state state = e ? (enum done_state)e->state : DONE_NOTHING;
    switch (r->config.mode) {
    case RESUME_NOTHING:
        return RESUME_RUN;
    case RESUME_UNDONE:
        return state >= DONE_FAILED ? RESUME_PASS : RESUME_RUN;
    case RESUME_FAILED:
        return state == DONE_SUCCEEDED ? RESUME_PASS : RESUME_RUN;
    case RESUME_RETRY:
        break;
    }
    if (!r->config.journal)
        return RESUME_RUN; /* the source has no other commands */
    if (e && state != DONE_SUCCEEDED)
        return RESUME_RUN;
    return seq < r->done.last ? RESUME_PASS : RESUME_OVER;
}

enum resume_verdict resume_look(struct resume *r, uint64_t seq, const struct spec *spec,
                                const struct words *values, uint64_t *digest, struct error *err)
{
    const struct done_entry *e = done_find(&r->done, seq);
    *digest = r->config.journal ? task_digest(r->seed, seq, spec, values) : 0;
    if (e && r->config.journal && e->digest != *digest)
        return tell_difference(r, e, values, err);
    enum resume_verdict verdict = verdict_of(r, seq, e);
    if (verdict != RESUME_RUN && e && e->state >= DONE_FAILED) {
        r->passed++;
        r->passed_failed += e->state == DONE_FAILED && r->config.journal;
    }
    return verdict;
}

bool resume_is_verified(const struct resume *r, uint64_t seq)
{
    return !r->config.journal || seq >= r->done.last;
}

int resume_check_end(const struct resume *r, uint64_t seq, struct error *err)
{
    if (resume_is_verified(r, seq))
        return 0;
    return error_set(err, ERR_USAGE, "journal %.200s: it tells of task %" PRIu64 ", and now there are %" PRIu64
                     " tasks; give the same command and input, or another journal",
                     journal_path(r->config.journal), r->done.last, seq);
}

int resume_begin(struct resume *r, int64_t real_ns, struct error *err)
{
    if (!r->config.journal)
        return 0;
    return journal_begin(r->config.journal, r->config.command, r->lost, r->lost_len, real_ns, err);
}

size_t resume_lost(const struct resume *r, const struct journal_record **lost)
{
    *lost = r->lost;
    return r->lost_len;
}

void resume_report(const struct resume *r, struct summary *summary)
{
    summary->earlier = r->passed;
    summary->earlier_failed = r->passed_failed;
}
