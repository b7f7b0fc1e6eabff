/* How the machine's processors are built: not what this process may use of them (see machine.h). */
#ifndef JOBPOOL_OS_TOPOLOGY_H
#define JOBPOOL_OS_TOPOLOGY_H

/* The number of cores and of sockets that have a processor that is on line; at least 1. */
int topology_cores(void);
int topology_sockets(void);

#endif
