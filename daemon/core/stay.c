/* SPDX-License-Identifier: Apache-2.0
 *
 * Who lies where: admission, update, transfer, discharge.
 */
#include <stdio.h>
#include <string.h>

#include "core/carer.h"

static void refuse(struct vg_engine *engine, enum vg_reason reason, const char *detail)
{
    struct vg_refusal refusal = {.reason = reason, .item = -1};

    (void)vg_copy(refusal.detail, sizeof refusal.detail, detail);
    vg_tell_refused(engine, refusal);
}

static void fill(struct vg_bed *bed, const struct vg_admission *a)
{
    struct vg_episode *e = &bed->episode;

    e->product = a->product != VG_PRODUCT_UNKNOWN ? a->product : e->product;
    e->age = a->age >= 0 ? a->age : e->age;
    e->outpatient = a->has_setting ? a->outpatient : e->outpatient;
    if (vg_is_set(a->infusion_planned)) {
        bed->infusion_planned = a->infusion_planned;
    }
    for (size_t i = 0; i < VG_MEASURED_COUNT; i++) {
        if (a->baseline[i] != VG_NO_VALUE) {
            bed->baseline[i] = a->baseline[i];
        }
    }
    (void)vg_copy(e->protocol, sizeof e->protocol, bed->protocol->name);
    vg_bed_patient(bed, a);
}

static bool chart_flags(struct vg_bed *bed, const struct vg_admission *a)
{
    for (size_t i = 0; i < a->flag_count; i++) {
        struct vg_entry entry = {.signal = VG_FLAG, .at = a->at, .on = true};
        entry.until = VG_UNSET;
        (void)vg_copy(entry.value, sizeof entry.value, a->flags[i]);
        if (!vg_log_reserve(&bed->course->log, 1, 0) || !vg_bed_chart(bed, &entry)) {
            return false;
        }
        vg_bed_note_entry(bed, &entry);
    }
    return true;
}

static size_t open_alerts(const struct vg_bed *bed)
{
    size_t count = 0;

    for (size_t i = 0; i < vg_bed_states(bed); i++) {
        count += bed->state[i].alert != NULL;
    }
    return count;
}

/* All that an admission or update needs memory for, before anything is changed by it: what
 * its protocol's rules may say, the protocol itself, the flags. */
static enum vg_status prepare(struct vg_engine *engine, struct vg_bed *bed,
                              const struct vg_admission *a)
{
    const enum vg_product known =
        bed->linked ? bed->episode.product : VG_PRODUCT_UNKNOWN;
    const struct vg_protocol *protocol =
        vg_book_of_episode(engine->book, bed->ward, a->protocol,
                           a->product != VG_PRODUCT_UNKNOWN ? a->product : known);

    if (!vg_tell_room(engine,
                      protocol->rule_count + VG_BUILTIN_COUNT + open_alerts(bed), 1) ||
        (protocol != bed->protocol && !vg_bed_adopt(bed, protocol)) ||
        !vg_bed_need_course(bed) || !chart_flags(bed, a)) {
        return VG_NO_MEMORY;
    }
    return VG_OK;
}

/* The same patient and the same time of admission are the same episode. */
static void identify(struct vg_episode *episode)
{
    const uint64_t high = vg_hash(1, episode->patient, strlen(episode->patient));

    vg_content_id(episode->id, episode->begin, high, vg_hash(high, "episode", 7));
}

void vg_bed_ask_all(struct vg_engine *engine, struct vg_bed *bed)
{
    bed->asked = vg_later(bed->asked, bed->since);
    const struct vg_asking asking = {.engine = engine,
                                     .bed = bed,
                                     .at = bed->asked,
                                     .trigger = VG_UNSET,
                                     .stamp = engine->now};
    vg_bed_tell_orphans(engine, bed, engine->now);
    (void)vg_bed_judge(bed, engine->now, VG_NEVER, NULL);
    for (size_t i = 0; i < bed->protocol->rule_count; i++) {
        vg_rule_ask(&asking, i);
    }
    vg_bed_rewake(engine, bed);
}

static enum vg_status admit(struct vg_engine *engine, struct vg_bed *bed,
                            const struct vg_admission *a)
{
    const struct vg_bed *elsewhere = vg_roster_patient(engine, a->patient);

    if (bed->linked && strcmp(bed->episode.patient, a->patient) != 0) {
        refuse(engine, VG_IDENTITY, "another patient is admitted to this bed");
        return VG_OK;
    }
    if (elsewhere != NULL && elsewhere != bed) {
        refuse(engine, VG_IDENTITY,
               "this patient is admitted to another bed: transfer");
        return VG_OK;
    }
    if (prepare(engine, bed, a) != VG_OK) {
        return VG_NO_MEMORY;
    }
    if (!bed->linked) {
        memset(&bed->episode, 0, sizeof bed->episode);
        bed->episode.age = -1;
        bed->episode.begin = a->at;
        bed->episode.end = VG_NEVER;
        (void)vg_copy(bed->episode.patient, sizeof bed->episode.patient, a->patient);
        identify(&bed->episode);
        bed->linked = true;
    }
    (void)vg_copy(bed->episode.ward, sizeof bed->episode.ward, bed->ward);
    (void)vg_copy(bed->episode.bed, sizeof bed->episode.bed, bed->bed);
    fill(bed, a);
    vg_tell_episode(engine, &bed->episode);
    if (!vg_is_set(bed->since)) {
        bed->since = a->at;
    }
    vg_bed_ask_all(engine, bed);
    return VG_OK;
}

/* A bed that is made for an admission goes with it if there is no memory. */
static enum vg_status admit_anew(struct vg_engine *engine, const struct vg_admission *a)
{
    const size_t beds = engine->heap_count;
    struct vg_bed *bed = vg_roster_bed(engine, a->ward, a->bed);

    if (bed == NULL) {
        return VG_NO_MEMORY;
    }
    if (vg_tell_reserve(engine, bed, 1) && admit(engine, bed, a) == VG_OK) {
        return VG_OK;
    }
    if (engine->heap_count > beds) {
        vg_roster_remove(engine, bed);
    }
    return VG_NO_MEMORY;
}

static void end_alerts(struct vg_engine *engine, struct vg_bed *bed)
{
    const size_t count = vg_bed_states(bed);

    for (size_t i = 0; i < count; i++) {
        vg_tell_ended(engine, bed, i, true, engine->now);
        bed->state[i].phase = VG_IDLE;
        bed->state[i].lost = false;
        bed->state[i].onset = VG_UNSET;
        bed->state[i].last_yes = VG_UNSET;
        bed->state[i].mark_count = 0;
    }
}

/* A discharge with an open critical alert must be said twice, or with "confirm": the first time
 * may be a slip (Alert states T36). */
#define CONFIRM_WITHIN (30 * VG_MINUTE)

static bool must_confirm(const struct vg_engine *engine, struct vg_bed *bed,
                         const struct vg_admission *a)
{
    bool critical = false;

    for (size_t i = 0; i < vg_bed_states(bed); i++) {
        const struct vg_alert *alert = bed->state[i].alert;
        critical = critical || (alert != NULL && alert->severity == VG_CRITICAL &&
                                (alert->condition != VG_ENDED || !alert->care.noticed));
    }
    const bool asked = vg_is_set(bed->discharge_asked) &&
                       vg_since(engine->now, bed->discharge_asked) <= CONFIRM_WITHIN;
    return critical && !asked && !a->confirm;
}

static void discharge(struct vg_engine *engine, struct vg_bed *bed,
                      const struct vg_admission *a)
{
    if (must_confirm(engine, bed, a)) {
        bed->discharge_asked = engine->now;
        refuse(
            engine, VG_CONFIRM,
            "a critical alert is open: send it again with a new ts, or with \"confirm\": true");
        return;
    }
    if (vg_is_set(bed->pause.until)) {
        vg_pause_end(engine, bed, engine->now);
    }
    end_alerts(engine, bed);
    bed->episode.end = a->at;
    vg_tell_episode(engine, &bed->episode);
    vg_roster_remove(engine, bed);
}

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

static enum vg_status transfer(struct vg_engine *engine, struct vg_bed *bed,
                               const struct vg_admission *a)
{
    struct vg_bed *there = vg_roster_find(engine, a->to_ward, a->to_bed);

    if (there == bed) {
        return VG_OK;
    }
    if (there != NULL && there->linked) {
        refuse(engine, VG_IDENTITY, "another patient is admitted to the new bed");
        return VG_OK;
    }
    if (there != NULL && must_confirm(engine, there, a)) {
        there->discharge_asked = engine->now;
        refuse(
            engine, VG_CONFIRM,
            "a critical alert is open in the new bed, of whoever lies there unlinked: "
            "send it again with a new ts, or with \"confirm\": true");
        return VG_OK;
    }
    /* the new bed's alerts end, the old one's too, and the latter are raised there */
    if (vg_roster_ward(engine, a->to_ward) == NULL ||
        !vg_tell_room(
            engine, (there != NULL ? vg_bed_states(there) : 0) + 2 * vg_bed_states(bed),
            0)) {
        return VG_NO_MEMORY;
    }
    if (there != NULL) {
        if (vg_is_set(there->pause.until)) {
            vg_pause_end(engine, there, engine->now);
        }
        end_alerts(engine, there);
        vg_roster_remove(engine, there);
    }
    if (vg_is_set(bed->pause.until)) {
        vg_pause_end(engine, bed, engine->now); /* the patient has arrived */
    }
    const bool same_ward = strcmp(bed->ward, a->to_ward) == 0;
    if (!same_ward) {
        leave_ward(engine, bed);
    }
    vg_roster_move(engine, bed, a->to_ward, a->to_bed);
    (void)vg_copy(bed->episode.ward, sizeof bed->episode.ward, a->to_ward);
    (void)vg_copy(bed->episode.bed, sizeof bed->episode.bed, a->to_bed);
    vg_tell_episode(engine, &bed->episode);
    take_alerts_along(engine, bed, same_ward);
    vg_bed_ask_all(engine, bed);
    return VG_OK;
}

enum vg_status vg_stay_event(struct vg_engine *engine, const struct vg_admission *a)
{
    struct vg_bed *bed = NULL;

    if (a->action == VG_ADMIT) {
        return admit_anew(engine, a);
    }
    bed = vg_roster_find(engine, a->ward, a->bed);
    const bool other = bed != NULL &&
                       a->patient[0] != '\0' && /* else whoever lies there */
                       strcmp(bed->episode.patient, a->patient) != 0;
    if (bed == NULL || !bed->linked || other) {
        if (!vg_tell_reserve(engine, bed, 1)) {
            return VG_NO_MEMORY;
        }
        refuse(engine, VG_IDENTITY, "this patient is not admitted to this bed");
        return VG_OK;
    }
    if (!vg_tell_reserve(engine, bed, 1)) {
        return VG_NO_MEMORY;
    }
    if (a->action == VG_DISCHARGE) {
        discharge(engine, bed, a);
        return VG_OK;
    }
    if (a->action == VG_TRANSFER) {
        return transfer(engine, bed, a);
    }
    if (prepare(engine, bed, a) != VG_OK) {
        return VG_NO_MEMORY;
    }
    const bool at_home = bed->episode.outpatient;
    fill(bed, a);
    vg_tell_episode(engine, &bed->episode);
    if (bed->episode.outpatient != at_home) {
        vg_carer_moved_home(engine, bed);
    }
    vg_bed_ask_all(engine, bed); /* a baseline, a limit, an age may change what is said */
    return VG_OK;
}
