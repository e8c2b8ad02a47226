/* SPDX-License-Identifier: Apache-2.0
 *
 * From a change of state to an effect: fills in alerts, numbers them, copies them out.
 * Room for everything is reserved before a step changes anything, so nothing here fails.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/engine_inside.h"

const struct vg_rule *vg_bed_rule(const struct vg_bed *bed, size_t index)
{
    const size_t rules = bed->protocol->rule_count;

    return index < rules ? &bed->protocol->rule[index]
                         : vg_builtin_rule((enum vg_builtin)(index - rules));
}

/* ---- Room */

static bool fill(struct vg_alert ***pool, size_t *count, size_t *size, size_t want)
{
    if (want > *size) {
        struct vg_alert **grown = realloc(*pool, want * sizeof(struct vg_alert *));
        if (grown == NULL) {
            return false;
        }
        *pool = grown;
        *size = want;
    }
    while (*count < want) {
        (*pool)[*count] = malloc(sizeof(struct vg_alert));
        if ((*pool)[*count] == NULL) {
            return false;
        }
        (*count)++;
    }
    return true;
}

static bool effects_room(struct vg_effects *effects, size_t more)
{
    const size_t want = effects->count + more;

    if (want <= effects->capacity) {
        return true;
    }
    struct vg_effect *grown = realloc(effects->item, want * 2 * sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    effects->item = grown;
    effects->capacity = want * 2;
    return true;
}

/* In one step a rule can say at most: old one closed, raised, ended, and one more. */
#define SAYINGS 4

/* The spare list has room for every alert that can come back to it. */
bool vg_tell_room(struct vg_engine *engine, size_t states, size_t refusals)
{
    size_t alerts = 0;

    if (engine->restoring) {
        return true;
    }
    if (engine->spare_count < states &&
        !fill(&engine->spare, &engine->spare_count, &engine->spare_size, states)) {
        return false;
    }
    for (size_t i = 0; i < engine->told.count; i++) {
        alerts += engine->told.item[i].kind == VG_EFFECT_ALERT;
    }
    return fill(&engine->copy, &engine->copy_count, &engine->copy_size,
                alerts + states * SAYINGS) &&
           effects_room(&engine->told, states * SAYINGS + refusals + 2);
}

bool vg_tell_reserve(struct vg_engine *engine, const struct vg_bed *bed,
                     size_t refusals)
{
    return vg_tell_room(engine,
                        bed != NULL ? bed->protocol->rule_count + VG_BUILTIN_COUNT : 0,
                        refusals);
}

void vg_tell_begin(struct vg_engine *engine)
{
    if (!engine->failed) {
        engine->told.count = 0;
    }
    engine->failed = false;
}

/* The two lists change places, which cannot fail. */
enum vg_status vg_tell_end(struct vg_engine *engine, struct vg_effects *effects,
                           enum vg_status status)
{
    const struct vg_effects theirs = *effects;

    engine->failed = status == VG_NO_MEMORY;
    if (engine->failed) {
        effects->count = 0;
        return status;
    }
    *effects = engine->told;
    engine->told = theirs;
    engine->told.count = 0;
    return status;
}

static void pool_finish(struct vg_alert **pool, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(pool[i]);
    }
    free(pool);
}

void vg_tell_finish(struct vg_engine *engine)
{
    pool_finish(engine->spare, engine->spare_count);
    pool_finish(engine->copy, engine->copy_count);
    vg_effects_finish(&engine->told);
}

void vg_effects_finish(struct vg_effects *effects)
{
    free(effects->item);
    memset(effects, 0, sizeof *effects);
}

static struct vg_alert *spare_take(struct vg_engine *engine)
{
    assert(engine->spare_count > 0); /* reserved */
    return engine->spare[--engine->spare_count];
}

static void spare_give(struct vg_engine *engine, struct vg_alert *alert)
{
    if (engine->spare_count < engine->spare_size) {
        engine->spare[engine->spare_count++] = alert;
    } else {
        free(alert);
    }
}

/* ---- Telling */

static void put(struct vg_engine *engine, struct vg_alert *alert, enum vg_change change,
                struct vg_instant stamp)
{
    struct vg_effects *effects = &engine->told;
    struct vg_ward_state *ward = vg_roster_ward(engine, alert->ward);
    size_t used = 0;

    alert->rev++;
    alert->event = change;
    alert->at = stamp;
    alert->n = ward != NULL ? ++ward->n : 0;
    for (size_t i = effects->count; i > 0; i--) {
        if (effects->item[i - 1].kind == VG_EFFECT_ALERT) {
            used++;
        }
    }
    assert(used < engine->copy_count &&
           effects->count < effects->capacity); /* reserved */
    *engine->copy[used] = *alert;
    effects->item[effects->count++] = (struct vg_effect){
        .kind = VG_EFFECT_ALERT, .at = stamp, .alert = engine->copy[used]};
}

static void identify(struct vg_alert *alert, const struct vg_bed *bed)
{
    char subject[VG_PATIENT_LEN + 2 * VG_ID_LEN + 8] = {0};
    size_t length = 0;

    if (bed->linked) {
        length = strlen(bed->episode.id);
        memcpy(subject, bed->episode.id, length);
    } else {
        const size_t ward = strlen(bed->ward);
        memcpy(subject, bed->ward, ward);
        subject[ward] = '/';
        memcpy(subject + ward + 1, bed->bed, strlen(bed->bed));
        length = ward + 1 + strlen(bed->bed);
    }
    const uint64_t high = vg_hash(0, subject, length);
    const uint64_t low = vg_hash(high, alert->rule, strlen(alert->rule));
    vg_content_id(alert->id, alert->onset, vg_hash(low, &alert->late, 1), low);
}

static void offer(struct vg_alert *alert, const struct vg_ladder *ladder,
                  struct vg_instant stamp)
{
    alert->offer = VG_OFFER_NONE;
    alert->respond_by = VG_UNSET;
    if (ladder == NULL) {
        return;
    }
    const struct vg_step *step =
        ladder->step_count > 0 ? &ladder->step[0] : &ladder->fallback;
    alert->offer = VG_OFFERED_STATE;
    (void)vg_copy(alert->ladder, sizeof alert->ladder, ladder->name);
    alert->target_count = step->target_count;
    for (size_t i = 0; i < step->target_count; i++) {
        (void)vg_copy(alert->target[i], sizeof alert->target[i], step->target[i]);
    }
    if (step->wait > 0) {
        alert->respond_by = vg_after(stamp, step->wait);
    }
}

static void gather(struct vg_alert *alert, const struct vg_asking *asking,
                   uint64_t watches)
{
    for (unsigned s = 0; s < VG_MEASURED_COUNT; s++) {
        struct vg_sample last;
        if ((watches >> s & 1) == 0) {
            continue;
        }
        if (!vg_bed_last(asking->bed, (enum vg_signal)s, asking->at, &last)) {
            alert->missing |= (uint64_t)1 << s;
        } else if (alert->evidence_count < VG_EVIDENCE) {
            alert->evidence[alert->evidence_count++] = (struct vg_evidence){
                (enum vg_signal)s, last.value, last.measured, last.source};
        }
    }
}

static void say_who(struct vg_alert *alert, const struct vg_bed *bed)
{
    (void)vg_copy(alert->ward, sizeof alert->ward, bed->ward);
    (void)vg_copy(alert->bed, sizeof alert->bed, bed->bed);
    if (bed->linked) {
        (void)vg_copy(alert->patient, sizeof alert->patient, bed->episode.patient);
        (void)vg_copy(alert->episode, sizeof alert->episode, bed->episode.id);
    }
    (void)vg_copy(alert->protocol, sizeof alert->protocol, bed->protocol->name);
    (void)vg_copy(alert->version, sizeof alert->version, bed->protocol->version);
    (void)vg_copy(alert->digest, sizeof alert->digest, bed->protocol->digest);
}

static void say_what(struct vg_alert *alert, const struct vg_asking *asking,
                     const struct vg_rule *rule, bool builtin)
{
    struct vg_bed *bed = asking->bed;
    const struct vg_facts facts = vg_bed_facts(bed, true);

    (void)vg_copy(alert->rule, sizeof alert->rule, rule->id);
    alert->class_ = rule->class_;
    alert->severity = rule->severity;
    if (rule->has_escalate && vg_expr_ask(&rule->escalate, &bed->protocol->queries,
                                          &facts, asking->at) == VG_TRUE) {
        alert->severity = rule->escalated;
    }
    alert->peak = alert->severity;
    alert->latched = rule->latch;
    (void)vg_copy(alert->reference, sizeof alert->reference,
                  rule->reference.en != NULL ? rule->reference.en : "");
    if (builtin) {
        (void)vg_copy(alert->text, sizeof alert->text, rule->text.en);
        return;
    }
    (void)vg_rule_text(rule, &bed->protocol->queries, &facts, asking->at, rule->text.en,
                       alert->text, sizeof alert->text);
    gather(alert, asking, rule->when.watches);
}

static void say_scores(struct vg_alert *alert, const struct vg_bed *bed)
{
    const struct vg_assessment *now = vg_bed_assessment(bed);
    struct vg_scores *scores = &alert->scores;

    scores->crs = scores->icans = scores->news2 = VG_GRADE_NULL;
    if (now != NULL) {
        scores->crs =
            now->crs.status == VG_CRS_INDETERMINATE ? VG_GRADE_NULL : now->crs.grade;
        scores->icans = now->icans.grade;
        scores->icans_complete = now->icans.complete;
        scores->news2 = now->news2.score;
        scores->news2_complete = now->news2.complete;
        scores->masked = now->crs.masked;
    }
}

/* Late by more than this, a reading informs and does not page (Clinical reference 0.3). */
#define LATE   (15 * VG_MINUTE)
#define LATEST (8 * VG_HOUR) /* fever with neutropenia and the floors page until then */

void vg_tell_raised(const struct vg_asking *asking, size_t index,
                    struct vg_instant onset)
{
    struct vg_engine *engine = asking->engine;
    struct vg_bed *bed = asking->bed;
    struct vg_rule_state *state = &bed->state[index];
    const struct vg_rule *rule = vg_bed_rule(bed, index);
    const struct vg_instant start = bed->infusion_start;

    if (engine->restoring) {
        return;
    }
    vg_tell_ended(engine, bed, index, true, asking->stamp); /* superseded, if latched */
    struct vg_alert *alert = spare_take(engine);
    memset(alert, 0, sizeof *alert);
    state->alert = alert;
    say_who(alert, bed);
    say_what(alert, asking, rule, index >= bed->protocol->rule_count);
    say_scores(alert, bed);
    alert->condition = VG_ACTIVE;
    alert->late = asking->late;
    const vg_ms lateness = vg_since(asking->stamp, asking->trigger);
    if (asking->late && lateness > LATE && !(rule->pages_late && lateness <= LATEST)) {
        alert->severity = alert->peak = VG_INFO;
    }
    alert->onset = onset;
    alert->raised = asking->stamp;
    alert->clear_since = VG_UNSET;
    alert->since_infusion = vg_is_set(start) && start.ms <= asking->at.ms
                                ? vg_since(asking->at, start)
                                : VG_NO_VALUE;
    identify(alert, bed);
    offer(alert, rule->ladder, asking->stamp);
    put(engine, alert, VG_RAISED, asking->stamp);
}

static enum vg_condition condition_of(const struct vg_rule_state *state)
{
    if (state->lost) {
        return VG_CONDITION_UNKNOWN;
    }
    return state->phase == VG_CLEARING_PHASE ? VG_CLEARING : VG_ACTIVE;
}

void vg_tell_change(struct vg_engine *engine, struct vg_bed *bed,
                    struct vg_rule_state *state, enum vg_change change,
                    struct vg_instant stamp)
{
    (void)bed;
    if (engine->restoring || state->alert == NULL) {
        return;
    }
    state->alert->condition = condition_of(state);
    state->alert->clear_since = state->clear_since;
    put(engine, state->alert, change, stamp);
}

void vg_tell_ended(struct vg_engine *engine, struct vg_bed *bed, size_t index,
                   bool close, struct vg_instant stamp)
{
    struct vg_rule_state *state = &bed->state[index];
    struct vg_alert *alert = state->alert;

    if (engine->restoring || alert == NULL) {
        return;
    }
    const bool was_over = alert->condition == VG_ENDED;
    const bool done = close || !alert->latched;
    alert->condition = VG_ENDED;
    if (done) {
        alert->offer = VG_OFFER_CLOSED;
        alert->respond_by = VG_UNSET;
    }
    put(engine, alert, was_over ? VG_CLOSED : VG_ENDED_CHANGE, stamp);
    if (done) {
        state->alert = NULL;
        spare_give(engine, alert);
    }
}

void vg_tell_refused(struct vg_engine *engine, struct vg_refusal refusal)
{
    struct vg_effects *effects = &engine->told;

    if (engine->restoring) {
        return;
    }
    assert(effects->count < effects->capacity); /* reserved */
    effects->item[effects->count++] = (struct vg_effect){
        .kind = VG_EFFECT_REFUSED, .at = engine->now, .refusal = refusal};
}

void vg_tell_episode(struct vg_engine *engine, const struct vg_episode *episode)
{
    struct vg_effects *effects = &engine->told;

    if (engine->restoring) {
        return;
    }
    assert(effects->count < effects->capacity); /* reserved */
    engine->episode = *episode;
    effects->item[effects->count++] = (struct vg_effect){
        .kind = VG_EFFECT_EPISODE, .at = engine->now, .episode = &engine->episode};
}
