/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the care machine share: care.c, care_steps.c, care_people.c.
 */
#ifndef VIGIL_CORE_CARE_INSIDE_H
#define VIGIL_CORE_CARE_INSIDE_H

#include "core/care.h"

/* A latched alert that has ended resets itself after this, if somebody has seen it and it is not
 * critical (Alert states T22; project proposal). */
#define VG_LATCH_MAX VG_HOUR

static inline struct vg_turn vg_turn_of(enum vg_change change)
{
    return (struct vg_turn){.change = change};
}

/* ---- care_steps.c */

/* These roles are called now. */
void vg_care_call(struct vg_alert *alert, struct vg_turn *turn, uint32_t to,
                  struct vg_instant at);
/* The same step once nobody has the alert any more: should all its roles have acknowledged, they are called all the
 * same, or the whole step would pass in silence. */
void vg_care_offer_anew(struct vg_alert *alert, struct vg_turn *turn,
                        struct vg_instant at);
/* The step the alert stands at begins. While it is held its time does not run and nobody is
 * called: that is done at the release. */
void vg_care_begin_step(struct vg_alert *alert, struct vg_turn *turn,
                        struct vg_instant at);
void vg_care_next_step(struct vg_alert *alert, struct vg_turn *turn,
                       struct vg_instant at);
/* A new run of the ladder from that step. Without a ladder nobody has it and nobody is called. */
void vg_care_begin_run(struct vg_alert *alert, struct vg_turn *turn, unsigned step,
                       struct vg_instant at);

/* Who had it has it no longer: the step behind the holder's is due at once. */
void vg_care_give_back(struct vg_alert *alert, struct vg_instant at);

/* ---- care_people.c */

void vg_care_drop_claim(struct vg_alert *alert, size_t index);
/* care.quiet from the claims there are. */
void vg_care_quiet(struct vg_alert *alert);
/* The severity has risen: what was said of it before is void. */
void vg_care_void_claims(struct vg_alert *alert);

/* ---- care.c */

/* Everybody who was told is told the end. */
void vg_care_close(struct vg_alert *alert, struct vg_turn *turn);

#endif
