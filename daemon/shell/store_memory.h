/* SPDX-License-Identifier: Apache-2.0
 *
 * What the two halves of the memory store share.
 */
#ifndef VIGIL_SHELL_STORE_MEMORY_H
#define VIGIL_SHELL_STORE_MEMORY_H

#include "shell/batch.h"

/* Reports what `log`, the records of all batches in order, amounts to. */
enum vg_status vg_memory_restore(const struct vg_pack *log,
                                 struct vg_instant messages_since,
                                 const struct vg_restore *calls,
                                 struct vg_error *error);

#endif
