/* SPDX-License-Identifier: Apache-2.0
 *
 * A new alert: who it is about, what was seen, under which rule; filled in and handed to its
 * carer.
 */
#include <string.h>

#include "core/carer.h"

/* 0 for an onset newer than all before it; else a number of its own, so that no id is used
 * twice (Alert states 3.1): readings that come late can say the same onset again. */
static uint32_t turn_of(struct vg_rule_state *state, struct vg_instant onset)
{
    if (onset.ms > state->newest_onset.ms) {
        state->newest_onset = onset;
        return 0;
    }
    return ++state->behind;
}

static void identify(struct vg_alert *alert, const struct vg_bed *bed, uint32_t turn)
{
    char subject[VG_PATIENT_LEN + 2 * VG_ID_LEN + 8] = {0};
    size_t length = 0;

    if (bed->linked) {
        length = strlen(bed->episode.id);
        memcpy(subject, bed->episode.id, length);
    } else {
        const size_t ward = strlen(bed->ward);
        memcpy(subject, bed->ward, ward);
        subject[ward] = '/';
        memcpy(subject + ward + 1, bed->bed, strlen(bed->bed));
        length = ward + 1 + strlen(bed->bed);
    }
    const uint64_t high = vg_hash(0, subject, length);
    const unsigned char bytes[] = {(unsigned char)(turn >> 24),
                                   (unsigned char)(turn >> 16),
                                   (unsigned char)(turn >> 8), (unsigned char)turn};
    uint64_t low = vg_hash(high, alert->rule, strlen(alert->rule));
    low = turn > 0 ? vg_hash(low, bytes, sizeof bytes) : low;
    vg_content_id(alert->id, alert->onset, vg_hash(low, &alert->late, 1), low);
}

/* What a finding says of came with the reading that made us ask: a line's newer value beside a
 * cuff's is not what was found. */
static struct vg_instant seen_at(const struct vg_asking *asking,
                                 const struct vg_rule *rule)
{
    return rule->topics != 0 && vg_is_set(asking->trigger)
               ? vg_earlier(asking->trigger, asking->at)
               : asking->at;
}

static void gather(struct vg_alert *alert, const struct vg_asking *asking,
                   struct vg_instant at, uint64_t watches)
{
    for (unsigned s = 0; s < VG_MEASURED_COUNT; s++) {
        struct vg_sample last;
        if ((watches >> s & 1) == 0) {
            continue;
        }
        if (!vg_bed_last(asking->bed, (enum vg_signal)s, at, &last)) {
            alert->missing |= (uint64_t)1 << s;
        } else if (alert->evidence_count < VG_EVIDENCE) {
            alert->evidence[alert->evidence_count++] = (struct vg_evidence){
                (enum vg_signal)s, last.value, last.measured, last.source};
        }
    }
}

static void say_who(struct vg_alert *alert, const struct vg_bed *bed)
{
    (void)vg_copy(alert->ward, sizeof alert->ward, bed->ward);
    (void)vg_copy(alert->bed, sizeof alert->bed, bed->bed);
    if (bed->linked) {
        (void)vg_copy(alert->patient, sizeof alert->patient, bed->episode.patient);
        (void)vg_copy(alert->episode, sizeof alert->episode, bed->episode.id);
    }
    (void)vg_copy(alert->protocol, sizeof alert->protocol, bed->protocol->name);
    (void)vg_copy(alert->version, sizeof alert->version, bed->protocol->version);
    (void)vg_copy(alert->digest, sizeof alert->digest, bed->protocol->digest);
}

static void say_what(struct vg_alert *alert, const struct vg_asking *asking,
                     const struct vg_rule *rule, bool builtin)
{
    struct vg_bed *bed = asking->bed;
    const struct vg_facts facts = vg_bed_facts(bed, VG_EXACTLY);

    (void)vg_copy(alert->rule, sizeof alert->rule, rule->id);
    alert->class_ = rule->class_;
    alert->severity = rule->severity;
    if (rule->has_escalate && vg_expr_ask(&rule->escalate, &bed->protocol->queries,
                                          &facts, asking->at) == VG_TRUE) {
        alert->severity = rule->escalated;
    }
    alert->severity = bed->urgency > alert->severity ? bed->urgency : alert->severity;
    alert->peak = alert->severity;
    alert->latched = rule->latch;
    (void)vg_copy(alert->reference, sizeof alert->reference,
                  rule->reference.en != NULL ? rule->reference.en : "");
    (void)vg_copy(alert->reference_zh, sizeof alert->reference_zh,
                  rule->reference.zh != NULL ? rule->reference.zh : "");
    if (builtin || bed->node) {
        (void)vg_copy(alert->text, sizeof alert->text,
                      bed->said != NULL ? bed->said : rule->text.en);
        (void)vg_copy(alert->text_zh, sizeof alert->text_zh, rule->text.zh);
        return;
    }
    const struct vg_instant at = seen_at(asking, rule);
    (void)vg_rule_text(rule, &bed->protocol->queries, &facts, at, rule->text.en,
                       alert->text, sizeof alert->text);
    (void)vg_rule_text(rule, &bed->protocol->queries, &facts, at, rule->text.zh,
                       alert->text_zh, sizeof alert->text_zh);
    gather(alert, asking, at, rule->when.watches);
}

static void say_scores(struct vg_alert *alert, const struct vg_bed *bed)
{
    const struct vg_assessment *now = vg_bed_assessment(bed);
    struct vg_scores *scores = &alert->scores;

    scores->crs = scores->icans = scores->news2 = VG_GRADE_NULL;
    if (now != NULL) {
        scores->crs =
            now->crs.status == VG_CRS_INDETERMINATE ? VG_GRADE_NULL : now->crs.grade;
        scores->icans = now->icans.grade;
        scores->icans_complete = now->icans.complete;
        scores->news2 = now->news2.score;
        scores->news2_complete = now->news2.complete;
        scores->masked = now->crs.masked;
    }
}

/* What was found, at its own time: readings that come hours old, in order, are judged as of now too, and a score
 * that they made may since be unknown. */
static void say_found(struct vg_alert *alert, const struct vg_asking *asking,
                      const struct vg_rule *rule, bool builtin)
{
    struct vg_bed *bed = asking->bed;
    struct vg_assessment past;

    if (bed->then == NULL && bed->course != NULL && rule->topics != 0 &&
        vg_course_past(bed->course, seen_at(asking, rule), &past)) {
        bed->then = &past;
        say_what(alert, asking, rule, builtin);
        say_scores(alert, bed);
        bed->then = NULL;
        return;
    }
    say_what(alert, asking, rule, builtin);
    say_scores(alert, bed);
}

#define LATEST (8 * VG_HOUR) /* fever with neutropenia and the floors page until then */

void vg_tell_missed(const struct vg_asking *asking, size_t index)
{
    struct vg_engine *engine = asking->engine;
    struct vg_bed *bed = asking->bed;
    struct vg_rule_state *state = &bed->state[index];
    const struct vg_rule *rule = vg_bed_rule(bed, index);
    const struct vg_instant start = bed->infusion_start;

    vg_tell_ended(engine, bed, index, true, asking->stamp); /* superseded, if latched */
    struct vg_alert *alert = vg_tell_spare(engine);
    memset(alert, 0, sizeof *alert);
    state->alert = alert;
    say_who(alert, bed);
    say_found(alert, asking, rule, index >= bed->protocol->rule_count);
    vg_alert_notes(alert, asking, rule, index >= bed->protocol->rule_count);
    alert->condition = VG_ACTIVE;
    alert->late = asking->late;
    const vg_ms lateness = vg_since(asking->stamp, asking->trigger);
    if (asking->late && lateness > VG_LATE &&
        !(rule->pages_late && lateness <= LATEST)) {
        alert->severity = alert->peak = VG_INFO;
    }
    alert->onset = state->onset;
    alert->raised = asking->stamp;
    alert->clear_since = VG_UNSET;
    alert->since_infusion = vg_is_set(start) && start.ms <= asking->at.ms
                                ? vg_since(asking->at, start)
                                : VG_NO_VALUE;
    alert->care.test = rule->print;
    identify(alert, bed, state->turn);
    vg_carer_open(asking, index);
}

void vg_tell_raised(const struct vg_asking *asking, size_t index,
                    struct vg_instant onset)
{
    struct vg_rule_state *state = &asking->bed->state[index];

    state->onset = onset;
    state->turn = turn_of(state, onset);
    if (!asking->engine->restoring) {
        vg_tell_missed(asking, index);
    }
}
