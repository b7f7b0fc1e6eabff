/* How long the rest will take. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sink/eta.h"

#define S INT64_C(1000000000)

static void test_eta(void **state)
{
    static const struct {
        int64_t done, left, to_last, since, eta;
    } cases[] = {
        {0, 5, 0, 9 * S, -1},           /* nobody knows */
        {5, 0, 10 * S, 0, 0},
        {5, 5, 10 * S, 0, 10 * S},      /* as long as so far */
        {5, 5, 10 * S, S, 9 * S},       /* and it counts down */
        {5, 5, 10 * S, 2 * S, 8 * S},
        {5, 5, 10 * S, 8 * S, 12 * S},  /* the next one is late: 18 s for six, so 3 s for each of four */
        {9, 1, 9 * S, 0, S},
        {9, 1, 9 * S, 5 * S, -1},       /* the last one should have ended */
        {1, 1, 0, 0, -1},
        {1, INT64_MAX / 4, S, 0, -1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(eta_ns(cases[i].done, cases[i].left, cases[i].to_last, cases[i].since), cases[i].eta);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_eta)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
