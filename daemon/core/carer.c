/* SPDX-License-Identifier: Apache-2.0
 *
 * Drives the care machine for the alerts of a bed. See carer.h and care.c.
 */
#include "core/carer.h"

#include <assert.h>
#include <string.h>

void vg_carer_turn(struct vg_engine *engine, struct vg_bed *bed,
                   struct vg_rule_state *state, const struct vg_turn *turn,
                   struct vg_instant stamp)
{
    if (turn->change == VG_CHANGE_COUNT) {
        if (turn->page != VG_PAGE_NONE) {
            vg_tell_page(engine, state->alert, turn, stamp);
        }
        return;
    }
    vg_tell_put(engine, state->alert, turn, stamp);
    state->alert->remark[0] = '\0';
    if (turn->closed || turn->change == VG_ENDED_CHANGE || turn->change == VG_EASED ||
        turn->change == VG_SHELVED) {
        bed->uncovered = stamp;
    }
    if (turn->closed) {
        vg_tell_drop(engine, state);
    }
}

/* ---- Opening and severity */

/* Troubles of the node are nobody's protocol: the ward's ladders call its people. */
static const struct vg_ladder *ladder_of(const struct vg_engine *engine,
                                         const struct vg_bed *bed, size_t index)
{
    const struct vg_alert *alert = bed->state[index].alert;
    const struct vg_protocol *protocol =
        bed->node ? vg_book_of_ward(engine->book, bed->ward) : bed->protocol;

    return alert->severity == VG_INFO
               ? NULL
               : vg_rule_ladder(protocol, vg_bed_rule(bed, index), alert->severity,
                                bed->linked && bed->episode.outpatient);
}

#define GRACE_BY "vigil:restart"

static void grace(const struct vg_engine *engine, struct vg_alert *alert,
                  struct vg_instant stamp)
{
    struct vg_claim claim = {.kind = VG_CLAIM_PAUSE,
                             .severity = alert->severity,
                             .at = stamp,
                             .until = engine->grace,
                             .by = GRACE_BY,
                             .reason = "one minute after a restart"};

    if (alert->severity == VG_TECHNICAL && vg_is_set(engine->grace)) {
        (void)vg_care_claim(alert, &claim);
    }
}

void vg_carer_grace(struct vg_engine *engine, struct vg_bed *bed)
{
    for (size_t i = 0; i < vg_bed_states(bed); i++) {
        struct vg_alert *alert = bed->state[i].alert;
        for (size_t k = 0; alert != NULL && k < alert->claim_count; k++) {
            if (strcmp(alert->claim[k].by, GRACE_BY) == 0) {
                alert->claim[k].until = engine->grace;
            }
        }
    }
}

void vg_carer_open(const struct vg_asking *asking, size_t index)
{
    struct vg_bed *bed = asking->bed;
    struct vg_rule_state *state = &bed->state[index];
    struct vg_alert *alert = state->alert;
    const struct vg_rule *rule = vg_bed_rule(bed, index);

    const uint16_t run =
        alert->care.run; /* of another ward, if the patient was moved */
    const uint32_t stands_by = alert->care.test;
    vg_care_init(alert);
    alert->care.run = run;
    alert->care.test = stands_by;
    vg_plan_freeze(&alert->care, ladder_of(asking->engine, bed, index));
    alert->care.realert = alert->severity == VG_INFO ? 0 : rule->realert;
    vg_carer_remember(bed, alert, asking->at);
    (void)vg_carer_mark(asking, rule,
                        alert); /* those that hold already are told with it */
    vg_pause_claim(bed, alert);
    grace(asking->engine, alert, asking->stamp);
    const struct vg_turn turn =
        vg_care_open(alert, vg_storm_folds(bed, index, asking->stamp), asking->stamp);
    vg_carer_turn(asking->engine, bed, state, &turn, asking->stamp);
}

void vg_carer_mend(const struct vg_engine *engine, struct vg_bed *bed, size_t index)
{
    struct vg_alert *alert = bed->state[index].alert;
    struct vg_care *care = &alert->care;

    if (alert->ladder[0] == '\0' || care->plan.name[0] != '\0') {
        return;
    }
    vg_plan_freeze(care, ladder_of(engine, bed, index));
    alert->step =
        alert->step < care->plan.step_count ? alert->step : care->plan.step_count;
    if (alert->offer == VG_ACCEPTED_STATE && vg_is_never(care->hold_until)) {
        care->hold_until = vg_after(engine->now, care->plan.hold);
    } else if (!vg_is_set(alert->respond_by)) {
        alert->respond_by = engine->now;
    }
    care->told = alert->offer == VG_OFFER_CLOSED ? 0 : vg_plan_step_to(alert);
}

void vg_carer_severity(struct vg_engine *engine, struct vg_bed *bed, size_t index,
                       bool worse, struct vg_instant stamp)
{
    struct vg_rule_state *state = &bed->state[index];
    struct vg_turn turn = {.change = VG_EASED};

    if (worse) {
        vg_plan_freeze(&state->alert->care, ladder_of(engine, bed, index));
        state->alert->care.realert = vg_bed_rule(bed, index)->realert;
        if (vg_storm_hushed(bed, state->alert, stamp)) {
            vg_care_hush(state->alert, stamp);
        }
        turn = vg_care_rise(state->alert, vg_storm_folds(bed, index, stamp), stamp);
    }
    vg_carer_turn(engine, bed, state, &turn, stamp);
}

/* ---- Time */

struct vg_instant vg_carer_wake(const struct vg_bed *bed)
{
    struct vg_instant wake = vg_is_set(bed->pause.until) ? bed->pause.until : VG_NEVER;

    wake = vg_earlier(wake, vg_storm_over(bed));
    for (size_t i = 0; i < vg_bed_states(bed); i++) {
        if (bed->state[i].alert != NULL) {
            wake = vg_earlier(wake, vg_care_due(bed->state[i].alert));
        }
    }
    return wake;
}

/* The order to call nobody is over: what still holds is looked at again. */
static void relieve(struct vg_bed *bed, struct vg_instant stamp)
{
    const struct vg_instant over = vg_storm_over(bed);

    if (over.ms <= stamp.ms) {
        bed->relieved = over;
        bed->uncovered = stamp;
    }
}

/* What is due first. Under an order of comfort care an acceptance that runs out, or was given back, is
 * offered to nobody. */
static struct vg_turn due_turn(const struct vg_bed *bed, struct vg_alert *alert,
                               unsigned steps, struct vg_instant stamp)
{
    struct vg_care *care = &alert->care;
    const bool hushed = vg_storm_hushed(bed, alert, stamp);

    care->missed = care->missed && !hushed;
    if (hushed && (alert->offer == VG_OFFERED_STATE || alert->offer == VG_EXHAUSTED)) {
        (void)vg_copy(alert->remark, sizeof alert->remark, "comfort care");
        return vg_care_fold(alert);
    }
    if (hushed && alert->offer == VG_ACCEPTED_STATE &&
        care->hold_until.ms <= stamp.ms) {
        vg_care_hush(alert, stamp);
        return (struct vg_turn){.change = VG_LAPSED};
    }
    return steps == 0 ? vg_care_serve(alert, stamp) : vg_care_jump(alert, steps, stamp);
}

/* Everything due at `stamp`; of a jump of time over at most `steps` of each ladder, 0: none. */
static void serve(struct vg_engine *engine, struct vg_bed *bed, unsigned steps,
                  struct vg_instant stamp)
{
    relieve(bed, stamp);
    vg_pause_serve(engine, bed, stamp);
    for (size_t i = 0; i < vg_bed_states(bed); i++) {
        struct vg_rule_state *state = &bed->state[i];
        while (state->alert != NULL && vg_care_due(state->alert).ms <= stamp.ms) {
            const struct vg_turn turn = due_turn(bed, state->alert, steps, stamp);
            vg_carer_turn(engine, bed, state, &turn, stamp);
        }
    }
}

void vg_carer_serve(struct vg_engine *engine, struct vg_bed *bed,
                    struct vg_instant stamp)
{
    serve(engine, bed, 0, stamp);
}

void vg_carer_jump(struct vg_engine *engine, struct vg_bed *bed, unsigned steps,
                   struct vg_instant stamp)
{
    serve(engine, bed, steps, stamp);
}

/* It calls by itself: how it stands now, and the marks that it has passed, are told with that. */
static void call(struct vg_engine *engine, struct vg_bed *bed, size_t index,
                 struct vg_instant stamp)
{
    struct vg_rule_state *state = &bed->state[index];
    const struct vg_asking asking = {.engine = engine,
                                     .bed = bed,
                                     .at = bed->asked,
                                     .trigger = VG_UNSET,
                                     .stamp = stamp};

    if (state->alert->condition != VG_ENDED) {
        vg_carer_remember(bed, state->alert, bed->asked);
        (void)vg_carer_mark(&asking, vg_bed_rule(bed, index), state->alert);
    }
    const struct vg_turn turn = vg_care_unfold(state->alert, stamp);
    vg_carer_turn(engine, bed, state, &turn, stamp);
}

void vg_carer_unfold(struct vg_engine *engine, struct vg_bed *bed)
{
    const struct vg_instant stamp = bed->uncovered;

    if (!vg_is_set(stamp)) {
        return;
    }
    bed->uncovered = VG_UNSET;
    for (size_t i = 0; i < vg_bed_states(bed); i++) {
        struct vg_rule_state *state = &bed->state[i];
        if (state->alert == NULL || !state->alert->care.folded ||
            (state->alert->condition == VG_ENDED &&
             !vg_is_never(state->alert->care.reset_at)) ||
            vg_storm_folds(bed, i, stamp)) {
            continue; /* what is over calls only if nothing else will close it */
        }
        call(engine, bed, i, stamp);
    }
}

void vg_carer_moved_home(struct vg_engine *engine, struct vg_bed *bed)
{
    for (size_t i = 0; i < vg_bed_states(bed); i++) {
        struct vg_rule_state *state = &bed->state[i];
        struct vg_alert *alert = state->alert;
        if (alert == NULL ||
            (alert->offer != VG_OFFERED_STATE && alert->offer != VG_EXHAUSTED)) {
            continue;
        }
        vg_plan_freeze(&alert->care, ladder_of(engine, bed, i));
        (void)vg_copy(alert->ladder, sizeof alert->ladder, alert->care.plan.name);
        (void)vg_copy(alert->remark, sizeof alert->remark,
                      bed->episode.outpatient ? "the patient is at home now"
                                              : "the patient is on the ward now");
        const struct vg_turn turn = vg_care_reoffer(alert, engine->now);
        vg_carer_turn(engine, bed, state, &turn, engine->now);
    }
}

void vg_carer_acted(struct vg_engine *engine, struct vg_bed *bed, enum vg_kind kind,
                    struct vg_instant observed)
{
    const struct vg_turn turn = {.change = VG_NOTED};

    for (size_t i = 0; i < vg_bed_states(bed); i++) {
        struct vg_rule_state *state = &bed->state[i];
        if (state->alert != NULL && observed.ms >= state->alert->onset.ms &&
            vg_care_acted(state->alert, engine->now)) {
            (void)vg_copy(state->alert->remark, sizeof state->alert->remark,
                          kind == VG_KIND_THERAPY ? "therapy charted"
                                                  : "assessment charted");
            vg_carer_turn(engine, bed, state, &turn, engine->now);
        }
    }
    vg_storm_comfort(engine, bed, engine->now);
    bed->uncovered = engine->now; /* a flag may have changed who is called */
}
