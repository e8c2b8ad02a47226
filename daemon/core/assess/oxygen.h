/* SPDX-License-Identifier: Apache-2.0
 *
 * The hypoxia axis: Clinical reference 1.4.
 *
 * Streams are counted device by device (slot.h). A spot value is a person's: it opens and, as
 * 1.4 has it, ends what any stream says, unless a stream of another device is low at that
 * time. A stream that is well again ends its own finding and a spot's.
 */
#ifndef VIGIL_ASSESS_OXYGEN_H
#define VIGIL_ASSESS_OXYGEN_H

#include "core/assess/slot.h"
#include "core/item.h"

struct vg_state;
struct vg_view;
struct vg_assessment;

/* Consecutive samples of the stream on one side of a limit. start 0: none. */
struct vg_oxygen_run {
    struct vg_instant start, last;
};

enum vg_oxygen_limit { VG_HYPOXIA, VG_HYPOXIA_SEVERE, VG_OXYGEN_LIMITS };

struct vg_oxygen_lane {
    struct vg_oxygen_run run; /* good samples below the limit */
    struct vg_instant
        any; /* with a poor signal too: it may delay, never cancel; 0: none */
    struct vg_instant since; /* the finding stands since; 0: it does not */
};

struct vg_oxygen_stream {
    struct vg_slot slot;
    struct vg_oxygen_lane lane[VG_OXYGEN_LIMITS];
    struct vg_oxygen_run back; /* good samples at the clearing limit */
    struct vg_instant lone;    /* a sample < 85 that waits for another; 0: none */
};

struct vg_oxygen {
    struct vg_oxygen_stream stream[VG_SLOTS];
    struct vg_instant spot[VG_OXYGEN_LIMITS]; /* by a spot value, since; 0: not */
    struct vg_instant value_at;
    int64_t value; /* newest good value of any source */
};

void vg_oxygen_step(struct vg_state *state, const struct vg_view *view,
                    const struct vg_item *item);
void vg_oxygen_judge(const struct vg_state *state, const struct vg_view *view,
                     struct vg_instant at, struct vg_assessment *out,
                     struct vg_instant *next);

/* 0, 2, 3 or 4 at `at` >= state.at: charted support and confirmed hypoxia on room air; 0
 * while flag hypoxia_other_cause holds. */
int vg_oxygen_tier(const struct vg_state *state, const struct vg_view *view,
                   struct vg_instant at);

/* Any of the findings stands at `at` >= state.at. */
bool vg_oxygen_hypoxic(const struct vg_oxygen *oxygen, struct vg_instant at);
#define VG_OXYGEN_CARRY VG_HOUR /* 0.4 */

#endif
