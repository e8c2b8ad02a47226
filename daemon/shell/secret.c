/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a password or a key. See secret.h.
 */
#include "shell/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

bool vg_secret_read(const char *name, const char *path, char line[VG_SECRET_LEN],
                    struct vg_error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, line, VG_SECRET_LEN - 1);
    int reason = errno;
    if (fd >= 0) {
        (void)close(fd);
    }
    if (length > 0) {
        line[length] = '\0';
        line[strcspn(line, "\r\n")] = '\0';
    }
    const bool whole = length > 0 && strlen(line) < VG_SECRET_LEN - 1;
    if (whole && line[0] != '\0') {
        return true;
    }
    vg_error_set(error, "cannot read %s \"%.120s\": %s", name, path,
                 length < 0 ? strerrordesc_np(reason)
                 : whole || length == 0
                     ? "it is empty"
                     : "its first line is too long, perhaps it is no secret");
    return false;
}
