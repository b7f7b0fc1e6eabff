/* --results FILE.csv, .tsv, .json: a row for each task that was started, in GNU parallel's columns.
 *
 *     Seq Host Starttime JobRuntime Send Receive Exitval Signal Command V1… Stdout Stderr
 *
 * In csv and tsv the first row has the names, as many V as the first task has values; a field with white space, a
 * quote or the separator is quoted. In json each line is an object, with the values in the array "V"; what is not
 * valid UTF-8 is null there, and base64 in "KEY_base64". A row is whole or not there at all.
 */
#ifndef JOBPOOL_SINK_TABLE_H
#define JOBPOOL_SINK_TABLE_H

#include "sink/sink.h"

enum table_form { TABLE_CSV, TABLE_TSV, TABLE_JSON };

struct table_options {
    enum table_form form;
    bool keep_order;
    const struct words *names; /* of the values, in place of V1 …; NULL: they have none */
    struct spool *spool;
    /* What stands in place of a task's stdout, the name of a file; NULL: its bytes. */
    const char *(*file)(void *context, const struct task *task);
    void *context;
};

/* Rows go to `out`, or (NULL) into a new file, which replaces an older one. NULL with ERR_IO naming it. Writes to
 * a file block; the first error is kept, and the file ends behind its last whole row. */
struct sink *sink_table(struct output *out, const char *path, const struct table_options *options,
                        struct error *err);

#endif
