/* Where this process stands in a hierarchy of control groups. */
#ifndef JOBPOOL_OS_HIERARCHY_H
#define JOBPOOL_OS_HIERARCHY_H

#include <stdbool.h>

struct hierarchy {
    bool is_v2;
    bool is_outside; /* our group is not in the part that is mounted; then `own` is the mount point */
    char *point;     /* where it is mounted */
    char *own;       /* the directory of our group: the mount point, or one below it */
};

/* Finds the hierarchy with that controller, v1 or v2; with NULL the v2 one, whatever is in it. False if there
 * is none, or it is not mounted: then nothing is to be freed. */
bool hierarchy_find(struct hierarchy *h, const char *controller);
/* The same from files like /proc/self/cgroup and /proc/self/mountinfo. */
bool hierarchy_find_in(struct hierarchy *h, const char *controller, const char *groups_file,
                       const char *mounts_file);
void hierarchy_fini(struct hierarchy *h);

#endif
