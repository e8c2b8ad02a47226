/* SPDX-License-Identifier: Apache-2.0
 *
 * The log of a course: items in order of measured time. See course.h. Its stretches: stretch.c.
 */
#include <stdlib.h>
#include <string.h>

#include "core/course.h"

static bool reserve(struct vg_log *log, size_t more)
{
    if (log->count + more <= log->capacity) {
        return true;
    }
    const size_t capacity = log->count + log->count / 64 + more + 4;
    struct vg_item *grown = realloc(log->item, capacity * sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    log->item = grown;
    log->capacity = capacity;
    return true;
}

bool vg_log_reserve(struct vg_log *log, size_t items, size_t stretches)
{
    return reserve(log, items) && vg_stretch_reserve(log, stretches);
}

void vg_log_finish(struct vg_log *log)
{
    free(log->item);
    free(log->stretch);
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
    if (a->source != b->source) {
        return a->source < b->source;
    }
    return a->name != b->name ? a->name < b->name : a->method < b->method;
}

bool vg_item_before(const struct vg_item *a, const struct vg_item *b)
{
    return before(a, b);
}

bool vg_log_next(const struct vg_log *log, size_t *place, size_t *stretch,
                 struct vg_instant at, struct vg_item *item)
{
    const bool single = *place < log->count && log->item[*place].at.ms == at.ms;

    if (*stretch < log->stretch_count && log->stretch[*stretch].at.ms == at.ms) {
        *item = vg_stretch_item(&log->stretch[*stretch]);
        if (!single || before(item, &log->item[*place])) {
            ++*stretch;
            return true;
        }
    }
    if (single) {
        *item = log->item[(*place)++];
    }
    return single;
}

/* One value at a time: another word at the same instant is a correction. */
static bool one_at_a_time(uint8_t signal)
{
    return signal < VG_MEASURED_COUNT || signal == VG_O2_DEVICE ||
           signal == VG_CONSCIOUSNESS || signal == VG_AROUSAL || signal == VG_SEIZURE;
}

static bool same_thing(const struct vg_item *a, const struct vg_item *b)
{
    return a->signal == b->signal && vg_item_same_source(a, b) &&
           (one_at_a_time(a->signal) ||
            (a->name == b->name && (a->signal != VG_VASOPRESSOR || a->a == b->a)));
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
    if (vg_item_stream(item) && item->signal < VG_STREAMS) {
        return vg_stretch_put(log, item);
    }
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
    if (!reserve(log, 1)) {
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
