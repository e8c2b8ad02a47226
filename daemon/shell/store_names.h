/* SPDX-License-Identifier: Apache-2.0
 *
 * A dictionary from a key of bytes to a small row id: what the writer knows of the tables
 * place, subject and epoch, so that a hot row costs no query.
 */
#ifndef VIGIL_SHELL_STORE_NAMES_H
#define VIGIL_SHELL_STORE_NAMES_H

#include "shell/store_pack.h"

struct vg_name {
    uint64_t hash;
    size_t key, length; /* in `keys` */
    int64_t id;         /* 0: empty slot */
};

/* Zero-initialise. */
struct vg_names {
    size_t count, capacity; /* capacity 0 or a power of two */
    struct vg_name *slot;
    struct vg_pack keys;
};

void vg_names_finish(struct vg_names *names);

/* 0 if it is not there. */
int64_t vg_names_find(const struct vg_names *names, const void *key, size_t length);

/* The key must not be there yet; id > 0. VG_OK or VG_NO_MEMORY. */
enum vg_status vg_names_add(struct vg_names *names, const void *key, size_t length,
                            int64_t id);

#endif
