/* The order in which each policy gives tasks back. */
#include "task_support.h"

#include "task/queue.h"

#define TASKS 6

static const char *const words_true[] = {"true", NULL};

static void check_order(const char *policy, const char *expected)
{
    static const int64_t priorities[TASKS] = {0, 5, -1, 5, 0, -1};
    struct task *tasks[TASKS];
    struct queue q;
    queue_init(&q, queue_policy_find(policy));
    assert_null(queue_pop(&q));
    for (size_t i = 0; i < TASKS; i++) {
        tasks[i] = support_task(i + 1, false, words_true);
        tasks[i]->spec->priority = priorities[i];
        tasks[i]->size = i + 1;
        queue_push(&q, tasks[i]);
    }
    assert_int_equal(q.len, TASKS);
    assert_int_equal(q.bytes, 21);
    /* The fifth is taken out from between the others. */
    queue_remove(&q, tasks[4]);
    assert_int_equal(q.len, TASKS - 1);
    assert_int_equal(q.bytes, 16);
    for (; *expected; expected++) {
        struct task *first = queue_peek(&q);
        assert_ptr_equal(queue_pop(&q), first);
        assert_int_equal(first->seq, *expected - '0');
    }
    assert_null(queue_peek(&q));
    assert_int_equal(q.len, 0);
    assert_int_equal(q.bytes, 0);
    queue_fini(&q);
    for (size_t i = 0; i < TASKS; i++)
        task_unref(tasks[i]);
}

static void test_fifo(void **state)
{
    (void)state;
    check_order("fifo", "12346");
}

static void test_lifo(void **state)
{
    (void)state;
    check_order("lifo", "64321");
}

static void test_priority(void **state)
{
    (void)state;
    check_order("priority", "36124");
}

static void test_names(void **state)
{
    (void)state;
    char *names = xstrdup(queue_policy_names()), *rest = names;
    int count = 0;
    for (char *name; (name = strtok_r(rest, ", ", &rest)); count++)
        assert_string_equal(queue_policy_find(name)->name, name);
    assert_int_equal(count, 3);
    assert_null(queue_policy_find("fif"));
    assert_null(queue_policy_find(""));
    free(names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fifo),
        cmocka_unit_test(test_lifo),
        cmocka_unit_test(test_priority),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
