/* SPDX-License-Identifier: Apache-2.0
 *
 * Ties of beds and patients, and whose a reading is. See tie.h.
 */
#include "core/tie.h"

#include <stdlib.h>
#include <string.h>

#include "core/carer.h"

/* ---- The list */

bool vg_ties_reserve(struct vg_ties *ties, size_t more)
{
    if (ties->count + more <= ties->size || ties->size == VG_TIES_MOST) {
        return true;
    }
    const size_t size = ties->size == 0 ? 64 : ties->size * 2;
    struct vg_tie *grown = realloc(ties->item, size * sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    ties->item = grown;
    ties->size = size;
    return true;
}

void vg_ties_finish(struct vg_ties *ties)
{
    free(ties->item);
    memset(ties, 0, sizeof *ties);
}

static struct vg_tie tie_of(const struct vg_bed *bed, struct vg_instant to)
{
    struct vg_tie tie = {.from = bed->here, .to = to};

    (void)vg_copy(tie.ward, sizeof tie.ward, bed->ward);
    (void)vg_copy(tie.bed, sizeof tie.bed, bed->bed);
    (void)vg_copy(tie.episode, sizeof tie.episode, bed->episode.id);
    (void)vg_copy(tie.patient, sizeof tie.patient, bed->episode.patient);
    return tie;
}

void vg_tie_end(struct vg_engine *engine, const struct vg_bed *bed,
                struct vg_instant to)
{
    struct vg_ties *ties = &engine->ties;
    const struct vg_tie tie = tie_of(bed, vg_later(bed->here, to));

    if (ties->count < ties->size) {
        ties->item[ties->count++] = tie;
    } else if (ties->count > 0) {
        ties->item[ties->next++ % ties->count] = tie;
    }
    vg_tell_tie(engine, &tie);
}

void vg_tie_begin(struct vg_engine *engine, const struct vg_bed *bed)
{
    const struct vg_tie tie = tie_of(bed, VG_NEVER);

    vg_tell_tie(engine, &tie);
}

bool vg_tie_known(const struct vg_ties *ties, const char *ward, const char *bed,
                  const char *episode)
{
    for (size_t i = 0; i < ties->count; i++) {
        const struct vg_tie *tie = &ties->item[i];
        if (strcmp(tie->episode, episode) == 0 && strcmp(tie->bed, bed) == 0 &&
            strcmp(tie->ward, ward) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- Whose */

static bool is_place(const struct vg_tie *tie, const struct vg_message *message)
{
    return strcmp(tie->bed, message->bed) == 0 && strcmp(tie->ward, message->ward) == 0;
}

/* The tie of the place at that instant, the latest told if there are two; NULL: none. Then
 * *from and *to are narrowed to the time between its neighbours. */
static const struct vg_tie *tie_at(const struct vg_ties *ties,
                                   const struct vg_message *message,
                                   struct vg_instant at, struct vg_owner *gap)
{
    const struct vg_tie *found = NULL;

    for (size_t i = 0; i < ties->count; i++) {
        const size_t oldest = ties->count == VG_TIES_MOST ? ties->next : 0;
        const struct vg_tie *tie = &ties->item[(oldest + i) % ties->count];
        if (!is_place(tie, message) || tie->from.ms == tie->to.ms) {
            continue;
        }
        if (tie->from.ms <= at.ms && at.ms < tie->to.ms) {
            found = tie;
        } else if (tie->to.ms <= at.ms) {
            gap->from = vg_later(gap->from, tie->to);
        } else {
            gap->to = vg_earlier(gap->to, tie->from);
        }
    }
    return found;
}

static struct vg_bed *bed_of(const struct vg_engine *engine, struct vg_bed *first,
                             const char *episode)
{
    if (first != NULL && first->linked && strcmp(first->episode.id, episode) == 0) {
        return first;
    }
    for (size_t i = 0; i < engine->heap_count; i++) {
        struct vg_bed *bed = engine->heap[i];
        if (bed->linked && strcmp(bed->episode.id, episode) == 0) {
            return bed;
        }
    }
    return NULL;
}

static struct vg_belongs said(const struct vg_engine *engine, struct vg_bed *bed,
                              const struct vg_message *message)
{
    struct vg_bed *theirs = bed_of(engine, bed, message->episode);

    return (struct vg_belongs){
        .bed = theirs,
        .own = theirs != NULL && theirs == bed,
        .owner = {message->episode, message->patient, VG_UNSET, VG_NEVER}};
}

static struct vg_owner owner_of(const struct vg_bed *bed, struct vg_instant from,
                                struct vg_instant to)
{
    return (struct vg_owner){bed->episode.id, bed->episode.patient, from, to};
}

/* What was measured before the patient came, when nobody else is known to have lain there,
 * is theirs if it says so. */
static struct vg_belongs before(struct vg_bed *bed, const struct vg_message *message,
                                const struct vg_owner *gap)
{
    struct vg_belongs none = {.owner = *gap};

    none.owner.to = vg_earlier(gap->to, bed->here);
    if (strcmp(message->patient, bed->episode.patient) != 0) {
        return none;
    }
    return (struct vg_belongs){
        .bed = bed, .owner = owner_of(bed, gap->from, none.owner.to), .own = true};
}

static struct vg_belongs by_time(const struct vg_engine *engine, struct vg_bed *bed,
                                 const struct vg_message *message, struct vg_instant at)
{
    const bool linked = bed != NULL && bed->linked;
    struct vg_owner gap = {"", "", VG_UNSET, VG_NEVER};

    if (linked && at.ms >= bed->here.ms) {
        return (struct vg_belongs){
            .bed = bed, .owner = owner_of(bed, bed->here, VG_NEVER), .own = true};
    }
    const struct vg_tie *tie = tie_at(&engine->ties, message, at, &gap);
    if (tie != NULL) {
        const struct vg_instant to = linked ? vg_earlier(tie->to, bed->here) : tie->to;
        return (struct vg_belongs){
            .bed = bed_of(engine, bed, tie->episode),
            .owner = {tie->episode, tie->patient, tie->from, to}};
    }
    if (linked) {
        return before(bed, message, &gap);
    }
    const bool free = vg_is_never(gap.to); /* nobody has lain there since */
    return (struct vg_belongs){.bed = free ? bed : NULL, .owner = gap, .free = free};
}

struct vg_belongs vg_tie_belongs(const struct vg_engine *engine, struct vg_bed *bed,
                                 const struct vg_message *message, struct vg_instant at)
{
    if (message->episode[0] != '\0') {
        return said(engine, bed, message);
    }
    if (message->patient[0] == '\0') {
        return by_time(engine, bed, message, at);
    }
    struct vg_belongs whose =
        by_time(engine, bed, message, vg_intake_judged(engine, message->measured));
    if (strcmp(whose.owner.patient, message->patient) == 0) {
        whose.owner.from = VG_UNSET;
        whose.owner.to = VG_NEVER;
        return whose;
    }
    return whose.owner.patient[0] != '\0' ? whose : by_time(engine, bed, message, at);
}

/* ---- For the shell */

struct vg_owner vg_engine_owner(const struct vg_engine *engine,
                                const struct vg_message *message,
                                struct vg_instant measured)
{
    struct vg_bed *bed = vg_roster_find(engine, message->ward, message->bed);

    return vg_tie_belongs(engine, bed, message, vg_intake_judged(engine, measured))
        .owner;
}

const struct vg_episode *vg_engine_episode_named(const struct vg_engine *engine,
                                                 const char *id)
{
    const struct vg_bed *bed = id[0] != '\0' ? bed_of(engine, NULL, id) : NULL;

    return bed != NULL ? &bed->episode : NULL;
}

/* Open episodes: that of this bed before any other, then the ward's before that at home. */
static const struct vg_bed *open_of(const struct vg_engine *engine,
                                    const struct vg_message *message,
                                    const char *patient, struct vg_instant at)
{
    const struct vg_bed *best = NULL;

    for (size_t i = 0; i < engine->heap_count; i++) {
        const struct vg_bed *bed = engine->heap[i];
        if (!bed->linked || strcmp(bed->episode.patient, patient) != 0 ||
            vg_earlier(bed->here, bed->episode.begin).ms > at.ms) {
            continue;
        }
        const bool here = strcmp(bed->ward, message->ward) == 0 &&
                          strcmp(bed->bed, message->bed) == 0;
        if (best == NULL || here || !bed->episode.outpatient) {
            best = bed;
        }
        if (here) {
            break;
        }
    }
    return best;
}

struct vg_owner vg_engine_owner_named(const struct vg_engine *engine,
                                      const struct vg_message *message,
                                      const char *patient, struct vg_instant measured)
{
    const struct vg_ties *ties = &engine->ties;
    const struct vg_bed *bed = open_of(engine, message, patient, measured);
    struct vg_owner owner = {"", "", VG_UNSET, VG_NEVER};

    if (bed != NULL) {
        return owner_of(bed, bed->episode.begin, VG_NEVER);
    }
    for (size_t i = 0; i < ties->count; i++) {
        const struct vg_tie *tie = &ties->item[i];
        if (strcmp(tie->patient, patient) == 0 && tie->from.ms <= measured.ms &&
            measured.ms < tie->to.ms) {
            owner = (struct vg_owner){tie->episode, tie->patient, tie->from, tie->to};
        }
    }
    return owner;
}
