#include "cli/pipe_input.h"

#include "cli/options.h"

#include <string.h>
#include <sys/stat.h>

static bool is_separator(const char *word)
{
    static const char *const separators[] = {":::", "::::", ":::+", "::::+"};
    for (size_t i = 0; i < sizeof separators / sizeof separators[0]; i++) {
        if (strcmp(word, separators[i]) == 0)
            return true;
    }
    return false;
}

static int read_command(const char **words, int count, struct words *command, struct error *err)
{
    for (int i = 0; i < count; i++) {
        if (is_separator(words[i]))
            return error_set(err, ERR_USAGE,
                             "%s: with --pipe tasks have blocks and no items; name the input with -a or give it on "
                             "standard input", words[i]);
        words_add(command, words[i], strlen(words[i]));
    }
    return count ? 0 : error_set(err, ERR_USAGE, "--pipe: there is no command to give the blocks to");
}

/* So many blocks for each slot, as even as can be. */
static size_t size_for_slots(const char *path)
{
    struct stat st;
    int64_t slots = pool_options.slots ? pool_options.slots : 1;
    int64_t blocks = slots * pipe_options.blocks_per_slot;
    if (stat(path, &st) < 0 || st.st_size <= blocks)
        return 1;
    return (size_t)((st.st_size + blocks - 1) / blocks);
}

int pipe_open(const char **words, int count, struct words *command, struct blocks **blocks, struct error *err)
{
    const struct pipe_options *o = &pipe_options;
    const char *path = input_options.files ? input_options.files[0] : "-";
    if (!o->tee && read_command(words, count, command, err) < 0)
        return -1;
    if (input_options.files && input_options.files[1])
        return error_set(err, ERR_USAGE, "-a: with --pipe there is one input; put them together with cat(1)");
    if (options_check_input(path, err) < 0)
        return -1;
    struct blocks_options options = {
        .size = o->blocks_per_slot ? size_for_slots(path) : (size_t)o->block,
        .records = (uint64_t)input_options.max_args,
        .lines = (uint64_t)input_options.max_lines,
        .header = item_options.pipe_header,
        .recstart = o->recstart,
        .recend = o->recend,
        .regexp = o->regexp,
        .remove = o->remove,
    };
    *blocks = (o->part ? blocks_of_file : blocks_of_stream)(path, &options, err);
    if (!*blocks && err->code == ERR_INPUT && !input_options.files)
        err->code = ERR_IO; /* nobody named it */
    return *blocks ? 0 : -1;
}
