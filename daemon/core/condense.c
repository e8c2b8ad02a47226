/* SPDX-License-Identifier: Apache-2.0
 *
 * What becomes of streams older than 15 min. See course.h.
 *
 * They go into tails, sample by sample: when something comes late, what was folded over it
 * is folded again from what was really measured. That is to be had for half a day where
 * monitors send by the minute, and then as long as there is room: a bed's windows and tails
 * take together what the windows take that are fed by the second. What has no room becomes
 * stretches, which keep extremes and where they lie beside limits, but of a span only that.
 */
#include <stdlib.h>

#include "core/walk.h"

#define RAW   (15 * VG_MINUTE) /* in windows: streams are read there this long */
#define EVERY VG_MINUTE
/* A reading of 8 h ago may still page (Clinical reference 0.3); the state to begin from is
 * up to VG_BASE_EVERY older. */
#define TAIL (8 * VG_HOUR + VG_BASE_EVERY + 15 * VG_MINUTE)
/* Blocks of a bed's tails: so many, and the fewer the more its windows hold. */
#define BLOCKS          64
#define BLOCK_OF_WINDOW 96 /* so many samples there take about what a block takes */

static bool keep_stretch(struct vg_course *course, unsigned signal,
                         const struct vg_sample *sample)
{
    const struct vg_item item = vg_walk_item((enum vg_signal)signal, sample);

    return vg_log_stretch(&course->log, &item);
}

/* The oldest block of a tail becomes stretches. */
static bool settle(struct vg_course *course, unsigned signal)
{
    struct vg_tail *tail = course->tail[signal];
    struct vg_tail block = *tail;
    struct vg_tail_place place = {0};
    struct vg_sample sample;

    block.count = 1;
    place = vg_tail_after(&block, VG_UNSET);
    while (vg_tail_next(&block, &place, &sample)) {
        if (!keep_stretch(course, signal, &sample)) {
            tail->since = vg_later(tail->since, sample.measured); /* goes on there */
            return false;
        }
    }
    vg_tail_drop(tail);
    if (tail->count == 0) {
        vg_tail_finish(tail);
    }
    return true;
}

/* The tail whose oldest block is the oldest of all; VG_STREAMS: there is none. */
static unsigned oldest(const struct vg_course *course, size_t *blocks)
{
    unsigned found = VG_STREAMS;
    struct vg_instant at = VG_NEVER;

    *blocks = 0;
    for (unsigned s = 0; s < VG_STREAMS; s++) {
        const struct vg_tail *tail = course->tail[s];
        if (tail != NULL && tail->count > 0) {
            *blocks += tail->count;
            found = tail->block[0].at.ms < at.ms ? s : found;
            at = vg_earlier(at, tail->block[0].at);
        }
    }
    return found;
}

/* False: no memory. */
static bool make_room(struct vg_course *course, size_t most, struct vg_instant until)
{
    size_t blocks;

    for (unsigned s = oldest(course, &blocks); s < VG_STREAMS;
         s = oldest(course, &blocks)) {
        const struct vg_tail *tail = course->tail[s];
        const struct vg_instant end =
            tail->count > 1 ? tail->block[1].at : tail->last.at;
        if (blocks <= most && vg_since(until, end) <= TAIL) {
            return true;
        }
        if (!settle(course, s)) {
            return false;
        }
    }
    return true;
}

static bool keep_sample(struct vg_course *course, unsigned signal,
                        const struct vg_sample *sample)
{
    if (course->tail[signal] == NULL) {
        course->tail[signal] = calloc(1, sizeof **course->tail);
    }
    struct vg_tail *tail = course->tail[signal];
    if (tail == NULL) {
        return false;
    }
    if (tail->count > 0 && sample->measured.ms <= tail->last.at.ms &&
        vg_tail_has(tail, sample)) {
        return true; /* memory was short, and the same once more */
    }
    return vg_tail_add(tail, sample);
}

/* How many blocks of tails there is room for beside these windows. */
static size_t room_beside(struct vg_window *const *windows)
{
    size_t samples = 0;

    for (unsigned s = 0; s < VG_STREAMS; s++) {
        samples += windows[s] != NULL ? windows[s]->count : 0;
    }
    const size_t taken = samples / BLOCK_OF_WINDOW;
    return taken + VG_STREAMS <= BLOCKS ? BLOCKS - taken : 0;
}

/* Samples of a window from `condensed` to `until`. */
static bool condense(struct vg_course *course, unsigned signal,
                     const struct vg_window *window, struct vg_instant until,
                     bool whole)
{
    struct vg_sample sample = {.measured = VG_NEVER};
    uint32_t i =
        vg_walk_stream(window, vg_walk_first_after(window, course->condensed), &sample);

    for (; sample.measured.ms <= until.ms; i = vg_walk_stream(window, i + 1, &sample)) {
        if (whole ? !keep_sample(course, signal, &sample)
                  : !keep_stretch(course, signal, &sample)) {
            return false;
        }
    }
    return true;
}

bool vg_course_condense(struct vg_course *course, struct vg_window *const *windows,
                        struct vg_instant at)
{
    const struct vg_instant until = vg_after(at, -RAW);

    if (course->log.stretch_count >= VG_STRETCHES_MANY) {
        vg_log_gather(&course->log, at);
    }
    if (vg_is_set(course->condensed) && vg_since(until, course->condensed) < EVERY) {
        return true;
    }
    const size_t most = room_beside(windows);
    for (unsigned s = 0; s < VG_STREAMS; s++) {
        if (windows[s] != NULL && !condense(course, s, windows[s], until, most > 0)) {
            return false;
        }
    }
    course->condensed = until;
    if (!make_room(course, most, until)) {
        return false;
    }
    vg_log_compact(&course->log, at);
    return true;
}
