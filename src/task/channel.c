#include "task/channel.h"

#include "base/alloc.h"

#include <pthread.h>
#include <stdlib.h>

#define BLOCKS_PER_READER 2 /* one more than it reads, so that it never waits for the main thread */

struct channel {
    pthread_mutex_t lock;
    struct channel_hooks hooks;
    struct input **blocks; /* a ring */
    size_t cap, first, count;
    unsigned readers;
    bool ended;
};

struct channel *channel_new(unsigned readers, const struct channel_hooks *hooks)
{
    struct channel *c = xcalloc(1, sizeof *c);
    pthread_mutex_init(&c->lock, NULL);
    c->hooks = *hooks;
    c->readers = readers;
    c->cap = (size_t)readers * BLOCKS_PER_READER;
    c->blocks = xcalloc(c->cap, sizeof(struct input *));
    return c;
}

static struct input *take_locked(struct channel *c)
{
    if (c->count == 0)
        return NULL;
    struct input *block = c->blocks[c->first];
    c->first = (c->first + 1) % c->cap;
    c->count--;
    return block;
}

void channel_free(struct channel *c)
{
    struct input *block;
    if (!c)
        return;
    while ((block = take_locked(c)))
        input_free(block);
    pthread_mutex_destroy(&c->lock);
    free(c->blocks);
    free(c);
}

bool channel_has_room(struct channel *c)
{
    pthread_mutex_lock(&c->lock);
    bool room = c->count < c->cap || c->readers == 0;
    pthread_mutex_unlock(&c->lock);
    return room;
}

bool channel_is_left(struct channel *c)
{
    pthread_mutex_lock(&c->lock);
    bool left = c->readers == 0;
    pthread_mutex_unlock(&c->lock);
    return left;
}

void channel_put(struct channel *c, struct input *block)
{
    pthread_mutex_lock(&c->lock);
    bool wanted = c->readers > 0 && c->count < c->cap;
    if (wanted)
        c->blocks[(c->first + c->count++) % c->cap] = block;
    pthread_mutex_unlock(&c->lock);
    if (wanted)
        c->hooks.filled(c->hooks.context);
    else
        input_free(block);
}

void channel_end(struct channel *c)
{
    pthread_mutex_lock(&c->lock);
    c->ended = true;
    pthread_mutex_unlock(&c->lock);
    c->hooks.filled(c->hooks.context);
}

struct input *channel_take(struct channel *c, bool *ended)
{
    pthread_mutex_lock(&c->lock);
    struct input *block = take_locked(c);
    *ended = !block && c->ended;
    pthread_mutex_unlock(&c->lock);
    if (block)
        c->hooks.emptied(c->hooks.context);
    return block;
}

void channel_leave(struct channel *c)
{
    pthread_mutex_lock(&c->lock);
    bool last = --c->readers == 0;
    pthread_mutex_unlock(&c->lock);
    if (last)
        c->hooks.emptied(c->hooks.context);
}
