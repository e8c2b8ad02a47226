/* SPDX-License-Identifier: Apache-2.0
 *
 * Baselines. See baseline.h.
 */
#include "core/assess/baseline.h"

#include <string.h>

#include "core/assess/labs.h"
#include "core/course.h"

/* Clinical reference 0.5: the median of valid readings of 24 h, if at least 3. */
#define SPAN       VG_DAY
#define ENOUGH     3
#define HALF       (VG_BASELINE_KEPT / 2)
#define TICK       16 /* ms; divides SPAN */
#define TICKS_MASK 0x7fffffU
/* Wide enough that what it chooses of 24 h fits. */
#define MOST_SPACING (SPAN / (VG_BASELINE_KEPT - 2))

/* The lanes of a signal: [first, end). */
struct lanes {
    enum vg_signal signal;
    uint8_t first, end;
};
static const struct lanes table[VG_BASELINE_SIGNALS] = {
    [VG_BASELINE_TEMP] = {VG_TEMP, VG_LANE_TEMP_TRUSTED, VG_LANE_HR},
    [VG_BASELINE_HR] = {VG_HR, VG_LANE_HR, VG_LANE_RR},
    [VG_BASELINE_RR] = {VG_RR, VG_LANE_RR, VG_LANE_SPO2},
    [VG_BASELINE_SPO2] = {VG_SPO2, VG_LANE_SPO2, VG_LANE_SBP_LINE},
    [VG_BASELINE_SBP] = {VG_SBP, VG_LANE_SBP_LINE, VG_LANES},
};

static unsigned row_of(enum vg_signal signal)
{
    unsigned row = 0;

    while (row < VG_BASELINE_SIGNALS && table[row].signal != signal) {
        row++;
    }
    return row;
}

/* How much less trusted than the best of its signal (0.9). */
static unsigned distrust(const struct vg_item *item)
{
    if (item->signal == VG_TEMP) {
        const enum vg_temp_class class = vg_item_temp_class(item);

        if (class == VG_TEMP_PATCH) {
            return VG_LANE_TEMP_PATCH;
        }
        return class == VG_TEMP_AXILLARY ? VG_LANE_TEMP_AXILLARY : VG_LANE_TEMP_TRUSTED;
    }
    return item->signal == VG_SBP && !vg_item_stream(item) ? 1 : 0;
}

static uint32_t tick(struct vg_instant t)
{
    return (uint32_t)((uint64_t)t.ms / TICK) & TICKS_MASK;
}

/* By how many ticks a reading kept is older than the newest. */
static uint32_t older(const struct vg_baseline_lane *lane, unsigned i)
{
    return (tick(lane->newest) - lane->kept[i].when) & TICKS_MASK;
}

/* How many readings at the old end lie before `from`. */
static unsigned count_before(const struct vg_baseline_lane *lane,
                             struct vg_instant from)
{
    const int64_t most = (int64_t)((uint64_t)lane->newest.ms / TICK) - from.ms / TICK;
    unsigned i = 0;

    while (i < lane->count && (int64_t)older(lane, i) > most) {
        i++;
    }
    return i;
}

static void expire(struct vg_baseline_lane *lane, struct vg_instant now)
{
    const unsigned gone = count_before(lane, vg_after(now, -SPAN));

    if (gone > 0) {
        lane->count = (uint8_t)(lane->count - gone);
        memmove(lane->kept, lane->kept + gone, lane->count * sizeof lane->kept[0]);
    }
    if (lane->count < HALF / 2) {
        lane->spacing = 0;
    }
}

/* Every other one stays, the newest among them, and what comes is chosen as widely. */
static void thin(struct vg_baseline_lane *lane)
{
    const vg_ms span = (vg_ms)older(lane, 0) * TICK;

    for (unsigned i = 0; i < HALF; i++) {
        lane->kept[i] = lane->kept[2 * i + 1];
    }
    lane->count = HALF;
    lane->spacing = (uint32_t)(span / HALF < MOST_SPACING ? span / HALF : MOST_SPACING);
}

/* True if it is kept. */
static bool keep(struct vg_baseline_lane *lane, struct vg_instant t, int64_t value)
{
    if (lane->count > 0 && vg_since(t, lane->newest) < (vg_ms)lane->spacing) {
        return false;
    }
    expire(lane, t);
    if (lane->count == VG_BASELINE_KEPT) {
        thin(lane);
    }
    lane->newest = t;
    lane->kept[lane->count].when = tick(t) & TICKS_MASK;
    lane->kept[lane->count].value = (unsigned)value & 0x1ffU;
    lane->count++;
    return true;
}

/* One sample of a stretch: its ends are known, what lies between is taken as the middle. */
static int64_t sample(const struct vg_item *item, unsigned i)
{
    if (i == 0) {
        return item->low;
    }
    return i + 1 == item->count ? item->high : (item->low + item->high) / 2;
}

/* Readings at the first T0 count: intervals are closed (0.3). What came more than 8 h late
 * does not (0.3), nor a saturation without perfusion (10.1). */
static bool counts(const struct vg_state *state, const struct vg_item *item)
{
    const struct vg_instant first = state->chart.first_start;

    return vg_item_valid(item) && (item->marks & (VG_MARK_OLD | VG_MARK_POOR)) == 0 &&
           (!vg_state_set(first) || item->at.ms <= first.ms);
}

void vg_baseline_step(struct vg_state *state, const struct vg_view *view,
                      const struct vg_item *item)
{
    const unsigned row = row_of((enum vg_signal)item->signal);
    bool changed = false;

    (void)view;
    if (row == VG_BASELINE_SIGNALS || !counts(state, item)) {
        return;
    }
    struct vg_baseline_lane *lane =
        &state->baseline.lane[table[row].first + distrust(item)];
    const unsigned last = item->count > 1 ? item->count - 1U : 1U;

    for (unsigned i = 0; i == 0 || i < item->count; i++) {
        const struct vg_instant t =
            vg_after(item->at, vg_since(item->to, item->at) * i / last);
        changed |= keep(lane, t, sample(item, i));
    }
    if (changed) {
        state->baseline.changed |= (uint8_t)(1U << row);
    }
}

/* ---- The value */

struct choice {
    int16_t value[VG_BASELINE_KEPT];
    unsigned count;
    bool enough;
};

static void insert(struct choice *choice, int16_t value)
{
    unsigned i = choice->count++;

    for (; i > 0 && choice->value[i - 1] > value; i--) {
        choice->value[i] = choice->value[i - 1];
    }
    choice->value[i] = value;
}

/* The readings of a lane in the 24 h up to `until`. A thinned lane has had enough. */
static void choose(struct choice *choice, const struct vg_baseline_lane *lane,
                   struct vg_instant until)
{
    const int64_t least = (int64_t)((uint64_t)lane->newest.ms / TICK) - until.ms / TICK;

    for (unsigned i = count_before(lane, vg_after(until, -SPAN));
         i < lane->count && choice->count < VG_BASELINE_KEPT; i++) {
        if ((int64_t)older(lane, i) >= least) {
            insert(choice, (int16_t)lane->kept[i].value);
            choice->enough |= lane->spacing > 0;
        }
    }
    choice->enough |= choice->count >= ENOUGH;
}

/* Half of a step away from zero, as everywhere (0.2). */
static int16_t median(const struct choice *choice)
{
    const unsigned n = choice->count;
    const int sum = choice->value[(n - 1) / 2] + choice->value[n / 2];

    return (int16_t)((sum + 1) / 2);
}

/* The newest of a signal, whatever its age; of two, the more trusted. */
static int16_t newest(const struct vg_baseline *baseline, const struct lanes *lanes,
                      struct vg_instant until)
{
    struct vg_instant best = {INT64_MIN};
    int16_t value = 0;

    for (unsigned l = lanes->first; l < lanes->end; l++) {
        const struct vg_baseline_lane *lane = &baseline->lane[l];
        unsigned i = lane->count;
        struct vg_instant t = lane->newest;

        while (i > 0 && t.ms > until.ms) {
            i--;
            t = vg_after(lane->newest, i > 0 ? -(vg_ms)older(lane, i - 1) * TICK : 0);
        }
        if (i > 0 && t.ms > best.ms) {
            best = t;
            value = (int16_t)lane->kept[i - 1].value;
        }
    }
    return value;
}

/* The most trusted class with three readings, else three of all classes, else the last. */
static int16_t value_of(const struct vg_baseline *baseline, const struct lanes *lanes,
                        struct vg_instant until)
{
    struct choice all = {.count = 0};

    for (unsigned l = lanes->first; l < lanes->end; l++) {
        struct choice one = {.count = 0};

        choose(&one, &baseline->lane[l], until);
        if (one.enough) {
            return median(&one);
        }
        choose(&all, &baseline->lane[l], until);
    }
    if (all.enough) {
        return median(&all);
    }
    return newest(baseline, lanes, until);
}

/* Of a fold before this one, else of the program before this one. */
static void take_known(int16_t *value, unsigned row, const struct vg_patient *patient,
                       struct vg_instant t0)
{
    const int16_t frozen = patient->frozen[table[row].signal];
    const int16_t carried = patient->carried.number[row];

    if (patient->frozen_at.ms == t0.ms && frozen != 0) {
        *value = frozen;
    } else if (patient->carried.time[VG_CARRIED_FROZEN].ms == t0.ms && carried != 0) {
        *value = carried;
    }
}

static struct vg_instant t0_of(const struct vg_chart *chart)
{
    return vg_state_set(chart->first_start) ? chart->first_start : chart->planned;
}

/* Frozen at T0, which is the plan until a start arrives (0.3): the start that follows soon moves it, a later one
 * gives what there was none of. */
void vg_baseline_after(struct vg_state *state, const struct vg_view *view,
                       struct vg_instant at)
{
    const struct vg_chart *chart = &state->chart;
    struct vg_baseline *baseline = &state->baseline;
    const bool start = chart->first_start.ms == at.ms;
    const bool frozen = vg_is_set(vg_infusion_began(chart, vg_after(at, -1)));
    const bool late =
        vg_state_set(chart->planned) && vg_since(at, chart->planned) > VG_PLAN_TO_START;
    const struct vg_instant t0 = t0_of(chart);

    for (unsigned row = 0; (start || !frozen) && row < VG_BASELINE_SIGNALS; row++) {
        const bool anew = start ? !late || baseline->value[row] == 0
                                : (baseline->changed & (1U << row)) != 0;
        if (anew) {
            baseline->value[row] = value_of(baseline, &table[row], at);
        }
    }
    for (unsigned row = 0;
         (start || frozen) && vg_state_set(t0) && row < VG_BASELINE_SIGNALS; row++) {
        take_known(&baseline->value[row], row, view->patient, t0);
    }
    baseline->changed = 0;
}

/* A reading it rests on is of a time of which streams are not kept any more. */
static bool may_be_gone(const struct vg_baseline *baseline, const struct lanes *lanes,
                        struct vg_instant kept)
{
    bool gone = false;

    for (unsigned l = lanes->first; l < lanes->end; l++) {
        const struct vg_baseline_lane *lane = &baseline->lane[l];
        gone = gone ||
               (lane->count > 0 &&
                vg_after(lane->newest, -(vg_ms)older(lane, 0) * TICK).ms < kept.ms);
    }
    return gone;
}

void vg_baseline_keep(const struct vg_state *state, struct vg_patient *patient)
{
    const struct vg_chart *chart = &state->chart;
    const struct vg_instant kept = vg_after(state->at, -SPAN);

    /* Behind a plan the lanes go on, and hold less and less of what was before it. */
    if (!vg_is_set(vg_infusion_began(chart, vg_after(state->at, -1)))) {
        return;
    }
    patient->frozen_at = t0_of(chart);
    for (unsigned row = 0; row < VG_BASELINE_SIGNALS; row++) {
        int16_t *frozen = &patient->frozen[table[row].signal];
        *frozen = 0;
        if (chart->infusions == 0 || may_be_gone(&state->baseline, &table[row], kept)) {
            *frozen = state->baseline.value[row];
        }
    }
}

void vg_baseline_carry(const struct vg_state *state, struct vg_carried *out)
{
    if (vg_is_set(vg_infusion_began(&state->chart, state->at))) {
        out->time[VG_CARRIED_FROZEN] = t0_of(&state->chart);
        memcpy(out->number, state->baseline.value, sizeof state->baseline.value);
    }
}

int64_t vg_baseline_of(const struct vg_state *state, const struct vg_view *view,
                       enum vg_signal signal)
{
    const unsigned row = row_of(signal);

    if (view->patient->baseline[signal] != VG_NO_VALUE) {
        return view->patient->baseline[signal];
    }
    if (vg_signal_info(signal)->kind == VG_LAB) {
        const struct vg_instant first = state->chart.first_start;

        return vg_baseline_lab(view, signal, vg_state_set(first) ? first : state->at);
    }
    if (row == VG_BASELINE_SIGNALS || state->baseline.value[row] == 0) {
        return VG_NO_VALUE;
    }
    return state->baseline.value[row];
}

int64_t vg_baseline_lab(const struct vg_view *view, enum vg_signal signal,
                        struct vg_instant before)
{
    size_t cursor = view->log->count;

    if (view->patient->baseline[signal] != VG_NO_VALUE) {
        return vg_lab_bounded(view->patient->baseline[signal]);
    }
    const struct vg_item *item = vg_log_back(view->log, signal, before, &cursor);

    return item != NULL ? vg_lab_bounded(item->high) : VG_NO_VALUE;
}
