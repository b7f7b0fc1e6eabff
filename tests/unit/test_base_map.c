/* base/map: keys of any bytes, many of them, and churn that must not let the table grow. */
#include "base/map.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { MANY = 20000 };

static int values[MANY];

static size_t key_of(char *text, size_t size, int i)
{
    return (size_t)snprintf(text, size, "%d", i);
}

static void test_empty(void **state)
{
    (void)state;
    struct map m = {0};
    assert_null(map_get(&m, "a", 1));
    assert_null(map_remove(&m, "a", 1));
    map_each(&m, NULL, NULL);
    map_fini(&m);
}

static void test_put_set_remove(void **state)
{
    (void)state;
    struct map m = {0};
    int a = 1, b = 2;
    assert_true(map_put(&m, "key", 3, &a));
    assert_false(map_put(&m, "key", 3, &b));
    assert_ptr_equal(map_get(&m, "key", 3), &a);
    assert_null(map_get(&m, "ke", 2));
    assert_null(map_get(&m, "key1", 4));
    map_set(&m, "key", 3, &b);
    assert_ptr_equal(map_get(&m, "key", 3), &b);
    assert_int_equal(m.len, 1);
    map_set(&m, "new", 3, &a);
    assert_int_equal(m.len, 2);
    assert_ptr_equal(map_remove(&m, "key", 3), &b);
    assert_null(map_remove(&m, "key", 3));
    assert_null(map_get(&m, "key", 3));
    assert_ptr_equal(map_get(&m, "new", 3), &a);
    assert_int_equal(m.len, 1);
    map_fini(&m);
}

static void test_any_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        size_t len;
    } keys[] = {
        {"", 0},
        {"\0", 1},
        {"\0\0", 2},
        {"a", 1},
        {"a\0", 2},
        {"a\0b", 3},
        {"\xff\xfe", 2},
        {"12345678", 8},
        {"12345678\0", 9},
        {"1234567", 7},
        {"123456789abcdef0", 16},
        {"123456789abcdef", 15},
    };
    const size_t count = sizeof keys / sizeof keys[0];
    struct map m = {0};
    for (size_t i = 0; i < count; i++)
        assert_true(map_put(&m, keys[i].key, keys[i].len, &values[i]));
    assert_int_equal(m.len, count);
    for (size_t i = 0; i < count; i++)
        assert_ptr_equal(map_get(&m, keys[i].key, keys[i].len), &values[i]);
    map_fini(&m);
}

static void test_key_is_copied(void **state)
{
    (void)state;
    struct map m = {0};
    char key[] = "abc";
    map_put(&m, key, 3, &values[0]);
    key[0] = 'x';
    assert_ptr_equal(map_get(&m, "abc", 3), &values[0]);
    map_fini(&m);
}

static void count_visit(void *context, const char *key, size_t key_len, void *value)
{
    char text[16];
    ptrdiff_t i = (int *)value - values;
    assert_int_equal(key_len, key_of(text, sizeof text, (int)i));
    assert_memory_equal(key, text, key_len + 1);
    values[i]++;
    ++*(size_t *)context;
}

static void test_many(void **state)
{
    (void)state;
    struct map m = {0};
    char text[16];
    memset(values, 0, sizeof values);
    for (int i = 0; i < MANY; i++)
        assert_true(map_put(&m, text, key_of(text, sizeof text, i), &values[i]));
    for (int i = 0; i < MANY; i++)
        assert_ptr_equal(map_get(&m, text, key_of(text, sizeof text, i)), &values[i]);
    size_t visited = 0;
    map_each(&m, count_visit, &visited);
    assert_int_equal(visited, MANY);
    for (int i = 0; i < MANY; i++)
        assert_int_equal(values[i], 1);
    for (int i = 0; i < MANY; i += 2)
        assert_ptr_equal(map_remove(&m, text, key_of(text, sizeof text, i)), &values[i]);
    for (int i = 0; i < MANY; i++)
        assert_ptr_equal(map_get(&m, text, key_of(text, sizeof text, i)), i % 2 ? &values[i] : NULL);
    for (int i = 1; i < MANY; i += 2)
        assert_ptr_equal(map_remove(&m, text, key_of(text, sizeof text, i)), &values[i]);
    assert_int_equal(m.len, 0);
    assert_int_equal(m.cap, 0);
    map_fini(&m);
}

/* A window of keys that moves on: what was removed must not make the table grow or fill it up. */
static void test_churn_stays_small(void **state)
{
    (void)state;
    struct map m = {0};
    char text[16];
    for (int i = 0; i < 300000; i++) {
        map_put(&m, text, key_of(text, sizeof text, i), &values[0]);
        if (i >= 100)
            assert_non_null(map_remove(&m, text, key_of(text, sizeof text, i - 100)));
        assert_true(m.used < m.cap);
    }
    assert_int_equal(m.len, 100);
    assert_true(m.cap <= 512);
    map_fini(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),     cmocka_unit_test(test_put_set_remove),
        cmocka_unit_test(test_any_bytes), cmocka_unit_test(test_key_is_copied),
        cmocka_unit_test(test_many),      cmocka_unit_test(test_churn_stays_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
