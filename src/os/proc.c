/* Reading /proc without stdio: the guardian has no standard descriptors and supervisors are many.
 *
 * The list of children in /proc/PID/task/TID/children (CONFIG_PROC_CHILDREN) is exact for a process that
 * is stopped. Read in pieces while children come and go it may skip some; who must have all asks again.
 */
#include "os/proc.h"

#include "base/alloc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of the kernel's task flags; the same since 2.6.27. */
#define FLAG_EXITING 0x4
#define FLAG_KERNEL 0x200000

static ssize_t read_retrying(int fd, void *data, size_t size, off_t offset)
{
    ssize_t n;
    do
        n = pread(fd, data, size, offset);
    while (n < 0 && errno == EINTR);
    return n;
}

/* The number at the start of `text`, which is moved behind it and the one space that follows. */
static long long next_number(const char **text)
{
    char *end;
    long long value = strtoll(*text, &end, 10);
    *text = *end == ' ' ? end + 1 : end;
    return value;
}

static void skip_numbers(const char **text, int count)
{
    for (; count > 0 && **text; count--) {
        *text += strcspn(*text, " ");
        *text += **text == ' ';
    }
}

/* Reads the file `name` in the open folder `dir`, or by its whole path: that of a process or of one thread. */
static bool read_stat(int dir, const char *name, pid_t pid, struct proc *p)
{
    char text[1024];
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = read_retrying(fd, text, sizeof text - 1, 0);
    close(fd);
    if (n <= 0)
        return false;
    text[n] = '\0';

    /* The name of the program is in brackets and may itself hold any character. */
    const char *at = strrchr(text, ')');
    if (!at || strlen(at) < 4)
        return false;
    *p = (struct proc){.pid = pid, .state = at[2]};
    at += 4;
    p->parent = (pid_t)next_number(&at);
    p->group = (pid_t)next_number(&at);
    p->session = (pid_t)next_number(&at);
    skip_numbers(&at, 2);
    long long flags = next_number(&at);
    p->exiting = (flags & FLAG_EXITING) != 0;
    p->is_kernel = (flags & FLAG_KERNEL) != 0;
    skip_numbers(&at, 10);
    p->threads = (long)next_number(&at);
    skip_numbers(&at, 1);
    p->start = (uint64_t)next_number(&at);
    skip_numbers(&at, 28);
    /* Its end in memory (field 51), which execve sets last. */
    p->has_environment = *at && *at != '0';
    return true;
}

bool proc_read(pid_t pid, struct proc *p)
{
    char name[48];
    snprintf(name, sizeof name, "/proc/%d/stat", (int)pid);
    return read_stat(AT_FDCWD, name, pid, p);
}

bool proc_is_alive(const struct proc *p)
{
    /* A process whose first thread has ended shows that thread's state. */
    return (p->state != 'Z' && p->state != 'X' && p->state != 'x') || p->threads > 1;
}

bool proc_is_exiting(const struct proc *p)
{
    return p->exiting && p->threads <= 1 && proc_is_alive(p);
}

void proc_list_add(struct proc_list *list, pid_t pid)
{
    if (list->len == list->cap) {
        list->cap = list->cap ? 2 * list->cap : 64;
        list->pids = xrealloc_array(list->pids, list->cap, sizeof *list->pids);
    }
    list->pids[list->len++] = pid;
}

int proc_open_own_children(pid_t tid)
{
    char name[64];
    snprintf(name, sizeof name, "/proc/self/task/%d/children", (int)tid);
    return open(name, O_RDONLY | O_CLOEXEC);
}

void proc_read_children(int fd, struct proc_list *list)
{
    char text[4096];
    off_t offset = 0;
    pid_t pid = 0; /* a number may be cut by the end of a piece */
    ssize_t n;
    while ((n = read_retrying(fd, text, sizeof text, offset)) > 0) {
        offset += n;
        for (ssize_t i = 0; i < n; i++) {
            if (text[i] >= '0' && text[i] <= '9') {
                pid = pid * 10 + (text[i] - '0');
            } else if (pid) {
                proc_list_add(list, pid);
                pid = 0;
            }
        }
    }
    if (pid)
        proc_list_add(list, pid);
}

static bool is_number(const char *name)
{
    return *name && strspn(name, "0123456789") == strlen(name);
}

void proc_all(struct proc_list *list)
{
    DIR *dir = opendir("/proc");
    if (!dir)
        return;
    for (struct dirent *entry; (entry = readdir(dir));)
        if (is_number(entry->d_name))
            proc_list_add(list, (pid_t)strtol(entry->d_name, NULL, 10));
    closedir(dir);
}

static void search_children(pid_t parent, struct proc_list *list)
{
    struct proc_list all = {0};
    proc_all(&all);
    for (size_t i = 0; i < all.len; i++) {
        struct proc p;
        if (proc_read(all.pids[i], &p) && p.parent == parent)
            proc_list_add(list, p.pid);
    }
    free(all.pids);
}

/* Opens the folder of a process's threads. */
static DIR *open_threads(pid_t pid)
{
    char name[48];
    snprintf(name, sizeof name, "/proc/%d/task", (int)pid);
    return opendir(name);
}

/* The name of a file of the next thread, relative to the folder; false behind the last one. */
static bool next_thread(DIR *threads, const char *file, char *name, size_t size)
{
    struct dirent *entry;
    while ((entry = readdir(threads)))
        if (is_number(entry->d_name))
            return snprintf(name, size, "%s/%s", entry->d_name, file) > 0;
    return false;
}

void proc_children(pid_t pid, struct proc_list *list)
{
    char name[320];
    DIR *threads = open_threads(pid);
    bool has_lists = true;
    while (threads && has_lists && next_thread(threads, "children", name, sizeof name)) {
        int fd = openat(dirfd(threads), name, O_RDONLY | O_CLOEXEC);
        if (fd >= 0) {
            proc_read_children(fd, list);
            close(fd);
        } else {
            /* Without CONFIG_PROC_CHILDREN the thread is there and its list is not. */
            *strchr(name, '/') = '\0';
            has_lists = faccessat(dirfd(threads), name, F_OK, 0) < 0;
        }
    }
    if (threads)
        closedir(threads);
    if (!threads ? errno == EMFILE || errno == ENFILE : !has_lists)
        search_children(pid, list);
}

static bool is_still(const struct proc *thread)
{
    return thread->exiting || strchr("TtZXx", thread->state);
}

bool proc_is_still(pid_t pid)
{
    char name[320];
    struct proc p;
    if (!proc_read(pid, &p) || !proc_is_alive(&p))
        return true;
    if (p.threads == 1)
        return is_still(&p);
    DIR *threads = open_threads(pid);
    bool still = true;
    while (threads && still && next_thread(threads, "stat", name, sizeof name))
        still = !read_stat(dirfd(threads), name, pid, &p) || is_still(&p);
    if (threads)
        closedir(threads);
    return still;
}

static int read_environment(pid_t pid, struct buffer *out)
{
    char name[48];
    snprintf(name, sizeof name, "/proc/%d/environ", (int)pid);
    buffer_clear(out);
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    /* Newer kernels refuse to open what has no memory; older ones let nothing be read. */
    if (fd < 0)
        return errno == ESRCH ? 0 : -1;
    ssize_t n;
    do {
        char *place = buffer_reserve(out, 65536);
        n = read_retrying(fd, place, 65536, (off_t)out->len);
        if (n > 0)
            out->len += (size_t)n;
    } while (n > 0);
    close(fd);
    return 1;
}

int proc_environment(pid_t pid, struct buffer *out)
{
    struct proc p;
    int status = read_environment(pid, out);
    /* Nothing to read is an empty environment only if it was complete before it was read. */
    for (int again = 0; status > 0 && out->len == 0 && again < 2; again++) {
        if (!proc_read(pid, &p))
            return -1;
        status = p.has_environment ? read_environment(pid, out) : 0;
    }
    return status;
}

const char *proc_variable(const struct buffer *environment, const char *name)
{
    size_t name_len = strlen(name);
    for (size_t offset = 0; offset < environment->len;) {
        const char *at = environment->data + offset;
        /* A program may have written over its environment: the last string need not be ended. */
        const char *stop = memchr(at, '\0', environment->len - offset);
        if (!stop)
            return NULL;
        if ((size_t)(stop - at) > name_len && memcmp(at, name, name_len) == 0 && at[name_len] == '=')
            return at + name_len + 1;
        offset += (size_t)(stop - at) + 1;
    }
    return NULL;
}
