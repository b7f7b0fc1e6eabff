/* --dry-run: what would be run, one line per task: a command line that can be pasted into a shell, or
 * (when -o jsonl or json was given) specs that `jobpool run` accepts. Blocks on its input; starts nothing.
 */
#ifndef JOBPOOL_CLI_DRY_RUN_H
#define JOBPOOL_CLI_DRY_RUN_H

#include "source/source.h"
#include "source/specs.h"
#include "task/spec.h"

struct dry_run {
    bool json;      /* specs instead of command lines */
    bool document;  /* as one JSON array */
    uint64_t tasks;   /* numbers given so far */
    uint64_t printed; /* of them */
    int status;       /* the exit status so far: 0, 123 (a bad item), 125 */
    bool broken;      /* stdout takes no more: nothing further is to be read */
};

void dry_run_begin(struct dry_run *d);
/* One task. `values` is borrowed; so is `origin`, the object that the spec was read from, if there is one: what
 * it says besides the command is printed too, as JSON. */
void dry_run_task(struct dry_run *d, const struct spec *spec, const struct words *values, const json_t *origin);
/* Something in the input that is no task or a task that cannot start (status 123), or the end of what can be
 * read of it (125): told. */
void dry_run_bad(struct dry_run *d, const struct error *err);
/* The exit status will be this one or a worse one. */
void dry_run_fail(struct dry_run *d, int status);
int dry_run_end(struct dry_run *d);

/* Every item of a source (NULL: one task without values; taken) for one spec; returns the exit status. */
int dry_run_source(struct source *source, const struct spec *spec);

/* Every task that the lines of the streams submit; returns the exit status. */
int dry_run_specs(struct specs *const *streams, int count);

/* Waits until `fd` is readable. */
void dry_run_wait(int fd);

#endif
