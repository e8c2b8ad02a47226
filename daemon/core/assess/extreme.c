/* SPDX-License-Identifier: Apache-2.0
 *
 * Extreme vital signs. See extreme.h. Limits and span: Clinical reference 9.4 (project
 * proposal); a spot value counts at once. The end is not given there: a normal spot value,
 * or a stream that has been normal for as long as it takes to raise.
 */
#include "core/assess/extreme.h"

#include "core/course.h"

#define SPAN  (60 * VG_SECOND)
#define PAUSE (120 * VG_SECOND)

static const struct {
    enum vg_signal signal;
    bool above;    /* extreme from `limit` up, else down */
    int64_t limit; /* the first extreme value */
} limits[VG_EXTREMES] = {[VG_HR_LOW] = {VG_HR, false, 34},
                         [VG_HR_HIGH] = {VG_HR, true, 151},
                         [VG_RR_LOW] = {VG_RR, false, 6},
                         [VG_RR_HIGH] = {VG_RR, true, 36}};

static bool all_extreme(unsigned i, const struct vg_item *item)
{
    return limits[i].above ? item->low >= limits[i].limit
                           : item->high <= limits[i].limit;
}

static void extreme(struct vg_extreme_lane *lane, const struct vg_item *item)
{
    lane->calm = (struct vg_instant){0};
    if (!vg_state_set(lane->start) || vg_since(item->at, lane->last) > PAUSE) {
        lane->start = item->at;
    }
    lane->last = item->to;
    if (!vg_state_set(lane->since) &&
        (!vg_item_stream(item) || vg_since(lane->last, lane->start) >= SPAN)) {
        lane->since = vg_item_stream(item) ? lane->start : item->at;
    }
}

static void normal(struct vg_extreme_lane *lane, const struct vg_item *item)
{
    lane->start = (struct vg_instant){0};
    if ((item->marks & VG_MARK_CLOCK) != 0) {
        return;
    }
    if (!vg_state_set(lane->calm)) {
        lane->calm = item->at;
    }
    if (!vg_item_stream(item) || vg_since(item->to, lane->calm) >= SPAN) {
        lane->since = (struct vg_instant){0};
    }
}

void vg_extreme_step(struct vg_state *state, const struct vg_view *view,
                     const struct vg_item *item)
{
    (void)view;
    for (unsigned i = 0; i < VG_EXTREMES && vg_item_valid(item); i++) {
        if ((uint8_t)limits[i].signal != item->signal) {
            continue;
        }
        if (all_extreme(i, item)) {
            extreme(&state->extreme.lane[i], item);
        } else {
            normal(&state->extreme.lane[i], item);
        }
    }
}

/* P or U, not sedated; what was charted stands until something else is. */
static bool unresponsive(const struct vg_state *state, struct vg_instant at)
{
    const struct vg_chart *chart = &state->chart;

    return vg_state_set(chart->acvpu_at) &&
           (chart->acvpu == VG_PAIN || chart->acvpu == VG_UNRESPONSIVE) &&
           !vg_flag_holds(chart, VG_FLAG_SEDATED, at);
}

void vg_extreme_judge(const struct vg_state *state, const struct vg_view *view,
                      struct vg_instant at, struct vg_assessment *out,
                      struct vg_instant *next)
{
    struct vg_instant since = VG_NEVER;

    (void)next; /* flags end through the chart */
    if (vg_patient_adult(view->patient)) {
        for (unsigned i = 0; i < VG_EXTREMES; i++) {
            const struct vg_instant s = state->extreme.lane[i].since;
            since = vg_state_set(s) ? vg_earlier(since, s) : since;
        }
        if (unresponsive(state, at)) {
            since = vg_earlier(since, state->chart.acvpu_at);
        }
    }
    out->extreme.vital = vg_found(!vg_is_never(since), since);
}
