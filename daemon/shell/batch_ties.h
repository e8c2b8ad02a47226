/* SPDX-License-Identifier: Apache-2.0
 *
 * How the records of batch_ties.c are read back; for batch_read.c.
 */
#ifndef VIGIL_SHELL_BATCH_TIES_H
#define VIGIL_SHELL_BATCH_TIES_H

#include "shell/batch.h"

void vg_record_get_tie(struct vg_unpack *unpack, struct vg_record *out);
void vg_record_get_infusion(struct vg_unpack *unpack, struct vg_record *out);
void vg_record_get_released(struct vg_unpack *unpack, struct vg_record *out);

#endif
