/* SPDX-License-Identifier: Apache-2.0
 *
 * When the parts of a message were measured, as far as their clocks are believed: Clinical reference 0.3.
 */
#include "core/engine_inside.h"

#define FUTURE (60 * VG_SECOND)

struct vg_instant vg_intake_judged(const struct vg_engine *engine,
                                   struct vg_instant measured)
{
    return vg_since(measured, engine->now) > FUTURE ? engine->now : measured;
}

struct vg_instant vg_intake_entered(const struct vg_engine *engine,
                                    const struct vg_entry *entry)
{
    return entry->signal == VG_FLAG ? vg_earlier(entry->at, engine->now)
                                    : vg_intake_judged(engine, entry->at);
}

static struct vg_instant next_of(struct vg_instant best, struct vg_instant at,
                                 struct vg_instant after)
{
    return at.ms > after.ms ? vg_earlier(best, at) : best;
}

struct vg_instant vg_intake_next(const struct vg_engine *engine,
                                 const struct vg_message *message,
                                 struct vg_instant after)
{
    struct vg_instant best = VG_NEVER;

    for (size_t i = 0; i < message->reading_count; i++) {
        best = next_of(best, vg_intake_judged(engine, message->readings[i].measured),
                       after);
    }
    for (size_t i = 0; i < message->entry_count; i++) {
        best = next_of(best, vg_intake_entered(engine, &message->entries[i]), after);
    }
    for (size_t i = 0; i < message->failed_count; i++) {
        best = next_of(best, vg_intake_judged(engine, message->failed[i]), after);
    }
    return best;
}
