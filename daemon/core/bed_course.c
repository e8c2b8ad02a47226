/* SPDX-License-Identifier: Apache-2.0
 *
 * The bridge from a bed to its course: readings and charted entries become items, the
 * admission becomes the patient, and answers are read from the latest assessment.
 */
#include <ctype.h>
#include <string.h>

#include "core/bed.h"
#include "core/expr_code.h"

#define LATE (15 * VG_MINUTE) /* Clinical reference 0.3 */
#define OLD  (8 * VG_HOUR)

bool vg_bed_need_course(struct vg_bed *bed)
{
    if (bed->course == NULL) {
        bed->course = vg_course_create();
        if (bed->course != NULL) {
            bed->course->patient.clinical = bed->protocol->clinical;
            bed->course->patient.schedule = &bed->protocol->expected;
            vg_bed_keep(bed);
        }
    }
    return bed->course != NULL;
}

/* A CAR-T product of unknown target counts as BCMA (Clinical reference 2.4). */
static bool is_bcma(enum vg_product product, const char *target)
{
    static const char bcma[] = "bcma";
    size_t i = 0;

    while (bcma[i] != '\0' && tolower((unsigned char)target[i]) == bcma[i]) {
        i++;
    }
    return bcma[i] == '\0' || (product == VG_CAR_T && target[0] == '\0');
}

static void limits(int64_t *to, const int64_t *from)
{
    for (unsigned s = 0; s < VG_MEASURED_COUNT; s++) {
        to[s] = from[s] != VG_NO_VALUE ? from[s] : to[s];
    }
}

void vg_bed_patient(struct vg_bed *bed, const struct vg_admission *a)
{
    struct vg_patient *patient = &bed->course->patient;

    if (!patient->linked) {
        patient->target[0] = '\0';
    }
    patient->linked = true;
    patient->age = bed->episode.age;
    patient->product = bed->episode.product;
    patient->outpatient = bed->episode.outpatient;
    patient->admitted = vg_earlier(bed->episode.begin, bed->here);
    patient->infusion_planned = bed->infusion_planned;
    patient->clinical = bed->protocol->clinical;
    patient->schedule = &bed->protocol->expected;
    patient->pregnant = a->has_pregnant ? a->pregnant : patient->pregnant;
    if (a->target[0] != '\0') {
        (void)vg_copy(patient->target, sizeof patient->target, a->target);
    }
    patient->bcma = is_bcma(patient->product, patient->target);
    limits(patient->baseline, a->baseline);
    limits(patient->uln, a->uln);
    vg_course_restart(bed->course);
}

/* ---- Items */

static unsigned trust(enum vg_signal signal, const struct vg_sample *sample)
{
    const struct vg_item item = {.signal = (uint8_t)signal,
                                 .source = (uint8_t)sample->source,
                                 .method = (uint8_t)sample->method};

    return vg_item_trust(&item);
}

#define LOOK 64 /* samples looked back on for a newer one */

/* A newer value of the same or a more trusted source is known. */
static bool newer_known(const struct vg_window *window, enum vg_signal signal,
                        const struct vg_sample *sample)
{
    const unsigned mine = trust(signal, sample);
    uint32_t i = window->count;

    for (unsigned looked = 0; i > 0 && looked < LOOK; looked++) {
        const struct vg_sample other = vg_window_at(window, --i);
        if (other.measured.ms <= sample->measured.ms) {
            return false;
        }
        if (trust(signal, &other) <= mine) {
            return true;
        }
    }
    return false;
}

uint8_t vg_bed_lateness(const struct vg_bed *bed, enum vg_signal signal,
                        const struct vg_sample *sample, struct vg_instant now)
{
    const struct vg_window *window = bed->window[signal];
    const vg_ms late = vg_since(now, sample->measured);
    unsigned marks = 0;

    if (late > LATE && window != NULL && newer_known(window, signal, sample)) {
        marks = VG_MARK_LATE;
    }
    if (late > OLD) {
        marks |= VG_MARK_OLD;
    }
    return (uint8_t)marks;
}

/* In millionths of the delivered unit; VG_NO_VALUE if it does not fit. */
static int64_t delivered(struct vg_decimal raw)
{
    static const struct vg_decimal none = {0, 0};
    int64_t out = VG_NO_VALUE;

    if (vg_decimal_scale(raw, none, (struct vg_ratio){1, 1}, 6, &out) != VG_OK) {
        out = VG_NO_VALUE;
    }
    return out;
}

void vg_bed_note(struct vg_bed *bed, const struct vg_reading *reading,
                 const struct vg_sample *sample)
{
    if (bed->course == NULL || vg_course_note(bed->course, reading->signal, sample)) {
        return;
    }
    struct vg_item item = {.at = sample->measured,
                           .to = sample->measured,
                           .low = sample->value,
                           .high = sample->value,
                           .a = reading->uln,
                           .b = reading->lln,
                           .raw = delivered(reading->raw),
                           .count = 1,
                           .signal = (uint8_t)reading->signal,
                           .source = (uint8_t)sample->source,
                           .method = (uint8_t)sample->method,
                           .marks = sample->marks,
                           .unit = (uint8_t)reading->unit,
                           .device = sample->device};
    if (reading->out_of_range) {
        item.marks |= VG_MARK_VOID; /* a cuff cycle that failed, say */
    }
    if (reading->signal == VG_ICE) {
        item.a = reading->ice_items;
        item.b = reading->unarousable;
    }
    (void)vg_course_put(bed->course, &item);
}

void vg_bed_note_failed(struct vg_bed *bed, struct vg_instant at, const char *device)
{
    const struct vg_item item = {.at = at,
                                 .to = at,
                                 .a = VG_NO_VALUE,
                                 .b = VG_NO_VALUE,
                                 .raw = VG_NO_VALUE,
                                 .count = 1,
                                 .signal = VG_SBP,
                                 .source = VG_SOURCE_CUFF,
                                 .marks = VG_MARK_VOID,
                                 .device = vg_bed_device(bed, device)};

    if (bed->course != NULL) {
        (void)vg_course_put(bed->course, &item);
    }
}

/* As of a sample (0.3): what came behind a newer word on consciousness, or long after, pages for the floors alone. */
static uint8_t entry_lateness(const struct vg_bed *bed, const struct vg_entry *entry,
                              struct vg_instant now)
{
    const vg_ms late = vg_since(now, entry->at);
    size_t cursor = SIZE_MAX;
    unsigned marks = late > OLD ? VG_MARK_OLD : 0;

    if (entry->signal != VG_CONSCIOUSNESS || late <= LATE) {
        return 0;
    }
    const struct vg_item *newest =
        vg_log_back(&bed->course->log, entry->signal, VG_NEVER, &cursor);
    marks |= newest != NULL && newest->at.ms > entry->at.ms ? VG_MARK_LATE : 0;
    return (uint8_t)marks;
}

void vg_bed_note_entry(struct vg_bed *bed, const struct vg_entry *entry,
                       struct vg_instant sent, struct vg_instant now)
{
    if (bed->course == NULL) {
        return;
    }
    struct vg_item item = {.at = entry->at,
                           .to = entry->at,
                           .low = entry->on,
                           .high = entry->on,
                           .a = VG_NO_VALUE,
                           .b = VG_NO_VALUE,
                           .count = 1,
                           .signal = (uint8_t)entry->signal,
                           .source = VG_SOURCE_MANUAL,
                           .marks = entry_lateness(bed, entry, now),
                           .name = vg_chart_name(entry->signal, entry->value)};
    if (entry->signal == VG_INFUSION || entry->signal == VG_LYMPHODEPLETION) {
        item.a = sent.ms;
    } else if (entry->signal == VG_O2_DEVICE) {
        item.a = entry->flow;
        item.b = entry->fio2;
    } else if (entry->signal == VG_VASOPRESSOR && item.name == VG_PRESSOR_UNKNOWN) {
        item.a = vg_pressor_label(entry->value);
    } else if (entry->signal == VG_SEIZURE) {
        item.a = entry->duration_s >= 0 ? entry->duration_s * VG_SECOND : VG_NO_VALUE;
        item.b = entry->no_return;
    } else if (entry->signal == VG_NEURO) {
        item.a = entry->haemorrhage;
    } else if (entry->signal == VG_FLAG) {
        item.a = vg_flag_end((enum vg_flag)item.name, entry->at, entry->until).ms;
    }
    (void)vg_course_put(bed->course, &item);
}

uint8_t vg_bed_device(struct vg_bed *bed, const char *name)
{
    if (bed->course == NULL || name[0] == '\0') {
        return 0;
    }
    for (uint8_t i = 0; i < VG_DEVICES; i++) {
        char *known = bed->course->device[i];
        if (known[0] == '\0') {
            (void)vg_copy(known, VG_ID_LEN + 1, name);
        }
        if (strcmp(known, name) == 0) {
            return (uint8_t)(i + 1);
        }
    }
    return 0;
}

/* ---- Answers */

vg_ms vg_bed_lag(const struct vg_bed *bed)
{
    vg_ms lag = 0;

    for (unsigned s = 0; s < VG_STREAMS; s++) {
        if (bed->window[s] != NULL && bed->window[s]->lag > lag) {
            lag = bed->window[s]->lag;
        }
    }
    return lag;
}

uint32_t vg_bed_judge(struct vg_bed *bed, struct vg_instant now, struct vg_instant late,
                      struct vg_assessment *then)
{
    if (bed->course == NULL) {
        return 0;
    }
    const struct vg_instant reached = vg_after(now, -vg_bed_lag(bed));

    vg_course_fold(bed->course, bed->window, late, then);
    return vg_course_judge(bed->course, vg_later(bed->asked, reached));
}

const struct vg_assessment *vg_bed_assessment(const struct vg_bed *bed)
{
    if (bed->course == NULL || !vg_is_set(bed->course->judged)) {
        return NULL;
    }
    return bed->then != NULL ? bed->then : &bed->course->now;
}

struct vg_instant vg_bed_course_wake(const struct vg_bed *bed)
{
    return bed->course == NULL ? VG_NEVER
                               : vg_after(vg_course_next(bed->course), vg_bed_lag(bed));
}

struct vg_instant vg_bed_onset(const struct vg_bed *bed, const struct vg_expr *expr,
                               struct vg_instant fallback)
{
    const struct vg_assessment *now = vg_bed_assessment(bed);
    struct vg_instant best = VG_NEVER;

    for (uint16_t i = 0; now != NULL && i < expr->length; i++) {
        if (expr->code[i].code != VG_OP_ASK) {
            continue;
        }
        const struct vg_query *query =
            &bed->protocol->queries.item[expr->code[i].query];
        if (query->kind == VG_ASK_FIELD) {
            const struct vg_instant since =
                vg_field_since(&vg_fields()[query->field], now);
            best = vg_is_set(since) ? vg_earlier(best, since) : best;
        }
    }
    return vg_is_never(best) ? fallback : best;
}

bool vg_bed_asks_absence(const struct vg_bed *bed, const struct vg_expr *expr)
{
    for (uint16_t i = 0; i < expr->length; i++) {
        if (expr->code[i].code == VG_OP_ASK) {
            const enum vg_query_kind kind =
                bed->protocol->queries.item[expr->code[i].query].kind;
            if (kind == VG_ASK_NONE || kind == VG_ASK_AGE) {
                return true;
            }
        }
    }
    return false;
}

int64_t vg_bed_baseline(const struct vg_bed *bed, enum vg_signal signal)
{
    const struct vg_course *course = bed->course;

    if (bed->baseline[signal] != VG_NO_VALUE || course == NULL) {
        return bed->baseline[signal];
    }
    const struct vg_view view = {&course->patient, &course->log};
    return vg_baseline_of(&course->state, &view, signal);
}
