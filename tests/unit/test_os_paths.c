/* Files with names that are made for the user. */
#include "os/paths.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/jobpool-paths.XXXXXX";

static int enter(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave(void **state)
{
    char command[64];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return chdir("/") < 0 ? -1 : system(command);
}

static void put(const char *path, const char *text)
{
    struct error err;
    int fd = paths_create(path, &err);
    assert_true(fd > 2);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void check(const char *path, const char *wanted)
{
    char got[64] = "";
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    (void)!fread(got, 1, sizeof got - 1, file);
    fclose(file);
    assert_string_equal(got, wanted);
}

static void directories_are_made(void **state)
{
    struct error err;
    (void)state;
    put("a/b//c/file", "1");
    check("a/b/c/file", "1");
    assert_int_equal(paths_make_directory("a/b", &err), 0);
    assert_int_equal(paths_make_directory("x/y/", &err), 0);
    assert_int_equal(access("x/y", F_OK), 0);
    assert_int_equal(paths_make_directory("a/b/c/file/d", &err), -1);
    assert_non_null(strstr(err.message, "a/b/c/file"));
    assert_int_equal(paths_create("x/y", &err), -1); /* a directory stays */
    assert_string_equal(err.message, "x/y: Is a directory (EISDIR)");
}

static void what_is_there_is_replaced_not_followed(void **state)
{
    (void)state;
    put("old", "old");
    put("other", "other");
    assert_int_equal(symlink("other", "link"), 0);
    assert_int_equal(mkfifo("fifo", 0600), 0);
    put("old", "new");
    put("link", "own");
    put("fifo", "own");
    check("old", "new");
    check("link", "own");
    check("other", "other");
    check("fifo", "own");
}

static void temporary_files_stay(void **state)
{
    struct buffer path = {0}, second = {0};
    struct error err;
    struct stat st;
    (void)state;
    setenv("TMPDIR", folder, 1);
    int fd = paths_create_temporary("par", ".par", &path, &err);
    int other = paths_create_temporary("par", ".par", &second, &err);
    assert_true(fd > 2 && other > 2);
    assert_string_not_equal(buffer_text(&path), buffer_text(&second));
    assert_int_equal(path.len, strlen(folder) + strlen("/par12345.par"));
    assert_memory_equal(path.data, folder, strlen(folder));
    assert_int_equal(stat(buffer_text(&path), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    close(fd);
    close(other);
    setenv("TMPDIR", "/nonexistent", 1);
    assert_int_equal(paths_create_temporary("par", ".par", &path, &err), -1);
    assert_string_equal(err.message, "a file in /nonexistent: No such file or directory (ENOENT)");
    buffer_fini(&path);
    buffer_fini(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(directories_are_made),
        cmocka_unit_test(what_is_there_is_replaced_not_followed),
        cmocka_unit_test(temporary_files_stay),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
