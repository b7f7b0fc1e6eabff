#include "sink/mark.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* Colours of the cube of 6 times 6 times 6 that terminals of 256 colours have, in steps that share no factor with
 * their number: neighbours are far apart, and all come before the first one comes again. */
#define CUBE_FIRST 16
#define CUBE_COLORS 216
#define CUBE_STEP 47
#define BLACK CUBE_FIRST
#define WHITE (CUBE_FIRST + CUBE_COLORS - 1)
#define RED 196

#define COLOR_END "\033[m"

bool mark_is_wanted(const struct mark_options *options)
{
    return options->tag || options->tag_text || options->color || options->color_failed;
}

static void put_color(struct buffer *out, unsigned ground, unsigned text)
{
    buffer_printf(out, "\033[48;5;%u;38;5;%um\033[K", ground, text);
}

static void put_color_of(struct buffer *out, uint64_t seq)
{
    unsigned place = (unsigned)(seq % CUBE_COLORS * CUBE_STEP % CUBE_COLORS);
    unsigned red = place / 36, green = place / 6 % 6, blue = place % 6;
    bool bright = 2 * red + 5 * green + blue >= 20;
    put_color(out, CUBE_FIRST + place, bright ? BLACK : WHITE);
}

static void put_tag(struct buffer *out, const struct mark_options *options, const struct task *task)
{
    if (options->tag_text) {
        text_template_write(options->tag_text, task, out);
    } else {
        for (const char *word = NULL; (word = words_next(&task->args, word));) {
            if (out->len > 0)
                buffer_putc(out, ' ');
            buffer_puts(out, word);
        }
    }
    buffer_putc(out, '\t');
}

void mark_init(struct mark *m, const struct mark_options *options, const struct task *task)
{
    *m = (struct mark){0};
    if (options->tag || options->tag_text)
        put_tag(&m->tag, options, task);
    if (options->color_failed && task_state_ended(task->state) && task->state != TASK_SUCCEEDED)
        put_color(&m->color, RED, WHITE);
    else if (options->color)
        put_color_of(&m->color, task->seq);
}

void mark_fini(struct mark *m)
{
    buffer_fini(&m->tag);
    buffer_fini(&m->color);
}

/* A stream on its way. */
struct marking {
    struct capture *to;
    const struct mark *mark;
    bool at_start; /* of a line */
    bool colored;
};

static int end_color(struct marking *m, struct error *err)
{
    if (!m->colored)
        return 0;
    m->colored = false;
    return capture_append(m->to, COLOR_END, sizeof COLOR_END - 1, err);
}

static int append_text(struct marking *m, const char *text, size_t len, struct error *err)
{
    const struct mark *mark = m->mark;
    if (!m->colored && mark->color.len > 0) {
        if (capture_append(m->to, mark->color.data, mark->color.len, err) < 0)
            return -1;
        m->colored = true;
    }
    if (m->at_start && capture_append(m->to, mark->tag.data, mark->tag.len, err) < 0)
        return -1;
    m->at_start = false;
    return capture_append(m->to, text, len, err);
}

static int append_part(struct marking *m, struct slice part, struct error *err)
{
    while (part.len > 0) {
        const char *newline = memchr(part.data, '\n', part.len);
        bool colored = m->mark->color.len > 0;
        size_t len = newline ? (size_t)(newline - part.data) + 1 : part.len;
        if (append_text(m, part.data, newline && colored ? len - 1 : len, err) < 0)
            return -1;
        if (newline && colored && (end_color(m, err) < 0 || capture_append(m->to, "\n", 1, err) < 0))
            return -1;
        m->at_start = newline != NULL;
        part.data += len;
        part.len -= len;
    }
    return 0;
}

int mark_move(struct capture *to, struct capture *from, const struct mark *mark, const struct buffer *before,
              bool at_start, struct error *err)
{
    struct marking m = {to, mark, at_start, false};
    struct capture_cursor cursor = {0};
    struct slice part;
    char *scratch = from->pieces_len > 0 ? xmalloc(SPOOL_PIECE) : NULL;
    int got = 0;
    capture_init(to, from->spool, 0);
    if (before)
        got = append_part(&m, (struct slice){before->data, before->len}, err);
    while (got >= 0 && (got = capture_next(from, &cursor, scratch, &part, err)) > 0)
        if ((got = append_part(&m, part, err)) < 0)
            break;
    if (got == 0)
        got = end_color(&m, err);
    (void)capture_seal(to, NULL);
    free(scratch);
    capture_fini(from);
    return got;
}
