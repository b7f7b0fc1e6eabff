/* Sources of input values. A source is pulled: it gives the next group of values when it is asked, says
 * when it must wait for its descriptor, and never reads further ahead than one block. So ten million input
 * lines need constant memory, and the first task starts at once.
 */
#ifndef JOBPOOL_SOURCE_SOURCE_H
#define JOBPOOL_SOURCE_SOURCE_H

#include "base/error.h"
#include "base/words.h"
#include "task/template.h"

#include <stdbool.h>
#include <stdint.h>

enum source_status {
    SOURCE_ITEM, /* *values was filled */
    SOURCE_WAIT, /* nothing yet: wait until source_fd is readable, then ask again */
    SOURCE_END,
    SOURCE_ERROR, /* *err is set; ERR_SPEC: only this item is bad, go on; otherwise the source has ended */
};

/* The most bytes that come out of a line or record. */
#define SOURCE_ITEM_MAX ((size_t)64 << 20)

struct source;

struct source_ops {
    enum source_status (*next)(struct source *s, struct words *values, struct error *err);
    bool (*rewind)(struct source *s);  /* NULL or false: it cannot */
    int (*fd)(const struct source *s); /* NULL or -1: never waits */
    void (*free)(struct source *s);
};

/* Each kind of source begins with this. */
struct source {
    const struct source_ops *ops;
};

/* Appends the next values to `values` (which the caller has cleared). Never blocks on a pipe or terminal
 * when it was called after its descriptor became readable; regular files are read as they come. */
enum source_status source_next(struct source *s, struct words *values, struct error *err);
int source_fd(const struct source *s);
/* Begins again with the first item; false if it cannot. From then on it neither waits nor fails. */
bool source_rewind(struct source *s);
void source_free(struct source *s); /* NULL is allowed; sources that it was made from are freed too */

/* The words that follow ":::" : one value each. `items` is moved in. */
struct source *source_arguments(struct words *items);

/* The numbers of "FIRST..LAST" or "FIRST..LAST..STEP", both ends included. NULL with ERR_USAGE. */
struct source *source_range(const char *text, struct error *err);
#define RANGE_WIDTH_MAX 40 /* digits of numbers with leading zeros */

/* The lines of a file or "-" (stdin), cut at `delimiter` (any byte). The delimiter of the last line may be
 * missing. With '\n' an empty line is skipped, as xargs and GNU parallel's -r do. A line with a NUL byte
 * (other delimiter) is SOURCE_ERROR with ERR_SPEC. NULL with ERR_INPUT if it cannot be opened. */
struct source *source_lines(const char *path, char delimiter, struct error *err);
/* The same, but empty lines are items. */
struct source *source_lines_all(const char *path, char delimiter, struct error *err);

/* The product of several sources, the last varying fastest: values of each are put behind each other. The
 * first is streamed, the others are read whole at the first call. Takes the sources. */
struct source *source_product(struct source **sources, size_t count);

/* Several sources (at least one) side by side, item by item, all streamed. They end with the shortest or, if
 * `cycle`, with the longest: the others then begin again. A group with bad items is left out, with one ERR_SPEC.
 * Takes the sources. */
struct source *source_link(struct source **sources, size_t count, bool cycle);

/* Groups of `size` consecutive items in one (-n); the last may be smaller. Gives a group only when it is
 * whole or the input has ended. A group with bad items is left out, with one ERR_SPEC. Takes the source. */
struct source *source_batch(struct source *inner, size_t size);

/* The same items in an order that `seed` stands for. Reads all of them before it gives the first. Takes the
 * source. */
struct source *source_shuffle(struct source *inner, uint64_t seed);

/* The items for a template: without those that {uniq} and {choose_k} leave out; with {##} or {0#} in it, all are read
 * and kept in memory before the first one is given, and the template is told how many there are. Takes the source;
 * the source itself, if the template has none of these. */
struct source *source_selected(struct source *inner, struct template *t);

#endif
