/* SPDX-License-Identifier: Apache-2.0
 *
 * What a service manager such as systemd is told: ready, alive, stopping (sd_notify(3)'s
 * datagrams, without its library). Without one nothing is sent.
 */
#ifndef VIGIL_SHELL_NOTIFY_H
#define VIGIL_SHELL_NOTIFY_H

#include <stdbool.h>

struct vg_notify {
    int fd; /* -1: nobody wants to know */
};

/* Reads NOTIFY_SOCKET: before the environment is cleared. False: there is one and it cannot
 * be reached, errno says why; nothing will be sent. */
bool vg_notify_open(struct vg_notify *notify);
void vg_notify_close(struct vg_notify *notify);

/* "READY=1\nSTATUS=…": lines of NAME=VALUE. Never waits: a manager that does not read loses
 * it. */
void vg_notify_send(const struct vg_notify *notify, const char *lines);

#endif
