/* SPDX-License-Identifier: Apache-2.0
 *
 * The fold of a course over a walk. See course.h.
 */
#include <string.h>

#include "core/assess/recall.h"
#include "core/walk.h"

bool vg_fresh(const struct vg_state *state, enum vg_signal signal, struct vg_instant at,
              struct vg_instant *next)
{
    const struct vg_instant heard = state->heard[signal];
    const vg_ms carry = vg_signal_info(signal)->carry;

    if (!vg_state_set(heard)) {
        return true;
    }
    vg_next(next, at, vg_after(heard, carry + 1));
    return vg_since(at, heard) <= carry;
}

void vg_lost_with(struct vg_finding *finding, const struct vg_state *state,
                  enum vg_signal signal, struct vg_instant at, struct vg_instant *next)
{
    if (finding->truth == VG_TRUE && !vg_fresh(state, signal, at, next)) {
        finding->lost = true;
    }
}

static void hear(struct vg_state *state, const struct vg_item *item)
{
    if (item->signal <= VG_MAP && vg_item_valid(item)) {
        state->read = vg_state_set(state->read) ? state->read : item->at;
        state->heard[item->signal] = vg_later(state->heard[item->signal], item->to);
    }
}

void vg_fold_instant(struct vg_state *state, const struct vg_view *view,
                     struct vg_item *item, size_t count)
{
    const struct vg_instant at = item[0].at;
    const struct vg_carried *carried = &view->patient->carried;

    if (vg_state_set(carried->at) && !state->recalled && at.ms >= carried->at.ms) {
        vg_recall(state, carried, at);
    }
    for (unsigned t = 0; t < VG_TOPICS; t++) {
        if (vg_topics[t].before != NULL) {
            vg_topics[t].before(state, view, at);
        }
    }
    state->at = at;
    vg_quality_instant(state, view, item, count);
    for (size_t i = 0; i < count; i++) {
        hear(state, &item[i]);
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

/* A feed that comes in order never goes back, and putting each instant away costs a quarter of
 * its folding. One whose instants come apart, or whose clocks differ, goes back again and
 * again: for so many instants behind such a one it is done. The first time it folds from a snapshot. */
#define GOES_BACK_AGAIN 1024

static bool reaches(const struct vg_saved *saved, struct vg_instant at)
{
    return vg_state_set(saved->at) && saved->at.ms < at.ms;
}

/* Lets go of what was put away at `at` or later; the newest that is left, NULL: none. */
static const struct vg_saved *newest_before(struct vg_course *course,
                                            struct vg_instant at)
{
    const struct vg_saved *best = NULL;

    for (unsigned i = 0; i <= VG_SNAPSHOTS + VG_BASES; i++) {
        struct vg_saved *saved =
            i < VG_SNAPSHOTS + VG_BASES ? &course->snapshot[i] : &course->anchor;
        if (!reaches(saved, at)) {
            saved->at = (struct vg_instant){0};
        } else if (best == NULL || saved->at.ms > best->at.ms) {
            best = saved;
        }
    }
    return best;
}

/* The state before `at`: the present one, one that was put away, or the empty one. Returns
 * whether it had to go back. */
static bool go_back(struct vg_course *course, struct vg_instant at)
{
    if (!vg_state_set(course->state.at) || at.ms > course->state.at.ms) {
        return false;
    }
    course->went_back = GOES_BACK_AGAIN;
    const struct vg_saved *from = newest_before(course, at);
    if (reaches(&course->undo, at)) {
        vg_saved_get(&course->undo, &course->state);
    } else if (from != NULL) {
        vg_saved_open(from, &course->state);
    } else {
        vg_baseline_keep(&course->state, &course->patient);
        vg_recall_keep(&course->state, &course->patient);
        memset(&course->state, 0, sizeof course->state);
    }
    course->undo.at = (struct vg_instant){0};
    return true;
}

/* Far behind the snapshots: what comes next of the same backlog begins from here. */
static void keep_anchor(struct vg_course *course)
{
    if (vg_state_set(course->state.at)) {
        (void)vg_saved_close(&course->anchor, &course->state);
    }
}

/* The state as it is becomes the newest of `count`, if the newest is older than `every`. */
static void keep(const struct vg_state *state, struct vg_saved *saved, unsigned count,
                 vg_ms every)
{
    const struct vg_saved oldest = saved[count - 1];

    if (vg_state_set(saved[0].at) && vg_since(state->at, saved[0].at) < every) {
        return;
    }
    for (unsigned i = count - 1; i > 0; i--) {
        saved[i] = saved[i - 1];
    }
    saved[0] = oldest;
    (void)vg_saved_close(&saved[0], state);
}

static void keep_snapshot(struct vg_course *course)
{
    if (vg_state_set(course->state.at)) {
        keep(&course->state, course->snapshot, VG_SNAPSHOTS, SNAPSHOT_EVERY);
        keep(&course->state, course->snapshot + VG_SNAPSHOTS, VG_BASES, VG_BASE_EVERY);
    }
}

/* Folds an instant; what was before it is put away. Not inlined: its 8 KB beside the caller's would
 * be more than a frame may have. */
__attribute__((noinline)) static void fold_with_undo(struct vg_course *course,
                                                     const struct vg_view *view,
                                                     struct vg_item *item, size_t count)
{
    const struct vg_state before = course->state;

    vg_fold_instant(&course->state, view, item, count);
    (void)vg_saved_put(&course->undo, &before, &course->state);
}

static void fold_instant(struct vg_course *course, const struct vg_view *view,
                         struct vg_item *item, size_t count)
{
    keep_snapshot(course);
    for (size_t i = 0; i < count; i++) {
        course->touched |= VG_SIGNAL_BIT(item[i].signal);
    }
    if (course->went_back > 0) {
        course->went_back--;
        fold_with_undo(course, view, item, count);
    } else {
        course->undo.at = (struct vg_instant){0};
        vg_fold_instant(&course->state, view, item, count);
    }
}

static struct vg_view view_of(const struct vg_course *course)
{
    return (struct vg_view){&course->patient, &course->log};
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
    course->patient.frozen_at = (struct vg_instant){0};
    if (!vg_is_never(late)) { /* nothing lies behind it */
        struct vg_instant next = VG_NEVER;
        vg_judge(&course->state, &view, vg_later(late, course->state.at), then, &next);
    }
}

bool vg_course_past(const struct vg_course *course, struct vg_instant at,
                    struct vg_assessment *out)
{
    const struct vg_view view = view_of(course);
    struct vg_instant next = VG_NEVER;

    if (!vg_is_never(course->dirty) || !vg_is_set(course->judged) ||
        !vg_state_set(course->state.at) || at.ms < course->state.at.ms ||
        at.ms >= course->judged.ms) {
        return false;
    }
    vg_judge(&course->state, &view, at, out, &next);
    return true;
}
