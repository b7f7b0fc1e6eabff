#include "pool/split.h"

#include <string.h>

bool split_wanted(const struct task *t)
{
    return t->outcome.too_long && t->why == ERR_NONE && t->width > 0 && t->args.count > t->width &&
           !schedule_repeats(&t->spec->schedule);
}

struct task *split_take(struct task *t)
{
    size_t items = t->args.count / t->width;
    size_t first = (items - items / 2) * t->width;
    size_t at = (size_t)(words_get(&t->args, first) - t->args.data);
    struct words rest = {0};
    words_add_all(&rest, &(struct words){t->args.data + at, t->args.len - at, 0, t->args.count - first});
    t->args.len = at;
    t->args.count = first;
    struct task *other = task_new(t->spec, &rest);
    other->from_ns = t->from_ns;
    other->width = t->width;
    other->owner = t->owner;
    return other;
}

void split_chain(struct task *t, struct task *other)
{
    other->next_place = t->next_place ? t->next_place : t->place + 1;
    t->next_place = other->place;
}
