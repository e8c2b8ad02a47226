/* SPDX-License-Identifier: Apache-2.0
 *
 * See walk.h.
 */
#include "core/walk.h"

#define SLICE VG_MINUTE        /* a stretch is walked in pieces no longer than this */
#define REACH (61 * VG_MINUTE) /* no stretch is longer */

/* The first sample of a stream after `at`: mostly the newest, so sought from the end. */
uint32_t vg_walk_first_after(const struct vg_window *window, struct vg_instant at)
{
    uint32_t i = window->count;

    for (unsigned steps = 0; i > 0 && steps < 4; steps++, i--) {
        if (vg_window_when(window, i - 1).ms <= at.ms) {
            return i;
        }
    }
    return i == 0 ? 0 : vg_window_until(window, at);
}

/* The place of the first sample of a stream from i on; *sample is that. */
uint32_t vg_walk_stream(const struct vg_window *window, uint32_t i,
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
static void open_rest(struct vg_walk *walk, struct vg_item item, struct vg_instant at)
{
    if (item.to.ms > at.ms && walk->open_count < VG_WALK_OPEN) {
        if (item.at.ms <= at.ms) {
            const vg_ms step = apart(&item);
            drop_first(&item, vg_since(at, item.at) / step + 1);
        }
        walk->open[walk->open_count++] = item;
    }
}

/* The stream's next sample becomes its head. */
static void next_sample(struct vg_walk *walk, unsigned s)
{
    struct vg_sample *head = &walk->head[s];

    if (walk->tails != NULL && walk->tails[s] != NULL &&
        vg_tail_next(walk->tails[s], &walk->tail[s], head)) {
        return;
    }
    head->measured = VG_NEVER;
    if (walk->windows[s] != NULL) {
        walk->sample[s] = vg_walk_stream(walk->windows[s], walk->sample[s], head) + 1;
    }
}

void vg_walk_begin(struct vg_walk *walk, const struct vg_course *course,
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
    walk->tails = after.ms < course->condensed.ms ? course->tail : NULL;
    const struct vg_instant from = vg_later(after, course->condensed);
    for (unsigned s = 0; s < VG_STREAMS; s++) {
        if (walk->tails != NULL && walk->tails[s] != NULL) {
            walk->tail[s] = vg_tail_after(walk->tails[s], after);
        }
        if (windows[s] != NULL) {
            walk->sample[s] = vg_walk_first_after(windows[s], from);
        }
        next_sample(walk, s);
    }
}

static struct vg_instant walk_at(const struct vg_walk *walk)
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

struct vg_item vg_walk_item(enum vg_signal signal, const struct vg_sample *sample)
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

static void take_open(struct vg_walk *walk, struct vg_instant at, struct vg_item *group,
                      size_t *count)
{
    for (size_t i = 0; i < walk->open_count && *count < VG_WALK_GROUP;) {
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

static void take_log(struct vg_walk *walk, struct vg_instant at, struct vg_item *group,
                     size_t *count)
{
    struct vg_item item;

    while (*count < VG_WALK_GROUP &&
           vg_log_next(walk->log, &walk->place, &walk->stretch, at, &item)) {
        if (vg_since(item.to, item.at) > SLICE && walk->open_count < VG_WALK_OPEN) {
            bool done = false;
            const struct vg_item piece = slice(&item, &done);
            walk->open[walk->open_count++] = item;
            join(group, count, &piece);
        } else {
            join(group, count, &item);
        }
    }
}

static void take_windows(struct vg_walk *walk, struct vg_instant at,
                         struct vg_item *group, size_t *count)
{
    for (unsigned s = 0; s < VG_STREAMS; s++) {
        struct vg_sample *head = &walk->head[s];
        while (head->measured.ms == at.ms && *count < VG_WALK_GROUP) {
            const struct vg_item item = vg_walk_item((enum vg_signal)s, head);
            join(group, count, &item);
            next_sample(walk, s);
        }
    }
}

size_t vg_walk_next(struct vg_walk *walk, struct vg_item *group)
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
