/* SPDX-License-Identifier: Apache-2.0
 *
 * Fever in neutropenia. See fn.h.
 */
#include "core/assess/fn.h"

#include "core/course.h"

/* Clinical reference 5.3; the limit of 500/uL is that of IDSA and NICE (5.2), the rest are
 * project proposals. */
#define ANC_LIMIT  (500 * INT64_C(1000000)) /* /uL */
#define ANC_KNOWN  (72 * VG_HOUR)           /* 0.4 */
#define ANC_RULES  (24 * VG_HOUR) /* an ANC that is high enough, in the window */
#define ANC_LATE   (7 * VG_DAY)   /* after it */
#define BEFORE     (7 * VG_DAY)   /* the window begins so long before T0 */
#define WINDOW     (30 * VG_DAY)
#define LATE       (100 * VG_DAY)
#define REARM      (12 * VG_HOUR)
#define REARM_SBP  90
#define REARM_RISE 2   /* NEWS2 */
#define LOW_TEMP   360 /* 0.1 Cel, strict */

struct phase {
    bool window, late;
    struct vg_instant turn[3]; /* where it changes; VG_NEVER */
};

struct neutropenia {
    enum vg_truth truth;
    bool assumed;
};

/* 0.3: without an infusion the window is open from admission; a planned one stands in. */
static struct phase phase_at(const struct vg_chart *chart,
                             const struct vg_patient *patient, struct vg_instant at)
{
    struct vg_instant from = patient->admitted;
    struct vg_instant last = vg_infusion_t0(chart, patient);

    if (chart->infusions > 0) {
        from = vg_after(chart->first_start, -BEFORE);
    } else if (vg_is_set(last) && vg_is_set(from)) {
        from = vg_earlier(from, vg_after(last, -BEFORE));
    }
    if (!vg_is_set(from)) {
        return (struct phase){false, false, {VG_NEVER, VG_NEVER, VG_NEVER}};
    }
    last = vg_is_set(last) ? last : VG_NEVER;
    const struct vg_instant end = vg_after(last, WINDOW + 1);
    const struct vg_instant late = vg_after(last, LATE + 1);
    const bool begun = at.ms >= from.ms;
    return (struct phase){begun && at.ms < end.ms,
                          begun && at.ms >= end.ms && at.ms < late.ms,
                          {from, end, late}};
}

static bool recent(const struct vg_fn *fn, struct vg_instant at, vg_ms span)
{
    return vg_state_set(fn->anc_at) && vg_since(at, fn->anc_at) <= span;
}

static bool anc_low(const struct vg_fn *fn, bool nice)
{
    return nice ? fn->anc <= ANC_LIMIT : fn->anc < ANC_LIMIT; /* 5.2 */
}

static struct neutropenia neutropenia_at(const struct vg_state *state,
                                         const struct vg_view *view,
                                         struct vg_instant at)
{
    const struct vg_fn *fn = &state->fn;
    const bool low = anc_low(fn, view->patient->clinical.fn_nice);
    const struct phase phase = phase_at(&state->chart, view->patient, at);

    if (vg_flag_holds(&state->chart, VG_FLAG_ANC_EXPECTED_LT500, at)) {
        return (struct neutropenia){VG_TRUE, false};
    }
    if (recent(fn, at, phase.late ? ANC_LATE : ANC_KNOWN) && low) {
        return (struct neutropenia){VG_TRUE, false};
    }
    if (phase.window) {
        const bool ruled_out = recent(fn, at, ANC_RULES) && !low;
        return (struct neutropenia){ruled_out ? VG_FALSE : VG_TRUE, !ruled_out};
    }
    if (phase.late && !recent(fn, at, ANC_LATE)) {
        return (struct neutropenia){VG_UNKNOWN, false};
    }
    return (struct neutropenia){VG_FALSE, false};
}

static bool feverish(const struct vg_state *state, const struct vg_view *view,
                     struct vg_instant at, struct vg_instant *since)
{
    return vg_fever_neutropenic(&state->fever, view->patient->clinical.fn_nice, at,
                                since);
}

/* ---- The fold */

void vg_fn_before(struct vg_state *state, const struct vg_view *view,
                  struct vg_instant at)
{
    struct vg_instant since;

    if (vg_state_set(state->fn.since) && !feverish(state, view, at, &since)) {
        state->fn.since = (struct vg_instant){0};
    }
}

static void step_pressure(struct vg_fn *fn, const struct vg_item *item)
{
    if (!vg_item_valid(item) || (item->marks & (VG_MARK_LATE | VG_MARK_OLD)) != 0) {
        return;
    }
    fn->low_pressure = item->low < REARM_SBP;
    if (!fn->low_pressure) {
        fn->was_better = true;
    }
    fn->fell = fn->fell || (fn->low_pressure && fn->was_better);
}

/* Spot readings only (5.3). */
static void step_low(struct vg_fn *fn, const struct vg_item *item)
{
    const enum vg_temp_class mine = vg_item_temp_class(item);

    if (!vg_item_valid(item) || vg_item_stream(item)) {
        return;
    }
    if (item->low < LOW_TEMP && (item->marks & (VG_MARK_LATE | VG_MARK_OLD)) == 0) {
        fn->low = vg_state_set(fn->low) ? fn->low : item->at;
        fn->low_class = (uint8_t)mine;
    } else if (item->low >= LOW_TEMP && (item->marks & VG_MARK_CLOCK) == 0 &&
               vg_fever_trust(mine) <=
                   vg_fever_trust((enum vg_temp_class)fn->low_class)) {
        fn->low = (struct vg_instant){0};
    }
}

static void step_flag(struct vg_fn *fn, const struct vg_item *item)
{
    if (item->name == VG_FLAG_FN_TREATED && item->low == 0 && fn->by_flag) {
        fn->treated = (struct vg_instant){0};
        fn->by_flag = false;
    }
}

void vg_fn_step(struct vg_state *state, const struct vg_view *view,
                const struct vg_item *item)
{
    struct vg_fn *fn = &state->fn;

    (void)view;
    if (item->signal == VG_ANC && vg_item_valid(item)) {
        fn->anc = item->low;
        fn->anc_at = item->at;
    } else if (item->signal == VG_SBP) {
        step_pressure(fn, item);
    } else if (item->signal == VG_TEMP) {
        step_low(fn, item);
    } else if (item->signal == VG_FLAG) {
        step_flag(fn, item);
    }
}

static void treat(struct vg_state *state, const struct vg_view *view,
                  struct vg_instant at, bool by_flag)
{
    struct vg_fn *fn = &state->fn;
    struct vg_assessment then = {0};
    struct vg_instant next = VG_NEVER;

    vg_news2_judge(state, view, at, &then, &next); /* rare: once a treatment */
    fn->score = (int16_t)then.news2.score;
    fn->treated = at;
    fn->by_flag = by_flag;
    fn->cool = (struct vg_instant){0};
    fn->was_better = !fn->low_pressure;
    fn->fell = false;
}

/* A new fever after clear and 12 h, or a fall of pressure. */
static void rearm(struct vg_state *state, struct vg_instant at, struct vg_instant fever)
{
    struct vg_fn *fn = &state->fn;

    if (!vg_fever_open(&state->fever)) {
        fn->cool = at;
    }
    const bool new_fever = vg_state_set(fn->cool) && fever.ms > fn->cool.ms &&
                           vg_since(at, fn->treated) >= REARM;
    if (new_fever || fn->fell) {
        fn->treated = (struct vg_instant){0};
        fn->by_flag = false;
    }
}

void vg_fn_after(struct vg_state *state, const struct vg_view *view,
                 struct vg_instant at)
{
    struct vg_fn *fn = &state->fn;
    const struct vg_chart *chart = &state->chart;
    const bool flagged = chart->flag_on[VG_FLAG_FN_TREATED] &&
                         chart->flag_at[VG_FLAG_FN_TREATED].ms == at.ms;
    const bool given = chart->given[VG_ANTIBIOTIC].ms == at.ms;
    struct vg_instant since;
    const bool fever = feverish(state, view, at, &since);

    if (fever && !vg_state_set(fn->since)) {
        fn->since = since;
    }
    if (vg_state_set(fn->treated)) {
        rearm(state, at, fever ? state->fever.last_confirmed : (struct vg_instant){0});
    }
    if (fever && (given || flagged) && !vg_state_set(fn->treated) &&
        neutropenia_at(state, view, at).truth != VG_FALSE) {
        treat(state, view, at, flagged);
    }
}

/* ---- What is to be said */

static bool worse(const struct vg_fn *fn, const struct vg_news2_out *news2)
{
    return fn->score != VG_GRADE_NULL && news2->score != VG_GRADE_NULL &&
           news2->score >= fn->score + REARM_RISE;
}

static struct vg_finding low_temp(const struct vg_state *state,
                                  const struct phase *phase, struct vg_instant at)
{
    const struct vg_fn *fn = &state->fn;

    if (!vg_state_set(fn->low) || !vg_state_set(fn->anc_at) || fn->anc >= ANC_LIMIT) {
        return vg_found(false, VG_UNSET);
    }
    return recent(fn, at, phase->late ? ANC_LATE : ANC_KNOWN) ? vg_found(true, fn->low)
                                                              : vg_not_known();
}

static void say_next(const struct vg_state *state, const struct vg_view *view,
                     const struct phase *phase, struct vg_instant at,
                     struct vg_instant *next)
{
    static const vg_ms spans[] = {ANC_RULES, ANC_KNOWN, ANC_LATE};

    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
        if (vg_state_set(state->fn.anc_at)) {
            vg_next(next, at, vg_after(state->fn.anc_at, spans[i] + 1));
        }
        vg_next(next, at, phase->turn[i]);
    }
    if (vg_flag_holds(&state->chart, VG_FLAG_ANC_EXPECTED_LT500, at)) {
        vg_next(next, at, state->chart.flag_until[VG_FLAG_ANC_EXPECTED_LT500]);
    }
    vg_fever_neutropenic_next(&state->fever, view->patient->clinical.fn_nice, at, next);
}

void vg_fn_judge(const struct vg_state *state, const struct vg_view *view,
                 struct vg_instant at, struct vg_assessment *out,
                 struct vg_instant *next)
{
    const struct vg_fn *fn = &state->fn;
    const struct phase phase = phase_at(&state->chart, view->patient, at);
    struct vg_fn_out *say = &out->fn;
    struct vg_instant since;

    *say = (struct vg_fn_out){.page = vg_found(false, VG_UNSET),
                              .anc_needed = vg_found(false, VG_UNSET),
                              .low_temp = vg_found(false, VG_UNSET)};
    say_next(state, view, &phase, at, next);
    if (!vg_patient_adult(view->patient)) {
        return;
    }
    const bool fever = feverish(state, view, at, &since);
    const struct neutropenia is = neutropenia_at(state, view, at);
    const bool armed = !vg_state_set(fn->treated) || worse(fn, &out->news2);
    since = vg_state_set(fn->since) ? fn->since : since;
    say->met = fever ? is.truth : VG_FALSE;
    say->assumed = is.assumed;
    if (fever && armed && is.truth == VG_TRUE) {
        say->page = vg_found(true, since);
    } else if (fever && armed && is.truth == VG_UNKNOWN) {
        say->page = vg_not_known();
        say->anc_needed = vg_found(true, since);
    }
    say->low_temp = low_temp(state, &phase, at);
}
