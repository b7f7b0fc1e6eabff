/* The loop of one supervisor.
 *
 * Events are fetched in batches. Between the fetch and the call of an event an earlier callback may remove
 * its watch, so the batch stays in the loop and poll_remove strikes the watch out of it.
 *
 * Timers that are due move to a second heap before any is called: what a callback arms waits for the
 * next turn, and a callback may still stop a timer that has moved. The top bit of `order` says which heap
 * a timer is in.
 *
 * Waking: a flag is set by the first waker, who alone writes to the eventfd, and cleared by the loop before
 * the caller of poll_turn looks at what it was woken for. The eventfd is edge-triggered and never read.
 */
#include "os/poll.h"

#include "base/alloc.h"
#include "base/duration.h"
#include "base/list.h"
#include "os/clock.h"

#include <errno.h>
#include <limits.h>
#include <linux/time_types.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BATCH 64
#define EXPIRING (UINT64_C(1) << 63)

struct poll {
    int epoll_fd;
    int event_fd;
    atomic_bool woken;
    bool only_milliseconds; /* the kernel has no epoll_pwait2 */
    struct heap timers;
    struct heap expiring;
    uint64_t next_order;
    struct epoll_event events[BATCH];
    int event_next; /* the first that is not called yet */
    int event_count;
};

static struct poll_timer *timer_of(const struct heap_node *node)
{
    return list_entry(node, struct poll_timer, node);
}

static bool timer_less(const struct heap_node *a, const struct heap_node *b)
{
    const struct poll_timer *x = timer_of(a);
    const struct poll_timer *y = timer_of(b);
    return x->due_ns != y->due_ns ? x->due_ns < y->due_ns : x->order < y->order;
}

struct poll *poll_new(struct error *err)
{
    struct poll *p = xcalloc(1, sizeof *p);
    heap_init(&p->timers, timer_less);
    heap_init(&p->expiring, timer_less);
    p->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    p->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.ptr = p};
    if (p->event_fd >= 0 && p->epoll_fd >= 0 &&
        epoll_ctl(p->epoll_fd, EPOLL_CTL_ADD, p->event_fd, &event) == 0)
        return p;
    error_set_errno(err, ERR_SYSTEM, errno, "event loop");
    poll_free(p);
    return NULL;
}

void poll_free(struct poll *p)
{
    if (!p)
        return;
    if (p->epoll_fd >= 0)
        close(p->epoll_fd);
    if (p->event_fd >= 0)
        close(p->event_fd);
    heap_fini(&p->timers);
    heap_fini(&p->expiring);
    free(p);
}

int poll_add(struct poll *p, struct poll_watch *watch, bool writing, struct error *err)
{
    struct epoll_event event = {.events = writing ? EPOLLOUT : EPOLLIN, .data.ptr = watch};
    if (epoll_ctl(p->epoll_fd, EPOLL_CTL_ADD, watch->fd, &event) < 0)
        return error_set_errno(err, ERR_SYSTEM, errno, "epoll_ctl");
    return 0;
}

int poll_remove(struct poll *p, struct poll_watch *watch)
{
    int fd = watch->fd;
    if (fd < 0)
        return -1;
    struct epoll_event ignored = {0};
    (void)epoll_ctl(p->epoll_fd, EPOLL_CTL_DEL, fd, &ignored);
    for (int i = p->event_next; i < p->event_count; i++)
        if (p->events[i].data.ptr == watch)
            p->events[i].data.ptr = NULL;
    watch->fd = -1;
    return fd;
}

void poll_timer_set(struct poll *p, struct poll_timer *timer, int64_t due_ns)
{
    poll_timer_stop(p, timer);
    timer->due_ns = due_ns;
    timer->order = p->next_order++;
    heap_insert(&p->timers, &timer->node);
}

void poll_timer_stop(struct poll *p, struct poll_timer *timer)
{
    if (heap_linked(&timer->node))
        heap_remove(timer->order & EXPIRING ? &p->expiring : &p->timers, &timer->node);
}

/* Nanoseconds until the first timer, or -1 for ever. */
static int64_t wait_length(const struct poll *p)
{
    const struct heap_node *first = heap_min(&p->timers);
    if (!first)
        return -1;
    int64_t left = timer_of(first)->due_ns - clock_monotonic_ns();
    return left > 0 ? left : 0;
}

static int wait_milliseconds(struct poll *p, int64_t ns)
{
    int64_t ms = ns < 0 ? -1 : ns / NS_PER_MS + (ns % NS_PER_MS != 0);
    return epoll_wait(p->epoll_fd, p->events, BATCH, ms > INT_MAX ? INT_MAX : (int)ms);
}

static int wait_for_events(struct poll *p, int64_t ns)
{
#ifdef SYS_epoll_pwait2
    /* Without a time to wait for, or with none to wait, the older call is as good. */
    if (ns > 0 && !p->only_milliseconds) {
        struct __kernel_timespec timeout = {.tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S};
        long n = syscall(SYS_epoll_pwait2, p->epoll_fd, p->events, BATCH, &timeout, NULL, (size_t)0);
        if (n >= 0 || errno == EINTR)
            return (int)n;
        p->only_milliseconds = true; /* there is no such call, or it is forbidden */
    }
#endif
    return wait_milliseconds(p, ns);
}

static bool call_ready(struct poll *p)
{
    bool woken = false;
    for (p->event_next = 0; p->event_next < p->event_count;) {
        void *source = p->events[p->event_next++].data.ptr;
        if (source == p) {
            atomic_exchange(&p->woken, false);
            woken = true;
        } else if (source) {
            struct poll_watch *watch = source;
            watch->ready(watch);
        }
    }
    p->event_next = p->event_count = 0;
    return woken;
}

static void call_expired(struct poll *p)
{
    struct heap_node *node = heap_min(&p->timers);
    if (!node)
        return;
    int64_t now = clock_monotonic_ns();
    for (; node && timer_of(node)->due_ns <= now; node = heap_min(&p->timers)) {
        heap_pop(&p->timers);
        timer_of(node)->order |= EXPIRING;
        heap_insert(&p->expiring, node);
    }
    while ((node = heap_pop(&p->expiring)))
        timer_of(node)->expired(timer_of(node));
}

bool poll_turn(struct poll *p)
{
    int count = wait_for_events(p, wait_length(p));
    p->event_count = count > 0 ? count : 0;
    bool woken = call_ready(p);
    call_expired(p);
    return woken;
}

void poll_wake(struct poll *p)
{
    if (atomic_exchange(&p->woken, true))
        return;
    int saved = errno;
    uint64_t one = 1;
    ssize_t n = write(p->event_fd, &one, sizeof one);
    (void)n;
    errno = saved;
}
