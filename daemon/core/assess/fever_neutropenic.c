/* SPDX-License-Identifier: Apache-2.0
 *
 * Fever as the rule of neutropenia means it: Clinical reference 5.3. See fever.h.
 */
#include "core/course.h"

#define RECENT (8 * VG_HOUR)

static bool within(struct vg_instant at, struct vg_instant then, vg_ms span)
{
    return vg_state_set(then) && vg_since(at, then) <= span;
}

bool vg_fever_neutropenic(const struct vg_fever *fever, bool nice, struct vg_instant at,
                          struct vg_instant *since)
{
    const struct {
        bool holds;
        struct vg_instant from;
    } rows[] = {
        {nice && within(at, fever->nice, RECENT), fever->nice_from},
        {!nice && within(at, fever->single, RECENT), fever->single_from},
        {!nice && within(at, fever->sustained, RECENT), fever->sustained_from},
        {!nice && within(at, fever->repeat, RECENT) &&
             vg_since(at, fever->repeat) >= VG_FEVER_REPEAT,
         fever->repeat},
    };
    *since = VG_NEVER;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        *since = rows[i].holds ? vg_earlier(*since, rows[i].from) : *since;
    }
    return !vg_is_never(*since);
}

void vg_fever_neutropenic_next(const struct vg_fever *fever, bool nice,
                               struct vg_instant at, struct vg_instant *next)
{
    const struct vg_instant ends[] = {nice ? fever->nice : fever->single,
                                      fever->sustained, fever->repeat};

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        if (vg_state_set(ends[i])) {
            vg_next(next, at, vg_after(ends[i], RECENT + 1));
        }
    }
    if (vg_state_set(fever->repeat)) {
        vg_next(next, at, vg_after(fever->repeat, VG_FEVER_REPEAT));
    }
}
