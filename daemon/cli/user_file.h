/* SPDX-License-Identifier: Apache-2.0
 *
 * The file of users as `vigil user` changes it: one at a time, and whole or not at all.
 */
#ifndef VIGIL_CLI_USER_FILE_H
#define VIGIL_CLI_USER_FILE_H

#include <stdbool.h>

#include "shell/access.h"

/* Waits, and says so, while another command changes a file of this folder: from before it is read until
 * this program ends, the asking for a password too. Else who was removed meanwhile would be written
 * back. False: errno says why. */
bool vg_user_file_alone(const char *path);

/* Beside it, synced, then in its place: whoever reads it sees the old or the new one, with the owner and
 * the rights of the old one; the first is its maker's, or if that is root, of whom the store is (owner.h).
 * False: errno says why, and the old one stands. */
bool vg_user_file_store(const char *path, const char *store,
                        const struct vg_users *users);

#endif
