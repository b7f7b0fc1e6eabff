/* What --journal, --joblog, --resume and their like mean for a run: the journal, opened and locked, and what
 * earlier runs did.
 */
#ifndef JOBPOOL_CLI_RESUMING_H
#define JOBPOOL_CLI_RESUMING_H

#include "session/resume.h"

struct resuming {
    struct journal *journal; /* NULL: none */
    struct resume *resume;   /* NULL: all is new and there is no journal */
};

/* Are the tasks to be taken from the joblog, whatever the command line says? */
bool resuming_reads_commands(void);

/* `command` must last as long as the resume. Tells on stderr what was found to be cut off. With --dry-run nothing
 * is locked or changed. -1: ERR_IO (a journal that cannot be written), ERR_INPUT, ERR_USAGE. */
int resuming_open(struct resuming *r, const struct words *command, struct error *err);
void resuming_close(struct resuming *r);

#endif
