/* SPDX-License-Identifier: Apache-2.0
 *
 * The steps of a ladder: who is called now, and until when. See care.c.
 */
#include <string.h>

#include "core/care_inside.h"

void vg_care_call(struct vg_alert *alert, struct vg_turn *turn, uint32_t to,
                  struct vg_instant at)
{
    turn->page = to != 0 ? VG_PAGE_CALL : VG_PAGE_NONE;
    turn->to = to;
    turn->first = to & ~alert->care.told;
    alert->care.told |= to;
    alert->care.told_at = at;
}

static void aim(struct vg_alert *alert, uint32_t to)
{
    const struct vg_plan *plan = &alert->care.plan;

    alert->target_count = 0;
    for (unsigned i = 0; i < plan->role_count && alert->target_count < VG_TARGETS;
         i++) {
        if ((to >> i & 1) != 0) {
            (void)vg_copy(alert->target[alert->target_count++], sizeof alert->target[0],
                          plan->role[i]);
        }
    }
}

void vg_care_begin_step(struct vg_alert *alert, struct vg_turn *turn,
                        struct vg_instant at)
{
    struct vg_care *care = &alert->care;
    const bool last = alert->step >= care->plan.step_count;
    const struct vg_plan_step *step =
        last ? &care->plan.fallback : &care->plan.step[alert->step];

    alert->offer = last ? VG_EXHAUSTED : VG_OFFERED_STATE;
    care->refused = care->unreachable = 0;
    care->resend_at = !last && step->resend > 0 && step->resend < step->wait
                          ? vg_after(at, step->resend)
                          : VG_NEVER;
    const vg_ms wait = last ? step->resend : step->wait;
    const struct vg_instant due = vg_after(at, wait);
    alert->respond_by = wait > 0 ? due : VG_NEVER; /* never in a circle */
    aim(alert, step->to);
    if (!vg_care_held(alert)) {
        vg_care_call(alert, turn, step->to & ~care->quiet, at);
    }
}

void vg_care_offer_anew(struct vg_alert *alert, struct vg_turn *turn,
                        struct vg_instant at)
{
    vg_care_begin_step(alert, turn, at);
    if (turn->to == 0 && !vg_care_held(alert)) {
        vg_care_call(alert, turn, vg_plan_step_to(alert), at);
    }
}

void vg_care_begin_run(struct vg_alert *alert, struct vg_turn *turn, unsigned step,
                       struct vg_instant at)
{
    struct vg_care *care = &alert->care;

    care->run++;
    care->repeat = 0;
    care->folded = care->acted = false;
    care->hold_until = VG_NEVER;
    alert->owner[0] = '\0';
    if (care->plan.name[0] == '\0') {
        alert->offer = VG_OFFER_NONE;
        alert->respond_by = VG_UNSET;
        alert->target_count = 0;
        care->resend_at = VG_NEVER;
        return;
    }
    alert->step = step < care->plan.step_count ? step : care->plan.step_count;
    vg_care_offer_anew(alert, turn, at);
}

void vg_care_next_step(struct vg_alert *alert, struct vg_turn *turn,
                       struct vg_instant at)
{
    if (alert->step < alert->care.plan.step_count) {
        alert->step++;
        alert->care.repeat = 0;
    } else {
        alert->care.repeat++;
    }
    vg_care_begin_step(alert, turn, at);
}

void vg_care_give_back(struct vg_alert *alert, struct vg_instant at)
{
    struct vg_care *care = &alert->care;

    care->run++;
    care->repeat = 0;
    care->folded = care->acted = false;
    care->hold_until = care->resend_at = VG_NEVER;
    care->refused = care->unreachable = 0;
    alert->owner[0] = '\0';
    alert->offer = care->plan.name[0] == '\0'            ? VG_OFFER_NONE
                   : alert->step < care->plan.step_count ? VG_OFFERED_STATE
                                                         : VG_EXHAUSTED;
    alert->respond_by = care->plan.name[0] == '\0' ? VG_UNSET : at;
    alert->target_count = 0;
}
