/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs of each device by themselves: Clinical reference 0.9 ("per source").
 *
 * A rule that counts consecutive readings keeps what it counts in two slots, one for each of
 * two devices; a patient has one nearly always. A device is vg_item.device; without a name
 * (0) it is one of its own.
 *
 *  - What one device says begins or breaks no run of another one.
 *  - A state that one device opened ends by that device, or by a kind of source that is
 *    trusted more. Not by another one that is trusted as much: of two that disagree the worse
 *    is believed (and WRONG_PATIENT says that they do).
 *  - Unless the first is gone: silent for as long as makes a feed silent, VG_SLOT_SILENT or
 *    twice its own latest pause, VG_SLOT_MOST at most. Then another of equal trust may end it
 *    with a whole clearing run of its own since the first one's last word. A monitor that was
 *    swapped, or taken off its patient, would hold an alert open for ever otherwise: it will
 *    never say that all is well. Its silence alone ends nothing (missing is never normal), and
 *    nobody needs to have written that its use has ended.
 *  - A third device takes the slot of one that shows nothing bad, of two the one longer
 *    unheard; if both do show it, of one that is gone, whose state stays open. If neither
 *    is, the third is not counted: two say already that it is bad.
 */
#ifndef VIGIL_ASSESS_SLOT_H
#define VIGIL_ASSESS_SLOT_H

#include "core/item.h"

#define VG_SLOTS 2
/* A feed's silence (9.4); what has no line: time between two, as in quality_device.c. */
#define VG_SLOT_SILENT (5 * VG_MINUTE)
#define VG_SLOT_SINGLE (15 * VG_MINUTE)
#define VG_SLOT_MOST   VG_HOUR /* 0.4: a value is carried no longer than that */

struct vg_slot {
    struct vg_instant heard; /* end of its newest item; 0: nobody's yet */
    uint32_t
        alone; /* ms before that: its first item since the other's newest; saturates */
    uint16_t pause; /* 1.024 s before its newest item, saturates */
    uint8_t device;
    bool bad; /* a bad run goes on or a state is open: no other one takes it */
};

/* The device's slot, 0 or 1; VG_SLOTS: it has none. */
unsigned vg_slot_find(const struct vg_slot *first, const struct vg_slot *second,
                      uint8_t device);
unsigned vg_slot_other(const struct vg_slot *first, const struct vg_slot *second,
                       const struct vg_item *item, vg_ms silent);
/* The slot for an item of a device, its own or one to take over (vg_slot_taken); VG_SLOTS:
 * the item is not to be counted. `silent`: see vg_slot_gone. */
static inline unsigned vg_slot_pick(const struct vg_slot *first,
                                    const struct vg_slot *second,
                                    const struct vg_item *item, vg_ms silent)
{
    return first->heard.ms != 0 && first->device == item->device
               ? 0 /* nearly always */
               : vg_slot_other(first, second, item, silent);
}

/* Somebody else's, or nobody's, before this item. */
static inline bool vg_slot_taken(const struct vg_slot *slot, const struct vg_item *item)
{
    return slot->heard.ms == 0 || slot->device != item->device;
}
void vg_slot_note(struct vg_slot *slot, const struct vg_slot *other,
                  const struct vg_item *item, bool bad);
/* Notes that the item was counted; call last, `bad` as it is then. */
static inline void vg_slot_heard(struct vg_slot *slot, const struct vg_slot *other,
                                 const struct vg_item *item, bool bad)
{
    const vg_ms pause = vg_since(item->at, slot->heard);

    if (other->heard.ms == 0 && slot->device == item->device && pause >= 0 &&
        pause < VG_MINUTE) { /* alone, as nearly always */
        slot->heard = item->to;
        slot->pause = (uint16_t)(pause >> 10);
        slot->alone = 0;
        slot->bad = bad;
    } else {
        vg_slot_note(slot, other, item, bad);
    }
}
/* Silent for `silent`, or for twice its pauses if they are longer. */
bool vg_slot_gone(const struct vg_slot *slot, struct vg_instant at, vg_ms silent);
/* The newest sample of any stream of the signal. */
struct vg_slot_last {
    struct vg_instant to;
    uint8_t device;
};

/* Notes it; whether its device's sample before it, of whatever value, was longer ago than that, or another's came
 * between. Two of a device that reports seldom are a run; before and behind a lead that is off there is an artefact each. */
bool vg_slot_long_before(struct vg_slot_last *last, const struct vg_item *item,
                         vg_ms pause);
/* Since when a run of this slot counts against a state of the other, with this item. */
struct vg_instant vg_slot_since(const struct vg_slot *slot, const struct vg_slot *other,
                                struct vg_instant start, const struct vg_item *item);

#endif
