/* SPDX-License-Identifier: Apache-2.0
 *
 * Beds and what is assessed of them, as those who show them want them.
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

/* ---- What is assessed, now or then */

static void assess(const struct vg_bed *bed, struct vg_instant now,
                   struct vg_assessed *out)
{
    out->known = bed->course != NULL;
    if (out->known) {
        const struct vg_view view = {&bed->course->patient, &bed->course->log};
        struct vg_instant next;
        const struct vg_state *state = &bed->course->state;
        const struct vg_instant at =
            vg_state_set(state->at) ? vg_later(now, state->at) : now;
        vg_judge(state, &view, at, &out->now, &next);
    }
}

static void assessed_of(const struct vg_bed *bed, struct vg_instant at,
                        struct vg_assessed *out)
{
    memset(out, 0, sizeof *out);
    (void)vg_copy(out->ward, sizeof out->ward, bed->ward);
    (void)vg_copy(out->bed, sizeof out->bed, bed->bed);
    (void)vg_copy(out->patient, sizeof out->patient,
                  bed->linked ? bed->episode.patient : bed->named);
    assess(bed, at, out);
}

void vg_engine_assess(const struct vg_engine *engine, vg_assessed_fn *each, void *to)
{
    struct vg_bed *const *all = engine->sorted;
    bool more = true;

    for (size_t i = 0; more && i < engine->heap_count; i++) {
        struct vg_assessed assessed;
        if (!all[i]->node) {
            assessed_of(all[i], engine->now, &assessed);
            more = each(to, &assessed);
        }
    }
}

bool vg_engine_assess_bed(const struct vg_engine *engine, const char *ward,
                          const char *bed, struct vg_assessed *out)
{
    const struct vg_bed *found = vg_roster_find(engine, ward, bed);

    if (found != NULL) {
        assessed_of(found, engine->now, out);
    }
    return found != NULL;
}

bool vg_engine_assess_then(const struct vg_engine *engine, const char *ward,
                           const char *bed, struct vg_instant at,
                           struct vg_assessed *out)
{
    const struct vg_bed *found = vg_roster_find(engine, ward, bed);
    const struct vg_course *course = found != NULL ? found->course : NULL;

    if (course == NULL || !vg_state_set(course->state.at) ||
        course->state.at.ms > at.ms ||
        (found->linked && found->episode.begin.ms > at.ms)) {
        return false;
    }
    assessed_of(found, at, out);
    return true;
}
