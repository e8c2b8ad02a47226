/* SPDX-License-Identifier: Apache-2.0
 *
 * Transfers: to an empty bed, or two patients who change places. The patient is in the new
 * bed from the instant that the message says: what the old bed took since then is not theirs
 * any more, and what the new one took, while nobody was linked there, is.
 */
#include <string.h>

#include "core/sift.h"
#include "core/stay.h"

/* The ward the patient leaves: each alert is over there, and whoever was called is told so. */
static void leave_ward(struct vg_engine *engine, struct vg_bed *bed)
{
    for (size_t i = 0; i < vg_bed_states(bed); i++) {
        struct vg_alert *alert = bed->state[i].alert;
        if (alert != NULL) {
            const enum vg_condition condition = alert->condition;
            const struct vg_turn turn = vg_care_end(alert, true, engine->now);
            (void)vg_copy(alert->remark, sizeof alert->remark,
                          "the patient was moved to another ward");
            vg_tell_put(engine, alert, &turn, engine->now);
            alert->condition = condition;
        }
    }
}

/* An alert stays with its patient, under its id: raised anew in another ward, whose own
 * people are called; in the same ward it only says where the patient is now. */
static void take_alerts_along(struct vg_engine *engine, struct vg_bed *bed,
                              bool same_ward)
{
    const struct vg_turn moved = {.change = VG_NOTED};
    const struct vg_asking asking = {.engine = engine,
                                     .bed = bed,
                                     .at = vg_later(bed->asked, bed->since),
                                     .trigger = VG_UNSET,
                                     .stamp = engine->now};

    for (size_t i = 0; i < vg_bed_states(bed); i++) {
        struct vg_rule_state *state = &bed->state[i];
        if (state->alert == NULL) {
            continue;
        }
        (void)vg_copy(state->alert->ward, sizeof state->alert->ward, bed->ward);
        (void)vg_copy(state->alert->bed, sizeof state->alert->bed, bed->bed);
        (void)vg_copy(state->alert->remark, sizeof state->alert->remark,
                      "the patient was moved here");
        if (same_ward) {
            vg_carer_turn(engine, bed, state, &moved, engine->now);
        } else {
            vg_carer_open(&asking, i);
        }
    }
}

/* From when on the patient is in the new bed. */
static struct vg_instant since(const struct vg_engine *engine, const struct vg_bed *bed,
                               const struct vg_admission *a)
{
    return vg_later(bed->here, vg_earlier(a->at, engine->now));
}

/* Told so soon, monitors have left nothing behind that matters: whoever lies there is measured again within the minute.
 * What came singly (a cuff, the laboratory, a nurse) does not come again. */
#define SOON VG_MINUTE

static bool rest_of(const struct vg_engine *engine, struct vg_bed *bed,
                    struct vg_instant left, struct vg_bed **rest)
{
    return vg_bed_rest(bed, vg_book_of_ward(engine->book, bed->ward), left, engine->now,
                       rest);
}

bool vg_stay_rest(struct vg_engine *engine, struct vg_bed *bed, struct vg_instant left,
                  struct vg_bed **rest)
{
    *rest = NULL;
    return (vg_since(engine->now, left) <= SOON && !vg_bed_has_single(bed, left)) ||
           (vg_roster_room(engine) && rest_of(engine, bed, left, rest));
}

void vg_stay_watch_rest(struct vg_engine *engine, struct vg_bed *rest)
{
    if (rest != NULL) {
        vg_roster_add(engine, rest);
        vg_bed_ask_all(engine, rest, false);
    }
}

static void depart(struct vg_engine *engine, struct vg_bed *bed,
                   const struct vg_instant at, bool same_ward)
{
    vg_tie_end(engine, bed, at);
    bed->here = at;
    if (vg_is_set(bed->pause.until)) {
        vg_pause_end(engine, bed, engine->now); /* the patient has arrived */
    }
    if (!same_ward) {
        leave_ward(engine, bed);
    }
}

static void arrive(struct vg_engine *engine, struct vg_bed *bed, bool same_ward)
{
    (void)vg_copy(bed->episode.ward, sizeof bed->episode.ward, bed->ward);
    (void)vg_copy(bed->episode.bed, sizeof bed->episode.bed, bed->bed);
    vg_tell_episode(engine, &bed->episode);
    vg_tie_begin(engine, bed);
    take_alerts_along(engine, bed, same_ward);
    bed->uncovered = engine->now; /* an order that was charted here may be of who was */
    vg_bed_ask_all(engine, bed, vg_since(engine->now, bed->here) <= SOON);
}

/* Each gets what the other bed took since then. False: no memory. */
static bool exchange(struct vg_engine *engine, struct vg_bed *one, struct vg_bed *other,
                     struct vg_instant at)
{
    struct vg_bed *first = NULL;
    struct vg_bed *second = NULL;
    const bool whole =
        rest_of(engine, one, at, &first) && rest_of(engine, other, at, &second) &&
        (first == NULL || vg_bed_pour_room(other, first, at, engine->now)) &&
        (second == NULL || vg_bed_pour_room(one, second, at, engine->now));

    if (whole) {
        vg_bed_drop_from(one, at);
        vg_bed_drop_from(other, at);
        (void)(first == NULL || vg_bed_pour(other, first, at, engine->now));
        (void)(second == NULL || vg_bed_pour(one, second, at, engine->now));
    }
    vg_bed_destroy(first);
    vg_bed_destroy(second);
    return whole;
}

/* Both leave at the same instant: whoever came later than the message says leaves when they came. */
static enum vg_status swap(struct vg_engine *engine, struct vg_bed *bed,
                           struct vg_bed *there, const struct vg_admission *a)
{
    const bool same_ward = strcmp(bed->ward, there->ward) == 0;
    const struct vg_instant at =
        vg_later(since(engine, bed, a), since(engine, there, a));

    if (!vg_tell_room(engine, 2 * (vg_bed_states(bed) + vg_bed_states(there)), 0) ||
        !vg_ties_reserve(&engine->ties, 2) || !exchange(engine, bed, there, at)) {
        return VG_NO_MEMORY;
    }
    depart(engine, bed, at, same_ward);
    depart(engine, there, at, same_ward);
    vg_roster_swap(engine, bed, there);
    arrive(engine, bed, same_ward);
    arrive(engine, there, same_ward);
    return VG_OK;
}

/* Messages there named somebody else: nothing of what it took is this patient's. */
static bool foreign(const struct vg_bed *bed, const struct vg_bed *there)
{
    return there->others ||
           (there->named[0] != '\0' && strcmp(there->named, bed->episode.patient) != 0);
}

/* An empty bed that was watched: what it took since is the patient's, its alerts are not told
 * on. There is room. */
static void clear_bed(struct vg_engine *engine, struct vg_bed *bed,
                      struct vg_bed *there, struct vg_instant at)
{
    if (!foreign(bed, there)) {
        (void)vg_bed_pour(bed, there, at, engine->now);
    }
    if (vg_is_set(there->pause.until)) {
        vg_pause_end(engine, there, engine->now);
    }
    vg_stay_end_alerts(engine, there);
    vg_roster_remove(engine, there);
}

/* False: told why not. */
static bool may_move(struct vg_engine *engine, struct vg_bed *there,
                     const struct vg_admission *a)
{
    if (there != NULL && there->linked && !a->swap) {
        vg_stay_refuse(
            engine, VG_IDENTITY,
            "another patient is admitted to the new bed: transfer them first, "
            "or send \"swap\": true if the two change places");
        return false;
    }
    if (there != NULL && !there->linked && vg_stay_must_confirm(engine, there, a)) {
        there->discharge_asked = engine->now;
        vg_stay_refuse(
            engine, VG_CONFIRM,
            "a critical alert is open in the new bed, of whoever lies there unlinked: "
            "send it again with a new ts, or with \"confirm\": true");
        return false;
    }
    return true;
}

enum vg_status vg_stay_transfer(struct vg_engine *engine, struct vg_bed *bed,
                                const struct vg_admission *a)
{
    struct vg_bed *there = vg_roster_find(engine, a->to_ward, a->to_bed);
    const struct vg_instant at = since(engine, bed, a);
    const bool same_ward = strcmp(bed->ward, a->to_ward) == 0;
    struct vg_bed *rest = NULL;

    if (there == bed || !may_move(engine, there, a)) {
        return VG_OK;
    }
    if (there != NULL && there->linked) {
        return swap(engine, bed, there, a);
    }
    /* the new bed's alerts end, the old one's too, and the latter are raised there */
    if (vg_roster_ward(engine, a->to_ward) == NULL ||
        !vg_tell_room(
            engine, (there != NULL ? vg_bed_states(there) : 0) + 3 * vg_bed_states(bed),
            0) ||
        (there != NULL && !foreign(bed, there) &&
         !vg_bed_pour_room(bed, there, at, engine->now)) ||
        !vg_stay_rest(engine, bed, at, &rest)) {
        return VG_NO_MEMORY;
    }
    vg_bed_drop_from(bed, at); /* before what the new bed took comes in */
    if (there != NULL) {
        clear_bed(engine, bed, there, at);
    }
    depart(engine, bed, at, same_ward);
    vg_roster_move(engine, bed, a->to_ward, a->to_bed);
    arrive(engine, bed, same_ward);
    vg_stay_watch_rest(engine, rest);
    return VG_OK;
}
