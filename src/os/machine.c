/* How many processors this process may keep busy.
 *
 * The affinity mask says where it may run, cgroup quotas say how much. Quotas bind at every level between
 * the root of the hierarchy and our own group, so the smallest of them counts. Which hierarchy carries the
 * cpu controller (v2, or one of v1) is read from /proc/self/cgroup, where it is mounted from
 * /proc/self/mountinfo.
 */
#include "os/machine.h"

#include "base/buffer.h"

#include <errno.h>
#include <fcntl.h>
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

static bool read_file(const char *name, struct buffer *out)
{
    buffer_clear(out);
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n;
    while ((n = read(fd, buffer_reserve(out, 4096), 4096)) > 0 || (n < 0 && errno == EINTR))
        out->len += n > 0 ? (size_t)n : 0;
    close(fd);
    return n == 0;
}

/* Is `word` one of the comma-separated words of `list`? */
static bool has_word(const char *list, const char *word)
{
    size_t len = strlen(word);
    for (;;) {
        size_t n = strcspn(list, ",");
        if (n == len && memcmp(list, word, len) == 0)
            return true;
        if (!list[n])
            return false;
        list += n + 1;
    }
}

/* Our path in the hierarchy with the cpu controller, out of the text of /proc/self/cgroup, which is cut
 * up. A v1 hierarchy goes before the v2 one: a controller is in one of them only. */
static const char *group_path(char *text, bool *is_v2)
{
    const char *found = NULL;
    char *save;
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        char *controllers = strchr(line, ':');
        char *path = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!path)
            continue;
        *controllers++ = '\0';
        *path++ = '\0';
        if (has_word(controllers, "cpu")) {
            *is_v2 = false;
            return path;
        }
        if (!*controllers && strcmp(line, "0") == 0) {
            *is_v2 = true;
            found = path;
        }
    }
    return found;
}

/* mountinfo writes blanks and backslashes in names as \ooo. */
static void unescape(char *name)
{
    char *to = name;
    for (const char *from = name; *from; to++) {
        if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] && from[3]) {
            *to = (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 + (from[3] - '0'));
            from += 4;
        } else {
            *to = *from++;
        }
    }
    *to = '\0';
}

struct mount {
    char *root;  /* the part of the hierarchy that is mounted */
    char *point; /* where */
};

/* Cuts up one line of mountinfo; false if it is no mount of the hierarchy in question. */
static bool parse_mount(char *line, bool is_v2, struct mount *m)
{
    char *fields[6] = {NULL};
    char *rest = strstr(line, " - ");
    if (!rest)
        return false;
    *rest = '\0';
    char *save;
    int count = 0;
    for (char *field = strtok_r(line, " ", &save); field && count < 6; field = strtok_r(NULL, " ", &save))
        fields[count++] = field;
    const char *type = strtok_r(rest + 3, " ", &save);
    (void)strtok_r(NULL, " ", &save);
    const char *options = strtok_r(NULL, " ", &save);
    if (count < 6 || !type || strcmp(type, is_v2 ? "cgroup2" : "cgroup") != 0)
        return false;
    if (!is_v2 && !(options && has_word(options, "cpu")))
        return false;
    m->root = fields[3];
    m->point = fields[4];
    unescape(m->root);
    unescape(m->point);
    return true;
}

/* The quota of one group in processors, rounded up; INT_MAX if it has none. */
static int group_quota(const char *group, bool is_v2, struct buffer *text)
{
    char name[PATH_MAX];
    long long quota = -1, period = 0;
    if (is_v2) {
        snprintf(name, sizeof name, "%s/cpu.max", group);
        if (!read_file(name, text) || sscanf(buffer_text(text), "%lld %lld", &quota, &period) != 2)
            return INT_MAX;
    } else {
        snprintf(name, sizeof name, "%s/cpu.cfs_quota_us", group);
        if (!read_file(name, text) || sscanf(buffer_text(text), "%lld", &quota) != 1)
            return INT_MAX;
        snprintf(name, sizeof name, "%s/cpu.cfs_period_us", group);
        if (!read_file(name, text) || sscanf(buffer_text(text), "%lld", &period) != 1)
            return INT_MAX;
    }
    if (quota <= 0 || period <= 0)
        return INT_MAX;
    long long processors = quota / period + (quota % period != 0);
    return processors < INT_MAX ? (int)processors : INT_MAX;
}

/* From our group up to the mount point. */
static int smallest_quota(const struct mount *m, const char *path, bool is_v2)
{
    size_t root_len = strcmp(m->root, "/") == 0 ? 0 : strlen(m->root);
    /* In a container the path may lie outside what is mounted; then the mounted root is our group. */
    bool below = strncmp(path, m->root, root_len) == 0 && (path[root_len] == '/' || !path[root_len]) &&
                 !strstr(path, "/..");
    struct buffer group = {0}, text = {0};
    size_t point_len = strlen(m->point);
    buffer_puts(&group, m->point);
    if (below && strcmp(path + root_len, "/") != 0)
        buffer_puts(&group, path + root_len);

    int smallest = INT_MAX;
    while (group.len >= point_len && group.len > 0) {
        int quota = group_quota(buffer_text(&group), is_v2, &text);
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
    struct buffer groups = {0}, mounts = {0};
    bool is_v2 = false;
    int processors = INT_MAX;
    const char *path = NULL;
    if (read_file("/proc/self/cgroup", &groups))
        path = group_path(buffer_text(&groups), &is_v2);
    if (path && read_file("/proc/self/mountinfo", &mounts)) {
        char *save;
        struct mount m;
        char *line = strtok_r(buffer_text(&mounts), "\n", &save);
        for (; line; line = strtok_r(NULL, "\n", &save)) {
            if (parse_mount(line, is_v2, &m)) {
                processors = smallest_quota(&m, path, is_v2);
                break;
            }
        }
    }
    buffer_fini(&groups);
    buffer_fini(&mounts);
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
