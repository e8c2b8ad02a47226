/* SPDX-License-Identifier: Apache-2.0
 *
 * The hypoxia axis. See oxygen.h. Limits and spans: project proposals of Clinical
 * reference 1.4.
 */
#include "core/assess/oxygen.h"

#include <string.h>

#include "core/course.h"

#define PAUSE   (120 * VG_SECOND) /* longest in a run; beyond it a feed is sparse */
#define SPARSE  (15 * VG_MINUTE)  /* two in a row, this far apart at most */
#define LONE    (120 * VG_SECOND) /* a single very low sample that nothing follows */
#define RECHART (12 * VG_HOUR)    /* 0.4 */

struct limits {
    int64_t low, severe, back;
};

/* Scale 2: shifted limits. */
static struct limits limits_at(const struct vg_state *state, struct vg_instant at)
{
    static const struct limits usual = {90, 85, 92};
    static const struct limits scale2 = {86, 82, 88};

    return vg_flag_holds(&state->chart, VG_FLAG_SCALE2, at) ? scale2 : usual;
}

static void run_step(struct vg_oxygen_run *run, const struct vg_item *item, bool inside)
{
    if (!inside) {
        run->start = (struct vg_instant){0};
        return;
    }
    if (!vg_state_set(run->start) || vg_since(item->at, run->last) > SPARSE) {
        run->start = item->at;
    }
    run->last = item->to;
}

/* Long enough, or sparse: the pause before this sample was long, and both were inside. */
static bool held(const struct vg_oxygen_run *run, vg_ms span, vg_ms pause)
{
    return vg_state_set(run->start) &&
           (vg_since(run->last, run->start) >= span || pause > PAUSE) &&
           run->start.ms < run->last.ms;
}

/* Since when the finding stands, by whatever; 0: it does not. */
static struct vg_instant standing(const struct vg_oxygen *oxygen,
                                  enum vg_oxygen_limit limit)
{
    struct vg_instant since = oxygen->spot[limit];

    for (unsigned i = 0; i < VG_SLOTS; i++) {
        const struct vg_instant one = oxygen->stream[i].lane[limit].since;
        if (vg_state_set(one)) {
            since = vg_state_set(since) ? vg_earlier(since, one) : one;
        }
    }
    return since;
}

/* A finding that stands already goes on, whoever opened it. */
static void raise(const struct vg_oxygen *oxygen, enum vg_oxygen_limit limit,
                  struct vg_instant *mine, struct vg_instant since)
{
    if (!vg_state_set(*mine)) {
        const struct vg_instant old = standing(oxygen, limit);
        *mine = vg_state_set(old) ? old : since;
    }
}

static bool lone_due(const struct vg_oxygen_stream *stream, struct vg_instant at)
{
    return vg_state_set(stream->lone) && vg_since(at, stream->lone) > LONE;
}

static void close_stream(struct vg_oxygen_stream *stream)
{
    stream->lane[VG_HYPOXIA].since = (struct vg_instant){0};
    stream->lane[VG_HYPOXIA_SEVERE].since = (struct vg_instant){0};
}

/* 0.3: of a value that came more than 8 h late only the floor of 9.4 is asked. */
static bool floor_only(const struct vg_item *item)
{
    return (item->marks & VG_MARK_OLD) != 0;
}

/* ---- Spot values */

static bool low_now(const struct vg_oxygen_stream *stream, struct vg_instant at)
{
    return vg_state_set(stream->lane[VG_HYPOXIA].any) &&
           vg_since(at, stream->slot.heard) <= PAUSE;
}

static void spot_back(struct vg_oxygen *oxygen, const struct vg_item *item)
{
    for (unsigned i = 0; i < VG_SLOTS; i++) {
        struct vg_oxygen_stream *stream = &oxygen->stream[i];
        if (stream->slot.device == item->device || !low_now(stream, item->at)) {
            close_stream(stream);
            if (lone_due(stream, item->at)) {
                stream->lone = (struct vg_instant){0};
            }
        }
    }
    oxygen->spot[VG_HYPOXIA] = oxygen->spot[VG_HYPOXIA_SEVERE] = (struct vg_instant){0};
}

static void spot(struct vg_oxygen *oxygen, const struct vg_item *item, struct limits l)
{
    if (item->low < l.low && !floor_only(item)) {
        raise(oxygen, VG_HYPOXIA, &oxygen->spot[VG_HYPOXIA], item->at);
    }
    if (item->low < l.severe) {
        raise(oxygen, VG_HYPOXIA_SEVERE, &oxygen->spot[VG_HYPOXIA_SEVERE], item->at);
    }
    if (item->low >= l.back && (item->marks & VG_MARK_CLOCK) == 0) {
        spot_back(oxygen, item);
    }
}

/* ---- Streams */

static void raise_severe(struct vg_oxygen *oxygen, struct vg_oxygen_stream *stream,
                         struct vg_instant since)
{
    raise(oxygen, VG_HYPOXIA_SEVERE, &stream->lane[VG_HYPOXIA_SEVERE].since, since);
}

/* A sample below 85 counts alone after a pause, or when nothing follows it for 120 s. */
static void lone_step(struct vg_oxygen *oxygen, struct vg_oxygen_stream *stream,
                      const struct vg_item *item, bool severe, vg_ms pause)
{
    if (lone_due(stream, item->at)) {
        raise_severe(oxygen, stream, stream->lone);
    }
    stream->lone = severe ? item->to : (struct vg_instant){0};
    if (severe && pause > LONE) {
        raise_severe(oxygen, stream, item->at);
    }
}

static const struct {
    vg_ms span, poor_span;
} spans[VG_OXYGEN_LIMITS] = {[VG_HYPOXIA] = {60 * VG_SECOND, 300 * VG_SECOND},
                             [VG_HYPOXIA_SEVERE] = {15 * VG_SECOND, 120 * VG_SECOND}};

static void lane_step(const struct vg_oxygen *oxygen, struct vg_oxygen_stream *stream,
                      enum vg_oxygen_limit limit, const struct vg_item *item, bool low,
                      vg_ms pause)
{
    struct vg_oxygen_lane *lane = &stream->lane[limit];
    const bool poor = (item->marks & VG_MARK_POOR) != 0;

    if (!low) {
        lane->any = (struct vg_instant){0};
    } else if (!vg_state_set(lane->any) ||
               vg_since(item->at, stream->slot.heard) > SPARSE) {
        lane->any = item->at;
    }
    if (!poor) {
        run_step(&lane->run, item, low);
    }
    if (!poor && low && held(&lane->run, spans[limit].span, pause)) {
        raise(oxygen, limit, &lane->since, lane->run.start);
    }
    if (low && vg_since(item->to, lane->any) >= spans[limit].poor_span) {
        raise(oxygen, limit, &lane->since, lane->any);
    }
}

/* What another device has opened ends only when that is gone. */
static void stream_back(struct vg_oxygen *oxygen, struct vg_oxygen_stream *stream,
                        struct vg_oxygen_stream *other, const struct vg_item *item,
                        vg_ms pause)
{
    struct vg_oxygen_run since = stream->back;

    if (!held(&stream->back, 60 * VG_SECOND, pause)) {
        return;
    }
    close_stream(stream);
    oxygen->spot[VG_HYPOXIA] = oxygen->spot[VG_HYPOXIA_SEVERE] = (struct vg_instant){0};
    since.start = vg_slot_since(&stream->slot, &other->slot, since.start, item);
    if (vg_slot_gone(&other->slot, item->to, VG_SLOT_SILENT) &&
        held(&since, 60 * VG_SECOND, pause)) {
        const struct vg_slot slot = other->slot;
        *other = (struct vg_oxygen_stream){.slot = slot};
        other->slot.bad = false;
    }
}

/* The item's device's; what a device that is gone has opened stays open. NULL: not counted. */
static struct vg_oxygen_stream *stream_of(struct vg_oxygen *oxygen,
                                          const struct vg_item *item)
{
    const unsigned i = vg_slot_pick(&oxygen->stream[0].slot, &oxygen->stream[1].slot,
                                    item, VG_SLOT_SILENT);
    struct vg_oxygen_stream *stream = i < VG_SLOTS ? &oxygen->stream[i] : NULL;

    if (stream != NULL && vg_slot_taken(&stream->slot, item)) {
        const struct vg_oxygen_stream old = *stream;
        *stream = (struct vg_oxygen_stream){0};
        stream->lane[VG_HYPOXIA].since = old.lane[VG_HYPOXIA].since;
        stream->lane[VG_HYPOXIA_SEVERE].since = old.lane[VG_HYPOXIA_SEVERE].since;
        if (lone_due(&old, item->at)) {
            raise_severe(oxygen, stream, old.lone);
        }
    }
    return stream;
}

static bool is_bad(const struct vg_oxygen_stream *stream)
{
    const struct vg_oxygen_lane *lane = stream->lane;

    return vg_state_set(lane[VG_HYPOXIA].any) || vg_state_set(stream->lone) ||
           vg_state_set(lane[VG_HYPOXIA].since) ||
           vg_state_set(lane[VG_HYPOXIA_SEVERE].since);
}

static void stream_step(struct vg_oxygen *oxygen, const struct vg_item *item,
                        struct limits l)
{
    struct vg_oxygen_stream *mine = stream_of(oxygen, item);

    if (mine == NULL) {
        return;
    }
    struct vg_oxygen_stream *other =
        &oxygen->stream[mine == &oxygen->stream[0] ? 1 : 0];
    const vg_ms pause =
        vg_state_set(mine->slot.heard) ? vg_since(item->at, mine->slot.heard) : 0;
    if (!floor_only(item)) { /* it breaks no run either */
        lane_step(oxygen, mine, VG_HYPOXIA, item, item->high < l.low, pause);
    }
    lane_step(oxygen, mine, VG_HYPOXIA_SEVERE, item, item->high < l.severe, pause);
    if ((item->marks & VG_MARK_POOR) == 0) {
        lone_step(oxygen, mine, item, item->high < l.severe, pause);
        if ((item->marks & VG_MARK_CLOCK) == 0) {
            run_step(&mine->back, item, item->low >= l.back);
        }
        stream_back(oxygen, mine, other, item, pause);
    }
    vg_slot_heard(&mine->slot, &other->slot, item, is_bad(mine));
}

/* Not even that. */
static bool too_late(const struct vg_item *item, struct limits l)
{
    return floor_only(item) && item->low >= l.severe;
}

void vg_oxygen_step(struct vg_state *state, const struct vg_view *view,
                    const struct vg_item *item)
{
    struct vg_oxygen *oxygen = &state->oxygen;
    const struct limits l = limits_at(state, item->at);

    (void)view;
    if (item->signal != VG_SPO2 || !vg_item_valid(item) || too_late(item, l)) {
        return;
    }
    if (vg_item_stream(item)) {
        stream_step(oxygen, item, l);
    } else if ((item->marks & VG_MARK_POOR) == 0) {
        spot(oxygen, item, l);
    }
    if ((item->marks & VG_MARK_POOR) == 0) {
        oxygen->value_at = item->to;
        oxygen->value = item->low;
    }
}

/* A very low sample that nothing followed: the earliest of those; 0: none. */
static struct vg_instant lone(const struct vg_oxygen *oxygen, struct vg_instant at)
{
    struct vg_instant first = {0};

    for (unsigned i = 0; i < VG_SLOTS; i++) {
        const struct vg_oxygen_stream *stream = &oxygen->stream[i];
        if (lone_due(stream, at)) {
            first =
                vg_state_set(first) ? vg_earlier(first, stream->lone) : stream->lone;
        }
    }
    return first;
}

bool vg_oxygen_hypoxic(const struct vg_oxygen *oxygen, struct vg_instant at)
{
    return vg_state_set(standing(oxygen, VG_HYPOXIA)) ||
           vg_state_set(standing(oxygen, VG_HYPOXIA_SEVERE)) ||
           vg_state_set(lone(oxygen, at));
}

/* ---- Judging */

static void judge_chart(const struct vg_state *state, struct vg_instant at,
                        struct vg_oxygen_out *out, struct vg_instant *next)
{
    const struct vg_chart *chart = &state->chart;
    const bool charted = vg_state_set(chart->device_at);
    const struct vg_instant due = vg_after(chart->device_at, RECHART);

    out->flow_missing = vg_found(charted && chart->device == VG_NASAL_CANNULA &&
                                     chart->flow == VG_NO_VALUE,
                                 chart->device_at);
    out->device_unknown =
        vg_found(charted && chart->device == VG_DEVICE_UNKNOWN, chart->device_at);
    out->recharting =
        vg_found(charted && chart->device != VG_ROOM_AIR && at.ms > due.ms, due);
    if (charted) {
        vg_next(next, at, vg_after(due, 1));
    }
}

void vg_oxygen_judge(const struct vg_state *state, const struct vg_view *view,
                     struct vg_instant at, struct vg_assessment *out,
                     struct vg_instant *next)
{
    const struct vg_oxygen *oxygen = &state->oxygen;
    struct vg_oxygen_out *o = &out->oxygen;
    const struct vg_instant low = standing(oxygen, VG_HYPOXIA);
    struct vg_instant severe = standing(oxygen, VG_HYPOXIA_SEVERE);

    if (!vg_state_set(severe)) {
        severe = lone(oxygen, at);
    }
    memset(o, 0, sizeof *o);
    o->tier = vg_oxygen_tier(state, view, at);
    o->severe = vg_found(vg_state_set(severe), severe);
    o->hypoxia =
        vg_found(vg_state_set(low) && vg_patient_adult(view->patient), low); /* 0.7 */
    vg_lost_with(&o->severe, state, VG_SPO2, at, next);
    vg_lost_with(&o->hypoxia, state, VG_SPO2, at, next);
    judge_chart(state, at, o, next);
    for (unsigned i = 0; i < VG_SLOTS; i++) {
        if (vg_state_set(oxygen->stream[i].lone)) {
            vg_next(next, at, vg_after(oxygen->stream[i].lone, LONE + 1));
        }
    }
    if (vg_state_set(oxygen->value_at)) {
        vg_next(next, at, vg_after(oxygen->value_at, VG_OXYGEN_CARRY + 1));
    }
}
