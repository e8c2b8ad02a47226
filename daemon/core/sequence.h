/* SPDX-License-Identifier: Apache-2.0
 *
 * Which numbers of a gateway's epoch have come: all up to `upto`, and ranges above it with
 * holes between them. What is in a hole is missing and is asked for again.
 */
#ifndef VIGIL_CORE_SEQUENCE_H
#define VIGIL_CORE_SEQUENCE_H

#include "vigil/base.h"

#define VG_SEQUENCE_RANGES 256

struct vg_span_of_numbers {
    uint64_t first, last; /* inclusive */
};

struct vg_sequence {
    uint64_t upto;
    size_t count;
    struct vg_span_of_numbers
        range[VG_SEQUENCE_RANGES]; /* rising, all above upto + 1 */
};

bool vg_sequence_has(const struct vg_sequence *sequence, uint64_t number);

/* VG_OK; VG_REFUSED: it has come already; VG_FULL: too many holes, nothing changed. */
enum vg_status vg_sequence_add(struct vg_sequence *sequence, uint64_t number);

/* Numbers below `from` will never come any more: holes below it are closed. */
void vg_sequence_forget(struct vg_sequence *sequence, uint64_t from);

#endif
