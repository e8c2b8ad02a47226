/* SPDX-License-Identifier: Apache-2.0
 *
 * Beds as those who show them want them.
 */
#include <string.h>

#include "core/engine_inside.h"

static void look_at(const struct vg_engine *engine, const struct vg_bed *bed,
                    struct vg_bed_look *out)
{
    memset(out, 0, sizeof *out);
    (void)vg_engine_assess_bed(engine, bed->ward, bed->bed, &out->assessed);
    out->linked = bed->linked;
    if (bed->linked) {
        out->episode = bed->episode;
    }
    (void)vg_copy(out->protocol, sizeof out->protocol, bed->protocol->name);
    out->infusion = bed->infusion_start;
    out->pause = bed->pause;
}

bool vg_engine_look(const struct vg_engine *engine, const char *ward, const char *bed,
                    struct vg_bed_look *out)
{
    const struct vg_bed *found = vg_roster_find(engine, ward, bed);

    if (found == NULL || found->node) {
        return false;
    }
    look_at(engine, found, out);
    return true;
}

void vg_engine_look_all(const struct vg_engine *engine, vg_look_fn *each, void *to)
{
    bool more = true;

    for (size_t i = 0; more && i < engine->heap_count; i++) {
        const struct vg_bed *bed = engine->sorted[i];
        struct vg_bed_look look;
        if (!bed->node) {
            look_at(engine, bed, &look);
            more = each(to, &look);
        }
    }
}
