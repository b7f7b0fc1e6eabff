/* base/buffer: growth, NUL bytes, dropping from the front, giving the memory away. */
#include "base/buffer.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_append(void **state)
{
    (void)state;
    struct buffer b = {0};
    assert_string_equal(buffer_text(&b), "");
    buffer_puts(&b, "ab");
    buffer_putc(&b, '\0');
    buffer_append(&b, "c", 1);
    buffer_append(&b, NULL, 0);
    assert_int_equal(b.len, 4);
    assert_memory_equal(buffer_text(&b), "ab\0c", 5);
    buffer_clear(&b);
    assert_int_equal(b.len, 0);
    assert_string_equal(buffer_text(&b), "");
    buffer_fini(&b);
    assert_null(b.data);
    buffer_puts(&b, "again");
    assert_string_equal(buffer_text(&b), "again");
    buffer_fini(&b);
}

static void test_growth(void **state)
{
    (void)state;
    struct buffer b = {0};
    for (int i = 0; i < 100000; i++)
        buffer_putc(&b, (char)('a' + i % 26));
    assert_int_equal(b.len, 100000);
    for (size_t i = 0; i < b.len; i++)
        assert_int_equal(b.data[i], 'a' + (int)(i % 26));
    char *place = buffer_reserve(&b, 5000);
    assert_ptr_equal(place, b.data + b.len);
    assert_true(b.cap - b.len >= 5000);
    memset(place, 'z', 5000);
    assert_int_equal(b.len, 100000);
    buffer_fini(&b);
}

static void test_text_keeps_place(void **state)
{
    (void)state;
    struct buffer b = {0};
    for (size_t n = 0; n < 300; n++) {
        buffer_putc(&b, 'x');
        char *before = b.data;
        assert_int_equal(strlen(buffer_text(&b)), b.len);
        assert_ptr_equal(b.data, before);
    }
    buffer_fini(&b);
}

static void test_printf(void **state)
{
    (void)state;
    char filler[200];
    memset(filler, 'f', sizeof filler - 1);
    filler[sizeof filler - 1] = '\0';
    for (int width = 0; width < 199; width++) {
        struct buffer b = {0};
        buffer_puts(&b, "<");
        buffer_printf(&b, "%.*s%d", width, filler, 7);
        assert_int_equal(b.len, width + 2);
        assert_memory_equal(b.data + 1, filler, (size_t)width);
        assert_int_equal(b.data[b.len - 1], '7');
        buffer_fini(&b);
    }
}

static void test_drop_front(void **state)
{
    (void)state;
    struct buffer b = {0};
    buffer_drop_front(&b, 0);
    buffer_puts(&b, "abcdef");
    buffer_drop_front(&b, 0);
    assert_string_equal(buffer_text(&b), "abcdef");
    buffer_drop_front(&b, 2);
    assert_string_equal(buffer_text(&b), "cdef");
    buffer_drop_front(&b, 4);
    assert_string_equal(buffer_text(&b), "");
    buffer_puts(&b, "xy");
    buffer_drop_front(&b, 9);
    assert_int_equal(b.len, 0);
    buffer_fini(&b);
}

static void test_take(void **state)
{
    (void)state;
    struct buffer b = {0};
    size_t len = 9;
    char *text = buffer_take(&b, &len);
    assert_int_equal(len, 0);
    assert_string_equal(text, "");
    free(text);
    buffer_append(&b, "a\0b", 3);
    text = buffer_take(&b, &len);
    assert_int_equal(len, 3);
    assert_memory_equal(text, "a\0b", 4);
    assert_null(b.data);
    assert_int_equal(b.len, 0);
    assert_int_equal(b.cap, 0);
    free(text);
    buffer_puts(&b, "x");
    text = buffer_take(&b, NULL);
    assert_string_equal(text, "x");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_append),           cmocka_unit_test(test_growth),
        cmocka_unit_test(test_text_keeps_place), cmocka_unit_test(test_printf),
        cmocka_unit_test(test_drop_front),       cmocka_unit_test(test_take),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
