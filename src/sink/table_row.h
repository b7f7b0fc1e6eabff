/* How the rows of a table look (see table.h). */
#ifndef JOBPOOL_SINK_TABLE_ROW_H
#define JOBPOOL_SINK_TABLE_ROW_H

#include "base/buffer.h"
#include "sink/table.h"

/* The names of the columns for tasks of so many values; nothing for json. */
void table_header_write(struct buffer *out, enum table_form form, size_t values, const struct words *names);

struct table_row {
    const struct task *task;
    bool no_stdout;   /* in its place is the name of a file, */
    const char *file; /* or nothing (NULL) */
};
/* Appends a row with its newline; the streams have every byte. -1 with ERR_OUTPUT if they cannot be read, or the row
 * cannot be kept. */
int table_row_write(struct capture *out, enum table_form form, const struct table_row *row, struct error *err);

#endif
