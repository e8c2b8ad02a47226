/* SPDX-License-Identifier: Apache-2.0
 *
 * Which numbers of a gateway's epoch have come: all up to `upto`, and ranges above it with
 * holes between them. What is in a hole is missing and is asked for again.
 */
#ifndef VIGIL_CORE_SEQUENCE_H
#define VIGIL_CORE_SEQUENCE_H

#include "vigil/base.h"

/* So many holes are remembered: about an hour of every other number missing at 2 a second. */
#define VG_SEQUENCE_RANGES 4096

struct vg_span_of_numbers {
    uint64_t first, last; /* inclusive */
};

/* Zero-initialise. Room for ranges is taken when holes appear: most gateways never have one. */
struct vg_sequence {
    uint64_t upto;
    size_t count, size;
    struct vg_span_of_numbers *range; /* rising, all above upto + 1; owned */
};
void vg_sequence_finish(struct vg_sequence *sequence);

bool vg_sequence_has(const struct vg_sequence *sequence, uint64_t number);

/* Whether the number would make one hole too many. */
bool vg_sequence_full(const struct vg_sequence *sequence, uint64_t number);

/* VG_OK; VG_REFUSED: it has come already; VG_FULL: too many holes, or no memory for one more:
 * nothing changed. */
enum vg_status vg_sequence_add(struct vg_sequence *sequence, uint64_t number);

/* What is known of it: everything up to `upto`, and `count` ranges in order. False: no memory,
 * nothing changed. */
bool vg_sequence_set(struct vg_sequence *sequence, uint64_t upto,
                     const struct vg_span_of_numbers *range, size_t count);

/* Another range behind those known, for building what is known of a mark. False: no memory. */
bool vg_sequence_append(struct vg_sequence *sequence, uint64_t first, uint64_t last);

/* Numbers below `from` will never come any more: holes below it are closed. */
void vg_sequence_forget(struct vg_sequence *sequence, uint64_t from);

#endif
