/* Options on going on where an earlier run was cut off. */
#include "cli/option_text.h"
#include "cli/options.h"

#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

static struct {
    const char **journal, **joblog;
    int resume, resume_failed, retry_failed;
} raw;

static const struct poptOption table[] = {
    {"journal", 0, POPT_ARG_ARGV, &raw.journal, 0,
     "write what is started and how it ended into FILE, on disk before the result is shown", "FILE"},
    {"joblog", 0, POPT_ARG_ARGV, &raw.joblog, 0,
     "write a line for each ended task into FILE, as GNU parallel does; replaces it, +FILE appends", "FILE"},
    {"resume", 0, POPT_ARG_NONE, &raw.resume, 0, "run what the journal or joblog does not tell to be done", NULL},
    {"resume-failed", 0, POPT_ARG_NONE, &raw.resume_failed, 0, "the same, and run again what failed", NULL},
    {"retry-failed", 0, POPT_ARG_NONE, &raw.retry_failed, 0,
     "run again what failed, and nothing else; with a joblog it names the commands", NULL},
    POPT_TABLEEND,
};

const struct option_group journal_group = {"Resume options", table};
struct journal_options journal_options;

int options_check_journal(struct error *err)
{
    const struct journal_options *o = &journal_options;
    struct stat journal, joblog;
    if (!o->journal || !o->joblog)
        return 0;
    bool one = stat(o->journal, &journal) == 0 && stat(o->joblog, &joblog) == 0 &&
               journal.st_dev == joblog.st_dev && journal.st_ino == joblog.st_ino;
    if (!one && strcmp(o->journal, o->joblog) != 0)
        return 0;
    return error_set(err, ERR_USAGE, "--journal and --joblog are one file, %.200s; give each its own", o->journal);
}

static int check_names(const struct journal_options *o, struct error *err)
{
    if (o->journal && !*o->journal)
        return error_set(err, ERR_USAGE, "--journal: the name is empty; give the file to write");
    if (o->joblog && !*o->joblog)
        return error_set(err, ERR_USAGE, "--joblog: the name is empty; give the file to write");
    return options_check_journal(err);
}

static int check_mode(const struct journal_options *o, struct error *err)
{
    static const char *const names[] = {"", "--resume", "--resume-failed", "--retry-failed"};
    bool repeats = schedule_repeats(&timer_options.schedule);
    if (raw.resume + raw.resume_failed + raw.retry_failed > 1 && raw.retry_failed)
        return error_set(err, ERR_USAGE, "--retry-failed runs nothing but what failed; leave out --resume and "
                         "--resume-failed, or use --resume-failed alone");
    if (o->mode != RESUME_NOTHING && !o->journal && !o->joblog)
        return error_set(err, ERR_USAGE, "%s needs --journal or --joblog, the file that tells what is done",
                         names[o->mode]);
    if (input_options.shuffle && (o->journal || o->mode != RESUME_NOTHING))
        return error_set(err, ERR_USAGE, "%s: --shuf gives the tasks other numbers in each run; shuffle the input "
                         "with shuf(1) into a file", o->journal ? "--journal" : names[o->mode]);
    if (pipe_options.pipe && (o->journal || o->mode != RESUME_NOTHING))
        return error_set(err, ERR_USAGE, "%s: with --pipe tasks have blocks of a stream, and nobody knows later "
                         "whether they are the same; leave it out, or put the blocks into files",
                         o->journal ? "--journal" : names[o->mode]);
    if (repeats && o->journal)
        return error_set(err, ERR_USAGE, "--journal: a repeated task is never done; leave out the journal or "
                         "--every");
    if (repeats && o->mode != RESUME_NOTHING)
        return error_set(err, ERR_USAGE, "%s: a repeated task is never done; leave it out, or --every",
                         names[o->mode]);
    return 0;
}

int options_read_journal(struct error *err)
{
    struct journal_options *o = &journal_options;
    *o = (struct journal_options){.journal = option_text(raw.journal), .joblog = option_text(raw.joblog)};
    if (o->joblog && *o->joblog == '+') {
        o->append = true;
        o->joblog++;
    }
    if (raw.retry_failed)
        o->mode = RESUME_RETRY;
    else if (raw.resume_failed)
        o->mode = RESUME_FAILED;
    else if (raw.resume)
        o->mode = RESUME_UNDONE;
    o->append = o->append || o->mode != RESUME_NOTHING;
    return check_names(o, err) < 0 ? -1 : check_mode(o, err);
}
