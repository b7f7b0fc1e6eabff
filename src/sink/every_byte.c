#include "sink/every_byte.h"

#include "base/alloc.h"
#include "os/files.h"

#include <stdlib.h>

struct capture every_byte(const struct capture *c)
{
    struct capture all = *c;
    capture_reveal(&all);
    return all;
}

int every_byte_each(const struct capture *c, int (*put)(void *context, struct slice bytes, struct error *err),
                    void *context, struct error *err)
{
    struct capture all = every_byte(c);
    struct capture_cursor cursor = {0};
    struct slice bytes;
    char *scratch = all.pieces_len > 0 ? xmalloc(SPOOL_PIECE) : NULL;
    int got;
    while ((got = capture_next(&all, &cursor, scratch, &bytes, err)) > 0)
        if ((got = put(context, bytes, err)) < 0)
            break;
    free(scratch);
    return got;
}

static int put_into_file(void *context, struct slice bytes, struct error *err)
{
    return files_write_all(*(int *)context, bytes.data, bytes.len, err);
}

int every_byte_to_file(const struct capture *c, int fd, struct error *err)
{
    return every_byte_each(c, put_into_file, &fd, err);
}
