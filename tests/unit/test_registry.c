/* session/registry: which ids are known, and for how long. */
#include "session/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static struct task *new_task(bool daemon)
{
    struct spec *spec = spec_new();
    spec->daemon = daemon;
    struct task *t = task_new(spec, NULL);
    spec_unref(spec);
    return t;
}

static void test_live_and_ended(void **state)
{
    (void)state;
    struct registry r;
    registry_init(&r);
    struct task *t = new_task(false);
    assert_null(registry_find(&r, "a"));
    struct registry_entry *e = registry_add(&r, REGISTRY_TASK, "a", t);
    assert_non_null(e);
    assert_ptr_equal(e->task, t);
    assert_int_equal(t->refs, 2);
    assert_int_equal(r.live, 1);
    assert_null(registry_add(&r, REGISTRY_TASK, "a", t));
    assert_int_equal(t->refs, 2);
    assert_int_equal(r.live, 1);
    assert_ptr_equal(registry_find(&r, "a"), e);
    assert_null(registry_find(&r, "A"));

    registry_end(&r, e, TASK_FAILED);
    assert_int_equal(t->refs, 1);
    assert_int_equal(r.live, 0);
    e = registry_find(&r, "a");
    assert_non_null(e);
    assert_true(e->ended);
    assert_int_equal(e->state, TASK_FAILED);
    assert_null(e->task);
    assert_null(registry_add(&r, REGISTRY_TASK, "a", t));
    task_unref(t);
    registry_fini(&r);
}

/* Whatever is live when the registry goes gives its reference back. */
static void test_fini_lets_go(void **state)
{
    (void)state;
    struct registry r;
    registry_init(&r);
    struct task *t = new_task(false), *next = new_task(false);
    registry_add(&r, REGISTRY_TASK, "a", t);
    struct registry_entry *timer = registry_add(&r, REGISTRY_TIMER, "b", t);
    assert_int_equal(t->refs, 3);
    registry_set_task(timer, next);
    assert_int_equal(t->refs, 2);
    assert_int_equal(next->refs, 2);
    registry_set_task(timer, next);
    assert_int_equal(next->refs, 2);
    registry_add(&r, REGISTRY_GROUP, "c", NULL);
    registry_fini(&r);
    assert_int_equal(t->refs, 1);
    assert_int_equal(next->refs, 1);
    task_unref(t);
    task_unref(next);
}

/* Daemons, timers and groups are not among those that a join waits for. */
static void test_what_counts_as_live(void **state)
{
    (void)state;
    struct registry r;
    registry_init(&r);
    struct task *daemon = new_task(true), *t = new_task(false);
    registry_add(&r, REGISTRY_TASK, "d", daemon);
    registry_add(&r, REGISTRY_TIMER, "t", t);
    registry_add(&r, REGISTRY_GROUP, "g", NULL);
    assert_int_equal(r.live, 0);
    registry_end(&r, registry_find(&r, "d"), TASK_CANCELLED);
    assert_int_equal(r.live, 0);
    task_unref(daemon);
    task_unref(t);
    registry_fini(&r);
}

/* A task without an id is known by its number, also when it has ended. */
static void test_numbers(void **state)
{
    (void)state;
    struct registry r;
    registry_init(&r);
    struct task *t = new_task(false);
    struct registry_entry *e = registry_add(&r, REGISTRY_TASK, "7", t);
    assert_ptr_equal(registry_find(&r, "7"), e);
    assert_null(registry_find(&r, "07"));
    registry_end(&r, e, TASK_SUCCEEDED);
    e = registry_find(&r, "7");
    assert_non_null(e);
    assert_true(e->ended);
    assert_int_equal(e->state, TASK_SUCCEEDED);
    assert_string_equal(e->id, "7");
    assert_null(registry_find(&r, "07"));
    assert_null(registry_find(&r, "0"));
    assert_null(registry_find(&r, "8"));
    assert_null(registry_find(&r, ""));
    assert_null(registry_find(&r, "65543"));
    assert_null(registry_find(&r, "99999999999999999999999"));
    assert_int_equal(r.entries.len, 0);
    task_unref(t);
    registry_fini(&r);
}

static void end_many(struct registry *r, struct task *t, const char *format, uint64_t from, uint64_t to)
{
    for (uint64_t i = from; i < to; i++) {
        char id[32];
        snprintf(id, sizeof id, "%s%llu", format, (unsigned long long)i);
        struct registry_entry *e = registry_add(r, REGISTRY_TASK, id, t);
        assert_non_null(e);
        registry_end(r, e, TASK_SUCCEEDED);
    }
}

static void test_oldest_are_forgotten(void **state)
{
    (void)state;
    struct registry r;
    registry_init(&r);
    struct task *t = new_task(false);
    struct registry_entry *live = registry_add(&r, REGISTRY_TASK, "live", t);
    end_many(&r, t, "x", 0, REGISTRY_ENDED);
    assert_non_null(registry_find(&r, "x0"));
    end_many(&r, t, "x", REGISTRY_ENDED, REGISTRY_ENDED + 1);
    assert_null(registry_find(&r, "x0"));
    assert_non_null(registry_find(&r, "x1"));
    end_many(&r, t, "y", 0, REGISTRY_ENDED - 1);
    assert_null(registry_find(&r, "x65535"));
    assert_non_null(registry_find(&r, "x65536"));
    assert_ptr_equal(registry_find(&r, "live"), live);
    assert_int_equal(r.entries.len, REGISTRY_ENDED + 1);

    end_many(&r, t, "", 1, 200000);
    assert_null(registry_find(&r, "1"));
    assert_null(registry_find(&r, "134463"));
    assert_non_null(registry_find(&r, "134464"));
    assert_non_null(registry_find(&r, "199999"));
    assert_non_null(registry_find(&r, "x65536"));
    assert_int_equal(r.entries.len, REGISTRY_ENDED + 1);
    task_unref(t);
    registry_fini(&r);
}

/* What is forgotten is what ended first, whatever its number. */
static void test_numbers_in_the_order_of_their_ends(void **state)
{
    (void)state;
    struct registry r;
    registry_init(&r);
    struct task *t = new_task(false);
    struct registry_entry *late = registry_add(&r, REGISTRY_TASK, "1", t);
    end_many(&r, t, "", 2, REGISTRY_ENDED + 1);
    registry_end(&r, late, TASK_FAILED);
    /* Has the same remainder as 2 and 3, which are still among the last. */
    end_many(&r, t, "", 2 * REGISTRY_ENDED + 3, 2 * REGISTRY_ENDED + 4);
    assert_int_equal(registry_find(&r, "1")->state, TASK_FAILED);
    assert_null(registry_find(&r, "2"));
    assert_non_null(registry_find(&r, "3"));
    assert_non_null(registry_find(&r, "131075"));
    end_many(&r, t, "", REGISTRY_ENDED + 1, 2 * REGISTRY_ENDED - 1);
    assert_non_null(registry_find(&r, "1"));
    assert_non_null(registry_find(&r, "131075"));
    assert_null(registry_find(&r, "3"));
    end_many(&r, t, "", 2 * REGISTRY_ENDED - 1, 2 * REGISTRY_ENDED);
    assert_null(registry_find(&r, "1"));
    task_unref(t);
    registry_fini(&r);
}

/* Timers and groups take no task's place. */
static void test_sets_have_places_of_their_own(void **state)
{
    (void)state;
    struct registry r;
    registry_init(&r);
    struct task *t = new_task(false);
    end_many(&r, t, "x", 0, REGISTRY_ENDED);
    registry_end(&r, registry_add(&r, REGISTRY_GROUP, "g", NULL), TASK_SUCCEEDED);
    registry_end(&r, registry_add(&r, REGISTRY_TIMER, "t", t), TASK_SUCCEEDED);
    assert_non_null(registry_find(&r, "x0"));
    end_many(&r, t, "y", 0, REGISTRY_ENDED);
    assert_null(registry_find(&r, "x0"));
    assert_non_null(registry_find(&r, "g"));
    assert_non_null(registry_find(&r, "t"));
    task_unref(t);
    registry_fini(&r);
}

static void test_submitted(void **state)
{
    (void)state;
    struct registry r;
    registry_init(&r);
    struct task *t = new_task(false);
    struct registry_entry *e = registry_add_submitted(&r, "a", false, t);
    assert_int_equal(e->kind, REGISTRY_TASK);
    assert_null(registry_find(&r, "a@1"));
    e = registry_add_submitted(&r, "b", true, t);
    assert_int_equal(e->kind, REGISTRY_TIMER);
    assert_int_equal(registry_find(&r, "b@1")->kind, REGISTRY_TASK);
    assert_int_equal(r.live, 2);
    task_unref(t);
    registry_fini(&r);
}

static void test_firings(void **state)
{
    (void)state;
    struct registry r;
    registry_init(&r);
    struct task *t = new_task(false);
    struct registry_entry *timer = registry_add(&r, REGISTRY_TIMER, "t", t);
    assert_ptr_equal(registry_timer_of(&r, "t@1"), timer);
    assert_ptr_equal(registry_timer_of(&r, "t@1234567890123456789"), timer);
    static const char *const others[] = {"t", "t@", "t@0", "t@01", "t@1x", "t@x1", "u@1", "@1", "t@1@1"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_null(registry_timer_of(&r, others[i]));
    registry_end(&r, timer, TASK_SUCCEEDED);
    assert_null(registry_timer_of(&r, "t@1"));
    registry_add(&r, REGISTRY_TASK, "u", t);
    assert_null(registry_timer_of(&r, "u@1"));

    assert_false(registry_has_firing(&r, "t"));
    end_many(&r, t, "t@", 1, 3);
    assert_true(registry_has_firing(&r, "t"));
    end_many(&r, t, "x", 0, REGISTRY_ENDED - 1);
    assert_true(registry_has_firing(&r, "t"));
    end_many(&r, t, "y", 0, 1);
    assert_false(registry_has_firing(&r, "t"));
    assert_int_equal(r.firings.len, 0);
    task_unref(t);
    registry_fini(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_live_and_ended),      cmocka_unit_test(test_fini_lets_go),
        cmocka_unit_test(test_what_counts_as_live), cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_oldest_are_forgotten),
        cmocka_unit_test(test_numbers_in_the_order_of_their_ends),
        cmocka_unit_test(test_sets_have_places_of_their_own), cmocka_unit_test(test_firings),
        cmocka_unit_test(test_submitted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
