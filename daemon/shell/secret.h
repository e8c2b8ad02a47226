/* SPDX-License-Identifier: Apache-2.0
 *
 * Secrets live in files of their own, never in the settings.
 */
#ifndef VIGIL_SHELL_SECRET_H
#define VIGIL_SHELL_SECRET_H

#include "vigil/base.h"

#define VG_SECRET_LEN 1024 /* of which a secret takes two bytes less at most */

/* The first line of the file. False with a sentence that names `name`, the setting. Whoever
 * called wipes the line when it is done with. */
bool vg_secret_read(const char *name, const char *path, char line[VG_SECRET_LEN],
                    struct vg_error *error);

#endif
