/* SPDX-License-Identifier: Apache-2.0
 *
 * See wake.h.
 */
#include "shell/wake.h"

#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct vg_wake *wake = (struct vg_wake *)poll; /* its first member */
    uint64_t count = 0;

    (void)status;
    (void)events;
    (void)!read(wake->fd, &count,
                sizeof count); /* before: what comes now wakes again */
    wake->call(wake->to);
}

bool vg_wake_open(struct vg_wake *wake, uv_loop_t *loop, vg_wake_fn *call, void *to)
{
    wake->call = call;
    wake->to = to;
    wake->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake->fd < 0 || uv_poll_init(loop, &wake->poll, wake->fd) != 0) {
        vg_wake_finish(wake);
        return false;
    }
    return uv_poll_start(&wake->poll, UV_READABLE, on_poll) == 0;
}

void vg_wake_send(struct vg_wake *wake)
{
    const uint64_t one = 1;

    (void)!write(wake->fd, &one, sizeof one); /* full: it is awake for long */
}

void vg_wake_close(struct vg_wake *wake, uv_close_cb closed)
{
    if (!uv_is_closing((uv_handle_t *)&wake->poll)) {
        uv_close((uv_handle_t *)&wake->poll, closed);
    }
}

void vg_wake_finish(struct vg_wake *wake)
{
    if (wake->fd >= 0) {
        (void)close(wake->fd);
    }
    wake->fd = -1;
}
