/* base/spool: what is written is read back, places are used again, failures keep nothing, threads. */
#include "base/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int opened_fd, open_count;

static int open_temporary(struct error *err)
{
    char path[] = "/tmp/jobpool-test-spool-XXXXXX";
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return error_set_errno(err, ERR_OUTPUT, errno, "open %s", path);
    unlink(path);
    open_count++;
    return opened_fd = fd;
}

static int open_nothing(struct error *err)
{
    open_count++;
    return error_set(err, ERR_OUTPUT, "no file today");
}

static int open_full(struct error *err)
{
    (void)err;
    return opened_fd = open("/dev/full", O_RDWR | O_CLOEXEC);
}

static off_t file_size(void)
{
    struct stat st;
    assert_int_equal(fstat(opened_fd, &st), 0);
    return st.st_size;
}

static void fill(char *data, size_t len, unsigned seed)
{
    for (size_t i = 0; i < len; i++)
        data[i] = (char)((i * 31 + seed * 7919u + (i >> 8)) & 0xFF);
}

static void test_opened_at_first_write(void **state)
{
    (void)state;
    open_count = 0;
    struct spool *s = spool_new(open_temporary);
    struct spool_piece piece, empty;
    struct error err;
    assert_int_equal(spool_live(s), 0);
    assert_int_equal(spool_write(s, NULL, 0, &empty, &err), 0);
    assert_int_equal(open_count, 0);
    assert_int_equal(spool_write(s, "hello", 5, &piece, &err), 0);
    assert_int_equal(spool_write(s, "again", 5, &piece, &err), 0);
    assert_int_equal(open_count, 1);
    assert_int_equal(spool_live(s), 10);
    char text[6] = "";
    assert_int_equal(spool_read(s, piece, text, &err), 0);
    assert_string_equal(text, "again");
    assert_int_equal(spool_read(s, empty, text, &err), 0);
    spool_drop(s, empty);
    spool_drop(s, piece);
    assert_int_equal(spool_live(s), 5);
    int fd = opened_fd;
    spool_free(s);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
    spool_free(NULL);
}

static void test_many_pieces(void **state)
{
    (void)state;
    enum { COUNT = 200 };
    struct spool *s = spool_new(open_temporary);
    struct spool_piece pieces[COUNT];
    struct error err;
    static char data[SPOOL_PIECE], back[SPOOL_PIECE];
    uint64_t total = 0;
    for (unsigned i = 0; i < COUNT; i++) {
        size_t len = i % 3 == 0 ? SPOOL_PIECE : 1 + (i * 7717) % SPOOL_PIECE;
        fill(data, len, i);
        assert_int_equal(spool_write(s, data, len, &pieces[i], &err), 0);
        assert_int_equal(pieces[i].len, len);
        total += len;
    }
    assert_int_equal(spool_live(s), total);
    for (unsigned i = COUNT; i-- > 0;) {
        fill(data, pieces[i].len, i);
        assert_int_equal(spool_read(s, pieces[i], back, &err), 0);
        assert_memory_equal(back, data, pieces[i].len);
        spool_drop(s, pieces[i]);
    }
    assert_int_equal(spool_live(s), 0);
    spool_free(s);
}

/* First in, first out through 400 MB with 2 MB waiting: the file stays at what waits and a bit. */
static void test_places_are_used_again(void **state)
{
    (void)state;
    enum { WAITING = 32, ROUNDS = 6400 };
    struct spool *s = spool_new(open_temporary);
    struct spool_piece ring[WAITING];
    struct error err;
    static char data[SPOOL_PIECE];
    char first;
    for (int i = 0; i < ROUNDS; i++) {
        struct spool_piece *slot = &ring[i % WAITING];
        if (i >= WAITING) {
            char back[SPOOL_PIECE];
            assert_int_equal(spool_read(s, *slot, back, &err), 0);
            first = (char)(i - WAITING);
            assert_int_equal(back[0], first);
            assert_int_equal(back[SPOOL_PIECE - 1], first);
            spool_drop(s, *slot);
        }
        data[0] = data[SPOOL_PIECE - 1] = (char)i;
        assert_int_equal(spool_write(s, data, sizeof data, slot, &err), 0);
    }
    assert_true(file_size() <= 5 << 20);
    spool_free(s);
}

static void test_empty_large_file_is_cut(void **state)
{
    (void)state;
    enum { COUNT = 400 };
    struct spool *s = spool_new(open_temporary);
    struct spool_piece pieces[COUNT];
    struct error err;
    static char data[SPOOL_PIECE];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < COUNT; i++)
            assert_int_equal(spool_write(s, data, sizeof data, &pieces[i], &err), 0);
        assert_true(file_size() >= COUNT * SPOOL_PIECE);
        for (int i = 0; i < COUNT; i++)
            spool_drop(s, pieces[(i * 7) % COUNT]);
        assert_int_equal(spool_live(s), 0);
        assert_int_equal(file_size(), 0);
    }
    spool_free(s);
}

static void test_cannot_open(void **state)
{
    (void)state;
    struct spool *s = spool_new(open_nothing);
    struct spool_piece piece;
    struct error err;
    open_count = 0;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(spool_write(s, "x", 1, &piece, &err), -1);
        assert_int_equal(err.code, ERR_OUTPUT);
        assert_string_equal(err.message, "no file today");
    }
    assert_int_equal(open_count, 2);
    assert_int_equal(spool_live(s), 0);
    spool_free(s);
}

static void test_disk_full(void **state)
{
    (void)state;
    struct spool *s = spool_new(open_full);
    struct spool_piece piece;
    struct error err;
    assert_int_equal(spool_write(s, "x", 1, &piece, &err), -1);
    assert_int_equal(err.code, ERR_OUTPUT);
    assert_int_equal(err.sys_errno, ENOSPC);
    assert_non_null(strstr(err.message, "ENOSPC"));
    assert_int_equal(spool_live(s), 0);
    spool_free(s);
}

/* A file that may not grow beyond 1.5 blocks fails in the middle of a piece; what was dropped makes room. */
static void test_limit_in_the_middle(void **state)
{
    (void)state;
    struct spool *s = spool_new(open_temporary);
    struct spool_piece pieces[40];
    struct error err;
    static char data[SPOOL_PIECE], back[SPOOL_PIECE];
    struct rlimit old, small;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = old;
    small.rlim_cur = (1 << 20) + (1 << 19) + 100;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    size_t count = 0;
    do {
        fill(data, sizeof data, (unsigned)count);
    } while (spool_write(s, data, sizeof data, &pieces[count], &err) == 0 && ++count < 40);
    uint64_t live = spool_live(s);
    for (size_t i = 0; i < 16; i++)
        spool_drop(s, pieces[i]);
    int again = 0;
    for (size_t i = 0; i < 16; i++) /* the rest of the block first, which fails, then the free one */
        again += spool_write(s, data, sizeof data, &pieces[i], &err) == 0;
    setrlimit(RLIMIT_FSIZE, &old);
    assert_int_equal(err.sys_errno, EFBIG);
    assert_int_equal(count, 24);
    assert_int_equal(live, 24 * SPOOL_PIECE);
    assert_true(again > 0);
    for (size_t i = 16; i < 24; i++) {
        fill(data, sizeof data, (unsigned)i);
        assert_int_equal(spool_read(s, pieces[i], back, &err), 0);
        assert_memory_equal(back, data, sizeof data);
    }
    spool_free(s);
}

static void test_wrong_pieces(void **state)
{
    (void)state;
    struct spool *s = spool_new(open_temporary);
    struct spool_piece piece;
    struct error err;
    static char data[SPOOL_PIECE + 1];
    assert_int_equal(spool_write(s, data, sizeof data, &piece, &err), -1);
    assert_int_equal(err.code, ERR_OUTPUT);
    assert_int_equal(spool_write(s, data, 100, &piece, &err), 0);
    assert_int_equal(ftruncate(opened_fd, 50), 0);
    assert_int_equal(spool_read(s, piece, data, &err), -1);
    assert_int_equal(err.code, ERR_OUTPUT);
    assert_int_equal(err.sys_errno, EIO);
    spool_free(s);
}

static void test_budget(void **state)
{
    (void)state;
    struct spool *s = spool_new(open_temporary);
    assert_true(spool_budget_take(s, 0));
    assert_true(spool_budget_take(s, SPOOL_BUDGET - 10));
    assert_false(spool_budget_take(s, 11));
    assert_true(spool_budget_take(s, 10));
    assert_false(spool_budget_take(s, 1));
    assert_false(spool_budget_take(s, SIZE_MAX));
    spool_budget_give(s, 5);
    assert_false(spool_budget_take(s, 6));
    assert_true(spool_budget_take(s, 5));
    spool_budget_give(s, SPOOL_BUDGET);
    assert_true(spool_budget_take(s, SPOOL_BUDGET));
    spool_free(s);
}

struct writer {
    struct spool *spool;
    unsigned number;
    int failures;
};

static void *write_and_read(void *context)
{
    struct writer *w = context;
    enum { WAITING = 8 };
    struct spool_piece ring[WAITING];
    unsigned seeds[WAITING];
    char *data = malloc(SPOOL_PIECE), *back = malloc(SPOOL_PIECE);
    for (unsigned i = 0; data && back && i < 400; i++) {
        unsigned slot = i % WAITING;
        if (i >= WAITING) {
            fill(data, ring[slot].len, seeds[slot]);
            if (spool_read(w->spool, ring[slot], back, NULL) || memcmp(data, back, ring[slot].len) != 0)
                w->failures++;
            spool_drop(w->spool, ring[slot]);
        }
        seeds[slot] = w->number * 1000 + i;
        size_t len = 1 + (seeds[slot] * 7919u) % SPOOL_PIECE;
        fill(data, len, seeds[slot]);
        if (!spool_budget_take(w->spool, 1) || spool_write(w->spool, data, len, &ring[slot], NULL))
            w->failures++;
        spool_budget_give(w->spool, 1);
    }
    for (unsigned slot = 0; slot < WAITING; slot++)
        spool_drop(w->spool, ring[slot]);
    free(data);
    free(back);
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    enum { THREADS = 6 };
    struct spool *s = spool_new(open_temporary);
    struct writer writers[THREADS];
    pthread_t threads[THREADS];
    open_count = 0;
    for (unsigned i = 0; i < THREADS; i++) {
        writers[i] = (struct writer){s, i, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, write_and_read, &writers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(writers[i].failures, 0);
    }
    assert_int_equal(open_count, 1);
    assert_int_equal(spool_live(s), 0);
    spool_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_opened_at_first_write),
        cmocka_unit_test(test_many_pieces),
        cmocka_unit_test(test_places_are_used_again),
        cmocka_unit_test(test_empty_large_file_is_cut),
        cmocka_unit_test(test_cannot_open),
        cmocka_unit_test(test_disk_full),
        cmocka_unit_test(test_limit_in_the_middle),
        cmocka_unit_test(test_wrong_pieces),
        cmocka_unit_test(test_budget),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
