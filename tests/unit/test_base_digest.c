/* Digests: known values, and that pieces do not run into each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/digest.h"

static void test_known_values(void **state)
{
    (void)state;
    assert_true(digest_bytes(DIGEST_START, "", 0) == UINT64_C(0xcbf29ce484222325));
    assert_true(digest_bytes(DIGEST_START, "a", 1) == UINT64_C(0xaf63dc4c8601ec8c));
    assert_true(digest_bytes(DIGEST_START, "foobar", 6) == UINT64_C(0x85944171f73967e8));
    assert_true(digest_bytes(digest_bytes(DIGEST_START, "foo", 3), "bar", 3) == UINT64_C(0x85944171f73967e8));
}

static uint64_t of_words(const char *const *list)
{
    struct words words = {0};
    for (; *list; list++)
        words_add(&words, *list, __builtin_strlen(*list));
    uint64_t digest = digest_words(DIGEST_START, &words);
    words_fini(&words);
    return digest;
}

static void all_differ(const uint64_t *all, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            assert_true(all[i] != all[j]);
}

static void test_pieces_stay_apart(void **state)
{
    (void)state;
    uint64_t lists[] = {
        of_words((const char *const[]){NULL}),
        of_words((const char *const[]){"", NULL}),
        of_words((const char *const[]){"", "", NULL}),
        of_words((const char *const[]){"ab", NULL}),
        of_words((const char *const[]){"a", "b", NULL}),
        of_words((const char *const[]){"b", "a", NULL}),
        of_words((const char *const[]){"ab", "", NULL}),
    };
    uint64_t texts[] = {
        digest_text(DIGEST_START, NULL),
        digest_text(DIGEST_START, ""),
        digest_text(digest_text(DIGEST_START, "a"), "bc"),
        digest_text(digest_text(DIGEST_START, "ab"), "c"),
        digest_text(digest_text(DIGEST_START, NULL), "c"),
        digest_text(digest_text(DIGEST_START, "c"), NULL),
    };
    uint64_t numbers[] = {
        digest_number(DIGEST_START, 0),
        digest_number(DIGEST_START, 1),
        digest_number(DIGEST_START, 256),
        digest_number(DIGEST_START, UINT64_C(1) << 56),
    };
    all_differ(lists, sizeof lists / sizeof lists[0]);
    all_differ(texts, sizeof texts / sizeof texts[0]);
    all_differ(numbers, sizeof numbers / sizeof numbers[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_values),
        cmocka_unit_test(test_pieces_stay_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
