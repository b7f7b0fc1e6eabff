#include "cli/resuming.h"

#include "cli/options.h"

#include <inttypes.h>

#define SHOWN 10 /* lost tasks that are named, without -v */

bool resuming_reads_commands(void)
{
    return journal_options.mode == RESUME_RETRY && !journal_options.journal;
}

static void tell_torn(const struct journal *j)
{
    if (journal_torn(j) > 0)
        complain("journal %.200s: its last line was cut off while it was written; its %lld bytes are left out",
                 journal_path(j), (long long)journal_torn(j));
}

static void tell_lost(const struct resuming *r)
{
    const struct journal_record *lost;
    size_t count = resume_lost(r->resume, &lost);
    size_t shown = output_options.verbose || count <= SHOWN ? count : SHOWN;
    struct buffer list = {0};
    if (count == 0)
        return;
    for (size_t i = 0; i < shown; i++)
        buffer_printf(&list, "%s%" PRIu64, i ? ", " : "", lost[i].seq);
    complain("journal %.200s: %zu task%s ran when jobpool was killed and %s lost: %s%s", journal_path(r->journal),
             count, count == 1 ? "" : "s", count == 1 ? "is" : "are", buffer_text(&list),
             shown < count ? ", … (-v names all)" : "");
    buffer_fini(&list);
}

int resuming_open(struct resuming *r, const struct words *command, struct error *err)
{
    const struct journal_options *o = &journal_options;
    *r = (struct resuming){0};
    if (!o->journal && o->mode == RESUME_NOTHING)
        return 0;
    if (o->journal && !(r->journal = journal_open(o->journal, output_options.dry_run, err)))
        return -1;
    struct resume_config config = {
        .mode = o->mode,
        .journal = r->journal,
        .joblog = o->joblog,
        .command = command,
        .cwd = pool_options.cwd,
        .stdin_file = pool_options.stdin_file,
    };
    if (options_check_journal(err) == 0)
        r->resume = resume_new(&config, err);
    if (!r->resume) {
        resuming_close(r);
        return -1;
    }
    if (r->journal && !output_options.dry_run) {
        tell_torn(r->journal);
        tell_lost(r);
    }
    return 0;
}

void resuming_close(struct resuming *r)
{
    resume_free(r->resume);
    journal_close(r->journal);
    *r = (struct resuming){0};
}
