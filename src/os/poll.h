/* A supervisor's loop: epoll, one eventfd to wake it, deadlines in a heap. Owned by one thread; only
 * poll_wake may be called from others. (libev keeps the main thread's loop; it cannot take a descriptor
 * out of the kernel's set before it is closed, and a vforked child may hold a copy for a moment.)
 */
#ifndef JOBPOOL_OS_POLL_H
#define JOBPOOL_OS_POLL_H

#include "base/error.h"
#include "base/heap.h"

#include <stdbool.h>
#include <stdint.h>

struct poll;

struct poll_watch {
    int fd; /* -1: not watched */
    void (*ready)(struct poll_watch *watch); /* readable, writable, hung up or in error */
};

struct poll_timer {
    struct heap_node node;
    int64_t due_ns; /* monotonic */
    uint64_t order; /* ties: first armed, first called */
    void (*expired)(struct poll_timer *timer);
};

struct poll *poll_new(struct error *err);
void poll_free(struct poll *p);

/* Watches watch->fd for reading (or writing). -1 with ERR_SYSTEM if the kernel refuses. */
int poll_add(struct poll *p, struct poll_watch *watch, bool writing, struct error *err);
/* Takes it out of the set before the caller closes the descriptor, and forgets events that were already
 * fetched for it, so it may be called from any callback for any watch. No-op when fd is -1. Does not close;
 * sets fd to -1 and returns what it was. */
int poll_remove(struct poll *p, struct poll_watch *watch);

/* Arms or re-arms. A timer that is due is called in the next turn, once. */
void poll_timer_set(struct poll *p, struct poll_timer *timer, int64_t due_ns);
void poll_timer_stop(struct poll *p, struct poll_timer *timer);

/* One turn: waits for events, the earliest deadline or poll_wake; calls what is due. Returns true if it
 * was woken by poll_wake. */
bool poll_turn(struct poll *p);
/* Thread-safe and async-signal-safe; wakes are merged. */
void poll_wake(struct poll *p);

#endif
