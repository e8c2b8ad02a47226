/* SPDX-License-Identifier: Apache-2.0
 *
 * From a change of state to an effect: fills in alerts, numbers them, copies them out.
 * Room for everything is reserved before a step changes anything, so nothing here fails.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/carer.h"

const struct vg_rule *vg_bed_rule(const struct vg_bed *bed, size_t index)
{
    const size_t rules = bed->protocol->rule_count;

    return index < rules ? &bed->protocol->rule[index]
                         : vg_builtin_rule((enum vg_builtin)(index - rules));
}

/* ---- Room */

static bool list_room(struct vg_alert ***list, size_t *size, size_t want)
{
    if (want > *size) {
        struct vg_alert **grown = realloc(*list, want * sizeof(struct vg_alert *));
        if (grown == NULL) {
            return false;
        }
        *list = grown;
        *size = want;
    }
    return true;
}

static bool spare_room(struct vg_engine *engine, size_t want)
{
    if (!list_room(&engine->spare, &engine->spare_size, want)) {
        return false;
    }
    while (engine->spare_count < want) {
        struct vg_alert *fresh = malloc(sizeof *fresh);
        if (fresh == NULL) {
            return false;
        }
        engine->spare[engine->spare_count++] = fresh;
    }
    return true;
}

/* In one block: the worst case is a hundred times the usual, and what is not used is not touched. */
static bool copy_room(struct vg_engine *engine, size_t want)
{
    if (want <= engine->copy_count) {
        return true;
    }
    const size_t more = want - engine->copy_count;
    if (!list_room(&engine->copy, &engine->copy_size, want)) {
        return false;
    }
    struct vg_copies *block = malloc(sizeof *block + more * sizeof block->alert[0]);
    if (block == NULL) {
        return false;
    }
    block->next = engine->copies;
    engine->copies = block;
    for (size_t i = 0; i < more; i++) {
        engine->copy[engine->copy_count++] = &block->alert[i];
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

/* In one step a rule can say at most: old one closed, raised, graded, said again, ended; its claims
 * over, offered, and one more. */
#define SAYINGS 8
/* Beside its rules a bed can say in one step: the episode, its ties, a pause, an answer, what it carries over (judged
 * twice); two beds that change places twice as many. */
#define BESIDE 16

/* The spare list has room for every alert that can come back to it. */
bool vg_tell_room(struct vg_engine *engine, size_t states, size_t refusals)
{
    size_t alerts = 0;

    if (engine->restoring) {
        return true;
    }
    if (!spare_room(engine, states)) {
        return false;
    }
    for (size_t i = 0; i < engine->told.count; i++) {
        alerts += engine->told.item[i].kind == VG_EFFECT_ALERT ||
                  engine->told.item[i].kind == VG_EFFECT_PAGE;
    }
    return copy_room(engine, alerts + states * SAYINGS) &&
           effects_room(&engine->told, states * SAYINGS + refusals + BESIDE);
}

bool vg_tell_reserve(struct vg_engine *engine, const struct vg_bed *bed,
                     size_t refusals)
{
    return vg_tell_room(engine, bed != NULL ? vg_bed_states(bed) : 0, refusals);
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

void vg_tell_finish(struct vg_engine *engine)
{
    for (size_t i = 0; i < engine->spare_count; i++) {
        free(engine->spare[i]);
    }
    free(engine->spare);
    while (engine->copies != NULL) {
        struct vg_copies *next = engine->copies->next;
        free(engine->copies);
        engine->copies = next;
    }
    free(engine->copy);
    vg_effects_finish(&engine->told);
}

void vg_effects_finish(struct vg_effects *effects)
{
    free(effects->item);
    memset(effects, 0, sizeof *effects);
}

struct vg_alert *vg_tell_spare(struct vg_engine *engine)
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

/* A copy of the alert as it stands, good until the next step. */
static const struct vg_alert *copy_of(struct vg_engine *engine,
                                      const struct vg_alert *alert)
{
    const struct vg_effects *effects = &engine->told;
    size_t used = 0;

    for (size_t i = effects->count; i > 0; i--) {
        used += effects->item[i - 1].kind == VG_EFFECT_ALERT ||
                effects->item[i - 1].kind == VG_EFFECT_PAGE;
    }
    assert(used < engine->copy_count &&
           effects->count < effects->capacity); /* reserved */
    *engine->copy[used] = *alert;
    return engine->copy[used];
}

static void put(struct vg_engine *engine, enum vg_effect_kind kind,
                const struct vg_alert *alert, const struct vg_turn *turn,
                struct vg_instant stamp)
{
    const struct vg_effect effect = {.kind = kind,
                                     .at = stamp,
                                     .alert = copy_of(engine, alert),
                                     .page = turn->page,
                                     .to = turn->to,
                                     .first = turn->first};

    engine->told.item[engine->told.count++] = effect;
}

void vg_tell_put(struct vg_engine *engine, struct vg_alert *alert,
                 const struct vg_turn *turn, struct vg_instant stamp)
{
    struct vg_ward_state *ward = vg_roster_ward(engine, alert->ward);

    alert->rev++;
    alert->event = turn->change;
    alert->at = stamp;
    alert->n = ward != NULL ? ++ward->n : 0;
    put(engine, VG_EFFECT_ALERT, alert, turn, stamp);
}

void vg_tell_page(struct vg_engine *engine, struct vg_alert *alert,
                  const struct vg_turn *turn, struct vg_instant stamp)
{
    put(engine, VG_EFFECT_PAGE, alert, turn, stamp);
}

void vg_tell_drop(struct vg_engine *engine, struct vg_rule_state *state)
{
    spare_give(engine, state->alert);
    state->alert = NULL;
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
    const struct vg_turn turn = {.change = change};

    if (engine->restoring || state->alert == NULL) {
        return;
    }
    state->alert->condition = condition_of(state);
    state->alert->clear_since = state->clear_since;
    vg_carer_turn(engine, bed, state, &turn, stamp);
}

void vg_tell_ended(struct vg_engine *engine, struct vg_bed *bed, size_t index,
                   bool close, struct vg_instant stamp)
{
    struct vg_rule_state *state = &bed->state[index];

    if (engine->restoring || state->alert == NULL) {
        return;
    }
    const struct vg_turn turn = vg_care_end(state->alert, close, stamp);
    vg_carer_turn(engine, bed, state, &turn, stamp);
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
    size_t used = 0;

    if (engine->restoring) {
        return;
    }
    for (size_t i = 0; i < effects->count; i++) {
        used += effects->item[i].kind == VG_EFFECT_EPISODE;
    }
    assert(used < 2 && effects->count < effects->capacity); /* reserved */
    engine->episode[used] = *episode;
    effects->item[effects->count++] =
        (struct vg_effect){.kind = VG_EFFECT_EPISODE,
                           .at = engine->now,
                           .episode = &engine->episode[used]};
}

void vg_tell_tie(struct vg_engine *engine, const struct vg_tie *tie)
{
    struct vg_effects *effects = &engine->told;

    if (engine->restoring) {
        return;
    }
    assert(effects->count < effects->capacity); /* reserved */
    effects->item[effects->count++] =
        (struct vg_effect){.kind = VG_EFFECT_TIE, .at = engine->now, .tie = *tie};
}

void vg_tell_carried(struct vg_engine *engine, const char *episode,
                     const struct vg_carried *carried)
{
    struct vg_effects *effects = &engine->told;
    struct vg_effect effect = {
        .kind = VG_EFFECT_CARRIED, .at = engine->now, .carried.value = *carried};

    assert(effects->count < effects->capacity); /* reserved */
    (void)vg_copy(effect.carried.episode, sizeof effect.carried.episode, episode);
    effects->item[effects->count++] = effect;
}

void vg_tell_pause(struct vg_engine *engine, const struct vg_pause *pause)
{
    struct vg_effects *effects = &engine->told;

    if (engine->restoring) {
        return;
    }
    assert(effects->count < effects->capacity); /* reserved */
    effects->item[effects->count++] =
        (struct vg_effect){.kind = VG_EFFECT_PAUSE, .at = engine->now, .pause = *pause};
}

void vg_tell_answer(struct vg_engine *engine, const struct vg_answer *answer)
{
    struct vg_effects *effects = &engine->told;

    assert(effects->count < effects->capacity); /* reserved */
    engine->answer = *answer;
    effects->item[effects->count++] = (struct vg_effect){
        .kind = VG_EFFECT_ANSWER, .at = engine->now, .answer = &engine->answer};
}
