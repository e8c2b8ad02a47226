/* SPDX-License-Identifier: Apache-2.0
 *
 * What the audit trail says of each record of a batch: shared by the stores.
 */
#ifndef VIGIL_SHELL_STORE_AUDIT_H
#define VIGIL_SHELL_STORE_AUDIT_H

#include "shell/audit_hash.h"
#include "shell/batch.h"

/* The row for a record, without its id; the body is one JSON object in `body`, which it
 * points into. VG_ABSENT: such records have none. VG_NO_MEMORY. */
enum vg_status vg_audit_of(const struct vg_record *record, struct vg_buffer *body,
                           struct vg_audit_row *out);

#endif
