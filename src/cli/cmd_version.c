/* `jobpool version`. */
#include "cli/command.h"

#include <string.h>
#include <unistd.h>

static int run(const char **words, int count)
{
    if (count > 0) {
        complain("version takes no argument: '%.200s'", words[0]);
        return 2;
    }
    static const char text[] = "jobpool " JOBPOOL_VERSION "\n";
    return print_all(STDOUT_FILENO, text, strlen(text));
}

const struct command cmd_version = {
    .name = "version",
    .summary = "print the version",
    .usage = "",
    .description = "Prints the name and version of the program, as jobpool --version does.",
    .examples = "jobpool version",
    .run = run,
};
