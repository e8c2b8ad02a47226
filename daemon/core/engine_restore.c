/* SPDX-License-Identifier: Apache-2.0
 *
 * Rebuilding the engine from what was stored, and reading out what is open.
 */
#include <stdlib.h>
#include <string.h>

#include "core/rule_print.h"
#include "core/stay.h"

void vg_engine_restore_begin(struct vg_engine *engine)
{
    engine->restoring = true;
}

static size_t state_index(const struct vg_bed *bed, const char *rule)
{
    const size_t count = vg_bed_states(bed);
    size_t i = 0;

    while (i < count && strcmp(vg_bed_rule(bed, i)->id, rule) != 0) {
        i++;
    }
    return i < count ? i : SIZE_MAX;
}

static enum vg_status keep(struct vg_engine *engine, const struct vg_alert *alert)
{
    if (engine->stored_count == engine->stored_size) {
        const size_t size = engine->stored_size * 2 + 16;
        struct vg_alert **grown =
            realloc(engine->stored, size * sizeof(struct vg_alert *));
        if (grown == NULL) {
            return VG_NO_MEMORY;
        }
        engine->stored = grown;
        engine->stored_size = size;
    }
    struct vg_alert *kept = malloc(sizeof *kept);
    if (kept == NULL) {
        return VG_NO_MEMORY;
    }
    *kept = *alert;
    engine->stored[engine->stored_count++] = kept;
    return VG_OK;
}

void vg_engine_stored_finish(struct vg_engine *engine)
{
    for (size_t i = 0; i < engine->stored_count; i++) {
        free(engine->stored[i]);
    }
    free(engine->stored);
    engine->stored = NULL;
    engine->stored_count = engine->stored_size = 0;
    free(engine->off);
    engine->off = NULL;
    engine->off_count = engine->off_size = 0;
    vg_carry_finish(engine);
}

/* A pause begins when it did: an admission of last week must not end that of today. */
static enum vg_status keep_pause(struct vg_engine *engine, const struct vg_pause *pause)
{
    if (engine->off_count == engine->off_size) {
        const size_t size = engine->off_size * 2 + 8;
        struct vg_pause *grown = realloc(engine->off, size * sizeof *grown);
        if (grown == NULL) {
            return VG_NO_MEMORY;
        }
        engine->off = grown;
        engine->off_size = size;
    }
    engine->off[engine->off_count++] = *pause;
    return VG_OK;
}

enum vg_status vg_engine_restore_pauses(struct vg_engine *engine, struct vg_instant at)
{
    for (size_t i = engine->off_count; i > 0; i--) {
        const struct vg_pause *pause = &engine->off[i - 1];
        if (pause->at.ms >= at.ms) {
            continue;
        }
        struct vg_bed *bed = vg_roster_bed(engine, pause->ward, pause->bed);
        if (bed == NULL) {
            return VG_NO_MEMORY;
        }
        bed->pause = *pause;
        engine->off[i - 1] = engine->off[--engine->off_count];
    }
    return VG_OK;
}

enum vg_status vg_engine_restore_event(struct vg_engine *engine,
                                       const struct vg_event *event)
{
    struct vg_ward_state *ward;

    if (event->kind == VG_EVENT_ALERT) {
        engine->known = vg_later(engine->known, event->alert->at);
        return keep(engine, event->alert);
    }
    if (event->kind == VG_EVENT_PAUSED) {
        engine->known = vg_later(engine->known, event->pause->at);
        return keep_pause(engine, event->pause);
    }
    if (event->kind == VG_EVENT_CARRIED) {
        return vg_carry_keep(engine, event);
    }
    if (event->kind == VG_EVENT_ANSWERED) {
        return vg_command_answered(engine, event->answer);
    }
    ward = vg_roster_ward(engine, event->counter.ward);
    if (ward == NULL) {
        return VG_NO_MEMORY;
    }
    ward->n = event->counter.n;
    engine->known = vg_later(engine->known, event->at); /* of its latest change */
    return VG_OK;
}

/* ---- The end of the past */

/* Where the alert's patient is now, however often they were moved since; else its place, made if it is
 * missing. NULL: no memory. */
static struct vg_bed *home_of(struct vg_engine *engine, const struct vg_alert *alert)
{
    for (size_t i = 0; alert->episode[0] != '\0' && i < engine->heap_count; i++) {
        struct vg_bed *bed = engine->heap[i];
        if (bed->linked && strcmp(bed->episode.id, alert->episode) == 0) {
            return bed;
        }
    }
    return vg_roster_bed(engine, alert->ward, alert->bed);
}

static bool of_another(const struct vg_bed *bed, const struct vg_alert *alert)
{
    return bed->linked &&
           alert->episode[0] != '\0' && /* "": raised before the admission */
           strcmp(bed->episode.id, alert->episode) != 0;
}

/* NULL: no memory. */
static struct vg_rule_state *state_for(struct vg_bed *bed, const struct vg_alert *alert)
{
    const size_t index = state_index(bed, alert->rule);

    if (index != SIZE_MAX && bed->state[index].alert == NULL) {
        return &bed->state[index];
    }
    return vg_bed_orphan(bed); /* its rule is gone: kept until somebody closes it */
}

/* Its patient is gone, and another lies there: whoever was told is told the end. */
static void close_stray(struct vg_engine *engine, struct vg_alert *alert,
                        struct vg_instant at)
{
    const struct vg_turn turn = vg_care_end(alert, true, at);

    vg_tell_put(engine, alert, &turn, at);
    free(alert);
}

/* An assessment that stood on vital signs older than all that was read back (a day of them): its no is none of an alert
 * that went on between its limits until the daemon died. Laboratory values and what was charted are read back for longer. */
static bool not_read(const struct vg_bed *bed, size_t index,
                     const struct vg_alert *alert)
{
    const struct vg_rule *rule = vg_bed_rule(bed, index);
    const struct vg_rule_state *state = &bed->state[index];
    const uint64_t watches = rule->when.watches | rule->clear.watches;
    bool vital = false;

    for (unsigned s = 0; s < VG_MEASURED_COUNT; s++) {
        const struct vg_window *window = bed->window[s];
        if ((watches >> s & 1) == 0 ||
            vg_signal_info((enum vg_signal)s)->kind != VG_VITAL) {
            continue;
        }
        if (window != NULL && window->count > 0 &&
            vg_window_when(window, 0).ms <= alert->onset.ms) {
            return false;
        }
        vital = true;
    }
    return vital && (rule->when.topics | rule->clear.topics) != 0 &&
           state->phase < VG_ON && state->ended_onset.ms != alert->onset.ms;
}

/* The same of what raised its severity: this very occurrence was not read back. */
static bool rose_unread(const struct vg_bed *bed, size_t index,
                        const struct vg_alert *alert)
{
    const struct vg_rule *rule = vg_bed_rule(bed, index);
    const struct vg_rule_state *state = &bed->state[index];

    return alert->severity > rule->severity && rule->escalate.topics != 0 &&
           (state->phase < VG_ON || state->onset.ms != alert->onset.ms);
}

static void attach(const struct vg_engine *engine, struct vg_bed *bed, size_t index,
                   struct vg_alert *alert)
{
    struct vg_rule_state *state = &bed->state[index];
    const bool unread = not_read(bed, index, alert);

    state->rose_unread = rose_unread(bed, index, alert);
    vg_rule_attach(state, alert, vg_bed_rule(bed, index), bed->protocol->digest);
    if (unread && state->phase >= VG_ON && state->rewritten == VG_SAME_TEST) {
        state->rewritten = VG_NOT_READ;
    }
    vg_carer_mend(engine, bed, index);
}

static enum vg_status attach_all(struct vg_engine *engine, struct vg_instant at)
{
    for (size_t i = 0; i < engine->stored_count; i++) {
        struct vg_alert *alert = engine->stored[i];
        if (alert == NULL) {
            continue; /* attached before memory ended */
        }
        struct vg_bed *bed = home_of(engine, alert);
        if (bed == NULL || !vg_tell_room(engine, 1, 0)) {
            return VG_NO_MEMORY;
        }
        if (of_another(bed, alert)) {
            engine->stored[i] = NULL;
            close_stray(engine, alert, at);
            continue;
        }
        struct vg_rule_state *state = state_for(bed, alert);
        if (state == NULL) {
            return VG_NO_MEMORY;
        }
        engine->stored[i] = NULL;
        attach(engine, bed, (size_t)(state - bed->state), alert);
    }
    vg_engine_stored_finish(engine);
    return VG_OK;
}

/* Told long before the daemon died, it would be in the store: of what was charted it came out without the vital signs
 * beside it, which were not read back, and nothing known now says it. */
static bool never_was(const struct vg_bed *bed, const struct vg_rule_state *state)
{
    const struct vg_instant died =
        bed->course != NULL ? bed->course->patient.carried.at : (struct vg_instant){0};

    return state->lost && vg_state_set(died) && vg_since(died, state->onset) >= VG_HOUR;
}

/* What was on when the past ended and is not in the store is told now. */
static void catch_up(struct vg_engine *engine, struct vg_bed *bed)
{
    /* else time has been served, each feed's lag included */
    bed->asked = vg_is_set(bed->asked) ? bed->asked : engine->now;
    const struct vg_asking asking = {.engine = engine,
                                     .bed = bed,
                                     .at = bed->asked,
                                     .trigger = VG_UNSET,
                                     .stamp = engine->now,
                                     .by_time = true};

    vg_bed_tell_orphans(engine, bed, engine->now);
    for (size_t i = 0; i < vg_bed_states(bed); i++) {
        struct vg_rule_state *state = &bed->state[i];
        const bool missed = state->alert == NULL && state->phase >= VG_ON;
        if (missed && never_was(bed, state)) {
            vg_stay_state_idle(state);
        } else if (missed) {
            vg_tell_missed(&asking, i);
        }
        if (i < bed->protocol->rule_count) {
            vg_rule_ask(&asking, i);
        }
    }
    if (!bed->node) {
        vg_stay_check_protocol(engine, bed); /* files may have come or gone meanwhile */
    }
    bed->uncovered = engine->now; /* what covered an alert may not have come back */
    vg_bed_rewake(engine, bed);
}

enum vg_status vg_engine_restore_end(struct vg_engine *engine, struct vg_instant at,
                                     struct vg_effects *effects)
{
    vg_tell_begin(engine);
    /* What was told may be later than the last message: time had gone on. */
    engine->now = vg_later(engine->now, vg_later(at, engine->known));
    enum vg_status status = vg_engine_restore_pauses(engine, VG_NEVER);
    if (status == VG_OK) {
        status = vg_engine_pass_time(engine, engine->now);
    }
    if (status != VG_OK) {
        return vg_tell_end(engine, effects, status); /* still restoring */
    }
    engine->restoring = false;
    engine->grace = vg_after(engine->now, VG_GRACE);
    status = attach_all(engine, engine->now);
    for (size_t i = 0; status == VG_OK && i < engine->heap_count; i++) {
        if (!vg_tell_reserve(engine, engine->sorted[i], 0)) {
            status = VG_NO_MEMORY;
        } else {
            catch_up(engine, engine->sorted[i]);
        }
    }
    engine->grace = VG_UNSET;
    return vg_tell_end(engine, effects, status);
}

/* Where the beds of this ward begin among the sorted ones. */
static size_t first_of(const struct vg_engine *engine, const char *ward)
{
    size_t low = 0;
    size_t high = engine->heap_count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (strcmp(engine->sorted[middle]->ward, ward) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void vg_engine_open_alerts(const struct vg_engine *engine, const char *ward_or_null,
                           vg_alert_fn *each, void *to)
{
    struct vg_bed *const *all = engine->sorted;
    bool more = true;

    for (size_t i = ward_or_null != NULL ? first_of(engine, ward_or_null) : 0;
         more && i < engine->heap_count &&
         (ward_or_null == NULL || strcmp(all[i]->ward, ward_or_null) == 0);
         i++) {
        const size_t count = vg_bed_states(all[i]);
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
