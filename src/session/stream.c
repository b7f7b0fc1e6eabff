/* All tasks are submitted before the first block is read. One that ends without having started leaves its channel
 * here; the others by the hands of those who feed them.
 */
#include "session/stream.h"

#include "base/alloc.h"
#include "base/list.h"

#include <stdlib.h>

struct stream {
    struct feed feed;
    struct stream_config config;
    struct channel **channels; /* one for all, or one for each task */
    size_t channels_len;
    unsigned tasks;
    uint64_t bad;
    bool all_submitted;
    bool over;
    bool complete;
    struct error error; /* what ended the input early */
};

static struct stream *stream_of(struct feed *f)
{
    return list_entry(f, struct stream, feed);
}

static struct channel *add_channel(struct stream *s, unsigned readers)
{
    s->channels = xrealloc_array(s->channels, s->channels_len + 1, sizeof(struct channel *));
    return s->channels[s->channels_len++] = channel_new(readers, &s->config.hooks);
}

static bool submit(struct stream *s, struct words *values, struct channel *channel, int64_t mono_ns, int64_t real_ns)
{
    struct task *t = task_new(s->config.spec, values);
    t->input = input_channel(channel);
    t->owner = channel;
    return pool_submit(s->config.pool, t, mono_ns, real_ns, NULL) == 0;
}

static void submit_for_slots(struct stream *s, int64_t mono_ns, int64_t real_ns)
{
    struct channel *shared = add_channel(s, s->config.slots);
    for (; s->tasks < s->config.slots; s->tasks++) {
        struct words none = {0};
        if (!submit(s, &none, shared, mono_ns, real_ns))
            channel_leave(shared);
    }
    s->all_submitted = true;
}

/* An item of tee's. */
static void submit_item(struct stream *s, struct words *values, int64_t mono_ns, int64_t real_ns)
{
    if (s->tasks++ == s->config.slots) {
        error_set(&s->error, ERR_IO,
                  "--tee: all tasks must run at once, and no more than %u can (see ulimit -n, and -j)",
                  s->config.slots);
        words_fini(values);
        return;
    }
    struct channel *own = add_channel(s, 1);
    if (!submit(s, values, own, mono_ns, real_ns))
        channel_leave(own);
}

static enum feed_status submit_items(struct stream *s, int64_t mono_ns, int64_t real_ns)
{
    while (!s->all_submitted && s->error.code == ERR_NONE) {
        struct words values = {0};
        struct error err = {0};
        enum source_status status = source_next(s->config.values, &values, &err);
        if (status == SOURCE_ITEM) {
            submit_item(s, &values, mono_ns, real_ns);
            continue;
        }
        words_fini(&values);
        if (status == SOURCE_WAIT)
            return FEED_WAIT_INPUT;
        if (status == SOURCE_END) {
            s->all_submitted = true;
        } else if (err.code == ERR_SPEC) {
            s->bad++;
            s->config.bad_item(s->config.context, &err);
        } else {
            s->error = err;
        }
    }
    return FEED_AGAIN;
}

static bool all_channels(const struct stream *s, bool (*is)(struct channel *c))
{
    for (size_t i = 0; i < s->channels_len; i++) {
        if (!is(s->channels[i]))
            return false;
    }
    return true;
}

static void give(struct stream *s, struct input *block)
{
    for (size_t i = 1; i < s->channels_len; i++)
        channel_put(s->channels[i], input_copy(block));
    channel_put(s->channels[0], block);
}

static void end(struct stream *s)
{
    s->over = true;
    for (size_t i = 0; i < s->channels_len; i++)
        channel_end(s->channels[i]);
}

static enum feed_status give_blocks(struct stream *s)
{
    struct input *block = NULL;
    while (s->error.code == ERR_NONE && !all_channels(s, channel_is_left)) {
        if (!all_channels(s, channel_has_room))
            return FEED_WAIT_POOL;
        enum source_status status = blocks_next(s->config.blocks, &block, &s->error);
        if (status == SOURCE_WAIT)
            return FEED_WAIT_INPUT;
        if (status == SOURCE_ITEM)
            give(s, block);
        s->complete = status == SOURCE_END;
        if (status != SOURCE_ITEM)
            break;
    }
    end(s);
    return FEED_ENDED;
}

static enum feed_status stream_pump(struct feed *f, int64_t mono_ns, int64_t real_ns)
{
    struct stream *s = stream_of(f);
    if (s->over)
        return FEED_ENDED;
    if (!s->all_submitted && !s->config.values)
        submit_for_slots(s, mono_ns, real_ns);
    else if (!s->all_submitted && submit_items(s, mono_ns, real_ns) == FEED_WAIT_INPUT)
        return FEED_WAIT_INPUT;
    return give_blocks(s);
}

static int stream_fd(const struct feed *f)
{
    const struct stream *s = list_entry(f, struct stream, feed);
    return s->config.values && !s->all_submitted ? source_fd(s->config.values) : blocks_fd(s->config.blocks);
}

static void stream_event(struct feed *f, const struct event *event)
{
    (void)f;
    if (task_state_ended(event->to) && event->task->outcome.pid == 0)
        channel_leave(event->task->owner);
}

static void stream_cut(struct feed *f)
{
    struct stream *s = stream_of(f);
    if (!s->over)
        end(s);
}

static const struct error *stream_report(const struct feed *f, struct summary *summary)
{
    const struct stream *s = list_entry(f, struct stream, feed);
    summary->bad_lines = s->bad;
    summary->input_complete = s->complete;
    return s->error.code != ERR_NONE ? &s->error : NULL;
}

static const struct feed_ops stream_ops = {
    .pump = stream_pump,
    .fd = stream_fd,
    .event = stream_event,
    .cut = stream_cut,
    .report = stream_report,
};

struct feed *stream_new(const struct stream_config *config)
{
    struct stream *s = xcalloc(1, sizeof *s);
    s->feed.ops = &stream_ops;
    s->config = *config;
    spec_ref(config->spec);
    return &s->feed;
}

void stream_free(struct feed *f)
{
    struct stream *s = stream_of(f);
    for (size_t i = 0; i < s->channels_len; i++)
        channel_free(s->channels[i]);
    free(s->channels);
    source_free(s->config.values);
    blocks_free(s->config.blocks);
    spec_unref(s->config.spec);
    free(s);
}
