/* SPDX-License-Identifier: Apache-2.0
 *
 * Who lies where: admission, update, transfer, discharge.
 */
#include <stdio.h>
#include <string.h>

#include "core/engine_inside.h"

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
    for (size_t i = 0; i < a->flag_count; i++) {
        struct vg_entry entry = {.signal = VG_FLAG, .at = a->at, .on = true};
        entry.until = VG_UNSET;
        (void)vg_copy(entry.value, sizeof entry.value, a->flags[i]);
        (void)vg_bed_chart(bed, &entry);
    }
}

static enum vg_status choose_protocol(struct vg_engine *engine, struct vg_bed *bed,
                                      const struct vg_admission *a)
{
    const struct vg_protocol *protocol =
        vg_book_of_episode(engine->book, bed->ward, a->protocol, bed->episode.product);

    if (protocol != bed->protocol && !vg_bed_adopt(bed, protocol)) {
        return VG_NO_MEMORY;
    }
    (void)vg_copy(bed->episode.protocol, sizeof bed->episode.protocol, protocol->name);
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
    if (choose_protocol(engine, bed, a) != VG_OK) {
        return VG_NO_MEMORY;
    }
    vg_tell_episode(engine, &bed->episode);
    if (!vg_is_set(bed->since)) {
        bed->since = a->at;
    }
    vg_bed_ask_all(engine, bed);
    return VG_OK;
}

static void end_alerts(struct vg_engine *engine, struct vg_bed *bed)
{
    const size_t count = bed->protocol->rule_count + VG_BUILTIN_COUNT;

    for (size_t i = 0; i < count; i++) {
        vg_tell_ended(engine, bed, i, true, engine->now);
        bed->state[i].phase = VG_IDLE;
        bed->state[i].lost = false;
        bed->state[i].onset = VG_UNSET;
        bed->state[i].last_yes = VG_UNSET;
        bed->state[i].mark_count = 0;
    }
}

static void discharge(struct vg_engine *engine, struct vg_bed *bed,
                      const struct vg_admission *a)
{
    end_alerts(engine, bed);
    bed->episode.end = a->at;
    vg_tell_episode(engine, &bed->episode);
    vg_roster_remove(engine, bed);
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
    if (vg_roster_ward(engine, a->to_ward) == NULL ||
        (there != NULL && !vg_tell_reserve(engine, there, 0))) {
        return VG_NO_MEMORY;
    }
    if (there != NULL) {
        end_alerts(engine, there);
        vg_roster_remove(engine, there);
    }
    if (!vg_tell_reserve(engine, bed, 0)) {
        return VG_NO_MEMORY;
    }
    end_alerts(engine, bed); /* told anew, at once, where the patient is now */
    vg_roster_move(engine, bed, a->to_ward, a->to_bed);
    (void)vg_copy(bed->episode.ward, sizeof bed->episode.ward, a->to_ward);
    (void)vg_copy(bed->episode.bed, sizeof bed->episode.bed, a->to_bed);
    vg_tell_episode(engine, &bed->episode);
    if (!vg_tell_reserve(engine, bed, 0)) {
        return VG_NO_MEMORY;
    }
    vg_bed_ask_all(engine, bed);
    return VG_OK;
}

enum vg_status vg_stay_event(struct vg_engine *engine, const struct vg_admission *a)
{
    struct vg_bed *bed = NULL;

    if (a->action == VG_ADMIT) {
        bed = vg_roster_bed(engine, a->ward, a->bed);
        if (bed == NULL || !vg_tell_reserve(engine, bed, 1)) {
            return VG_NO_MEMORY;
        }
        return admit(engine, bed, a);
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
    fill(bed, a);
    if (choose_protocol(engine, bed, a) != VG_OK) {
        return VG_NO_MEMORY;
    }
    vg_tell_episode(engine, &bed->episode);
    return VG_OK;
}
