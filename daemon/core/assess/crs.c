/* SPDX-License-Identifier: Apache-2.0
 *
 * CRS. See crs.h.
 */
#include "core/assess/crs.h"

#include "core/course.h"

/* Clinical reference 1.2; project proposals, inclusive. */
#define LOOK_BACK (24 * VG_HOUR)   /* F1 */
#define CHARTING  (60 * VG_MINUTE) /* F2: a drug so long before onset counts */
#define QUIET     (72 * VG_HOUR)   /* F2 lapses beyond it */
#define KNOWN     (8 * VG_HOUR)    /* 0.4: temperature for "no fever" */

/* F2: antipyretics, corticosteroids, anti-cytokine drugs (1.2). */
static const uint8_t waivers[] = {VG_PARACETAMOL, VG_METAMIZOLE,     VG_NSAID,
                                  VG_NAPROXEN,    VG_CORTICOSTEROID, VG_TOCILIZUMAB,
                                  VG_SILTUXIMAB,  VG_ANAKINRA,       VG_RUXOLITINIB};

struct tiers {
    int of[VG_CRS_AXES];
};

static struct tiers tiers_at(const struct vg_state *state, const struct vg_view *view,
                             struct vg_instant at)
{
    return (struct tiers){{[VG_CRS_PRESSURE] = vg_pressure_tier(state, view, at),
                           [VG_CRS_OXYGEN] = vg_oxygen_tier(state, view, at)}};
}

static int worst(const struct tiers *tiers)
{
    return tiers->of[0] > tiers->of[1] ? tiers->of[0] : tiers->of[1];
}

/* 1.5: what the formula gives with fever. */
static int with_fever(const struct tiers *tiers)
{
    return worst(tiers) > 1 ? worst(tiers) : 1;
}

static bool lapsed(const struct vg_crs_episode *now, const struct tiers *tiers,
                   struct vg_instant at)
{
    return worst(tiers) == 0 && vg_since(at, now->active) > QUIET;
}

static bool look_back(const struct vg_crs_episode *now, struct vg_instant at)
{
    return vg_state_set(now->fever) && vg_since(at, now->fever) <= LOOK_BACK;
}

static bool waived(const struct vg_state *state, const struct tiers *tiers,
                   struct vg_instant at)
{
    const struct vg_crs_episode *now = &state->crs.now;

    if (!vg_state_set(now->onset) || lapsed(now, tiers, at)) {
        return false;
    }
    for (size_t i = 0; i < sizeof waivers; i++) {
        const struct vg_instant given = state->chart.given[waivers[i]];
        if (vg_state_set(given) && vg_since(given, now->onset) >= -CHARTING) {
            return true;
        }
    }
    return false;
}

static bool attributed(const struct vg_state *state, struct vg_instant at)
{
    return vg_flag_holds(&state->chart, VG_FLAG_FEVER_OTHER_CAUSE, at);
}

static bool criterion(const struct vg_state *state, const struct tiers *tiers,
                      struct vg_instant at)
{
    return !attributed(state, at) &&
           (look_back(&state->crs.now, at) || waived(state, tiers, at));
}

bool vg_crs_criterion(const struct vg_state *state, const struct vg_view *view,
                      struct vg_instant at)
{
    if (!vg_state_set(state->crs.now.fever) || attributed(state, at)) {
        return false;
    }
    if (look_back(&state->crs.now, at)) {
        return true;
    }
    const struct tiers tiers = tiers_at(state, view, at);
    return criterion(state, &tiers, at);
}

static void note_grade(struct vg_state *state, const struct tiers *tiers,
                       struct vg_instant at)
{
    struct vg_crs_episode *now = &state->crs.now;

    if (criterion(state, tiers, at) && with_fever(tiers) > now->max_grade) {
        now->max_grade = (uint8_t)with_fever(tiers);
    }
}

/* ---- What time alone has done */

void vg_crs_before(struct vg_state *state, const struct vg_view *view,
                   struct vg_instant at)
{
    struct vg_crs_episode *now = &state->crs.now;

    if (!vg_state_set(now->fever)) {
        return;
    }
    const struct tiers tiers = tiers_at(state, view, at);
    note_grade(state, &tiers, at);
    if (worst(&tiers) > 0) {
        now->active = at;
    } else if (lapsed(now, &tiers, at)) {
        now->onset = (struct vg_instant){0};
    }
}

/* ---- Closed by a clinician, or opened again by withdrawing that */

void vg_crs_step(struct vg_state *state, const struct vg_view *view,
                 const struct vg_item *item)
{
    struct vg_crs *crs = &state->crs;
    const struct vg_crs_episode none = {.max_grade = crs->now.max_grade};

    (void)view;
    if (item->signal != VG_FLAG || item->name != VG_FLAG_CRS_CLOSED) {
        return;
    }
    if (item->low != 0 && vg_state_set(crs->now.fever)) {
        crs->closed = crs->now;
        crs->now = none;
    } else if (item->low == 0 && !vg_state_set(crs->now.fever)) {
        crs->now = crs->closed;
    }
}

/* ---- What the items of an instant have done */

static void note_fever(struct vg_state *state, struct vg_instant at)
{
    struct vg_crs_episode *now = &state->crs.now;
    const struct vg_fever *fever = &state->fever;

    if (vg_state_set(fever->last_confirmed) && fever->last_confirmed.ms >= at.ms &&
        vg_crs_window(&state->chart, fever->last_confirmed)) {
        now->fever = now->active = fever->last_confirmed;
    }
    if (vg_state_set(now->onset) || !look_back(now, at) || attributed(state, at)) {
        return;
    }
    /* The first sample of the run, where the window and the last closing allow. */
    const bool runs =
        now->fever.ms == fever->last_confirmed.ms &&
        vg_crs_window(&state->chart, fever->confirmed_from) &&
        fever->confirmed_from.ms > state->chart.flag_at[VG_FLAG_CRS_CLOSED].ms;
    now->onset = runs ? fever->confirmed_from : now->fever;
    now->max_grade = 0;
}

static void note_rise(struct vg_crs_rise *rise, int tier, bool graded,
                      struct vg_instant at)
{
    if (graded || tier <= rise->base) {
        rise->base = (uint8_t)tier;
        rise->since = (struct vg_instant){0};
    } else if (!vg_state_set(rise->since)) {
        rise->since = at;
    }
}

void vg_crs_after(struct vg_state *state, const struct vg_view *view,
                  struct vg_instant at)
{
    note_fever(state, at);
    const struct tiers tiers = tiers_at(state, view, at);
    const bool graded =
        vg_patient_scored(view->patient) && criterion(state, &tiers, at);

    if (worst(&tiers) > 0 && vg_state_set(state->crs.now.fever)) {
        state->crs.now.active = at;
    }
    note_grade(state, &tiers, at);
    for (unsigned i = 0; i < VG_CRS_AXES; i++) {
        note_rise(&state->crs.rise[i], tiers.of[i], graded, at);
    }
}

/* ---- What is to be said */

/* A rise that time alone brought has the time of the reading behind it. */
static struct vg_instant risen(const struct vg_state *state,
                               const struct vg_assessment *out, unsigned axis)
{
    const struct vg_finding *behind =
        axis == VG_CRS_PRESSURE ? &out->pressure.hypotension : &out->oxygen.hypoxia;

    if (vg_state_set(state->crs.rise[axis].since)) {
        return state->crs.rise[axis].since;
    }
    return behind->truth == VG_TRUE ? behind->since : state->at;
}

static void say_support(const struct vg_state *state, const struct tiers *tiers,
                        struct vg_assessment *out)
{
    for (unsigned i = 0; i < VG_CRS_AXES; i++) {
        if (tiers->of[i] <= state->crs.rise[i].base) {
            continue;
        }
        const struct vg_instant from = risen(state, out, i);
        if (out->crs.support.truth != VG_TRUE || from.ms < out->crs.support.since.ms) {
            out->crs.support = vg_found(true, from);
        }
        if (tiers->of[i] >= 3 && (out->crs.support3.truth != VG_TRUE ||
                                  from.ms < out->crs.support3.since.ms)) {
            out->crs.support3 = vg_found(true, from);
        }
    }
}

static void say_grade(const struct vg_state *state, const struct tiers *tiers, bool met,
                      struct vg_instant at, struct vg_crs_out *say)
{
    const struct vg_crs *crs = &state->crs;
    const bool known = vg_state_set(state->fever.last_valid) &&
                       vg_since(at, state->fever.last_valid) <= KNOWN;
    const int grade = met ? with_fever(tiers) : known ? 0 : VG_GRADE_NULL;
    const int most = crs->now.max_grade;

    say->status = met ? VG_CRS_MET : known ? VG_CRS_NOT_MET : VG_CRS_INDETERMINATE;
    say->grade = grade;
    say->max_grade = most > grade && most > 0 ? most : grade;
    say->unmasked = with_fever(tiers);
    say->waived = met && !look_back(&crs->now, at);
    say->masked = !met && vg_fever_masked(&state->chart, at);
}

static void say_next(const struct vg_state *state, struct vg_instant at,
                     struct vg_instant *next)
{
    const struct {
        struct vg_instant set;
        vg_ms span;
    } rows[] = {{state->crs.now.fever, LOOK_BACK},
                {state->crs.now.active, QUIET},
                {state->fever.last_valid, KNOWN}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (vg_state_set(rows[i].set)) {
            vg_next(next, at, vg_after(rows[i].set, rows[i].span + 1));
        }
    }
    if (attributed(state, at)) {
        vg_next(next, at, state->chart.flag_until[VG_FLAG_FEVER_OTHER_CAUSE]);
    }
    vg_next(next, at, vg_fever_masked_until(&state->chart, at));
}

void vg_crs_judge(const struct vg_state *state, const struct vg_view *view,
                  struct vg_instant at, struct vg_assessment *out,
                  struct vg_instant *next)
{
    const struct tiers tiers = tiers_at(state, view, at);
    const bool scored = vg_patient_scored(view->patient);
    const bool met = criterion(state, &tiers, at);
    struct vg_crs_out *say = &out->crs;

    *say = (struct vg_crs_out){.status = VG_CRS_INDETERMINATE,
                               .grade = VG_GRADE_NULL,
                               .max_grade = VG_GRADE_NULL,
                               .tier_hypotension = tiers.of[VG_CRS_PRESSURE],
                               .tier_hypoxia = tiers.of[VG_CRS_OXYGEN],
                               .unmasked = VG_GRADE_NULL,
                               .support = vg_found(false, VG_UNSET),
                               .support3 = vg_found(false, VG_UNSET)};
    if (scored) {
        say_grade(state, &tiers, met, at, say);
    }
    if (vg_patient_adult(view->patient) && !(scored && met)) {
        say_support(state, &tiers, out);
    }
    say_next(state, at, next);
}
