/* The groups of options together. Each group's texts and rules are in options_NAME.c. */
#include "cli/options.h"

int options_read(struct error *err)
{
    static int (*const readers[])(struct error *) = {options_read_pool,  options_read_gate,  options_read_retry,
                                                     options_read_timer, options_read_input,
                                                     options_read_pipe,  options_read_batch,
                                                     options_read_item,  options_read_replace,
                                                     options_read_journal, options_read_shell,
                                                     options_read_results, options_read_output,
                                                     options_read_parallel};
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
        if (readers[i](err) < 0)
            return -1;
    }
    return 0;
}
