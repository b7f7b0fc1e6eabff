/* Finding and signalling all processes of a task.
 *
 * A hunt is one such search. It visits processes from its starting points downwards and remembers each by
 * pid and start time, so none is taken twice. A process is held by a pidfd from the look at its identity
 * to the signal, so a number that was given to somebody else meanwhile is never hit.
 *
 * A hunt that kills (or stops) first stops the process, waits until it stands still, then lists its children,
 * then signals it: a stopped process adds no child, so the list is complete. What still slips away is a process that ended
 * between being listed and being visited: its children are our orphans then. Such a one makes the pass
 * "unsettled", as does one that cannot be made out because it is executing a program or exiting, and a hunt
 * repeats its passes until one is settled. Processes that were killed but are not dead yet cannot fork any
 * more; nobody waits for them here. Three descriptors are open at a time.
 *
 * The group number -root cannot be anybody else's: its leader is alive or not reaped.
 */
#include "os/tree.h"

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/duration.h"
#include "base/map.h"
#include "os/clock.h"
#include "os/groups.h"
#include "os/proc.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A search is repeated while it is unsettled: at once at first, then with pauses; 20 ms in all. */
#define MAX_PASSES 200
#define FAST_PASSES 20
#define PASS_PAUSE_US 100
#define MAX_LOOKS 50   /* at marks that cannot be read yet */
#define STILL_LIMIT_NS (20 * NS_PER_MS) /* one that waits for a disk, or for a child of vfork, stops later */
#define STILL_FAST_LOOKS 20
#define GUARDIAN_LIMIT_NS (30 * NS_PER_S)
#define QUIET_PASSES 3 /* the guardian's: this many in a row must find nobody */

/* Set once by the main thread before any other. */
static pid_t adopter;

/* The same, but it becomes 0 if it was killed and is about to be reaped. */
static _Atomic pid_t ignored;

/* Children that this process had before it was jobpool: a shell that executes it leaves it its background
 * jobs and the other end of `> >(...)`. They are somebody else's, and so are orphans of theirs. A number is
 * forgotten (0) before its zombie is reaped, so it is never that of a task. */
static _Atomic pid_t *inherited;
static size_t inherited_len;

void tree_note_children(void)
{
    siginfo_t info;
    struct proc_list children = {0};
    inherited_len = 0;
    /* In the usual case one call tells that there is none. */
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD)
        return;
    proc_children(getpid(), &children);
    inherited = xrealloc_array(inherited, children.len + 1, sizeof *inherited);
    for (size_t i = 0; i < children.len; i++)
        inherited[inherited_len++] = children.pids[i];
    free(children.pids);
}

int tree_adopt_orphans(pid_t ignore, struct error *err)
{
    adopter = getpid();
    ignored = ignore;
    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
        return error_set_errno(err, ERR_SYSTEM, errno, "PR_SET_CHILD_SUBREAPER");
    return 0;
}

static bool is_inherited(pid_t pid)
{
    for (size_t i = 0; i < inherited_len; i++)
        if (inherited[i] == pid)
            return true;
    return false;
}

static pid_t main_thread(void)
{
    return adopter ? adopter : getpid();
}

static bool is_untouchable(pid_t pid)
{
    return pid <= 1 || pid == getpid() || pid == ignored || is_inherited(pid);
}

/* ---- Adopted orphans: the children of the main thread ---- */

/* Each thread keeps the list open; the process is noted with it because tests fork. */
static _Thread_local struct {
    pid_t owner; /* 0: none is open */
    int fd;
} kept;

void tree_thread_ends(void)
{
    if (kept.owner)
        close(kept.fd);
    kept.owner = 0;
}

static int own_children_fd(void)
{
    pid_t owner = main_thread();
    if (kept.owner != owner) {
        tree_thread_ends();
        kept.fd = proc_open_own_children(owner);
        if (kept.fd < 0)
            return -1;
        kept.owner = owner;
    }
    return kept.fd;
}

static void list_orphans(struct proc_list *list)
{
    int fd = own_children_fd();
    if (fd >= 0)
        proc_read_children(fd, list);
    else
        proc_children(main_thread(), list);
}

/* One pread in the usual case. */
static bool has_no_orphans(void)
{
    char text[32];
    int fd = own_children_fd();
    ssize_t n = fd < 0 ? -1 : pread(fd, text, sizeof text - 1, 0);
    if (n <= 0)
        return n == 0;
    text[n] = '\0';
    char *end;
    long first = strtol(text, &end, 10);
    return first == ignored && n < (ssize_t)sizeof text - 1 && strspn(end, " \n") == strlen(end);
}

static void pause_us(long us)
{
    struct timespec pause = {.tv_nsec = us * 1000};
    nanosleep(&pause, NULL);
}

/* Before the next pass of a search that is unsettled; false when it has to do without. */
static bool may_search_again(int *passes)
{
    if (++*passes > FAST_PASSES)
        pause_us(PASS_PAUSE_US);
    return *passes < MAX_PASSES;
}

/* ---- Marks ---- */

/* Is `value` this run, or a run inside it? */
static bool is_run(const char *value, const char *run)
{
    size_t len = strlen(run);
    return value && strncmp(value, run, len) == 0 && (!value[len] || value[len] == '/');
}

/* What a process's environment says. It says nothing while a program is being executed or ends. */
enum marks { MARKS_OTHER, MARKS_OURS, MARKS_UNKNOWN };

/* A process of a run inside this one carries an id of its own, so only our own run's marks tell the task.
 * Without `id` it is about the run, and those inside it count. */
static enum marks read_marks(pid_t pid, const char *run_wanted, const char *id_wanted)
{
    struct buffer environment = {0};
    int status = proc_environment(pid, &environment);
    bool same = false;
    if (status > 0) {
        const char *run = proc_variable(&environment, "JOBPOOL_RUN");
        const char *id = proc_variable(&environment, "JOBPOOL_ID");
        if (id_wanted)
            same = run && id && strcmp(run, run_wanted) == 0 && strcmp(id, id_wanted) == 0;
        else
            same = is_run(run, run_wanted);
    }
    buffer_fini(&environment);
    return status == 0 ? MARKS_UNKNOWN : same ? MARKS_OURS : MARKS_OTHER;
}

/* A program that is being executed shows its marks in a moment, and is gone in another if it only starts
 * the next one: worth a few looks. */
static enum marks read_marks_soon(pid_t pid, const char *run, const char *id)
{
    enum marks marks = read_marks(pid, run, id);
    struct proc p;
    for (int look = 0; look < MAX_LOOKS && marks == MARKS_UNKNOWN; look++) {
        if (!proc_read(pid, &p) || !proc_is_alive(&p) || p.exiting || p.is_kernel)
            break;
        sched_yield();
        marks = read_marks(pid, run, id);
    }
    return marks;
}

static enum marks belongs_to(const struct proc *p, const struct tree *tree)
{
    return p->group == tree->root ? MARKS_OURS : read_marks_soon(p->pid, tree->run, tree->id);
}

/* ---- The hunt ---- */

struct hunt {
    int sig;
    bool freezes;     /* KILL or STOP: each is stopped before its children are listed */
    bool unsettled;   /* this pass found somebody new, or gone, or not to be made out: another one follows */
    struct map known; /* processes that were taken, and zombies that were seen */
    struct map strangers; /* numbers of processes that bore no mark when they were looked at */
    size_t taken;
    struct proc *queue; /* found, not visited yet; if nothing freezes it keeps all of them for the signals */
    size_t queue_len;
    size_t queue_cap;
    size_t queue_next;
};

static void hunt_init(struct hunt *h, int sig)
{
    *h = (struct hunt){.sig = sig, .freezes = sig == SIGKILL || sig == SIGSTOP};
}

static void hunt_fini(struct hunt *h)
{
    map_fini(&h->known);
    map_fini(&h->strangers);
    free(h->queue);
}

/* False if it was known before. */
static bool hunt_remember(struct hunt *h, const struct proc *p)
{
    struct {
        uint64_t start;
        int64_t pid;
    } key = {p->start, p->pid};
    return map_put(&h->known, (const char *)&key, sizeof key, h);
}

/* The process that was found as `p`, held: its pidfd, or -1 if it is gone. Without descriptors to spare
 * *unheld is set, and the number has to do. */
static int hold(const struct proc *p, bool *unheld)
{
    int pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
    *unheld = pidfd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOSYS);
    if (pidfd < 0 && !*unheld)
        return -1;
    struct proc now;
    if (proc_read(p->pid, &now) && now.start == p->start && proc_is_alive(&now))
        return pidfd;
    if (pidfd >= 0)
        close(pidfd);
    *unheld = false;
    return -1;
}

static void send_held(int pidfd, pid_t pid, int sig)
{
    if (pidfd >= 0)
        (void)syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0);
    else
        kill(pid, sig);
}

static void send_to(const struct proc *p, int sig)
{
    bool unheld;
    int pidfd = hold(p, &unheld);
    if (pidfd < 0 && !unheld)
        return;
    send_held(pidfd, p->pid, sig);
    if (pidfd >= 0)
        close(pidfd);
}

/* Puts a process on the queue, unless it is known. A dead one counts as news once. */
static void hunt_add(struct hunt *h, const struct proc *p)
{
    if (is_untouchable(p->pid) || !hunt_remember(h, p))
        return;
    h->unsettled = true;
    if (!proc_is_alive(p))
        return;
    if (h->queue_len == h->queue_cap) {
        h->queue_cap = h->queue_cap ? 2 * h->queue_cap : 32;
        h->queue = xrealloc_array(h->queue, h->queue_cap, sizeof *h->queue);
    }
    h->queue[h->queue_len++] = *p;
    h->taken++;
}

static void hunt_add_children(struct hunt *h, pid_t parent)
{
    struct proc_list children = {0};
    proc_children(parent, &children);
    for (size_t i = 0; i < children.len; i++) {
        struct proc p;
        if (!proc_read(children.pids[i], &p))
            h->unsettled = true;
        else if (p.parent == parent)
            hunt_add(h, &p);
    }
    free(children.pids);
}

/* The signal to stop counts when the process comes back from the kernel. Until then it may be in the middle of
 * fork, and the child is in nobody's list yet. */
static void await_stillness(pid_t pid)
{
    int64_t limit = 0;
    for (int looks = 0; !proc_is_still(pid); looks++) {
        int64_t now = clock_monotonic_ns();
        limit = limit ? limit : now + STILL_LIMIT_NS;
        if (now >= limit)
            break;
        if (looks < STILL_FAST_LOOKS)
            sched_yield();
        else
            pause_us(PASS_PAUSE_US);
    }
}

static void hunt_visit(struct hunt *h, struct proc p)
{
    bool unheld;
    int pidfd = hold(&p, &unheld);
    if (pidfd < 0 && !unheld) {
        h->unsettled = true;
        return;
    }
    if (h->freezes) {
        send_held(pidfd, p.pid, SIGSTOP);
        await_stillness(p.pid);
    }
    hunt_add_children(h, p.pid);
    if (h->sig == SIGKILL)
        send_held(pidfd, p.pid, SIGKILL);
    if (pidfd >= 0)
        close(pidfd);
}

static void hunt_descend(struct hunt *h)
{
    while (h->queue_next < h->queue_len)
        hunt_visit(h, h->queue[h->queue_next++]);
}

static bool has_gone(pid_t pid)
{
    struct proc now;
    return !proc_read(pid, &now) || !proc_is_alive(&now);
}

/* Takes an orphan if it is the task's. One that is exiting shows no marks any more; its children do. */
static void hunt_candidate(struct hunt *h, const struct proc *p, const struct tree *tree)
{
    enum marks marks = proc_is_alive(p) ? belongs_to(p, tree) : MARKS_OURS;
    if (marks == MARKS_OURS) {
        hunt_add(h, p);
    } else if (proc_is_exiting(p)) {
        struct proc_list children = {0};
        proc_children(p->pid, &children);
        for (size_t i = 0; i < children.len; i++) {
            struct proc child;
            if (proc_read(children.pids[i], &child))
                hunt_candidate(h, &child, tree);
        }
        free(children.pids);
        h->unsettled = h->unsettled || has_gone(p->pid);
    } else if (marks == MARKS_UNKNOWN) {
        h->unsettled = true;
    }
}

static void hunt_orphans(struct hunt *h, const struct tree *tree)
{
    struct proc_list orphans = {0};
    list_orphans(&orphans);
    /* The latest first: one that keeps starting others must be met before it is gone. */
    for (size_t i = orphans.len; i-- > 0;) {
        struct proc p;
        if (is_untouchable(orphans.pids[i]))
            continue;
        if (!proc_read(orphans.pids[i], &p))
            h->unsettled = true;
        else
            hunt_candidate(h, &p, tree);
        hunt_descend(h);
    }
    free(orphans.pids);
}

static void hunt_pass(struct hunt *h, const struct tree *tree)
{
    struct proc root;
    h->unsettled = false;
    if (h->freezes)
        kill(-tree->root, SIGSTOP);
    if (proc_read(tree->root, &root))
        hunt_add(h, &root);
    hunt_descend(h);
    hunt_orphans(h, tree);
    if (h->sig == SIGKILL)
        kill(-tree->root, SIGKILL);
}

/* The group gets its signal at once, everybody outside of it one by one. */
static void hunt_send(const struct hunt *h, pid_t group, int sig)
{
    kill(-group, sig);
    for (size_t i = 0; i < h->queue_len; i++)
        if (h->queue[i].group != group)
            send_to(&h->queue[i], sig);
}

int tree_signal(const struct tree *tree, int sig)
{
    if (is_untouchable(tree->root))
        return 0;
    struct hunt h;
    hunt_init(&h, sig);
    int passes = 0;
    do
        hunt_pass(&h, tree);
    while (h.unsettled && may_search_again(&passes));
    if (!h.freezes) {
        hunt_send(&h, tree->root, sig);
        if (sig != SIGCONT)
            hunt_send(&h, tree->root, SIGCONT);
    }
    int taken = (int)h.taken;
    hunt_fini(&h);
    return taken;
}

/* ---- Leftovers ---- */

/* What one look at the lists found. */
struct look {
    bool left;     /* a process of the task */
    bool unclear;  /* children may have been handed to us meanwhile, or marks could not be read */
    size_t buried; /* zombies: one more than before has handed over its children */
};

static void look_at(struct look *l, const struct proc_list *list, const struct tree *tree);

/* A process that only has to be buried is nothing that is left, but its children are, and it shows no marks
 * any more. If it hands them to us while we look, neither list has them. */
static void look_below(struct look *l, const struct proc *p, const struct tree *tree)
{
    struct proc_list children = {0};
    proc_children(p->pid, &children);
    look_at(l, &children, tree);
    free(children.pids);
    l->unclear = l->unclear || has_gone(p->pid);
}

/* Without `tree` all are taken for the task's. */
static void look_at(struct look *l, const struct proc_list *list, const struct tree *tree)
{
    for (size_t i = 0; i < list->len && !l->left; i++) {
        struct proc p;
        if (is_untouchable(list->pids[i]) || (tree && list->pids[i] == tree->root))
            continue;
        if (!proc_read(list->pids[i], &p)) {
            l->unclear = true;
        } else if (!proc_is_alive(&p)) {
            l->buried++;
        } else {
            enum marks marks = tree ? belongs_to(&p, tree) : MARKS_OURS;
            if (proc_is_exiting(&p))
                look_below(l, &p, marks == MARKS_OURS ? NULL : tree);
            else
                l->left = marks == MARKS_OURS;
            l->unclear = l->unclear || (marks == MARKS_UNKNOWN && !proc_is_exiting(&p));
        }
    }
}

static struct look look_for_leftovers(const struct tree *tree)
{
    struct look l = {0};
    struct proc_list list = {0};
    if (has_no_orphans())
        return l;
    list_orphans(&list);
    look_at(&l, &list, tree);
    free(list.pids);
    return l;
}

bool tree_has_leftovers(const struct tree *tree)
{
    struct look before = {0}, now = look_for_leftovers(tree);
    int passes = 0;
    while (!now.left && (now.unclear || now.buried > before.buried) && may_search_again(&passes)) {
        before = now;
        now = look_for_leftovers(tree);
    }
    return now.left;
}

/* ---- The end of a run ---- */

/* The number of a process that is about to be reaped will be free for others: a guardian that was killed,
 * a child from before. */
static void forget(pid_t pid)
{
    if (pid == ignored)
        ignored = 0;
    for (size_t i = 0; i < inherited_len; i++)
        if (inherited[i] == pid)
            inherited[i] = 0;
}

bool tree_reap_orphans(void)
{
    for (bool reaped = false;; reaped = true) {
        siginfo_t info = {0};
        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WNOTHREAD) < 0) {
            if (errno == EINTR)
                continue;
            return reaped;
        }
        if (info.si_pid == 0)
            return reaped;
        forget(info.si_pid);
        (void)waitid(P_PID, (id_t)info.si_pid, &info, WEXITED | WNOHANG | __WNOTHREAD);
    }
}

/* Is this child ours to kill? Where others were here before, it may be an orphan of theirs, and only marks
 * tell. */
static bool is_our_orphan(pid_t pid, const char *run)
{
    return !is_untouchable(pid) &&
           (inherited_len == 0 || read_marks_soon(pid, run, NULL) != MARKS_OTHER);
}

/* Takes our orphans from the list; false if there is none. */
static bool hunt_our_orphans(struct hunt *h, const struct proc_list *orphans, const char *run)
{
    bool any = false;
    for (size_t i = 0; i < orphans->len; i++) {
        struct proc p;
        if (!is_our_orphan(orphans->pids[i], run))
            continue;
        any = true;
        if (proc_read(orphans->pids[i], &p) && p.parent == getpid())
            hunt_add(h, &p);
    }
    return any;
}

/* Takes a process that has the mark, or is in a task's group. The mark is looked at again behind the start
 * time, because the number may have changed hands between the two. */
static void hunt_if_marked(struct hunt *h, pid_t pid, const char *run)
{
    struct proc p;
    if (proc_read(pid, &p) && groups_have(p.group, p.session)) {
        hunt_add(h, &p);
        return;
    }
    enum marks marks = read_marks_soon(pid, run, NULL);
    if (marks == MARKS_OTHER || !proc_read(pid, &p) || p.is_kernel || !proc_is_alive(&p)) {
        map_put(&h->strangers, (const char *)&pid, sizeof pid, h);
        return;
    }
    if (marks == MARKS_OURS && read_marks(pid, run, NULL) == MARKS_OURS)
        hunt_add(h, &p);
    else
        h->unsettled = true;
}

/* The highest numbers first: most often these are the latest. */
static void hunt_marked(struct hunt *h, const char *run, bool pass_strangers)
{
    struct proc_list all = {0};
    proc_all(&all);
    for (size_t i = all.len; i-- > 0;) {
        pid_t pid = all.pids[i];
        bool passed = pass_strangers && map_get(&h->strangers, (const char *)&pid, sizeof pid);
        if (!passed && !is_untouchable(pid))
            hunt_if_marked(h, pid, run);
        hunt_descend(h);
    }
    free(all.pids);
}

/* All that a run started is below this process, which adopts it. A look at the whole system, which is slow,
 * follows only if something was left. */
bool tree_kill_run(const char *run)
{
    int64_t limit = clock_monotonic_ns() + NS_PER_S;
    struct proc_list orphans = {0};
    struct hunt h;
    hunt_init(&h, SIGKILL);
    bool done;
    for (bool first = true;; first = false) {
        tree_reap_orphans();
        orphans.len = 0;
        proc_children(getpid(), &orphans);
        done = !hunt_our_orphans(&h, &orphans, run);
        if (done || clock_monotonic_ns() >= limit)
            break;
        hunt_descend(&h);
        if (first)
            hunt_marked(&h, run, false);
        pause_us(1000);
    }
    hunt_fini(&h);
    free(orphans.pids);
    return done;
}

/* While somebody is found, the next pass looks only at numbers that are new: to be faster than whoever starts
 * a successor and goes. A quiet pass counts only if it looked at everybody. */
void tree_kill_marked(const char *run)
{
    int64_t limit = clock_monotonic_ns() + GUARDIAN_LIMIT_NS;
    struct hunt h;
    hunt_init(&h, SIGKILL);
    int quiet = 0;
    for (bool hot = false; quiet < QUIET_PASSES && clock_monotonic_ns() < limit; hot = h.unsettled) {
        h.unsettled = false;
        hunt_marked(&h, run, hot);
        quiet = h.unsettled || hot ? 0 : quiet + 1;
        if (quiet)
            pause_us(1000);
    }
    hunt_fini(&h);
}
