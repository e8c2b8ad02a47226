/* SPDX-License-Identifier: Apache-2.0
 *
 * Compression with a checksum: what comes back is what went in, or it is refused.
 */
#ifndef VIGIL_SHELL_STORE_ZIP_H
#define VIGIL_SHELL_STORE_ZIP_H

#include "shell/store_pack.h"

/* Contexts, made when first used and kept. One for a thread; zero-initialise. */
struct vg_zip {
    void *packer, *unpacker;
};
void vg_zip_finish(struct vg_zip *zip);

/* No packed bytes stand for more than this. */
#define VG_ZIP_MOST ((size_t)16 << 20)

/* Appends the packed bytes to `out`. VG_OK, VG_NO_MEMORY, VG_FULL (more than VG_ZIP_MOST). */
enum vg_status vg_zip_pack(struct vg_zip *zip, const struct vg_pack *in,
                           struct vg_pack *out);

/* `out` then holds the bytes and nothing else. VG_OK, VG_NO_MEMORY or VG_REFUSED: they are
 * damaged. */
enum vg_status vg_zip_unpack(struct vg_zip *zip, struct vg_slice in,
                             struct vg_pack *out);

#endif
