/* SPDX-License-Identifier: Apache-2.0
 *
 * See owner.h.
 */
#include "shell/owner.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool vg_owner_find(const char *path, struct stat *owner)
{
    char folder[4096];
    const char *slash = strrchr(path, '/');

    if (stat(path, owner) == 0 && owner->st_uid != 0) {
        return true;
    }
    (void)snprintf(folder, sizeof folder, "%.*s",
                   slash == NULL ? 1 : (int)(slash - path + 1),
                   slash == NULL ? "." : path);
    return stat(folder, owner) == 0;
}

bool vg_owner_give(int fd, const char *path)
{
    struct stat owner;

    return geteuid() != 0 || !vg_owner_find(path, &owner) ||
           fchown(fd, owner.st_uid, owner.st_gid) == 0;
}
