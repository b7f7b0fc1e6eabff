/* How many processors this process may keep busy.
 *
 * The affinity mask says where it may run, cgroup quotas say how much. Quotas bind at every level between
 * the root of the hierarchy and our own group, so the smallest of them counts.
 */
#include "os/machine.h"

#include "base/buffer.h"
#include "os/clock.h"
#include "os/files.h"
#include "os/hierarchy.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static int processors_by_affinity(void)
{
    /* The kernel refuses a mask that is smaller than its own. */
    for (int bits = 1024; bits <= 1 << 20; bits *= 2) {
        cpu_set_t *set = CPU_ALLOC((size_t)bits);
        if (!set)
            break;
        size_t size = CPU_ALLOC_SIZE((size_t)bits);
        int failed = sched_getaffinity(0, size, set) < 0 ? errno : 0;
        int count = failed ? 0 : CPU_COUNT_S(size, set);
        CPU_FREE(set);
        if (!failed)
            return count;
        if (failed != EINVAL)
            break;
    }
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 && online < INT_MAX ? (int)online : 1;
}

/* The quota of one group in processors, rounded up; INT_MAX if it has none. */
static int group_quota(const char *group, bool is_v2, struct buffer *text)
{
    char name[PATH_MAX];
    long long quota = -1, period = 0;
    if (is_v2) {
        snprintf(name, sizeof name, "%s/cpu.max", group);
        if (!files_read_whole(name, text) || sscanf(buffer_text(text), "%lld %lld", &quota, &period) != 2)
            return INT_MAX;
    } else {
        snprintf(name, sizeof name, "%s/cpu.cfs_quota_us", group);
        if (!files_read_whole(name, text) || sscanf(buffer_text(text), "%lld", &quota) != 1)
            return INT_MAX;
        snprintf(name, sizeof name, "%s/cpu.cfs_period_us", group);
        if (!files_read_whole(name, text) || sscanf(buffer_text(text), "%lld", &period) != 1)
            return INT_MAX;
    }
    if (quota <= 0 || period <= 0)
        return INT_MAX;
    long long processors = quota / period + (quota % period != 0);
    return processors < INT_MAX ? (int)processors : INT_MAX;
}

/* From our group up to the mount point. */
static int smallest_quota(const struct hierarchy *h)
{
    struct buffer group = {0}, text = {0};
    size_t point_len = strlen(h->point);
    buffer_puts(&group, h->own);

    int smallest = INT_MAX;
    while (group.len >= point_len && group.len > 0) {
        int quota = group_quota(buffer_text(&group), h->is_v2, &text);
        smallest = quota < smallest ? quota : smallest;
        const char *slash = memrchr(group.data, '/', group.len);
        group.len = slash ? (size_t)(slash - group.data) : 0;
    }
    buffer_fini(&group);
    buffer_fini(&text);
    return smallest;
}

static int processors_by_quota(void)
{
    struct hierarchy h;
    if (!hierarchy_find(&h, "cpu"))
        return INT_MAX;
    int processors = smallest_quota(&h);
    hierarchy_fini(&h);
    return processors;
}

int machine_processors(void)
{
    static int known; /* asked for more than once at start-up; it is the same answer each time */
    if (known)
        return known;
    int affinity = processors_by_affinity();
    int quota = processors_by_quota();
    int least = quota < affinity ? quota : affinity;
    known = least > 0 ? least : 1;
    return known;
}

long machine_peak_rss_kib(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_maxrss : 0;
}

uint64_t machine_random(void)
{
    uint64_t random;
    /* An old kernel or a filter may refuse; what is left is at least never the same twice. */
    if (getentropy(&random, sizeof random) != 0)
        random = (uint64_t)clock_real_ns() ^ (uint64_t)getpid() << 40;
    return random;
}
