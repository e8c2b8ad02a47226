/* SPDX-License-Identifier: Apache-2.0
 *
 * The loop is woken for all that was said, by many at once, and never waits for who woke it. Run
 * it under the thread sanitizer too.
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/turn.h"
#include "shell/wake.h"

#define SENDERS 3
#define SENDS   1000

static pthread_t loop_thread;
static atomic_uint yields; /* of the loop's thread */

/* In front of the library's, for libuv too. */
__attribute__((visibility("default"))) int sched_yield(void)
{
    yields += pthread_equal(pthread_self(), loop_thread) != 0;
    return (int)syscall(SYS_sched_yield);
}

struct place {
    struct vg_wake wake;
    atomic_uint sent;
    unsigned seen, calls;
    bool all;
};

static void take(void *to)
{
    struct place *place = to;

    place->calls++;
    place->seen = place->sent;
    place->all = place->seen == SENDERS * SENDS;
}

/* On the loop's processor: it is awake before they are back from waking it. */
static void on_one_processor(void)
{
    cpu_set_t all;
    cpu_set_t one;
    size_t first = 0;

    assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
    while (!CPU_ISSET(first, &all)) {
        first++;
    }
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
}

/* Of low priority, and often stopped: as whoever is on a busy processor. */
static void keep_sending(void *to)
{
    struct place *place = to;

    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), 19);
    for (int i = 0; i < SENDS; i++) {
        (void)usleep(20);
        place->sent++;
        vg_wake_send(&place->wake);
    }
}

static void nothing_is_lost_and_nobody_waited_for(void **state)
{
    uv_loop_t loop;
    struct place place = {.seen = 0};
    uv_thread_t sender[SENDERS];

    (void)state;
    on_one_processor();
    loop_thread = pthread_self();
    uv_loop_init(&loop);
    assert_true(vg_wake_open(&place.wake, &loop, take, &place));
    for (int i = 0; i < SENDERS; i++) {
        assert_int_equal(uv_thread_create(&sender[i], keep_sending, &place), 0);
    }
    turn_until(&loop, &place.all);
    for (int i = 0; i < SENDERS; i++) {
        uv_thread_join(&sender[i]);
    }
    assert_int_equal(place.seen, SENDERS * SENDS);
    assert_in_range(place.calls, 1, SENDERS * SENDS);
    assert_int_equal(yields, 0);
    vg_wake_send(&place.wake); /* none is owed for what was told */
    vg_wake_close(&place.wake, NULL);
    vg_wake_close(&place.wake, NULL);
    turn_out(&loop);
    vg_wake_send(&place.wake); /* for nothing */
    vg_wake_finish(&place.wake);
    vg_wake_finish(&place.wake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_lost_and_nobody_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
