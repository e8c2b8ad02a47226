/* SPDX-License-Identifier: Apache-2.0
 *
 * A bed off the ward: its alerts are raised and recorded, but nobody is called until the
 * time is over or the patient is back. Then everything that still holds is called at once
 * (Clinical reference 7.3: at most 60 min, then overdue at once).
 */
#include <string.h>

#include "core/care_inside.h"
#include "core/carer.h"

void vg_pause_claim(const struct vg_bed *bed, struct vg_alert *alert)
{
    const struct vg_pause *pause = &bed->pause;
    struct vg_claim claim = {.kind = VG_CLAIM_PAUSE,
                             .severity = VG_CRITICAL,
                             .at = pause->at,
                             .until = pause->until};

    if (!vg_is_set(pause->until)) {
        return;
    }
    (void)vg_copy(claim.by, sizeof claim.by, pause->by);
    (void)vg_copy(claim.reason, sizeof claim.reason, pause->reason);
    (void)vg_care_claim(alert, &claim);
}

static void tell(struct vg_engine *engine, struct vg_bed *bed)
{
    (void)vg_copy(bed->pause.ward, sizeof bed->pause.ward, bed->ward);
    (void)vg_copy(bed->pause.bed, sizeof bed->pause.bed, bed->bed);
    vg_tell_pause(engine, &bed->pause);
}

/* One pause at a time: the latest word on when the patient is back counts. */
static void drop_claim(struct vg_alert *alert)
{
    for (size_t k = alert->claim_count; k > 0; k--) {
        if (alert->claim[k - 1].kind == VG_CLAIM_PAUSE) {
            vg_care_drop_claim(alert, k - 1);
        }
    }
}

void vg_pause_set(struct vg_engine *engine, struct vg_bed *bed,
                  const struct vg_pause *pause, struct vg_instant stamp)
{
    bed->pause = *pause;
    tell(engine, bed);
    for (size_t i = 0; i < vg_bed_states(bed); i++) {
        struct vg_rule_state *state = &bed->state[i];
        const struct vg_turn turn = {.change = VG_PAUSED};
        if (state->alert != NULL) {
            drop_claim(state->alert);
            vg_pause_claim(bed, state->alert);
            (void)vg_copy(state->alert->remark, sizeof state->alert->remark,
                          pause->reason);
            vg_carer_turn(engine, bed, state, &turn, stamp);
        }
    }
}

void vg_pause_end(struct vg_engine *engine, struct vg_bed *bed, struct vg_instant stamp)
{
    bed->pause.until = vg_earlier(bed->pause.until, stamp);
    for (size_t i = 0; i < vg_bed_states(bed); i++) {
        struct vg_alert *alert = bed->state[i].alert;
        for (size_t k = 0; alert != NULL && k < alert->claim_count; k++) {
            if (alert->claim[k].kind == VG_CLAIM_PAUSE) {
                alert->claim[k].until = stamp;
            }
        }
    }
    vg_carer_serve(engine, bed, stamp);
}

/* The claims on the alerts end by themselves at the same instant. */
void vg_pause_serve(struct vg_engine *engine, struct vg_bed *bed,
                    struct vg_instant stamp)
{
    if (vg_is_set(bed->pause.until) && bed->pause.until.ms <= stamp.ms) {
        bed->pause.until = VG_UNSET;
        tell(engine, bed);
    }
}
