/* SPDX-License-Identifier: Apache-2.0
 *
 * What is kept of a bed's look: all but the scores, which are three quarters of it, and those
 * where there are any.
 */
#include <stdlib.h>
#include <string.h>

#include "shell/live_inside.h"

static void brief_of(const struct vg_bed_look *look, struct vg_live_brief *out)
{
    memset(out, 0, sizeof *out);
    memcpy(out->ward, look->assessed.ward, sizeof out->ward);
    memcpy(out->bed, look->assessed.bed, sizeof out->bed);
    memcpy(out->patient, look->assessed.patient, sizeof out->patient);
    out->known = look->assessed.known;
    out->linked = look->linked;
    out->episode = look->episode;
    memcpy(out->protocol, look->protocol, sizeof out->protocol);
    out->infusion = look->infusion;
    out->pause = look->pause;
}

bool vg_live_brief_differs(const struct vg_live_shown *shown,
                           const struct vg_bed_look *look)
{
    struct vg_live_brief now;

    brief_of(look, &now);
    /* Padding may differ for nothing: then one event says again what is known. */
    /* NOLINTNEXTLINE(*-suspicious-memory-comparison,cert-*) */
    if (memcmp(&now, &shown->brief, sizeof now) != 0) {
        return true;
    }
    return now.known && /* NOLINTNEXTLINE(*-suspicious-memory-comparison,cert-*) */
           memcmp(&look->assessed.now, shown->scores, sizeof *shown->scores) != 0;
}

void vg_live_brief_room(struct vg_live_shown *shown, const struct vg_bed_look *look)
{
    if (look->assessed.known && shown->scores == NULL && shown->room == NULL) {
        shown->room = malloc(sizeof *shown->room);
    }
}

bool vg_live_brief_keep(struct vg_live_shown *shown, const struct vg_bed_look *look)
{
    if (look->assessed.known && shown->scores == NULL) {
        if (shown->room == NULL) {
            return false;
        }
        shown->scores = shown->room;
        shown->room = NULL;
    }
    if (look->assessed.known) {
        *shown->scores = look->assessed.now;
    }
    brief_of(look, &shown->brief);
    return true;
}

void vg_live_brief_look(const struct vg_live_shown *shown, struct vg_bed_look *out)
{
    const struct vg_live_brief *brief = &shown->brief;

    memset(out, 0, sizeof *out);
    memcpy(out->assessed.ward, brief->ward, sizeof brief->ward);
    memcpy(out->assessed.bed, brief->bed, sizeof brief->bed);
    memcpy(out->assessed.patient, brief->patient, sizeof brief->patient);
    out->assessed.known = brief->known;
    if (brief->known) {
        out->assessed.now = *shown->scores;
    }
    out->linked = brief->linked;
    out->episode = brief->episode;
    memcpy(out->protocol, brief->protocol, sizeof brief->protocol);
    out->infusion = brief->infusion;
    out->pause = brief->pause;
}
