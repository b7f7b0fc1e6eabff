/* The clocks run, in nanoseconds. */
#include "os_support.h"

#include "os/clock.h"

#include <time.h>

static void test_clocks(void **state)
{
    (void)state;
    int64_t before = clock_monotonic_ns();
    struct timespec pause = {.tv_nsec = 2000000};
    assert_int_equal(nanosleep(&pause, NULL), 0);
    int64_t passed = clock_monotonic_ns() - before;
    assert_true(passed >= 2000000 && passed < INT64_C(60000000000));
    int64_t seconds = clock_real_ns() / 1000000000;
    int64_t now = time(NULL);
    assert_true(seconds >= now - 2 && seconds <= now + 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_clocks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
