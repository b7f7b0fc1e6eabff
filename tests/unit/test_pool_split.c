/* A task of several items that is too long for execve becomes two. */
#include "pool_support.h"

static struct world w;

static struct pool_config config(unsigned slots, unsigned workers)
{
    return (struct pool_config){.slots = slots, .workers = workers, .every_event = true};
}

/* A task of `count` items, each of two values: 1 a 2 a 3 a … */
static struct task *submit_items(size_t count)
{
    struct words values = {0};
    char text[24];
    for (size_t i = 1; i <= count; i++) {
        int len = snprintf(text, sizeof text, "%zu", i);
        words_add(&values, text, (size_t)len);
        words_add(&values, "a", 1);
    }
    struct spec *spec = a_spec();
    spec->retries = 5;
    struct task *t = task_new(spec, &values);
    spec_unref(spec);
    t->width = 2;
    assert_int_equal(pool_submit(w.pool, t, w.now, world_real(&w), NULL), 0);
    return t;
}

static void end_too_long(struct task *t)
{
    t->outcome.too_long = true;
    world_end(&w, t, ERR_SPAWN);
    world_settle(&w);
}

static void check_items(uint64_t seq, const char *first, size_t count)
{
    const struct task *t = world_running(&w, seq);
    assert_non_null(t);
    assert_int_equal(t->attempt, 1);
    assert_int_equal(t->args.count, 2 * count);
    assert_string_equal(words_get(&t->args, 0), first);
}

/* A task that execve refuses for its length becomes two, whose items are those of the first, down to one item. */
static void test_too_long_a_task_is_split(void **state)
{
    (void)state;
    struct summary summary = {0};
    world_init(&w, config(4, 2));
    submit_items(3);
    submit_items(1);
    world_settle(&w);
    end_too_long(world_running(&w, 1));
    check_items(1, "1", 2);
    check_items(2, "1", 1);
    check_items(3, "3", 1);
    assert_int_equal(world_running(&w, 1)->next_place, 3);
    assert_int_equal(world_running(&w, 3)->next_place, 2);
    end_too_long(world_running(&w, 1));
    check_items(1, "1", 1);
    check_items(4, "2", 1);
    assert_int_equal(world_running(&w, 1)->next_place, 4);
    assert_int_equal(world_running(&w, 4)->next_place, 3);
    struct task *last = world_running(&w, 4);
    last->retries_left = 0;
    end_too_long(last);
    assert_null(world_running(&w, 4));
    world_finish(&w);
    pool_summary(w.pool, &summary);
    assert_int_equal(summary.counts[TASK_FAILED], 1);
    assert_int_equal(summary.counts[TASK_SUCCEEDED], 3);
    assert_int_equal(summary.retried, 0);
    assert_int_equal(w.ended_count, 4);
    world_fini(&w);
}

/* Not one whose items are told by their places, nor one that was asked to end. */
static void test_who_is_not_split(void **state)
{
    (void)state;
    world_init(&w, config(1, 1));
    struct task *t = submit_items(3);
    t->width = 0;
    world_settle(&w);
    world_running(&w, 1)->retries_left = 0;
    end_too_long(world_running(&w, 1));
    submit_items(3);
    world_settle(&w);
    world_running(&w, 2)->why = ERR_CANCELLED;
    end_too_long(world_running(&w, 2));
    assert_int_equal(w.ended_count, 2);
    world_fini(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_too_long_a_task_is_split),
        cmocka_unit_test(test_who_is_not_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
