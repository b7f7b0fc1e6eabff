/* What all sources share: calls through their table. */
#include "source/source.h"

enum source_status source_next(struct source *s, struct words *values, struct error *err)
{
    return s->ops->next(s, values, err);
}

int source_fd(const struct source *s)
{
    return s->ops->fd ? s->ops->fd(s) : -1;
}

bool source_rewind(struct source *s)
{
    return s->ops->rewind && s->ops->rewind(s);
}

void source_free(struct source *s)
{
    if (s)
        s->ops->free(s);
}
