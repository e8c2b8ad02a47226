/* SPDX-License-Identifier: Apache-2.0
 *
 * The course of a patient and its judging. See course.h.
 */
#include "core/course.h"

#include <stdlib.h>
#include <string.h>

struct vg_course *vg_course_create(void)
{
    struct vg_course *course = calloc(1, sizeof *course);

    if (course != NULL) {
        course->condensed = course->judged = VG_UNSET;
        course->dirty = VG_NEVER;
        course->touched = UINT64_MAX;
        course->patient.age = -1;
        course->patient.admitted = course->patient.infusion_planned = VG_UNSET;
        for (unsigned s = 0; s < VG_MEASURED_COUNT; s++) {
            course->patient.baseline[s] = course->patient.uln[s] = VG_NO_VALUE;
        }
    }
    return course;
}

void vg_course_destroy(struct vg_course *course)
{
    if (course != NULL) {
        vg_log_finish(&course->log);
        free(course);
    }
}

void vg_course_restart(struct vg_course *course)
{
    course->touched = UINT64_MAX;
    if (vg_state_set(course->state.at)) {
        memset(&course->state, 0, sizeof course->state);
        memset(course->snapshot, 0, sizeof course->snapshot);
        course->dirty = vg_after(VG_UNSET, 0);
    }
}

static bool in_window(const struct vg_course *course, const struct vg_item *item)
{
    return vg_item_stream(item) && item->signal < VG_STREAMS &&
           item->at.ms > course->condensed.ms;
}

enum vg_taken vg_course_put(struct vg_course *course, const struct vg_item *item)
{
    enum vg_taken taken = VG_TAKEN;

    if (!in_window(course, item)) {
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

/* Something of the schedule is overdue: a reading may end it. */
static bool stands(const struct vg_assessment *now)
{
    return now->schedule.vitals.truth == VG_TRUE ||
           now->schedule.ice.truth == VG_TRUE || now->schedule.labs.truth == VG_TRUE;
}

#define READINGS (VG_SIGNAL_BIT(VG_STREAMS) - 1)

static bool due(const struct vg_course *course, unsigned topic, struct vg_instant at,
                bool others)
{
    const struct vg_topic *t = &vg_topics[topic];

    const uint64_t touched = t->lazy && !stands(&course->now)
                                 ? course->touched & ~READINGS
                                 : course->touched;

    return !vg_is_set(course->judged) || (t->signals & touched) != 0 ||
           course->topic_next[topic].ms <= at.ms || (others && !t->alone);
}

/* Judges what may have changed; true if something has. */
static bool pass(struct vg_course *course, struct vg_instant at, bool others,
                 struct vg_assessment *out)
{
    bool any = false;

    for (unsigned t = 0; t < VG_TOPICS; t++) {
        if (due(course, t, at, others)) {
            struct vg_instant next;
            judge_topic(course, t, at, out, &next);
            course->topic_next[t] = next;
            any = any || part_differs(out, &course->now, &vg_topics[t]);
        }
    }
    return any;
}

uint32_t vg_course_judge(struct vg_course *course, struct vg_instant at)
{
    struct vg_assessment out = course->now;
    uint32_t changed = 0;

    at = vg_state_set(course->state.at) ? vg_later(at, course->state.at) : at;
    at = vg_later(at, course->judged); /* time does not run backwards */
    const bool chart = course->topic_next[VG_TOPIC_CHART].ms <= at.ms;
    if (pass(course, at, chart, &out)) {
        (void)pass(course, at, true, &out);
    }
    for (unsigned t = 0; t < VG_TOPICS; t++) {
        changed |= part_differs(&out, &course->now, &vg_topics[t]) ? 1U << t : 0;
    }
    course->now = out;
    course->judged = at;
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
