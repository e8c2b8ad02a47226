/* SPDX-License-Identifier: Apache-2.0
 *
 * The stretches of a log: streams beyond the windows, packed. See course.h and item.h.
 *
 * How far one looks for a neighbour, and which half is the older one, is counted over all
 * items of the log in their order, those of the other table too.
 */
#include <stdlib.h>
#include <string.h>

#include "core/course.h"

#define STRETCH_MAX  (30 * VG_MINUTE) /* longer ones are begun anew */
#define STRETCH_LOOK 64               /* so far back the one to lengthen is sought */
#define STRETCHES    192              /* beyond this many, older ones are joined */
#define STREAM_KEPT  (24 * VG_HOUR)   /* older ones go, but temperature */

_Static_assert(sizeof(struct vg_stretch) == 24, "each patient has hundreds");
_Static_assert(VG_STREAMS <= 16 && VG_DEVICES <= 15, "they share a byte");
_Static_assert(VG_SOURCE_COUNT <= 16 && VG_METHOD_COUNT <= 16, "they share a byte");

static struct vg_stretch pack(const struct vg_item *item)
{
    return (struct vg_stretch){
        .at = item->at,
        .low = (int32_t)item->low, /* streams are within the hard range */
        .high = (int32_t)item->high,
        .span = (uint32_t)vg_since(item->to, item->at),
        .count = item->count,
        .marks = item->marks,
        .signal = (uint8_t)(item->signal | (unsigned)item->device << 4),
        .source = (uint8_t)(item->source | (unsigned)item->method << 4)};
}

static uint8_t signal_of(const struct vg_stretch *stretch)
{
    return stretch->signal & 15U;
}

static struct vg_instant to(const struct vg_stretch *stretch)
{
    return vg_after(stretch->at, stretch->span);
}

struct vg_item vg_stretch_item(const struct vg_stretch *stretch)
{
    return (struct vg_item){.at = stretch->at,
                            .to = to(stretch),
                            .low = stretch->low,
                            .high = stretch->high,
                            .a = VG_NO_VALUE,
                            .b = VG_NO_VALUE,
                            .count = stretch->count,
                            .signal = signal_of(stretch),
                            .source = stretch->source & 15U,
                            .method = stretch->source >> 4,
                            .marks = stretch->marks,
                            .device = stretch->signal >> 4};
}

bool vg_stretch_reserve(struct vg_log *log, size_t more)
{
    if (log->stretch_count + more <= log->stretch_capacity) {
        return true;
    }
    const size_t capacity = log->stretch_count + more + 8;
    struct vg_stretch *grown = realloc(log->stretch, capacity * sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    log->stretch = grown;
    log->stretch_capacity = capacity;
    return true;
}

size_t vg_stretch_from(const struct vg_log *log, struct vg_instant at)
{
    size_t low = 0;
    size_t high = log->stretch_count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (log->stretch[middle].at.ms < at.ms) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool before(const struct vg_stretch *a, const struct vg_stretch *b)
{
    const struct vg_item left = vg_stretch_item(a);
    const struct vg_item right = vg_stretch_item(b);

    return vg_item_before(&left, &right);
}

static bool item_before(const struct vg_item *item, const struct vg_stretch *stretch)
{
    if (item->at.ms != stretch->at.ms) {
        return item->at.ms < stretch->at.ms;
    }
    const struct vg_item other = vg_stretch_item(stretch);
    return vg_item_before(item, &other);
}

/* Of one signal, device and source: one value at a time. */
static bool same_thing(const struct vg_stretch *a, const struct vg_stretch *b)
{
    const struct vg_item left = vg_stretch_item(a);
    const struct vg_item right = vg_stretch_item(b);

    return left.signal == right.signal && vg_item_same_source(&left, &right);
}

static enum vg_taken put(struct vg_log *log, const struct vg_stretch *fresh)
{
    size_t i = vg_stretch_from(log, fresh->at);
    const bool newest = i == log->stretch_count;
    size_t place = i;

    for (; i < log->stretch_count && log->stretch[i].at.ms == fresh->at.ms; i++) {
        struct vg_stretch *old = &log->stretch[i];
        if (same_thing(old, fresh) && old->span == 0) {
            if (old->low == fresh->low && old->high == fresh->high) {
                return VG_REPEATED_READING;
            }
            *old = *fresh;
            return VG_CORRECTED;
        }
        place = before(old, fresh) ? i + 1 : place;
    }
    if (!vg_stretch_reserve(log, 1)) {
        return VG_NOT_TAKEN;
    }
    memmove(&log->stretch[place + 1], &log->stretch[place],
            (log->stretch_count - place) * sizeof *log->stretch);
    log->stretch[place] = *fresh;
    log->stretch_count++;
    return newest ? VG_TAKEN : VG_TAKEN_LATE;
}

enum vg_taken vg_stretch_put(struct vg_log *log, const struct vg_item *item)
{
    const struct vg_stretch fresh = pack(item);

    return put(log, &fresh);
}

/* ---- Lengthening */

/* Where limits of rules lie, in canonical steps: a value on or above the n-th is in band n
 * or higher. Clinical reference 1.2, 1.3, 1.4, 3.3, 4.1, 5.1, 9.4, 10.2. */
static const int16_t bands[][16] = {
    [VG_TEMP] = {340, 355, 361, 375, 378, 380, 383, 390, 391, 400, 401, 411, 0},
    [VG_HR] = {35, 41, 50, 51, 60, 91, 111, 130, 131, 151, 0},
    [VG_RR] = {7, 9, 12, 21, 22, 25, 36, 0},
    [VG_SPO2] = {82, 84, 85, 86, 88, 90, 92, 93, 94, 96, 97, 0},
    [VG_SBP] = {70, 80, 90, 91, 95, 100, 101, 111, 180, 220, 0},
    [VG_DBP] = {0},
    [VG_MAP] = {55, 60, 65, 0},
    [VG_PI] = {30, 0}};

static unsigned band(uint8_t signal, int64_t value)
{
    unsigned n = 0;

    if (signal <= VG_PI) {
        while (n < 15 && bands[signal][n] != 0 && value >= bands[signal][n]) {
            n++;
        }
    }
    return n;
}

static bool same_stream(const struct vg_stretch *a, const struct vg_stretch *b)
{
    return a->signal == b->signal && a->source == b->source && a->marks == b->marks;
}

/* Longest pause inside a stretch: the run limit of the signal, at most 10 min. */
static vg_ms pause_of(uint8_t signal)
{
    return signal == VG_TEMP ? 10 * VG_MINUTE : 2 * VG_MINUTE;
}

/* In one band; or within the same minute, whatever the bands. */
static bool fits(const struct vg_stretch *stretch, const struct vg_stretch *next)
{
    const uint8_t signal = signal_of(next);

    if (!same_stream(stretch, next) ||
        vg_since(next->at, to(stretch)) > pause_of(signal) ||
        vg_since(to(next), stretch->at) > STRETCH_MAX) {
        return false;
    }
    const unsigned low = band(signal, stretch->low);
    return (low == band(signal, stretch->high) && low == band(signal, next->low) &&
            low == band(signal, next->high)) ||
           stretch->at.ms / VG_MINUTE == to(next).ms / VG_MINUTE;
}

static void lengthen(struct vg_stretch *stretch, const struct vg_stretch *next)
{
    const unsigned count = (unsigned)stretch->count + next->count;
    const struct vg_instant end = vg_later(to(stretch), to(next));

    stretch->span = (uint32_t)vg_since(end, stretch->at);
    stretch->low = next->low < stretch->low ? next->low : stretch->low;
    stretch->high = next->high > stretch->high ? next->high : stretch->high;
    stretch->count = (uint8_t)(count > 255 ? 255 : count);
}

bool vg_log_stretch(struct vg_log *log, const struct vg_item *item)
{
    const struct vg_stretch fresh = pack(item);
    const size_t all = log->count + log->stretch_count;
    size_t items = log->count; /* before the one looked at */

    for (size_t i = log->stretch_count; i > 0; i--) {
        struct vg_stretch *old = &log->stretch[i - 1];
        while (items > 0 && !item_before(&log->item[items - 1], old)) {
            items--;
        }
        if (i - 1 + items + STRETCH_LOOK < all) {
            break;
        }
        if (old->at.ms <= fresh.at.ms && to(old).ms <= fresh.at.ms &&
            fits(old, &fresh)) {
            lengthen(old, &fresh);
            return true;
        }
        if (same_stream(old, &fresh) && old->at.ms <= fresh.at.ms) {
            break;
        }
    }
    return put(log, &fresh) != VG_NOT_TAKEN;
}

/* ---- Making room */

/* The next stretch of the same stream behind place i, before which there are so many items;
 * stretch_count if there is none near. */
static size_t follower(const struct vg_log *log, size_t i, size_t items)
{
    const size_t end = i + items + STRETCH_LOOK;

    for (size_t k = i + 1; k < log->stretch_count; k++) {
        while (items < log->count && item_before(&log->item[items], &log->stretch[k])) {
            items++;
        }
        if (k + items >= end) {
            break;
        }
        if (same_stream(&log->stretch[i], &log->stretch[k])) {
            return k;
        }
    }
    return log->stretch_count;
}

static void drop_old(struct vg_log *log, struct vg_instant now)
{
    size_t kept = 0;

    for (size_t i = 0; i < log->stretch_count; i++) {
        const struct vg_stretch *stretch = &log->stretch[i];
        if (signal_of(stretch) == VG_TEMP ||
            vg_since(now, to(stretch)) <= STREAM_KEPT) {
            log->stretch[kept++] = *stretch;
        }
    }
    log->stretch_count = kept;
}

static void join_next(struct vg_log *log, size_t i, size_t k)
{
    lengthen(&log->stretch[i], &log->stretch[k]);
    memmove(&log->stretch[k], &log->stretch[k + 1],
            (log->stretch_count - k - 1) * sizeof *log->stretch);
    log->stretch_count--;
}

/* A place before `count` whose stretch the one at `i` lengthens; `count` if there is none. */
static size_t lengthened(const struct vg_log *log, size_t count, size_t i)
{
    const struct vg_stretch *fresh = &log->stretch[i];

    for (size_t k = count; k > 0 && k + STRETCH_LOOK > count; k--) {
        const struct vg_stretch *old = &log->stretch[k - 1];
        if (same_stream(old, fresh)) {
            return to(old).ms <= fresh->at.ms && fits(old, fresh) ? k - 1 : count;
        }
    }
    return count;
}

void vg_log_gather(struct vg_log *log, struct vg_instant now)
{
    size_t kept = 0;

    for (size_t i = 0; i < log->stretch_count; i++) {
        const size_t place = lengthened(log, kept, i);
        if (place < kept) {
            lengthen(&log->stretch[place], &log->stretch[i]);
        } else {
            log->stretch[kept++] = log->stretch[i];
        }
    }
    log->stretch_count = kept;
    vg_log_compact(log, now);
}

/* Old streams make room: those past a day go, and while there are still too many, neighbours
 * are joined (with both their extremes), the older half first. */
void vg_log_compact(struct vg_log *log, struct vg_instant now)
{
    size_t items = 0; /* before the stretch looked at */

    drop_old(log, now);
    if (log->stretch_count <= STRETCHES) {
        return;
    }
    for (size_t i = 0; i < log->stretch_count; i++) {
        const struct vg_stretch *stretch = &log->stretch[i];
        while (items < log->count && item_before(&log->item[items], stretch)) {
            items++;
        }
        if (i + items >= (log->count + log->stretch_count) / 2) {
            break;
        }
        const size_t k = follower(log, i, items);
        if (k < log->stretch_count && vg_since(to(&log->stretch[k]), stretch->at) <=
                                          STRETCH_MAX + 30 * VG_MINUTE) {
            join_next(log, i, k);
        }
    }
}
