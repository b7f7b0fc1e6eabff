/* The supervisors' loop: order of timers, events that were fetched and then removed, waking. */
#include "os_support.h"

#include "base/list.h"
#include "os/clock.h"
#include "os/files.h"
#include "os/poll.h"

#include <fcntl.h>

static struct poll *loop;
static int calls[16];
static int calls_len;

struct named_timer {
    struct poll_timer timer;
    int name;
    struct named_timer *other; /* what its expiry stops or arms */
};

struct named_watch {
    struct poll_watch watch;
    int name;
    struct named_watch *other; /* what its readiness removes */
};

static void note(struct poll_timer *timer)
{
    calls[calls_len++] = list_entry(timer, struct named_timer, timer)->name;
}

static void note_and_stop_other(struct poll_timer *timer)
{
    note(timer);
    poll_timer_stop(loop, &list_entry(timer, struct named_timer, timer)->other->timer);
}

static void note_and_arm_again(struct poll_timer *timer)
{
    note(timer);
    poll_timer_set(loop, timer, 0);
}

static void ready_and_remove_other(struct poll_watch *watch)
{
    struct named_watch *named = list_entry(watch, struct named_watch, watch);
    calls[calls_len++] = named->name;
    if (named->other)
        poll_remove(loop, &named->other->watch);
}

static void test_timers_in_order(void **state)
{
    (void)state;
    int64_t now = clock_monotonic_ns();
    struct named_timer timers[5] = {0};
    const int64_t due[5] = {now - 5, now - 9, now - 5, INT64_C(0), now + INT64_C(3600000000000)};
    for (int i = 0; i < 5; i++) {
        timers[i].name = i;
        timers[i].timer.expired = note;
        poll_timer_set(loop, &timers[i].timer, due[i]);
    }
    poll_turn(loop);
    const int expected[] = {3, 1, 0, 2};
    assert_int_equal(calls_len, 4);
    assert_memory_equal(calls, expected, sizeof expected);
    poll_timer_stop(loop, &timers[4].timer);
    poll_timer_stop(loop, &timers[4].timer);
}

static void test_timer_set_again_moves(void **state)
{
    (void)state;
    struct named_timer a = {.name = 1, .timer.expired = note}, b = {.name = 2, .timer.expired = note};
    poll_timer_set(loop, &a.timer, 10);
    poll_timer_set(loop, &b.timer, 20);
    poll_timer_set(loop, &a.timer, 20);
    poll_turn(loop);
    assert_int_equal(calls_len, 2);
    assert_int_equal(calls[0], 2);
    assert_int_equal(calls[1], 1);
}

static void test_timer_armed_by_itself_waits_a_turn(void **state)
{
    (void)state;
    struct named_timer first = {.name = 1, .timer.expired = note_and_arm_again};
    struct named_timer second = {.name = 2, .timer.expired = note};
    poll_timer_set(loop, &first.timer, 5);
    poll_timer_set(loop, &second.timer, 6);
    poll_turn(loop);
    assert_int_equal(calls_len, 2);
    assert_int_equal(calls[1], 2);
    poll_turn(loop);
    assert_int_equal(calls_len, 3);
    assert_int_equal(calls[2], 1);
    poll_timer_stop(loop, &first.timer);
}

static void test_due_timer_can_be_stopped(void **state)
{
    (void)state;
    struct named_timer last = {.name = 3, .timer.expired = note};
    struct named_timer stopped = {.name = 2, .timer.expired = note};
    struct named_timer first = {.name = 1, .timer.expired = note_and_stop_other, .other = &stopped};
    poll_timer_set(loop, &first.timer, 1);
    poll_timer_set(loop, &stopped.timer, 2);
    poll_timer_set(loop, &last.timer, 3);
    poll_turn(loop);
    assert_int_equal(calls_len, 2);
    assert_int_equal(calls[1], 3);
}

static void test_timer_is_never_early(void **state)
{
    (void)state;
    struct named_timer timer = {.name = 1, .timer.expired = note};
    for (int i = 0; i < 20; i++) {
        int64_t due = clock_monotonic_ns() + 300000 + i * 7919;
        poll_timer_set(loop, &timer.timer, due);
        calls_len = 0;
        while (calls_len == 0)
            poll_turn(loop);
        assert_true(clock_monotonic_ns() >= due);
    }
}

static void test_removed_event_is_forgotten(void **state)
{
    (void)state;
    int fds[2][2];
    struct named_watch watches[2] = {0};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(files_pipe(fds[i], NULL), 0);
        files_pipe_do_not_wait(fds[i][0]);
        assert_int_equal(write(fds[i][1], "x", 1), 1);
        watches[i] = (struct named_watch){.watch = {.fd = fds[i][0], .ready = ready_and_remove_other},
                                          .name = i, .other = &watches[1 - i]};
        assert_int_equal(poll_add(loop, &watches[i].watch, false, NULL), 0);
    }
    /* Both are in one batch: whichever is called first takes the other one out. */
    poll_turn(loop);
    assert_int_equal(calls_len, 1);
    struct named_watch *called = &watches[calls[0]];
    assert_int_equal(called->other->watch.fd, -1);
    assert_int_equal(poll_remove(loop, &called->other->watch), -1);
    poll_turn(loop);
    assert_int_equal(calls_len, 2);
    assert_int_equal(calls[1], called->name);
    assert_int_equal(poll_remove(loop, &called->watch), fds[called->name][0]);
    for (int i = 0; i < 2; i++) {
        close(fds[i][0]);
        close(fds[i][1]);
    }
}

static void test_watch_may_remove_itself_and_hears_the_end(void **state)
{
    (void)state;
    int fds[2];
    assert_int_equal(files_pipe(fds, NULL), 0);
    files_pipe_do_not_wait(fds[0]);
    struct named_watch watch = {.watch = {.fd = fds[0], .ready = ready_and_remove_other}, .name = 7};
    watch.other = &watch;
    assert_int_equal(poll_add(loop, &watch.watch, false, NULL), 0);
    close(fds[1]);
    poll_turn(loop);
    assert_int_equal(calls_len, 1);
    assert_int_equal(watch.watch.fd, -1);
    close(fds[0]);
}

static void test_writing(void **state)
{
    (void)state;
    int fds[2];
    char block[4096] = {0};
    assert_int_equal(files_pipe(fds, NULL), 0);
    files_pipe_do_not_wait(fds[0]);
    fcntl(fds[1], F_SETFL, O_NONBLOCK);
    while (write(fds[1], block, sizeof block) > 0)
        ;
    struct named_watch watch = {.watch = {.fd = fds[1], .ready = ready_and_remove_other}, .name = 7};
    assert_int_equal(poll_add(loop, &watch.watch, true, NULL), 0);
    poll_wake(loop);
    assert_true(poll_turn(loop));
    assert_int_equal(calls_len, 0);
    while (read(fds[0], block, sizeof block) > 0)
        ;
    poll_turn(loop);
    assert_int_equal(calls_len, 1);
    assert_int_equal(poll_remove(loop, &watch.watch), fds[1]);
    close(fds[0]);
    close(fds[1]);
}

static void test_refused_descriptor(void **state)
{
    (void)state;
    struct error err;
    struct poll_watch watch = {.fd = files_temporary(&err)};
    assert_true(watch.fd >= 3);
    assert_int_equal(poll_add(loop, &watch, false, &err), -1);
    assert_int_equal(err.code, ERR_SYSTEM);
    assert_int_equal(err.sys_errno, EPERM);
    close(watch.fd);
}

static void test_wakes_are_merged(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        poll_wake(loop);
    assert_true(poll_turn(loop));
    struct named_timer timer = {.name = 1, .timer.expired = note};
    poll_timer_set(loop, &timer.timer, clock_monotonic_ns() + 1000);
    assert_false(poll_turn(loop));
    poll_wake(loop);
    assert_true(poll_turn(loop));
    poll_timer_stop(loop, &timer.timer);
}

#define WAKES 20000

static _Atomic int produced;

static void *produce(void *arg)
{
    (void)arg;
    for (int i = 0; i < WAKES; i++) {
        produced++;
        poll_wake(loop);
    }
    return NULL;
}

/* Each wake is either seen or merged into one that comes later, so the last one is never lost. */
static void test_no_wake_is_lost(void **state)
{
    (void)state;
    pthread_t threads[2];
    produced = 0;
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, produce, NULL), 0);
    for (int seen = 0; seen < 2 * WAKES;)
        if (poll_turn(loop))
            seen = produced;
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
}

static int set_up(void **state)
{
    (void)state;
    calls_len = 0;
    loop = poll_new(NULL);
    return loop ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    poll_free(loop);
    return 0;
}

#define POLL_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        POLL_TEST(test_timers_in_order),
        POLL_TEST(test_timer_set_again_moves),
        POLL_TEST(test_timer_armed_by_itself_waits_a_turn),
        POLL_TEST(test_due_timer_can_be_stopped),
        POLL_TEST(test_timer_is_never_early),
        POLL_TEST(test_removed_event_is_forgotten),
        POLL_TEST(test_watch_may_remove_itself_and_hears_the_end),
        POLL_TEST(test_writing),
        POLL_TEST(test_refused_descriptor),
        POLL_TEST(test_wakes_are_merged),
        POLL_TEST(test_no_wake_is_lost),
    };
    alarm(120);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
