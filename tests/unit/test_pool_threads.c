/* The pool with real threads as workers: they take and give back as fast as they can, while the main thread submits,
 * cancels, pauses, suspends, drains and ends. Made for TSan, but what must hold is checked anyway: every task ends once,
 * no slot number is used by two at a time, and nobody sleeps for ever. Ended by an alarm if somebody does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/duration.h"
#include "os/clock.h"
#include "pool/pool.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WORKERS 4
#define SLOTS 10
#define TASKS 6000
#define HELD 64     /* tasks that the main thread remembers, to cancel them */
#define LIMIT_S 240

struct worker {
    pthread_t thread;
    unsigned number;
    sem_t wake;
    struct task *mine[SLOTS + TASKS]; /* daemons take no slot */
    bool asleep[SLOTS + TASKS];       /* suspended */
    unsigned len;
    unsigned random;
};

static struct executor executor;
static struct worker workers[WORKERS];
static struct dispatcher dispatcher;
static struct pool *pool;
static atomic_bool stopping;
static atomic_int users[SLOTS + 1];
static atomic_int clashes;
static sem_t notified;

static void worker_wake(struct executor *e, unsigned number)
{
    (void)e;
    sem_post(&workers[number].wake);
}

static void main_notify(void *context)
{
    (void)context;
    sem_post(&notified);
}

static void sleep_on(sem_t *sem)
{
    while (sem_wait(sem) < 0)
        ;
}

/* ---- a worker ---- */

static void slots_use(const struct task *t, int change)
{
    int others = change > 0 ? 0 : 1;
    if (t->slot && atomic_fetch_add(&users[t->slot], change) != others)
        atomic_fetch_add(&clashes, 1);
    for (unsigned i = 0; i < t->more_slots_len; i++)
        if (atomic_fetch_add(&users[t->more_slots[i]], change) != others)
            atomic_fetch_add(&clashes, 1);
}

static void worker_end(struct worker *k, unsigned i, enum error_code code)
{
    struct task *t = k->mine[i];
    k->len--;
    k->mine[i] = k->mine[k->len];
    k->asleep[i] = k->asleep[k->len];
    slots_use(t, -1);
    if (code != ERR_NONE)
        outcome_fail(&t->outcome, code, "for a test");
    t->outcome.finished_ns = clock_monotonic_ns();
    t->outcome.finished_real_ns = clock_real_ns();
    dispatcher.done(pool, t, t->outcome.finished_ns);
}

static void worker_obey(struct worker *k)
{
    enum task_order order;
    struct task *t;
    while ((t = dispatcher.next_order(pool, k->number, &order))) {
        unsigned i = 0;
        while (k->mine[i] != t)
            i++;
        if (order == ORDER_STOP || order == ORDER_KILL) {
            worker_end(k, i, t->why);
            continue;
        }
        k->asleep[i] = order == ORDER_SUSPEND;
        dispatcher.suspended(pool, t, k->asleep[i]);
    }
}

static void worker_take(struct worker *k)
{
    struct task *t;
    while ((t = dispatcher.take(pool, k->number, clock_monotonic_ns()))) {
        slots_use(t, 1);
        t->outcome.started_ns = clock_monotonic_ns();
        t->outcome.pid = 1;
        k->asleep[k->len] = false;
        k->mine[k->len++] = t;
        dispatcher.started(pool, t, 1, clock_real_ns());
    }
}

/* Ends one that is awake; false if there is none. */
static bool worker_end_one(struct worker *k)
{
    unsigned first = (unsigned)rand_r(&k->random);
    for (unsigned n = 0; n < k->len; n++) {
        unsigned i = (first + n) % k->len;
        if (k->asleep[i] || k->mine[i]->spec->daemon)
            continue;
        worker_end(k, i, rand_r(&k->random) % 3 ? ERR_NONE : ERR_EXIT_STATUS);
        return true;
    }
    return false;
}

static void *worker_main(void *argument)
{
    struct worker *k = argument;
    while (!atomic_load(&stopping) || k->len) {
        worker_obey(k);
        worker_take(k);
        if (!worker_end_one(k))
            sleep_on(&k->wake);
        while (sem_trywait(&k->wake) == 0)
            ;
    }
    return NULL;
}

/* ---- the main thread ---- */

static struct task *held[HELD];
static uint64_t submitted, ended, refused;
static int64_t next_tick;

static void main_drain(void)
{
    struct event_list events = {0};
    int64_t now = clock_monotonic_ns(), real = clock_real_ns();
    pool_drain(pool, &events, now, real);
    for (size_t i = 0; i < events.len; i++) {
        struct event *e = &events.items[i];
        if (e->from == e->to)
            submitted++;
        if (!task_state_ended(e->to))
            continue;
        ended++;
        assert_int_equal(e->task->state, e->to);
        task_unref(e->task);
    }
    free(events.items);
    next_tick = pool_tick(pool, now, real).mono_ns;
}

/* Until the pool says something, or time does. */
static void main_wait(void)
{
    int64_t wait = next_tick ? next_tick - clock_monotonic_ns() : 10 * NS_PER_S;
    int64_t until = clock_real_ns() + (wait > 0 ? wait : 0);
    struct timespec t = {.tv_sec = until / NS_PER_S, .tv_nsec = until % NS_PER_S};
    while (sem_timedwait(&notified, &t) < 0 && errno == EINTR)
        ;
    main_drain();
}

static struct spec *random_spec(unsigned *random)
{
    struct spec *spec = spec_new();
    spec->priority = rand_r(random) % 3;
    spec->slots = rand_r(random) % 5 ? 1 : 1 + (unsigned)rand_r(random) % 3;
    spec->retries = rand_r(random) % 3;
    spec->retry_delay_ns = rand_r(random) % 4 ? 0 : NS_PER_MS;
    spec->daemon = rand_r(random) % 200 == 0;
    if (rand_r(random) % 10 == 0)
        spec->schedule.in_ns = NS_PER_MS;
    if (rand_r(random) % 50 == 0 && !spec->daemon) {
        spec->schedule.every_ns = NS_PER_MS;
        spec->schedule.times = 3;
    }
    return spec;
}

static void main_submit(unsigned *random, uint64_t n)
{
    struct spec *spec = random_spec(random);
    struct task *t = task_new(spec, NULL);
    spec_unref(spec);
    t->chunk = n % 100 < 30 ? n / 5 + 1 : 0;
    task_ref(t);
    if (pool_submit(pool, t, clock_monotonic_ns(), clock_real_ns(), NULL) < 0)
        refused++;
    size_t place = (size_t)rand_r(random) % HELD;
    if (held[place])
        task_unref(held[place]);
    held[place] = t;
}

static void main_disturb(unsigned *random)
{
    int64_t now = clock_monotonic_ns(), real = clock_real_ns();
    struct task *t = held[rand_r(random) % HELD];
    switch (rand_r(random) % 60) {
    case 0:
        pool_suspend(pool, true, now);
        while (!pool_all_suspended(pool) && pool_is_empty(pool) == false)
            main_wait();
        pool_suspend(pool, false, now);
        break;
    case 1:
        pool_pause(pool, true, now);
        main_drain();
        pool_pause(pool, false, clock_monotonic_ns());
        break;
    case 2:
        pool_end_all(pool, ERR_NONE, ERR_CANCELLED, false, real);
        break;
    default:
        if (t && rand_r(random) % 4 == 0)
            pool_cancel(pool, t, rand_r(random) % 2, now, real);
    }
}

static void start(struct pool_config *config)
{
    static const struct executor_ops ops = {.wake = worker_wake};
    executor = (struct executor){&ops, WORKERS};
    config->slots = SLOTS;
    config->workers = WORKERS;
    config->max_queue = 50;
    config->max_queue_bytes = SIZE_MAX;
    config->notify = main_notify;
    pool = pool_new(config);
    dispatcher = pool_dispatcher(pool);
    submitted = ended = refused = 0;
    next_tick = 0;
    atomic_store(&stopping, false);
    sem_init(&notified, 0, 0);
    for (unsigned i = 0; i < WORKERS; i++) {
        workers[i].number = i;
        workers[i].random = i + 1;
        sem_init(&workers[i].wake, 0, 0);
        assert_int_equal(pthread_create(&workers[i].thread, NULL, worker_main, &workers[i]), 0);
    }
    pool_set_executor(pool, &executor);
}

static void finish(void)
{
    while (!pool_is_idle(pool))
        main_wait();
    pool_end_daemons(pool, clock_real_ns());
    while (!pool_is_empty(pool))
        main_wait();
    atomic_store(&stopping, true);
    for (unsigned i = 0; i < WORKERS; i++) {
        sem_post(&workers[i].wake);
        pthread_join(workers[i].thread, NULL);
        sem_destroy(&workers[i].wake);
    }
    main_drain();
    assert_int_equal(submitted, ended);
    assert_int_equal(atomic_load(&clashes), 0);
    for (size_t i = 0; i <= SLOTS; i++)
        assert_int_equal(atomic_load(&users[i]), 0);
    for (size_t i = 0; i < HELD; i++) {
        if (held[i])
            task_unref(held[i]);
        held[i] = NULL;
    }
    pool_free(pool);
    sem_destroy(&notified);
}

static void run(const char *policy, int64_t delay_ns, unsigned tasks)
{
    unsigned random = (unsigned)time(NULL);
    print_message("%s: seed %u\n", policy, random);
    struct pool_config config = {
        .policy = queue_policy_find(policy), .retries = 1, .delay_ns = delay_ns, .every_event = true};
    start(&config);
    for (uint64_t n = 0; n < tasks; n++) {
        while (!pool_has_room(pool))
            main_wait();
        main_submit(&random, n);
        main_disturb(&random);
        if (sem_trywait(&notified) == 0)
            main_drain();
    }
    finish();
    assert_int_equal(refused, 0);
    assert_true(submitted >= tasks);
}

static void test_hammer(void **state)
{
    (void)state;
    run("fifo", 0, TASKS);
    run("lifo", 0, TASKS);
    run("priority", 0, TASKS);
}

static void test_hammer_with_delay(void **state)
{
    (void)state;
    run("fifo", 50 * NS_PER_US, TASKS / 4);
}

/* Once pool_end_all has returned, nothing is taken any more. */
static void test_nothing_starts_after_the_end(void **state)
{
    (void)state;
    for (int round = 0; round < 50; round++) {
        struct pool_config config = {.policy = queue_policy_find("fifo"), .every_event = true};
        unsigned random = (unsigned)round;
        start(&config);
        for (uint64_t n = 0; n < 40; n++)
            main_submit(&random, n);
        pool_end_all(pool, ERR_SHUTDOWN, ERR_SHUTDOWN, round % 2, clock_real_ns());
        struct summary s = {0};
        pool_summary(pool, &s);
        assert_int_equal(s.counts[TASK_READY] + s.counts[TASK_SCHEDULED], 0);
        for (unsigned i = 0; i < WORKERS; i++)
            assert_null(dispatcher.take(pool, i, clock_monotonic_ns()));
        main_submit(&random, 41);
        finish();
        assert_int_equal(refused, 1);
    }
}

/* Of many workers whose tasks fail at once one triggers the halt; then nothing is taken. */
static void test_halt_is_sharp(void **state)
{
    (void)state;
    for (int round = 0; round < 50; round++) {
        struct pool_config config = {.policy = queue_policy_find("fifo"), .every_event = true};
        unsigned random = (unsigned)round;
        assert_int_equal(halt_parse(round % 2 ? "now,fail=3" : "soon,fail=3", &config.halt, NULL), 0);
        start(&config);
        uint64_t n = 0;
        while (!pool_is_halted(pool)) {
            main_submit(&random, n++);
            while (!pool_has_room(pool) && !pool_is_halted(pool))
                main_wait();
        }
        struct summary s = {0};
        pool_summary(pool, &s);
        assert_int_equal(s.counts[TASK_READY] + s.counts[TASK_SCHEDULED], 0);
        for (unsigned i = 0; i < WORKERS; i++)
            assert_null(dispatcher.take(pool, i, clock_monotonic_ns()));
        main_submit(&random, n);
        finish();
        assert_true(refused >= 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hammer),
        cmocka_unit_test(test_hammer_with_delay),
        cmocka_unit_test(test_nothing_starts_after_the_end),
        cmocka_unit_test(test_halt_is_sharp),
    };
    alarm(LIMIT_S);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
