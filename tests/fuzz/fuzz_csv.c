/* CSV. The input is a byte for the rules, one for where it is cut, and the text.
 *
 * Cut anywhere, a text gives the same records; and the records, written as CSV again, are read as themselves.
 */
#include "source/csv_parser.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Records one behind the other: their columns with a NUL each, and how many there are of them. A bad one is a column
 * with the message. */
struct records {
    struct words columns;
    struct buffer sizes;
    size_t bad;
};

static void note(struct csv_parser *p, enum csv_status got, struct records *r)
{
    struct error err = {0};
    size_t before = r->columns.count;
    if (got == CSV_MORE)
        return;
    if (got == CSV_RECORD) {
        csv_take(p, &r->columns);
        assert(r->columns.count > before);
    } else {
        csv_take_error(p, "fuzz", &err);
        assert(err.code == ERR_SPEC && err.message[0]);
        words_add(&r->columns, err.message, strlen(err.message));
        r->bad++;
    }
    buffer_printf(&r->sizes, "%zu ", r->columns.count - before);
}

static void read_some(struct csv_parser *p, const char *text, size_t len, struct records *r)
{
    while (len > 0) {
        size_t used = 0;
        enum csv_status got = csv_read(p, (struct slice){text, len}, &used);
        assert(used > 0 && used <= len && (got != CSV_MORE || used == len));
        note(p, got, r);
        text += used;
        len -= used;
    }
}

static void read_all(const struct csv_rules *rules, struct slice text, size_t piece, struct records *r)
{
    struct csv_parser p;
    csv_init(&p, rules);
    for (size_t at = 0; at < text.len; at += piece)
        read_some(&p, text.data + at, piece < text.len - at ? piece : text.len - at, r);
    note(&p, csv_end(&p), r);
    assert(csv_end(&p) == CSV_MORE);
    csv_fini(&p);
}

static void expect_same(const struct records *a, const struct records *b)
{
    assert(a->columns.len == b->columns.len && a->sizes.len == b->sizes.len);
    assert(a->columns.len == 0 || memcmp(a->columns.data, b->columns.data, a->columns.len) == 0);
    assert(a->sizes.len == 0 || memcmp(a->sizes.data, b->sizes.data, a->sizes.len) == 0);
}

/* Every column in quotes. */
static void write_again(const struct records *r, char delimiter, struct buffer *out)
{
    const char *column = NULL;
    struct buffer sizes = {0};
    buffer_append(&sizes, r->sizes.data, r->sizes.len);
    for (char *at = buffer_text(&sizes); *at;) {
        size_t size = strtoul(at, &at, 10);
        at += *at == ' ';
        for (size_t i = 0; i < size; i++) {
            column = words_next(&r->columns, column);
            if (i)
                buffer_putc(out, delimiter);
            buffer_putc(out, '"');
            for (const char *c = column; *c; c++) {
                buffer_putc(out, *c);
                if (*c == '"')
                    buffer_putc(out, '"');
            }
            buffer_putc(out, '"');
        }
        buffer_puts(out, "\r\n");
    }
    buffer_fini(&sizes);
}

static void records_fini(struct records *r)
{
    words_fini(&r->columns);
    buffer_fini(&r->sizes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char delimiters[] = ",;\t|";
    if (size < 2)
        return 0;
    struct csv_rules rules = {.delimiter = delimiters[data[0] & 3],
                              .trim = (enum trim)(data[0] >> 2 & 3),
                              .keep_empty = data[0] >> 4 & 1};
    struct slice text = {(const char *)data + 2, size - 2};
    struct records whole = {0}, pieces = {0}, again = {0};
    read_all(&rules, text, text.len + 1, &whole);
    read_all(&rules, text, (size_t)data[1] % 7 + 1, &pieces);
    expect_same(&whole, &pieces);
    if (whole.bad == 0) {
        struct buffer written = {0};
        write_again(&whole, rules.delimiter, &written);
        read_all(&rules, (struct slice){buffer_text(&written), written.len}, 64, &again);
        expect_same(&whole, &again);
        buffer_fini(&written);
    }
    records_fini(&whole);
    records_fini(&pieces);
    records_fini(&again);
    return 0;
}
