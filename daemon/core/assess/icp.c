/* SPDX-License-Identifier: Apache-2.0
 *
 * Vital signs compatible with raised intracranial pressure (Clinical reference 2.2): never
 * used for a grade.
 *
 * The three signs lie within 15 min. The pattern ends when one of them has not been seen
 * for more than 15 min while readings without it came: missing data end nothing (the
 * reference leaves the end open).
 */
#include "core/assess/icans.h"
#include "core/course.h"

#define TOGETHER (15 * VG_MINUTE) /* 2.2; project proposal */

static bool ended(const struct vg_icans *icans, struct vg_instant at)
{
    struct vg_instant next = VG_NEVER;

    return !vg_icp_stands(icans, at, &next);
}

bool vg_icp_stands(const struct vg_icans *icans, struct vg_instant at,
                   struct vg_instant *next)
{
    bool stands = icans->icp_on;

    for (unsigned i = 0; i < VG_ICP_SIGNS; i++) {
        const struct vg_icp_sign *sign = &icans->sign[i];
        if (icans->icp_on && sign->calm.ms > sign->to.ms) {
            stands = stands && vg_since(at, sign->to) <= TOGETHER;
            vg_next(next, at, vg_after(sign->to, TOGETHER + 1));
        }
    }
    return stands;
}

/* All three seen, and a moment of each within the span. */
static bool together(const struct vg_icans *icans)
{
    struct vg_instant first = VG_NEVER;
    struct vg_instant last = VG_UNSET;

    for (unsigned i = 0; i < VG_ICP_SIGNS; i++) {
        if (!vg_state_set(icans->sign[i].to)) {
            return false;
        }
        first = vg_earlier(first, icans->sign[i].to);
        last = vg_later(last, icans->sign[i].from);
    }
    return vg_since(last, first) <= TOGETHER;
}

static struct vg_instant earliest(const struct vg_icans *icans)
{
    struct vg_instant first = VG_NEVER;

    for (unsigned i = 0; i < VG_ICP_SIGNS; i++) {
        first = vg_earlier(first, icans->sign[i].from);
    }
    return first;
}

static void show(struct vg_icans *icans, struct vg_icp_sign *sign,
                 const struct vg_item *item)
{
    sign->from = item->at;
    sign->to = vg_later(sign->to, item->to);
    /* found late: it is not about now (0.3) */
    if (!icans->icp_on && (item->marks & (VG_MARK_LATE | VG_MARK_OLD)) == 0 &&
        together(icans)) {
        icans->icp_on = true;
        icans->icp_since = earliest(icans);
    }
}

/* SBP >= 1.3 x baseline, HR < 60, RR < 12 (2.2; project proposal). */
static bool shows(const struct vg_item *item, int64_t baseline)
{
    if (item->signal == VG_SBP) {
        return baseline != VG_NO_VALUE && 10 * item->low >= 13 * baseline;
    }
    return item->high < (item->signal == VG_HR ? 60 : 12);
}

void vg_icp_step(struct vg_state *state, const struct vg_view *view,
                 const struct vg_item *item)
{
    struct vg_icans *icans = &state->icans;
    const unsigned i = item->signal == VG_SBP  ? VG_ICP_SBP
                       : item->signal == VG_HR ? VG_ICP_HR
                                               : VG_ICP_RR;
    const int64_t baseline =
        item->signal == VG_SBP ? vg_baseline_of(state, view, VG_SBP) : VG_NO_VALUE;

    if (!vg_item_valid(item)) {
        return;
    }
    if (icans->icp_on && ended(icans, item->at)) {
        icans->icp_on = false;
    }
    if (shows(item, baseline)) {
        show(icans, &icans->sign[i], item);
    } else if ((item->marks & VG_MARK_CLOCK) == 0) {
        icans->sign[i].calm = vg_later(icans->sign[i].calm, item->to);
    }
}
