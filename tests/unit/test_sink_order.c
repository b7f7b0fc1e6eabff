/* Order: whatever order things come in, they come out by number, whole, and nothing is left behind. */
#include "task_support.h"

#include "sink/order.h"

#define ITEMS 400

struct seen {
    uint64_t numbers[ITEMS + 1];
    size_t len;
};

/* What item `seq` holds: empty, small, large, with and without something for stderr. */
static size_t out_size(uint64_t seq)
{
    static const size_t sizes[] = {0, 1, 100, 4096, 5000, 40000, 65536, 70000, 200000};
    return sizes[seq % 9];
}

static size_t err_size(uint64_t seq)
{
    static const size_t sizes[] = {0, 10, 0, 6000, 66000};
    return sizes[seq % 5];
}

static void make_data(struct buffer *data, uint64_t seq, char kind, size_t len)
{
    while (data->len < len)
        buffer_printf(data, "%llu%c ", (unsigned long long)seq, kind);
    data->len = len;
}

static void make_capture(struct capture *c, struct spool *spool, uint64_t seq, char kind, size_t len)
{
    struct buffer data = {0};
    make_data(&data, seq, kind, len);
    support_fill(c, spool, 0, data.data, data.len);
    buffer_fini(&data);
}

static void check_capture(struct capture *c, uint64_t seq, char kind, size_t len)
{
    struct buffer data = {0}, got = {0};
    make_data(&data, seq, kind, len);
    support_read(c, &got);
    assert_int_equal(got.len, len);
    assert_int_equal(c->total, len);
    if (len > 0)
        assert_memory_equal(got.data, data.data, len);
    capture_fini(c);
    buffer_fini(&data);
    buffer_fini(&got);
}

/* The number is told by the place in `expected`. */
static const uint64_t *expected_numbers;

static void emit(void *context, struct order_item *item)
{
    struct seen *seen = context;
    uint64_t seq = expected_numbers ? expected_numbers[seen->len] : seen->len + 1;
    check_capture(&item->out, seq, 'o', out_size(seq));
    check_capture(&item->err, seq, 'e', err_size(seq));
    seen->numbers[seen->len++] = seq;
}

static void put(struct order *o, struct spool *spool, uint64_t seq)
{
    struct order_item item;
    make_capture(&item.out, spool, seq, 'o', out_size(seq));
    make_capture(&item.err, spool, seq, 'e', err_size(seq));
    order_put(o, seq, &item);
}

static void put_shuffled(struct order *o, struct spool *spool, unsigned seed)
{
    uint64_t numbers[ITEMS];
    for (size_t i = 0; i < ITEMS; i++)
        numbers[i] = i + 1;
    for (size_t i = ITEMS - 1; i > 0; i--) {
        size_t j = (size_t)rand_r(&seed) % (i + 1);
        uint64_t swapped = numbers[i];
        numbers[i] = numbers[j];
        numbers[j] = swapped;
    }
    for (size_t i = 0; i < ITEMS; i++)
        put(o, spool, numbers[i]);
}

static void check_shuffled(struct spool *spool, unsigned seed)
{
    struct seen seen = {.len = 0};
    struct order *o = order_new(emit, &seen);
    put_shuffled(o, spool, seed);
    assert_int_equal(seen.len, ITEMS);
    assert_int_equal(order_waiting(o), 0);
    order_free(o);
}

static void test_any_order(void **state)
{
    (void)state;
    struct spool *spool = support_spool();
    /* Half of the budget is somebody else's: no more must be given back than was taken. */
    assert_true(spool_budget_take(spool, SPOOL_BUDGET / 2));
    for (unsigned seed = 1; seed <= 3; seed++)
        check_shuffled(spool, seed);
    assert_true(spool_budget_take(spool, SPOOL_BUDGET / 2));
    assert_false(spool_budget_take(spool, 1));
    spool_budget_give(spool, SPOOL_BUDGET);
    support_spool_free(spool);
}

static void test_without_budget(void **state)
{
    (void)state;
    struct spool *spool = support_spool();
    assert_true(spool_budget_take(spool, SPOOL_BUDGET));
    check_shuffled(spool, 7);
    spool_budget_give(spool, SPOOL_BUDGET);
    support_spool_free(spool);
}

static void test_in_order_nothing_waits(void **state)
{
    (void)state;
    struct spool *spool = support_spool();
    struct seen seen = {.len = 0};
    struct order *o = order_new(emit, &seen);
    for (uint64_t seq = 1; seq <= 20; seq++) {
        put(o, spool, seq);
        assert_int_equal(seen.len, seq);
        assert_int_equal(order_waiting(o), 0);
    }
    order_free(o);
    support_spool_free(spool);
}

static void test_flush_passes_gaps(void **state)
{
    (void)state;
    static const uint64_t numbers[] = {3, 5, 6, 300};
    struct spool *spool = support_spool();
    struct seen seen = {.len = 0};
    struct order *o = order_new(emit, &seen);
    expected_numbers = numbers;
    put(o, spool, 300);
    put(o, spool, 5);
    put(o, spool, 3);
    put(o, spool, 6);
    assert_int_equal(seen.len, 0);
    assert_int_equal(order_waiting(o), 4);
    order_flush(o);
    assert_int_equal(seen.len, 4);
    assert_int_equal(order_waiting(o), 0);
    expected_numbers = NULL;
    order_free(o);
    support_spool_free(spool);
}

/* Submitted as number `seq`; it ends last of all. */
/* 2 was split into 2 and 6, and 6 into 6 and 7; 4 into 4 and 8. */
static void test_split_tasks_stand_together(void **state)
{
    (void)state;
    static const uint64_t numbers[] = {1, 2, 6, 7, 3, 4, 8, 5, 9, 10};
    static const uint64_t links[11] = {[2] = 6, [6] = 7, [7] = 3, [4] = 8, [8] = 5};
    struct spool *spool = support_spool();
    expected_numbers = numbers;
    for (unsigned seed = 0; seed < 200; seed++) {
        struct seen seen = {.len = 0};
        struct order *o = order_new(emit, &seen);
        uint64_t come[10];
        unsigned random = seed;
        for (size_t i = 0; i < 10; i++)
            come[i] = i + 1;
        for (size_t i = 9; i > 0 && seed > 0; i--) {
            size_t j = (size_t)rand_r(&random) % (i + 1);
            uint64_t swapped = come[i];
            come[i] = come[j];
            come[j] = swapped;
        }
        for (size_t i = 0; i < 10; i++) {
            if (links[come[i]])
                order_link(o, come[i], links[come[i]]);
            put(o, spool, come[i]);
        }
        assert_int_equal(seen.len, 10);
        assert_int_equal(order_waiting(o), 0);
        assert_int_equal(order_next(o), 11);
        order_free(o);
    }
    expected_numbers = NULL;
    support_spool_free(spool);
}

/* A run that was cut short: the half that comes next has no result. */
static void test_flush_passes_links_to_nothing(void **state)
{
    (void)state;
    static const uint64_t numbers[] = {1, 2, 3};
    struct spool *spool = support_spool();
    struct seen seen = {.len = 0};
    struct order *o = order_new(emit, &seen);
    expected_numbers = numbers;
    order_link(o, 1, 90);
    put(o, spool, 1);
    put(o, spool, 3);
    put(o, spool, 2);
    assert_int_equal(seen.len, 1);
    assert_int_equal(order_next(o), 90);
    order_flush(o);
    assert_int_equal(seen.len, 3);
    expected_numbers = NULL;
    order_free(o);
    support_spool_free(spool);
}

static void submit_daemon(struct order *o, uint64_t seq)
{
    struct spec *spec = spec_new();
    spec->daemon = true;
    struct task *t = task_new(spec, NULL);
    t->seq = t->place = seq;
    assert_false(order_has_place(t));
    struct event event = {.task = t, .from = TASK_READY, .to = TASK_READY};
    order_event(o, &event);
    event.to = TASK_RUNNING;
    order_event(o, &event); /* what happens to it later changes nothing */
    task_unref(t);
    spec_unref(spec);
}

static void test_daemons_have_no_place(void **state)
{
    (void)state;
    static const uint64_t numbers[] = {2, 3, 5, 6};
    struct spool *spool = support_spool();
    struct seen seen = {.len = 0};
    struct order *o = order_new(emit, &seen);
    expected_numbers = numbers;
    submit_daemon(o, 1);
    assert_int_equal(order_next(o), 2);
    put(o, spool, 3);
    submit_daemon(o, 4);
    put(o, spool, 2);
    assert_int_equal(seen.len, 2);
    assert_int_equal(order_next(o), 5);
    put(o, spool, 5);
    put(o, spool, 6);
    assert_int_equal(seen.len, 4);
    submit_daemon(o, 9);
    assert_int_equal(order_waiting(o), 0);
    order_flush(o);
    assert_int_equal(seen.len, 4);
    expected_numbers = NULL;
    order_free(o);
    support_spool_free(spool);
}

static void test_what_waits_is_dropped_with_it(void **state)
{
    (void)state;
    struct spool *spool = support_spool();
    struct seen seen = {.len = 0};
    struct order *o = order_new(emit, &seen);
    for (uint64_t seq = 2; seq < 100; seq++)
        put(o, spool, seq);
    assert_int_equal(order_waiting(o), 98);
    order_free(o);
    assert_int_equal(seen.len, 0);
    support_spool_free(spool);
}

/* Neither budget nor file: everything is kept all the same, and no more is asked for. */
static void test_no_room_anywhere(void **state)
{
    (void)state;
    struct spool *spool = spool_new(support_open_nothing);
    struct seen seen = {.len = 0};
    struct order *o = order_new(emit, &seen);
    assert_true(spool_budget_take(spool, SPOOL_BUDGET));
    assert_false(order_is_full(o));
    for (uint64_t seq = 3; seq > 1; seq--) {
        struct order_item item;
        make_capture(&item.out, spool, seq, 'o', out_size(seq));
        make_capture(&item.err, spool, seq, 'e', 0);
        order_put(o, seq, &item);
        assert_true(order_is_full(o));
    }
    spool_budget_give(spool, SPOOL_BUDGET);
    order_free(o);
    support_spool_free(spool);
}

/* Many small things behind a slow first one: beyond the budget they are in the file. */
static void test_many_small(void **state)
{
    (void)state;
    enum { LEN = 400, COST = LEN + 32 };
    struct spool *spool = support_spool();
    struct seen seen = {.len = 0};
    struct order *o = order_new(emit, &seen);
    char line[LEN];
    uint64_t count = 150000;
    memset(line, 'x', sizeof line);
    for (uint64_t seq = 2; seq <= count; seq++) {
        struct order_item item = {0};
        support_fill(&item.out, spool, 0, line, sizeof line);
        order_put(o, seq, &item);
    }
    assert_int_equal(order_waiting(o), count - 1);
    assert_false(order_is_full(o));
    assert_int_equal(spool_live(spool), LEN * (count - 1 - SPOOL_BUDGET / COST));
    order_free(o);
    support_spool_free(spool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_order),
        cmocka_unit_test(test_without_budget),
        cmocka_unit_test(test_in_order_nothing_waits),
        cmocka_unit_test(test_flush_passes_gaps),
        cmocka_unit_test(test_split_tasks_stand_together),
        cmocka_unit_test(test_flush_passes_links_to_nothing),
        cmocka_unit_test(test_daemons_have_no_place),
        cmocka_unit_test(test_what_waits_is_dropped_with_it),
        cmocka_unit_test(test_no_room_anywhere),
        cmocka_unit_test(test_many_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
