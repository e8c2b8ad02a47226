/* SPDX-License-Identifier: Apache-2.0
 *
 * Waking the loop from other threads. Not by uv_async_send of libuv 1.44: there the loop, awake
 * before its waker has come back from the call, yields the processor until it has. On a busy core
 * that hands it to whoever else wants it, to HTTP's threads of low priority too, and an alert
 * waits for a page. Here nobody waits for anybody: a write to an eventfd, and nothing behind it.
 *
 * Ownership: it lives in its user's memory until the loop has run `closed`.
 */
#ifndef VIGIL_SHELL_WAKE_H
#define VIGIL_SHELL_WAKE_H

#include <stdbool.h>

#include <uv.h>

typedef void vg_wake_fn(void *to);

struct vg_wake {
    uv_poll_t poll; /* data is its user's */
    int fd;
    vg_wake_fn *call;
    void *to;
};

/* `call` is called on the loop's thread, once for all that was sent before. False: there is no
 * room for another handle. */
bool vg_wake_open(struct vg_wake *wake, uv_loop_t *loop, vg_wake_fn *call, void *to);

/* Any thread, until vg_wake_finish; also after vg_wake_close, for nothing then. Call it without
 * a lock held: the loop may run before it returns. */
void vg_wake_send(struct vg_wake *wake);

/* Loop thread, twice for nothing: calls no more; `closed` (or NULL) is libuv's of &wake->poll. */
void vg_wake_close(struct vg_wake *wake, uv_close_cb closed);

/* Closed by then; no thread sends any more. */
void vg_wake_finish(struct vg_wake *wake);

#endif
