/* SPDX-License-Identifier: Apache-2.0
 *
 * The hypotension axis. See pressure.h. 90 mm[Hg] is from secondary tables of Lee 2019,
 * which gives no number; vasopressors: Lee 2019; everything else: project proposals of
 * Clinical reference 1.3.
 */
#include "core/assess/pressure.h"

#include "core/course.h"

#define LOW         90
#define VERY_LOW    80
#define GATED       70 /* 0.7: below 18 years or of unknown age */
#define BACK        95
#define BACK_FOR    (5 * VG_MINUTE)
#define BACK_90_FOR (30 * VG_MINUTE)
#define REPEAT      (10 * VG_MINUTE) /* not repeated so long: confirmed */
#define TORN_REPEAT (2 * VG_MINUTE)  /* of an inconsistent triple, near an infusion */
#define PAIR        (30 * VG_MINUTE) /* any two low values within, inclusive */
#define AFTER_END   (2 * VG_HOUR)    /* near an infusion: [T0, T_end + 2 h] */
#define CONTEXT     (5 * VG_MINUTE)
#define FAST        130
#define LINE_PAUSE  (120 * VG_SECOND)
#define LINE_90     (60 * VG_SECOND)
#define LINE_80     (15 * VG_SECOND)
#define RELATIVE    100 /* below this and 80 % of baseline (NCI triggers) */

static const struct vg_pressure_run none;

static void run_step(struct vg_pressure_run *run, const struct vg_item *item,
                     bool inside, vg_ms pause)
{
    if (!inside) {
        *run = none;
        return;
    }
    if (!vg_state_set(run->start) || vg_since(item->at, run->last) > pause) {
        run->start = item->at;
        run->count = 0;
    }
    run->last = item->to;
    run->count =
        (uint8_t)(run->count + item->count > 250 ? 250 : run->count + item->count);
}

static vg_ms length(const struct vg_pressure_run *run)
{
    return vg_state_set(run->start) ? vg_since(run->last, run->start) : -1;
}

static bool near_infusion(const struct vg_state *state, struct vg_instant at)
{
    const struct vg_chart *chart = &state->chart;

    return chart->infusions > 0 && at.ms >= chart->last_start.ms &&
           at.ms <= vg_after(vg_infusion_end(chart, at), AFTER_END).ms;
}

/* ---- Context that makes a low value count at once */

static bool recent(struct vg_instant t, struct vg_instant at)
{
    return vg_state_set(t) && vg_since(at, t) <= CONTEXT;
}

static bool not_alert(const struct vg_state *state, struct vg_instant at)
{
    enum vg_acvpu acvpu;

    return vg_acvpu_at(&state->chart, at, &acvpu) && acvpu != VG_ALERT;
}

static bool alarming(const struct vg_state *state, struct vg_instant at)
{
    return recent(state->pressure.fast, at) || recent(state->pressure.hypoxic, at) ||
           not_alert(state, at);
}

static void confirm(struct vg_pressure *p, struct vg_instant since)
{
    if (!vg_state_set(p->cuff_on)) {
        p->cuff_on = since;
    }
    p->pending = (struct vg_instant){0};
    p->cuff_95 = p->cuff_90 = none;
}

/* A low value that waits, when something alarming comes to it. */
static void context_step(struct vg_state *state, const struct vg_item *item)
{
    struct vg_pressure *p = &state->pressure;
    const int64_t low =
        vg_flag_holds(&state->chart, VG_FLAG_SCALE2, item->at) ? 86 : 90;

    if (item->signal == VG_HR && vg_item_valid(item) && item->high >= FAST) {
        p->fast = item->to;
    } else if (item->signal == VG_SPO2 && vg_item_valid(item) && item->low < low &&
               (item->marks & VG_MARK_POOR) == 0) {
        p->hypoxic = item->to;
    }
    if (vg_state_set(p->pending) && !p->pending_torn && recent(p->pending, item->at) &&
        alarming(state, item->at)) {
        confirm(p, p->pending);
    }
}

/* ---- Single values */

static vg_ms patience(const struct vg_state *state)
{
    const struct vg_pressure *p = &state->pressure;

    return p->pending_torn && near_infusion(state, p->pending) ? TORN_REPEAT : REPEAT;
}

static bool overdue(const struct vg_state *state, struct vg_instant at)
{
    const struct vg_pressure *p = &state->pressure;

    return vg_state_set(p->pending) && vg_since(at, p->pending) >= patience(state);
}

struct vg_instant vg_pressure_torn(const struct vg_state *state, struct vg_instant at)
{
    const struct vg_pressure *p = &state->pressure;

    return p->pending_torn && overdue(state, at) ? p->pending : p->torn_low;
}

struct vg_instant vg_pressure_torn_due(const struct vg_state *state)
{
    const struct vg_pressure *p = &state->pressure;

    return vg_state_set(p->pending) && p->pending_torn
               ? vg_after(p->pending, patience(state))
               : VG_NEVER;
}

static void wait_for_second(struct vg_pressure *p, const struct vg_item *item,
                            bool torn)
{
    if (!vg_state_set(p->pending)) {
        p->pending = item->at;
        p->pending_torn = torn;
        p->pending_stream = vg_item_stream(item);
    }
}

static void torn_step(struct vg_pressure *p, const struct vg_item *item)
{
    if (item->low >= LOW) {
        return;
    }
    if (vg_state_set(p->pending) && p->pending_torn) {
        confirm(p, p->pending);
        p->torn_low = item->at;
    } else {
        wait_for_second(p, item, true);
    }
}

static bool immediate(const struct vg_state *state, const struct vg_item *item,
                      bool lone)
{
    return !lone && (item->low < VERY_LOW || item->source == VG_SOURCE_MANUAL ||
                     near_infusion(state, item->at) || alarming(state, item->at));
}

/* `lone`: the first value of what may be a line, which is never believed at once. */
static void low_step(struct vg_state *state, const struct vg_item *item, bool lone)
{
    struct vg_pressure *p = &state->pressure;

    if (vg_state_set(p->pending)) {
        p->torn_low = p->pending_torn ? p->pending : p->torn_low;
        confirm(p, p->pending);
    } else if (immediate(state, item, lone)) {
        confirm(p, item->at);
    } else if (vg_state_set(p->last_low) && vg_since(item->at, p->last_low) <= PAIR) {
        confirm(p, p->last_low);
    } else {
        wait_for_second(p, item, false);
    }
    p->last_low = item->at;
}

static bool cleared(const struct vg_pressure_run *at_95,
                    const struct vg_pressure_run *at_90)
{
    return length(at_95) >= BACK_FOR ||
           (at_90->count >= 2 && length(at_90) >= BACK_90_FOR);
}

static void single_step(struct vg_state *state, const struct vg_item *item, bool lone)
{
    struct vg_pressure *p = &state->pressure;
    const bool may_clear = (item->marks & VG_MARK_CLOCK) == 0;

    if (item->low < LOW) {
        low_step(state, item, lone);
    } else if (may_clear) {
        p->pending = (struct vg_instant){0};
    }
    if (may_clear) {
        run_step(&p->cuff_95, item, item->low >= BACK, VG_DAY);
        run_step(&p->cuff_90, item, item->low >= LOW, VG_DAY);
        if (cleared(&p->cuff_95, &p->cuff_90)) {
            p->cuff_on = (struct vg_instant){0};
        }
    }
}

/* ---- A line, which clears both: it is the more trusted source (0.9) */

static void line_step(struct vg_state *state, const struct vg_item *item)
{
    struct vg_pressure *p = &state->pressure;
    const vg_ms needed = near_infusion(state, item->at) ? LINE_80 : LINE_90;

    if (p->pending_stream) {
        p->pending = (struct vg_instant){0}; /* it was the first of this line */
        p->pending_stream = false;
    }
    run_step(&p->below_90, item, item->high < LOW, LINE_PAUSE);
    run_step(&p->below_80, item, item->high < VERY_LOW, LINE_PAUSE);
    if (!vg_state_set(p->line_on) &&
        (length(&p->below_90) >= needed || length(&p->below_80) >= LINE_80)) {
        p->line_on =
            length(&p->below_90) >= needed ? p->below_90.start : p->below_80.start;
    }
    if ((item->marks & VG_MARK_CLOCK) == 0) {
        run_step(&p->line_95, item, item->low >= BACK, LINE_PAUSE);
        run_step(&p->line_90, item, item->low >= LOW, LINE_PAUSE);
        if (cleared(&p->line_95, &p->line_90)) {
            p->line_on = p->cuff_on = (struct vg_instant){0};
        }
    }
}

/* Whether the sample belongs to a line; *lone: it may be the first of one. */
static bool is_line(struct vg_pressure *p, const struct vg_item *item, bool *lone)
{
    *lone = false;
    if (item->source == VG_SOURCE_ARTERIAL) {
        return true;
    }
    if (item->source != VG_SOURCE_CONTINUOUS) {
        return false;
    }
    const bool going = vg_state_set(p->stream_last);
    const bool line =
        item->count > 1 || (going && vg_since(item->at, p->stream_last) <= LINE_PAUSE);
    *lone = !going;
    p->stream_last = item->to;
    return line;
}

static void value_step(struct vg_pressure *p, const struct vg_item *item, bool line)
{
    if (line) {
        run_step(&p->value_run, item, item->low >= LOW && item->high < RELATIVE,
                 LINE_PAUSE);
        if (length(&p->value_run) < LINE_90 && item->high < RELATIVE) {
            return; /* a dip of a line is not a fall yet */
        }
    }
    p->value_at = item->to;
    p->value = item->high;
}

/* 0.3: of a value that came more than 8 h late only the floor of 9.4 is asked. */
static bool too_late(const struct vg_item *item)
{
    return (item->marks & VG_MARK_OLD) != 0 && item->low >= VERY_LOW;
}

static void sbp_step(struct vg_state *state, const struct vg_item *item)
{
    struct vg_pressure *p = &state->pressure;
    bool lone = false;

    if ((item->marks & VG_MARK_VOID) != 0 || too_late(item)) {
        return;
    }
    if ((item->marks & VG_MARK_TORN) != 0) {
        torn_step(p, item);
        return;
    }
    const bool line = is_line(p, item, &lone);
    if (line) {
        line_step(state, item);
    } else {
        single_step(state, item, lone);
    }
    if (item->high < GATED && !vg_state_set(p->below_70) && !lone &&
        (!line || length(&p->below_80) >= LINE_80)) {
        p->below_70 = item->at;
    }
    if (!vg_state_set(p->cuff_on) && !vg_state_set(p->line_on)) {
        p->below_70 = (struct vg_instant){0};
    }
    value_step(p, item, line);
}

void vg_pressure_before(struct vg_state *state, const struct vg_view *view,
                        struct vg_instant at)
{
    (void)view;
    state->pressure.torn_low = vg_pressure_torn(state, at);
    if (overdue(state, at)) {
        confirm(&state->pressure, state->pressure.pending);
    }
}

void vg_pressure_step(struct vg_state *state, const struct vg_view *view,
                      const struct vg_item *item)
{
    (void)view;
    if (item->signal == VG_SBP) {
        sbp_step(state, item);
    } else if (item->signal == VG_MAP) {
        vg_pressure_map_step(&state->pressure, item);
    } else {
        context_step(state, item);
    }
}

/* ---- Tier and judging */

static bool hypotensive(const struct vg_state *state, struct vg_instant at)
{
    return vg_state_set(state->pressure.cuff_on) ||
           vg_state_set(state->pressure.line_on) || overdue(state, at);
}

static struct vg_instant hypotensive_since(const struct vg_state *state)
{
    const struct vg_pressure *p = &state->pressure;
    struct vg_instant since = VG_NEVER;

    since = vg_state_set(p->cuff_on) ? vg_earlier(since, p->cuff_on) : since;
    since = vg_state_set(p->line_on) ? vg_earlier(since, p->line_on) : since;
    return vg_is_never(since) ? p->pending : since;
}

/* Below 100 and 80 % of baseline, and not hypotension. `tenths`: 8, or 7 for urgent. */
static bool relative(const struct vg_state *state, const struct vg_view *view,
                     int tenths)
{
    const struct vg_pressure *p = &state->pressure;
    const int64_t baseline = vg_baseline_of(state, view, VG_SBP);

    return vg_state_set(p->value_at) && baseline != VG_NO_VALUE && p->value >= LOW &&
           p->value < RELATIVE && 10 * p->value < tenths * baseline;
}

int vg_pressure_tier(const struct vg_state *state, const struct vg_view *view,
                     struct vg_instant at)
{
    if (vg_flag_holds(&state->chart, VG_FLAG_HYPOTENSION_OTHER_CAUSE, at)) {
        return 0;
    }
    const int tier = vg_pressor_tier(&state->chart);
    if (tier > 0) {
        return tier;
    }
    const bool low =
        hypotensive(state, at) ||
        (view->patient->clinical.relative_grades && relative(state, view, 8));
    return low ? 2 : 0;
}

void vg_pressure_judge(const struct vg_state *state, const struct vg_view *view,
                       struct vg_instant at, struct vg_assessment *out,
                       struct vg_instant *next)
{
    const struct vg_pressure *p = &state->pressure;
    struct vg_pressure_out *o = &out->pressure;
    const bool adult = vg_patient_adult(view->patient);
    const bool low = hypotensive(state, at);
    const bool fall = adult && relative(state, view, 8);

    o->tier = vg_pressure_tier(state, view, at);
    o->hypotension = adult ? vg_found(low, hypotensive_since(state))
                           : vg_found(vg_state_set(p->below_70), p->below_70); /* 0.7 */
    o->relative = vg_found(fall, p->value_at);
    o->relative_urgent = vg_found(
        fall && (relative(state, view, 7) || vg_crs_criterion(state, view, at)),
        p->value_at);
    o->support = vg_found(!vg_is_never(vg_pressor_since(&state->chart)),
                          vg_pressor_since(&state->chart));
    vg_pressure_map_judge(state, at, adult, out, next);
    if (vg_state_set(p->pending)) {
        vg_next(next, at, vg_after(p->pending, patience(state)));
    }
}
