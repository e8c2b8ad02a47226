/* SPDX-License-Identifier: Apache-2.0
 *
 * Signal quality: the order of the checks, perfusion, clocks, and the findings. See
 * quality.h.
 */
#include "core/assess/quality.h"

#include "core/assess/quality_inside.h"

#define PI_USABLE 30 /* 0.01 %: 0.3 % is accepted. Clinical reference 10.1, 10.2 */

/* ---- Plausible range, 10.1 */

static void mark_range(struct vg_item *item)
{
    const struct vg_signal_info *info = vg_signal_info((enum vg_signal)item->signal);

    if (item->signal < VG_MEASURED_COUNT && item->signal != VG_PI &&
        (item->low < info->plausible_low || item->high > info->plausible_high)) {
        item->marks |= VG_MARK_SUSPECT;
    }
}

/* ---- Perfusion, 10.2 */

static unsigned device_bit(const struct vg_item *item)
{
    return 1U << (item->device & 15U);
}

/* A good index ends what its device said, and what one said that is gone (slot.h). */
static void note_index(struct vg_quality_state *state, const struct vg_item *item)
{
    if (item->low < PI_USABLE) {
        state->poor |= (uint16_t)device_bit(item);
        state->poor_until = item->to;
        if (!vg_state_set(state->poor_since)) {
            state->poor_since = item->at;
        }
    } else if ((item->marks & VG_MARK_CLOCK) == 0) {
        state->poor &= (uint16_t)~device_bit(item);
        if (state->poor == 0 ||
            vg_since(item->at, state->poor_until) >= VG_SLOT_SILENT) {
            state->poor = 0;
            state->poor_since = state->poor_until = (struct vg_instant){0};
        }
    }
}

/* An index belongs to its device's saturation of its instant, or of its stretch. */
static void mark_poor(const struct vg_quality_state *state, struct vg_item *item)
{
    if ((state->poor & device_bit(item)) != 0 && item->at.ms <= state->poor_until.ms) {
        item->marks |= VG_MARK_POOR;
    }
}

/* ---- Clocks, 0.3 */

static bool newer(const struct vg_quality_state *state, const struct vg_item *item)
{
    return item->signal >= VG_QUALITY_FEEDS ||
           vg_item_trust(item) <= state->skew_trust[item->signal];
}

/* Whether the newest value of its signal is one that came more than 8 h late. */
static void note_clock(struct vg_quality_state *state, const struct vg_item *item)
{
    const uint64_t bit = VG_SIGNAL_BIT(item->signal);

    if ((item->marks & (VG_MARK_OLD | VG_MARK_LATE)) == VG_MARK_OLD) {
        if (state->skew == 0) {
            state->skew_since = item->at;
        }
        if (item->signal < VG_QUALITY_FEEDS) {
            state->skew_trust[item->signal] = (uint8_t)vg_item_trust(item);
        }
        state->skew |= bit;
    } else if ((state->skew & bit) != 0 && (item->marks & VG_MARK_CLOCK) == 0 &&
               newer(state, item)) {
        state->skew &= ~bit;
    }
}

/* ---- One instant */

static void mark_first(struct vg_quality_state *state, struct vg_item *item,
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (item[i].signal == VG_PI && vg_item_valid(&item[i])) {
            note_index(state, &item[i]);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (vg_item_valid(&item[i])) {
            mark_range(&item[i]);
            if (item[i].signal == VG_SPO2) {
                mark_poor(state, &item[i]);
            }
        }
    }
}

static void note(struct vg_quality_state *state, struct vg_item *item)
{
    vg_quality_probe(state, item);
    if (!vg_item_valid(item)) {
        return;
    }
    vg_quality_rate(state, item);
    vg_quality_motion(state, item);
    vg_quality_same(state, item);
    vg_quality_feed(state, item);
    vg_quality_devices(state, item);
}

void vg_quality_instant(struct vg_state *state, const struct vg_view *view,
                        struct vg_item *item, size_t count)
{
    (void)view;
    mark_first(&state->quality, item, count);
    vg_quality_pressures(&state->quality, item, count);
    for (size_t i = 0; i < count; i++) {
        if (item[i].signal < VG_QUALITY_FEEDS) {
            note(&state->quality, &item[i]);
        }
        if (item[i].signal < VG_MEASURED_COUNT && vg_item_valid(&item[i])) {
            note_clock(&state->quality, &item[i]);
        }
    }
}

/* ---- Findings */

static struct vg_finding from(struct vg_instant since)
{
    return vg_found(vg_state_set(since), since);
}

/* The earlier of those that are set. */
static struct vg_instant first_of(struct vg_instant a, struct vg_instant b)
{
    if (!vg_state_set(a) || !vg_state_set(b)) {
        return vg_state_set(a) ? a : b;
    }
    return vg_earlier(a, b);
}

static struct vg_finding probe_off(const struct vg_quality_state *state)
{
    struct vg_instant since = {0};

    for (unsigned i = 0; i < 2 * VG_SLOTS; i++) {
        const struct vg_quality_probe *probe =
            &state->probe[i / VG_SLOTS][i % VG_SLOTS];
        since = probe->off ? first_of(since, probe->off_since) : since;
    }
    return from(since);
}

static struct vg_finding silent(const struct vg_quality_state *state,
                                struct vg_instant at, struct vg_instant *next)
{
    struct vg_instant since = {0};

    for (unsigned s = 0; s < VG_QUALITY_FEEDS; s++) {
        const struct vg_quality_feed *feed = &state->feed[s];
        if (!feed->watched) {
            continue;
        }
        const struct vg_instant due = vg_after(feed->last, vg_quality_silence(feed));
        if (at.ms >= due.ms) {
            since = first_of(since, feed->last);
        }
        vg_next(next, at, due);
    }
    return from(since);
}

void vg_quality_judge(const struct vg_state *state, const struct vg_view *view,
                      struct vg_instant at, struct vg_assessment *out,
                      struct vg_instant *next)
{
    const struct vg_quality_state *q = &state->quality;
    const struct vg_instant none = {0};
    const struct vg_instant flat = vg_quality_flat(q);

    (void)view;
    out->quality = (struct vg_quality_out){
        .check = from(first_of(q->check, q->flat_low ? flat : none)),
        .probe_off = probe_off(q),
        .low_perfusion = from(q->poor_since),
        .stuck = from(vg_quality_stuck(q)),
        .bp_inconsistent = from(
            first_of(first_of(q->pair_bad, q->map_bad), q->flat_low ? none : flat)),
        .feed_silent = silent(q, at, next),
        .wrong_patient = from(vg_quality_wrong(q)),
        .clock_skew = vg_found(q->skew != 0, q->skew_since)};
}
