#include "task/journal_line.h"

#include "base/digest.h"
#include "base/utf8.h"
#include "task/json.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#define ARGS_MOST  4096 /* bytes of arguments that a line shows */
#define CHECK_KEY  ",\"check\":\""
#define CHECK_SIZE (sizeof CHECK_KEY - 1 + 8 + 2) /* with its digits, quote and brace */

/* ---- writing ---- */

static uint32_t check_of(const char *data, size_t len)
{
    uint64_t digest = digest_bytes(DIGEST_START, data, len);
    return (uint32_t)(digest ^ digest >> 32);
}

static void put_hex(struct buffer *out, uint64_t value, unsigned digits)
{
    for (unsigned shift = digits * 4; shift > 0; shift -= 4)
        buffer_putc(out, "0123456789abcdef"[value >> (shift - 4) & 15]);
}

/* Ends the line that begins at `start`. */
static void put_check(struct buffer *out, size_t start)
{
    uint32_t check = check_of(out->data + start, out->len - start);
    buffer_puts(out, CHECK_KEY);
    put_hex(out, check, 8);
    buffer_puts(out, "\"}\n");
}

static void put_words(struct buffer *out, const char *key, const struct words *words)
{
    bool text = true;
    const char *separator = "";
    if (words->len > ARGS_MOST) {
        buffer_printf(out, ",\"%s\":null", key);
        return;
    }
    for (const char *word = NULL; (word = words_next(words, word));)
        text = text && utf8_valid(word, strlen(word));
    buffer_printf(out, text ? ",\"%s\":[" : ",\"%s_base64\":[", key);
    for (const char *word = NULL; (word = words_next(words, word)); separator = ",") {
        buffer_puts(out, separator);
        if (text)
            json_write_string(out, word, strlen(word));
        else
            json_write_base64(out, word, strlen(word));
    }
    buffer_putc(out, ']');
}

static void put_attempt(struct buffer *out, const char *type, uint64_t seq, unsigned attempt, uint64_t digest)
{
    buffer_puts(out, "{\"type\":\"");
    buffer_puts(out, type);
    buffer_puts(out, "\",\"seq\":");
    json_write_uint(out, seq);
    buffer_puts(out, ",\"attempt\":");
    json_write_uint(out, attempt);
    buffer_puts(out, ",\"digest\":\"");
    put_hex(out, digest, 16);
    buffer_putc(out, '"');
}

static void put_number_or_null(struct buffer *out, const char *key, int64_t number, bool there)
{
    buffer_puts(out, key);
    if (there)
        json_write_int(out, number);
    else
        buffer_puts(out, "null");
}

void journal_write_run(struct buffer *out, const struct words *command, int64_t real_ns)
{
    size_t start = out->len;
    buffer_printf(out, "{\"type\":\"run\",\"version\":%d", JOURNAL_VERSION);
    put_words(out, "command", command);
    put_number_or_null(out, ",\"pid\":", getpid(), true);
    buffer_puts(out, ",\"started\":");
    json_write_time(out, real_ns);
    put_check(out, start);
}

void journal_write_start(struct buffer *out, const struct task *t, int64_t real_ns)
{
    size_t start = out->len;
    put_attempt(out, "start", t->seq, t->attempt, t->digest);
    put_words(out, "args", &t->args);
    buffer_puts(out, ",\"time\":");
    json_write_time(out, real_ns);
    put_check(out, start);
}

static void put_state(struct buffer *out, enum task_state state, bool again)
{
    buffer_puts(out, ",\"state\":\"");
    buffer_puts(out, task_state_name(state));
    buffer_puts(out, again ? "\",\"again\":true" : "\",\"again\":false");
}

void journal_write_end(struct buffer *out, const struct task *t, bool again)
{
    const struct outcome *o = &t->outcome;
    size_t start = out->len;
    put_attempt(out, "end", t->seq, t->attempt, t->digest);
    put_state(out, outcome_state(o), again);
    put_number_or_null(out, ",\"exit_code\":", o->exit_code, o->exit_code >= 0);
    put_number_or_null(out, ",\"signal\":", o->signal, o->signal > 0);
    buffer_puts(out, ",\"error\":");
    if (o->code == ERR_NONE) {
        buffer_puts(out, "null");
    } else {
        const char *name = error_code_name(o->code);
        json_write_string(out, name, strlen(name));
    }
    put_words(out, "args", &t->args);
    buffer_puts(out, ",\"started\":");
    json_write_time(out, o->started_real_ns);
    buffer_puts(out, ",\"finished\":");
    json_write_time(out, o->finished_real_ns);
    put_check(out, start);
}

void journal_write_lost(struct buffer *out, const struct journal_record *record, int64_t real_ns)
{
    size_t start = out->len;
    put_attempt(out, "end", record->seq, record->attempt, record->digest);
    put_state(out, TASK_LOST, false);
    buffer_puts(out, ",\"exit_code\":null,\"signal\":null,\"error\":\"Lost\",\"args\":null,\"started\":null,"
                     "\"finished\":");
    json_write_time(out, real_ns);
    put_check(out, start);
}

/* ---- reading ---- */

static bool take_text(struct slice *at, const char *text)
{
    size_t len = strlen(text);
    if (at->len < len || memcmp(at->data, text, len) != 0)
        return false;
    *at = (struct slice){at->data + len, at->len - len};
    return true;
}

static bool take_number(struct slice *at, uint64_t most, uint64_t *number)
{
    size_t len = 0;
    *number = 0;
    for (; len < at->len && at->data[len] >= '0' && at->data[len] <= '9'; len++) {
        uint64_t digit = (uint64_t)(at->data[len] - '0');
        if (*number > (most - digit) / 10)
            return false;
        *number = *number * 10 + digit;
    }
    *at = (struct slice){at->data + len, at->len - len};
    return len > 0;
}

static bool take_hex(struct slice *at, unsigned digits, uint64_t *value)
{
    *value = 0;
    if (at->len < digits)
        return false;
    for (unsigned i = 0; i < digits; i++) {
        char c = at->data[i];
        bool digit = c >= '0' && c <= '9', letter = c >= 'a' && c <= 'f';
        if (!digit && !letter)
            return false;
        *value = *value << 4 | (uint64_t)(digit ? c - '0' : c - 'a' + 10);
    }
    *at = (struct slice){at->data + digits, at->len - digits};
    return true;
}

static bool take_state(struct slice *at, enum task_state *state)
{
    for (int i = 0; i < TASK_STATES; i++) {
        if (task_state_ended((enum task_state)i) && take_text(at, task_state_name((enum task_state)i))) {
            *state = (enum task_state)i;
            return true;
        }
    }
    return false;
}

static bool take_attempt(struct slice *at, struct journal_record *r)
{
    uint64_t attempt;
    bool good = take_text(at, "\"seq\":") && take_number(at, INT64_MAX, &r->seq) &&
                take_text(at, ",\"attempt\":") && take_number(at, UINT32_MAX, &attempt) &&
                take_text(at, ",\"digest\":\"") && take_hex(at, 16, &r->digest) && take_text(at, "\"");
    r->attempt = good ? (unsigned)attempt : 0;
    return good && r->seq > 0 && r->attempt > 0;
}

static bool take_end(struct slice *at, struct journal_record *r)
{
    if (!take_attempt(at, r) || !take_text(at, ",\"state\":\"") || !take_state(at, &r->state) ||
        !take_text(at, "\",\"again\":"))
        return false;
    r->again = take_text(at, "true");
    return r->again || take_text(at, "false");
}

static bool check_is_right(struct slice line)
{
    uint64_t check;
    if (line.len < CHECK_SIZE)
        return false;
    size_t len = line.len - CHECK_SIZE;
    struct slice end = {line.data + len, CHECK_SIZE};
    return take_text(&end, CHECK_KEY) && take_hex(&end, 8, &check) && take_text(&end, "\"}") &&
           check == check_of(line.data, len);
}

static int parse_run(struct slice at, struct error *err)
{
    uint64_t version;
    if (!take_number(&at, INT64_MAX, &version))
        return error_set(err, ERR_INPUT, "no line of a journal");
    if (version != JOURNAL_VERSION)
        return error_set(err, ERR_INPUT, "written by a jobpool whose journals have version %" PRIu64 ", not %d",
                         version, JOURNAL_VERSION);
    return 0;
}

int journal_parse(struct slice line, struct journal_record *record, struct error *err)
{
    *record = (struct journal_record){0};
    if (!check_is_right(line))
        return error_set(err, ERR_INPUT, "the line is not as it was written");
    if (take_text(&line, "{\"type\":\"run\",\"version\":"))
        return parse_run(line, err);
    record->kind = JOURNAL_START;
    if (take_text(&line, "{\"type\":\"start\",") && take_attempt(&line, record))
        return 0;
    record->kind = JOURNAL_END;
    if (take_text(&line, "{\"type\":\"end\",") && take_end(&line, record))
        return 0;
    return error_set(err, ERR_INPUT, "no line of a journal");
}
