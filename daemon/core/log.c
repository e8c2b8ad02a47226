/* SPDX-License-Identifier: Apache-2.0
 *
 * The log of a course: items in order of measured time. See course.h.
 */
#include <stdlib.h>
#include <string.h>

#include "core/course.h"

#define STRETCH_MAX  (30 * VG_MINUTE) /* longer ones are begun anew */
#define STRETCH_LOOK 64               /* so far back the one to lengthen is sought */
#define STRETCHES    192              /* beyond this many, older ones are joined */
#define STREAM_KEPT  (24 * VG_HOUR) /* stretches older than this go, but temperature */

bool vg_log_reserve(struct vg_log *log, size_t more)
{
    if (log->count + more <= log->capacity) {
        return true;
    }
    const size_t capacity = log->count + log->count / 16 + more + 8;
    struct vg_item *grown = realloc(log->item, capacity * sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    log->item = grown;
    log->capacity = capacity;
    return true;
}

void vg_log_finish(struct vg_log *log)
{
    free(log->item);
    memset(log, 0, sizeof *log);
}

/* The first place whose item is at or after `at`. */
size_t vg_log_from(const struct vg_log *log, struct vg_instant at)
{
    size_t low = 0;
    size_t high = log->count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (log->item[middle].at.ms < at.ms) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool before(const struct vg_item *a, const struct vg_item *b)
{
    const unsigned left = vg_item_rank((enum vg_signal)a->signal);
    const unsigned right = vg_item_rank((enum vg_signal)b->signal);

    if (a->at.ms != b->at.ms) {
        return a->at.ms < b->at.ms;
    }
    if (left != right) {
        return left < right;
    }
    if (a->signal != b->signal) {
        return a->signal < b->signal;
    }
    return a->source != b->source ? a->source < b->source : a->name < b->name;
}

bool vg_item_before(const struct vg_item *a, const struct vg_item *b)
{
    return before(a, b);
}

/* One value at a time: another word at the same instant is a correction. */
static bool one_at_a_time(uint8_t signal)
{
    return signal < VG_MEASURED_COUNT || signal == VG_O2_DEVICE ||
           signal == VG_CONSCIOUSNESS || signal == VG_AROUSAL || signal == VG_SEIZURE;
}

static bool same_thing(const struct vg_item *a, const struct vg_item *b)
{
    return a->signal == b->signal && a->source == b->source && a->device == b->device &&
           (one_at_a_time(a->signal) || a->name == b->name);
}

static bool same_value(const struct vg_item *a, const struct vg_item *b)
{
    return a->low == b->low && a->high == b->high && a->a == b->a && a->b == b->b &&
           a->name == b->name;
}

static void insert(struct vg_log *log, size_t place, const struct vg_item *item)
{
    memmove(&log->item[place + 1], &log->item[place],
            (log->count - place) * sizeof *log->item);
    log->item[place] = *item;
    log->count++;
}

enum vg_taken vg_log_put(struct vg_log *log, const struct vg_item *item)
{
    const bool newest =
        log->count == 0 || log->item[log->count - 1].at.ms < item->at.ms;
    size_t i = newest ? log->count : vg_log_from(log, item->at);
    size_t place = i;

    for (; i < log->count && log->item[i].at.ms == item->at.ms; i++) {
        struct vg_item *old = &log->item[i];
        if (same_thing(old, item) && old->to.ms == old->at.ms) {
            if (same_value(old, item)) {
                return VG_REPEATED_READING;
            }
            *old = *item;
            return VG_CORRECTED;
        }
        place = before(old, item) ? i + 1 : place;
    }
    if (!vg_log_reserve(log, 1)) {
        return VG_NOT_TAKEN;
    }
    insert(log, place, item);
    return newest ? VG_TAKEN : VG_TAKEN_LATE;
}

const struct vg_item *vg_log_back(const struct vg_log *log, enum vg_signal signal,
                                  struct vg_instant at, size_t *cursor)
{
    size_t i = *cursor < log->count ? *cursor : log->count;

    while (i > 0) {
        const struct vg_item *item = &log->item[--i];
        if (item->signal == (uint8_t)signal && item->at.ms <= at.ms &&
            vg_item_valid(item)) {
            *cursor = i;
            return item;
        }
    }
    *cursor = 0;
    return NULL;
}

/* ---- Stretches */

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

static bool same_stream(const struct vg_item *a, const struct vg_item *b)
{
    return a->signal == b->signal && a->source == b->source && a->method == b->method &&
           a->device == b->device && a->marks == b->marks && vg_item_stream(a);
}

/* Longest pause inside a stretch: the run limit of the signal, at most 10 min. */
static vg_ms pause_of(uint8_t signal)
{
    return signal == VG_TEMP ? 10 * VG_MINUTE : 2 * VG_MINUTE;
}

/* In one band; or within the same minute, whatever the bands. */
static bool fits(const struct vg_item *stretch, const struct vg_item *next)
{
    if (!same_stream(stretch, next) ||
        vg_since(next->at, stretch->to) > pause_of(next->signal) ||
        vg_since(next->to, stretch->at) > STRETCH_MAX) {
        return false;
    }
    const unsigned low = band(next->signal, stretch->low);
    return (low == band(next->signal, stretch->high) &&
            low == band(next->signal, next->low) &&
            low == band(next->signal, next->high)) ||
           stretch->at.ms / VG_MINUTE == next->to.ms / VG_MINUTE;
}

static void lengthen(struct vg_item *stretch, const struct vg_item *next)
{
    const unsigned count = (unsigned)stretch->count + next->count;

    stretch->to = vg_later(stretch->to, next->to);
    stretch->low = next->low < stretch->low ? next->low : stretch->low;
    stretch->high = next->high > stretch->high ? next->high : stretch->high;
    stretch->count = (uint8_t)(count > 255 ? 255 : count);
}

bool vg_log_stretch(struct vg_log *log, const struct vg_item *item)
{
    size_t i = log->count;

    for (unsigned looked = 0; i > 0 && looked < STRETCH_LOOK; looked++) {
        struct vg_item *old = &log->item[--i];
        if (old->at.ms <= item->at.ms && old->to.ms <= item->at.ms && fits(old, item)) {
            lengthen(old, item);
            return true;
        }
        if (same_stream(old, item) && old->at.ms <= item->at.ms) {
            break;
        }
    }
    return vg_log_put(log, item) != VG_NOT_TAKEN;
}

/* The next stretch of the same stream behind place i; count if there is none near. */
static size_t follower(const struct vg_log *log, size_t i)
{
    for (size_t k = i + 1; k < log->count && k < i + STRETCH_LOOK; k++) {
        if (same_stream(&log->item[i], &log->item[k])) {
            return k;
        }
    }
    return log->count;
}

static bool droppable(const struct vg_item *item, struct vg_instant now)
{
    return vg_item_stream(item) && item->signal < VG_WBC && item->signal != VG_TEMP &&
           vg_since(now, item->to) > STREAM_KEPT;
}

/* Old streams make room: those past a day go, and while there are still too many, neighbours
 * are joined (with both their extremes), the older half first. */
void vg_log_compact(struct vg_log *log, struct vg_instant now)
{
    size_t kept = 0;
    size_t streams = 0;

    for (size_t i = 0; i < log->count; i++) {
        if (!droppable(&log->item[i], now)) {
            log->item[kept++] = log->item[i];
            streams += vg_item_stream(&log->item[i]);
        }
    }
    log->count = kept;
    if (streams <= STRETCHES) {
        return;
    }
    for (size_t i = 0; i < log->count / 2; i++) {
        const size_t k = vg_item_stream(&log->item[i]) ? follower(log, i) : log->count;
        if (k < log->count && vg_since(log->item[k].to, log->item[i].at) <=
                                  STRETCH_MAX + 30 * VG_MINUTE) {
            lengthen(&log->item[i], &log->item[k]);
            memmove(&log->item[k], &log->item[k + 1],
                    (log->count - k - 1) * sizeof *log->item);
            log->count--;
        }
    }
}
