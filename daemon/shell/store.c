/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of stores. A new one is a file beside store_memory.c and a row here.
 */
#include <string.h>

#include "shell/store_kinds.h"

static const struct {
    const char *kind;
    vg_store_open_fn *open;
} kinds[] = {
    {"sqlite", vg_store_open_sqlite},
    {"memory", vg_store_open_memory},
};

enum vg_status vg_store_open(const char *kind, const char *path, uv_loop_t *loop,
                             struct vg_store **out, struct vg_error *error)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].kind, kind) == 0) {
            const enum vg_status status = kinds[i].open(path, loop, out, error);
            if (status == VG_NO_MEMORY) {
                vg_error_set(error, "no memory to open the store");
            }
            return status;
        }
    }
    vg_error_set(error, "there is no store \"%.40s\", only \"sqlite\" and \"memory\"",
                 kind);
    return VG_ABSENT;
}
