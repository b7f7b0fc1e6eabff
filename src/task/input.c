#include "task/input.h"

#include "base/alloc.h"

#include <stdlib.h>

struct input *input_bytes(struct slice head, char *data, size_t len)
{
    struct input *in = xcalloc(1, sizeof *in);
    *in = (struct input){.head = head, .data = data, .len = len, .fd = -1};
    return in;
}

struct input *input_range(struct slice head, int fd, int64_t offset, int64_t range)
{
    struct input *in = xcalloc(1, sizeof *in);
    *in = (struct input){.head = head, .fd = fd, .offset = offset, .range = range};
    return in;
}

struct input *input_channel(struct channel *channel)
{
    struct input *in = xcalloc(1, sizeof *in);
    *in = (struct input){.fd = -1, .channel = channel};
    return in;
}

struct input *input_copy(const struct input *in)
{
    struct input *copy = xcalloc(1, sizeof *copy);
    *copy = *in;
    copy->data = in->len ? xmemdup0(in->data, in->len) : NULL;
    return copy;
}

int64_t input_size(const struct input *in)
{
    return (int64_t)(in->head.len + in->len) + (in->fd >= 0 ? in->range : 0);
}

size_t input_memory(const struct input *in)
{
    return in ? sizeof *in + in->len : 0;
}

void input_free(struct input *in)
{
    if (in)
        free(in->data);
    free(in);
}
