/* Result lines. A small one is rendered in memory; a large one passes in pieces into a capture, so it is
 * complete before its first byte is written anywhere. */
#include "sink/line.h"

#include "task/result.h"

#include <string.h>

#define LARGE 65536

bool line_is_large(const struct task *task)
{
    return capture_size(&task->outcome.out) + capture_size(&task->outcome.err) > LARGE;
}

/* The task as a failed one whose output is counted but not shown. Borrows everything. */
static void write_without_output(struct buffer *out, const struct task *task, struct error *err)
{
    struct task shown = *task;
    shown.state = TASK_FAILED;
    shown.outcome.code = ERR_OUTPUT;
    shown.outcome.message = err->message;
    shown.outcome.out =
        (struct capture){.total = task->outcome.out.total, .cut = task->outcome.out.total > 0};
    shown.outcome.err =
        (struct capture){.total = task->outcome.err.total, .cut = task->outcome.err.total > 0};
    (void)result_write(out, &shown, NULL, NULL);
}

int line_to_buffer(struct buffer *out, const struct task *task, struct error *err)
{
    size_t start = out->len;
    if (result_write(out, task, NULL, err) == 0)
        return 0;
    out->len = start;
    write_without_output(out, task, err);
    return -1;
}

static int move_to_capture(void *context, struct buffer *bytes, struct error *err)
{
    int got = capture_append(context, bytes->data, bytes->len, err);
    buffer_clear(bytes);
    return got;
}

int line_to_capture(struct capture *out, const struct task *task, struct error *err)
{
    struct buffer bytes = {0};
    struct capture line;
    struct result_flush flush = {move_to_capture, &line};
    capture_init(&line, out->spool, 0);
    int got = result_write(&bytes, task, &flush, err);
    if (got == 0)
        got = move_to_capture(&line, &bytes, err);
    if (got < 0) {
        struct error again;
        capture_fini(&line);
        capture_init(&line, out->spool, 0);
        buffer_clear(&bytes);
        write_without_output(&bytes, task, err);
        (void)capture_append(&line, bytes.data, bytes.len, &again);
    }
    buffer_fini(&bytes);
    (void)capture_seal(&line, NULL);
    capture_move(out, &line);
    return got;
}
