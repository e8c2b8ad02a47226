/* SPDX-License-Identifier: Apache-2.0
 *
 * Expected observations: Clinical reference 7, 2.4, 9.3.
 */
#ifndef VIGIL_ASSESS_SCHEDULE_H
#define VIGIL_ASSESS_SCHEDULE_H

#include "vigil/schedule.h"

#include "core/item.h"

struct vg_state;
struct vg_view;
struct vg_assessment;

struct vg_schedule_state {
    struct vg_instant last[VG_MEASURED_COUNT]; /* newest usable reading, 0: never */
    struct vg_instant tremor;                  /* latest, 0: never */
    struct vg_instant set_from,
        set_to; /* values that people chart one after the other: first, last */
};

/* Whether a line's span is open at `at`, whatever its `when` says; *opened: since when.
 * Lowers *next to the instant at which that changes. */
bool vg_line_open(const struct vg_schedule_line *line, const struct vg_state *state,
                  const struct vg_patient *patient, struct vg_instant at,
                  struct vg_instant *opened, struct vg_instant *next);

/* "phase is NAME"; lowers *next to the instant at which the answer may change. */
bool vg_phase_is(const char *name, const struct vg_state *state,
                 const struct vg_patient *patient, struct vg_instant at,
                 struct vg_instant *next);

void vg_schedule_step(struct vg_state *state, const struct vg_view *view,
                      const struct vg_item *item);
void vg_schedule_judge(const struct vg_state *state, const struct vg_view *view,
                       struct vg_instant at, struct vg_assessment *out,
                       struct vg_instant *next);

#endif
