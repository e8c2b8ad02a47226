/* SPDX-License-Identifier: Apache-2.0
 *
 * Counting what a replay raised. See replay_summary.h.
 */
#include "cli/replay_summary.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SUBJECT_TEXT (2 * VG_ID_LEN + VG_PATIENT_LEN + 2)

void vg_summary_finish(struct vg_summary *summary)
{
    for (size_t i = 0; i < summary->names.count && i < summary->subject_room; i++) {
        free(summary->subject[i].day);
    }
    free(summary->subject);
    free(summary->rule);
    vg_keys_finish(&summary->names);
    vg_keys_finish(&summary->rules);
    vg_keys_finish(&summary->paged);
    memset(summary, 0, sizeof *summary);
}

vg_ms vg_subject_day(const struct vg_subject *subject, size_t day)
{
    const struct vg_instant begin = vg_after(subject->first, (vg_ms)day * VG_DAY);
    const vg_ms rest = vg_since(subject->last, begin);

    return rest < VG_DAY ? rest : VG_DAY;
}

/* A patient is the same wherever they lie; an id of a patient has no slash. */
static struct vg_subject *subject_of(struct vg_summary *summary, const char *patient,
                                     const char *ward, const char *bed)
{
    char name[SUBJECT_TEXT];

    if (patient[0] != '\0') {
        (void)vg_copy(name, sizeof name, patient);
    } else {
        (void)snprintf(name, sizeof name, "%s/%s", ward, bed);
    }
    const size_t place = vg_keys_put(&summary->names, name);
    if (place == SIZE_MAX) {
        return NULL;
    }
    struct vg_subject *subjects = vg_keys_grow(summary->subject, &summary->subject_room,
                                               place + 1, sizeof *subjects);
    if (subjects == NULL) {
        return NULL;
    }
    summary->subject = subjects;
    subjects[place].patient = patient[0] != '\0';
    return &subjects[place];
}

static bool days(struct vg_subject *subject, size_t count)
{
    struct vg_load_day *grown =
        vg_keys_grow(subject->day, &subject->room, count, sizeof *grown);

    if (grown == NULL) {
        return false;
    }
    subject->day = grown;
    subject->day_count = count > subject->day_count ? count : subject->day_count;
    return true;
}

static struct vg_load_day *day_at(struct vg_subject *subject, struct vg_instant at)
{
    const vg_ms past = vg_since(at, subject->first);
    const size_t day = past > 0 ? (size_t)(past / VG_DAY) : 0;

    return &subject->day[day < subject->day_count ? day : subject->day_count - 1];
}

/* ---- Lines */

static void look(struct vg_subject *subject, const struct vg_summary_line *line)
{
    struct vg_load_day *day = day_at(subject, line->at);
    struct vg_assessed assessed;

    if (vg_is_set(subject->looked) && vg_since(line->at, subject->looked) < VG_HOUR) {
        return;
    }
    subject->looked = line->at;
    if (vg_engine_assess_bed(line->engine, line->ward, line->bed, &assessed) &&
        assessed.known && assessed.now.crs.grade > day->crs) {
        day->crs = assessed.now.crs.grade;
    }
}

enum vg_status vg_summary_line(struct vg_summary *summary,
                               const struct vg_summary_line *line)
{
    const struct vg_episode *episode =
        vg_engine_episode(line->engine, line->ward, line->bed);
    const char *admitted = episode != NULL ? episode->patient : "";
    struct vg_subject *subject =
        subject_of(summary, line->patient != NULL ? line->patient : admitted,
                   line->ward, line->bed);

    if (subject == NULL) {
        return VG_NO_MEMORY;
    }
    if (!subject->begun) {
        subject->begun = true;
        subject->first = line->at;
        subject->looked = VG_UNSET;
    }
    const vg_ms past = vg_since(line->at, subject->first);
    if (!days(subject, (size_t)(past / VG_DAY) + 1)) {
        return VG_NO_MEMORY;
    }
    subject->last = line->at;
    day_at(subject, line->at)->watched = true;
    look(subject, line);
    return VG_OK;
}

/* ---- Alerts */

/* An alert pages once, however often its ladder calls: when somebody is first called about it as
 * urgent or critical. */
static enum vg_status page(struct vg_summary *summary, const struct vg_alert *alert,
                           struct vg_load_day *day)
{
    const size_t known = summary->paged.count;

    if (alert->class_ == VG_CLASS_TECHNICAL || alert->severity < VG_URGENT) {
        return VG_OK;
    }
    const size_t place = vg_keys_put(&summary->paged, alert->id);
    if (place == SIZE_MAX) {
        return VG_NO_MEMORY;
    }
    const unsigned one = place == known ? 1 : 0;
    summary->pages += one;
    day->pages += one;
    return VG_OK;
}

static enum vg_status count_rule(struct vg_summary *summary,
                                 const struct vg_alert *alert)
{
    char name[VG_NAME_LEN + 16];

    (void)snprintf(name, sizeof name, "%d %s", (int)alert->severity, alert->rule);
    const size_t place = vg_keys_put(&summary->rules, name);
    if (place == SIZE_MAX) {
        return VG_NO_MEMORY;
    }
    struct vg_rule_load *rules =
        vg_keys_grow(summary->rule, &summary->rule_room, place + 1, sizeof *rules);
    if (rules == NULL) {
        return VG_NO_MEMORY;
    }
    summary->rule = rules;
    struct vg_rule_load *rule = &rules[place];
    rule->severity = alert->severity;
    (void)vg_copy(rule->rule, sizeof rule->rule, alert->rule);
    rule->count++;
    return VG_OK;
}

static enum vg_status raised(struct vg_summary *summary, const struct vg_alert *alert,
                             struct vg_load_day *day)
{
    const enum vg_status status = count_rule(summary, alert);

    if (status == VG_OK) {
        summary->raised++;
        summary->severity[alert->severity]++;
        summary->technical += alert->class_ == VG_CLASS_TECHNICAL;
        day->alerts++;
    }
    return status;
}

enum vg_status vg_summary_alert(struct vg_summary *summary,
                                const struct vg_alert *alert, bool called)
{
    struct vg_subject *subject =
        subject_of(summary, alert->patient, alert->ward, alert->bed);
    enum vg_status status = VG_OK;

    if (subject == NULL) {
        return VG_NO_MEMORY;
    }
    if (!subject->begun) { /* raised by the very first line */
        subject->begun = true;
        subject->first = alert->at;
        subject->last = alert->at;
        subject->looked = VG_UNSET;
    }
    if (!days(subject, 1)) {
        return VG_NO_MEMORY;
    }
    struct vg_load_day *day = day_at(subject, alert->at);
    summary->repeats += alert->event == VG_REPEATED;
    if (alert->event == VG_RAISED) {
        status = raised(summary, alert, day);
    }
    const bool graver = alert->event == VG_RAISED || alert->event == VG_ESCALATED;
    if (status == VG_OK && (called || (graver && alert->ladder[0] == '\0'))) {
        status = page(summary, alert, day);
    }
    return status;
}
