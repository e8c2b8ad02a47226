/* SPDX-License-Identifier: Apache-2.0
 *
 * The hypoxia axis. See oxygen.h. Devices and flow: Lee 2019; saturation limits and spans:
 * project proposals of Clinical reference 1.4.
 */
#include "core/assess/oxygen.h"

#include <string.h>

#include "core/course.h"

#define PAUSE       (120 * VG_SECOND) /* longest in a run; beyond it a feed is sparse */
#define SPARSE      (15 * VG_MINUTE)  /* two in a row, this far apart at most */
#define LONE        (120 * VG_SECOND) /* a single very low sample that nothing follows */
#define LOW_FLOW    60             /* 6.0 L/min: at most this is low flow (Lee 2019) */
#define FIO2_VOID   40             /* airway_only is void above */
#define RECHART     (12 * VG_HOUR) /* 0.4 */
#define VALUE_CARRY VG_HOUR

struct limits {
    int64_t low, severe, back;
};

/* Scale 2: shifted limits. */
static struct limits limits_at(const struct vg_state *state, struct vg_instant at)
{
    static const struct limits usual = {90, 85, 92};
    static const struct limits scale2 = {86, 82, 88};

    return vg_flag_holds(&state->chart, VG_FLAG_SCALE2, at) ? scale2 : usual;
}

static void run_step(struct vg_oxygen_run *run, const struct vg_item *item, bool inside)
{
    if (!inside) {
        run->start = (struct vg_instant){0};
        return;
    }
    if (!vg_state_set(run->start) || vg_since(item->at, run->last) > SPARSE) {
        run->start = item->at;
    }
    run->last = item->to;
}

/* Long enough, or sparse: the pause before this sample was long, and both were inside. */
static bool held(const struct vg_oxygen_run *run, vg_ms span, vg_ms pause)
{
    return vg_state_set(run->start) &&
           (vg_since(run->last, run->start) >= span || pause > PAUSE) &&
           run->start.ms < run->last.ms;
}

static void raise(struct vg_oxygen_lane *lane, struct vg_instant since)
{
    if (!vg_state_set(lane->since)) {
        lane->since = since;
    }
}

static void spot(struct vg_oxygen *oxygen, const struct vg_item *item, struct limits l)
{
    if (item->low < l.low) {
        raise(&oxygen->hypoxia, item->at);
    }
    if (item->low < l.severe) {
        raise(&oxygen->severe, item->at);
    }
    if (item->low >= l.back && (item->marks & VG_MARK_CLOCK) == 0) {
        oxygen->hypoxia.since = oxygen->severe.since = (struct vg_instant){0};
    }
}

/* A sample below 85 counts alone after a pause, or when nothing follows it for 120 s. */
static void lone_step(struct vg_oxygen *oxygen, const struct vg_item *item, bool severe,
                      vg_ms pause)
{
    if (vg_state_set(oxygen->lone) && vg_since(item->at, oxygen->lone) > LONE) {
        raise(&oxygen->severe, oxygen->lone);
    }
    oxygen->lone = severe ? item->to : (struct vg_instant){0};
    if (severe && vg_state_set(oxygen->last) && pause > LONE) {
        raise(&oxygen->severe, item->at);
    }
}

static void lane_step(struct vg_oxygen_lane *lane, const struct vg_item *item, bool low,
                      vg_ms pause, vg_ms span, vg_ms poor_span)
{
    const bool poor = (item->marks & VG_MARK_POOR) != 0;

    run_step(&lane->any, item, low);
    if (!poor) {
        run_step(&lane->run, item, low);
    }
    if (!poor && low && held(&lane->run, span, pause)) {
        raise(lane, lane->run.start);
    }
    if (low && vg_since(lane->any.last, lane->any.start) >= poor_span) {
        raise(lane, lane->any.start);
    }
}

static void stream(struct vg_oxygen *oxygen, const struct vg_item *item,
                   struct limits l)
{
    const vg_ms pause =
        vg_state_set(oxygen->last) ? vg_since(item->at, oxygen->last) : 0;

    lane_step(&oxygen->hypoxia, item, item->high < l.low, pause, 60 * VG_SECOND,
              300 * VG_SECOND);
    lane_step(&oxygen->severe, item, item->high < l.severe, pause, 15 * VG_SECOND,
              120 * VG_SECOND);
    if ((item->marks & VG_MARK_POOR) == 0) {
        lone_step(oxygen, item, item->high < l.severe, pause);
        if ((item->marks & VG_MARK_CLOCK) == 0) {
            run_step(&oxygen->back, item, item->low >= l.back);
        }
        if (held(&oxygen->back, 60 * VG_SECOND, pause)) {
            oxygen->hypoxia.since = oxygen->severe.since = (struct vg_instant){0};
        }
    }
    oxygen->last = item->to;
}

/* 0.3: of a value that came more than 8 h late only the floor of 9.4 is asked. */
static bool too_late(const struct vg_item *item, struct limits l)
{
    return (item->marks & VG_MARK_OLD) != 0 && item->low >= l.severe;
}

void vg_oxygen_step(struct vg_state *state, const struct vg_view *view,
                    const struct vg_item *item)
{
    struct vg_oxygen *oxygen = &state->oxygen;
    const struct limits l = limits_at(state, item->at);

    (void)view;
    if (!vg_item_valid(item) || too_late(item, l)) {
        return;
    }
    if (vg_item_stream(item)) {
        stream(oxygen, item, l);
    } else if ((item->marks & VG_MARK_POOR) == 0) {
        spot(oxygen, item, l);
    }
    if ((item->marks & VG_MARK_POOR) == 0) {
        oxygen->value_at = item->to;
        oxygen->value = item->low;
    }
}

/* ---- Tier */

static bool lone_due(const struct vg_oxygen *oxygen, struct vg_instant at)
{
    return vg_state_set(oxygen->lone) && vg_since(at, oxygen->lone) > LONE;
}

static bool hypoxic(const struct vg_oxygen *oxygen, struct vg_instant at)
{
    return vg_state_set(oxygen->hypoxia.since) || vg_state_set(oxygen->severe.since) ||
           lone_due(oxygen, at);
}

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
    const bool low =
        hypoxic(oxygen, at) || (vg_state_set(oxygen->value_at) && oxygen->value < 90 &&
                                vg_since(at, oxygen->value_at) <= VALUE_CARRY);

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

static int device_tier(const struct vg_state *state, struct vg_instant at)
{
    const struct vg_chart *chart = &state->chart;

    switch (chart->device) {
    case VG_ROOM_AIR:
        return hypoxic(&state->oxygen, at) ? 2 : 0;
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
    if (!vg_state_set(state->chart.device_at)) {
        return hypoxic(&state->oxygen, at) ? 2 : 0;
    }
    return device_tier(state, at);
}

/* ---- Judging */

static void judge_chart(const struct vg_state *state, struct vg_instant at,
                        struct vg_oxygen_out *out, struct vg_instant *next)
{
    const struct vg_chart *chart = &state->chart;
    const bool charted = vg_state_set(chart->device_at);
    const struct vg_instant due = vg_after(chart->device_at, RECHART);

    out->flow_missing = vg_found(charted && chart->device == VG_NASAL_CANNULA &&
                                     chart->flow == VG_NO_VALUE,
                                 chart->device_at);
    out->device_unknown =
        vg_found(charted && chart->device == VG_DEVICE_UNKNOWN, chart->device_at);
    out->recharting =
        vg_found(charted && chart->device != VG_ROOM_AIR && at.ms > due.ms, due);
    if (charted) {
        vg_next(next, at, vg_after(due, 1));
    }
}

void vg_oxygen_judge(const struct vg_state *state, const struct vg_view *view,
                     struct vg_instant at, struct vg_assessment *out,
                     struct vg_instant *next)
{
    const struct vg_oxygen *oxygen = &state->oxygen;
    struct vg_oxygen_out *o = &out->oxygen;
    const bool lone = lone_due(oxygen, at);
    const bool severe = vg_state_set(oxygen->severe.since) || lone;
    const bool low = vg_state_set(oxygen->hypoxia.since);

    memset(o, 0, sizeof *o);
    o->tier = vg_oxygen_tier(state, view, at);
    o->severe =
        vg_found(severe, vg_state_set(oxygen->severe.since) ? oxygen->severe.since
                                                            : oxygen->lone);
    o->hypoxia = vg_found(low && vg_patient_adult(view->patient), /* 0.7 */
                          oxygen->hypoxia.since);
    judge_chart(state, at, o, next);
    if (vg_state_set(oxygen->lone)) {
        vg_next(next, at, vg_after(oxygen->lone, LONE + 1));
    }
    if (vg_state_set(oxygen->value_at)) {
        vg_next(next, at, vg_after(oxygen->value_at, VALUE_CARRY + 1));
    }
}
