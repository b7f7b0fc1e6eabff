/* What `map` does with its words; `parallel` does the same with other options. */
#ifndef JOBPOOL_CLI_MAP_H
#define JOBPOOL_CLI_MAP_H

/* The words behind the options: the command, and the sources. Returns the exit status. */
int map_run(const char **words, int count);

#endif
