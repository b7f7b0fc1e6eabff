/* --halt: when to stop a run early. A rule as GNU parallel writes it: never |
 * soon|now,fail|success|done=N|N%, and its older forms 0, 1, 2, -1, -2 and N%. Pure: counts go in, a decision comes out.
 */
#ifndef JOBPOOL_POOL_HALT_H
#define JOBPOOL_POOL_HALT_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

enum halt_when {
    HALT_NEVER,
    HALT_SOON, /* start nothing new */
    HALT_NOW,  /* and end what runs */
};

enum halt_what {
    HALT_FAIL,
    HALT_SUCCESS,
    HALT_DONE,
};

struct halt_rule {
    enum halt_when when;
    enum halt_what what;
    int64_t count; /* 0: percent counts */
    int percent;   /* 1 to 100, of all tasks that there will be */
};

/* ERR_USAGE with the ways to write it. */
int halt_parse(const char *text, struct halt_rule *rule, struct error *err);
/* `total`: how many tasks there will be, -1 while that is unknown; then no percentage is reached. */
bool halt_reached(const struct halt_rule *rule, uint64_t succeeded, uint64_t failed, int64_t total);

#endif
