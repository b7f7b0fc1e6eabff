/* One table says what each kind of byte means in each place. Runs of ordinary bytes are copied at once, so most
 * bytes never reach it. Columns are gathered one behind the other as struct words has them, and become one.
 *
 * After a fault the rest of its line is passed over, and the next line begins a record. A NUL byte, or too much of
 * everything, does not hide where the record ends: it is read to its end, and then bad.
 */
#include "source/csv_parser.h"

enum state {
    START,  /* of a column */
    PLAIN,  /* in a column without quotes */
    QUOTED, /* in one with quotes */
    CLOSED, /* behind its second quote, or inside a doubled one */
    BEHIND, /* in white space behind it */
    RETURN, /* behind a carriage return, outside of quotes */
    FAULTY, /* the rest of a line is passed over */
    STATES
};

/* In the order of how much they mean: up to BLANK a byte is text anywhere, up to CARRIAGE inside quotes. */
enum class {
    OTHER,
    BLANK, /* white space that may be trimmed */
    DELIMITER,
    CARRIAGE,
    QUOTE,
    NEWLINE,
    ZERO,
    CLASSES
};

enum action {
    PASS,
    ADD,    /* the byte to the column */
    OPEN,   /* a quote */
    COLUMN, /* ends */
    RECORD, /* ends */
    NUL,    /* is here */
    STRAY_QUOTE,
    STRAY_TEXT,
    STRAY_RETURN,
};

static const char *const faults[] = {
    [NUL] = "holds a NUL byte, which no argument can",
    [STRAY_QUOTE] = "has a quote but does not begin with one; quote all of it, and double the quotes in it",
    [STRAY_TEXT] = "goes on behind its closing quote; double a quote that is part of it",
    [STRAY_RETURN] = "has a carriage return without a newline behind it; quote it if it is part of the column",
};

static const struct rule {
    unsigned char state, action;
} rules[STATES][CLASSES] = {
    [START] = {{PLAIN, ADD}, {START, PASS}, {START, COLUMN}, {RETURN, PASS}, {QUOTED, OPEN},
               {START, RECORD}, {PLAIN, NUL}},
    [PLAIN] = {{PLAIN, ADD}, {PLAIN, ADD}, {START, COLUMN}, {RETURN, PASS}, {FAULTY, STRAY_QUOTE},
               {START, RECORD}, {PLAIN, NUL}},
    [QUOTED] = {{QUOTED, ADD}, {QUOTED, ADD}, {QUOTED, ADD}, {QUOTED, ADD}, {CLOSED, PASS}, {QUOTED, ADD},
                {QUOTED, NUL}},
    [CLOSED] = {{FAULTY, STRAY_TEXT}, {BEHIND, PASS}, {START, COLUMN}, {RETURN, PASS}, {QUOTED, ADD},
                {START, RECORD}, {FAULTY, NUL}},
    [BEHIND] = {{FAULTY, STRAY_TEXT}, {BEHIND, PASS}, {START, COLUMN}, {RETURN, PASS}, {FAULTY, STRAY_TEXT},
                {START, RECORD}, {FAULTY, NUL}},
    [RETURN] = {{FAULTY, STRAY_RETURN}, {FAULTY, STRAY_RETURN}, {FAULTY, STRAY_RETURN},
                {FAULTY, STRAY_RETURN}, {FAULTY, STRAY_RETURN}, {START, RECORD}, {FAULTY, STRAY_RETURN}},
    [FAULTY] = {{FAULTY, PASS}, {FAULTY, PASS}, {FAULTY, PASS}, {FAULTY, PASS}, {FAULTY, PASS},
                {START, RECORD}, {FAULTY, PASS}},
};

void csv_init(struct csv_parser *p, const struct csv_rules *r)
{
    *p = (struct csv_parser){.rules = *r, .line = 1};
    p->classes[' '] = p->classes['\t'] = p->classes['\v'] = p->classes['\f'] = BLANK;
    p->classes['"'] = QUOTE;
    p->classes['\r'] = CARRIAGE;
    p->classes['\n'] = NEWLINE;
    p->classes['\0'] = ZERO;
    p->classes[(unsigned char)r->delimiter] = DELIMITER;
}

void csv_fini(struct csv_parser *p)
{
    buffer_fini(&p->columns);
}

static void note_fault(struct csv_parser *p, const char *what, uint64_t line)
{
    if (p->bad)
        return;
    p->bad = what;
    p->bad_line = line;
    p->bad_column = p->count + 1;
}

static void add(struct csv_parser *p, const char *data, size_t len)
{
    if (p->columns.len + len > SOURCE_ITEM_MAX)
        note_fault(p, "ends a record of more than 64 MiB", p->line);
    if (!p->bad)
        buffer_append(&p->columns, data, len);
}

static void end_column(struct csv_parser *p)
{
    if (!p->quoted && (p->rules.trim & TRIM_RIGHT) && p->columns.len > p->column_at) {
        struct slice column = {p->columns.data + p->column_at, p->columns.len - p->column_at};
        p->columns.len = p->column_at + trim_slice(column, TRIM_RIGHT).len;
    }
    add(p, "", 1);
    p->column_at = p->columns.len;
    p->quoted = false;
    p->count++;
}

/* False: the line was empty, and that is no record. */
static bool end_record(struct csv_parser *p)
{
    bool empty = p->count == 0 && !p->quoted && p->columns.len == 0 && !p->bad;
    if (empty && !p->rules.keep_empty)
        return false;
    end_column(p);
    return true;
}

/* White space that is not trimmed at this place is a byte like any other. */
static enum class class_at(const struct csv_parser *p, enum class class)
{
    if (class != BLANK)
        return class;
    enum trim trim = p->state == START ? TRIM_LEFT : p->state == CLOSED ? TRIM_RIGHT : TRIM_BOTH;
    return p->rules.trim & trim ? BLANK : OTHER;
}

/* True: that was the end of a record. */
static bool step(struct csv_parser *p, const char *byte)
{
    struct rule rule = rules[p->state][class_at(p, p->classes[(unsigned char)*byte])];
    p->state = rule.state;
    bool ended = false;
    switch ((enum action)rule.action) {
    case PASS:
        break;
    case ADD:
        add(p, byte, 1);
        break;
    case OPEN:
        p->quoted = true;
        p->quote_line = p->line;
        break;
    case COLUMN:
        end_column(p);
        break;
    case RECORD:
        ended = end_record(p);
        break;
    case NUL:
    case STRAY_QUOTE:
    case STRAY_TEXT:
    case STRAY_RETURN:
        note_fault(p, faults[rule.action], p->line);
        break;
    }
    p->line += *byte == '\n';
    return ended;
}

/* How many bytes at `text` do no more than being added. */
static size_t run_length(const struct csv_parser *p, const char *text, size_t len)
{
    size_t n = 0;
    if (p->state != PLAIN && p->state != QUOTED)
        return 0;
    enum class most = p->state == PLAIN ? BLANK : CARRIAGE;
    while (n < len && p->classes[(unsigned char)text[n]] <= most)
        n++;
    return n;
}

static enum csv_status whole(const struct csv_parser *p)
{
    return p->bad ? CSV_BAD : CSV_RECORD;
}

enum csv_status csv_read(struct csv_parser *p, struct slice text, size_t *used)
{
    size_t at = 0;
    while (at < text.len) {
        size_t run = run_length(p, text.data + at, text.len - at);
        add(p, text.data + at, run);
        at += run;
        if (at < text.len && step(p, text.data + at++)) {
            *used = at;
            return whole(p);
        }
    }
    *used = at;
    return CSV_MORE;
}

enum csv_status csv_end(struct csv_parser *p)
{
    if (p->state == QUOTED)
        note_fault(p, "has a quote that is not closed", p->quote_line);
    bool nothing = p->state == START && p->count == 0;
    p->state = START;
    return nothing || !end_record(p) ? CSV_MORE : whole(p);
}

static void csv_clear(struct csv_parser *p)
{
    if (p->columns.cap > SOURCE_ITEM_MAX / 64)
        buffer_fini(&p->columns);
    buffer_clear(&p->columns);
    p->count = p->column_at = 0;
    p->quoted = false;
    p->bad = NULL;
}

void csv_take(struct csv_parser *p, struct words *values)
{
    const struct words record = {p->columns.data, p->columns.len, p->columns.cap, p->count};
    words_add_all(values, &record);
    csv_clear(p);
}

void csv_take_error(struct csv_parser *p, const char *name, struct error *err)
{
    error_set(err, ERR_SPEC, "%.200s: line %llu: column %zu %s", name, (unsigned long long)p->bad_line, p->bad_column,
              p->bad);
    csv_clear(p);
}
