/* SPDX-License-Identifier: Apache-2.0
 *
 * See notify.h.
 */
#include "shell/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

bool vg_notify_open(struct vg_notify *notify)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    const char *path = getenv("NOTIFY_SOCKET"); /* NOLINT(concurrency-mt-unsafe) */
    const size_t length = path != NULL ? strlen(path) : 0;

    notify->fd = -1;
    if (length == 0) {
        return true;
    }
    if ((path[0] != '/' && path[0] != '@') || length >= sizeof to.sun_path) {
        errno = EINVAL;
        return false;
    }
    memcpy(to.sun_path, path, length);
    if (path[0] == '@') { /* a name without a file */
        to.sun_path[0] = '\0';
    }
    const socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&to, size) == 0) {
        notify->fd = fd;
        return true;
    }
    const int reason = errno;
    if (fd >= 0) {
        (void)close(fd);
    }
    errno = reason;
    return false;
}

void vg_notify_close(struct vg_notify *notify)
{
    if (notify->fd >= 0) {
        (void)close(notify->fd);
        notify->fd = -1;
    }
}

void vg_notify_send(const struct vg_notify *notify, const char *lines)
{
    if (notify != NULL && notify->fd >= 0) {
        (void)send(notify->fd, lines, strlen(lines), MSG_DONTWAIT | MSG_NOSIGNAL);
    }
}
