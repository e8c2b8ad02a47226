/* SPDX-License-Identifier: Apache-2.0
 *
 * Continuous signals: a probe that fell off, a respiration that follows the heart, a value
 * that never changes, a feed that fell silent. Clinical reference 10.2, 9.4, 1.4.
 */
#include <string.h>

#include "core/assess/quality_inside.h"

/* ---- Probe off */

#define OFF_BELOW  340              /* 0.1 Cel, strict. Clinical reference 10.2 */
#define OFF_FALL   20               /* 2.0 Cel or more */
#define OFF_SPAN   (10 * VG_MINUTE) /* inclusive */
#define BACK_LEVEL 355              /* inclusive */
#define BACK_COUNT 5
#define BACK_SPAN  (8 * VG_MINUTE) /* inclusive, first to last */

static void forget(struct vg_quality_probe *probe, unsigned count)
{
    probe->count = (uint8_t)(probe->count - count);
    memmove(probe->at, probe->at + count, probe->count * sizeof probe->at[0]);
    memmove(probe->value, probe->value + count, probe->count * sizeof probe->value[0]);
}

/* Drops what is older than 10 min, what is not above the new value, and if need be the
 * highest: the next ones then still lie more than 2.0 Cel above. */
static void remember(struct vg_quality_probe *probe, struct vg_instant at,
                     int64_t value)
{
    const uint32_t now = (uint32_t)at.ms;
    unsigned old = 0;

    if (vg_since(at, probe->newest) > OFF_SPAN) {
        probe->count = 0;
    }
    while (old < probe->count && now - probe->at[old] > OFF_SPAN) {
        old++;
    }
    forget(probe, old);
    while (probe->count > 0 && probe->value[probe->count - 1] <= value) {
        probe->count--;
    }
    if (probe->count == VG_QUALITY_FALL) {
        forget(probe, 1);
    }
    probe->at[probe->count] = now;
    probe->value[probe->count++] = (int16_t)value;
    probe->newest = at;
}

static void begin_off(struct vg_quality_probe *probe, struct vg_instant at)
{
    probe->off = true;
    probe->off_since = at;
    probe->back = 0;
}

/* Five samples in a row that are warm again, over 8 min: the last of them is good. */
static void seek_back(struct vg_quality_probe *probe, const struct vg_item *item)
{
    if (item->low < BACK_LEVEL) {
        probe->back = 0;
        return;
    }
    if ((item->marks & VG_MARK_CLOCK) != 0) {
        return;
    }
    if (probe->back == 0) {
        probe->back_since = item->at;
    }
    const unsigned back = (unsigned)probe->back + item->count;
    probe->back = (uint8_t)(back > BACK_COUNT ? BACK_COUNT : back);
    if (back >= BACK_COUNT && vg_since(item->to, probe->back_since) >= BACK_SPAN) {
        probe->off = false;
    }
}

static void probe_step(struct vg_quality_probe *probe, const struct vg_item *item)
{
    remember(probe, item->at, item->high);
    if (item->to.ms > item->at.ms) {
        remember(probe, item->to, item->low);
    }
    if (probe->off) {
        seek_back(probe, item);
    } else if (item->low < OFF_BELOW && probe->value[0] - item->low >= OFF_FALL) {
        begin_off(probe, item->at);
    }
}

/* One that is off and gone is no finding any more when another one sits. */
void vg_quality_probe(struct vg_quality_state *state, struct vg_item *item)
{
    if (item->signal != VG_TEMP || !vg_item_stream(item) || !vg_item_valid(item)) {
        return;
    }
    struct vg_quality_probe *probe =
        state->probe[vg_item_temp_class(item) == VG_TEMP_PROBE];
    const unsigned i = vg_slot_pick(&probe[0].slot, &probe[1].slot, item, OFF_SPAN);
    if (i == VG_SLOTS) {
        return;
    }
    struct vg_quality_probe *mine = &probe[i];
    struct vg_quality_probe *other = &probe[1 - i];
    if (vg_slot_taken(&mine->slot, item)) {
        *mine = (struct vg_quality_probe){0};
    }
    probe_step(mine, item);
    if (mine->off) {
        item->marks |= VG_MARK_VOID;
    } else if (other->off && vg_slot_gone(&other->slot, item->at, OFF_SPAN)) {
        other->off = other->slot.bad = false;
    }
    vg_slot_heard(&mine->slot, &other->slot, item, mine->off);
}

/* ---- Respiration that follows the heart */

#define MOTION_NEAR  2                /* RR = HR +/- 2. Clinical reference 10.2 */
#define MOTION_FOR   VG_MINUTE        /* inclusive */
#define MOTION_HR    (30 * VG_SECOND) /* how old the HR may be (project proposal) */
#define MOTION_PAUSE (2 * VG_MINUTE)  /* longest pause in the run, 1.4 */

static bool follows(const struct vg_quality_state *state, const struct vg_item *item)
{
    const struct vg_quality_rate *hr = &state->rate[VG_RATE_HR];

    return vg_state_set(hr->at) && vg_since(item->at, hr->at) <= MOTION_HR &&
           hr->value - item->low <= MOTION_NEAR &&
           item->high - hr->value <= MOTION_NEAR;
}

void vg_quality_motion(struct vg_quality_state *state, struct vg_item *item)
{
    if (item->signal != VG_RR || !vg_item_stream(item)) {
        return;
    }
    if (!follows(state, item)) {
        state->motion_since = (struct vg_instant){0};
        return;
    }
    if (!vg_state_set(state->motion_since) ||
        vg_since(item->at, state->motion_last) > MOTION_PAUSE) {
        state->motion_since = item->at;
    }
    state->motion_last = item->to;
    if (vg_since(item->to, state->motion_since) >= MOTION_FOR) {
        item->marks |= VG_MARK_SUSPECT;
    }
}

/* ---- Stuck values */

/* How long the same (inclusive): Clinical reference 10.2. Longest pause: 1.2, 1.4. */
static const struct {
    vg_ms same, pause;
} stuck[VG_SAMES] = {[VG_SAME_HR] = {10 * VG_MINUTE, 2 * VG_MINUTE},
                     [VG_SAME_RR] = {15 * VG_MINUTE, 2 * VG_MINUTE},
                     [VG_SAME_PATCH] = {60 * VG_MINUTE, 10 * VG_MINUTE}};

static enum vg_quality_same_name same_of(const struct vg_item *item)
{
    if (!vg_item_stream(item)) {
        return VG_SAMES;
    }
    if (item->signal == VG_TEMP) {
        return vg_item_temp_class(item) == VG_TEMP_PATCH ? VG_SAME_PATCH : VG_SAMES;
    }
    if (item->signal == VG_HR) {
        return VG_SAME_HR;
    }
    return item->signal == VG_RR ? VG_SAME_RR : VG_SAMES;
}

/* Since when it was the same value, with this item. */
static struct vg_instant same_since(struct vg_quality_same *same,
                                    const struct vg_item *item, vg_ms pause)
{
    const bool flat = item->low == item->high;
    const bool goes_on = !vg_slot_taken(&same->slot, item) && flat &&
                         item->low == same->value &&
                         vg_since(item->at, same->slot.heard) <= pause;

    if (goes_on) {
        return vg_after(same->slot.heard, -(vg_ms)same->length);
    }
    return flat ? item->at : item->to;
}

/* Each device's by themselves: one that works says nothing of one that is stuck. What one said
 * that is gone ends when the other one does not stick. */
void vg_quality_same(struct vg_quality_state *state, const struct vg_item *item)
{
    const enum vg_quality_same_name name = same_of(item);

    if (name == VG_SAMES) {
        return;
    }
    struct vg_quality_same *both = state->same[name];
    const unsigned i =
        vg_slot_pick(&both[0].slot, &both[1].slot, item, stuck[name].pause);
    if (i == VG_SLOTS) {
        return;
    }
    struct vg_quality_same *same = &both[i];
    struct vg_quality_same *other = &both[1 - i];
    const struct vg_instant since = same_since(same, item, stuck[name].pause);
    const vg_ms length = vg_since(vg_later(item->to, since), since);
    same->value = (int16_t)item->high;
    same->length = length > UINT32_MAX ? UINT32_MAX : (uint32_t)length;
    const bool sticks = length >= stuck[name].same;
    if (!sticks && vg_slot_gone(&other->slot, item->to, stuck[name].pause)) {
        other->length = 0;
        other->slot.bad = false;
    }
    vg_slot_heard(&same->slot, &other->slot, item, sticks);
}

struct vg_instant vg_quality_stuck(const struct vg_quality_state *state)
{
    struct vg_instant since = {0};

    for (unsigned n = 0; n < VG_SAMES * VG_SLOTS; n++) {
        const struct vg_quality_same *same = &state->same[n / VG_SLOTS][n % VG_SLOTS];
        const struct vg_instant begin =
            vg_after(same->slot.heard, -(vg_ms)same->length);
        if (same->length >= stuck[n / VG_SLOTS].same &&
            (!vg_state_set(since) || begin.ms < since.ms)) {
            since = begin;
        }
    }
    return since;
}

/* ---- Silent feeds */

#define SILENCE (5 * VG_MINUTE) /* inclusive. Clinical reference 9.4, 1.4 */
/* A signal is monitored continuously once it had five samples over a minute, none later
 * than a run allows (1.2, 1.4); no longer once it came back three times in a row after
 * a silence that counts and each time for less than that (project proposal). */
#define WATCH_COUNT  5
#define WATCH_FOR    VG_MINUTE
#define WATCH_SPARSE 3

vg_ms vg_quality_silence(const struct vg_quality_feed *feed)
{
    const vg_ms twice = 2 * (vg_ms)feed->pause; /* a patch that reports every 10 min */

    return twice > SILENCE ? twice : SILENCE;
}

static void restart(struct vg_quality_feed *feed, struct vg_instant at)
{
    if (feed->watched && vg_since(at, feed->last) >= vg_quality_silence(feed)) {
        feed->sparse++;
        feed->watched = feed->sparse < WATCH_SPARSE;
    }
    feed->first = at;
    feed->count = 0;
}

void vg_quality_feed(struct vg_quality_state *state, const struct vg_item *item)
{
    if (!vg_item_stream(item) || (item->marks & VG_MARK_POOR) != 0) {
        return;
    }
    struct vg_quality_feed *feed = &state->feed[item->signal];
    const vg_ms longest = vg_signal_info((enum vg_signal)item->signal)->gap;
    const vg_ms pause = vg_since(item->at, feed->last);
    if (!vg_state_set(feed->last) || pause > longest) {
        restart(feed, item->at);
    } else {
        feed->pause -= feed->pause / 16; /* one long pause is forgotten in time */
        feed->pause = pause > (vg_ms)feed->pause ? (uint32_t)pause : feed->pause;
    }
    const unsigned count = (unsigned)feed->count + item->count;
    feed->count = (uint8_t)(count > WATCH_COUNT ? WATCH_COUNT : count);
    feed->last = vg_later(feed->last, item->to);
    if (count >= WATCH_COUNT && vg_since(feed->last, feed->first) >= WATCH_FOR) {
        feed->watched = true;
        feed->sparse = 0;
    }
}
