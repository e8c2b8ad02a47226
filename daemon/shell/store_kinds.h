/* SPDX-License-Identifier: Apache-2.0
 *
 * The openers of the stores, for the table in store.c.
 */
#ifndef VIGIL_SHELL_STORE_KINDS_H
#define VIGIL_SHELL_STORE_KINDS_H

#include "vigil/store.h"

typedef enum vg_status vg_store_open_fn(const char *path, uv_loop_t *loop,
                                        struct vg_store **out, struct vg_error *error);

vg_store_open_fn vg_store_open_sqlite;
vg_store_open_fn vg_store_open_memory;

#endif
