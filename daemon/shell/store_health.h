/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether the store's file is sound, page by page. Read only; for the tool, never for the
 * daemon, whose readers must be short.
 */
#ifndef VIGIL_SHELL_STORE_HEALTH_H
#define VIGIL_SHELL_STORE_HEALTH_H

#include "shell/store_read.h"

struct vg_store_health {
    bool finished; /* the time was enough to look at all of it */
    bool sound;    /* as far as it was looked at */
    char why[256]; /* SQLite's first complaint; "" if there is none */
};

/* SQLite's quick check within the reader's deadline. VG_OK: look into `out`; VG_FAILED: it
 * cannot even be read, see `error`. */
enum vg_status vg_store_health(struct vg_reader *reader, struct vg_store_health *out,
                               struct vg_error *error);

#endif
