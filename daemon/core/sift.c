/* SPDX-License-Identifier: Apache-2.0
 *
 * Readings change hands. See sift.h.
 */
#include "core/sift.h"

#include <stdlib.h>
#include <string.h>

#include "core/past.h"
#include "core/walk.h"

/* ---- Windows */

static void window_before(struct vg_window *window, struct vg_instant from)
{
    const uint32_t n = vg_window_until(window, vg_after(from, -1));

    if (n > 0) {
        vg_window_drop(window, n);
    }
    if (window->past != NULL) {
        vg_peaks_expire(&window->past->low, from);
        vg_peaks_expire(&window->past->high, from);
        vg_cells_expire(&window->past->cells, from);
        window->past->any = window->past->any && window->past->newest.ms >= from.ms;
    }
    window->changes++;
}

static void window_from(struct vg_window *window, struct vg_instant to)
{
    const uint32_t kept = vg_window_until(window, vg_after(to, -1));

    for (uint32_t i = kept; i < window->count; i++) {
        const struct vg_sample sample = vg_window_at(window, i);
        vg_past_tally(window, &sample, (struct vg_tally){-sample.value, UINT32_MAX});
    }
    if (kept < window->count) {
        vg_window_cut(window, kept, window->count - kept);
        window->packed = window->packed < kept ? window->packed : kept;
    }
    if (window->past != NULL && window->past->any) {
        vg_peaks_cut(&window->past->low, to);
        vg_peaks_cut(&window->past->high, to);
        vg_cells_cut(&window->past->cells, to);
        window->past->newest = vg_earlier(window->past->newest, vg_after(to, -1));
    }
    window->changes++;
}

/* ---- The log */

static void log_before(struct vg_log *log, struct vg_instant from)
{
    const size_t gone = vg_log_from(log, from);
    size_t kept = 0;

    if (gone > 0) {
        memmove(log->item, &log->item[gone], (log->count - gone) * sizeof *log->item);
        log->count -= gone;
    }
    for (size_t i = 0; i < log->stretch_count; i++) {
        struct vg_stretch stretch = log->stretch[i];
        const struct vg_instant end = vg_after(stretch.at, stretch.span);
        if (end.ms >= from.ms) {
            stretch.at = vg_later(stretch.at, from);
            stretch.span = (uint32_t)vg_since(end, stretch.at);
            log->stretch[kept++] = stretch;
        }
    }
    log->stretch_count = kept;
}

static void log_from(struct vg_log *log, struct vg_instant to)
{
    log->count = vg_log_from(log, to);
    log->stretch_count = vg_stretch_from(log, to);
    for (size_t i = 0; i < log->stretch_count; i++) {
        struct vg_stretch *stretch = &log->stretch[i];
        if (vg_after(stretch->at, stretch->span).ms >= to.ms) {
            stretch->span = (uint32_t)(vg_since(to, stretch->at) - 1);
        }
    }
}

/* ---- The tails */

static void tails_before(struct vg_course *course, struct vg_instant from)
{
    for (unsigned s = 0; s < VG_STREAMS; s++) {
        if (course->tail[s] != NULL) {
            vg_tail_drop_before(course->tail[s], from);
        }
    }
}

static void tails_from(struct vg_course *course, struct vg_instant to)
{
    for (unsigned s = 0; s < VG_STREAMS; s++) {
        if (course->tail[s] != NULL) {
            vg_tail_drop_from(course->tail[s], to);
        }
    }
}

/* ---- What is charted */

static void charted_before(struct vg_bed *bed, struct vg_instant from)
{
    size_t kept = 0;

    for (size_t i = 0; i < bed->charted_count; i++) {
        if (bed->charted[i].at.ms >= from.ms) {
            bed->charted[kept++] = bed->charted[i];
        }
    }
    bed->charted_count = kept;
    if (bed->infusion_start.ms < from.ms) {
        bed->infusion_start = VG_UNSET;
    }
    if (bed->infusion_end.ms < from.ms) {
        bed->infusion_end = VG_UNSET;
    }
}

static void pour_charted(struct vg_bed *into, const struct vg_bed *from,
                         struct vg_instant since)
{
    for (size_t i = 0; i < from->charted_count; i++) {
        const struct vg_charted *c = &from->charted[i];
        struct vg_entry entry = {
            .signal = c->signal, .at = c->at, .on = c->on, .until = c->until};
        (void)vg_copy(entry.value, sizeof entry.value, c->value);
        if (c->at.ms >= since.ms) {
            (void)vg_bed_chart(into, &entry); /* there is room */
        }
    }
}

/* ---- The bed */

void vg_bed_forget(struct vg_bed *bed)
{
    for (unsigned s = 0; s < VG_MEASURED_COUNT; s++) {
        if (bed->window[s] != NULL) {
            vg_window_finish(bed->window[s]);
            free(bed->window[s]);
            bed->window[s] = NULL;
        }
    }
    for (size_t i = 0; i < bed->protocol->queries.count; i++) {
        vg_tracker_finish(&bed->tracker[i]);
    }
    for (size_t i = 0; i < vg_bed_states(bed); i++) {
        vg_bed_state_anew(&bed->state[i]);
    }
    if (bed->course != NULL) {
        vg_course_reset(bed->course);
        bed->course->patient.clinical = bed->protocol->clinical;
        bed->course->patient.schedule = &bed->protocol->expected;
    }
    bed->charted_count = 0;
    bed->infusion_start = bed->infusion_end = VG_UNSET;
    bed->refused = bed->danger = 0;
    bed->runs = 0;
    bed->asked = bed->since = VG_UNSET;
}

static void anew(struct vg_bed *bed)
{
    for (size_t i = 0; i < vg_bed_states(bed); i++) {
        bed->state[i].when.count = bed->state[i].clear.count =
            0; /* readings are counted anew */
    }
    if (bed->course != NULL) { /* what it has come to may have been somebody else's */
        const struct vg_carried own = bed->course->patient.carried;
        vg_course_restart(bed->course);
        bed->course->patient.carried = own;
    }
}

void vg_bed_drop_before(struct vg_bed *bed, struct vg_instant from)
{
    for (unsigned s = 0; s < VG_MEASURED_COUNT; s++) {
        if (bed->window[s] != NULL) {
            window_before(bed->window[s], from);
        }
    }
    if (bed->course != NULL) {
        log_before(&bed->course->log, from);
        tails_before(bed->course, from);
    }
    charted_before(bed, from);
    anew(bed);
}

void vg_bed_drop_from(struct vg_bed *bed, struct vg_instant to)
{
    vg_bed_chart_before(bed, to);
    for (unsigned s = 0; s < VG_MEASURED_COUNT; s++) {
        if (bed->window[s] != NULL) {
            window_from(bed->window[s], to);
        }
    }
    if (bed->course != NULL) {
        log_from(&bed->course->log, to);
        tails_from(bed->course, to);
    }
    anew(bed);
}

/* The device of the other bed under its number here. */
static uint8_t device_here(struct vg_bed *into, const struct vg_bed *from,
                           uint8_t device)
{
    return device == 0 || from->course == NULL
               ? 0
               : vg_bed_device(into, from->course->device[device - 1]);
}

static uint32_t first_since(const struct vg_window *window, struct vg_instant since)
{
    return vg_window_until(window, vg_after(since, -1));
}

bool vg_bed_pour_room(struct vg_bed *into, struct vg_bed *from, struct vg_instant since,
                      struct vg_instant now)
{
    for (unsigned s = 0; s < VG_MEASURED_COUNT; s++) {
        const struct vg_window *there = from->window[s];
        if (there == NULL) {
            continue;
        }
        struct vg_window *here = vg_bed_window(into, (enum vg_signal)s);
        if (here == NULL ||
            !vg_window_reserve(here, there->count - first_since(there, since))) {
            return false;
        }
    }
    if (!vg_bed_chart_room(into, from->charted_count)) {
        return false;
    }
    if (into->course == NULL || from->course == NULL) {
        return true;
    }
    const struct vg_log *there = &from->course->log;
    return vg_course_condense(into->course, into->window, now) &&
           vg_course_condense(from->course, from->window, now) &&
           vg_log_reserve(&into->course->log, there->count - vg_log_from(there, since),
                          there->stretch_count - vg_stretch_from(there, since) +
                              VG_STRETCHES_MANY);
}

static void pour_samples(struct vg_bed *into, const struct vg_bed *from,
                         enum vg_signal signal, struct vg_instant since)
{
    const struct vg_window *there = from->window[signal];
    struct vg_window *here = into->window[signal];

    if (there == NULL) {
        return;
    }
    for (uint32_t i = first_since(there, since); i < there->count; i++) {
        struct vg_sample sample = vg_window_at(there, i);
        sample.device = device_here(into, from, sample.device);
        const enum vg_taken taken = vg_window_put(here, &sample);
        if (taken == VG_TAKEN && vg_sample_stream(&sample)) {
            here->lag = there->lag;
        }
    }
}

static void pour_log(struct vg_bed *into, const struct vg_bed *from,
                     struct vg_instant since)
{
    const struct vg_log *there = &from->course->log;
    struct vg_log *here = &into->course->log;

    for (size_t i = vg_log_from(there, since); i < there->count; i++) {
        struct vg_item item = there->item[i];
        item.device = device_here(into, from, item.device);
        (void)vg_log_put(here, &item);
    }
    for (size_t k = vg_stretch_from(there, since); k < there->stretch_count; k++) {
        struct vg_item item = vg_stretch_item(&there->stretch[k]);
        item.device = device_here(into, from, item.device);
        (void)vg_log_put(here, &item);
    }
}

/* What has a tail there is put here sample by sample, older than this bed's windows. Without room it
 * is passed over: only what people chart hours late looks so far back. */
static void pour_tails(struct vg_bed *into, const struct vg_bed *from,
                       struct vg_instant since)
{
    for (unsigned s = 0; s < VG_STREAMS; s++) {
        const struct vg_tail *there = from->course->tail[s];
        if (there == NULL) {
            continue;
        }
        struct vg_tail_place place = vg_tail_after(there, vg_after(since, -1));
        struct vg_sample sample;
        while (vg_tail_next(there, &place, &sample)) {
            struct vg_item item = vg_walk_item((enum vg_signal)s, &sample);
            item.device = device_here(into, from, sample.device);
            (void)vg_course_put(into->course, &item);
        }
    }
}

bool vg_bed_pour(struct vg_bed *into, struct vg_bed *from, struct vg_instant since,
                 struct vg_instant now)
{
    if (!vg_bed_pour_room(into, from, since, now)) {
        return false;
    }
    for (unsigned s = 0; s < VG_MEASURED_COUNT; s++) {
        pour_samples(into, from, (enum vg_signal)s, since);
    }
    pour_charted(into, from, since);
    if (into->course != NULL && from->course != NULL) {
        pour_tails(into, from, since);
        pour_log(into, from, since);
    }
    anew(into);
    if (into->course != NULL) {
        into->course->dirty = VG_UNSET; /* also if nothing was folded here yet */
    }
    /* What came along is asked about now, not with the next reading, which may be hours away. */
    into->asked = vg_later(into->asked, from->asked);
    return true;
}

static bool charted_since(const struct vg_bed *bed, struct vg_instant since)
{
    bool any = false;

    for (size_t i = 0; i < bed->charted_count; i++) {
        any = any || bed->charted[i].at.ms >= since.ms;
    }
    return any;
}

static bool has_since(const struct vg_bed *bed, struct vg_instant since)
{
    bool any = charted_since(bed, since);

    for (unsigned s = 0; s < VG_MEASURED_COUNT; s++) {
        const struct vg_window *window = bed->window[s];
        any = any || (window != NULL && window->count > 0 &&
                      vg_window_when(window, window->count - 1).ms >= since.ms);
    }
    return any;
}

bool vg_bed_has_single(const struct vg_bed *bed, struct vg_instant since)
{
    bool any = charted_since(bed, since);

    for (unsigned s = 0; s < VG_MEASURED_COUNT && !any; s++) {
        const struct vg_window *window = bed->window[s];
        const uint32_t count = window != NULL ? window->count : 0;
        for (uint32_t i = count > 0 ? first_since(window, since) : 0; i < count; i++) {
            const struct vg_sample sample = vg_window_at(window, i);
            any = any || s >= VG_STREAMS || !vg_sample_stream(&sample);
        }
    }
    return any;
}

bool vg_bed_rest(struct vg_bed *bed, const struct vg_protocol *protocol,
                 struct vg_instant since, struct vg_instant now, struct vg_bed **rest)
{
    *rest = NULL;
    if (!has_since(bed, since)) {
        return true;
    }
    struct vg_bed *made = vg_bed_create(bed->ward, bed->bed, protocol);
    if (made == NULL || (bed->course != NULL && !vg_bed_need_course(made)) ||
        !vg_bed_pour(made, bed, since, now)) {
        vg_bed_destroy(made);
        return false;
    }
    made->since = since;
    *rest = made;
    return true;
}
