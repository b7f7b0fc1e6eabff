/* base/list and base/slice. */
#include "base/list.h"
#include "base/slice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct item {
    int value;
    struct list_node node;
};

static void assert_values(struct list_node *head, const int *values, size_t count)
{
    struct list_node *n = head->next, *back = head->prev;
    for (size_t i = 0; i < count; i++, n = n->next, back = back->prev) {
        assert_ptr_not_equal(n, head);
        assert_int_equal(list_entry(n, struct item, node)->value, values[i]);
        assert_int_equal(list_entry(back, struct item, node)->value, values[count - 1 - i]);
    }
    assert_ptr_equal(n, head);
    assert_ptr_equal(back, head);
}

static void test_order(void **state)
{
    (void)state;
    struct list_node head;
    struct item a = {1, {0}}, b = {2, {0}}, c = {3, {0}}, d = {4, {0}};
    list_init(&head);
    assert_true(list_empty(&head));
    assert_false(list_linked(&a.node));
    list_push_back(&head, &b.node);
    list_push_front(&head, &a.node);
    list_push_back(&head, &d.node);
    list_insert_before(&d.node, &c.node);
    assert_values(&head, (const int[]){1, 2, 3, 4}, 4);
    assert_false(list_empty(&head));
    list_remove(&b.node);
    assert_false(list_linked(&b.node));
    list_remove(&b.node);
    assert_values(&head, (const int[]){1, 3, 4}, 3);
    list_remove(&a.node);
    list_remove(&d.node);
    assert_values(&head, (const int[]){3}, 1);
}

static void test_pop(void **state)
{
    (void)state;
    struct list_node head;
    struct item a = {1, {0}}, b = {2, {0}};
    list_init(&head);
    assert_null(list_pop_front(&head));
    list_push_back(&head, &a.node);
    list_push_back(&head, &b.node);
    assert_ptr_equal(list_pop_front(&head), &a.node);
    assert_false(list_linked(&a.node));
    assert_ptr_equal(list_pop_front(&head), &b.node);
    assert_null(list_pop_front(&head));
    assert_true(list_empty(&head));
}

static void test_splice(void **state)
{
    (void)state;
    struct list_node to, from;
    struct item a = {1, {0}}, b = {2, {0}}, c = {3, {0}};
    list_init(&to);
    list_init(&from);
    list_splice_back(&to, &from);
    assert_true(list_empty(&to));
    list_push_back(&from, &b.node);
    list_push_back(&from, &c.node);
    list_push_back(&to, &a.node);
    list_splice_back(&to, &from);
    assert_true(list_empty(&from));
    assert_values(&to, (const int[]){1, 2, 3}, 3);
    list_splice_back(&from, &to);
    assert_true(list_empty(&to));
    assert_values(&from, (const int[]){1, 2, 3}, 3);
}

static void test_slice(void **state)
{
    (void)state;
    struct slice s = {"abcdef", 3};
    assert_true(slice_is(s, "abc"));
    assert_false(slice_is(s, "abcd"));
    assert_false(slice_is(s, "ab"));
    assert_true(slice_is(slice_of(""), ""));
    assert_int_equal(slice_of("xyz").len, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_pop),
        cmocka_unit_test(test_splice),
        cmocka_unit_test(test_slice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
