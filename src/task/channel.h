/* A channel: blocks on their way from the main thread to the tasks that read them while they run (--round-robin,
 * --tee). Bounded; one writer, any number of readers in any threads, each block goes to one of them. Nobody waits in
 * it: whoever finds no block, or no room, is told by its hooks when there is one.
 */
#ifndef JOBPOOL_TASK_CHANNEL_H
#define JOBPOOL_TASK_CHANNEL_H

#include "task/input.h"

#include <stdbool.h>

struct channel;

struct channel_hooks {
    void (*filled)(void *context);  /* main thread: a block or the end has come */
    void (*emptied)(void *context); /* any thread: a block was taken, or the last reader has left */
    void *context;
};

/* For so many readers, each of which leaves once. */
struct channel *channel_new(unsigned readers, const struct channel_hooks *hooks);
void channel_free(struct channel *c); /* when nobody can use it any more; NULL is allowed */

bool channel_has_room(struct channel *c); /* always, once nobody is left to read */
bool channel_is_left(struct channel *c);  /* nobody is left to read */
void channel_put(struct channel *c, struct input *block); /* takes it */
void channel_end(struct channel *c);                      /* nothing more comes */

/* The next block, which is the caller's; NULL: there is none now, or (*ended) ever. */
struct input *channel_take(struct channel *c, bool *ended);
void channel_leave(struct channel *c);

#endif
