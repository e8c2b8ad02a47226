/* SPDX-License-Identifier: Apache-2.0
 *
 * Forgetting: what leaves the ring, and what stays of it. See past.h.
 */
#include <stdlib.h>
#include <string.h>

#include "core/past.h"

/* A little longer than asked: who follows the window, asking after each reading, has let
 * go of what leaves it. */
static vg_ms rather_more(vg_ms span)
{
    return span + span / 64;
}

static vg_ms kept(const struct vg_window *window)
{
    return rather_more(window->keep);
}

void vg_past_finish(struct vg_window *window)
{
    if (window->past != NULL) {
        vg_peaks_finish(&window->past->low);
        vg_peaks_finish(&window->past->high);
        vg_cells_finish(&window->past->cells);
        free(window->past);
        window->past = NULL;
        window->packed = 0;
        window->changes++;
    }
}

void vg_past_tally(struct vg_window *window, const struct vg_sample *sample,
                   struct vg_tally tally)
{
    if (window->past != NULL && window->past->cells.size > 0 &&
        vg_sample_stream(sample)) {
        vg_cells_add(&window->past->cells, sample->measured, tally);
    }
}

static bool cells_ready(struct vg_window *window)
{
    const bool fresh = window->past->cells.size == 0;

    if (!vg_cells_fit(&window->past->cells, rather_more(window->sums))) {
        return false;
    }
    for (uint32_t i = 0; fresh && i < window->count; i++) {
        const struct vg_sample sample = vg_window_at(window, i);
        vg_past_tally(window, &sample, (struct vg_tally){sample.value, 1});
    }
    return true;
}

bool vg_past_ready(struct vg_window *window)
{
    if (window->keep <= VG_WINDOW_RAW) {
        return true;
    }
    if (window->past == NULL) {
        window->past = calloc(1, sizeof *window->past);
        if (window->past == NULL) {
            return false;
        }
        window->past->low.low = true;
        window->changes++; /* who answers from the ring alone begins anew */
    }
    return window->sums == 0 || cells_ready(window);
}

void vg_window_keep(struct vg_window *window, vg_ms keep, vg_ms sums)
{
    window->keep = keep;
    window->sums = sums;
    if (keep <= VG_WINDOW_RAW) {
        vg_past_finish(window);
    } else if (sums == 0 && window->past != NULL) {
        vg_cells_finish(&window->past->cells);
    }
}

/* Without memory for it the sample stays in the ring: nothing is lost. */
static bool take(struct vg_window *window, const struct vg_sample *sample,
                 struct vg_instant newest)
{
    struct vg_past *past = window->past;
    const struct vg_instant oldest = vg_after(newest, -kept(window));

    vg_peaks_expire(&past->low, oldest);
    vg_peaks_expire(&past->high, oldest);
    if (!vg_peaks_reserve(&past->low) || !vg_peaks_reserve(&past->high)) {
        return false;
    }
    vg_peaks_push(&past->low, sample->measured, sample->value);
    vg_peaks_push(&past->high, sample->measured, sample->value);
    past->any = true;
    past->newest = sample->measured;
    return true;
}

/* Repeats of it change nothing. Sums do not count it: they could not tell a repeat. */
void vg_past_late(struct vg_window *window, const struct vg_sample *sample)
{
    struct vg_past *past = window->past;

    if (!vg_peaks_reserve(&past->low) || !vg_peaks_reserve(&past->high)) {
        return;
    }
    vg_peaks_insert(&past->low, sample->measured, sample->value);
    vg_peaks_insert(&past->high, sample->measured, sample->value);
    past->newest =
        past->any ? vg_later(past->newest, sample->measured) : sample->measured;
    past->any = true;
}

/* Whether the oldest reading is gone for its age. */
static bool oldest_goes(struct vg_window *window, struct vg_instant newest)
{
    const struct vg_sample oldest = vg_window_at(window, 0);
    const vg_ms age = vg_since(newest, oldest.measured);

    if (window->past != NULL && vg_sample_stream(&oldest)) {
        return age > VG_WINDOW_RAW && take(window, &oldest, newest);
    }
    if (age <= kept(window)) {
        return false;
    }
    window->lost = window->first + 1;
    return true;
}

static void close_gap(struct vg_window *window, uint32_t gap)
{
    if (gap > 0) {
        vg_window_cut(window, window->packed, gap);
        window->changes++;
    }
}

/* Takes the streams out from between single readings that stay. */
static void pack(struct vg_window *window, struct vg_instant newest)
{
    const uint32_t old = vg_window_until(window, vg_after(newest, -VG_WINDOW_RAW - 1));
    const uint32_t most = window->count - VG_WINDOW_LEAST;
    uint32_t left = (old < most ? old : most) - window->packed;
    uint32_t gap = 0; /* streams taken since the last single reading */

    for (; left > 0; left--) {
        const struct vg_sample sample = vg_window_at(window, window->packed + gap);
        if (vg_sample_stream(&sample)) {
            if (!take(window, &sample, newest)) {
                break;
            }
            gap++;
            continue;
        }
        close_gap(window, gap);
        gap = 0;
        window->packed++;
    }
    close_gap(window, gap);
}

#define PACK 64 /* so many behind the single readings, and an eighth of those */

void vg_window_forget(struct vg_window *window, struct vg_instant newest)
{
    const vg_ms oldest = vg_since(newest, vg_window_when(window, 0));

    if (oldest <= VG_WINDOW_RAW && oldest <= kept(window)) {
        return; /* and so is everything else */
    }
    while (window->count > VG_WINDOW_LEAST && oldest_goes(window, newest)) {
        vg_window_drop(window, 1);
    }
    const uint32_t reach = window->packed + PACK + window->packed / 8;
    if (window->past != NULL && window->count > reach + VG_WINDOW_LEAST &&
        vg_since(newest, vg_window_when(window, reach)) > VG_WINDOW_RAW) {
        pack(window, newest);
    }
}
