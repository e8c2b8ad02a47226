/* SPDX-License-Identifier: Apache-2.0
 *
 * The course of a patient and its judging. See course.h.
 */
#include "core/course.h"

#include <stdlib.h>
#include <string.h>

#include "core/assess/recall.h"

static void begin(struct vg_course *course)
{
    course->condensed = course->judged = VG_UNSET;
    course->dirty = VG_NEVER;
    course->touched = UINT64_MAX;
    course->patient.age = -1;
    course->patient.admitted = course->patient.infusion_planned = VG_UNSET;
    for (unsigned s = 0; s < VG_MEASURED_COUNT; s++) {
        course->patient.baseline[s] = course->patient.uln[s] = VG_NO_VALUE;
    }
}

struct vg_course *vg_course_create(void)
{
    struct vg_course *course = calloc(1, sizeof *course);

    if (course != NULL) {
        begin(course);
    }
    return course;
}

static void finish(struct vg_course *course)
{
    vg_log_finish(&course->log);
    for (unsigned s = 0; s < VG_STREAMS; s++) {
        if (course->tail[s] != NULL) {
            vg_tail_finish(course->tail[s]);
            free(course->tail[s]);
        }
    }
    vg_saved_finish(&course->undo);
    vg_saved_finish(&course->anchor);
    for (unsigned i = 0; i < VG_SNAPSHOTS + VG_BASES; i++) {
        vg_saved_finish(&course->snapshot[i]);
    }
}

void vg_course_reset(struct vg_course *course)
{
    finish(course);
    memset(course, 0, sizeof *course);
    begin(course);
}

void vg_course_destroy(struct vg_course *course)
{
    if (course != NULL) {
        finish(course);
        free(course);
    }
}

void vg_course_restart(struct vg_course *course)
{
    course->touched = UINT64_MAX;
    if (vg_state_set(course->state.at)) {
        vg_baseline_keep(&course->state, &course->patient);
        vg_recall_keep(&course->state, &course->patient);
        memset(&course->state, 0, sizeof course->state);
        course->undo.at = course->anchor.at = (struct vg_instant){0};
        for (unsigned i = 0; i < VG_SNAPSHOTS + VG_BASES; i++) {
            course->snapshot[i].at = (struct vg_instant){0};
        }
        course->dirty = vg_after(VG_UNSET, 0);
    }
}

static bool in_window(const struct vg_course *course, const struct vg_item *item)
{
    return vg_item_stream(item) && item->signal < VG_STREAMS &&
           item->at.ms > course->condensed.ms;
}

bool vg_course_note(struct vg_course *course, enum vg_signal signal,
                    const struct vg_sample *sample)
{
    if (!vg_sample_stream(sample) || signal >= VG_STREAMS ||
        sample->measured.ms <= course->condensed.ms) {
        return false;
    }
    course->dirty = vg_earlier(course->dirty, sample->measured);
    return true;
}

/* A sample that comes again, and was kept as it was. */
static bool in_tail(const struct vg_course *course, const struct vg_item *item)
{
    const struct vg_sample sample = {.measured = item->at,
                                     .value = item->low,
                                     .source = (enum vg_source)item->source,
                                     .method = (enum vg_method)item->method,
                                     .device = item->device};

    return vg_item_stream(item) && item->signal < VG_STREAMS &&
           course->tail[item->signal] != NULL &&
           vg_tail_has(course->tail[item->signal], &sample);
}

enum vg_taken vg_course_put(struct vg_course *course, const struct vg_item *item)
{
    enum vg_taken taken = VG_TAKEN;

    if (!in_window(course, item)) {
        if (in_tail(course, item)) {
            return VG_REPEATED_READING;
        }
        taken = vg_log_put(&course->log, item);
    }
    if (taken == VG_TAKEN || taken == VG_TAKEN_LATE || taken == VG_CORRECTED) {
        course->dirty = vg_earlier(course->dirty, item->at);
    }
    return taken;
}

static void judge_topic(const struct vg_course *course, unsigned topic,
                        struct vg_instant at, struct vg_assessment *out,
                        struct vg_instant *next)
{
    const struct vg_view view = {&course->patient, &course->log};

    *next = VG_NEVER;
    if (vg_topics[topic].judge != NULL) {
        vg_topics[topic].judge(&course->state, &view, at, out, next);
    }
}

static bool part_differs(const struct vg_assessment *a, const struct vg_assessment *b,
                         const struct vg_topic *topic)
{
    return memcmp((const char *)a + topic->part, (const char *)b + topic->part,
                  topic->size) != 0;
}

#define READINGS (VG_SIGNAL_BIT(VG_STREAMS) - 1)

/* The readings that cannot change what the schedule says. While something is overdue they
 * may end it, if it is of vital signs; of consciousness only GCS does. A newer fever opens
 * lines anew. */
static uint64_t idle(const struct vg_course *course)
{
    const struct vg_schedule_out *now = &course->now.schedule;
    uint64_t signals = READINGS;

    if (now->vitals.truth == VG_TRUE) {
        return 0;
    }
    if (now->ice.truth == VG_TRUE || now->labs.truth == VG_TRUE) {
        signals &= ~VG_SIGNAL_BIT(VG_GCS);
    }
    if (course->state.fever.last_confirmed.ms != course->confirmed.ms) {
        signals &= ~VG_SIGNAL_BIT(VG_TEMP);
    }
    return signals;
}

#define ALL_TOPICS ((1U << VG_TOPICS) - 1)

/* The topics whose parts its judge may read: those of the schedule are what its lines ask. */
static uint32_t reads(const struct vg_course *course, unsigned topic)
{
    const struct vg_schedule *schedule = course->patient.schedule;
    uint32_t topics = 0;

    if (vg_topics[topic].alone) {
        return 0;
    }
    if (topic != VG_TOPIC_SCHEDULE || schedule == NULL) {
        return ALL_TOPICS;
    }
    for (size_t i = 0; i < schedule->count; i++) {
        topics |= schedule->line[i].has_when ? schedule->line[i].when.topics : 0;
    }
    return topics;
}

/* `changed`: a bit per topic of which others may read something new. */
static bool due(const struct vg_course *course, unsigned topic, struct vg_instant at,
                uint32_t changed)
{
    const struct vg_topic *t = &vg_topics[topic];
    const uint64_t touched =
        t->lazy ? course->touched & ~idle(course) : course->touched;

    return !vg_is_set(course->judged) || (t->signals & touched) != 0 ||
           course->topic_next[topic].ms <= at.ms ||
           (changed != 0 && (changed & reads(course, topic)) != 0);
}

/* Judges the topics that are due and not in `known`, which are as they would come out again
 * until one above them has changed. Bits of what was judged go to *judged; returns what has
 * changed. */
static uint32_t pass(struct vg_course *course, struct vg_instant at, uint32_t others,
                     uint32_t known, uint32_t *judged, struct vg_assessment *out)
{
    uint32_t changed = 0;

    for (unsigned t = 0; t < VG_TOPICS; t++) {
        const bool same = changed == 0 && (known >> t & 1U) != 0;
        if (!same && due(course, t, at, others | (others != 0 ? changed : 0))) {
            struct vg_instant next;
            judge_topic(course, t, at, out, &next);
            course->topic_next[t] = next;
            *judged |= 1U << t;
            changed |= part_differs(out, &course->now, &vg_topics[t]) ? 1U << t : 0;
        }
    }
    return changed;
}

uint32_t vg_course_judge(struct vg_course *course, struct vg_instant at)
{
    struct vg_assessment out = course->now;
    uint32_t changed = 0;

    at = vg_state_set(course->state.at) ? vg_later(at, course->state.at) : at;
    at = vg_later(at, course->judged); /* time does not run backwards */
    const bool chart = course->topic_next[VG_TOPIC_CHART].ms <= at.ms;
    uint32_t judged = 0;
    const uint32_t first = pass(course, at, chart ? ALL_TOPICS : 0, 0, &judged, &out);
    if (first != 0) {
        (void)pass(course, at, first, judged, &judged, &out);
    }
    for (uint32_t left = judged; left != 0; left &= left - 1) {
        const unsigned t = (unsigned)__builtin_ctz(left);
        changed |= part_differs(&out, &course->now, &vg_topics[t]) ? 1U << t : 0;
    }
    course->now = out;
    course->judged = at;
    course->confirmed = course->state.fever.last_confirmed;
    course->touched = 0;
    return changed;
}

struct vg_instant vg_course_next(const struct vg_course *course)
{
    struct vg_instant next = VG_NEVER;

    for (unsigned t = 0; t < VG_TOPICS; t++) {
        next = vg_earlier(next, course->topic_next[t]);
    }
    return vg_is_set(course->judged) ? next : VG_NEVER;
}

void vg_judge(const struct vg_state *state, const struct vg_view *view,
              struct vg_instant at, struct vg_assessment *out, struct vg_instant *next)
{
    memset(out, 0, sizeof *out);
    *next = VG_NEVER;
    for (unsigned t = 0; t < VG_TOPICS; t++) {
        if (vg_topics[t].judge != NULL) {
            vg_topics[t].judge(state, view, at, out, next);
        }
    }
}
