/* The processes of one task, all of them: the living descendants of its root, its process group, and
 * orphans that jobpool adopted (it is a subreaper) and that carry the task's marks in their environment.
 * Every task's environment has JOBPOOL_RUN (this run, behind the runs around it: "outer/inner") and
 * JOBPOOL_ID. Reads /proc; any thread may call.
 */
#ifndef JOBPOOL_OS_TREE_H
#define JOBPOOL_OS_TREE_H

#include "base/error.h"

#include <stdbool.h>
#include <sys/types.h>

struct tree {
    pid_t root;      /* leader of its group; alive, or a zombie that is not reaped yet */
    const char *run; /* value of JOBPOOL_RUN */
    const char *id;  /* value of JOBPOOL_ID */
};

/* Remembers the children that the process has already (a shell that executed jobpool left them to it): they, and
 * orphans of theirs, are somebody else's. Once, in the main thread, before it starts anything. */
void tree_note_children(void);

/* Makes this process the reaper of its descendants' orphans and remembers `ignore` (the guardian) as no
 * orphan. Once, in the main thread, before any task. */
int tree_adopt_orphans(pid_t ignore, struct error *err);

/* Is anything left of a task whose root is dead? Its children were handed to jobpool before it became a zombie.
 * Cheap when jobpool has no orphans: one pread. */
bool tree_has_leftovers(const struct tree *tree);

/* Closes what the calling thread keeps open for these looks; before it ends. */
void tree_thread_ends(void);

/* Sends `sig` to every process of the task. With SIGKILL each process is stopped before its children are
 * listed, so that none escapes by forking, and the search is repeated until it finds nobody alive.
 * With any that does not stop or kill, SIGCONT follows, so that stopped processes see it. Returns how many were signalled. */
int tree_signal(const struct tree *tree, int sig);

/* Reaps adopted orphans that are dead, and never a task (`__WNOTHREAD`; the main thread starts no task).
 * True if there was one. Main thread only. */
bool tree_reap_orphans(void);

/* Kills (SIGKILL) everything that still carries this run's mark and every adopted orphan, and reaps what is
 * ours. In a process that had children before, orphans without the mark may be theirs, and stay. Main
 * thread, when no supervisor has a task. Bounded: gives up after 1 s and returns false. */
bool tree_kill_run(const char *run);

/* For the guardian: every process in the system whose JOBPOOL_RUN is `run` or begins with "run/", or whose group
 * is a task's (os/groups.h): held by pidfd, checked again, stopped, killed; repeated until none is left. */
void tree_kill_marked(const char *run);

#endif
