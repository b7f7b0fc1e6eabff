/* source/blocks: whatever the size and the separators, the blocks are the input, cut where records end. */
#include "base/alloc.h"
#include "base/buffer.h"
#include "source/blocks.h"
#include "source/records.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static char path[] = "/tmp/jobpool-blocks-XXXXXX";

static void write_input(const char *data, size_t len)
{
    int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    assert_int_equal(write(fd, data, len), (ssize_t)len);
    close(fd);
}

static void read_block(const struct input *in, struct buffer *out)
{
    buffer_append(out, in->data, in->len);
    if (in->fd < 0)
        return;
    char *to = buffer_reserve(out, (size_t)in->range);
    assert_int_equal(pread(in->fd, to, (size_t)in->range, in->offset), in->range);
    out->len += (size_t)in->range;
}

/* All blocks, a | behind each; the head, if there is one, in front of each. */
static void cut(const struct blocks_options *options, bool part, struct buffer *out)
{
    struct error err = {0};
    struct blocks *b = (part ? blocks_of_file : blocks_of_stream)(path, options, &err);
    struct input *in = NULL;
    enum source_status status;
    if (!b)
        fail_msg("%s", err.message);
    while ((status = blocks_next(b, &in, &err)) == SOURCE_ITEM) {
        buffer_append(out, in->head.data, in->head.len);
        read_block(in, out);
        buffer_putc(out, '|');
        input_free(in);
    }
    assert_int_equal(status, SOURCE_END);
    blocks_free(b);
}

static const struct example {
    const char *text;
    struct blocks_options options;
    const char *blocks;
} examples[] = {
    {"", {.size = 3, .recend = "\n"}, ""},
    {"ab", {.size = 3, .recend = "\n"}, "ab|"},
    {"a\nb\nc\n", {.size = 5, .recend = "\n"}, "a\nb\n|c\n|"},
    {"a\nb\nc", {.size = 4, .recend = "\n"}, "a\nb\n|c|"},
    {"aaaaaaaaa\nb\n", {.size = 2, .recend = "\n"}, "aaaaaaaaa\n|b\n|"},
    {"a\n\nb\n", {.size = 2, .recend = "\n"}, "a\n|\n|b\n|"},
    {"abcdefg", {.size = 3, .recend = ""}, "abc|def|g|"},
    {">a\n>b\n>c", {.size = 4, .recstart = ">", .recend = ""}, ">a\n|>b\n|>c|"},
    {"x>a>b", {.size = 2, .recstart = ">", .recend = ""}, "x|>a|>b|"},
    {"a;>b>c;>d", {.size = 5, .recstart = ">", .recend = ";"}, "a;|>b>c;|>d|"},
    {"a--b--c", {.size = 4, .recend = "--"}, "a--|b--|c|"},
    {"1a2b3c", {.size = 3, .recend = "[a-z]", .regexp = true}, "1a|2b|3c|"},
    {"1a2b3c", {.size = 3, .recstart = "[0-9]", .recend = "", .regexp = true}, "1a|2b|3c|"},
    {"a\nb\nc\nd", {.size = 100, .recend = "\n", .records = 2}, "a\nb\n|c\nd|"},
    {"a\nb\nc\nd\n", {.size = 1, .recend = "\n", .records = 3}, "a\nb\nc\n|d\n|"},
    {"a\nb\nc\nd\n", {.size = 1, .recend = "", .lines = 2, .records = 1}, "a\nb\n|c\nd\n|"},
    {"a, b, c", {.size = 100, .recend = ", ", .records = 1, .remove = true}, "a|b|c|"},
    {"a,b,c,", {.size = 100, .recend = ",", .remove = true}, "abc|"},
    {"a>b>c", {.size = 100, .recstart = ">", .recend = "", .remove = true}, "abc|"},
    {"h1\nh2\na\nb\n", {.size = 2, .recend = "\n", .header = "2"}, "h1\nh2\na\n|h1\nh2\nb\n|"},
    {"h\na\nb\n", {.size = 2, .recend = "\n", .header = ":"}, "h\na\n|h\nb\n|"},
    {"#x\n#y\nab\ncd\n", {.size = 6, .recend = "\n", .header = "(#.*\n)*"}, "#x\n#y\nab\ncd\n|"},
    {"h\n", {.size = 2, .recend = "\n", .header = ":"}, ""},
};

static void test_examples(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        struct blocks_options options = examples[i].options;
        struct buffer got = {0};
        if (!options.recstart)
            options.recstart = "";
        write_input(examples[i].text, strlen(examples[i].text));
        cut(&options, false, &got);
        if (strcmp(buffer_text(&got), examples[i].blocks) != 0)
            fail_msg("%zu: '%s' is cut into '%s', not '%s'", i, examples[i].text, buffer_text(&got), examples[i].blocks);
        buffer_fini(&got);
    }
}

/* A text of few letters, so that separators are often there, overlap, and stand at borders. */
static void make_text(struct buffer *text, unsigned *seed)
{
    size_t len = (size_t)rand_r(seed) % 300;
    buffer_clear(text);
    for (size_t i = 0; i < len; i++)
        buffer_putc(text, "ab,;\n"[rand_r(seed) % 5]);
}

static bool is_cut(const struct records *r, struct slice text, size_t at)
{
    struct boundary b;
    for (size_t from = 0; records_next(r, text, from, &b) && b.cut <= at; from = b.cut) {
        if (b.cut == at)
            return true;
    }
    return records_are_bytes(r) || at == text.len;
}

static void check_random(const struct blocks_options *options, const struct buffer *text, bool part)
{
    struct records records;
    struct buffer got = {0};
    struct slice whole = {buffer_text((struct buffer *)(uintptr_t)text), text->len};
    size_t at = 0, start = 0;
    assert_int_equal(records_init(&records, options, NULL), 0);
    cut(options, part, &got);
    for (size_t i = 0; i < got.len; i++) {
        if (got.data[i] != '|') {
            assert_true(at < text->len && got.data[i] == text->data[at]);
            at++;
            continue;
        }
        assert_true(is_cut(&records, whole, at));
        /* A block that is larger than it should be has one record: the one that goes beyond. */
        struct boundary b;
        struct slice block = {whole.data + start, at - start};
        if (block.len > options->size && !part && at < text->len)
            assert_true(!records_last(&records, (struct slice){block.data, options->size}, &b) || b.cut == 0);
        start = at;
    }
    assert_int_equal(at, text->len);
    records_fini(&records);
    buffer_fini(&got);
}

static void test_any_size(void **state)
{
    (void)state;
    static const struct blocks_options kinds[] = {
        {.recstart = "", .recend = "\n"},      {.recstart = "", .recend = ""},
        {.recstart = "", .recend = ",;"},      {.recstart = "a", .recend = ""},
        {.recstart = "aa", .recend = ""},      {.recstart = "a", .recend = ","},
        {.recstart = "", .recend = "[,;]", .regexp = true},
        {.recstart = "a+b", .recend = "", .regexp = true},
        {.recstart = "[ab]", .recend = "[,;]", .regexp = true},
    };
    struct buffer text = {0};
    unsigned seed = 1;
    for (int round = 0; round < 400; round++) {
        make_text(&text, &seed);
        write_input(text.data, text.len);
        struct blocks_options options = kinds[round % 9];
        options.size = 1 + (size_t)rand_r(&seed) % 60;
        check_random(&options, &text, false);
        check_random(&options, &text, true);
    }
    buffer_fini(&text);
}

/* As it comes through a pipe: nothing is given before there is a block, and then at once. */
static void test_on_demand(void **state)
{
    (void)state;
    int fds[2];
    char name[32];
    struct input *in = NULL;
    struct blocks_options options = {.size = 4, .recstart = "", .recend = "\n"};
    assert_int_equal(pipe(fds), 0);
    snprintf(name, sizeof name, "/dev/fd/%d", fds[0]);
    struct blocks *b = blocks_of_stream(name, &options, NULL);
    assert_non_null(b);
    assert_true(blocks_fd(b) >= 0);
    assert_int_equal(blocks_next(b, &in, NULL), SOURCE_WAIT);
    assert_int_equal(write(fds[1], "a\nb", 3), 3);
    assert_int_equal(blocks_next(b, &in, NULL), SOURCE_WAIT);
    assert_int_equal(write(fds[1], "c", 1), 1);
    assert_int_equal(blocks_next(b, &in, NULL), SOURCE_ITEM);
    assert_int_equal(in->len, 2);
    input_free(in);
    in = NULL;
    assert_int_equal(blocks_next(b, &in, NULL), SOURCE_WAIT);
    close(fds[1]);
    assert_int_equal(blocks_next(b, &in, NULL), SOURCE_ITEM);
    assert_int_equal(in->len, 2);
    input_free(in);
    assert_int_equal(blocks_next(b, &in, NULL), SOURCE_END);
    blocks_free(b);
    close(fds[0]);
}

static void test_refused(void **state)
{
    (void)state;
    struct error err = {0};
    struct blocks_options options = {.size = 4, .recstart = "", .recend = "(", .regexp = true};
    assert_null(blocks_of_stream(path, &options, &err));
    assert_int_equal(err.code, ERR_USAGE);
    assert_non_null(strstr(err.message, "--recend"));
    options.recend = "\n";
    options.header = "*";
    assert_null(blocks_of_stream(path, &options, &err));
    assert_non_null(strstr(err.message, "--header"));
    options.header = NULL;
    assert_null(blocks_of_file("/dev/null", &options, &err));
    assert_int_equal(err.code, ERR_INPUT);
    assert_null(blocks_of_stream("/nonexistent/file", &options, &err));
    assert_int_equal(err.code, ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_any_size),
        cmocka_unit_test(test_on_demand),
        cmocka_unit_test(test_refused),
    };
    int fd = mkstemp(path);
    if (fd < 0)
        return 1;
    close(fd);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    return failed;
}
