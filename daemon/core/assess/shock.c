/* SPDX-License-Identifier: Apache-2.0
 *
 * The shock index (Allgower 1967, Rady 1994): Clinical reference 5.4.
 *
 * A pressure counts with the pulse nearest to it, at most 5 min away. An episode begins
 * when an unbroken run of such pressures has an index of 1.0 or more, first to last at
 * least 10 min, and either all of them are 100 or less or lactate is high; it ends when a
 * run below 1.0 is as long (the reference leaves the end open).
 *
 * Two devices (0.9, slot.h): runs are of each pressure's device, so that a good cuff breaks no
 * run of a bad line; but a high value goes on with the other's high run, for the reference
 * asks for two readings, not for two of one device. Of the nearest pulses of two devices the
 * faster one counts. What one device has opened ends by that, by a line if it was none, or
 * by another one when it is gone.
 */
#include "core/assess/shock.h"

#include "core/course.h"

#define PULSE   (5 * VG_MINUTE)        /* 5.4; project proposal */
#define LASTING (10 * VG_MINUTE)       /* 5.4; project proposal */
#define LOW     100                    /* mm[Hg], 5.4 */
#define LACTATE (2 * INT64_C(1000000)) /* mmol/L, strict, 5.4 */
#define CARRY   (6 * VG_HOUR)          /* lactate, 0.4 */
#define FRESH   (60 * VG_MINUTE)       /* a pressure beside a newer lactate, 0.4 */

/* A run with the newest pressure, if that has a pulse. */
struct run {
    struct vg_instant from, low;
    bool high;
};

static bool has_pulse(const struct vg_shock_side *side)
{
    return (side->apart[0] | side->apart[1]) != 0;
}

/* The faster of the pulses beside the newest pressure. */
static int pulse_of(const struct vg_shock_side *side)
{
    const int first = side->apart[0] != 0 ? side->hr[0] : 0;
    const int second = side->apart[1] != 0 ? side->hr[1] : 0;

    return first > second ? first : second;
}

static struct vg_instant paired(const struct vg_shock_side *side)
{
    return vg_after(side->slot.heard, has_pulse(side) ? 0 : -(vg_ms)side->paired);
}

static struct run run_of(const struct vg_shock_side *side)
{
    struct run run = {side->from, side->low, side->high};

    if (has_pulse(side)) {
        const struct vg_instant at = side->slot.heard;
        const bool high = pulse_of(side) >= side->sbp; /* index >= 1.0 */
        const bool goes_on = vg_state_set(run.from) && run.high == high;
        const bool low = high && side->sbp <= LOW;
        const bool clock = (side->marks & VG_MARK_CLOCK) != 0;
        run.low = low && !vg_state_set(run.low) ? at : run.low;
        run.low.ms = low ? run.low.ms : 0;
        run.from = goes_on ? run.from : at;
        run.from.ms = !high && clock ? 0 : run.from.ms;
        run.high = high;
    }
    return run;
}

/* High values of one device go on with those of the other. */
static void go_on(struct run *run, const struct vg_shock_side *other)
{
    const struct run theirs = run_of(other);

    if (run->high && theirs.high && vg_state_set(run->from) &&
        vg_state_set(theirs.from)) {
        run->from = vg_earlier(run->from, theirs.from);
        if (vg_state_set(run->low) && vg_state_set(theirs.low)) {
            run->low = vg_earlier(run->low, theirs.low);
        }
    }
}

static bool lasts(struct vg_instant run, struct vg_instant at)
{
    return vg_state_set(run) && vg_since(at, run) >= LASTING;
}

static bool lactate_high(const struct vg_shock *shock, struct vg_instant at)
{
    return vg_state_set(shock->lactate_at) && shock->lactate > LACTATE &&
           vg_since(at, shock->lactate_at) <= CARRY &&
           vg_since(shock->lactate_at, at) <= FRESH;
}

/* A feed's silence, or the time between two cuffs. */
static vg_ms silence(const struct vg_shock_side *side)
{
    return side->line ? VG_SLOT_SILENT : VG_SLOT_SINGLE;
}

/* Since when the calm run of a side counts against the episode; VG_NEVER: it does not. */
static struct vg_instant calm_since(const struct vg_shock *shock, unsigned i,
                                    struct vg_instant from)
{
    const struct vg_shock_side *side = &shock->side[i];
    const struct vg_shock_side *opener = &shock->side[shock->opened];

    if (i == shock->opened || (side->line && !shock->opened_line)) {
        return from;
    }
    return side->line == shock->opened_line &&
                   vg_slot_gone(&opener->slot, side->slot.heard, silence(opener))
               ? vg_later(from, opener->slot.heard)
               : VG_NEVER;
}

/* What the runs say after a pressure or a lactate. A value that came behind newer ones counts at
 * its own time as if it had come then; what it raises is marked late, by the rule (0.3). One
 * of more than 8 h ago begins nothing; clocks in the future end nothing. */
static void turn(struct vg_shock *shock, unsigned i)
{
    const struct vg_shock_side *side = &shock->side[i];
    const struct vg_instant at = paired(side);
    struct run run = run_of(side);

    if ((side->marks & VG_MARK_OLD) != 0 || (!side->any && !has_pulse(side))) {
        return;
    }
    go_on(&run, &shock->side[1 - i]);
    const bool low = run.high && lasts(run.low, at);
    const bool high = run.high && lasts(run.from, at) && lactate_high(shock, at);
    if (!shock->on && (low || high)) {
        shock->on = true;
        shock->worse = false;
        shock->since = low ? run.low : run.from;
        shock->opened = (uint8_t)i;
        shock->opened_line = side->line;
    } else if (shock->on && !run.high && vg_state_set(run.from) &&
               lasts(calm_since(shock, i, run.from), at)) {
        shock->on = false;
        shock->worse = false;
    }
    /* "again at >= 1.3" */
    if (shock->on && !shock->worse && has_pulse(side) &&
        10 * pulse_of(side) >= 13 * side->sbp) {
        shock->worse = true;
        shock->worse_since = side->slot.heard;
    }
}

/* ---- The fold */

/* The place of this device's pulse: its own, an empty one, or the one longer unheard. */
static unsigned pulse_place(const struct vg_shock *shock, uint8_t device)
{
    const struct vg_shock_pulse *p = shock->pulse;

    for (unsigned i = 0; i < VG_SLOTS; i++) {
        if (vg_state_set(p[i].to) && p[i].device == device) {
            return i;
        }
    }
    return p[0].to.ms <= p[1].to.ms ? 0 : 1;
}

static void take_pulse(struct vg_shock *shock, const struct vg_item *item)
{
    const unsigned place = pulse_place(shock, item->device);
    struct vg_shock_pulse *pulse = &shock->pulse[place];
    const bool same = vg_state_set(pulse->to) && pulse->device == item->device;

    pulse->to = same ? vg_later(pulse->to, item->to) : item->to;
    pulse->hr = (int16_t)((item->low + item->high) / 2);
    pulse->device = item->device;
    for (unsigned i = 0; i < VG_SLOTS; i++) {
        struct vg_shock_side *side = &shock->side[i];
        const vg_ms apart =
            vg_since(vg_later(item->at, side->slot.heard), side->slot.heard);
        if (vg_state_set(side->slot.heard) && apart <= PULSE &&
            (side->apart[place] == 0 || apart + 1 < (vg_ms)side->apart[place])) {
            side->apart[place] = (uint32_t)apart + 1;
            side->hr[place] = pulse->hr;
            turn(shock, i);
        }
    }
}

/* A pressure of a side, with the pulses that are known. */
static void add(struct vg_shock *shock, struct vg_shock_side *side,
                const struct vg_item *item, struct vg_instant at)
{
    const struct run run = run_of(side);
    const struct vg_instant last = paired(side);
    const vg_ms ago = vg_since(at, last);

    side->any = side->any || has_pulse(side);
    side->from = run.from;
    side->low = run.low;
    side->high = run.high;
    side->paired = ago > UINT32_MAX ? UINT32_MAX : (uint32_t)ago;
    side->sbp = (int16_t)((item->low + item->high) / 2);
    side->marks = item->marks;
    side->line = item->source == VG_SOURCE_ARTERIAL;
    for (unsigned i = 0; i < VG_SLOTS; i++) {
        const struct vg_shock_pulse *pulse = &shock->pulse[i];
        const vg_ms apart = vg_since(at, vg_earlier(pulse->to, at));
        const bool near = vg_state_set(pulse->to) && apart <= PULSE;
        side->apart[i] = near ? (uint32_t)apart + 1 : 0;
        side->hr[i] = pulse->hr;
    }
}

static void take_pressure(struct vg_shock *shock, const struct vg_item *item)
{
    struct vg_shock_side *side = shock->side;
    const unsigned i = vg_slot_pick(
        &side[0].slot, &side[1].slot, item,
        item->source == VG_SOURCE_ARTERIAL ? VG_SLOT_SILENT : VG_SLOT_SINGLE);
    const struct vg_instant ends[] = {item->at, item->to};

    if (i == VG_SLOTS) {
        return;
    }
    if (vg_slot_taken(&side[i].slot, item)) {
        side[i] = (struct vg_shock_side){.slot.heard = {0}};
    }
    for (unsigned k = 0; k < (item->to.ms > item->at.ms ? 2U : 1U); k++) {
        struct vg_item end = *item;
        end.at = end.to = ends[k];
        add(shock, &side[i], item, ends[k]);
        vg_slot_heard(&side[i].slot, &side[1 - i].slot, &end, side[i].slot.bad);
        turn(shock, i);
    }
    side[i].slot.bad = run_of(&side[i]).high || (shock->on && shock->opened == i);
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
        take_pressure(shock, item);
    } else if (item->signal == VG_LACTATE) {
        shock->lactate = item->high > INT32_MAX ? INT32_MAX : (int32_t)item->high;
        shock->lactate_at = item->to;
        turn(shock, 0);
        turn(shock, 1);
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
    for (unsigned i = 0; i < 2; i++) { /* it needs both */
        const enum vg_signal signal = i == 0 ? VG_HR : VG_SBP;
        vg_lost_with(&out->shock.page, state, signal, at, next);
        vg_lost_with(&out->shock.page_13, state, signal, at, next);
    }
}
