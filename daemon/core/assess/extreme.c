/* SPDX-License-Identifier: Apache-2.0
 *
 * Extreme vital signs. See extreme.h. Limits and span: Clinical reference 9.4 (project
 * proposal); a spot value counts at once. The end is not given there: a normal spot value,
 * or a stream that has been normal for as long as it takes to raise.
 */
#include "core/assess/extreme.h"

#include "core/course.h"

#define SPAN  (60 * VG_SECOND)
#define PAUSE (120 * VG_SECOND)
/* Of a monitor that reports more seldom two in a row, this far apart at most, are as good as a minute: as of saturation
 * (1.4; project proposal). Not of one that reported often until the first of them. */
#define SPARSE (15 * VG_MINUTE)

/* The last value that is extreme from above, and the first from below. */
static const struct {
    int64_t low, high;
} limits[VG_EXTREMES] = {[VG_EXTREME_HR] = {34, 151}, [VG_EXTREME_RR] = {6, 36}};

static bool all_extreme(enum vg_extreme_signal s, unsigned limit,
                        const struct vg_item *item)
{
    return limit == VG_EXTREME_HIGH ? item->low >= limits[s].high
                                    : item->high <= limits[s].low;
}

static bool inside(enum vg_extreme_signal s, const struct vg_item *item)
{
    return all_extreme(s, VG_EXTREME_LOW, item) ||
           all_extreme(s, VG_EXTREME_HIGH, item);
}

static bool may_end(const struct vg_item *item)
{
    return (item->marks & VG_MARK_CLOCK) == 0;
}

/* ---- Spot values */

static bool extreme_now(const struct vg_extreme_stream *stream, unsigned limit,
                        struct vg_instant at)
{
    return vg_state_set(stream->lane[limit].start) &&
           vg_since(at, stream->slot.heard) <= PAUSE;
}

static void spot(struct vg_extreme *x, enum vg_extreme_signal s, unsigned limit,
                 const struct vg_item *item)
{
    const bool extreme = all_extreme(s, limit, item);

    for (unsigned i = 0; i < VG_SLOTS; i++) {
        struct vg_extreme_stream *stream = &x->stream[s][i];
        if (extreme) {
            stream->lane[limit].calm = (struct vg_instant){0};
        } else if (may_end(item) && (stream->slot.device == item->device ||
                                     !extreme_now(stream, limit, item->at))) {
            stream->lane[limit].since = (struct vg_instant){0};
        }
    }
    if (!extreme && may_end(item)) {
        x->spot[s][limit] = (struct vg_instant){0};
    } else if (extreme && !vg_state_set(x->spot[s][limit])) {
        x->spot[s][limit] = item->at;
    }
}

/* ---- Streams */

/* `pause`: since the device's sample before; `long_before`: this is none of a device that was just heard. */
static void extreme(struct vg_extreme_lane *lane, const struct vg_item *item,
                    vg_ms pause, bool long_before)
{
    lane->calm = (struct vg_instant){0};
    if (!vg_state_set(lane->start) || pause > (lane->seldom ? SPARSE : PAUSE)) {
        lane->start = item->at;
        lane->seldom = long_before;
    }
    if (!vg_state_set(lane->since) && vg_since(item->to, lane->start) >= SPAN) {
        lane->since = lane->start;
    }
}

/* Whether it has been normal for long enough. */
static bool normal(struct vg_extreme_lane *lane, const struct vg_item *item)
{
    lane->start = (struct vg_instant){0};
    if (!may_end(item)) {
        return false;
    }
    if (!vg_state_set(lane->calm)) {
        lane->calm = item->at;
    }
    if (vg_since(item->to, lane->calm) < SPAN) {
        return false;
    }
    lane->since = (struct vg_instant){0};
    return true;
}

static bool is_bad(const struct vg_extreme_stream *stream)
{
    const struct vg_extreme_lane *lane = stream->lane;

    return (lane[0].start.ms | lane[0].since.ms | lane[1].start.ms |
            lane[1].since.ms) != 0;
}

/* What another device has opened ends only when that is gone. */
static void end_other(const struct vg_extreme_stream *mine,
                      struct vg_extreme_stream *other, unsigned limit,
                      const struct vg_item *item)
{
    const struct vg_instant since =
        vg_slot_since(&mine->slot, &other->slot, mine->lane[limit].calm, item);

    if (vg_slot_gone(&other->slot, item->to, VG_SLOT_SILENT) &&
        vg_since(item->to, since) >= SPAN) {
        other->lane[limit] = (struct vg_extreme_lane){0};
        other->slot.bad =
            vg_state_set(other->lane[0].start) || vg_state_set(other->lane[0].since) ||
            vg_state_set(other->lane[1].start) || vg_state_set(other->lane[1].since);
    }
}

/* What a device that is gone has opened stays open. NULL: not counted. */
static struct vg_extreme_stream *stream_of(struct vg_extreme_stream stream[],
                                           const struct vg_item *item)
{
    const unsigned i =
        vg_slot_pick(&stream[0].slot, &stream[1].slot, item, VG_SLOT_SILENT);

    if (i < VG_SLOTS && vg_slot_taken(&stream[i].slot, item)) {
        const struct vg_extreme_stream old = stream[i];
        stream[i] = (struct vg_extreme_stream){0};
        for (unsigned l = 0; l < VG_EXTREME_LIMITS; l++) {
            stream[i].lane[l].since = old.lane[l].since;
        }
    }
    return i < VG_SLOTS ? &stream[i] : NULL;
}

static void stream_step(struct vg_extreme *x, enum vg_extreme_signal s,
                        const struct vg_item *item, bool long_before)
{
    struct vg_extreme_stream *mine = stream_of(x->stream[s], item);

    if (mine == NULL) {
        return;
    }
    struct vg_extreme_stream *other = &x->stream[s][mine == &x->stream[s][0] ? 1 : 0];
    for (unsigned l = 0; l < VG_EXTREME_LIMITS; l++) {
        if (all_extreme(s, l, item)) {
            extreme(&mine->lane[l], item, vg_since(item->at, mine->slot.heard),
                    long_before);
        } else if (normal(&mine->lane[l], item)) {
            x->spot[s][l] = (struct vg_instant){0};
            end_other(mine, other, l, item);
        }
    }
    vg_slot_heard(&mine->slot, &other->slot, item, is_bad(mine));
}

static bool any(const struct vg_extreme *x, enum vg_extreme_signal s)
{
    return (x->spot[s][0].ms | x->spot[s][1].ms) != 0 || is_bad(&x->stream[s][0]) ||
           is_bad(&x->stream[s][1]);
}

void vg_extreme_step(struct vg_state *state, const struct vg_view *view,
                     const struct vg_item *item)
{
    const bool hr = item->signal == VG_HR;
    const enum vg_extreme_signal s = hr ? VG_EXTREME_HR : VG_EXTREME_RR;

    (void)view;
    if (!vg_item_valid(item) || (!hr && item->signal != VG_RR)) {
        return;
    }
    struct vg_extreme *x = &state->extreme;
    const bool long_before = vg_slot_long_before(&x->last[s], item, PAUSE);
    if (!x->any[s] && !inside(s, item)) {
        return; /* mostly */
    }
    if (vg_item_stream(item)) {
        stream_step(x, s, item, long_before);
    } else {
        spot(x, s, VG_EXTREME_LOW, item);
        spot(x, s, VG_EXTREME_HIGH, item);
    }
    x->any[s] = any(x, s);
}

/* ---- Judging */

static struct vg_instant first_of(const struct vg_extreme *x, unsigned s)
{
    struct vg_instant first = VG_NEVER;

    for (unsigned l = 0; x->any[s] && l < VG_EXTREME_LIMITS; l++) {
        const struct vg_instant each[] = {x->spot[s][l], x->stream[s][0].lane[l].since,
                                          x->stream[s][1].lane[l].since};
        for (size_t n = 0; n < sizeof each / sizeof each[0]; n++) {
            first = vg_state_set(each[n]) ? vg_earlier(first, each[n]) : first;
        }
    }
    return first;
}

/* P or U, not sedated; what was charted stands until something else is. */
static bool unresponsive(const struct vg_state *state, struct vg_instant at)
{
    const struct vg_chart *chart = &state->chart;

    return vg_state_set(chart->acvpu_at) &&
           (chart->acvpu == VG_PAIN || chart->acvpu == VG_UNRESPONSIVE) &&
           !vg_flag_holds(chart, VG_FLAG_SEDATED, at);
}

void vg_extreme_judge(const struct vg_state *state, const struct vg_view *view,
                      struct vg_instant at, struct vg_assessment *out,
                      struct vg_instant *next)
{
    static const enum vg_signal signals[VG_EXTREMES] = {
        [VG_EXTREME_HR] = VG_HR, [VG_EXTREME_RR] = VG_RR};
    struct vg_instant since = VG_NEVER;
    bool fresh = false;

    if (vg_patient_adult(view->patient)) { /* flags end through the chart */
        for (unsigned s = 0; s < VG_EXTREMES; s++) {
            const struct vg_instant one = first_of(&state->extreme, s);
            if (!vg_is_never(one) && vg_fresh(state, signals[s], at, next)) {
                fresh = true;
            }
            since = vg_earlier(since, one);
        }
        if (unresponsive(state, at)) {
            since = vg_earlier(since, state->chart.acvpu_at);
            fresh = true;
        }
    }
    out->extreme.vital = vg_found(!vg_is_never(since), since);
    out->extreme.vital.lost = !vg_is_never(since) && !fresh;
}
