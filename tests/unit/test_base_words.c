/* base/words: packed strings, empty ones among them. */
#include "base/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_empty(void **state)
{
    (void)state;
    struct words w = {0};
    assert_null(words_next(&w, NULL));
    assert_null(words_get(&w, 0));
    char **argv = words_argv(&w);
    assert_null(argv[0]);
    free(argv);
    words_shrink(&w);
    words_clear(&w);
    words_fini(&w);
}

static void test_walk(void **state)
{
    (void)state;
    static const char *const wanted[] = {"", "one", "", "two words", "t\xffhree", ""};
    const size_t count = sizeof wanted / sizeof wanted[0];
    struct words w = {0};
    for (size_t i = 0; i < count; i++)
        words_add(&w, wanted[i], strlen(wanted[i]));
    assert_int_equal(w.count, count);
    size_t i = 0;
    for (const char *s = NULL; (s = words_next(&w, s)); i++) {
        assert_true(i < count);
        assert_string_equal(s, wanted[i]);
        assert_ptr_equal(s, words_get(&w, i));
    }
    assert_int_equal(i, count);
    assert_null(words_get(&w, count));
    char **argv = words_argv(&w);
    for (i = 0; i < count; i++)
        assert_string_equal(argv[i], wanted[i]);
    assert_null(argv[count]);
    free(argv);
    words_fini(&w);
    assert_int_equal(w.count, 0);
}

static void test_part_of_string(void **state)
{
    (void)state;
    struct words w = {0};
    words_add(&w, "abcdef", 3);
    words_add(&w, NULL, 0);
    assert_string_equal(words_get(&w, 0), "abc");
    assert_string_equal(words_get(&w, 1), "");
    assert_int_equal(w.len, 5);
    words_fini(&w);
}

static void test_many_and_shrink(void **state)
{
    (void)state;
    struct words w = {0};
    char text[32];
    for (int i = 0; i < 5000; i++) {
        int len = snprintf(text, sizeof text, "word %d", i);
        words_add(&w, text, (size_t)len);
    }
    words_shrink(&w);
    assert_int_equal(w.cap, w.len);
    assert_string_equal(words_get(&w, 4999), "word 4999");
    words_add(&w, "x", 1);
    assert_string_equal(words_get(&w, 5000), "x");
    words_clear(&w);
    assert_null(words_next(&w, NULL));
    words_shrink(&w);
    assert_null(w.data);
}

static void test_join_and_move(void **state)
{
    (void)state;
    struct words a = {0}, b = {0}, c = {0};
    words_add(&a, "a", 1);
    words_add_all(&a, &b);
    words_add(&b, "b", 1);
    words_add(&b, "", 0);
    words_add_all(&a, &b);
    assert_int_equal(a.count, 3);
    assert_string_equal(words_get(&a, 1), "b");
    words_add_all(&a, &a);
    assert_int_equal(a.count, 6);
    assert_string_equal(words_get(&a, 3), "a");
    assert_string_equal(words_get(&a, 5), "");
    words_move(&c, &a);
    assert_null(a.data);
    assert_int_equal(a.count, 0);
    assert_int_equal(c.count, 6);
    words_fini(&b);
    words_fini(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),          cmocka_unit_test(test_walk),
        cmocka_unit_test(test_part_of_string), cmocka_unit_test(test_many_and_shrink),
        cmocka_unit_test(test_join_and_move),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
