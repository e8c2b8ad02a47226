/* SPDX-License-Identifier: Apache-2.0
 *
 * Two devices of one class that disagree may hang on two patients: Clinical reference 10.2,
 * "wrong patient".
 */
#include "core/assess/quality_inside.h"

#define DIFFER_FOR VG_MINUTE /* longer than this, 10.2 */

/* Differences that are too large (10.2), and for how long a value may stand for its device
 * (the pause of a run, 1.2 and 1.4; for a cuff the time between two, project proposal). */
static const struct {
    int64_t limit;
    vg_ms fresh;
} classes[VG_CLASSES] = {[VG_CLASS_HR] = {30, 2 * VG_MINUTE},
                         [VG_CLASS_PATCH] = {15, 10 * VG_MINUTE},
                         [VG_CLASS_PROBE] = {15, 10 * VG_MINUTE},
                         [VG_CLASS_LINE] = {40, 2 * VG_MINUTE},
                         [VG_CLASS_CUFF] = {40, 15 * VG_MINUTE}};

/* VG_CLASSES: none. */
static enum vg_quality_class class_of(const struct vg_item *item)
{
    const bool stream = vg_item_stream(item);

    if (item->signal == VG_HR && stream) {
        return VG_CLASS_HR;
    }
    if (item->signal == VG_TEMP && stream) {
        return vg_item_temp_class(item) == VG_TEMP_PROBE ? VG_CLASS_PROBE
                                                         : VG_CLASS_PATCH;
    }
    if (item->signal == VG_SBP && item->source != VG_SOURCE_MANUAL) {
        return stream ? VG_CLASS_LINE : VG_CLASS_CUFF;
    }
    return VG_CLASSES;
}

/* The place of this device: its own, an empty one, or that of the one longer unheard. */
static unsigned place_of(const struct vg_quality_twins *twins, uint8_t device)
{
    if (twins->device[0].device == device || twins->device[1].device == device) {
        return twins->device[0].device == device ? 0 : 1;
    }
    return twins->device[0].at.ms <= twins->device[1].at.ms ? 0 : 1;
}

static bool differ(const struct vg_quality_device *a, const struct vg_quality_device *b,
                   int64_t limit)
{
    return a->low - b->high > limit || b->low - a->high > limit;
}

void vg_quality_devices(struct vg_quality_state *state, const struct vg_item *item)
{
    const enum vg_quality_class kind = class_of(item);

    if (kind == VG_CLASSES || item->device == 0) {
        return;
    }
    struct vg_quality_twins *twins = &state->twins[kind];
    const unsigned mine = place_of(twins, item->device);
    const struct vg_quality_device *other = &twins->device[1 - mine];
    twins->device[mine] = (struct vg_quality_device){item->to, (int16_t)item->low,
                                                     (int16_t)item->high, item->device};
    if (other->device != 0 && vg_since(item->at, other->at) <= classes[kind].fresh &&
        differ(&twins->device[mine], other, classes[kind].limit)) {
        twins->since = vg_state_set(twins->since) ? twins->since : item->at;
        twins->last = item->to;
    } else if ((item->marks & VG_MARK_CLOCK) == 0) {
        twins->since = twins->last = (struct vg_instant){0};
    }
}

struct vg_instant vg_quality_wrong(const struct vg_quality_state *state)
{
    struct vg_instant since = {0};

    for (unsigned c = 0; c < VG_CLASSES; c++) {
        const struct vg_quality_twins *twins = &state->twins[c];
        if (vg_state_set(twins->since) &&
            vg_since(twins->last, twins->since) > DIFFER_FOR &&
            (!vg_state_set(since) || twins->since.ms < since.ms)) {
            since = twins->since;
        }
    }
    return since;
}
