/* Slot numbers: the lowest free one first, never one twice, none lost; compared with a plain array. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pool/slots.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void test_one_slot(void **state)
{
    (void)state;
    struct slots s;
    slots_init(&s, 1);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(slots_free(&s), 1);
        assert_int_equal(slots_take(&s), 1);
        assert_int_equal(slots_free(&s), 0);
        slots_give(&s, 1);
    }
    slots_fini(&s);
}

static void test_all_in_order(void **state)
{
    static const unsigned totals[] = {1, 2, 63, 64, 65, 127, 128, 129, 1000, 2000};
    (void)state;
    for (size_t i = 0; i < sizeof totals / sizeof totals[0]; i++) {
        struct slots s;
        slots_init(&s, totals[i]);
        for (unsigned slot = 1; slot <= totals[i]; slot++)
            assert_int_equal(slots_take(&s), slot);
        assert_int_equal(slots_free(&s), 0);
        for (unsigned slot = totals[i]; slot >= 1; slot--)
            slots_give(&s, slot);
        assert_int_equal(slots_free(&s), totals[i]);
        assert_int_equal(slots_take(&s), 1);
        slots_fini(&s);
    }
}

static void test_many_cost_nothing_unused(void **state)
{
    (void)state;
    struct slots s;
    slots_init(&s, 1000000000u);
    assert_int_equal(slots_take(&s), 1);
    assert_int_equal(slots_take(&s), 2);
    assert_true(s.words <= 2);
    slots_fini(&s);
}

static unsigned lowest_free(const bool *used)
{
    unsigned slot = 1;
    while (used[slot])
        slot++;
    return slot;
}

static void test_random_against_an_array(void **state)
{
    enum { TOTAL = 200, STEPS = 50000 };
    bool used[TOTAL + 2] = {false};
    unsigned in_use = 0;
    unsigned seed = (unsigned)time(NULL);
    (void)state;
    print_message("seed %u\n", seed);
    srand(seed);
    struct slots s;
    slots_init(&s, TOTAL);
    for (int i = 0; i < STEPS; i++) {
        /* Long ways up and down, so that all words fill and empty. */
        bool take = rand() % 100 < ((i / 1000) % 2 ? 30 : 70);
        if (take && in_use < TOTAL) {
            unsigned slot = lowest_free(used);
            assert_int_equal(slots_take(&s), slot);
            used[slot] = true;
            in_use++;
        } else if (!take && in_use > 0) {
            unsigned slot = (unsigned)rand() % TOTAL + 1;
            while (!used[slot])
                slot = slot % TOTAL + 1;
            slots_give(&s, slot);
            used[slot] = false;
            in_use--;
        }
        assert_int_equal(slots_free(&s), TOTAL - in_use);
    }
    slots_fini(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_slot),
        cmocka_unit_test(test_all_in_order),
        cmocka_unit_test(test_many_cost_nothing_unused),
        cmocka_unit_test(test_random_against_an_array),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
