/* SPDX-License-Identifier: Apache-2.0
 *
 * The fold of a course over a walk. See course.h.
 */
#include <string.h>

#include "core/walk.h"

#define RAW (15 * VG_MINUTE) /* streams are kept sample by sample this long */

void vg_fold_instant(struct vg_state *state, const struct vg_view *view,
                     struct vg_item *item, size_t count)
{
    const struct vg_instant at = item[0].at;

    for (unsigned t = 0; t < VG_TOPICS; t++) {
        if (vg_topics[t].before != NULL) {
            vg_topics[t].before(state, view, at);
        }
    }
    state->at = at;
    vg_quality_instant(state, view, item, count);
    for (size_t i = 0; i < count; i++) {
        for (unsigned t = 0; t < VG_TOPICS; t++) {
            if ((vg_topics[t].signals & VG_SIGNAL_BIT(item[i].signal)) != 0 &&
                vg_topics[t].step != NULL) {
                vg_topics[t].step(state, view, &item[i]);
            }
        }
    }
    for (unsigned t = 0; t < VG_TOPICS; t++) {
        if (vg_topics[t].after != NULL) {
            vg_topics[t].after(state, view, at);
        }
    }
}

/* ---- The course */

#define SNAPSHOT_EVERY VG_MINUTE

static bool reaches(const struct vg_saved *saved, struct vg_instant at)
{
    return vg_state_set(saved->at) && saved->at.ms < at.ms;
}

/* The state before `at`: the present one, one that was put away, or the empty one. Returns
 * whether it had to go back. */
static bool go_back(struct vg_course *course, struct vg_instant at)
{
    if (!vg_state_set(course->state.at) || at.ms > course->state.at.ms) {
        return false;
    }
    unsigned i = 0;
    while (i < VG_SNAPSHOTS && !reaches(&course->snapshot[i], at)) {
        course->snapshot[i++].at = (struct vg_instant){0};
    }
    if (!reaches(&course->anchor, at)) {
        course->anchor.at = (struct vg_instant){0};
    }
    if (reaches(&course->undo, at)) {
        vg_saved_get(&course->undo, &course->state);
    } else {
        const struct vg_saved *from = i < VG_SNAPSHOTS ? &course->snapshot[i] : NULL;
        if (from == NULL || course->anchor.at.ms > from->at.ms) {
            from = &course->anchor;
        }
        memset(&course->state, 0, sizeof course->state);
        if (vg_state_set(from->at)) {
            vg_saved_get(from, &course->state);
        }
    }
    course->undo.at = (struct vg_instant){0};
    return true;
}

/* Far behind the snapshots: what comes next of the same backlog begins from here. */
static void keep_anchor(struct vg_course *course)
{
    static const struct vg_state empty;

    if (vg_state_set(course->state.at)) {
        (void)vg_saved_put(&course->anchor, &course->state, &empty);
    }
}

/* A minute has gone by: the state as it is becomes the newest snapshot. */
static void keep_snapshot(struct vg_course *course)
{
    static const struct vg_state empty;
    const struct vg_saved oldest = course->snapshot[VG_SNAPSHOTS - 1];

    if (!vg_state_set(course->state.at) ||
        (vg_state_set(course->snapshot[0].at) &&
         vg_since(course->state.at, course->snapshot[0].at) < SNAPSHOT_EVERY)) {
        return;
    }
    for (unsigned i = VG_SNAPSHOTS - 1; i > 0; i--) {
        course->snapshot[i] = course->snapshot[i - 1];
    }
    course->snapshot[0] = oldest;
    (void)vg_saved_put(&course->snapshot[0], &course->state, &empty);
}

/* Folds an instant; what was before it is put away. Not inlined: its 8 KB beside the caller's would
 * be more than a frame may have. */
__attribute__((noinline)) static void fold_instant(struct vg_course *course,
                                                   const struct vg_view *view,
                                                   struct vg_item *item, size_t count)
{
    const struct vg_state before = course->state;

    keep_snapshot(course);
    for (size_t i = 0; i < count; i++) {
        course->touched |= VG_SIGNAL_BIT(item[i].signal);
    }
    vg_fold_instant(&course->state, view, item, count);
    (void)vg_saved_put(&course->undo, &before, &course->state);
}

static struct vg_view view_of(const struct vg_course *course)
{
    return (struct vg_view){&course->patient, &course->log};
}

bool vg_course_condense(struct vg_course *course, struct vg_window *const *windows,
                        struct vg_instant at)
{
    const struct vg_instant until = vg_after(at, -RAW);

    if (course->log.stretch_count >= VG_STRETCHES_MANY) {
        vg_log_gather(&course->log, at);
    }
    if (vg_is_set(course->condensed) &&
        vg_since(until, course->condensed) < SNAPSHOT_EVERY) {
        return true;
    }
    for (unsigned s = 0; s < VG_STREAMS; s++) {
        if (windows[s] == NULL) {
            continue;
        }
        struct vg_sample sample = {.measured = VG_NEVER};
        uint32_t i = vg_walk_stream(
            windows[s], vg_walk_first_after(windows[s], course->condensed), &sample);
        for (; sample.measured.ms <= until.ms;
             i = vg_walk_stream(windows[s], i + 1, &sample)) {
            const struct vg_item item = vg_walk_item((enum vg_signal)s, &sample);
            if (!vg_log_stretch(&course->log, &item)) {
                return false;
            }
        }
    }
    course->condensed = until;
    vg_log_compact(&course->log, at);
    return true;
}

void vg_course_fold(struct vg_course *course, struct vg_window *const *windows,
                    struct vg_instant late, struct vg_assessment *then)
{
    const struct vg_view view = view_of(course);
    struct vg_walk walk;
    struct vg_item group[VG_WALK_GROUP];
    struct vg_instant behind = VG_NEVER; /* an item that is far behind */

    if (vg_is_never(course->dirty)) {
        return;
    }
    if (vg_state_set(course->state.at) &&
        vg_since(course->state.at, course->dirty) > VG_SNAPSHOTS * SNAPSHOT_EVERY) {
        behind = course->dirty;
    }
    if (go_back(course, course->dirty)) {
        course->touched = UINT64_MAX;
    }
    course->dirty = VG_NEVER;
    vg_walk_begin(&walk, course, windows,
                  vg_state_set(course->state.at) ? course->state.at : VG_UNSET);
    for (size_t n = vg_walk_next(&walk, group); n > 0; n = vg_walk_next(&walk, group)) {
        struct vg_instant next = VG_NEVER;
        if (!vg_is_never(late) && group[0].at.ms > late.ms) {
            vg_judge(&course->state, &view, late, then, &next);
            late = VG_NEVER;
        }
        if (!vg_is_never(behind) && group[0].at.ms >= behind.ms) {
            keep_anchor(course);
            behind = VG_NEVER;
        }
        fold_instant(course, &view, group, n);
    }
    if (!vg_is_never(late)) { /* nothing lies behind it */
        struct vg_instant next = VG_NEVER;
        vg_judge(&course->state, &view, vg_later(late, course->state.at), then, &next);
    }
}
