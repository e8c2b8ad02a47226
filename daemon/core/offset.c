/* SPDX-License-Identifier: Apache-2.0
 *
 * A sender's clock against ours. See offset.h.
 */
#include "core/offset.h"

static bool agreed(struct vg_offset *offset)
{
    vg_ms least = offset->lag[0];
    vg_ms most = offset->lag[0];

    if (offset->count < VG_OFFSET_GROUPS) {
        return false;
    }
    for (unsigned i = 1; i < VG_OFFSET_GROUPS; i++) {
        least = offset->lag[i] < least ? offset->lag[i] : least;
        most = offset->lag[i] > most ? offset->lag[i] : most;
    }
    if (most - least > VG_OFFSET_SPREAD) {
        return false;
    }
    offset->value = -least;
    offset->known = true;
    return true;
}

bool vg_offset_add(struct vg_offset *offset, struct vg_instant measured,
                   struct vg_instant received)
{
    const vg_ms lag = vg_since(received, measured);
    const unsigned next = offset->next;
    const unsigned last = (next + VG_OFFSET_GROUPS - 1) % VG_OFFSET_GROUPS;
    const vg_ms age = vg_since(received, offset->group);

    if (offset->group.ms != 0 && age >= 0 && age < VG_OFFSET_GROUP) {
        offset->lag[last] = lag < offset->lag[last] ? lag : offset->lag[last];
        return false;
    }
    const bool news = agreed(offset); /* all groups are whole */
    offset->group = received;
    offset->lag[next] = lag;
    offset->next = (next + 1) % VG_OFFSET_GROUPS;
    if (offset->count < VG_OFFSET_GROUPS) {
        offset->count++;
    }
    return news;
}

static void sort(vg_ms *value, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        const vg_ms moved = value[i];
        size_t k = i;
        for (; k > 0 && value[k - 1] > moved; k--) {
            value[k] = value[k - 1];
        }
        value[k] = moved;
    }
}

bool vg_offsets_agree(vg_ms *offset, size_t count, vg_ms *common)
{
    size_t near = 0;

    if (count < 3) {
        return false;
    }
    sort(offset, count);
    const vg_ms middle = offset[count / 2];
    for (size_t i = 0; i < count; i++) {
        const vg_ms off = offset[i] - middle;
        near += off <= VG_OFFSET_AGREE && off >= -VG_OFFSET_AGREE;
    }
    *common = middle;
    return near * 3 >= count * 2;
}
