/* SPDX-License-Identifier: Apache-2.0
 *
 * What of a stay a restart is to carry over: told when it changes. See vigil/carried.h.
 */
#include <stdlib.h>
#include <string.h>

#include "core/assess/recall.h"
#include "core/stay.h"

#define LOOK_EVERY VG_MINUTE        /* of readings that change no assessment */
#define BEHIND     (10 * VG_MINUTE) /* what each reading moves */

static bool differs(const struct vg_carried *a, const struct vg_carried *b)
{
    bool apart = memcmp(a->number, b->number, sizeof a->number) != 0;

    for (unsigned t = 0; t < VG_CARRIED_TIMES; t++) {
        const vg_ms least = vg_recall_moves((enum vg_carried_time)t) ? BEHIND : 1;
        apart = apart || llabs(vg_since(a->time[t], b->time[t])) >= least;
    }
    return apart;
}

/* Before it is in, what was read back is no reason to let go of it. */
static bool waits_for_recall(const struct vg_course *course)
{
    return vg_state_set(course->patient.carried.at) && !course->state.recalled;
}

void vg_carry_look(struct vg_engine *engine, struct vg_bed *bed, uint32_t changed)
{
    struct vg_course *course = bed->course;

    if (course == NULL || !bed->linked || engine->restoring ||
        waits_for_recall(course) ||
        (changed == 0 && vg_state_set(course->carry_looked) &&
         vg_since(course->judged, course->carry_looked) < LOOK_EVERY)) {
        return;
    }
    const struct vg_carried now = vg_recall_carry(&course->state);
    course->carry_looked = course->judged;
    if (differs(&now, &course->told)) {
        course->told = now;
        vg_tell_carried(engine, bed->episode.id, &now);
    }
}

enum vg_status vg_carry_keep(struct vg_engine *engine, const struct vg_event *event)
{
    if (engine->carried_count == engine->carried_size) {
        const size_t size = engine->carried_size * 2 + 16;
        struct vg_carried_stay *grown = realloc(engine->carried, size * sizeof *grown);
        if (grown == NULL) {
            return VG_NO_MEMORY;
        }
        engine->carried = grown;
        engine->carried_size = size;
    }
    struct vg_carried_stay *stay = &engine->carried[engine->carried_count++];
    stay->value = *event->carried.carried;
    (void)vg_copy(stay->episode, sizeof stay->episode, event->carried.episode);
    return VG_OK;
}

void vg_carry_hand_over(const struct vg_engine *engine, struct vg_bed *bed)
{
    struct vg_course *course = bed->course;

    course->told = course->patient.carried = (struct vg_carried){.at = {0}};
    for (size_t i = 0; i < engine->carried_count; i++) {
        if (strcmp(engine->carried[i].episode, bed->episode.id) == 0) {
            course->told = course->patient.carried = engine->carried[i].value;
        }
    }
}

void vg_carry_finish(struct vg_engine *engine)
{
    free(engine->carried);
    engine->carried = NULL;
    engine->carried_count = engine->carried_size = 0;
}
