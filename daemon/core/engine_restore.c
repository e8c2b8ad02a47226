/* SPDX-License-Identifier: Apache-2.0
 *
 * Rebuilding the engine from what was stored, and reading out what it knows.
 */
#include <stdlib.h>
#include <string.h>

#include "core/engine_inside.h"

void vg_engine_restore_begin(struct vg_engine *engine)
{
    engine->restoring = true;
}

static size_t state_index(const struct vg_bed *bed, const char *rule)
{
    const size_t count = bed->protocol->rule_count + VG_BUILTIN_COUNT;
    size_t i = 0;

    while (i < count && strcmp(vg_bed_rule(bed, i)->id, rule) != 0) {
        i++;
    }
    return i < count ? i : SIZE_MAX;
}

static enum vg_phase phase_of(const struct vg_alert *alert)
{
    if (alert->condition == VG_ENDED) {
        return VG_IDLE;
    }
    return vg_is_set(alert->clear_since) ? VG_CLEARING_PHASE : VG_ON;
}

/* VG_ABSENT: its rule is gone; the caller keeps it as it stands. */
enum vg_status vg_engine_restore_alert(struct vg_engine *engine,
                                       const struct vg_alert *alert)
{
    struct vg_bed *bed = vg_roster_bed(engine, alert->ward, alert->bed);

    if (bed == NULL) {
        return VG_NO_MEMORY;
    }
    const size_t index = state_index(bed, alert->rule);
    if (index == SIZE_MAX) {
        return VG_ABSENT;
    }
    struct vg_rule_state *state = &bed->state[index];
    if (state->alert == NULL) {
        state->alert = malloc(sizeof *state->alert);
    }
    if (state->alert == NULL) {
        return VG_NO_MEMORY;
    }
    *state->alert = *alert;
    state->phase = phase_of(alert);
    state->held = alert->condition != VG_ENDED;
    state->lost = alert->condition == VG_CONDITION_UNKNOWN;
    state->onset = alert->onset;
    state->clear_since = alert->clear_since;
    return VG_OK;
}

/* What was on when the past ended and is not in the store is told now. */
static void catch_up(struct vg_engine *engine, struct vg_bed *bed)
{
    bed->asked = vg_later(bed->asked, engine->now);
    const struct vg_asking asking = {.engine = engine,
                                     .bed = bed,
                                     .at = bed->asked,
                                     .trigger = VG_UNSET,
                                     .stamp = engine->now};

    for (size_t i = 0; i < bed->protocol->rule_count + VG_BUILTIN_COUNT; i++) {
        struct vg_rule_state *state = &bed->state[i];
        state->held = false;
        if (state->alert == NULL && state->phase != VG_IDLE &&
            state->phase != VG_PENDING) {
            vg_tell_raised(&asking, i, state->onset);
        }
        if (i < bed->protocol->rule_count) {
            vg_rule_ask(&asking, i);
        }
    }
    vg_bed_rewake(engine, bed);
}

enum vg_status vg_engine_restore_end(struct vg_engine *engine, struct vg_instant at,
                                     struct vg_effects *effects)
{
    engine->restoring = false;
    engine->now = vg_later(engine->now, at);
    vg_tell_begin(engine);
    for (size_t i = 0; i < engine->heap_count; i++) {
        if (!vg_tell_reserve(engine, engine->sorted[i], 0)) {
            return vg_tell_end(engine, effects, VG_NO_MEMORY);
        }
        catch_up(engine, engine->sorted[i]);
    }
    return vg_tell_end(engine, effects, VG_OK);
}

void vg_engine_open_alerts(const struct vg_engine *engine, const char *ward_or_null,
                           vg_alert_fn *each, void *to)
{
    struct vg_bed *const *all = engine->sorted;
    bool more = true;

    for (size_t i = 0; more && i < engine->heap_count; i++) {
        if (ward_or_null != NULL && strcmp(all[i]->ward, ward_or_null) != 0) {
            continue;
        }
        const size_t count = all[i]->protocol->rule_count + VG_BUILTIN_COUNT;
        for (size_t k = 0; more && k < count; k++) {
            if (all[i]->state[k].alert != NULL) {
                more = each(to, all[i]->state[k].alert);
            }
        }
    }
}

const struct vg_episode *vg_engine_episode(const struct vg_engine *engine,
                                           const char *ward, const char *bed)
{
    const struct vg_bed *found = vg_roster_find(engine, ward, bed);

    return found != NULL && found->linked ? &found->episode : NULL;
}

uint64_t vg_engine_ward_counter(const struct vg_engine *engine, const char *ward)
{
    for (size_t i = 0; i < engine->ward_count; i++) {
        if (strcmp(engine->ward[i].id, ward) == 0) {
            return engine->ward[i].n;
        }
    }
    return 0;
}

static void assess(const struct vg_bed *bed, struct vg_instant now,
                   struct vg_assessed *out)
{
    out->known = bed->course != NULL;
    if (out->known) {
        const struct vg_view view = {&bed->course->patient, &bed->course->log};
        struct vg_instant next;
        const struct vg_state *state = &bed->course->state;
        const struct vg_instant at =
            vg_state_set(state->at) ? vg_later(now, state->at) : now;
        vg_judge(state, &view, at, &out->now, &next);
    }
}

static void assessed_of(const struct vg_engine *engine, const struct vg_bed *bed,
                        struct vg_assessed *out)
{
    memset(out, 0, sizeof *out);
    (void)vg_copy(out->ward, sizeof out->ward, bed->ward);
    (void)vg_copy(out->bed, sizeof out->bed, bed->bed);
    (void)vg_copy(out->patient, sizeof out->patient,
                  bed->linked ? bed->episode.patient : bed->named);
    assess(bed, engine->now, out);
}

void vg_engine_assess(const struct vg_engine *engine, vg_assessed_fn *each, void *to)
{
    struct vg_bed *const *all = engine->sorted;
    bool more = true;

    for (size_t i = 0; more && i < engine->heap_count; i++) {
        struct vg_assessed assessed;
        assessed_of(engine, all[i], &assessed);
        more = each(to, &assessed);
    }
}

bool vg_engine_assess_bed(const struct vg_engine *engine, const char *ward,
                          const char *bed, struct vg_assessed *out)
{
    const struct vg_bed *found = vg_roster_find(engine, ward, bed);

    if (found != NULL) {
        assessed_of(engine, found, out);
    }
    return found != NULL;
}
