/* SPDX-License-Identifier: Apache-2.0
 *
 * What a message charts, and what it takes back.
 */
#include <stdio.h>

#include "core/carer.h"

bool vg_intake_chart(struct vg_engine *engine, const struct vg_piece *piece)
{
    for (size_t i = 0; i < piece->message->entry_count; i++) {
        struct vg_entry entry = piece->message->entries[i];
        entry.at = vg_intake_entered(engine, &entry);
        if (entry.at.ms >= piece->from.ms && entry.at.ms < piece->to.ms &&
            !vg_bed_chart(piece->bed, &entry)) {
            return false;
        }
    }
    return true;
}

/* What stands although somebody took it back must not pass in silence. */
static void say_stands(struct vg_engine *engine, const struct vg_entry *entry)
{
    struct vg_refusal refusal = {.reason = VG_BAD_TIME, .item = 0};

    (void)snprintf(refusal.detail, sizeof refusal.detail,
                   "%s: no \"%s\" was charted with this ts, nothing is taken back",
                   vg_signal_info(entry->signal)->code, entry->value);
    vg_tell_refused(engine, refusal);
}

bool vg_intake_stray(struct vg_engine *engine, const struct vg_piece *piece)
{
    for (size_t i = 0; i < piece->message->entry_count; i++) {
        const struct vg_entry *entry = &piece->message->entries[i];
        const struct vg_instant at = vg_intake_entered(engine, entry);
        if (vg_entry_takes_back(entry) && at.ms >= piece->from.ms &&
            at.ms < piece->to.ms) {
            if (!vg_tell_reserve(engine, NULL, 1)) {
                return false;
            }
            say_stands(engine, entry);
            return true;
        }
    }
    return true;
}

bool vg_intake_entries(const struct vg_asking *asking, const struct vg_message *message)
{
    bool any = false;
    bool said = false; /* once: there is room for one */

    for (size_t i = 0; i < message->entry_count; i++) {
        const struct vg_instant sent = message->entries[i].at;
        struct vg_entry entry = message->entries[i];
        entry.at = vg_intake_entered(asking->engine, &entry);
        if (entry.at.ms != asking->trigger.ms) {
            continue;
        }
        any = true;
        const bool off = vg_entry_takes_back(&entry);
        if (off && vg_bed_take_back(asking->bed, &entry, sent)) {
            continue;
        }
        if (off && !said) {
            say_stands(asking->engine, &entry);
            said = true;
        }
        vg_bed_note_entry(asking->bed, &entry, sent, asking->stamp);
    }
    return any;
}
