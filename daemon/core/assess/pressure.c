/* SPDX-License-Identifier: Apache-2.0
 *
 * The hypotension axis: runs, lines, tier. See pressure.h. 90 mm[Hg] is from secondary tables
 * of Lee 2019, which gives no number; vasopressors: Lee 2019; everything else: project
 * proposals of Clinical reference 1.3.
 */
#include "core/assess/pressure.h"

#include "core/assess/pressure_inside.h"
#include "core/course.h"

#define GATED       70 /* 0.7: below 18 years or of unknown age */
#define BACK_FOR    (5 * VG_MINUTE)
#define BACK_90_FOR (30 * VG_MINUTE)
#define LINE_PAUSE  (120 * VG_SECOND)
#define LINE_90     (60 * VG_SECOND)
#define LINE_80     (15 * VG_SECOND)
#define RECHART     (24 * VG_HOUR) /* 0.4 */

static const struct vg_pressure_run none;

void vg_pressure_run(struct vg_pressure_run *run, const struct vg_item *item,
                     bool inside, vg_ms pause)
{
    if (!inside) {
        *run = none;
        return;
    }
    if (!vg_state_set(run->start) ||
        vg_since(item->at, vg_after(run->start, run->length)) > pause) {
        run->start = item->at;
        run->count = 0;
    }
    const vg_ms length = vg_since(item->to, run->start);
    run->length = length > UINT32_MAX ? UINT32_MAX : (uint32_t)length;
    run->count =
        (uint8_t)(run->count + item->count > 250 ? 250 : run->count + item->count);
}

vg_ms vg_pressure_length(const struct vg_pressure_run *run)
{
    return vg_state_set(run->start) ? (vg_ms)run->length : -1;
}

bool vg_pressure_cleared(const struct vg_pressure_run *at_95,
                         const struct vg_pressure_run *at_90)
{
    return vg_pressure_length(at_95) >= BACK_FOR ||
           (at_90->count >= 2 && vg_pressure_length(at_90) >= BACK_90_FOR);
}

bool vg_pressure_cleared_other(const struct vg_slot *mine, const struct vg_slot *other,
                               struct vg_pressure_run at_95,
                               struct vg_pressure_run at_90, const struct vg_item *item,
                               vg_ms silent)
{
    const struct vg_instant last = item->to;
    struct vg_pressure_run *const run[] = {&at_95, &at_90};

    for (unsigned i = 0; i < 2; i++) {
        if (vg_state_set(run[i]->start)) {
            run[i]->start = vg_slot_since(mine, other, run[i]->start, item);
            run[i]->length = (uint32_t)vg_since(last, run[i]->start);
        }
    }
    return vg_slot_gone(other, item->to, silent) && vg_pressure_cleared(&at_95, &at_90);
}

/* ---- A line, which clears both: it is the more trusted source (0.9) */

static void line_back(struct vg_pressure *p, struct vg_pressure_line *line,
                      struct vg_pressure_line *other, const struct vg_item *item)
{
    vg_pressure_run(&line->at_95, item, item->low >= VG_PRESSURE_BACK, LINE_PAUSE);
    vg_pressure_run(&line->at_90, item, item->low >= VG_PRESSURE_LOW, LINE_PAUSE);
    if (!vg_pressure_cleared(&line->at_95, &line->at_90)) {
        return;
    }
    line->on = (struct vg_instant){0};
    for (unsigned i = 0; i < VG_SLOTS; i++) {
        p->cuff[i].on = p->cuff[i].pending = (struct vg_instant){0};
        p->cuff[i].slot.bad = false;
    }
    if (vg_pressure_cleared_other(&line->slot, &other->slot, line->at_95, line->at_90,
                                  item, VG_SLOT_SILENT)) {
        other->on = (struct vg_instant){0};
        other->below_90 = other->below_80 = none;
        other->slot.bad = false;
    }
}

static void line_step(struct vg_state *state, struct vg_pressure_line *line,
                      const struct vg_item *item)
{
    struct vg_pressure *p = &state->pressure;
    const vg_ms needed = vg_pressure_near_infusion(state, item->at) ? LINE_80 : LINE_90;
    const unsigned cuff =
        vg_slot_find(&p->cuff[0].slot, &p->cuff[1].slot, item->device);

    if (cuff < VG_SLOTS && p->cuff[cuff].pending_stream) {
        p->cuff[cuff].pending = (struct vg_instant){0}; /* the first of this line */
        p->cuff[cuff].pending_stream = false;
    }
    vg_pressure_run(&line->below_90, item, item->high < VG_PRESSURE_LOW, LINE_PAUSE);
    vg_pressure_run(&line->below_80, item, item->high < VG_PRESSURE_VERY_LOW,
                    LINE_PAUSE);
    if (!vg_state_set(line->on) && (vg_pressure_length(&line->below_90) >= needed ||
                                    vg_pressure_length(&line->below_80) >= LINE_80)) {
        line->on = vg_pressure_length(&line->below_90) >= needed ? line->below_90.start
                                                                 : line->below_80.start;
    }
    if ((item->marks & VG_MARK_CLOCK) == 0) {
        line_back(p, line, &p->line[line == &p->line[0] ? 1 : 0], item);
    }
}

/* The item's device's; what a device that is gone has opened stays open. NULL: none. */
static struct vg_pressure_line *line_of(struct vg_pressure *p,
                                        const struct vg_item *item)
{
    const unsigned i =
        vg_slot_pick(&p->line[0].slot, &p->line[1].slot, item, VG_SLOT_SILENT);

    if (i < VG_SLOTS && vg_slot_taken(&p->line[i].slot, item)) {
        p->line[i] =
            (struct vg_pressure_line){.on = p->line[i].on, .fall = p->line[i].fall};
    }
    return i < VG_SLOTS ? &p->line[i] : NULL;
}

/* Whether the sample belongs to a line; *lone: it may be the first of one. */
static bool is_line(struct vg_pressure_line *line, const struct vg_item *item,
                    bool *lone)
{
    *lone = false;
    if (item->source == VG_SOURCE_ARTERIAL) {
        return true;
    }
    const bool going = vg_state_set(line->stream_last);
    const bool is = item->count > 1 ||
                    (going && vg_since(item->at, line->stream_last) <= LINE_PAUSE);
    *lone = !going;
    line->stream_last = item->to;
    return is;
}

/* ---- The relative fall: of each device, as long as its values are in the band */

void vg_pressure_fall(struct vg_pressure_cuff *cuff, struct vg_pressure_cuff *other,
                      const struct vg_item *item)
{
    if (item->low >= VG_PRESSURE_LOW && item->high < VG_PRESSURE_RELATIVE) {
        cuff->fall = (int16_t)item->high;
    } else if (item->low < VG_PRESSURE_LOW) {
        if (!vg_state_set(
                cuff->pending)) { /* else it waits to be repeated, and ends no fall */
            cuff->fall = 0;
        }
    } else if ((item->marks & VG_MARK_CLOCK) == 0) {
        cuff->fall = 0;
        if (vg_slot_gone(&other->slot, item->to, VG_SLOT_SINGLE)) {
            other->fall = 0;
        }
    }
}

/* A line's good values end what a cuff says too: it is trusted more (0.9). */
static void line_fall(struct vg_pressure *p, struct vg_pressure_line *line,
                      struct vg_pressure_line *other, const struct vg_item *item)
{
    vg_pressure_run(&line->value_run, item,
                    item->low >= VG_PRESSURE_LOW && item->high < VG_PRESSURE_RELATIVE,
                    LINE_PAUSE);
    if (vg_pressure_length(&line->value_run) >= LINE_90) {
        line->fall = (int16_t)item->high;
    } else if (item->high >= VG_PRESSURE_RELATIVE &&
               (item->marks & VG_MARK_CLOCK) == 0) {
        line->fall = 0; /* a dip of a line is not a fall yet, and ends none */
        p->cuff[0].fall = p->cuff[1].fall = 0;
        if (vg_slot_gone(&other->slot, item->to, VG_SLOT_SILENT)) {
            other->fall = 0;
        }
    }
}

/* 0.3: of a value that came more than 8 h late only the floor of 9.4 is asked. */
static bool too_late(const struct vg_item *item)
{
    return (item->marks & VG_MARK_OLD) != 0 && item->low >= VG_PRESSURE_VERY_LOW;
}

/* 0.7 */
static void gated_step(struct vg_pressure *p, const struct vg_pressure_line *line,
                       const struct vg_item *item, bool lone)
{
    bool on = false;

    if (item->high < GATED && !vg_state_set(p->below_70) && !lone &&
        (line == NULL || vg_pressure_length(&line->below_80) >= LINE_80)) {
        p->below_70 = item->at;
    }
    for (unsigned i = 0; i < VG_SLOTS; i++) {
        on = on || vg_state_set(p->cuff[i].on) || vg_state_set(p->line[i].on);
    }
    if (!on) {
        p->below_70 = (struct vg_instant){0};
    }
}

/* False: a third device that is not counted. */
static bool stream_step(struct vg_state *state, const struct vg_item *item,
                        struct vg_pressure_line **line, bool *lone)
{
    struct vg_pressure *p = &state->pressure;
    struct vg_pressure_line *mine = line_of(p, item);

    if (mine == NULL) {
        return false;
    }
    const bool is = is_line(mine, item, lone);
    if (is) {
        line_step(state, mine, item);
        line_fall(p, mine, &p->line[mine == &p->line[0] ? 1 : 0], item);
    } else {
        vg_pressure_singles(state, item, *lone);
    }
    *line = is ? mine : NULL;
    vg_slot_heard(&mine->slot, &p->line[mine == &p->line[0] ? 1 : 0].slot, item,
                  vg_state_set(mine->below_90.start) || vg_state_set(mine->on) ||
                      mine->fall != 0);
    return true;
}

static void sbp_step(struct vg_state *state, const struct vg_item *item)
{
    struct vg_pressure_line *line = NULL;
    bool lone = false;

    if ((item->marks & VG_MARK_VOID) != 0 || too_late(item)) {
        return;
    }
    if ((item->marks & VG_MARK_TORN) != 0) {
        vg_pressure_singles(state, item, false);
        return;
    }
    if (!vg_item_stream(item)) {
        vg_pressure_singles(state, item, false);
    } else if (!stream_step(state, item, &line, &lone)) {
        return;
    }
    gated_step(&state->pressure, line, item, lone);
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
        vg_pressure_context(state, item);
    }
}

/* ---- Tier and judging */

/* Since when; VG_NEVER: there is none. What waited too long comes last. */
static struct vg_instant hypotensive(const struct vg_state *state, struct vg_instant at)
{
    const struct vg_pressure *p = &state->pressure;
    struct vg_instant since = VG_NEVER;
    struct vg_instant waited = VG_NEVER;

    if ((p->cuff[0].on.ms | p->cuff[1].on.ms | p->line[0].on.ms | p->line[1].on.ms |
         p->cuff[0].pending.ms | p->cuff[1].pending.ms) == 0) {
        return VG_NEVER; /* mostly */
    }
    for (unsigned i = 0; i < VG_SLOTS; i++) {
        const struct vg_pressure_cuff *cuff = &p->cuff[i];
        const struct vg_instant line = p->line[i].on;
        since = vg_state_set(cuff->on) ? vg_earlier(since, cuff->on) : since;
        since = vg_state_set(line) ? vg_earlier(since, line) : since;
        if (vg_pressure_overdue(state, cuff, at)) {
            waited = vg_earlier(waited, cuff->pending);
        }
    }
    return vg_is_never(since) ? waited : since;
}

/* The lowest value in the band that a device stands at, and since when; 0: none does. */
static int64_t fallen(const struct vg_pressure *p, struct vg_instant *at)
{
    int64_t lowest = 0;

    for (unsigned i = 0; i < 2 * VG_SLOTS; i++) {
        const struct vg_pressure_cuff *cuff = &p->cuff[i / 2];
        const struct vg_pressure_line *line = &p->line[i / 2];
        const int64_t value = i % 2 == 0 ? cuff->fall : line->fall;
        if (value != 0 && (lowest == 0 || value < lowest)) {
            lowest = value;
            *at = i % 2 == 0 ? cuff->slot.heard : line->slot.heard;
        }
    }
    return lowest;
}

/* Below 100 and 80 % of baseline, and not hypotension. `tenths`: 8, or 7 for urgent. */
static bool relative(const struct vg_state *state, const struct vg_view *view,
                     int tenths, struct vg_instant *at)
{
    const int64_t value = fallen(&state->pressure, at);

    if (value == 0) {
        return false; /* mostly */
    }
    const int64_t baseline = vg_baseline_of(state, view, VG_SBP);
    return baseline != VG_NO_VALUE && 10 * value < tenths * baseline;
}

int vg_pressure_tier(const struct vg_state *state, const struct vg_view *view,
                     struct vg_instant at)
{
    if (vg_flag_holds(&state->chart, VG_FLAG_HYPOTENSION_OTHER_CAUSE, at)) {
        return 0;
    }
    struct vg_instant fall;
    const int tier = vg_pressor_tier(&state->chart);
    if (tier > 0) {
        return tier;
    }
    const bool low =
        !vg_is_never(hypotensive(state, at)) ||
        (view->patient->clinical.relative_grades && relative(state, view, 8, &fall));
    return low ? 2 : 0;
}

static void judge_support(const struct vg_chart *chart, struct vg_instant at,
                          struct vg_pressure_out *out, struct vg_instant *next)
{
    const struct vg_instant charted =
        vg_pressor_since(chart); /* the oldest of those on */
    const bool on = !vg_is_never(charted);
    const struct vg_instant due = vg_after(charted, on ? RECHART : 0);

    out->support = vg_found(on, charted);
    out->recharting = vg_found(on && at.ms > due.ms, due);
    if (on) {
        vg_next(next, at, vg_after(due, 1));
    }
}

void vg_pressure_judge(const struct vg_state *state, const struct vg_view *view,
                       struct vg_instant at, struct vg_assessment *out,
                       struct vg_instant *next)
{
    const struct vg_pressure *p = &state->pressure;
    struct vg_pressure_out *o = &out->pressure;
    const bool adult = vg_patient_adult(view->patient);
    const struct vg_instant low = hypotensive(state, at);
    struct vg_instant since = VG_UNSET;
    const bool fall = adult && vg_is_never(low) && relative(state, view, 8, &since);

    o->tier = vg_pressure_tier(state, view, at);
    o->hypotension = adult ? vg_found(!vg_is_never(low), low)
                           : vg_found(vg_state_set(p->below_70), p->below_70); /* 0.7 */
    o->relative = vg_found(fall, since);
    o->relative_urgent = vg_found(
        fall && (relative(state, view, 7, &since) || vg_crs_criterion(state, view, at)),
        since);
    vg_lost_with(&o->hypotension, state, VG_SBP, at, next);
    vg_lost_with(&o->relative, state, VG_SBP, at, next);
    vg_lost_with(&o->relative_urgent, state, VG_SBP, at, next);
    judge_support(&state->chart, at, o, next);
    vg_pressure_map_judge(state, at, adult, out, next);
    for (unsigned i = 0; i < VG_SLOTS; i++) {
        const struct vg_pressure_cuff *cuff = &p->cuff[i];
        if (vg_state_set(cuff->pending)) {
            vg_next(next, at,
                    vg_after(cuff->pending, vg_pressure_patience(state, cuff)));
        }
    }
}
