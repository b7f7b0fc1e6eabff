/* Where the items of a command come from, as its options and the words behind its command say: the files of
 * -a, ranges, the groups behind ":::" and "::::", or standard input; one source is made of all of them.
 */
#ifndef JOBPOOL_CLI_INPUTS_H
#define JOBPOOL_CLI_INPUTS_H

#include "base/error.h"
#include "base/words.h"
#include "source/source.h"

struct inputs {
    struct words command;  /* the words in front of the first separator */
    struct source *source; /* of all items, one by one (batch_input.h puts them together); whoever takes it sets it to NULL */
    struct words names;    /* of values: name i of value i+1; an empty one is no name */
    size_t width;          /* told as items are put together: how many values each of them has (source/batch.h) */
    size_t whole;          /* so many values in front are the item itself, the others its fields; 0: all are */
    size_t sources;        /* with -n or -L: how many sources the values of a task come from in turn; else 0 */
};

/* Reads the words that stand behind the options; `name` is the command's, for messages. Waits for the first lines
 * if they are a header. -1 with *err: ERR_USAGE; ERR_SPEC for a bad header; ERR_INPUT for a file that was named
 * and cannot be opened; ERR_IO for what cannot be read, and for standard input that nobody named. */
int inputs_open(struct inputs *in, const char *name, const char **words, int count, struct error *err);
void inputs_fini(struct inputs *in); /* zeroed memory is valid */

#endif
