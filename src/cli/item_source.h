/* One source, with all that the options say about its items. */
#ifndef JOBPOOL_CLI_ITEM_SOURCE_H
#define JOBPOOL_CLI_ITEM_SOURCE_H

#include "base/error.h"
#include "base/words.h"
#include "source/source.h"

/* A file, or "-" for standard input; NULL with ERR_INPUT. */
struct source *item_source_file(const char *path, struct error *err);
struct source *item_source_words(struct words *items); /* moved in */

/* Takes the first item of *s, which it waits for, as the names of its columns: appended to *names. From then on
 * *s gives one value for each of them and, if it is the last source, more if there are. -1 with ERR_SPEC for a bad
 * first item, ERR_IO for a source that cannot be read. */
int item_source_header(struct source **s, bool is_last, struct words *names, struct error *err);

#endif
