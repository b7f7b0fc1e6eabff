/* Captures: every byte, or head and tail cut between characters, in bounded memory. */
#include "task_support.h"

#include "base/utf8.h"

static void fill_with(struct buffer *data, const char *pattern, size_t pattern_len, size_t len)
{
    while (data->len < len)
        buffer_append(data, pattern, pattern_len);
    data->len = len;
}

static void append_in_chunks(struct capture *c, const struct buffer *data, unsigned seed)
{
    static const size_t sizes[] = {1, 7, 100, 511, 512, 513, 4096, 5000, 65535, 65536, 65537, 200000};
    for (size_t at = 0; at < data->len;) {
        size_t len = sizes[(size_t)rand_r(&seed) % (sizeof sizes / sizeof sizes[0])];
        len = len < data->len - at ? len : data->len - at;
        assert_int_equal(capture_append(c, data->data + at, len, NULL), 0);
        at += len;
    }
}

/* The first place at or before (after) `at` where no character of valid text is split. */
static size_t boundary(const struct buffer *data, size_t at, bool after)
{
    while (at > 0 && at < data->len && ((unsigned char)data->data[at] & 0xC0) == 0x80)
        at += after ? 1 : (size_t)-1;
    return at;
}

static void check_reveals(struct capture *c, const struct buffer *data)
{
    struct buffer all = {0};
    capture_reveal(c);
    support_read(c, &all);
    assert_false(capture_truncated(c));
    assert_int_equal(capture_size(c), data->len);
    assert_int_equal(all.len, data->len);
    if (all.len > 0)
        assert_memory_equal(all.data, data->data, data->len);
    buffer_fini(&all);
}

/* `is_text`: the cuts move to boundaries. keeps_all: what is cut out can be seen later. */
static void check(struct spool *spool, const struct buffer *data, int64_t limit, bool is_text, bool keeps_all,
                  unsigned seed)
{
    struct capture c;
    struct buffer expected = {0}, got = {0};
    capture_init(&c, spool, limit);
    if (keeps_all)
        capture_keep_all(&c);
    append_in_chunks(&c, data, seed);
    assert_int_equal(capture_seal(&c, NULL), 0);
    assert_int_equal(c.total, data->len);
    bool cut = limit > 0 && (int64_t)data->len > limit;
    assert_int_equal(capture_truncated(&c), cut);
    if (cut) {
        size_t head = (size_t)limit / 2, tail = data->len - ((size_t)limit - head);
        if (is_text) {
            head = boundary(data, head, false);
            tail = boundary(data, tail, true);
        }
        assert_int_equal(capture_omitted_at(&c), head);
        buffer_append(&expected, data->data, head);
        buffer_append(&expected, data->data + tail, data->len - tail);
    } else {
        assert_int_equal(capture_omitted_at(&c), -1);
        buffer_append(&expected, data->data, data->len);
    }
    support_read(&c, &got);
    assert_int_equal(capture_size(&c), expected.len);
    assert_int_equal(got.len, expected.len);
    if (got.len > 0)
        assert_memory_equal(got.data, expected.data, expected.len);
    if (keeps_all)
        check_reveals(&c, data);
    capture_fini(&c);
    buffer_fini(&expected);
    buffer_fini(&got);
}

static const int64_t limits[] = {0, 1, 2, 3, 4, 5, 7, 8, 11, 1000, 4096, 65535, 65536, 65537, 131072, 262149, 1 << 20};
static const size_t lengths[] = {0,     1,     2,     3,     4,      9,      511,    512,    513,     4095,
                                 4096,  4097,  65535, 65536, 65537,  131071, 131072, 131080, 262144,  300001};

static void test_every_limit(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        bool is_text;
    } patterns[] = {
        {"0123456789 abcdefghijklmno\n", true},
        {"\xF0\x9F\x98\x80", true},                 /* an emoji at every place */
        {"x\xE2\x82\xAC\xC3\xA9\xF0\x9F\x98\x80", true},
        {"\x80\x81\x82", false},                    /* no character: cut exactly */
        {"\xFF\xC3\xF0\x9F", false},
    };
    struct spool *spool = support_spool();
    for (size_t p = 0; p < sizeof patterns / sizeof patterns[0]; p++) {
        for (size_t n = 0; n < sizeof lengths / sizeof lengths[0]; n++) {
            struct buffer data = {0};
            size_t len = lengths[n];
            fill_with(&data, patterns[p].pattern, strlen(patterns[p].pattern), len);
            if (patterns[p].is_text && len > 0)
                data.len -= utf8_partial_tail(data.data, data.len);
            for (size_t l = 0; l < sizeof limits / sizeof limits[0]; l++)
                for (int keeps_all = 0; keeps_all < 2; keeps_all++)
                    check(spool, &data, limits[l], patterns[p].is_text, keeps_all, (unsigned)(n * 100 + l));
            buffer_fini(&data);
        }
    }
    support_spool_free(spool);
}

/* Both cuts fall between two pieces, at every place of a character. */
static void test_cuts_between_pieces(void **state)
{
    (void)state;
    struct spool *spool = support_spool();
    for (size_t offset = 0; offset < 4; offset++) {
        struct buffer data = {0}, got = {0};
        struct capture c;
        /* Characters around both cuts, at different places of them, and none between. */
        fill_with(&data, "x", 1, offset);
        fill_with(&data, "\xF0\x9F\x98\x80", 4, SPOOL_PIECE + offset);
        fill_with(&data, "x", 1, (size_t)5 * SPOOL_PIECE - 9 - offset);
        fill_with(&data, "\xF0\x9F\x98\x80", 4, (size_t)5 * SPOOL_PIECE + 15 - offset);
        fill_with(&data, "x", 1, (size_t)6 * SPOOL_PIECE);
        capture_init(&c, spool, (int64_t)2 * SPOOL_PIECE);
        for (size_t at = 0; at < data.len; at += SPOOL_PIECE)
            assert_int_equal(capture_append(&c, data.data + at, SPOOL_PIECE, NULL), 0);
        assert_int_equal(capture_seal(&c, NULL), 0);
        assert_int_equal(capture_omitted_at(&c), boundary(&data, SPOOL_PIECE, false));
        support_read(&c, &got);
        assert_true(utf8_valid(got.data, got.len));
        size_t head = boundary(&data, SPOOL_PIECE, false), tail = boundary(&data, (size_t)5 * SPOOL_PIECE, true);
        assert_int_equal(got.len, head + data.len - tail);
        assert_memory_equal(got.data + head, data.data + tail, data.len - tail);
        capture_fini(&c);
        buffer_fini(&got);
        buffer_fini(&data);
    }
    support_spool_free(spool);
}

/* The same with no budget at all: memory beyond the first 4 KiB is refused. */
static void test_without_budget(void **state)
{
    (void)state;
    struct spool *spool = support_spool();
    struct buffer data = {0};
    fill_with(&data, "x\xE2\x82\xAC\xC3\xA9", 6, 300000);
    assert_true(spool_budget_take(spool, SPOOL_BUDGET));
    for (size_t l = 0; l < sizeof limits / sizeof limits[0]; l++)
        check(spool, &data, limits[l], true, false, (unsigned)l);
    struct capture c;
    capture_init(&c, spool, 0);
    append_in_chunks(&c, &data, 1);
    assert_true(c.memory_cap <= 4096);
    capture_fini(&c);
    spool_budget_give(spool, SPOOL_BUDGET);
    buffer_fini(&data);
    support_spool_free(spool);
}

static void test_a_limit_bounds_the_disk(void **state)
{
    (void)state;
    struct spool *spool = support_spool();
    struct capture c;
    char *piece = xcalloc(1, SPOOL_PIECE);
    capture_init(&c, spool, 1 << 20);
    for (int i = 0; i < 1024; i++) {
        assert_int_equal(capture_append(&c, piece, SPOOL_PIECE, NULL), 0);
        assert_true(spool_live(spool) <= (1 << 20) + 3 * SPOOL_PIECE);
    }
    assert_true(c.pieces_cap <= 64);
    assert_int_equal(capture_seal(&c, NULL), 0);
    assert_int_equal(c.total, 64 << 20);
    assert_int_equal(capture_size(&c), 1 << 20);
    capture_fini(&c);
    free(piece);
    support_spool_free(spool);
}

static void test_small_output_takes_no_budget(void **state)
{
    (void)state;
    struct spool *spool = support_spool();
    struct capture c;
    assert_true(spool_budget_take(spool, SPOOL_BUDGET));
    support_fill(&c, spool, 0, "hello\n", 6);
    assert_int_equal(c.pieces_len, 0);
    capture_fini(&c);
    spool_budget_give(spool, SPOOL_BUDGET);
    support_spool_free(spool);
}

static void test_what_was_captured_before_an_error_is_readable(void **state)
{
    (void)state;
    struct spool *spool = spool_new(support_open_nothing);
    struct capture c;
    struct error err = {0};
    struct buffer got = {0};
    char data[60000];
    memset(data, 'a', sizeof data);
    capture_init(&c, spool, 0);
    assert_int_equal(capture_append(&c, data, sizeof data, &err), 0);
    assert_int_equal(capture_append(&c, data, sizeof data, &err), -1);
    assert_int_equal(err.code, ERR_OUTPUT);
    assert_int_equal(capture_seal(&c, NULL), 0);
    support_read(&c, &got);
    assert_int_equal(got.len, c.total);
    assert_true(got.len >= sizeof data);
    buffer_fini(&got);
    capture_fini(&c);
    support_spool_free(spool);
}

static void test_a_spoilt_file_is_an_error(void **state)
{
    (void)state;
    struct spool *spool = support_spool();
    struct capture c;
    struct buffer data = {0};
    struct error err = {0};
    fill_with(&data, "0123456789", 10, 200000);
    support_fill(&c, spool, 0, data.data, data.len);
    assert_int_equal(ftruncate(support_spool_fd, 100), 0);
    struct capture_cursor cursor = {0};
    struct slice slice;
    char *scratch = xmalloc(SPOOL_PIECE);
    assert_int_equal(capture_next(&c, &cursor, scratch, &slice, &err), -1);
    assert_int_equal(err.code, ERR_OUTPUT);
    capture_fini(&c);

    support_fill(&c, spool, 1000, data.data, data.len);
    capture_fini(&c);
    capture_init(&c, spool, 1000);
    assert_int_equal(capture_append(&c, data.data, data.len, NULL), 0);
    assert_int_equal(ftruncate(support_spool_fd, 0), 0);
    assert_int_equal(capture_seal(&c, &err), -1);
    capture_fini(&c);
    free(scratch);
    buffer_fini(&data);
    support_spool_free(spool);
}

static void test_moving(void **state)
{
    (void)state;
    struct spool *spool = support_spool();
    struct capture a, b;
    struct buffer got = {0};
    support_fill(&a, spool, 0, "abc", 3);
    capture_move(&b, &a);
    assert_int_equal(capture_size(&a), 0);
    assert_int_equal(a.total, 0);
    capture_fini(&a);
    support_read(&b, &got);
    assert_memory_equal(got.data, "abc", 3);
    capture_fini(&b);
    capture_fini(&b); /* zeroed memory is valid */
    buffer_fini(&got);
    support_spool_free(spool);
}

static void test_giving(void **state)
{
    (void)state;
    struct spool *spool = support_spool();
    struct capture from, to;
    struct buffer data = {0}, got = {0};
    fill_with(&data, "0123456789", 10, 200000);
    for (int64_t limit = 0; limit <= 1000; limit += 1000) {
        capture_init(&from, spool, limit);
        capture_keep_all(&from);
        assert_int_equal(capture_append(&from, data.data, data.len, NULL), 0);
        capture_give(&to, &from);
        assert_int_equal(capture_append(&from, "more", 4, NULL), 0);
        assert_int_equal(capture_append(&to, "!", 1, NULL), 0);
        assert_int_equal(capture_seal(&from, NULL), 0);
        assert_int_equal(capture_seal(&to, NULL), 0);
        assert_int_equal(from.total, 200004);
        assert_int_equal(capture_size(&from), 0);
        assert_true(capture_truncated(&from));
        assert_int_equal(to.total, 200001);
        assert_false(capture_truncated(&to));
        buffer_clear(&got);
        support_read(&to, &got);
        assert_int_equal(got.len, 200001);
        assert_memory_equal(got.data, data.data, data.len);
        capture_fini(&from);
        capture_fini(&to);
    }
    assert_int_equal(spool_live(spool), 0);
    buffer_fini(&data);
    buffer_fini(&got);
    support_spool_free(spool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_limit),
        cmocka_unit_test(test_cuts_between_pieces),
        cmocka_unit_test(test_without_budget),
        cmocka_unit_test(test_a_limit_bounds_the_disk),
        cmocka_unit_test(test_small_output_takes_no_budget),
        cmocka_unit_test(test_what_was_captured_before_an_error_is_readable),
        cmocka_unit_test(test_a_spoilt_file_is_an_error),
        cmocka_unit_test(test_moving),
        cmocka_unit_test(test_giving),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
