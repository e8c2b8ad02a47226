/* SPDX-License-Identifier: Apache-2.0
 *
 * Walking the audit trail: what `vigil audit` asks. Read only, in stretches, so that a
 * running daemon is not held up however long the trail is.
 */
#ifndef VIGIL_SHELL_STORE_VERIFY_H
#define VIGIL_SHELL_STORE_VERIFY_H

#include "shell/audit_hash.h"
#include "shell/store_read.h"

struct vg_verified {
    bool intact;
    struct vg_audit_head head; /* as far as it was walked */
    int64_t row;   /* the first bad one; 0: none, or it is not in the trail */
    char why[256]; /* a sentence; "" if intact */
};

/* `published`: what was seen elsewhere, in a heartbeat; count 0 or hash "": not known; or
 * NULL. VG_OK: look into `out`; VG_FAILED or VG_NO_MEMORY: the trail cannot be read. */
enum vg_status vg_store_verify(struct vg_reader *reader,
                               const struct vg_audit_head *published,
                               struct vg_verified *out, struct vg_error *error);

/* Rows since an instant, of one alert (its pages and their ways too) or of all (NULL), in
 * order. VG_OK also if `each` answered false. */
typedef bool vg_audit_fn(void *to, const struct vg_audit_row *row, const char *hash);
enum vg_status vg_store_trail(struct vg_reader *reader, struct vg_instant since,
                              const char *alert, vg_audit_fn *each, void *to,
                              struct vg_error *error);

#endif
