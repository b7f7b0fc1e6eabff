/* /proc/self/cgroup says which group is ours in each hierarchy, /proc/self/mountinfo where each is mounted.
 * A hierarchy may be mounted more than once, and only in part (a container sees its own): the mount that
 * shows our group goes before the others.
 */
#include "os/hierarchy.h"

#include "base/alloc.h"
#include "base/buffer.h"
#include "os/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE 1024

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

/* Our path in the hierarchy, out of the text of /proc/self/cgroup, which is cut up. A v1 hierarchy goes before
 * the v2 one: a controller is in one of them only. */
static const char *group_path(char *text, const char *controller, bool *is_v2)
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
        if (controller && has_word(controllers, controller)) {
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
static bool parse_mount(char *line, const char *controller, bool is_v2, struct mount *m)
{
    char *fields[6] = {NULL};
    char *rest = strstr(line, " - ");
    if (!rest || strncmp(rest + 3, "cgroup", 6) != 0)
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
    if (!is_v2 && !(options && has_word(options, controller)))
        return false;
    m->root = fields[3];
    m->point = fields[4];
    unescape(m->root);
    unescape(m->point);
    return true;
}

/* What of `path` lies below the root of the mount: "" or "/…"; NULL if our group is outside. */
static const char *path_below(const struct mount *m, const char *path)
{
    size_t root_len = strcmp(m->root, "/") == 0 ? 0 : strlen(m->root);
    if (strncmp(path, m->root, root_len) != 0 || (path[root_len] && path[root_len] != '/') ||
        strstr(path, "/.."))
        return NULL;
    return strcmp(path + root_len, "/") == 0 ? "" : path + root_len;
}

static void take_mount(struct hierarchy *h, const struct mount *m, const char *below)
{
    hierarchy_fini(h);
    h->point = xstrdup(m->point);
    h->own = xasprintf("%s%s", m->point, below ? below : "");
    h->is_outside = !below;
}

/* Looks at one line, which is cut up. True if no other need be looked at. */
static bool look_at_mount(struct hierarchy *h, char *line, const char *controller, const char *path)
{
    struct mount m;
    if (!parse_mount(line, controller, h->is_v2, &m))
        return false;
    const char *below = path_below(&m, path);
    if (below || !h->own)
        take_mount(h, &m, below);
    return below != NULL;
}

/* The kernel writes the list while it is read, and takes its time: no more is read than must be. */
static void find_mount(struct hierarchy *h, const char *mounts, const char *controller, const char *path)
{
    struct buffer text = {0};
    size_t line = 0;
    bool done = false;
    ssize_t n;
    int fd = open(mounts, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    while (!done && ((n = read(fd, buffer_reserve(&text, PIECE), PIECE)) > 0 || (n < 0 && errno == EINTR))) {
        text.len += n > 0 ? (size_t)n : 0;
        for (char *end; !done && (end = memchr(text.data + line, '\n', text.len - line));) {
            *end = '\0';
            done = look_at_mount(h, text.data + line, controller, path);
            line = (size_t)(end - text.data) + 1;
        }
    }
    close(fd);
    buffer_fini(&text);
}

bool hierarchy_find_in(struct hierarchy *h, const char *controller, const char *groups_file,
                       const char *mounts_file)
{
    struct buffer groups = {0};
    *h = (struct hierarchy){0};
    const char *path = NULL;
    if (files_read_whole(groups_file, &groups))
        path = group_path(buffer_text(&groups), controller, &h->is_v2);
    if (path)
        find_mount(h, mounts_file, controller, path);
    buffer_fini(&groups);
    return h->own != NULL;
}

bool hierarchy_find(struct hierarchy *h, const char *controller)
{
    return hierarchy_find_in(h, controller, "/proc/self/cgroup", "/proc/self/mountinfo");
}

void hierarchy_fini(struct hierarchy *h)
{
    free(h->point);
    free(h->own);
    h->point = h->own = NULL;
}
