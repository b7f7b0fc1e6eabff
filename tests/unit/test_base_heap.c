/* base/heap: order, ties, and removal from the middle against a plain search. */
#include "base/heap.h"

#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct timer {
    int64_t due;
    int64_t seq;
    struct heap_node node;
};

static const struct timer *timer_of(const struct heap_node *n)
{
    return (const struct timer *)(const void *)((const char *)n - offsetof(struct timer, node));
}

static bool timer_less(const struct heap_node *a, const struct heap_node *b)
{
    const struct timer *x = timer_of(a), *y = timer_of(b);
    return x->due != y->due ? x->due < y->due : x->seq < y->seq;
}

static void test_empty(void **state)
{
    (void)state;
    struct heap h;
    struct timer t = {0};
    heap_init(&h, timer_less);
    assert_null(heap_min(&h));
    assert_null(heap_pop(&h));
    assert_false(heap_linked(&t.node));
    heap_remove(&h, &t.node);
    heap_insert(&h, &t.node);
    assert_true(heap_linked(&t.node));
    assert_ptr_equal(heap_min(&h), &t.node);
    heap_remove(&h, &t.node);
    assert_false(heap_linked(&t.node));
    assert_null(heap_min(&h));
    heap_fini(&h);
}

static void test_ties_keep_order(void **state)
{
    (void)state;
    struct heap h;
    struct timer t[100] = {0};
    heap_init(&h, timer_less);
    for (int i = 99; i >= 0; i--) {
        t[i].due = i / 50;
        t[i].seq = i;
        heap_insert(&h, &t[i].node);
    }
    for (int i = 0; i < 100; i++)
        assert_ptr_equal(heap_pop(&h), &t[i].node);
    heap_fini(&h);
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static struct timer *search_min(struct timer *t, size_t count)
{
    struct timer *min = NULL;
    for (size_t i = 0; i < count; i++) {
        if (heap_linked(&t[i].node) && (!min || timer_less(&t[i].node, &min->node)))
            min = &t[i];
    }
    return min;
}

static void test_against_search(void **state)
{
    (void)state;
    enum { COUNT = 200 };
    struct heap h;
    struct timer t[COUNT] = {0};
    uint32_t seed = 1;
    heap_init(&h, timer_less);
    for (int step = 0; step < 20000; step++) {
        struct timer *one = &t[next_random(&seed) % COUNT];
        if (heap_linked(&one->node)) {
            heap_remove(&h, &one->node);
            assert_false(heap_linked(&one->node));
        } else {
            one->due = next_random(&seed) % 32;
            one->seq = step;
            heap_insert(&h, &one->node);
        }
        struct timer *min = search_min(t, COUNT);
        assert_ptr_equal(heap_min(&h), min ? &min->node : NULL);
    }
    size_t left = h.len;
    struct heap_node *last = NULL, *n;
    for (; (n = heap_pop(&h)); last = n, left--)
        assert_true(!last || timer_less(last, n));
    assert_int_equal(left, 0);
    heap_fini(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_ties_keep_order),
        cmocka_unit_test(test_against_search),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
