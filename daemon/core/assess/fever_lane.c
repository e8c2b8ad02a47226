/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose lane a temperature belongs to, and what one may end of another. See fever.h.
 */
#include "core/course.h"

enum vg_temp_class vg_fever_class(unsigned lane)
{
    return lane == VG_FEVER_PATCH_2   ? VG_TEMP_PATCH
           : lane == VG_FEVER_PROBE_2 ? VG_TEMP_PROBE
                                      : (enum vg_temp_class)lane;
}

unsigned vg_fever_lane(struct vg_fever *fever, enum vg_temp_class class_,
                       const struct vg_item *item)
{
    const unsigned second =
        class_ == VG_TEMP_PATCH ? VG_FEVER_PATCH_2 : VG_FEVER_PROBE_2;

    if (!vg_item_stream(item)) {
        return class_;
    }
    const unsigned slot = vg_slot_pick(&fever->lane[class_].slot,
                                       &fever->lane[second].slot, item, VG_FEVER_CLEAR);
    if (slot == VG_SLOTS) {
        return VG_FEVER_LANES;
    }
    struct vg_fever_lane *lane = &fever->lane[slot == 0 ? (unsigned)class_ : second];
    if (vg_slot_taken(&lane->slot, item)) {
        *lane = (struct vg_fever_lane){.fever = lane->fever,
                                       .above_399 = lane->above_399,
                                       .above_400 = lane->above_400,
                                       .since = lane->since,
                                       .high = lane->high,
                                       .over_40 = lane->over_40,
                                       .over_41 = lane->over_41};
    }
    return slot == 0 ? class_ : second;
}

unsigned vg_fever_twin(unsigned lane)
{
    switch (lane) {
    case VG_TEMP_PATCH:
        return VG_FEVER_PATCH_2;
    case VG_TEMP_PROBE:
        return VG_FEVER_PROBE_2;
    case VG_FEVER_PATCH_2:
        return VG_TEMP_PATCH;
    case VG_FEVER_PROBE_2:
        return VG_TEMP_PROBE;
    default:
        return lane;
    }
}

bool vg_fever_may_end(const struct vg_fever *fever, unsigned mine, unsigned whose,
                      struct vg_instant at)
{
    if (mine == whose || vg_fever_twin(mine) != whose) {
        return vg_fever_trust(vg_fever_class(mine)) <=
               vg_fever_trust(vg_fever_class(whose));
    }
    return vg_slot_gone(&fever->lane[whose].slot, at, VG_FEVER_CLEAR);
}
