/* SPDX-License-Identifier: Apache-2.0
 *
 * Values that change faster than a body does are suspect: Clinical reference 10.1, "suspect
 * if change exceeds" (project proposal).
 */
#include "core/assess/quality_inside.h"

/* No change of HR, as 10.1 asks of a fall of SpO2: its extremes within the same 10 s are
 * less than this apart (project proposal). Without an HR nothing is said. */
#define HR_STILL 5

static const struct {
    vg_ms span;
    int64_t limit; /* exceeded: more than this */
} streams[VG_RATES] = {[VG_RATE_HR] = {10 * VG_SECOND, 60},
                       [VG_RATE_RR] = {30 * VG_SECOND, 20},
                       [VG_RATE_SPO2] = {10 * VG_SECOND, 10},
                       [VG_RATE_PATCH] = {5 * VG_MINUTE, 10},
                       [VG_RATE_PROBE] = {5 * VG_MINUTE, 10}};

#define SPOT_LIMIT  20               /* 2.0 Cel */
#define SINGLE_SPAN (15 * VG_MINUTE) /* between readings; of pressures 40 % */

/* Within `span` before `at`. */
static bool within(struct vg_instant then, struct vg_instant at, vg_ms span)
{
    return vg_state_set(then) && vg_since(at, then) <= span;
}

static bool far_from(int64_t value, int64_t low, int64_t high, int64_t limit)
{
    return value - low > limit || high - value > limit;
}

static void remember(struct vg_quality_rate *rate, struct vg_instant at, int64_t value,
                     vg_ms span)
{
    const int16_t v = (int16_t)value;

    if (!within(rate->from[0], at, span / 2)) {
        rate->from[1] = rate->from[0];
        rate->low[1] = rate->low[0];
        rate->high[1] = rate->high[0];
        rate->from[0] = at;
        rate->low[0] = rate->high[0] = v;
    }
    if (v < rate->low[0]) {
        rate->low[0] = v;
    }
    if (v > rate->high[0]) {
        rate->high[0] = v;
    }
    rate->at = at;
    rate->value = v;
}

static bool jumps(const struct vg_quality_rate *rate, const struct vg_item *item,
                  vg_ms span, int64_t limit)
{
    bool far = within(rate->at, item->at, span) &&
               far_from(item->low, rate->value, rate->value, limit);

    for (unsigned k = 0; k < 2; k++) {
        far = far || (within(rate->from[k], item->at, span) &&
                      far_from(item->low, rate->low[k], rate->high[k], limit));
    }
    return far;
}

/* HR is known for the span of an SpO2 change, and has not changed. */
static bool heart_still(const struct vg_quality_state *state, struct vg_instant at)
{
    const struct vg_quality_rate *hr = &state->rate[VG_RATE_HR];
    const vg_ms span = streams[VG_RATE_SPO2].span;
    int64_t low = hr->value;
    int64_t high = hr->value;

    for (unsigned k = 0; k < 2; k++) {
        if (within(hr->from[k], at, span)) {
            low = hr->low[k] < low ? hr->low[k] : low;
            high = hr->high[k] > high ? hr->high[k] : high;
        }
    }
    return within(hr->at, at, span) && high - low < HR_STILL;
}

static void check_stream(struct vg_quality_state *state, struct vg_item *item,
                         enum vg_quality_rate_name name)
{
    struct vg_quality_rate *rate = &state->rate[name];
    const vg_ms span = streams[name].span;

    if (item->to.ms != item->at.ms) { /* long past: only what comes next is compared */
        remember(rate, item->to, item->high, span);
        return;
    }
    if (jumps(rate, item, span, streams[name].limit) &&
        (name != VG_RATE_SPO2 || heart_still(state, item->at))) {
        item->marks |= VG_MARK_SUSPECT;
    }
    remember(rate, item->at, item->low, span);
}

static void check_single(struct vg_quality_state *state, struct vg_item *item,
                         unsigned name)
{
    struct vg_quality_readings *last = &state->single;
    const int64_t old = last->value[name];
    const int64_t value = item->low;
    const int64_t change = value > old ? value - old : old - value;
    const bool pressure = name != VG_SINGLE_SPOT && name != VG_SINGLE_AXILLARY;
    const bool soon = within(last->at[name], item->at, SINGLE_SPAN);
    const bool far = soon && (pressure ? 10 * change > 4 * old : change > SPOT_LIMIT);

    if (far && item->to.ms == item->at.ms) {
        item->marks |= VG_MARK_SUSPECT;
    }
    last->at[name] = item->to;
    last->value[name] = (int16_t)item->high;
}

static void check_temperature(struct vg_quality_state *state, struct vg_item *item)
{
    switch (vg_item_temp_class(item)) {
    case VG_TEMP_PATCH:
        check_stream(state, item, VG_RATE_PATCH);
        break;
    case VG_TEMP_PROBE:
        check_stream(state, item, VG_RATE_PROBE);
        break;
    case VG_TEMP_SPOT:
        check_single(state, item, VG_SINGLE_SPOT);
        break;
    case VG_TEMP_AXILLARY:
        check_single(state, item, VG_SINGLE_AXILLARY);
        break;
    case VG_TEMP_CLASSES: /* not reached: it counts the classes */
        break;            /* not reached: the same */
    }
}

void vg_quality_rate(struct vg_quality_state *state, struct vg_item *item)
{
    const unsigned base = vg_item_stream(item) ? VG_SINGLE_LINE : VG_SINGLE_SBP;

    if (item->signal == VG_TEMP) {
        check_temperature(state, item);
    } else if (item->signal >= VG_SBP && item->signal <= VG_MAP) {
        check_single(state, item, base + item->signal - VG_SBP);
    } else if (item->signal >= VG_HR && item->signal <= VG_SPO2) {
        check_stream(state, item,
                     (enum vg_quality_rate_name)(VG_RATE_HR + item->signal - VG_HR));
    }
}
