/* SPDX-License-Identifier: Apache-2.0
 *
 * The audit trail's chain: each row's hash is over the hash of the row before it and over
 * everything that the row says, so that no row can be changed, taken out, put in or moved
 * without all that follow it being wrong. What it proves needs no key but a witness: the
 * end of the chain (count and hash) is published, and a trail that was cut or made anew
 * does not have that hash in that row.
 *
 * Written by the stores, walked by store_verify.c. config/MESSAGES.md is not concerned:
 * this is how it is on disk, and must never change for rows that exist.
 */
#ifndef VIGIL_SHELL_AUDIT_HASH_H
#define VIGIL_SHELL_AUDIT_HASH_H

#include "vigil/store.h"

#include "shell/store_pack.h"

#define VG_AUDIT_BYTES 32
#define VG_AUDIT_HEX   65 /* with the NUL */

/* Everything that is hashed, in this order. */
struct vg_audit_row {
    int64_t id; /* from 1, without gaps */
    struct vg_instant at;
    struct vg_slice kind, subject, body;
};

/* Zero-initialise: no rows, and a hash of 32 zeros before the first. */
struct vg_audit_chain {
    uint64_t count;
    uint8_t hash[VG_AUDIT_BYTES];
};

/* Takes the row in. */
void vg_audit_add(struct vg_audit_chain *chain, const struct vg_audit_row *row);

/* SHA-256 as 64 lower-case digits and a NUL. */
void vg_audit_digest(struct vg_slice bytes, char out[VG_AUDIT_HEX]);

void vg_audit_hex(const uint8_t hash[VG_AUDIT_BYTES], char out[VG_AUDIT_HEX]);
/* False unless it is exactly what vg_audit_hex writes. */
bool vg_audit_unhex(struct vg_slice text, uint8_t out[VG_AUDIT_BYTES]);

struct vg_audit_head vg_audit_head_of(const struct vg_audit_chain *chain);

#endif
