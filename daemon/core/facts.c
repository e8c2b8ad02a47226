/* SPDX-License-Identifier: Apache-2.0
 *
 * What a bed answers to the queries of the rule language, and when an answer will change
 * by the passing of time alone.
 */
#include <string.h>

#include "core/bed.h"
#include "core/expr_code.h"

static int64_t scale_of(enum vg_signal signal)
{
    int64_t scale = 1;

    for (unsigned i = vg_signal_info(signal)->places; i > 0; i--) {
        scale *= 10;
    }
    return scale;
}

bool vg_bed_last(const struct vg_bed *bed, enum vg_signal signal, struct vg_instant at,
                 struct vg_sample *out)
{
    const struct vg_window *window = bed->window[signal];

    return window != NULL && vg_window_last(window, at, out) &&
           vg_since(at, out->measured) <= vg_signal_info(signal)->carry;
}

static struct vg_number yes_no(bool yes)
{
    return vg_number_of(yes ? 1 : 0, 1);
}

/* The latest; NULL: never. */
static const struct vg_charted *charted(const struct vg_bed *bed, enum vg_signal signal,
                                        const char *value)
{
    const struct vg_charted *best = NULL;

    for (size_t i = 0; i < bed->charted_count; i++) {
        const struct vg_charted *c = &bed->charted[i];
        if (c->signal == signal &&
            (value == NULL || vg_chart_is(signal, c->value, value)) &&
            (best == NULL || c->at.ms > best->at.ms)) {
            best = c;
        }
    }
    return best;
}

/* Tremor is charted as a neurologic finding. */
static const struct vg_charted *symptom(const struct vg_bed *bed, const char *name)
{
    const struct vg_charted *c = charted(bed, VG_SYMPTOM, name);

    return c != NULL || strcmp(name, "tremor") != 0 ? c : charted(bed, VG_NEURO, name);
}

static struct vg_number within(const struct vg_bed *bed, enum vg_signal signal,
                               const struct vg_query *query, struct vg_instant at)
{
    const struct vg_charted *c = signal == VG_SYMPTOM
                                     ? symptom(bed, query->name)
                                     : charted(bed, signal, query->name);

    return yes_no(c != NULL && c->at.ms <= at.ms && vg_since(at, c->at) <= query->span);
}

static struct vg_number supported(const struct vg_bed *bed, const char *name)
{
    if (strcmp(name, "oxygen") != 0) {
        const struct vg_charted *c = charted(bed, VG_VASOPRESSOR, name);
        return yes_no(c != NULL && c->on);
    }
    const struct vg_charted *device = charted(bed, VG_O2_DEVICE, NULL);
    if (device == NULL || strcmp(device->value, "unknown") == 0) {
        return VG_NUMBER_UNKNOWN; /* never charted is not room air */
    }
    return yes_no(strcmp(device->value, "room_air") != 0);
}

static struct vg_number flagged(const struct vg_bed *bed, const char *name,
                                struct vg_instant at)
{
    const struct vg_charted *c = charted(bed, VG_FLAG, name);

    return yes_no(c != NULL && c->on && c->from.ms <= at.ms && at.ms < c->until.ms);
}

static struct vg_number since(struct vg_instant start, struct vg_instant at)
{
    if (!vg_is_set(start) || start.ms > at.ms) {
        return VG_NUMBER_UNKNOWN;
    }
    return vg_number_of(vg_since(at, start), 1);
}

/* Clinical reference 0.3: a planned infusion serves until a start arrives. */
static struct vg_instant infused(const struct vg_bed *bed)
{
    return vg_is_set(bed->infusion_start) ? bed->infusion_start : bed->infusion_planned;
}

static struct vg_number of_signal(const struct vg_bed *bed,
                                  const struct vg_query *query, struct vg_instant at)
{
    struct vg_sample last;

    if (query->kind == VG_ASK_BASELINE) {
        const int64_t value = vg_bed_baseline(bed, query->signal);
        return value == VG_NO_VALUE ? VG_NUMBER_UNKNOWN
                                    : vg_number_of(value, scale_of(query->signal));
    }
    if (query->kind == VG_ASK_AGE) {
        const struct vg_window *window = bed->window[query->signal];
        return window != NULL && vg_window_last(window, at, &last)
                   ? since(last.measured, at)
                   : VG_NUMBER_UNKNOWN;
    }
    if (!vg_bed_last(bed, query->signal, at, &last)) {
        return VG_NUMBER_UNKNOWN;
    }
    return vg_number_of(last.value, scale_of(query->signal));
}

/* Phases are those of an admitted patient's schedule. */
static struct vg_number in_phase(const struct vg_bed *bed, const char *name,
                                 struct vg_instant at, struct vg_instant *next)
{
    if (!bed->linked || bed->course == NULL) {
        return VG_NUMBER_UNKNOWN;
    }
    return yes_no(
        vg_phase_is(name, &bed->course->state, &bed->course->patient, at, next));
}

static struct vg_number of_chart(const struct vg_bed *bed, const struct vg_query *query,
                                 struct vg_instant at)
{
    switch (query->kind) {
    case VG_ASK_SETTING:
        if (!bed->linked) {
            return VG_NUMBER_UNKNOWN;
        }
        return yes_no((strcmp(query->name, "outpatient") == 0) ==
                      bed->episode.outpatient);
    case VG_ASK_PHASE: {
        struct vg_instant next = VG_NEVER;
        return in_phase(bed, query->name, at, &next);
    }
    case VG_ASK_GIVEN:
        return within(bed, VG_MEDICATION, query, at);
    case VG_ASK_NOTED:
        return within(bed, VG_SYMPTOM, query, at);
    case VG_ASK_ON:
        return supported(bed, query->name);
    case VG_ASK_FLAG:
        return flagged(bed, query->name, at);
    case VG_ASK_FIELD: {
        const struct vg_assessment *now = vg_bed_assessment(bed);
        return now == NULL ? VG_NUMBER_UNKNOWN
                           : vg_field_value(&vg_fields()[query->field], now);
    }
    case VG_ASK_SINCE_INFUSION:
        return since(infused(bed), at);
    case VG_ASK_SINCE_ADMISSION:
        return since(bed->linked ? bed->episode.begin : VG_UNSET, at);
    case VG_ASK_LAST: /* not reached: of signals, as the rest */
    case VG_ASK_MIN:
    case VG_ASK_MAX:
    case VG_ASK_AVG:
    case VG_ASK_COUNT:
    case VG_ASK_RISE:
    case VG_ASK_DROP:
    case VG_ASK_SLOPE:
    case VG_ASK_AGE:
    case VG_ASK_BASELINE:
    case VG_ASK_NONE:
    case VG_ASK_KIND_COUNT:
        break; /* not reached: the same */
    }
    return VG_NUMBER_UNKNOWN; /* not reached: the same */
}

static bool windowed(enum vg_query_kind kind)
{
    return (kind >= VG_ASK_MIN && kind <= VG_ASK_SLOPE) || kind == VG_ASK_NONE;
}

/* A window that never had a reading has none: count is 0 and "no SIGNAL for" holds. */
static const struct vg_window empty_window;

/* Nobody has been watched for the whole span: nothing can be missing for that long yet. */
static bool too_soon(const struct vg_bed *bed, const struct vg_query *query,
                     struct vg_instant at)
{
    return !vg_is_set(bed->since) || vg_since(at, bed->since) <= query->span;
}

static struct vg_number exactly(const void *subject, const struct vg_query *query,
                                size_t index, struct vg_instant at)
{
    const struct vg_bed *bed = subject;

    (void)index;
    if (query->signal >= VG_MEASURED_COUNT) {
        return of_chart(bed, query, at);
    }
    if (!windowed(query->kind)) {
        return of_signal(bed, query, at);
    }
    const struct vg_window *window = bed->window[query->signal];
    if (query->kind == VG_ASK_NONE && too_soon(bed, query, at)) {
        return yes_no(false);
    }
    return vg_window_scan(window != NULL ? window : &empty_window, query, at);
}

static struct vg_number running(const void *subject, const struct vg_query *query,
                                size_t index, struct vg_instant at)
{
    const struct vg_bed *bed = subject;

    if (query->signal >= VG_MEASURED_COUNT || !windowed(query->kind) ||
        query->kind == VG_ASK_SLOPE || query->kind == VG_ASK_NONE ||
        bed->window[query->signal] == NULL) {
        return exactly(subject, query, index, at);
    }
    return vg_tracker_answer(&bed->tracker[index], bed->window[query->signal], query,
                             at);
}

static struct vg_number stands(const struct vg_bed *bed, const struct vg_query *query,
                               size_t index, struct vg_instant at, bool whole)
{
    const struct vg_assessment *now =
        query->kind == VG_ASK_FIELD ? vg_bed_assessment(bed) : NULL;

    return now != NULL ? vg_field_stands(&vg_fields()[query->field], whole, now)
                       : running(bed, query, index, at);
}

static struct vg_number standing(const void *subject, const struct vg_query *query,
                                 size_t index, struct vg_instant at)
{
    return stands(subject, query, index, at, false);
}

static struct vg_number whole(const void *subject, const struct vg_query *query,
                              size_t index, struct vg_instant at)
{
    return stands(subject, query, index, at, true);
}

struct vg_facts vg_bed_facts(struct vg_bed *bed, enum vg_how how)
{
    static struct vg_number (*const answers[])(const void *, const struct vg_query *,
                                               size_t, struct vg_instant) = {
        [VG_RUNNING] = running,
        [VG_EXACTLY] = exactly,
        [VG_STANDING] = standing,
        [VG_WHOLE] = whole};

    return (struct vg_facts){.subject = bed, .answer = answers[how]};
}

/* ---- When the passing of time changes an answer */

static struct vg_instant after_or_never(struct vg_instant when, struct vg_instant at)
{
    return when.ms > at.ms ? when : VG_NEVER;
}

/* While a monitor keeps sending, its next reading asks; only when it stops does the clock. */
#define SETTLE (10 * VG_SECOND)

static struct vg_instant window_changes(const struct vg_window *window,
                                        const struct vg_query *query,
                                        struct vg_instant at)
{
    struct vg_instant when = vg_window_leaves(window, query, at);
    struct vg_sample last;

    if (vg_is_never(when) || !vg_window_last(window, at, &last)) {
        return VG_NEVER;
    }
    if (vg_source_streams(last.source)) {
        when = vg_later(when, vg_after(last.measured, SETTLE));
    }
    return after_or_never(when, at);
}

static struct vg_instant signal_changes(const struct vg_bed *bed,
                                        const struct vg_query *query,
                                        struct vg_instant at)
{
    const struct vg_window *window = bed->window[query->signal];
    const struct vg_instant watched = /* for the whole span: see too_soon() */
        query->kind == VG_ASK_NONE
            ? after_or_never(vg_after(bed->since, query->span + 1), at)
            : VG_NEVER;
    struct vg_sample last;

    if (window == NULL || window->count == 0) { /* never measured */
        return watched;
    }
    if (windowed(query->kind)) { /* what came late may be older than `since` */
        return vg_earlier(watched, window_changes(window, query, at));
    }
    if (query->kind != VG_ASK_LAST || !vg_window_last(window, at, &last)) {
        return VG_NEVER;
    }
    return after_or_never(
        vg_after(last.measured, vg_signal_info(query->signal)->carry + 1), at);
}

static struct vg_instant chart_changes(const struct vg_bed *bed,
                                       const struct vg_query *query,
                                       struct vg_instant at)
{
    const bool noted = query->kind == VG_ASK_NOTED;
    const struct vg_charted *c = NULL;

    if (noted || query->kind == VG_ASK_GIVEN) {
        c = noted ? symptom(bed, query->name)
                  : charted(bed, VG_MEDICATION, query->name);
        return c == NULL ? VG_NEVER
                         : after_or_never(vg_after(c->at, query->span + 1), at);
    }
    if (query->kind == VG_ASK_PHASE) {
        struct vg_instant next = VG_NEVER;
        (void)in_phase(bed, query->name, at, &next);
        return next;
    }
    if (query->kind == VG_ASK_FLAG) {
        c = charted(bed, VG_FLAG, query->name);
        return c == NULL ? VG_NEVER : after_or_never(c->until, at);
    }
    return VG_NEVER;
}

/* A span that grows with time (age, since_infusion) meets each constant span of the test. */
static struct vg_instant span_changes(struct vg_bed *bed, const struct vg_expr *expr,
                                      const struct vg_query *query,
                                      struct vg_instant at)
{
    const struct vg_facts facts = vg_bed_facts(bed, VG_EXACTLY);
    const struct vg_number now = facts.answer(bed, query, 0, at);
    struct vg_instant best = VG_NEVER;

    if (!now.known) {
        return VG_NEVER;
    }
    for (uint16_t i = 0; i < expr->length; i++) {
        const struct vg_expr_op *op = &expr->code[i];
        if (op->code != VG_OP_CONST || op->query != VG_UNIT_TIME) {
            continue;
        }
        const vg_ms limit = op->numerator / op->denominator;
        const vg_ms left = limit - now.numerator / now.denominator;
        if (left >= 0) { /* at the limit, and just past it: >= and > differ */
            best = vg_earlier(best, vg_after(at, left > 0 ? left : 1));
        }
    }
    return best;
}

static bool grows(enum vg_query_kind kind)
{
    return kind == VG_ASK_AGE || kind == VG_ASK_SINCE_INFUSION ||
           kind == VG_ASK_SINCE_ADMISSION;
}

struct vg_instant vg_bed_changes(struct vg_bed *bed, const struct vg_expr *expr,
                                 struct vg_instant at)
{
    struct vg_instant best = VG_NEVER;

    for (uint16_t i = 0; i < expr->length; i++) {
        if (expr->code[i].code != VG_OP_ASK) {
            continue;
        }
        const struct vg_query *query =
            &bed->protocol->queries.item[expr->code[i].query];
        struct vg_instant when;
        if (grows(query->kind)) {
            when = span_changes(bed, expr, query, at);
        } else if (query->signal < VG_MEASURED_COUNT) {
            when = signal_changes(bed, query, at);
        } else {
            when = chart_changes(bed, query, at);
        }
        best = vg_earlier(best, when);
    }
    return best;
}
