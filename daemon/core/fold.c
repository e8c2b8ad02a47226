/* SPDX-License-Identifier: Apache-2.0
 *
 * The fold of a course: walks over log and windows in order of measured time, instant by
 * instant. See course.h.
 */
#include <string.h>

#include "core/course.h"

#define GROUP 96        /* items of one instant taken together */
#define OPEN  16        /* stretches that are being walked along at the same time */
#define SLICE VG_MINUTE /* a stretch is walked in pieces no longer than this */
#define RAW   (15 * VG_MINUTE) /* streams are kept sample by sample this long */
#define REACH (61 * VG_MINUTE) /* no stretch is longer */

struct walk {
    const struct vg_log *log;
    struct vg_window *const *windows;
    size_t place;                      /* next item of the log */
    size_t stretch;                    /* next stretch of it */
    uint32_t sample[VG_STREAMS];       /* next sample of each window */
    struct vg_sample head[VG_STREAMS]; /* that; measured VG_NEVER: none is left */
    size_t open_count;
    struct vg_item open[OPEN]; /* rests of stretches */
};

/* The first sample of a stream after `at`: mostly the newest, so sought from the end. */
static uint32_t first_after(const struct vg_window *window, struct vg_instant at)
{
    uint32_t i = window->count;

    for (unsigned steps = 0; i > 0 && steps < 4; steps++, i--) {
        if (vg_window_at(window, i - 1).measured.ms <= at.ms) {
            return i;
        }
    }
    return i == 0 ? 0 : vg_window_until(window, at);
}

/* The place of the first sample of a stream from i on; *sample is that. */
static uint32_t next_stream(const struct vg_window *window, uint32_t i,
                            struct vg_sample *sample)
{
    for (; i < window->count; i++) {
        *sample = vg_window_at(window, i);
        if (vg_source_streams(sample->source)) {
            return i;
        }
    }
    sample->measured = VG_NEVER;
    return i;
}

/* The time between two samples of a stretch, taken as evenly spread. */
static vg_ms apart(const struct vg_item *stretch)
{
    const vg_ms span = vg_since(stretch->to, stretch->at);

    const vg_ms step = stretch->count > 1 ? span / (stretch->count - 1) : span;
    return step > 0 ? step : 1; /* repeats counted in may leave less than one */
}

/* The rest of a stretch behind its first `count` samples; it has one at least. */
static void drop_first(struct vg_item *stretch, vg_ms count)
{
    const vg_ms step = apart(stretch);
    const vg_ms left = (vg_ms)stretch->count - count;

    stretch->at = left > 1 ? vg_after(stretch->at, count * step) : stretch->to;
    stretch->count = (uint8_t)(left > 1 ? left : 1);
}

/* What is left of a stretch after `at`. */
static void open_rest(struct walk *walk, struct vg_item item, struct vg_instant at)
{
    if (item.to.ms > at.ms && walk->open_count < OPEN) {
        if (item.at.ms <= at.ms) {
            const vg_ms step = apart(&item);
            drop_first(&item, vg_since(at, item.at) / step + 1);
        }
        walk->open[walk->open_count++] = item;
    }
}

static void walk_begin(struct walk *walk, const struct vg_course *course,
                       struct vg_window *const *windows, struct vg_instant after)
{
    walk->log = &course->log;
    walk->windows = windows;
    walk->open_count = 0;
    walk->place = vg_log_from(walk->log, vg_after(after, 1));
    walk->stretch = vg_stretch_from(walk->log, vg_after(after, 1));
    if (after.ms < course->condensed.ms) {
        for (size_t i = walk->stretch;
             i > 0 && vg_since(after, walk->log->stretch[i - 1].at) < REACH; i--) {
            open_rest(walk, vg_stretch_item(&walk->log->stretch[i - 1]), after);
        }
    }
    const struct vg_instant from = vg_later(after, course->condensed);
    for (unsigned s = 0; s < VG_STREAMS; s++) {
        walk->head[s].measured = VG_NEVER;
        if (windows[s] != NULL) {
            walk->sample[s] =
                next_stream(windows[s], first_after(windows[s], from), &walk->head[s]);
        }
    }
}

static struct vg_instant walk_at(const struct walk *walk)
{
    struct vg_instant at = VG_NEVER;

    if (walk->place < walk->log->count) {
        at = walk->log->item[walk->place].at;
    }
    if (walk->stretch < walk->log->stretch_count) {
        at = vg_earlier(at, walk->log->stretch[walk->stretch].at);
    }
    for (size_t i = 0; i < walk->open_count; i++) {
        at = vg_earlier(at, walk->open[i].at);
    }
    for (unsigned s = 0; s < VG_STREAMS; s++) {
        at = vg_earlier(at, walk->head[s].measured);
    }
    return at;
}

static struct vg_item of_sample(enum vg_signal signal, const struct vg_sample *sample)
{
    return (struct vg_item){.at = sample->measured,
                            .to = sample->measured,
                            .low = sample->value,
                            .high = sample->value,
                            .a = VG_NO_VALUE,
                            .b = VG_NO_VALUE,
                            .count = 1,
                            .signal = (uint8_t)signal,
                            .source = (uint8_t)sample->source,
                            .method = (uint8_t)sample->method,
                            .marks = sample->marks,
                            .device = sample->device};
}

/* The samples of a stretch's first minute; the rest stays open. */
static struct vg_item slice(struct vg_item *rest, bool *done)
{
    struct vg_item piece = *rest;
    const vg_ms step = apart(rest);
    const vg_ms more = (SLICE - VG_SECOND) / step;

    *done = more + 1 >= rest->count;
    if (!*done) {
        piece.to = vg_after(rest->at, more * step);
        piece.count = (uint8_t)(more + 1);
        drop_first(rest, more + 1);
    }
    return piece;
}

/* Puts it in its place by rank. */
static void join(struct vg_item *group, size_t *count, const struct vg_item *item)
{
    size_t i = *count;

    while (i > 0 && vg_item_before(item, &group[i - 1])) {
        group[i] = group[i - 1];
        i--;
    }
    group[i] = *item;
    ++*count;
}

static void take_open(struct walk *walk, struct vg_instant at, struct vg_item *group,
                      size_t *count)
{
    for (size_t i = 0; i < walk->open_count && *count < GROUP;) {
        bool done = false;
        if (walk->open[i].at.ms != at.ms) {
            i++;
            continue;
        }
        const struct vg_item piece = slice(&walk->open[i], &done);
        join(group, count, &piece);
        if (done) {
            walk->open[i] = walk->open[--walk->open_count];
        } else {
            i++;
        }
    }
}

static void take_log(struct walk *walk, struct vg_instant at, struct vg_item *group,
                     size_t *count)
{
    struct vg_item item;

    while (*count < GROUP &&
           vg_log_next(walk->log, &walk->place, &walk->stretch, at, &item)) {
        if (vg_since(item.to, item.at) > SLICE && walk->open_count < OPEN) {
            bool done = false;
            const struct vg_item piece = slice(&item, &done);
            walk->open[walk->open_count++] = item;
            join(group, count, &piece);
        } else {
            join(group, count, &item);
        }
    }
}

static void take_windows(struct walk *walk, struct vg_instant at, struct vg_item *group,
                         size_t *count)
{
    for (unsigned s = 0; s < VG_STREAMS; s++) {
        struct vg_sample *head = &walk->head[s];
        while (head->measured.ms == at.ms && *count < GROUP) {
            const struct vg_item item = of_sample((enum vg_signal)s, head);
            join(group, count, &item);
            walk->sample[s] = next_stream(walk->windows[s], walk->sample[s] + 1, head);
        }
    }
}

static size_t walk_next(struct walk *walk, struct vg_item *group)
{
    const struct vg_instant at = walk_at(walk);
    size_t count = 0;

    if (!vg_is_never(at)) {
        take_log(walk, at, group, &count);
        take_open(walk, at, group, &count);
        take_windows(walk, at, group, &count);
    }
    return count;
}

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

/* Folds an instant; what was before it is put away. */
static void fold_instant(struct vg_course *course, const struct vg_view *view,
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
        uint32_t i = next_stream(windows[s], first_after(windows[s], course->condensed),
                                 &sample);
        for (; sample.measured.ms <= until.ms;
             i = next_stream(windows[s], i + 1, &sample)) {
            const struct vg_item item = of_sample((enum vg_signal)s, &sample);
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
    struct walk walk;
    struct vg_item group[GROUP];
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
    walk_begin(&walk, course, windows,
               vg_state_set(course->state.at) ? course->state.at : VG_UNSET);
    for (size_t n = walk_next(&walk, group); n > 0; n = walk_next(&walk, group)) {
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
