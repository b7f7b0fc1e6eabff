/* task/channel: every block reaches one reader, bounded, and nobody is left waiting. */
#include "base/alloc.h"
#include "task/channel.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define BLOCKS 20000
#define READERS 4

struct rig {
    struct channel *channel;
    sem_t filled[READERS];
    sem_t emptied;
    unsigned leave_after[READERS]; /* 0: never */
    unsigned char seen[BLOCKS];
    pthread_mutex_t lock;
    unsigned got[READERS];
};

static void filled(void *context)
{
    struct rig *r = context;
    for (int i = 0; i < READERS; i++)
        sem_post(&r->filled[i]);
}

static void emptied(void *context)
{
    sem_post(&((struct rig *)context)->emptied);
}

struct reader {
    struct rig *rig;
    int number;
};

static void *read_blocks(void *argument)
{
    struct reader *me = argument;
    struct rig *r = me->rig;
    bool ended = false;
    while (!ended) {
        struct input *block = channel_take(r->channel, &ended);
        if (!block && !ended)
            sem_wait(&r->filled[me->number]);
        if (!block)
            continue;
        uint32_t n;
        memcpy(&n, block->data, sizeof n);
        pthread_mutex_lock(&r->lock);
        r->seen[n]++;
        r->got[me->number]++;
        pthread_mutex_unlock(&r->lock);
        input_free(block);
        if (r->leave_after[me->number] && r->got[me->number] == r->leave_after[me->number])
            break;
    }
    channel_leave(r->channel);
    return NULL;
}

static void put_all(struct rig *r)
{
    for (uint32_t n = 0; n < BLOCKS; n++) {
        while (!channel_has_room(r->channel))
            sem_wait(&r->emptied);
        char *data = xmalloc(sizeof n);
        memcpy(data, &n, sizeof n);
        channel_put(r->channel, input_bytes((struct slice){NULL, 0}, data, sizeof n));
    }
    channel_end(r->channel);
}

static void run(struct rig *r)
{
    pthread_t threads[READERS];
    struct reader readers[READERS];
    struct channel_hooks hooks = {filled, emptied, r};
    pthread_mutex_init(&r->lock, NULL);
    sem_init(&r->emptied, 0, 0);
    r->channel = channel_new(READERS, &hooks);
    for (int i = 0; i < READERS; i++) {
        sem_init(&r->filled[i], 0, 0);
        readers[i] = (struct reader){r, i};
        assert_int_equal(pthread_create(&threads[i], NULL, read_blocks, &readers[i]), 0);
    }
    put_all(r);
    for (int i = 0; i < READERS; i++)
        pthread_join(threads[i], NULL);
}

static void test_each_block_once(void **state)
{
    (void)state;
    static struct rig r;
    r = (struct rig){.leave_after = {0, 1, 100, 0}};
    run(&r);
    for (int n = 0; n < BLOCKS; n++)
        assert_int_equal(r.seen[n], 1);
    assert_int_equal(r.got[1], 1);
    assert_false(channel_is_left(r.channel) && r.got[0] + r.got[3] == 0);
    channel_free(r.channel);
}

/* Who writes is not held up by those who have gone; what they leave is freed. */
static void test_all_leave(void **state)
{
    (void)state;
    static struct rig r;
    r = (struct rig){.leave_after = {5, 1, 100, 7}};
    run(&r);
    assert_true(channel_is_left(r.channel));
    assert_int_equal(r.got[0] + r.got[1] + r.got[2] + r.got[3], 113);
    channel_free(r.channel);
}

static void ignore(void *context)
{
    (void)context;
}

static void test_bounded(void **state)
{
    (void)state;
    struct channel_hooks hooks = {ignore, ignore, NULL};
    struct channel *c = channel_new(3, &hooks);
    bool ended = true;
    int put = 0;
    assert_null(channel_take(c, &ended));
    assert_false(ended);
    for (; channel_has_room(c); put++)
        channel_put(c, input_bytes((struct slice){NULL, 0}, xstrdup("x"), 1));
    assert_int_equal(put, 6);
    channel_end(c);
    input_free(channel_take(c, &ended));
    assert_false(ended);
    assert_true(channel_has_room(c));
    channel_free(c); /* with what is in it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_block_once),
        cmocka_unit_test(test_all_leave),
        cmocka_unit_test(test_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
