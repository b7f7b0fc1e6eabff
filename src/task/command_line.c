#include "task/command_line.h"

#include "task/script.h"

static void put_rendering(struct buffer *out, const struct rendering *made)
{
    if (made->script) {
        buffer_puts(out, made->script);
        return;
    }
    for (const char *word = NULL; (word = words_next(&made->argv, word));) {
        if (word != made->argv.data)
            buffer_putc(out, ' ');
        script_quote(out, slice_of(word), false);
    }
}

void command_line_write(struct buffer *out, const struct task *task)
{
    struct rendering made = {0};
    if (task->rendering.script || task->rendering.argv.count)
        put_rendering(out, &task->rendering);
    else if (template_render(task->spec->template, &task->args, task->seq, task->slot, &made, NULL) == 0)
        put_rendering(out, &made);
    rendering_fini(&made);
}

int command_line_exit_value(const struct task *task)
{
    const struct outcome *o = &task->outcome;
    if (o->code == ERR_SPAWN || o->code == ERR_NOT_FOUND)
        return task_exit_status(task);
    if (o->code == ERR_NONE || o->exit_code > 0)
        return o->exit_code;
    return o->code == ERR_SIGNAL ? 0 : -1;
}
