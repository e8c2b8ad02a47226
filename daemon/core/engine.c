/* SPDX-License-Identifier: Apache-2.0
 *
 * The engine: takes an event apart and walks the corridor, window, rule, alert.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/engine_inside.h"

struct vg_engine *vg_engine_create(const struct vg_rulebook *book)
{
    struct vg_engine *engine = calloc(1, sizeof *engine);

    assert(book->protocol_count > 0); /* the shell does not start without */
    if (engine != NULL) {
        engine->book = book;
        engine->now = VG_UNSET;
    }
    return engine;
}

void vg_engine_destroy(struct vg_engine *engine)
{
    if (engine == NULL) {
        return;
    }
    for (size_t i = 0; i < engine->heap_count; i++) {
        vg_bed_destroy(engine->heap[i]);
    }
    free(engine->heap);
    free(engine->table);
    free(engine->ward);
    vg_tell_finish(engine);
    free(engine);
}

/* ---- Time */

static enum vg_status serve(struct vg_engine *engine, struct vg_bed *bed)
{
    const struct vg_instant wake = bed->wake;

    if (!vg_tell_reserve(engine, bed, 0)) {
        return VG_NO_MEMORY;
    }
    for (size_t i = 0; i < bed->protocol->rule_count; i++) {
        struct vg_rule_state *state = &bed->state[i];
        if (state->wake.ms > wake.ms) {
            continue;
        }
        bed->asked = vg_later(bed->asked, state->due);
        const struct vg_asking asking = {.engine = engine,
                                         .bed = bed,
                                         .at = bed->asked,
                                         .trigger = VG_UNSET,
                                         .stamp = wake};
        vg_rule_ask(&asking, i);
    }
    vg_bed_rewake(engine, bed);
    return VG_OK;
}

/* Everything due up to `at`, each thing at its own instant. */
static enum vg_status pass_time(struct vg_engine *engine, struct vg_instant at)
{
    while (engine->heap_count > 0 && engine->heap[0]->wake.ms <= at.ms) {
        if (serve(engine, engine->heap[0]) != VG_OK) {
            return VG_NO_MEMORY;
        }
    }
    return VG_OK;
}

/* ---- Messages */

#define FUTURE (60 * VG_SECOND) /* Clinical reference 0.3 */
#define LAG    (15 * VG_MINUTE) /* beyond this a reading is late, not lagging: 0.3 */

static bool is_usable(const struct vg_reading *reading)
{
    return reading->quality <= VG_QUALITY_QUESTIONABLE && !reading->out_of_range;
}

/* A time more than 60 s ahead is judged as measured on arrival (Clinical reference 0.3). */
static struct vg_instant judged(const struct vg_engine *engine,
                                struct vg_instant measured)
{
    return vg_since(measured, engine->now) > FUTURE ? engine->now : measured;
}

static bool reserve(struct vg_engine *engine, struct vg_bed *bed,
                    const struct vg_message *message)
{
    for (size_t i = 0; i < message->reading_count; i++) {
        struct vg_window *window = vg_bed_window(bed, message->readings[i].signal);
        if (window == NULL || !vg_window_reserve(window, 1)) {
            return false;
        }
    }
    return vg_tell_reserve(engine, bed, 1);
}

/* Measured before this patient came: it is somebody else's. */
static bool before_stay(const struct vg_bed *bed, struct vg_instant measured)
{
    return bed->linked && measured.ms < bed->episode.begin.ms;
}

static void put(const struct vg_asking *asking, const struct vg_reading *reading,
                uint64_t *touched, uint64_t *behind)
{
    const struct vg_engine *engine = asking->engine;
    const struct vg_sample sample = {asking->trigger, reading->value, reading->source,
                                     reading->method};
    struct vg_window *window = asking->bed->window[reading->signal];
    const uint64_t bit = (uint64_t)1 << reading->signal;

    asking->engine->counts.readings++;
    if (!is_usable(reading) || before_stay(asking->bed, asking->trigger)) {
        return;
    }
    const enum vg_taken taken = vg_window_put(window, &sample);
    if (taken == VG_TAKEN) {
        const bool stream = reading->source == VG_SOURCE_CONTINUOUS ||
                            reading->source == VG_SOURCE_ARTERIAL;
        const vg_ms lag = vg_since(engine->now, sample.measured);
        window->lag = stream && lag > 0 && lag <= LAG ? lag : 0;
        *touched |= bit;
    } else if (taken == VG_TAKEN_LATE || taken == VG_CORRECTED) {
        *touched |= bit;
        *behind |= bit;
    }
}

static void ask_watching(struct vg_asking *asking, uint64_t behind, bool charted)
{
    struct vg_bed *bed = asking->bed;
    const struct vg_instant own = asking->trigger;

    for (size_t i = 0; i < bed->protocol->rule_count; i++) {
        const struct vg_rule *rule = &bed->protocol->rule[i];
        if ((rule->watches & behind) != 0) {
            asking->at = own;
            asking->late = true;
            vg_rule_ask_late(asking, i);
            asking->late = false;
        }
        if ((rule->watches & asking->touched) != 0 ||
            (charted && rule->watches_chart)) {
            asking->at = bed->asked;
            vg_rule_ask(asking, i);
        }
    }
}

/* All readings of one instant together, so that a rule sees them as one. */
static void instant(struct vg_engine *engine, struct vg_bed *bed,
                    const struct vg_message *message, struct vg_instant at)
{
    struct vg_asking asking = {
        .engine = engine, .bed = bed, .at = at, .trigger = at, .stamp = engine->now};
    uint64_t behind = 0;
    bool charted = false;

    for (size_t i = 0; i < message->reading_count; i++) {
        const struct vg_reading *reading = &message->readings[i];
        if (judged(engine, reading->measured).ms != at.ms) {
            continue;
        }
        if (reading->quality <= VG_QUALITY_QUESTIONABLE && !before_stay(bed, at)) {
            vg_guard_reading(&asking, reading);
        }
        put(&asking, reading, &asking.touched, &behind);
    }
    for (size_t i = 0; i < message->entry_count; i++) {
        charted = charted || judged(engine, message->entries[i].at).ms == at.ms;
    }
    bed->asked = vg_later(bed->asked, at);
    ask_watching(&asking, behind, charted);
}

/* The earliest instant of the message after `after`, or VG_NEVER. */
static struct vg_instant next_instant(const struct vg_engine *engine,
                                      const struct vg_message *message,
                                      struct vg_instant after)
{
    struct vg_instant best = VG_NEVER;

    for (size_t i = 0; i < message->reading_count; i++) {
        const struct vg_instant at = judged(engine, message->readings[i].measured);
        if (at.ms > after.ms && at.ms < best.ms) {
            best = at;
        }
    }
    for (size_t i = 0; i < message->entry_count; i++) {
        const struct vg_instant at = judged(engine, message->entries[i].at);
        if (at.ms > after.ms && at.ms < best.ms) {
            best = at;
        }
    }
    return best;
}

static bool chart(struct vg_bed *bed, const struct vg_engine *engine,
                  const struct vg_message *message)
{
    for (size_t i = 0; i < message->entry_count; i++) {
        struct vg_entry entry = message->entries[i];
        entry.at = judged(engine, entry.at);
        if (!vg_bed_chart(bed, &entry)) {
            return false;
        }
    }
    return true;
}

static bool same_patient(struct vg_engine *engine, struct vg_bed *bed,
                         const struct vg_message *message)
{
    const struct vg_asking asking = {.engine = engine,
                                     .bed = bed,
                                     .at = judged(engine, message->measured),
                                     .trigger = VG_UNSET,
                                     .stamp = engine->now};
    struct vg_refusal refusal = {.reason = VG_IDENTITY, .item = -1};

    if (message->patient[0] == '\0' || before_stay(bed, message->measured)) {
        return true;
    }
    if (!bed->linked) {
        (void)vg_copy(bed->named, sizeof bed->named, message->patient);
        return true;
    }
    if (strcmp(bed->episode.patient, message->patient) == 0) {
        vg_guard_end(&asking, VG_IDENTITY_MISMATCH);
        return true;
    }
    (void)vg_copy(
        refusal.detail, sizeof refusal.detail,
        "the message names another patient than the one admitted to this bed");
    vg_tell_refused(engine, refusal);
    vg_guard_raise(&asking, VG_IDENTITY_MISMATCH);
    return false;
}

static void check_clock(struct vg_engine *engine, struct vg_bed *bed,
                        const struct vg_message *message)
{
    const struct vg_asking asking = {.engine = engine,
                                     .bed = bed,
                                     .at = engine->now,
                                     .trigger = VG_UNSET,
                                     .stamp = engine->now};

    if (vg_since(message->measured, engine->now) > FUTURE) {
        vg_guard_raise(&asking, VG_CLOCK_FUTURE);
    } else {
        vg_guard_end(&asking, VG_CLOCK_FUTURE);
    }
}

static enum vg_status take_message(struct vg_engine *engine,
                                   const struct vg_message *message)
{
    struct vg_bed *bed = vg_roster_bed(engine, message->ward, message->bed);

    if (bed == NULL || !reserve(engine, bed, message)) {
        return VG_NO_MEMORY;
    }
    if (!same_patient(engine, bed, message)) {
        return VG_OK;
    }
    if (!chart(bed, engine, message)) {
        return VG_NO_MEMORY;
    }
    check_clock(engine, bed, message);
    for (struct vg_instant at = next_instant(engine, message, VG_UNSET);
         !vg_is_never(at); at = next_instant(engine, message, at)) {
        if (!reserve(engine, bed, message)) {
            return VG_NO_MEMORY;
        }
        instant(engine, bed, message, at);
    }
    if (!vg_is_set(bed->since) && vg_is_set(bed->asked)) {
        bed->since = bed->asked; /* heard from for the first time */
        if (!vg_tell_reserve(engine, bed, 0)) {
            return VG_NO_MEMORY;
        }
        vg_bed_ask_all(engine, bed);
    }
    vg_bed_rewake(engine, bed);
    return VG_OK;
}

/* ---- The contract */

enum vg_status vg_engine_step(struct vg_engine *engine, const struct vg_event *event,
                              struct vg_effects *effects)
{
    vg_tell_begin(engine, effects);
    engine->counts.steps++;
    if (pass_time(engine, event->at) != VG_OK) {
        return VG_NO_MEMORY;
    }
    engine->now = vg_later(engine->now, event->at);
    enum vg_status status = VG_OK;
    switch (event->kind) {
    case VG_EVENT_TIME:
        return VG_OK;
    case VG_EVENT_MESSAGE:
        status = take_message(engine, event->message);
        break;
    case VG_EVENT_EPISODE:
        status = vg_stay_event(engine, event->admission);
        break;
    case VG_EVENT_ALERT:
        return vg_engine_restore_alert(engine, event->alert);
    case VG_EVENT_WARD: {
        struct vg_ward_state *ward = vg_roster_ward(engine, event->counter.ward);
        if (ward == NULL) {
            return VG_NO_MEMORY;
        }
        ward->n = event->counter.n;
        return VG_OK;
    }
    }
    return status == VG_OK ? pass_time(engine, engine->now) : status;
}

struct vg_instant vg_engine_deadline(const struct vg_engine *engine)
{
    return engine->heap_count > 0 ? engine->heap[0]->wake : VG_NEVER;
}

enum vg_status vg_engine_adopt(struct vg_engine *engine, const struct vg_rulebook *book)
{
    for (size_t i = 0; i < engine->heap_count; i++) {
        struct vg_bed *bed = engine->heap[i];
        const struct vg_protocol *next =
            bed->linked ? vg_book_of_episode(book, bed->ward, bed->episode.protocol,
                                             bed->episode.product)
                        : vg_book_of_ward(book, bed->ward);
        if (!vg_bed_adopt(bed, next)) {
            return VG_NO_MEMORY;
        }
    }
    engine->book = book;
    return VG_OK;
}

struct vg_engine_counts vg_engine_counts(const struct vg_engine *engine)
{
    struct vg_engine_counts counts = engine->counts;

    counts.beds = engine->heap_count;
    for (size_t i = 0; i < engine->heap_count; i++) {
        counts.patients += engine->heap[i]->linked;
    }
    return counts;
}
