/* map --pipe: where the blocks come from. */
#ifndef JOBPOOL_CLI_PIPE_INPUT_H
#define JOBPOOL_CLI_PIPE_INPUT_H

#include "base/error.h"
#include "base/words.h"
#include "source/blocks.h"

/* The command in front of the words (but for --tee, whose words are as those without --pipe), and the blocks of the one input that the options name. -1 with *err: ERR_USAGE,
 * ERR_INPUT, ERR_IO for standard input that nobody named. */
int pipe_open(const char **words, int count, struct words *command, struct blocks **blocks, struct error *err);

#endif
