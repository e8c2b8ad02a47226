/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose a file is that root makes for vigild with the tool (`sudo vigil restore`, `sudo vigil user add`):
 * vigild has a user of its own, who could neither open nor replace what belongs to root.
 */
#ifndef VIGIL_SHELL_OWNER_H
#define VIGIL_SHELL_OWNER_H

#include <stdbool.h>
#include <sys/stat.h>

/* Of whom the store `path` is, in its uid and gid: of whom its file is, or, if that is root or there is
 * none, of whom its folder is. False: neither is there. */
bool vg_owner_find(const char *path, struct stat *owner);

/* Gives them the new file `fd`. Does nothing unless root asks. Only for what this process has just made:
 * in somebody else's folder another name may be anything. False: errno says why. */
bool vg_owner_give(int fd, const char *path);

#endif
