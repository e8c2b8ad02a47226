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

static size_t index_of(const struct vg_bed *bed, enum vg_builtin which)
{
    return bed->protocol->rule_count + (size_t)which;
}

void vg_guard_raise(const struct vg_asking *asking, enum vg_builtin which)
{
    struct vg_rule_state *state = &asking->bed->state[index_of(asking->bed, which)];

    if (state->phase == VG_IDLE) {
        state->phase = VG_ON;
        state->onset = asking->at;
        vg_tell_raised(asking, index_of(asking->bed, which), state->onset);
    }
}

void vg_guard_end(const struct vg_asking *asking, enum vg_builtin which)
{
    struct vg_rule_state *state = &asking->bed->state[index_of(asking->bed, which)];

    if (state->phase != VG_IDLE && !state->held) {
        state->phase = VG_IDLE;
        vg_tell_ended(asking->engine, asking->bed, index_of(asking->bed, which), false,
                      asking->stamp);
    }
}

/* Where a run of continuous values below the limit is kept: HR, RR, SpO2, arterial SBP, and
 * HR above the limit; -1 if this value starts none. */
static int run_of(const struct vg_reading *reading, bool below)
{
    if (reading->signal == VG_HR) {
        return below ? 0 : 4;
    }
    if (!below) {
        return -1;
    }
    if (reading->signal == VG_RR) {
        return 1;
    }
    if (reading->signal == VG_SPO2) {
        return 2;
    }
    return reading->signal == VG_SBP && reading->source == VG_SOURCE_ARTERIAL ? 3 : -1;
}

static bool vital(enum vg_signal signal)
{
    return signal <= VG_MAP;
}

/* Whether a value outside the hard range is dangerous now. */
static bool dangerous(struct vg_bed *bed, const struct vg_reading *reading,
                      struct vg_instant at)
{
    const bool below = reading->value < vg_signal_info(reading->signal)->hard_low;
    const bool stream = reading->source == VG_SOURCE_CONTINUOUS ||
                        reading->source == VG_SOURCE_ARTERIAL;

    if (!stream) {
        return below && vital(reading->signal);
    }
    const int run = run_of(reading, below);
    if (run < 0) {
        return false;
    }
    if ((bed->runs >> run & 1) == 0 ||
        vg_since(at, bed->below_last[run]) > CONTINUOUS_GAP) {
        bed->runs |= 1U << run;
        bed->below_first[run] = at;
    }
    bed->below_last[run] = at;
    return vg_since(at, bed->below_first[run]) >= CONTINUOUS_FOR;
}

static void usable(const struct vg_asking *asking, const struct vg_reading *reading)
{
    struct vg_bed *bed = asking->bed;
    const uint64_t bit = (uint64_t)1 << reading->signal;

    for (int below = 0; below < 2 && bed->runs != 0; below++) {
        const int run = run_of(reading, below == 1);
        bed->runs &= run >= 0 ? ~(1U << run) : ~0U;
    }
    if ((bed->danger & bit) != 0) {
        bed->danger &= ~bit;
        if (bed->danger == 0) {
            vg_guard_end(asking, VG_CHECK_PATIENT);
        }
    }
    if ((bed->refused & bit) != 0) {
        bed->refused &= ~bit;
        if (bed->refused == 0) {
            vg_guard_end(asking, VG_OUT_OF_RANGE_RULE);
        }
    }
}

void vg_guard_reading(const struct vg_asking *asking, const struct vg_reading *reading)
{
    struct vg_bed *bed = asking->bed;

    if (!reading->out_of_range) {
        usable(asking, reading);
        return;
    }
    bed->refused |= (uint64_t)1 << reading->signal;
    vg_guard_raise(asking, VG_OUT_OF_RANGE_RULE);
    if (dangerous(bed, reading, asking->at)) {
        struct vg_asking onset = *asking;
        const int run =
            run_of(reading, reading->value < vg_signal_info(reading->signal)->hard_low);
        if (run >= 0 && (bed->runs >> run & 1) != 0) {
            onset.at = bed->below_first[run]; /* the first of the run */
        }
        bed->danger |= (uint64_t)1 << reading->signal;
        vg_guard_raise(&onset, VG_CHECK_PATIENT);
    }
}
