/* Where our control group is, out of files as the kernel writes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "os/hierarchy.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/jobpool-test-XXXXXX";
static char groups_file[64], mounts_file[64];

static void write_file(const char *name, const char *text)
{
    FILE *f = fopen(name, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static bool find(struct hierarchy *h, const char *controller, const char *groups, const char *mounts)
{
    write_file(groups_file, groups);
    write_file(mounts_file, mounts);
    return hierarchy_find_in(h, controller, groups_file, mounts_file);
}

struct found {
    const char *controller, *groups, *mounts, *point, *own;
    bool is_v2, is_outside;
};

#define OTHERS                                                                                               \
    "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"                                                \
    "23 22 0:22 / /proc rw,nosuid shared:2 - proc proc rw\n"
#define V1(name)        "32 22 0:31 / /sys/fs/cgroup/" name " rw,nosuid shared:3 - cgroup cgroup rw," name "\n"
#define V2(root, point) "41 22 0:38 " root " " point " rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"

static const struct found cases[] = {
    /* v2 alone; at the root, and below it */
    {NULL, "0::/\n", OTHERS V2("/", "/sys/fs/cgroup"), "/sys/fs/cgroup", "/sys/fs/cgroup", true, false},
    {NULL, "0::/user.slice/a.scope\n", OTHERS V2("/", "/sys/fs/cgroup"), "/sys/fs/cgroup",
     "/sys/fs/cgroup/user.slice/a.scope", true, false},
    {"cpu", "0::/a\n", OTHERS V2("/", "/sys/fs/cgroup"), "/sys/fs/cgroup", "/sys/fs/cgroup/a", true, false},
    /* both, and each controller where it is */
    {NULL, "2:cpuacct,cpu:/c\n1:memory:/m\n0::/u\n", OTHERS V1("memory") V1("cpu") V2("/", "/unified"),
     "/unified", "/unified/u", true, false},
    {"cpu", "2:cpuacct,cpu:/c\n1:memory:/m\n0::/u\n", OTHERS V1("memory") V2("/", "/unified") V1("cpu"),
     "/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu/c", false, false},
    /* a container that sees its part of it, by its path or from outside */
    {NULL, "0::/docker/7\n", OTHERS V2("/docker/7", "/sys/fs/cgroup"), "/sys/fs/cgroup", "/sys/fs/cgroup",
     true, false},
    {NULL, "0::/docker/7/x\n", OTHERS V2("/docker/7", "/cg"), "/cg", "/cg/x", true, false},
    {NULL, "0::/docker/71\n", OTHERS V2("/docker/7", "/cg"), "/cg", "/cg", true, true},
    {NULL, "0::/../b\n", OTHERS V2("/", "/cg"), "/cg", "/cg", true, true},
    /* the mount that shows our group goes before others */
    {NULL, "0::/a/b\n", OTHERS V2("/c", "/first") V2("/a", "/second") V2("/", "/third"), "/second",
     "/second/b", true, false},
    /* blanks in names */
    {NULL, "0::/a b\n", OTHERS V2("/", "/my\\040groups"), "/my groups", "/my groups/a b", true, false},
};

static void test_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct found *c = &cases[i];
        struct hierarchy h;
        assert_true(find(&h, c->controller, c->groups, c->mounts));
        assert_string_equal(h.point, c->point);
        assert_string_equal(h.own, c->own);
        assert_int_equal(h.is_v2, c->is_v2);
        assert_int_equal(h.is_outside, c->is_outside);
        hierarchy_fini(&h);
    }
}

static void test_not_found(void **state)
{
    (void)state;
    struct hierarchy h;
    assert_false(find(&h, NULL, "", OTHERS V2("/", "/cg")));
    assert_false(find(&h, NULL, "1:cpu:/c\n", OTHERS V1("cpu") V2("/", "/cg")));
    assert_false(find(&h, NULL, "1:cpu:/c\n0::/\n", OTHERS V1("cpu")));
    assert_false(find(&h, NULL, "0::/\n", OTHERS));
    assert_false(find(&h, NULL, "0::/\n", ""));
    assert_false(find(&h, NULL, "garbage\n0:\n", "garbage\n - cgroup2\n1 2 3 - cgroup2 x y\n"));
    unlink(mounts_file);
    assert_false(hierarchy_find_in(&h, NULL, groups_file, mounts_file));
    unlink(groups_file);
    assert_false(hierarchy_find_in(&h, NULL, groups_file, mounts_file));
}

/* Longer than what is read at a time, and our line cut by the end of a piece. */
static void test_long_list(void **state)
{
    (void)state;
    char mounts[8192];
    for (size_t others = 3900; others < 4200; others += 7) {
        struct hierarchy h;
        size_t len = 0;
        while (len < others)
            len += (size_t)snprintf(mounts + len, sizeof mounts - len,
                                    "%zu 22 0:9 / /mnt/%zu rw - tmpfs t rw\n", len, len % 97);
        snprintf(mounts + len, sizeof mounts - len, "%s", V2("/", "/sys/fs/cgroup"));
        assert_true(find(&h, NULL, "0::/a\n", mounts));
        assert_string_equal(h.own, "/sys/fs/cgroup/a");
        hierarchy_fini(&h);
    }
}

int main(void)
{
    if (!mkdtemp(dir))
        return 1;
    snprintf(groups_file, sizeof groups_file, "%s/cgroup", dir);
    snprintf(mounts_file, sizeof mounts_file, "%s/mountinfo", dir);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_found),
        cmocka_unit_test(test_not_found),
        cmocka_unit_test(test_long_list),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(groups_file);
    unlink(mounts_file);
    rmdir(dir);
    return failed;
}
