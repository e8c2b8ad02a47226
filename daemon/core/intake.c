/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages: each instant of one goes into the windows and the course, and the rules that
 * it concerns are asked. Whose windows: belong.c.
 */
#include <string.h>

#include "core/carer.h"

#define LAG (15 * VG_MINUTE) /* beyond this a reading is late, not lagging: 0.3 */

static bool is_usable(const struct vg_reading *reading)
{
    return reading->quality <= VG_QUALITY_QUESTIONABLE && !reading->out_of_range;
}

bool vg_intake_reserve(struct vg_engine *engine, struct vg_bed *bed,
                       const struct vg_message *message)
{
    uint32_t more[VG_MEASURED_COUNT] = {0};
    size_t singles = message->entry_count + message->failed_count;

    for (size_t i = 0; i < message->reading_count; i++) {
        singles += message->readings[i].signal >= VG_STREAMS ||
                           !vg_source_streams(message->readings[i].source)
                       ? 2 /* with its perfusion index */
                       : 0;
        more[message->readings[i].signal]++;
        more[VG_PI] += message->readings[i].pi >= 0;
    }
    for (unsigned s = 0; s < VG_MEASURED_COUNT; s++) {
        if (more[s] == 0) {
            continue;
        }
        struct vg_window *window = vg_bed_window(bed, (enum vg_signal)s);
        if (window == NULL || !vg_window_reserve(window, more[s])) {
            return false;
        }
    }
    if (bed->course != NULL &&
        (!vg_log_reserve(&bed->course->log, singles, 2 * message->reading_count) ||
         !vg_course_condense(bed->course, bed->window, engine->now))) {
        return false;
    }
    return vg_tell_reserve(engine, bed, 1);
}

/* What one instant of a message brought. */
struct brought {
    uint64_t
        newest; /* the newest of their signals, measured before the bed was last asked */
    uint64_t behind; /* bit per signal with a reading behind newer ones, or corrected */
    bool charted;
    struct vg_instant late; /* VG_NEVER, or the instant if it lies behind the course */
};

static void put(struct vg_asking *asking, const struct vg_message *message,
                const struct vg_reading *reading, struct brought *brought)
{
    const struct vg_engine *engine = asking->engine;
    struct vg_bed *bed = asking->bed;
    struct vg_sample sample = {.measured = asking->trigger,
                               .value = reading->value,
                               .source = reading->source,
                               .method = reading->method,
                               .device = vg_bed_device(bed, message->device)};
    struct vg_window *window = bed->window[reading->signal];
    const uint64_t bit = (uint64_t)1 << reading->signal;

    sample.marks = vg_bed_lateness(bed, reading->signal, &sample, engine->now);
    sample.marks |= reading->suspect || reading->quality == VG_QUALITY_QUESTIONABLE
                        ? VG_MARK_SUSPECT
                        : 0;
    const bool ahead = reading->measured.ms != asking->trigger.ms;
    sample.marks |= ahead ? VG_MARK_CLOCK : 0;
    asking->ahead = asking->ahead || ahead;
    const enum vg_taken taken = vg_window_put(window, &sample);
    if (taken == VG_REPEATED_READING || taken == VG_NOT_TAKEN) {
        return;
    }
    vg_bed_note(bed, reading, &sample);
    asking->touched |= taken == VG_TOO_OLD ? 0 : bit;
    /* late: Clinical reference 0.3 */
    const bool behind =
        (sample.marks & VG_MARK_LATE) != 0 || vg_window_behind(window, &sample);
    asking->front |= behind ? 0 : bit;
    if (taken == VG_TAKEN) {
        brought->newest |= asking->trigger.ms < bed->asked.ms ? bit : 0;
        const bool stream = vg_source_streams(reading->source);
        const vg_ms lag = vg_since(engine->now, sample.measured);
        window->lag = stream && lag > 0 && lag <= LAG ? lag : 0;
    } else if (taken != VG_TOO_OLD) {
        brought->behind |= bit;
    }
}

/* The perfusion index that comes with an SpO2 is a signal of its own. */
static void put_index(struct vg_asking *asking, const struct vg_message *message,
                      const struct vg_reading *reading, struct brought *brought)
{
    if (reading->signal == VG_SPO2 && reading->pi >= 0) {
        struct vg_reading index = *reading;
        index.signal = VG_PI;
        index.value = reading->pi;
        put(asking, message, &index, brought);
    }
}

static void put_reading(struct vg_asking *asking, const struct vg_message *message,
                        const struct vg_reading *reading, struct brought *brought)
{
    asking->engine->counts.readings++;
    if (reading->quality > VG_QUALITY_QUESTIONABLE) {
        if (reading->quality == VG_QUALITY_INVALID && reading->signal == VG_SBP &&
            reading->source == VG_SOURCE_CUFF) {
            vg_bed_note_failed(asking->bed, asking->trigger, message->device);
        }
        return;
    }
    vg_guard_reading(asking, reading);
    if (is_usable(reading)) {
        put_index(asking, message, reading, brought);
        put(asking, message, reading, brought);
    } else if (!vg_source_streams(reading->source)) {
        const struct vg_sample sample = {.measured = asking->trigger,
                                         .source = reading->source,
                                         .method = reading->method};
        vg_bed_note(asking->bed, reading, &sample);
    }
}

/* A rule is asked when what it asks for itself has come, when an assessment it names has
 * changed, and with each reading of its own while it waits for a span to end, or for what may end it, or if it
 * counts them: an assessment that stays as it was counts once more. */
static bool concerns(const struct vg_bed *bed, size_t i, const struct vg_asking *asking,
                     bool charted, uint32_t changed)
{
    const struct vg_rule *rule = &bed->protocol->rule[i];
    const enum vg_phase phase = bed->state[i].phase;
    const bool waits = phase == VG_PENDING || phase == VG_CLEARING_PHASE ||
                       vg_is_set(bed->state[i].ends_from) ||
                       bed->state[i].rewritten == VG_NOT_READ ||
                       (phase == VG_ON && rule->clear.of_last != 0);

    return (rule->asks & asking->touched) != 0 || (rule->topics & changed) != 0 ||
           (charted && rule->watches_chart) ||
           (waits && (rule->watches & asking->touched) != 0) ||
           (rule->when.of_last != 0 && (rule->when.watches & asking->touched) != 0);
}

/* What a late reading would have raised at its own time, and was not on since. */
static void ask_late(struct vg_asking *asking, const struct brought *brought,
                     const struct vg_assessment *then, size_t i)
{
    struct vg_bed *bed = asking->bed;
    const struct vg_rule *rule = &bed->protocol->rule[i];
    const bool late = !vg_is_never(brought->late);
    const bool live = (rule->asks & brought->newest) != 0;

    if (!live && (rule->asks & brought->behind) == 0 && (!late || rule->topics == 0)) {
        return;
    }
    const enum vg_phase phase = bed->state[i].phase;
    const struct vg_instant onset = bed->state[i].onset;
    bed->then = late ? then : NULL;
    asking->at = asking->trigger;
    asking->late = !live; /* still the newest: nobody has seen it yet (0.3) */
    vg_rule_ask_late(asking, i);
    asking->late = false;
    bed->then = NULL;
    asking->at = bed->asked;
    if (bed->state[i].phase != phase || bed->state[i].onset.ms != onset.ms) {
        const uint64_t front = asking->front;
        asking->front = asking->touched; /* what it has raised it may see over */
        vg_rule_ask(asking, i);          /* and how it stands now */
        asking->front = front;
    }
}

/* A score that pages for late values (0.3) is told as it was then, also where the page still stands: as it is now it
 * says nothing of why. */
static bool told_as_it_was(const struct vg_bed *bed, size_t i,
                           const struct brought *brought)
{
    const struct vg_rule *rule = &bed->protocol->rule[i];

    return rule->pages_late && (rule->topics >> VG_TOPIC_NEWS2 & 1) != 0 &&
           !vg_is_never(brought->late) && bed->state[i].phase == VG_IDLE;
}

static void ask_watching(struct vg_asking *asking, const struct brought *brought)
{
    struct vg_bed *bed = asking->bed;
    struct vg_assessment then;
    const uint32_t changed = vg_bed_judge(bed, asking->stamp, brought->late, &then);

    asking->at = bed->asked;
    vg_carry_look(asking->engine, bed, changed);
    vg_guard_judged(asking);
    for (size_t i = 0; i < bed->protocol->rule_count; i++) {
        if (concerns(bed, i, asking, brought->charted, changed)) {
            if (told_as_it_was(bed, i, brought)) {
                ask_late(asking, brought, &then, i);
            }
            vg_rule_ask(asking, i);
        } else if ((asking->touched >> VG_SBP & 1) != 0 &&
                   bed->state[i].alert != NULL) {
            vg_carer_watch(asking, i); /* lower still, and the finding is the same */
        }
    }
    const bool late =
        brought->behind != 0 || brought->newest != 0 || !vg_is_never(brought->late);
    for (size_t i = 0; late && i < bed->protocol->rule_count; i++) {
        ask_late(asking, brought, &then, i);
    }
}

static void put_failed(struct vg_asking *asking, const struct vg_message *message)
{
    for (size_t i = 0; i < message->failed_count; i++) {
        const struct vg_instant at =
            vg_intake_judged(asking->engine, message->failed[i]);
        if (at.ms == asking->trigger.ms) {
            vg_bed_note_failed(asking->bed, at, message->device);
        }
    }
}

static bool has_news(const struct vg_asking *asking, const struct brought *brought)
{
    const struct vg_course *course = asking->bed->course;

    return asking->touched != 0 || brought->behind != 0 ||
           (course != NULL ? !vg_is_never(course->dirty) : brought->charted);
}

/* What was due before `at` and only waited for this feed, which is usually later (rule_plan.c): now
 * that it has come further, nothing earlier is to be waited for. Asked first, each at its own
 * instant, or a span that ended between two readings would be passed over. VG_NO_MEMORY: some
 * are still due. */
static enum vg_status ask_due(struct vg_engine *engine, struct vg_bed *bed,
                              uint64_t came, struct vg_instant at)
{
    while (bed->due.ms < at.ms) {
        size_t first = bed->protocol->rule_count;
        struct vg_instant due = at;
        for (size_t i = 0; i < bed->protocol->rule_count; i++) {
            if ((bed->protocol->rule[i].watches & came) != 0 &&
                bed->state[i].due.ms < due.ms) {
                due = bed->state[i].due;
                first = i;
            }
        }
        if (first == bed->protocol->rule_count) {
            return VG_OK;
        }
        if (!vg_tell_reserve(engine, bed, 0)) {
            return VG_NO_MEMORY;
        }
        bed->asked = vg_later(bed->asked, due);
        const struct vg_asking asking = {.engine = engine,
                                         .bed = bed,
                                         .at = bed->asked,
                                         .trigger = VG_UNSET,
                                         .stamp = engine->now,
                                         .by_time = true};
        vg_rule_ask(&asking, first);
    }
    return VG_OK;
}

/* The signals that the message measured then. */
static uint64_t signals_at(const struct vg_engine *engine,
                           const struct vg_message *message, struct vg_instant at)
{
    uint64_t signals = 0;

    for (size_t i = 0; i < message->reading_count; i++) {
        const struct vg_reading *r = &message->readings[i];
        if (vg_intake_judged(engine, r->measured).ms == at.ms && is_usable(r)) {
            signals |= (uint64_t)1 << r->signal;
        }
    }
    return signals;
}

/* All readings of one instant together, so that a rule sees them as one. */
static void instant(struct vg_engine *engine, struct vg_bed *bed,
                    const struct vg_message *message, struct vg_instant at)
{
    struct vg_asking asking = {
        .engine = engine, .bed = bed, .at = at, .trigger = at, .stamp = engine->now};
    struct brought brought = {.late = VG_NEVER};

    brought.charted = vg_intake_entries(&asking, message);
    put_failed(&asking, message);
    for (size_t i = 0; i < message->reading_count; i++) {
        if (vg_intake_judged(engine, message->readings[i].measured).ms == at.ms) {
            put_reading(&asking, message, &message->readings[i], &brought);
        }
    }
    /* What was known already is not folded, and so not judged, again. */
    if (bed->course != NULL && vg_state_set(bed->course->state.at) &&
        at.ms < bed->course->state.at.ms && bed->course->dirty.ms <= at.ms) {
        brought.late = at;
    }
    if (at.ms <= bed->asked.ms && !has_news(&asking, &brought)) {
        return; /* the same once more: not even time has passed */
    }
    bed->asked = vg_later(bed->asked, at);
    ask_watching(&asking, &brought);
}

/* Room for the rules is taken instant by instant: for all at once it might be hundreds of
 * megabytes. */
enum vg_status vg_intake_take(struct vg_engine *engine, const struct vg_piece *piece)
{
    struct vg_bed *bed = piece->bed;

    for (struct vg_instant at =
             vg_intake_next(engine, piece->message, vg_after(piece->from, -1));
         at.ms < piece->to.ms; at = vg_intake_next(engine, piece->message, at)) {
        if (ask_due(engine, bed, signals_at(engine, piece->message, at), at) != VG_OK) {
            return VG_NO_MEMORY;
        }
        if (!vg_tell_reserve(engine, bed, 1)) {
            return VG_NO_MEMORY;
        }
        instant(engine, bed, piece->message, at);
    }
    if (!vg_is_set(bed->since) && vg_is_set(bed->asked)) {
        if (!vg_tell_reserve(engine, bed, 0)) {
            return VG_NO_MEMORY;
        }
        bed->since = bed->asked; /* heard from for the first time */
        vg_bed_ask_all(engine, bed, false);
    }
    return VG_OK;
}
