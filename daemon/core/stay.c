/* SPDX-License-Identifier: Apache-2.0
 *
 * Who lies where: admission, update, discharge. Transfers: move.c.
 */
#include "core/stay.h"

#include <stdio.h>
#include <string.h>

#include "core/sift.h"

void vg_stay_refuse(struct vg_engine *engine, enum vg_reason reason, const char *detail)
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
        const bool none = vg_is_never(a->infusion_planned);
        bed->infusion_planned = none ? VG_UNSET : a->infusion_planned;
    }
    for (size_t i = 0; i < VG_MEASURED_COUNT; i++) {
        if (a->baseline[i] != VG_NO_VALUE) {
            bed->baseline[i] = a->baseline[i];
        }
    }
    if (a->donor[0] != '\0') {
        (void)vg_copy(e->donor, sizeof e->donor, a->donor);
    }
    if (a->chain_id[0] != '\0') {
        (void)vg_copy(e->chain_id, sizeof e->chain_id, a->chain_id);
    }
    (void)vg_copy(e->protocol, sizeof e->protocol, bed->protocol->name);
    vg_bed_patient(bed, a);
}

/* There is room. Word that is ahead of time counts from when it came. */
static void chart_flags(const struct vg_engine *engine, struct vg_bed *bed,
                        const struct vg_admission *a)
{
    for (size_t i = 0; i < a->flag_count; i++) {
        struct vg_entry entry = {.signal = VG_FLAG, .on = true, .until = VG_UNSET};
        entry.at = vg_earlier(a->at, engine->now);
        (void)vg_copy(entry.value, sizeof entry.value, a->flags[i]);
        (void)vg_bed_chart(bed, &entry);
        vg_bed_note_entry(bed, &entry, entry.at, entry.at);
    }
}

static void take(struct vg_engine *engine, struct vg_bed *bed,
                 const struct vg_admission *a)
{
    chart_flags(engine, bed, a);
    fill(bed, a);
    vg_tell_episode(engine, &bed->episode);
    vg_stay_answer_protocol(engine, bed, a);
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
 * its protocol's rules may say, the protocol itself, its place in the list of ties. */
static enum vg_status prepare(struct vg_engine *engine, struct vg_bed *bed,
                              const struct vg_admission *a)
{
    const struct vg_protocol *protocol = vg_stay_protocol(engine, bed, a);

    if (!vg_tell_room(engine,
                      protocol->rule_count + VG_BUILTIN_COUNT + open_alerts(bed), 1) ||
        (protocol != bed->protocol && !vg_bed_adopt(bed, protocol)) ||
        !vg_bed_need_course(bed) || !vg_bed_chart_room(bed, a->flag_count) ||
        !vg_log_reserve(&bed->course->log, a->flag_count, 0) ||
        !vg_ties_reserve(&engine->ties, 1)) {
        return VG_NO_MEMORY;
    }
    return VG_OK;
}

/* The same patient and the same time of admission are the same episode; but not two that are open at
 * once, one in the house and one at home. */
static void identify(const struct vg_engine *engine, struct vg_episode *episode)
{
    const uint64_t high = vg_hash(1, episode->patient, strlen(episode->patient));
    const uint64_t low = vg_hash(high, "episode", 7);

    vg_content_id(episode->id, episode->begin, high, low);
    if (vg_engine_episode_named(engine, episode->id) != NULL) {
        vg_content_id(episode->id, episode->begin, high, vg_hash(low, "beside", 6));
    }
}

void vg_stay_state_idle(struct vg_rule_state *state)
{
    state->phase = VG_IDLE;
    state->lost = false;
    state->onset = VG_UNSET;
    state->last_yes = state->ends_from = VG_UNSET;
    state->when.count = state->clear.count = 0;
}

void vg_bed_ask_all(struct vg_engine *engine, struct vg_bed *bed, bool by_time)
{
    bed->asked = vg_later(bed->asked, bed->since);
    const struct vg_asking asking = {.engine = engine,
                                     .bed = bed,
                                     .at = bed->asked,
                                     .trigger = VG_UNSET,
                                     .stamp = engine->now,
                                     .by_time = by_time};
    vg_bed_tell_orphans(engine, bed, engine->now);
    vg_carry_look(engine, bed, vg_bed_judge(bed, engine->now, VG_NEVER, NULL));
    for (size_t i = 0; i < bed->protocol->rule_count; i++) {
        vg_rule_ask(&asking, i);
    }
    vg_bed_rewake(engine, bed);
}

/* ---- The bed was watched before the admission came */

/* Open alerts are the patient's from now on: somebody lay there, and it is known late who. */
static void link_alerts(struct vg_engine *engine, struct vg_bed *bed)
{
    const struct vg_turn linked = {.change = VG_NOTED};

    for (size_t i = 0; i < vg_bed_states(bed); i++) {
        struct vg_alert *alert = bed->state[i].alert;
        if (alert != NULL && alert->episode[0] == '\0') {
            (void)vg_copy(alert->patient, sizeof alert->patient, bed->episode.patient);
            (void)vg_copy(alert->episode, sizeof alert->episode, bed->episode.id);
            vg_alert_linked(alert);
            (void)vg_copy(alert->remark, sizeof alert->remark,
                          "the bed's patient is known now");
            vg_carer_turn(engine, bed, &bed->state[i], &linked, engine->now);
        }
    }
}

/* What was told of somebody else is over; who was called sees that it ended. */
static void part_alerts(struct vg_engine *engine, struct vg_bed *bed)
{
    for (size_t i = 0; i < vg_bed_states(bed); i++) {
        struct vg_rule_state *state = &bed->state[i];
        if (state->alert != NULL) {
            (void)vg_copy(state->alert->remark, sizeof state->alert->remark,
                          "it was about somebody else: another patient is admitted");
            vg_tell_ended(engine, bed, i, false, engine->now);
        }
    }
}

/* What the empty bed took since the patient came is theirs; what was measured before is not,
 * but where messages named them. If messages named somebody else, nothing of it is: which of
 * the readings that name nobody are whose cannot be known. */
static void take_over(struct vg_engine *engine, struct vg_bed *bed,
                      const struct vg_admission *a)
{
    const bool foreign =
        bed->others || (bed->named[0] != '\0' && strcmp(bed->named, a->patient) != 0);
    const struct vg_instant named =
        vg_is_set(bed->named_since) ? bed->named_since : VG_NEVER;

    if (foreign) {
        part_alerts(engine, bed);
        vg_bed_forget(bed);
    } else {
        link_alerts(engine, bed);
        vg_bed_drop_before(bed, vg_earlier(bed->here, named));
    }
    bed->since = bed->here;
    bed->named[0] = '\0';
    bed->named_since = VG_UNSET;
    bed->others = false;
}

/* ---- */

static void begin(struct vg_engine *engine, struct vg_bed *bed,
                  const struct vg_admission *a)
{
    struct vg_episode *e = &bed->episode;

    memset(e, 0, sizeof *e);
    e->age = -1;
    e->begin = a->at;
    e->end = VG_NEVER;
    (void)vg_copy(e->patient, sizeof e->patient, a->patient);
    (void)vg_copy(e->ward, sizeof e->ward, bed->ward);
    (void)vg_copy(e->bed, sizeof e->bed, bed->bed);
    identify(engine, e);
    bed->linked = true;
    bed->here = vg_earlier(a->at, engine->now);
    take_over(engine, bed, a);
    vg_carry_hand_over(engine, bed);
    vg_tie_begin(engine, bed);
}

/* One stay in the house and one at home may be open at the same time. */
static bool may_be_here(struct vg_engine *engine, const struct vg_bed *bed,
                        const struct vg_admission *a)
{
    const bool same = bed->linked && strcmp(bed->episode.patient, a->patient) == 0;
    const bool home = a->has_setting ? a->outpatient : same && bed->episode.outpatient;
    const struct vg_bed *elsewhere = vg_roster_patient(engine, a->patient, home, bed);

    if (bed->linked && !same) {
        vg_stay_refuse(engine, VG_IDENTITY, "another patient is admitted to this bed");
        return false;
    }
    if (elsewhere != NULL) {
        vg_stay_refuse(engine, VG_IDENTITY,
                       home
                           ? "this patient is followed at home in another bed: transfer"
                           : "this patient is admitted to another bed: transfer");
        return false;
    }
    return true;
}

/* The same admission once more, when its stay has ended already: it says nothing new, and would bring
 * back somebody who has gone. What the store holds was taken when it came. */
static bool has_left(struct vg_engine *engine, const struct vg_bed *bed,
                     const struct vg_admission *a)
{
    struct vg_episode stay = {.begin = a->at};

    (void)vg_copy(stay.patient, sizeof stay.patient, a->patient);
    identify(engine, &stay);
    if (engine->restoring || bed->linked ||
        !vg_tie_known(&engine->ties, bed->ward, bed->bed, stay.id)) {
        return false;
    }
    vg_stay_refuse(engine, VG_IDENTITY,
                   "this stay has ended: to admit the patient again say since when");
    return true;
}

static enum vg_status admit(struct vg_engine *engine, struct vg_bed *bed,
                            const struct vg_admission *a)
{
    if (!may_be_here(engine, bed, a) || has_left(engine, bed, a)) {
        return VG_OK;
    }
    const bool known = bed->linked;
    if (known && vg_stay_is_again(bed, a)) {
        vg_stay_answer_protocol(engine, bed, a);
        return VG_OK;
    }
    if (prepare(engine, bed, a) != VG_OK) {
        return VG_NO_MEMORY;
    }
    vg_stay_want(bed, a);
    if (!known) {
        begin(engine, bed, a);
    }
    take(engine, bed, a);
    vg_stay_note(bed, a);
    vg_bed_ask_all(engine, bed, known);
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

void vg_stay_end_alerts(struct vg_engine *engine, struct vg_bed *bed)
{
    for (size_t i = 0; i < vg_bed_states(bed); i++) {
        vg_tell_ended(engine, bed, i, true, engine->now);
        vg_stay_state_idle(&bed->state[i]);
    }
}

static enum vg_status discharge(struct vg_engine *engine, struct vg_bed *bed,
                                const struct vg_admission *a)
{
    const struct vg_instant left = vg_earlier(a->at, engine->now);
    struct vg_bed *rest = NULL;

    if (a->at.ms < bed->here.ms && a->at.ms < bed->episode.begin.ms &&
        !engine->restoring) { /* of an earlier stay, and told late or twice */
        vg_stay_refuse(engine, VG_IDENTITY, "this patient came later than that");
        return VG_OK;
    }
    if (vg_stay_must_confirm(engine, bed, a)) {
        bed->discharge_asked = engine->now;
        vg_stay_refuse(engine, VG_CONFIRM,
                       "a critical alert is open: send it again with a new ts, or with "
                       "\"confirm\": true");
        return VG_OK;
    }
    if (!vg_tell_room(engine, 2 * vg_bed_states(bed), 0) ||
        !vg_stay_rest(engine, bed, left, &rest)) {
        return VG_NO_MEMORY;
    }
    if (vg_is_set(bed->pause.until)) {
        vg_pause_end(engine, bed, engine->now);
    }
    vg_stay_end_alerts(engine, bed);
    bed->episode.end = a->at;
    vg_tie_end(engine, bed, left);
    vg_tell_episode(engine, &bed->episode);
    vg_roster_remove(engine, bed);
    vg_stay_watch_rest(engine, rest);
    return VG_OK;
}

static enum vg_status update(struct vg_engine *engine, struct vg_bed *bed,
                             const struct vg_admission *a)
{
    if (a->has_setting &&
        vg_roster_patient(engine, bed->episode.patient, a->outpatient, bed) != NULL) {
        vg_stay_refuse(engine, VG_IDENTITY,
                       "this patient has another open stay of that setting");
        return VG_OK;
    }
    if (prepare(engine, bed, a) != VG_OK) {
        return VG_NO_MEMORY;
    }
    const bool at_home = bed->episode.outpatient;
    vg_stay_want(bed, a);
    take(engine, bed, a);
    if (bed->episode.outpatient != at_home) {
        vg_carer_moved_home(engine, bed);
    }
    vg_bed_ask_all(engine, bed, true); /* a baseline, an age may count */
    return VG_OK;
}

enum vg_status vg_stay_event(struct vg_engine *engine, const struct vg_admission *a)
{
    if (a->action == VG_ADMIT) {
        return admit_anew(engine, a);
    }
    struct vg_bed *bed = vg_roster_find(engine, a->ward, a->bed);
    const bool other = bed != NULL &&
                       a->patient[0] != '\0' && /* else whoever lies there */
                       strcmp(bed->episode.patient, a->patient) != 0;
    if (bed == NULL || !bed->linked || other) {
        if (!vg_tell_reserve(engine, bed, 1)) {
            return VG_NO_MEMORY;
        }
        vg_stay_refuse(engine, VG_IDENTITY, "this patient is not admitted to this bed");
        return VG_OK;
    }
    if (!vg_tell_reserve(engine, bed, 1) || !vg_ties_reserve(&engine->ties, 1)) {
        return VG_NO_MEMORY;
    }
    if (a->action == VG_DISCHARGE) {
        return discharge(engine, bed, a);
    }
    if (a->action == VG_TRANSFER) {
        return vg_stay_transfer(engine, bed, a);
    }
    return update(engine, bed, a);
}
