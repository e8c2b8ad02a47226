/* SPDX-License-Identifier: Apache-2.0
 *
 * The tier of the hypoxia axis by what support is charted: Clinical reference 1.4. Devices and
 * flow: Lee 2019.
 */
#include "core/course.h"

#define LOW_FLOW  60 /* 6.0 L/min: at most this is low flow (Lee 2019) */
#define FIO2_VOID 40 /* airway_only is void above */
#define FIO2_AIR  21

static int by_flow(int64_t flow, int unknown)
{
    if (flow == VG_NO_VALUE) {
        return unknown;
    }
    return flow <= LOW_FLOW ? 2 : 3;
}

/* Positive pressure: 4, unless it is the patient's own at home, or only for the airway. */
static int positive_pressure(const struct vg_state *state, struct vg_instant at)
{
    const struct vg_chart *chart = &state->chart;
    const struct vg_oxygen *oxygen = &state->oxygen;
    const bool low = vg_oxygen_hypoxic(oxygen, at) ||
                     (vg_state_set(oxygen->value_at) && oxygen->value < 90 &&
                      vg_since(at, oxygen->value_at) <= VG_OXYGEN_CARRY);

    if (chart->device == VG_INVASIVE_VENT) {
        const bool spared = vg_flag_holds(chart, VG_FLAG_AIRWAY_ONLY, at) && !low &&
                            !(chart->fio2 != VG_NO_VALUE && chart->fio2 > FIO2_VOID);
        return spared ? 0 : 4;
    }
    if (!vg_flag_holds(chart, VG_FLAG_HOME_CPAP, at)) {
        return 4;
    }
    return chart->flow != VG_NO_VALUE && chart->flow > 0 ? by_flow(chart->flow, 0)
           : low                                         ? 2
                                                         : 0;
}

/* Nothing charted, or room air: a meter that shows oxygen since says that there is a device, of a kind unknown (NEWS2
 * counts it too). */
static int tier_on_air(const struct vg_state *state, struct vg_instant at)
{
    const bool metered = state->chart.flow > 0 || state->chart.fio2 > FIO2_AIR;

    return metered || vg_oxygen_hypoxic(&state->oxygen, at) ? 2 : 0;
}

static int device_tier(const struct vg_state *state, struct vg_instant at)
{
    const struct vg_chart *chart = &state->chart;

    switch (chart->device) {
    case VG_ROOM_AIR:
        return tier_on_air(state, at);
    case VG_NASAL_CANNULA:
        return by_flow(chart->flow, 2);
    case VG_HFNC:
        return by_flow(chart->flow, 3);
    case VG_BLOW_BY:
    case VG_DEVICE_UNKNOWN:
        return 2;
    case VG_CPAP:
    case VG_BIPAP:
    case VG_INVASIVE_VENT:
        return positive_pressure(state, at);
    default: /* masks, at any flow */
        return 3;
    }
}

int vg_oxygen_tier(const struct vg_state *state, const struct vg_view *view,
                   struct vg_instant at)
{
    (void)view;
    if (vg_flag_holds(&state->chart, VG_FLAG_HYPOXIA_OTHER_CAUSE, at)) {
        return 0;
    }
    return vg_state_set(state->chart.device_at) ? device_tier(state, at)
                                                : tier_on_air(state, at);
}
