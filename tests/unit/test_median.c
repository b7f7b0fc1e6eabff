/* The running median, against sorting the latest numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pool/median.h"

#include <stdlib.h>
#include <string.h>

static struct median m;

static void test_few(void **state)
{
    static const int64_t values[] = {5, 1, 9, 3, 3}, medians[] = {5, 1, 5, 3, 3};
    (void)state;
    m = (struct median){0};
    for (size_t i = 0; i < 5; i++) {
        median_add(&m, values[i]);
        assert_int_equal(median_get(&m), medians[i]);
    }
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void test_many(void **state)
{
    static int64_t all[5000], sorted[MEDIAN_MOST];
    (void)state;
    m = (struct median){0};
    srand(7);
    for (size_t i = 0; i < 5000; i++) {
        all[i] = rand() % (i < 2500 ? 1000 : 100000); /* many are equal, and later ones are larger */
        median_add(&m, all[i]);
        size_t len = i + 1 < MEDIAN_MOST ? i + 1 : MEDIAN_MOST;
        if (i % 37 != 0 && len == MEDIAN_MOST)
            continue;
        memcpy(sorted, all + i + 1 - len, len * sizeof *sorted);
        qsort(sorted, len, sizeof *sorted, compare);
        assert_int_equal(median_get(&m), sorted[(len - 1) / 2]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_few), cmocka_unit_test(test_many)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
