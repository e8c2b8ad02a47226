/* SPDX-License-Identifier: Apache-2.0
 *
 * A ring in order of measured time. See window.h.
 */
#include "core/window.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/item.h"
#include "core/past.h"

void vg_window_init(struct vg_window *window, enum vg_signal signal, vg_ms keep)
{
    const struct vg_signal_info *info = vg_signal_info(signal);

    memset(window, 0, sizeof *window);
    window->wide = info->hard_low < INT16_MIN || info->hard_high > INT16_MAX;
    window->even = !window->wide;
    window->size = window->wide ? sizeof(int64_t) : 1;
    window->keep = keep;
    window->sums = keep;
}

void vg_window_finish(struct vg_window *window)
{
    vg_past_finish(window);
    free(window->value);
    free(window->run);
    memset(window, 0, sizeof *window);
}

bool vg_window_reserve(struct vg_window *window, uint32_t more)
{
    return vg_past_ready(window) && vg_window_room(window, more);
}

bool vg_window_last(const struct vg_window *window, struct vg_instant at,
                    struct vg_sample *out)
{
    uint32_t n = window->count;

    if (n > 0) {
        *out = vg_window_at(window, n - 1);
        if (out->measured.ms <= at.ms) {
            return true;
        }
        n = vg_window_until(window, at);
    }
    if (n > 0) {
        *out = vg_window_at(window, n - 1);
    }
    return n > 0;
}

bool vg_sample_same_source(const struct vg_sample *a, const struct vg_sample *b)
{
    return a->source == b->source && a->device == b->device &&
           vg_temp_class_of(a->source, a->method) ==
               vg_temp_class_of(b->source, b->method);
}

static enum vg_taken known(struct vg_window *window, uint32_t end,
                           const struct vg_sample *sample)
{
    for (uint32_t i = end; i > 0; i--) {
        const struct vg_sample old = vg_window_at(window, i - 1);
        if (old.measured.ms != sample->measured.ms) {
            break;
        }
        if (vg_sample_same_source(&old, sample)) {
            if (old.value == sample->value) {
                return VG_REPEATED_READING;
            }
            vg_window_correct(window, i - 1, sample);
            vg_past_tally(window, sample,
                          (struct vg_tally){sample->value - old.value, 0});
            window->changes++;
            return VG_CORRECTED;
        }
    }
    return VG_TAKEN;
}

/* A late one: nothing is kept of its time, or only what can no longer be added to. */
static bool too_old(const struct vg_window *window, struct vg_instant newest,
                    const struct vg_sample *sample)
{
    if (vg_sample_stream(sample) &&
        (vg_since(newest, sample->measured) > VG_WINDOW_RAW ||
         (window->past != NULL && window->past->any &&
          sample->measured.ms <= window->past->newest.ms))) {
        return true;
    }
    return window->count >= VG_WINDOW_LEAST &&
           vg_since(newest, sample->measured) > window->keep &&
           sample->measured.ms < vg_window_when(window, 0).ms;
}

static void note_late(struct vg_window *window, uint32_t place,
                      const struct vg_sample *sample)
{
    window->changes++;
    if (place < window->packed) {
        window->packed = vg_sample_stream(sample) ? place : window->packed + 1;
    }
}

enum vg_taken vg_window_put(struct vg_window *window, const struct vg_sample *sample)
{
    const bool first = window->count == 0;
    struct vg_instant newest = VG_UNSET;

    if (!first) {
        newest = vg_window_when(window, window->count - 1);
    }
    const bool late = !first && sample->measured.ms < newest.ms;
    if (!vg_window_reserve(window, 1)) {
        return VG_NOT_TAKEN;
    }
    if (late && too_old(window, newest, sample)) {
        if (window->past != NULL && vg_sample_stream(sample) &&
            vg_since(newest, sample->measured) <= window->keep) {
            vg_past_late(window, sample);
        }
        return VG_TOO_OLD;
    }
    const uint32_t place =
        late ? vg_window_until(window, sample->measured) : window->count;
    const enum vg_taken taken =
        sample->measured.ms > newest.ms ? VG_TAKEN : known(window, place, sample);
    if (taken != VG_TAKEN) {
        return taken;
    }
    vg_window_insert(window, place, sample);
    vg_past_tally(window, sample, (struct vg_tally){sample->value, 1});
    if (late) {
        note_late(window, place, sample);
        return VG_TAKEN_LATE;
    }
    vg_window_forget(window, sample->measured);
    return VG_TAKEN;
}

#define SAME 64 /* samples looked back on for one of the same source */

bool vg_window_behind(const struct vg_window *window, const struct vg_sample *sample)
{
    uint32_t i = window->count;

    for (unsigned looked = 0; i > 0 && looked < SAME; looked++) {
        if (vg_window_when(window, --i).ms <= sample->measured.ms) {
            break;
        }
        const struct vg_sample other = vg_window_at(window, i);
        if (other.source == sample->source && other.device == sample->device) {
            return true;
        }
    }
    return false;
}
