/* A hash table without locks, because who writes may be killed at any moment, and because a child of vfork
 * writes to it. A number stands in one of PROBES places from its own on; consecutive numbers have places side
 * by side. If these are taken the number is not kept: then marks have to do. There are more places than slots,
 * so that takes pathological numbers.
 */
#include "os/groups.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#define PLACES (1u << 17)
#define PROBES 64u

static atomic_int *table;
static pid_t session_shared;

int groups_share(struct error *err)
{
    size_t size = PLACES * sizeof *table;
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return error_set_errno(err, ERR_SYSTEM, errno, "mmap");
    table = memory;
    session_shared = getsid(0);
    return 0;
}

static atomic_int *place(pid_t group, unsigned probe)
{
    return &table[((unsigned)group + probe) % PLACES];
}

/* Changes the first of the places of `group` that holds `from`. */
static bool change(pid_t group, int from, int to)
{
    for (unsigned i = 0; table && i < PROBES; i++) {
        int expected = from;
        if (atomic_compare_exchange_strong(place(group, i), &expected, to))
            return true;
    }
    return false;
}

void groups_add(pid_t group)
{
    change(group, 0, group);
}

void groups_remove(pid_t group)
{
    change(group, group, 0);
}

bool groups_have(pid_t group, pid_t session)
{
    if (!table || group <= 1 || session != session_shared)
        return false;
    for (unsigned i = 0; i < PROBES; i++)
        if (atomic_load(place(group, i)) == group)
            return true;
    return false;
}
