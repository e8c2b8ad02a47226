/* SPDX-License-Identifier: Apache-2.0
 *
 * The shock index (Allgower 1967, Rady 1994): Clinical reference 5.4.
 *
 * A pressure counts with the pulse nearest to it, at most 5 min away. An episode begins
 * when an unbroken run of such pressures has an index of 1.0 or more, first to last at
 * least 10 min, and either all of them are 100 or less or lactate is high; it ends when a
 * run below 1.0 is as long (the reference leaves the end open).
 */
#include "core/assess/shock.h"

#include "core/course.h"

#define PULSE   (5 * VG_MINUTE)        /* 5.4; project proposal */
#define LASTING (10 * VG_MINUTE)       /* 5.4; project proposal */
#define LOW     100                    /* mm[Hg], 5.4 */
#define LACTATE (2 * INT64_C(1000000)) /* mmol/L, strict, 5.4 */
#define CARRY   (6 * VG_HOUR)          /* lactate, 0.4 */
#define FRESH   (60 * VG_MINUTE)       /* a pressure beside a newer lactate, 0.4 */

static struct vg_instant run_of(struct vg_instant before, bool holds,
                                struct vg_instant at)
{
    if (!holds) {
        return (struct vg_instant){0};
    }
    return vg_state_set(before) ? before : at;
}

static bool lasts(struct vg_instant run, struct vg_instant at)
{
    return vg_state_set(run) && vg_since(at, run) >= LASTING;
}

static bool lactate_high(const struct vg_shock *shock)
{
    return vg_state_set(shock->lactate_at) && shock->lactate > LACTATE &&
           vg_since(shock->paired, shock->lactate_at) <= CARRY &&
           vg_since(shock->lactate_at, shock->paired) <= FRESH;
}

/* What the runs say after a pressure or a lactate. A value that came behind newer ones counts at
 * its own time as if it had come then; what it raises is marked late, by the rule (0.3). One
 * of more than 8 h ago begins nothing; clocks in the future end nothing. */
static void turn(struct vg_shock *shock)
{
    const struct vg_shock_runs *runs = &shock->runs;
    const bool low = lasts(runs->low, shock->paired);
    const bool high = lasts(runs->high, shock->paired) && lactate_high(shock);

    if ((shock->marks & VG_MARK_OLD) != 0) {
        return;
    }
    if (!shock->on && (low || high)) {
        shock->on = true;
        shock->worse = false;
        shock->since = low ? runs->low : runs->high;
    } else if (shock->on && lasts(runs->calm, shock->paired)) {
        shock->on = false;
        shock->worse = false;
    }
    /* "again at >= 1.3" */
    if (shock->on && !shock->worse && shock->apart >= 0 &&
        10 * shock->hr >= 13 * shock->sbp) {
        shock->worse = true;
        shock->worse_since = shock->at;
    }
}

/* The newest pressure with the pulse known now. */
static void pair(struct vg_shock *shock, vg_ms apart)
{
    const struct vg_shock_runs *before = &shock->before;
    const bool high = shock->hr >= shock->sbp; /* index >= 1.0 */
    const bool clock = (shock->marks & VG_MARK_CLOCK) != 0;

    shock->apart = apart;
    shock->paired = shock->at;
    shock->runs.high = run_of(before->high, high, shock->at);
    shock->runs.low = run_of(before->low, high && shock->sbp <= LOW, shock->at);
    shock->runs.calm = run_of(before->calm, !high && !clock, shock->at);
    turn(shock);
}

static void take_pulse(struct vg_shock *shock, const struct vg_item *item)
{
    shock->hr_from = item->at;
    shock->hr_to = vg_later(shock->hr_to, item->to);
    shock->hr = (int16_t)((item->low + item->high) / 2);
    if (!vg_state_set(shock->at)) {
        return;
    }
    const vg_ms apart = vg_since(item->at, shock->at);
    if (apart <= PULSE && (shock->apart < 0 || apart < shock->apart)) {
        pair(shock, apart);
    }
}

static void take_pressure(struct vg_shock *shock, const struct vg_item *item,
                          struct vg_instant at)
{
    shock->before = shock->runs;
    shock->at = at;
    shock->sbp = (int16_t)((item->low + item->high) / 2);
    shock->marks = item->marks;
    shock->apart = -1;
    if (!vg_state_set(shock->hr_to)) {
        return;
    }
    const vg_ms apart = vg_since(at, vg_earlier(shock->hr_to, at));
    if (apart <= PULSE) {
        pair(shock, apart);
    }
}

void vg_shock_step(struct vg_state *state, const struct vg_view *view,
                   const struct vg_item *item)
{
    struct vg_shock *shock = &state->shock;

    (void)view;
    if (!vg_item_valid(item)) {
        return;
    }
    if (item->signal == VG_HR) {
        take_pulse(shock, item);
    } else if (item->signal == VG_SBP) {
        take_pressure(shock, item, item->at);
        if (item->to.ms > item->at.ms) {
            take_pressure(shock, item, item->to);
        }
    } else if (item->signal == VG_LACTATE) {
        shock->lactate = item->high;
        shock->lactate_at = item->to;
        turn(shock);
    }
}

/* For display: the values that scores use. */
static int64_t index_at(const struct vg_state *state, struct vg_instant at,
                        struct vg_instant *next)
{
    int64_t hr;
    int64_t sbp;

    if (!vg_score_value(state, VG_HR, at, &hr, next) ||
        !vg_score_value(state, VG_SBP, at, &sbp, next) || sbp <= 0) {
        return VG_NO_VALUE;
    }
    return (2000 * hr + sbp) / (2 * sbp); /* half up */
}

void vg_shock_judge(const struct vg_state *state, const struct vg_view *view,
                    struct vg_instant at, struct vg_assessment *out,
                    struct vg_instant *next)
{
    const struct vg_shock *shock = &state->shock;
    const bool scored = vg_patient_scored(view->patient);

    out->shock.milli = scored ? index_at(state, at, next) : VG_NO_VALUE;
    out->shock.page = vg_found(scored && shock->on, shock->since);
    out->shock.page_13 = vg_found(scored && shock->worse, shock->worse_since);
}
