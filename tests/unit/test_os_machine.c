/* What the machine allows. */
#include "os_support.h"

#include "os/machine.h"

#include <sched.h>

static int one_processor(void)
{
    cpu_set_t set, one;
    CPU_ZERO(&one);
    CHECK(sched_getaffinity(0, sizeof set, &set) == 0);
    for (size_t i = 0; i < CPU_SETSIZE && !CPU_COUNT(&one); i++)
        if (CPU_ISSET(i, &set))
            CPU_SET(i, &one);
    CHECK(sched_setaffinity(0, sizeof one, &one) == 0);
    CHECK(machine_processors() == 1);
    return 0;
}

static void test_processors(void **state)
{
    (void)state;
    cpu_set_t set;
    assert_int_equal(sched_getaffinity(0, sizeof set, &set), 0);
    /* The answer is kept, so the other case goes first, in a process of its own. */
    in_process(one_processor);
    int processors = machine_processors();
    assert_in_range(processors, 1, CPU_COUNT(&set));
}

static void test_peak_rss(void **state)
{
    (void)state;
    long before = machine_peak_rss_kib();
    assert_true(before > 100);
    volatile char *memory = malloc(64 << 20);
    for (size_t i = 0; i < 64 << 20; i += 4096)
        memory[i] = 1;
    assert_true(machine_peak_rss_kib() >= before + 50 * 1024);
    free((void *)memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_processors),
        cmocka_unit_test(test_peak_rss),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
