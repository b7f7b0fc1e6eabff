/* --results DIR and --files: what each task wrote, in files of its own, which are the user's.
 *
 * In a directory they are called stdout, stderr and seq, as a name NAME, NAME.err and NAME.seq; seq has the task's
 * number, without a newline. They are written as a task ends, every byte, each in place of an older one. One that
 * cannot be written whole is not there. Only tasks that were started have any. Writes block.
 */
#ifndef JOBPOOL_SINK_RESULTS_H
#define JOBPOOL_SINK_RESULTS_H

#include "sink/result_name.h"
#include "sink/sink.h"

/* What `naming` points to is the caller's. NULL: there is only a file for stdout, a new one in the directory for
 * temporary files, par?????.par. It is to see events before a sink that takes the streams away. */
struct sink *sink_results(const struct result_naming *naming);

/* The file with the stdout of the task whose end was the last event; NULL if it has none. Valid until the next one. */
const char *results_file(const struct sink *s);

#endif
