/* The pool and whoever keeps record of attempts: who is asked before each start and told of each end, and numbers
 * that a resumed run leaves out. */
#include "pool_support.h"

static struct world w;

/* What was asked and told: "s7.1" for the start of attempt 1 of task 7, "e7.1" for its end, "r7.1" if it is to be
 * tried again. */
static char record[1000];
static uint64_t refused_from; /* no task from this one on may start */

static bool starting(void *context, struct task *t)
{
    assert_ptr_equal(context, &w);
    assert_int_equal(t->state, TASK_RUNNING);
    assert_int_equal(t->pid, 0);
    if (t->seq >= refused_from) {
        outcome_fail(&t->outcome, ERR_SHUTDOWN, "no");
        t->outcome.finished_real_ns = world_real(&w);
        return false;
    }
    sprintf(record + strlen(record), " s%d.%u", (int)t->seq, t->attempt);
    return true;
}

static void ended(void *context, const struct task *t, bool again)
{
    assert_ptr_equal(context, &w);
    if (t->seq < refused_from)
        sprintf(record + strlen(record), " %c%d.%u", again ? 'r' : 'e', (int)t->seq, t->attempt);
}

static void begin(unsigned slots)
{
    record[0] = '\0';
    refused_from = UINT64_MAX;
    world_init(&w, (struct pool_config){.slots = slots,
                                        .workers = 1,
                                        .every_event = true,
                                        .starting = starting,
                                        .ended = ended,
                                        .attempt_context = &w});
}

static void test_each_attempt_is_told(void **state)
{
    (void)state;
    begin(1);
    struct spec *spec = a_spec();
    spec->retries = 1;
    task_unref(world_submit(&w, spec));
    task_unref(world_submit(&w, a_spec()));
    world_settle(&w);
    world_end_seq(&w, 1, ERR_EXIT_STATUS);
    world_end_seq(&w, 2, ERR_EXIT_STATUS);
    world_end_seq(&w, 1, ERR_EXIT_STATUS);
    assert_string_equal(record, " s1.1 r1.1 s2.1 e2.1 s1.2 e1.2");
    world_fini(&w);
}

/* What is told to be tried again is, or else the run was ended meanwhile. */
static void test_no_other_attempt_after_the_end_of_all(void **state)
{
    (void)state;
    begin(1);
    struct spec *spec = a_spec();
    spec->retries = 1;
    task_unref(world_submit(&w, spec));
    world_settle(&w);
    pool_end_all(w.pool, ERR_SHUTDOWN, ERR_NONE, false, world_real(&w));
    world_end_seq(&w, 1, ERR_EXIT_STATUS);
    assert_string_equal(record, " s1.1 e1.1");
    world_fini(&w);
}

/* Those ended as they were told to, once each, with all slots given back and no further attempt. */
static void test_refused_starts(void **state)
{
    (void)state;
    begin(2);
    refused_from = 3;
    for (int i = 0; i < 6; i++) {
        struct spec *spec = a_spec();
        spec->retries = 3;
        task_unref(world_submit(&w, spec));
    }
    world_settle(&w);
    assert_int_equal(w.started_len, 2);
    assert_int_equal(w.running_len, 2);
    world_finish(&w);
    assert_int_equal(w.started_len, 2);
    assert_int_equal(world_count(&w, TASK_SUCCEEDED), 2);
    assert_int_equal(world_count(&w, TASK_CANCELLED), 4);
    assert_int_equal(w.ended_count, 6);
    refused_from = UINT64_MAX;
    world_check_slots(&w);
    world_fini(&w);
}

static void test_refused_in_a_chunk(void **state)
{
    (void)state;
    begin(2);
    refused_from = 2;
    for (int i = 0; i < 3; i++)
        task_unref(world_submit_chunk(&w, a_spec(), 1));
    world_settle(&w);
    world_finish(&w);
    assert_int_equal(w.started_len, 1);
    assert_int_equal(world_count(&w, TASK_CANCELLED), 2);
    refused_from = UINT64_MAX;
    world_check_slots(&w);
    world_fini(&w);
}

static struct task *submit_number(uint64_t seq)
{
    struct spec *spec = a_spec();
    struct task *t = task_new(spec, NULL);
    spec_unref(spec);
    t->seq = seq;
    task_ref(t);
    assert_int_equal(pool_submit(w.pool, t, w.now, world_real(&w), NULL), 0);
    return t;
}

static void test_numbers_left_out(void **state)
{
    static const uint64_t given[] = {3, 4, 0, 1000, 0}, wanted[] = {3, 4, 5, 1000, 1001};
    (void)state;
    begin(1);
    for (size_t i = 0; i < 5; i++) {
        struct task *t = submit_number(given[i]);
        assert_int_equal(t->seq, wanted[i]);
        assert_int_equal(t->place, i + 1);
        task_unref(t);
    }
    world_finish(&w);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(w.started[i], wanted[i]);
    world_fini(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_attempt_is_told),
        cmocka_unit_test(test_no_other_attempt_after_the_end_of_all),
        cmocka_unit_test(test_refused_starts),
        cmocka_unit_test(test_refused_in_a_chunk),
        cmocka_unit_test(test_numbers_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
