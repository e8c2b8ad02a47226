/* SPDX-License-Identifier: Apache-2.0
 *
 * What the daemon asks of libuv, on virtual time: one loop, one thread beside it (the
 * store's), work for a pool. They stand in front of the library's own.
 *
 * BUGGIFY lives here: timers come late, a turn finds several things at once, the writer
 * sleeps while the loop goes on, and the pool's work is done at any time.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "shell/wake.h"
#include "sim/sim.h"

#define TIMERS 16
#define WAKES  4
#define CLOSES 16

struct timer {
    uv_timer_t *handle;
    uv_timer_cb call;
    vg_ms due, repeat;
    bool active;
    uint64_t order;
};

static struct {
    struct co *daemon;
    struct timer timer[TIMERS];
    size_t timers;
    uint64_t started;
    struct {
        const struct vg_wake *wake;
        vg_wake_fn *call;
        void *to;
        bool sent;
    } wake[WAKES];
    size_t wakes;
    uv_signal_t *signal[4];
    uv_signal_cb signal_call[4];
    int signal_number[4];
    size_t signals;
    int raised; /* or 0 */
    struct {
        uv_handle_t *handle;
        uv_close_cb call;
    } close[CLOSES];
    size_t closes;
    bool stop;
    vg_ms now; /* the loop's own idea */
    vg_ms at;  /* next turn for what was sent; SIM_NEVER */
    vg_ms late;
    /* work of the pool */
    uv_work_t *work;
    uv_work_cb work_call;
    uv_after_work_cb work_done;
    vg_ms work_due;
    bool work_ready;
} loop;

void loop_reset(void)
{
    co_forget(loop.daemon);
    memset(&loop, 0, sizeof loop);
    loop.at = loop.work_due = SIM_NEVER;
    thread_reset();
}

/* ---- The loop's calls */

int uv_loop_init(uv_loop_t *l)
{
    memset(l, 0, sizeof *l);
    loop.now = sim.boot;
    return 0;
}

static struct timer *timer_of(const uv_timer_t *handle)
{
    for (size_t i = 0; i < loop.timers; i++) {
        if (loop.timer[i].handle == handle) {
            return &loop.timer[i];
        }
    }
    return NULL;
}

int uv_timer_init(uv_loop_t *l, uv_timer_t *handle)
{
    (void)l;
    assert(loop.timers < TIMERS);
    loop.timer[loop.timers++] = (struct timer){.handle = handle};
    return 0;
}

int uv_timer_start(uv_timer_t *handle, uv_timer_cb call, uint64_t timeout,
                   uint64_t repeat)
{
    struct timer *t = timer_of(handle);

    assert(t != NULL);
    t->call = call;
    t->due = loop.now + (vg_ms)timeout;
    t->repeat = (vg_ms)repeat;
    t->active = true;
    t->order = ++loop.started;
    return 0;
}

int uv_timer_stop(uv_timer_t *handle)
{
    struct timer *t = timer_of(handle);

    if (t != NULL) {
        t->active = false;
    }
    return 0;
}

int uv_is_active(const uv_handle_t *handle)
{
    const struct timer *t = timer_of((const uv_timer_t *)handle);

    return t != NULL && t->active;
}

void uv_update_time(uv_loop_t *l)
{
    (void)l;
    loop.now = sim.boot;
}

/* In front of the daemon's own, which asks the kernel. */
bool vg_wake_open(struct vg_wake *wake, uv_loop_t *l, vg_wake_fn *call, void *to)
{
    (void)l;
    assert(loop.wakes < WAKES);
    loop.wake[loop.wakes].wake = wake;
    loop.wake[loop.wakes].call = call;
    loop.wake[loop.wakes++].to = to;
    return true;
}

/* A turn of its own soon; now and then so late that more comes with it. */
static void turn_soon(void)
{
    const vg_ms wait = luck_percent(LUCK_LOOP, 5) ? luck_between(LUCK_LOOP, 0, 40)
                                                  : luck_between(LUCK_LOOP, 0, 2);

    loop.at = loop.at == SIM_NEVER ? sim.boot + wait : loop.at;
}

void vg_wake_send(struct vg_wake *wake)
{
    for (size_t i = 0; i < loop.wakes; i++) {
        if (loop.wake[i].wake == wake && !loop.wake[i].sent) {
            loop.wake[i].sent = true;
            turn_soon();
        }
    }
}

void vg_wake_close(struct vg_wake *wake, uv_close_cb closed)
{
    if (!uv_is_closing((uv_handle_t *)&wake->poll)) {
        uv_close((uv_handle_t *)&wake->poll, closed);
    }
}

void vg_wake_finish(struct vg_wake *wake)
{
    (void)wake;
}

int uv_signal_init(uv_loop_t *l, uv_signal_t *handle)
{
    (void)l;
    assert(loop.signals < 4);
    loop.signal[loop.signals++] = handle;
    return 0;
}

int uv_signal_start(uv_signal_t *handle, uv_signal_cb call, int number)
{
    for (size_t i = 0; i < loop.signals; i++) {
        if (loop.signal[i] == handle) {
            loop.signal_call[i] = call;
            loop.signal_number[i] = number;
        }
    }
    return 0;
}

void loop_signal(int number)
{
    loop.raised = number;
    turn_soon();
}

int uv_is_closing(const uv_handle_t *handle)
{
    for (size_t i = 0; i < loop.closes; i++) {
        if (loop.close[i].handle == handle) {
            return 1;
        }
    }
    return 0;
}

void uv_close(uv_handle_t *handle, uv_close_cb call)
{
    struct timer *t = timer_of((const uv_timer_t *)handle);

    assert(loop.closes < CLOSES);
    if (t != NULL) {
        t->active = false;
    }
    loop.close[loop.closes].handle = handle;
    loop.close[loop.closes++].call =
        call; /* the process ends before it would be called */
}

void uv_stop(uv_loop_t *l)
{
    (void)l;
    loop.stop = true;
}

int uv_queue_work(uv_loop_t *l, uv_work_t *work, uv_work_cb call, uv_after_work_cb done)
{
    (void)l;
    assert(loop.work == NULL); /* the auditor is alone */
    loop.work = work;
    loop.work_call = call;
    loop.work_done = done;
    loop.work_due = sim.boot + luck_between(LUCK_LOOP, 0, 300);
    loop.work_ready = false;
    return 0;
}

/* ---- One turn */

static struct timer *next_timer(void)
{
    struct timer *first = NULL;

    for (size_t i = 0; i < loop.timers; i++) {
        struct timer *t = &loop.timer[i];
        if (t->active && (first == NULL || t->due < first->due ||
                          (t->due == first->due && t->order < first->order))) {
            first = t;
        }
    }
    return first;
}

static void run_timers(void)
{
    struct timer *t = next_timer();

    while (t != NULL && t->due <= loop.now) {
        t->active = t->repeat > 0;
        t->due = loop.now + t->repeat;
        t->order = ++loop.started;
        t->call(t->handle);
        t = next_timer();
    }
}

static void run_wakes(void)
{
    for (size_t i = 0; i < loop.wakes; i++) {
        if (loop.wake[i].sent) {
            loop.wake[i].sent = false;
            loop.wake[i].call(loop.wake[i].to);
        }
    }
}

static void run_signal(void)
{
    const int number = loop.raised;

    loop.raised = 0;
    for (size_t i = 0; number != 0 && i < loop.signals; i++) {
        if (loop.signal_number[i] == number) {
            loop.signal_call[i](loop.signal[i], number);
        }
    }
}

static void run_work(void)
{
    if (loop.work_ready) {
        uv_work_t *work = loop.work;
        loop.work = NULL;
        loop.work_ready = false;
        loop.work_done(work, 0);
    }
}

int uv_run(uv_loop_t *l, uv_run_mode mode)
{
    (void)l;
    (void)mode;
    while (!loop.stop) {
        co_yield ();
        loop.now = sim.boot;
        run_timers();
        run_signal();
        run_work();
        run_wakes();
    }
    return 0;
}

/* ---- From outside */

void loop_boot(void (*entry)(void *), void *argument)
{
    loop_reset();
    loop.daemon = co_start(entry, argument);
    loop.at = sim.boot;
}

bool loop_alive(void)
{
    return loop.daemon != NULL;
}

/* Timers are served late now and then, by much or little. */
static vg_ms lateness(void)
{
    if (sim.quiet) {
        return 0;
    }
    if (luck_percent(LUCK_LOOP, sim.plan.stall_long)) {
        return luck_between(LUCK_LOOP, 300, 3000);
    }
    return luck_percent(LUCK_LOOP, sim.plan.stall) ? luck_between(LUCK_LOOP, 1, 150)
                                                   : 0;
}

void loop_note_due(void)
{
    const struct timer *t = next_timer();
    vg_ms due = loop.at;

    if (t != NULL) {
        due = t->due + loop.late < due ? t->due + loop.late : due;
    }
    sim.due[ACT_LOOP] = loop.daemon == NULL || thread_joining() ? SIM_NEVER : due;
    sim.due[ACT_WRITER] = thread_due();
    sim.due[ACT_WORK] =
        loop.work == NULL || loop.work_ready ? SIM_NEVER : loop.work_due;
}

void loop_turn(void)
{
    loop.at = SIM_NEVER;
    loop.late = lateness();
    if (!co_resume(loop.daemon)) {
        loop.daemon = NULL;
    }
}

void loop_go_on(void)
{
    loop.at = sim.boot;
}

void loop_work(void)
{
    loop.work_call(loop.work);
    loop.work_ready = true;
    turn_soon();
}
