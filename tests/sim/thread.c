/* SPDX-License-Identifier: Apache-2.0
 *
 * What the daemon asks of libuv for the store's thread: a coroutine that the scheduler wakes,
 * and that lets time pass while it waits for the disk.
 */
#include <uv.h>

#include "sim/sim.h"

static struct {
    struct co *writer;
    vg_ms due;
    bool running; /* the coroutine that runs is the writer */
    bool on_disk; /* it waits for the disk: a signal does not wake it */
    bool signaled, joining;
} thread;

void thread_reset(void)
{
    co_forget(thread.writer);
    thread.writer = NULL;
    thread.due = SIM_NEVER;
    thread.running = thread.on_disk = thread.signaled = thread.joining = false;
}

vg_ms thread_due(void)
{
    return thread.writer == NULL ? SIM_NEVER : thread.due;
}

bool thread_joining(void)
{
    return thread.joining && thread.writer != NULL;
}

void thread_run(void)
{
    thread.due = SIM_NEVER;
    thread.running = true;
    const bool goes_on = co_resume(thread.writer);
    thread.running = false;
    if (!goes_on) {
        thread.writer = NULL;
        loop_go_on(); /* who joins it */
    }
}

void thread_wait_disk(vg_ms span)
{
    if (thread.running && span > 0) {
        thread.on_disk = true;
        thread.due = sim.boot + span;
        co_yield ();
        thread.on_disk = false;
    }
}

/* ---- libuv's */

int uv_thread_create(uv_thread_t *id, uv_thread_cb entry, void *argument)
{
    (void)id;
    thread.writer = co_start(entry, argument);
    thread.due = sim.boot;
    return 0;
}

int uv_thread_join(uv_thread_t *id)
{
    (void)id;
    thread.joining = true;
    while (thread.writer != NULL) {
        co_yield ();
    }
    return 0;
}

int uv_cond_timedwait(uv_cond_t *cond, uv_mutex_t *mutex, uint64_t ns)
{
    (void)cond;
    (void)mutex;
    if (!thread.signaled) {
        thread.due = sim.boot + (vg_ms)(ns / 1000000) + 1;
        co_yield ();
    }
    const bool signaled = thread.signaled;
    thread.signaled = false;
    return signaled ? 0 : UV_ETIMEDOUT;
}

void uv_cond_signal(uv_cond_t *cond)
{
    (void)cond;
    thread.signaled = true;
    if (!thread.on_disk) {
        thread.due = sim.boot + luck_between(LUCK_LOOP, 0, 1);
    }
}

int uv_mutex_init(uv_mutex_t *mutex)
{
    (void)mutex;
    return 0;
}

int uv_cond_init(uv_cond_t *cond)
{
    (void)cond;
    return 0;
}

/* One thread at a time, and none lets another run while it holds one. */
void uv_mutex_lock(uv_mutex_t *mutex)
{
    (void)mutex;
}

void uv_mutex_unlock(uv_mutex_t *mutex)
{
    (void)mutex;
}

void uv_mutex_destroy(uv_mutex_t *mutex)
{
    (void)mutex;
}

void uv_cond_destroy(uv_cond_t *cond)
{
    (void)cond;
}
