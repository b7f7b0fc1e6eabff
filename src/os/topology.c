/* /sys tells for each processor its socket, and the number of its core within that. */
#include "os/topology.h"

#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct place {
    int socket;
    int core;
};

static int read_number(long processor, const char *name)
{
    char path[100];
    int number = -1;
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%ld/topology/%s", processor, name);
    FILE *file = fopen(path, "re");
    if (!file)
        return -1;
    if (fscanf(file, "%d", &number) != 1) /* NOLINT(cert-err34-c): the kernel wrote it */
        number = -1;
    fclose(file);
    return number;
}

static int compare_place(const void *a, const void *b)
{
    const struct place *p = a, *q = b;
    if (p->socket != q->socket)
        return p->socket < q->socket ? -1 : 1;
    return p->core < q->core ? -1 : p->core > q->core;
}

static int count_places(int with_cores)
{
    long processors = sysconf(_SC_NPROCESSORS_CONF);
    struct place *places = xcalloc(processors > 0 ? (size_t)processors : 1, sizeof *places);
    size_t len = 0;
    int different = 0;
    for (long i = 0; i < processors; i++) {
        struct place p = {read_number(i, "physical_package_id"), with_cores ? read_number(i, "core_id") : 0};
        if (p.core >= 0) /* a socket may be -1: it is one that the machine does not name */
            places[len++] = p;
    }
    qsort(places, len, sizeof *places, compare_place);
    for (size_t i = 0; i < len; i++)
        different += i == 0 || compare_place(&places[i - 1], &places[i]) != 0;
    free(places);
    return different > 0 ? different : 1;
}

int topology_cores(void)
{
    return count_places(1);
}

int topology_sockets(void)
{
    return count_places(0);
}
