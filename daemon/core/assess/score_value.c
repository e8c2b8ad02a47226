/* SPDX-License-Identifier: Apache-2.0
 *
 * The values that scores are made of. See score_value.h.
 */
#include "core/assess/score_value.h"

#include <assert.h>

#include "core/course.h"

#define CARRY (60 * VG_MINUTE) /* 0.4, inclusive */
#define HELD  (5 * VG_MINUTE)  /* 4.2; project proposal */
/* A stream with one sample in its last 5 min is judged by two, if they are not farther
 * apart than this (the sparse rule of 1.4). */
#define SPARSE (15 * VG_MINUTE)
/* Between samples a stream goes on for so long (1.4, gap of a continuous run). */
#define ALIVE (120 * VG_SECOND)
/* A patch below 35.5 Cel is not used (10.2). */
#define PATCH_COOL 355

/* A value passes at or below `low`, or at or above `high`. */
struct limit {
    int16_t low, high;
};
#define NO_LOW  INT16_MIN
#define NO_HIGH INT16_MAX

/* RCP 2017, chart 1: points 1, 2 and 3; then SIRS (ACCP/SCCM) and qSOFA (Sepsis-3):
 * Clinical reference 4.1 and 5.1. */
static const struct limit rr[] = {
    {11, 21}, {8, 21}, {8, 25}, {NO_LOW, 21}, {NO_LOW, 22}};
static const struct limit spo2[] = {{95, NO_HIGH}, {93, NO_HIGH}, {91, NO_HIGH},
                                    {87, NO_HIGH}, {85, NO_HIGH}, {83, NO_HIGH},
                                    {87, 93},      {85, 95},      {83, 97}};
static const struct limit sbp[] = {{110, 220}, {100, 220}, {90, 220}, {100, NO_HIGH}};
static const struct limit hr[] = {{50, 91}, {40, 111}, {40, 131}, {NO_LOW, 91}};
static const struct limit temp[] = {{360, 381}, {350, 391}, {350, NO_HIGH}, {359, 381}};

#define LIST(name) name, sizeof(name) / sizeof((name)[0])

/* Parts of NEWS2 that are measured. */
static const struct {
    const struct limit *limit;
    size_t limits;
    enum vg_score_source first, end;
} parts[VG_NEWS2_PARTS] = {
    [VG_NEWS2_RR] = {LIST(rr), VG_SCORE_RR, VG_SCORE_SPO2},
    [VG_NEWS2_SPO2] = {LIST(spo2), VG_SCORE_SPO2, VG_SCORE_SBP},
    [VG_NEWS2_SBP] = {LIST(sbp), VG_SCORE_SBP, VG_SCORE_HR},
    [VG_NEWS2_HR] = {LIST(hr), VG_SCORE_HR, VG_SCORE_TEMP},
    [VG_NEWS2_TEMP] = {LIST(temp), VG_SCORE_TEMP, VG_SCORE_SOURCES},
};

/* Trust: 0.9. A continuous core, oral, tympanic or rectal probe ranks with the spot. */
static const struct {
    enum vg_news2_part part;
    uint8_t trust;
    bool stream;
    uint8_t failed; /* where its limits begin in vg_score_values.failed */
} sources[VG_SCORE_SOURCES] = {
    [VG_SCORE_RR] = {VG_NEWS2_RR, 0, false, 0},
    [VG_SCORE_RR_STREAM] = {VG_NEWS2_RR, 0, true, 0},
    [VG_SCORE_SPO2] = {VG_NEWS2_SPO2, 0, false, 0},
    [VG_SCORE_SPO2_STREAM] = {VG_NEWS2_SPO2, 0, true, 5},
    [VG_SCORE_SBP] = {VG_NEWS2_SBP, 0, false, 0},
    [VG_SCORE_SBP_STREAM] = {VG_NEWS2_SBP, 0, true, 14},
    [VG_SCORE_SBP_LINE] = {VG_NEWS2_SBP, 1, true, 18},
    [VG_SCORE_HR] = {VG_NEWS2_HR, 0, false, 0},
    [VG_SCORE_HR_STREAM] = {VG_NEWS2_HR, 0, true, 22},
    [VG_SCORE_TEMP] = {VG_NEWS2_TEMP, 2, false, 0},
    [VG_SCORE_TEMP_AXILLARY] = {VG_NEWS2_TEMP, 1, false, 0},
    [VG_SCORE_TEMP_PROBE] = {VG_NEWS2_TEMP, 2, true, 26},
    [VG_SCORE_TEMP_PATCH] = {VG_NEWS2_TEMP, 0, true, 30},
};

static enum vg_score_source source_of(const struct vg_item *item)
{
    static const enum vg_score_source by_class[VG_TEMP_CLASSES] = {
        [VG_TEMP_SPOT] = VG_SCORE_TEMP,
        [VG_TEMP_AXILLARY] = VG_SCORE_TEMP_AXILLARY,
        [VG_TEMP_PATCH] = VG_SCORE_TEMP_PATCH,
        [VG_TEMP_PROBE] = VG_SCORE_TEMP_PROBE};
    const bool stream = vg_item_stream(item);

    switch (item->signal) {
    case VG_RR:
        return stream ? VG_SCORE_RR_STREAM : VG_SCORE_RR;
    case VG_SPO2:
        return stream ? VG_SCORE_SPO2_STREAM : VG_SCORE_SPO2;
    case VG_HR:
        return stream ? VG_SCORE_HR_STREAM : VG_SCORE_HR;
    case VG_SBP:
        if (item->source == VG_SOURCE_ARTERIAL) {
            return VG_SCORE_SBP_LINE;
        }
        return stream ? VG_SCORE_SBP_STREAM : VG_SCORE_SBP;
    case VG_TEMP:
        return by_class[vg_item_temp_class(item)];
    default:                     /* not reached: of the signals above alone */
        return VG_SCORE_SOURCES; /* not reached: the same */
    }
}

/* SpO2 with a poor signal is set aside (1.4), a cool patch is not used (10.2). */
static bool usable(const struct vg_item *item, enum vg_score_source source)
{
    return vg_item_valid(item) && (item->marks & VG_MARK_POOR) == 0 &&
           (source != VG_SCORE_TEMP_PATCH || item->low >= PATCH_COOL);
}

static bool bit(uint16_t bits, size_t i)
{
    return ((unsigned)bits >> i & 1U) != 0;
}

static uint16_t passes_of(enum vg_news2_part part, int64_t value)
{
    unsigned bits = 0;

    for (size_t i = 0; i < parts[part].limits; i++) {
        const struct limit limit = parts[part].limit[i];
        bits |= (unsigned)(value <= limit.low || value >= limit.high) << i;
    }
    return (uint16_t)bits;
}

static void note_failed(struct vg_score_values *values, enum vg_score_source source,
                        uint16_t passes, struct vg_instant at)
{
    struct vg_instant *failed = values->failed + sources[source].failed;

    for (size_t i = 0; i < parts[sources[source].part].limits; i++) {
        if (!bit(passes, i)) {
            failed[i] = vg_later(failed[i], at);
        }
    }
}

/* Something else than one more sample of a steady stream. */
static bool news(const struct vg_score_value *before, const struct vg_score_value *now,
                 struct vg_instant first)
{
    return before->passes != now->passes || before->late != now->late ||
           before->clock != now->clock || vg_since(first, before->at) > ALIVE ||
           vg_since(before->at, before->previous) > ALIVE;
}

enum vg_score_lateness vg_score_late(unsigned marks)
{
    const unsigned late = marks & (VG_MARK_LATE | VG_MARK_OLD);

    return late == (VG_MARK_LATE | VG_MARK_OLD) ? VG_SCORE_STALE
           : late != 0                          ? VG_SCORE_LATE
                                                : VG_SCORE_TIMELY;
}

bool vg_score_take(struct vg_score_values *values, const struct vg_item *item)
{
    const enum vg_score_source source = source_of(item);

    if (source == VG_SCORE_SOURCES || !usable(item, source)) {
        return false;
    }
    const enum vg_news2_part part = sources[source].part;
    struct vg_score_value *kept = &values->source[source];
    const struct vg_score_value before = *kept;

    *kept = (struct vg_score_value){
        .at = vg_later(before.at, item->to),
        .previous = item->count > 1 ? item->at : before.at,
        .begun = vg_state_set(before.begun) ? before.begun : item->at,
        .value = (int16_t)item->high,
        .passes = passes_of(part, item->low) & passes_of(part, item->high),
        .late = (uint8_t)vg_score_late(item->marks),
        .clock = (item->marks & VG_MARK_CLOCK) != 0};
    if (!sources[source].stream) {
        return true;
    }
    note_failed(values, source, kept->passes, item->to);
    return news(&before, kept, item->at);
}

enum vg_score_source vg_score_choose(const struct vg_score_values *values,
                                     enum vg_news2_part part, enum vg_score_which which,
                                     struct vg_instant at)
{
    static const uint8_t latest[] = {[VG_SCORE_ALL] = VG_SCORE_STALE,
                                     [VG_SCORE_CHARTED] = VG_SCORE_TIMELY,
                                     [VG_SCORE_CHARTED_LATE] = VG_SCORE_LATE};
    enum vg_score_source best = VG_SCORE_SOURCES;

    for (unsigned i = parts[part].first; i < parts[part].end; i++) {
        const struct vg_score_value *value = &values->source[i];
        if (!vg_state_set(value->at) || vg_since(at, value->at) > CARRY ||
            (which != VG_SCORE_ALL && sources[i].stream) ||
            value->late > latest[which]) {
            continue;
        }
        if (best == VG_SCORE_SOURCES || sources[i].trust > sources[best].trust ||
            (sources[i].trust == sources[best].trust &&
             vg_earlier(value->at, at).ms > values->source[best].at.ms)) {
            best = (enum vg_score_source)i;
        }
    }
    return best;
}

/* The beginning of what a stream is judged by at `at`. */
static struct vg_instant judged_from(const struct vg_score_value *value,
                                     struct vg_instant at)
{
    const struct vg_instant newest = vg_earlier(value->at, at);
    const struct vg_instant end = vg_earlier(at, vg_after(value->at, ALIVE));
    const struct vg_instant start = vg_after(end, -HELD);

    return value->previous.ms < start.ms && vg_since(newest, value->previous) <= SPARSE
               ? value->previous
               : start;
}

bool vg_score_passes(const struct vg_score_values *values, enum vg_score_source source,
                     unsigned limit, struct vg_instant at)
{
    const struct vg_score_value *value = &values->source[source];

    if (!bit(value->passes, limit)) {
        return false;
    }
    return !sources[source].stream ||
           values->failed[sources[source].failed + limit].ms <
               judged_from(value, at).ms;
}

int vg_score_points(const struct vg_score_values *values, enum vg_score_source source,
                    enum vg_spo2_scale scale, struct vg_instant at)
{
    const unsigned first =
        sources[source].part == VG_NEWS2_SPO2 ? 3U * (unsigned)scale : VG_SCORE_POINT;

    for (int points = 3; points > 0; points--) {
        if (vg_score_passes(values, source, first + (unsigned)points - 1, at)) {
            return points;
        }
    }
    return 0;
}

void vg_score_next(const struct vg_score_values *values, enum vg_score_source source,
                   struct vg_instant at, struct vg_instant *next)
{
    const struct vg_score_value *value = &values->source[source];

    vg_next(next, at, vg_after(value->at, CARRY + 1));
    if (!sources[source].stream) {
        return;
    }
    const struct vg_instant *failed = values->failed + sources[source].failed;
    for (size_t i = 0; i < parts[sources[source].part].limits; i++) {
        if (bit(value->passes, i) && vg_state_set(failed[i])) {
            vg_next(next, at, vg_after(failed[i], HELD + 1));
        }
    }
}

bool vg_score_value(const struct vg_state *state, enum vg_signal signal,
                    struct vg_instant at, int64_t *out, struct vg_instant *next)
{
    static const struct {
        enum vg_signal signal;
        enum vg_news2_part part;
    } signals[] = {{VG_RR, VG_NEWS2_RR},
                   {VG_SPO2, VG_NEWS2_SPO2},
                   {VG_SBP, VG_NEWS2_SBP},
                   {VG_HR, VG_NEWS2_HR},
                   {VG_TEMP, VG_NEWS2_TEMP}};
    const struct vg_score_values *values = &state->news2.values;

    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        if (signals[i].signal == signal) {
            const enum vg_score_source source =
                vg_score_choose(values, signals[i].part, VG_SCORE_ALL, at);
            if (source != VG_SCORE_SOURCES) {
                *out = values->source[source].value;
                vg_score_next(values, source, at, next);
            }
            return source != VG_SCORE_SOURCES;
        }
    }
    return false; /* not reached: asked of the signals of the table */
}

static struct vg_instant began(const struct vg_score_values *values,
                               enum vg_score_source source, enum vg_score_limit limit)
{
    if (!sources[source].stream) {
        return values->source[source].at;
    }
    return vg_later(values->failed[sources[source].failed + limit],
                    values->source[source].begun);
}

enum vg_truth vg_score_test(const struct vg_state *state, enum vg_news2_part part,
                            enum vg_score_limit limit, struct vg_instant at,
                            struct vg_instant *when, struct vg_instant *next)
{
    const struct vg_score_values *values = &state->news2.values;
    const enum vg_score_source source = vg_score_choose(values, part, VG_SCORE_ALL, at);

    *when = VG_UNSET;
    if (source == VG_SCORE_SOURCES) {
        return VG_UNKNOWN;
    }
    *when = began(values, source, limit);
    vg_score_next(values, source, at, next);
    return vg_score_passes(values, source, limit, at) ? VG_TRUE : VG_FALSE;
}
