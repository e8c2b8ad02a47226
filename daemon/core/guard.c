/* SPDX-License-Identifier: Apache-2.0
 *
 * What is watched whatever the protocol says: a value that is refused as a number because
 * it is below what can be measured must still call somebody (Clinical reference 10.1:
 * "never let a hard limit turn a dying patient into silence").
 */
#include <string.h>

#include "core/engine_inside.h"

#define CONTINUOUS_FOR (15 * VG_SECOND) /* below the limit this long, 10.1 */
#define CONTINUOUS_GAP (30 * VG_SECOND) /* with pauses no longer than this, 10.1 */
/* With longer ones, of a monitor that reports seldom, a minute; else a pulse of 0 each minute would call nobody. The
 * longest pause is that of saturation (1.4). A project proposal. */
#define SPARSE_FOR VG_MINUTE
#define SPARSE_GAP (15 * VG_MINUTE)

/* So long nothing wrong must have come, by the clock of arrival, before the next right message ends
 * it: a wrong device beside a right one would else be a new alert, and a new call, with each message.
 * A project proposal. */
#define CALM (5 * VG_MINUTE)

static size_t index_of(const struct vg_bed *bed, enum vg_builtin which)
{
    return bed->protocol->rule_count + (size_t)which;
}

void vg_guard_raise(const struct vg_asking *asking, enum vg_builtin which)
{
    struct vg_rule_state *state = &asking->bed->state[index_of(asking->bed, which)];

    state->last_yes = asking->stamp;
    if (state->phase == VG_IDLE) {
        state->phase = VG_ON;
        state->onset = asking->at;
        vg_tell_raised(asking, index_of(asking->bed, which), state->onset);
    }
}

/* After a restart nothing tells when the last wrong one came: as if it were now. */
static bool is_over(const struct vg_asking *asking, enum vg_builtin which)
{
    struct vg_rule_state *state = &asking->bed->state[index_of(asking->bed, which)];

    if (state->phase == VG_IDLE || which == VG_CHECK_PATIENT ||
        which == VG_PROTOCOL_UNKNOWN) {
        return state->phase != VG_IDLE;
    }
    if (!vg_is_set(state->last_yes)) {
        state->last_yes = asking->stamp;
    }
    return vg_since(asking->stamp, state->last_yes) >= CALM;
}

void vg_guard_end(const struct vg_asking *asking, enum vg_builtin which)
{
    struct vg_rule_state *state = &asking->bed->state[index_of(asking->bed, which)];

    if (is_over(asking, which)) {
        state->phase = VG_IDLE;
        vg_tell_ended(asking->engine, asking->bed, index_of(asking->bed, which), false,
                      asking->stamp);
    }
}

static bool stream(const struct vg_reading *reading)
{
    return vg_source_streams(reading->source);
}

/* Where a run of continuous values below the limit is kept: HR, RR, SpO2, SBP of a line, and
 * HR above the limit; -1 if this value starts none. */
static int run_of(const struct vg_reading *reading, bool below)
{
    if (!below) {
        return reading->signal == VG_HR ? 4 : -1;
    }
    switch ((int)reading->signal) {
    case VG_HR:
        return 0;
    case VG_RR:
        return 1;
    case VG_SPO2:
        return 2;
    case VG_SBP:
        return stream(reading) ? 3 : -1;
    default:
        return -1;
    }
}

static bool vital(enum vg_signal signal)
{
    return signal <= VG_MAP;
}

/* What one source opened, a less trusted one does not end (0.9). */
static uint8_t trust_of(const struct vg_reading *reading)
{
    const struct vg_item item = {.signal = (uint8_t)reading->signal,
                                 .source = (uint8_t)reading->source,
                                 .method = (uint8_t)reading->method};

    return (uint8_t)vg_item_trust(&item);
}

/* Came so late that it is not about now (0.3). */
static bool is_late(const struct vg_asking *asking, const struct vg_reading *reading)
{
    const struct vg_sample sample = {
        .measured = asking->at, .source = reading->source, .method = reading->method};

    return vg_bed_lateness(asking->bed, reading->signal, &sample, asking->stamp) != 0;
}

/* Takes a value into its run; whether that lasts long enough. */
static bool lasts(struct vg_bed *bed, int run, struct vg_instant at)
{
    struct vg_below *below = &bed->below[run];
    const bool on = (bed->runs >> run & 1) != 0;
    const vg_ms pause = vg_since(at, below->last);

    if (!on || pause > SPARSE_GAP) {
        bed->runs |= 1U << run;
        *below = (struct vg_below){at, at, at};
    } else if (vg_since(below->dense, at) <= CONTINUOUS_GAP) {
        below->first = vg_earlier(below->first, at);
        below->dense = pause > CONTINUOUS_GAP ? at : vg_earlier(below->dense, at);
        below->last = vg_later(below->last, at);
    }
    return vg_since(below->last, below->dense) >= CONTINUOUS_FOR ||
           vg_since(below->last, below->first) >= SPARSE_FOR;
}

/* Whether a value outside the hard range is dangerous now. */
static bool dangerous(const struct vg_asking *asking, const struct vg_reading *reading)
{
    const bool below = reading->value < vg_signal_info(reading->signal)->hard_low;

    if (!vital(reading->signal) || is_late(asking, reading)) {
        return false;
    }
    if (!stream(reading)) {
        return below;
    }
    const int run = run_of(reading, below);
    return run >= 0 && lasts(asking->bed, run, asking->at);
}

/* A usable value newer than a run ends it. */
static void end_runs(struct vg_bed *bed, const struct vg_reading *reading,
                     struct vg_instant at)
{
    for (int below = 0; below < 2 && bed->runs != 0; below++) {
        const int run = run_of(reading, below == 1);
        if (run >= 0 && at.ms >= bed->below[run].last.ms) {
            bed->runs &= ~(1U << run);
        }
    }
}

/* Newer than what called, and of a source trusted no less (0.9). */
static bool answers(const struct vg_bed *bed, const struct vg_reading *reading,
                    struct vg_instant at)
{
    return at.ms >= bed->danger_at[reading->signal].ms &&
           trust_of(reading) <= bed->danger_trust[reading->signal];
}

static void usable(const struct vg_asking *asking, const struct vg_reading *reading)
{
    struct vg_bed *bed = asking->bed;
    const uint64_t bit = (uint64_t)1 << reading->signal;

    if (reading->measured.ms != asking->at.ms) {
        return; /* stamped in the future: ends nothing (0.3) */
    }
    end_runs(bed, reading, asking->at);
    if ((bed->danger & bit) != 0 && answers(bed, reading, asking->at)) {
        bed->danger &= ~bit;
        if (bed->danger == 0) {
            vg_guard_end(asking, VG_CHECK_PATIENT);
        }
    }
    if ((bed->refused & bit) != 0 && is_over(asking, VG_OUT_OF_RANGE_RULE)) {
        bed->refused &= ~bit;
        if (bed->refused == 0) {
            vg_guard_end(asking, VG_OUT_OF_RANGE_RULE);
        }
    }
}

/* The first of what lasts long enough. */
static struct vg_instant began(const struct vg_below *below)
{
    return vg_since(below->last, below->first) >= SPARSE_FOR ? below->first
                                                             : below->dense;
}

static void raise_danger(const struct vg_asking *asking,
                         const struct vg_reading *reading)
{
    struct vg_bed *bed = asking->bed;
    const uint64_t bit = (uint64_t)1 << reading->signal;
    const int run = stream(reading)
                        ? run_of(reading, reading->value <
                                              vg_signal_info(reading->signal)->hard_low)
                        : -1;
    struct vg_asking onset = *asking;

    onset.at = run >= 0 ? began(&bed->below[run]) : asking->at;
    if ((bed->danger & bit) == 0 ||
        trust_of(reading) < bed->danger_trust[reading->signal]) {
        bed->danger_trust[reading->signal] = trust_of(reading);
    }
    bed->danger |= bit;
    bed->danger_at[reading->signal] = asking->at;
    vg_guard_raise(&onset, VG_CHECK_PATIENT);
}

void vg_guard_reading(const struct vg_asking *asking, const struct vg_reading *reading)
{
    if (!reading->out_of_range) {
        usable(asking, reading);
        return;
    }
    asking->bed->refused |= (uint64_t)1 << reading->signal;
    vg_guard_raise(asking, VG_OUT_OF_RANGE_RULE);
    if (dangerous(asking, reading)) {
        raise_danger(asking, reading);
    }
}

/* Bit of bed->danger for patterns that call, beside those of the signals. */
#define PATTERN ((uint64_t)1 << VG_MEASURED_COUNT)

void vg_guard_judged(const struct vg_asking *asking)
{
    struct vg_bed *bed = asking->bed;
    const struct vg_assessment *now = vg_bed_assessment(bed);
    const bool is = now != NULL && now->quality.check.truth == VG_TRUE;

    if (is && (bed->danger & PATTERN) == 0) {
        struct vg_asking onset = *asking;
        onset.at = now->quality.check.since;
        bed->danger |= PATTERN;
        vg_guard_raise(&onset, VG_CHECK_PATIENT);
    } else if (!is && (bed->danger & PATTERN) != 0) {
        bed->danger &= ~PATTERN;
        if (bed->danger == 0) {
            vg_guard_end(asking, VG_CHECK_PATIENT);
        }
    }
}
