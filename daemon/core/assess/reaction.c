/* SPDX-License-Identifier: Apache-2.0
 *
 * Infusion reaction and anaphylaxis. See reaction.h. Criteria: NIAID/FAAN 2006 and WAO 2020;
 * SpO2 <= 92: Brown (severe); the other numbers: project proposals of Clinical reference 3.3.
 */
#include "core/assess/reaction.h"

#include "core/course.h"

#define VITALS_AFTER (4 * VG_HOUR) /* vital signs count in [T0, T_end + 4 h] */
#define SIGNS_FOR    VG_DAY /* symptoms in [T0, T0 + 24 h], or as long as those */
#define TOGETHER     (4 * VG_HOUR) /* elements further apart are not one reaction */
#define CALM         (30 * VG_MINUTE)
#define LOW_SBP      90
#define HIGH_SBP     180
#define SLOW_HR      50
#define FAST_RR      25
#define RR_SPAN      (60 * VG_SECOND)
#define LOW_SPO2     92
#define LOW_SPO2_2   86 /* scale 2 */
#define SPO2_SPAN    (30 * VG_SECOND)
#define SPO2_FALL    3
#define FEVER_RISE   10 /* 0.1 Cel over baseline */
#define PAUSE        (120 * VG_SECOND)
#define SPARSE \
    (15 * VG_MINUTE) /* of a monitor that reports seldom two in a row: as in 1.4 */
#define DMSO_CALM (15 * VG_MINUTE) /* end of INFUSION_HTN_BRADY: site */

static bool vitals_count(const struct vg_state *state, struct vg_instant at)
{
    const struct vg_instant began = vg_infusion_began(&state->chart, at);

    return vg_is_set(began) && at.ms >= began.ms &&
           at.ms <= vg_after(vg_infusion_end(&state->chart, at), VITALS_AFTER).ms;
}

static bool signs_count(const struct vg_state *state, struct vg_instant at)
{
    const struct vg_instant began = vg_infusion_began(&state->chart, at);

    return vitals_count(state, at) ||
           (vg_is_set(began) && at.ms >= began.ms && vg_since(at, began) <= SIGNS_FOR);
}

static void positive(struct vg_reaction *r, enum vg_reaction_element element,
                     struct vg_instant at)
{
    r->element[element] = vg_later(r->element[element], at);
    if (element != VG_REACT_CRITICAL && element != VG_REACT_LARYNX) {
        r->newest = vg_later(r->newest, at);
        if (!vg_state_set(r->since)) {
            r->since = at;
        }
    }
}

/* ---- What people see */

static const struct {
    enum vg_symptom_name symptom;
    enum vg_reaction_element element;
    bool larynx, critical;
} signs[] = {{VG_URTICARIA, VG_REACT_SKIN, false, false},
             {VG_FLUSHING, VG_REACT_SKIN, false, false},
             {VG_ITCH, VG_REACT_SKIN, false, false},
             {VG_ANGIOEDEMA, VG_REACT_SKIN, false, false},
             {VG_WHEEZE, VG_REACT_RESP, true, true},
             {VG_STRIDOR, VG_REACT_RESP, true, true},
             {VG_DYSPNOEA, VG_REACT_RESP, false, false},
             {VG_VOICE_CHANGE, VG_REACT_RESP, true, true},
             {VG_GI_SEVERE, VG_REACT_GI, false, false},
             {VG_SYNCOPE, VG_REACT_CARDIO, false, true},
             {VG_RIGORS, VG_REACT_RIGORS, false, false}};

static void sign_step(struct vg_state *state, const struct vg_item *item)
{
    struct vg_reaction *r = &state->reaction;

    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        if ((uint8_t)signs[i].symptom != item->name || !signs_count(state, item->at)) {
            continue;
        }
        positive(r, signs[i].element, item->at);
        if (signs[i].larynx) {
            positive(r, VG_REACT_LARYNX, item->at);
        }
        if (signs[i].critical) {
            positive(r, VG_REACT_CRITICAL, item->at);
        }
    }
}

/* ---- What is measured */

/* The device's run, or where one may begin. */
static struct vg_reaction_run *run_of(struct vg_reaction_run run[],
                                      const struct vg_item *item)
{
    const unsigned old = run[0].last.ms <= run[1].last.ms ? 0 : 1;

    for (unsigned i = 0; i < VG_REACTION_RUNS; i++) {
        if (vg_state_set(run[i].start) && run[i].device == item->device) {
            return &run[i];
        }
    }
    return vg_state_set(run[old].start) && !vg_state_set(run[1 - old].start)
               ? &run[1 - old]
               : &run[old];
}

/* Whether the device's stream has been inside for `span`; one spot value is enough. */
static bool held(struct vg_reaction_run run[], struct vg_slot_last *last,
                 const struct vg_item *item, bool inside, vg_ms span)
{
    if (!vg_item_stream(item)) {
        return inside;
    }
    const bool long_before = vg_slot_long_before(last, item, PAUSE);
    if (!inside && (run[0].start.ms | run[1].start.ms) == 0) {
        return false; /* mostly */
    }
    struct vg_reaction_run *mine = run_of(run, item);
    const bool own = mine->device == item->device && vg_state_set(mine->start);
    if (!inside) {
        if (own) {
            mine->start = (struct vg_instant){0};
        }
        return false;
    }
    if (!own || vg_since(item->at, mine->last) > (mine->seldom ? SPARSE : PAUSE)) {
        mine->start = item->at;
        mine->device = item->device;
        mine->seldom = long_before;
    }
    mine->last = item->to;
    return vg_since(mine->last, mine->start) >= span;
}

static void critical(struct vg_reaction *r, enum vg_reaction_element element,
                     struct vg_instant at)
{
    positive(r, element, at);
    positive(r, VG_REACT_CRITICAL, at);
}

static void spo2_step(struct vg_state *state, const struct vg_view *view,
                      const struct vg_item *item)
{
    const bool scale2 = vg_flag_holds(&state->chart, VG_FLAG_SCALE2, item->at);
    const int64_t baseline = vg_baseline_of(state, view, VG_SPO2);
    bool low = item->high <= (scale2 ? LOW_SPO2_2 : LOW_SPO2);

    if (vg_item_stream(item) && baseline != VG_NO_VALUE) {
        low = low && item->high <= baseline - SPO2_FALL;
    }
    if ((item->marks & VG_MARK_POOR) == 0 &&
        held(state->reaction.spo2, &state->reaction.last_spo2, item, low, SPO2_SPAN) &&
        vitals_count(state, item->at)) {
        critical(&state->reaction, VG_REACT_RESP, item->to);
    }
}

/* A normal pulse says nothing of the pressure, nor the other way; a clock in the future ends nothing (0.3). */
static void note_dmso(struct vg_reaction_dmso *sign, const struct vg_item *item,
                      bool is)
{
    if (is) {
        sign->since = vg_state_set(sign->since) ? sign->since : item->at;
        sign->last = item->to;
    } else if (vg_since(item->to, sign->last) >= DMSO_CALM &&
               (item->marks & VG_MARK_CLOCK) == 0) {
        sign->since = (struct vg_instant){0};
    }
}

static void vital_step(struct vg_state *state, const struct vg_view *view,
                       const struct vg_item *item)
{
    struct vg_reaction *r = &state->reaction;
    const int64_t baseline = vg_baseline_of(state, view, VG_SBP);
    const bool counts = vitals_count(state, item->at);

    switch (item->signal) {
    case VG_SBP: /* of an inconsistent triple: see torn() */
        if (counts && (item->low < LOW_SBP ||
                       (baseline != VG_NO_VALUE && 10 * item->low < 7 * baseline))) {
            critical(r, VG_REACT_CARDIO, item->to);
        }
        note_dmso(&r->htn, item, counts && item->high >= HIGH_SBP);
        break;
    case VG_HR:
        note_dmso(&r->brady, item, counts && item->low < SLOW_HR);
        break;
    case VG_RR:
        if (held(r->rr, &r->last_rr, item, item->low >= FAST_RR, RR_SPAN) && counts) {
            positive(r, VG_REACT_RESP, item->to);
        }
        break;
    case VG_SPO2:
        spo2_step(state, view, item);
        break;
    default:   /* not reached: of the signals above alone */
        break; /* not reached: the same */
    }
}

/* ---- Together */

/* Positive within 4 h before `at`. An infusion that was interrupted for it and goes on is charted as another start:
 * what came before is still of the same reaction. */
static bool stands(const struct vg_reaction *r, enum vg_reaction_element element,
                   struct vg_instant at)
{
    return vg_state_set(r->element[element]) &&
           vg_since(at, r->element[element]) <= TOGETHER;
}

/* Two of four systems, or one of the dangerous ones after a probable allergen (3.3). */
static bool criteria(const struct vg_reaction *r, const struct vg_chart *chart,
                     struct vg_instant at)
{
    static const enum vg_reaction_element systems[] = {VG_REACT_CARDIO, VG_REACT_RESP,
                                                       VG_REACT_SKIN, VG_REACT_GI};
    unsigned n = 0;

    for (size_t i = 0; i < sizeof systems / sizeof systems[0]; i++) {
        n += stands(r, systems[i], at);
    }
    return n >= 2 ||
           (vg_flag_holds(chart, VG_FLAG_ALLERGEN_PROBABLE, at) &&
            (stands(r, VG_REACT_CARDIO, at) || stands(r, VG_REACT_LARYNX, at)));
}

static void decide(struct vg_reaction *r, const struct vg_chart *chart,
                   struct vg_instant at)
{
    if (vg_state_set(r->since) && !vg_state_set(r->anaphylaxis) &&
        criteria(r, chart, at)) {
        r->anaphylaxis = r->since;
    }
}

/* An inconsistent triple counts as soon as it confirms (1.3). */
static void torn(struct vg_reaction *r, const struct vg_state *state,
                 const struct vg_view *view, struct vg_instant at)
{
    const struct vg_instant t = vg_pressure_torn(state, at);

    if (vg_state_set(t) && t.ms > r->element[VG_REACT_CARDIO].ms &&
        vg_patient_adult(view->patient) && vitals_count(state, t)) {
        critical(r, VG_REACT_CARDIO, t);
    }
}

/* ---- The fold */

static bool over(const struct vg_reaction *r, struct vg_instant at)
{
    return vg_state_set(r->since) && vg_since(at, r->newest) >= CALM;
}

static void end(struct vg_reaction *r, struct vg_instant at)
{
    if (vg_state_set(r->since)) {
        r->ended = at;
    }
    r->since = r->anaphylaxis = (struct vg_instant){0};
}

/* What time alone has done up to `at`. */
static void pass(struct vg_reaction *r, const struct vg_state *state,
                 const struct vg_view *view, struct vg_instant at)
{
    if (over(r, at)) {
        end(r, vg_after(r->newest, CALM));
    }
    torn(r, state, view, at);
}

void vg_reaction_before(struct vg_state *state, const struct vg_view *view,
                        struct vg_instant at)
{
    pass(&state->reaction, state, view, at);
}

void vg_reaction_step(struct vg_state *state, const struct vg_view *view,
                      const struct vg_item *item)
{
    if (item->signal == VG_SYMPTOM) {
        sign_step(state, item);
    } else if (item->signal == VG_FLAG) {
        if (item->name == VG_FLAG_IRR_RESOLVED && item->low != 0) {
            end(&state->reaction, item->at);
        }
    } else if (vg_item_valid(item) && vg_patient_adult(view->patient)) {
        vital_step(state, view, item); /* 0.7: under the gate only symptoms count */
    }
}

void vg_reaction_after(struct vg_state *state, const struct vg_view *view,
                       struct vg_instant at)
{
    struct vg_reaction *r = &state->reaction;
    const struct vg_fever *fever = &state->fever;
    const int64_t baseline = vg_baseline_of(state, view, VG_TEMP);

    if (vg_patient_adult(view->patient) && vitals_count(state, at) &&
        vg_state_set(fever->last_confirmed) && fever->last_confirmed.ms == at.ms &&
        baseline != VG_NO_VALUE &&
        fever->last_confirmed_value >= baseline + FEVER_RISE) {
        positive(r, VG_REACT_FEVER, at);
    }
    torn(r, state, view, at);
    decide(r, &state->chart, at);
}

/* ---- Judging */

static bool in_this(const struct vg_reaction *r, enum vg_reaction_element element)
{
    return vg_state_set(r->element[element]) && r->element[element].ms >= r->since.ms;
}

static bool only_fever_or_rigors(const struct vg_reaction *r)
{
    return !in_this(r, VG_REACT_CARDIO) && !in_this(r, VG_REACT_RESP) &&
           !in_this(r, VG_REACT_SKIN) && !in_this(r, VG_REACT_GI);
}

static struct vg_finding htn_brady(const struct vg_state *state, struct vg_instant at,
                                   struct vg_instant *next)
{
    const struct vg_reaction *r = &state->reaction;
    struct vg_finding htn = vg_found(vg_state_set(r->htn.since), r->htn.since);
    struct vg_finding brady = vg_found(vg_state_set(r->brady.since), r->brady.since);

    vg_lost_with(&htn, state, VG_SBP, at, next);
    vg_lost_with(&brady, state, VG_HR, at, next);
    if (htn.truth != VG_TRUE || brady.truth != VG_TRUE) {
        return htn.truth == VG_TRUE ? htn : brady;
    }
    htn.since = vg_earlier(htn.since, brady.since);
    htn.lost = htn.lost && brady.lost;
    return htn;
}

void vg_reaction_judge(const struct vg_state *state, const struct vg_view *view,
                       struct vg_instant at, struct vg_assessment *out,
                       struct vg_instant *next)
{
    struct vg_reaction now = state->reaction;
    const struct vg_reaction *r = &now;
    struct vg_reaction_out *o = &out->reaction;

    pass(&now, state, view, at);
    decide(&now, &state->chart, at);
    const bool on = vg_state_set(r->since) && !over(r, at);

    o->suspected = vg_found(on, r->since);
    o->critical = vg_found(on && in_this(r, VG_REACT_CRITICAL), r->since);
    o->mild = vg_found(on && only_fever_or_rigors(r), r->since);
    o->anaphylaxis = vg_found(on && vg_state_set(r->anaphylaxis), r->since);
    o->htn_brady = vg_patient_adult(view->patient) ? htn_brady(state, at, next)
                                                   : vg_found(false, VG_UNSET);
    if (on) {
        vg_next(next, at, vg_after(r->newest, CALM));
    }
    vg_next(next, at, vg_pressure_torn_due(state));
}
