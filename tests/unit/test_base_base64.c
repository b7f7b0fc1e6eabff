/* base/base64: the vectors of RFC 4648, every way to feed in two pieces, and strictness of the decoder. */
#include "base/base64.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct {
    const char *plain, *encoded;
} vectors[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"\xff\xfe\xfd", "//79"},
    {"\xfb\xef", "++8="},
};

static void test_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        struct base64 e = {0};
        struct buffer b = {0};
        base64_feed(&e, &b, vectors[i].plain, strlen(vectors[i].plain));
        base64_end(&e, &b);
        assert_string_equal(buffer_text(&b), vectors[i].encoded);
        buffer_clear(&b);
        assert_int_equal(base64_decode(&b, vectors[i].encoded, strlen(vectors[i].encoded)), 0);
        assert_string_equal(buffer_text(&b), vectors[i].plain);
        buffer_fini(&b);
    }
}

static void test_pieces(void **state)
{
    (void)state;
    char data[300];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (char)(i * 7);
    for (size_t step = 1; step < 40; step++) {
        struct base64 e = {0};
        struct buffer b = {0}, back = {0};
        buffer_puts(&b, ">");
        for (size_t at = 0; at < sizeof data; at += step) {
            size_t n = sizeof data - at < step ? sizeof data - at : step;
            base64_feed(&e, &b, data + at, n);
            base64_feed(&e, &b, NULL, 0);
        }
        base64_end(&e, &b);
        assert_int_equal(b.len, 401);
        assert_int_equal(e.held_len, 0);
        assert_int_equal(base64_decode(&back, b.data + 1, b.len - 1), 0);
        assert_int_equal(back.len, sizeof data);
        assert_memory_equal(back.data, data, sizeof data);
        buffer_fini(&b);
        buffer_fini(&back);
    }
}

static void test_invalid(void **state)
{
    (void)state;
    static const char *const invalid[] = {
        "A",       "AA",   "AAA",  "A===",     "====", "=AAA", "Zg=",  "Zg==Zg==", "Zm8=Zm9v",
        "Zm9v\n",  "Zm 9", "Zm-_", "Zm9v====", "Zh==", "Zm9=", "Z=g=", "Zm9vZg=a", "\xC3\xA9\xC3\xA9",
        "Zm9vAAA", "AA=A",
    };
    struct buffer b = {0};
    buffer_puts(&b, "kept");
    for (size_t i = 0; i < sizeof invalid / sizeof invalid[0]; i++) {
        if (base64_decode(&b, invalid[i], strlen(invalid[i])) != -1)
            fail_msg("accepted '%s'", invalid[i]);
        assert_string_equal(buffer_text(&b), "kept");
    }
    buffer_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_invalid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
