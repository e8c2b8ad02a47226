/* SPDX-License-Identifier: Apache-2.0
 *
 * See slot.h.
 */
#include "core/assess/slot.h"

static bool used(const struct vg_slot *slot)
{
    return slot->heard.ms != 0;
}

unsigned vg_slot_find(const struct vg_slot *first, const struct vg_slot *second,
                      uint8_t device)
{
    if (used(first) && first->device == device) {
        return 0;
    }
    return used(second) && second->device == device ? 1 : VG_SLOTS;
}

bool vg_slot_gone(const struct vg_slot *slot, struct vg_instant at, vg_ms silent)
{
    const vg_ms twice = (vg_ms)slot->pause << 11;
    const vg_ms limit = twice < silent         ? silent
                        : twice > VG_SLOT_MOST ? VG_SLOT_MOST
                                               : twice;

    return used(slot) && vg_since(at, slot->heard) >= limit;
}

static unsigned stranger(const struct vg_slot *first, const struct vg_slot *second,
                         const struct vg_item *item, vg_ms silent)
{
    const struct vg_slot *const slot[VG_SLOTS] = {first, second};
    const unsigned old = first->heard.ms <= second->heard.ms ? 0 : 1;

    if (!used(first) || !used(second)) {
        return used(first) ? 1 : 0;
    }
    if (!slot[old]->bad || !slot[1 - old]->bad) {
        return slot[old]->bad ? 1 - old : old;
    }
    return vg_slot_gone(slot[old], item->at, silent) ? old : VG_SLOTS;
}

unsigned vg_slot_other(const struct vg_slot *first, const struct vg_slot *second,
                       const struct vg_item *item, vg_ms silent)
{
    const unsigned own = vg_slot_find(first, second, item->device);

    return own < VG_SLOTS ? own : stranger(first, second, item, silent);
}

/* A stretch that began before the other's last word counts from that. */
static struct vg_instant alone(const struct vg_slot *slot, const struct vg_slot *other,
                               const struct vg_item *item)
{
    if (used(slot) && slot->heard.ms > other->heard.ms) {
        return vg_after(slot->heard, -(vg_ms)slot->alone);
    }
    return vg_later(item->at, vg_earlier(other->heard, item->to));
}

struct vg_instant vg_slot_since(const struct vg_slot *slot, const struct vg_slot *other,
                                struct vg_instant start, const struct vg_item *item)
{
    return vg_later(start, alone(slot, other, item));
}

void vg_slot_note(struct vg_slot *slot, const struct vg_slot *other,
                  const struct vg_item *item, bool bad)
{
    const struct vg_instant since = alone(slot, other, item);
    vg_ms pause = 0;

    if (used(slot) && slot->device == item->device && item->at.ms > slot->heard.ms) {
        pause = vg_since(item->at, slot->heard) >> 10;
    }
    slot->heard = vg_later(slot->heard, item->to);
    const vg_ms ago = vg_since(slot->heard, since);
    slot->alone = ago > UINT32_MAX ? UINT32_MAX : (uint32_t)ago;
    slot->pause = pause > UINT16_MAX ? UINT16_MAX : (uint16_t)pause;
    slot->device = item->device;
    slot->bad = bad;
}

bool vg_slot_long_before(struct vg_slot_last *last, const struct vg_item *item,
                         vg_ms pause)
{
    const bool is =
        last->device != item->device || vg_since(item->at, last->to) > pause;

    if (vg_item_stream(item)) {
        *last = (struct vg_slot_last){item->to, item->device};
    }
    return is;
}
