/* SPDX-License-Identifier: Apache-2.0
 *
 * The points of each part of NEWS2 and their sums (Clinical reference 4.1). Reproduced from: Royal College of
 * Physicians. National Early Warning Score (NEWS) 2. London: RCP, 2017.
 */
#include "core/assess/news2_inside.h"

void vg_news2_add(struct vg_news2_sum *sum, unsigned part, int points)
{
    if (points == VG_GRADE_NULL) {
        sum->missing |= VG_NEWS2_PART(part);
        return;
    }
    sum->total += points;
    sum->max = points > sum->max ? points : sum->max;
}

static const enum vg_score_which charted_when[] = {
    [VG_NEWS2_IN_TIME] = VG_SCORE_CHARTED, [VG_NEWS2_LATE] = VG_SCORE_CHARTED_LATE};
static const enum vg_score_lateness latest[] = {
    [VG_NEWS2_IN_TIME] = VG_SCORE_TIMELY, [VG_NEWS2_LATE] = VG_SCORE_LATE};

static void add_charted(struct vg_news2_sums *sums, unsigned part, int points,
                        enum vg_score_lateness late)
{
    sums->part[part] = points;
    sums->worst[part] = points;
    vg_news2_add(&sums->published, part, points);
    for (int w = 0; w < VG_NEWS2_WHENS; w++) {
        const int in_time = late > latest[w] ? VG_GRADE_NULL : points;
        vg_news2_add(&sums->charted[w], part, in_time);
        vg_news2_add(&sums->fresh[w], part, in_time);
    }
}

/* Any supplemental oxygen or ventilatory support; a device of a kind unknown is one, but
 * what was never charted is unknown, never air (4.1). Latched (0.4). */
static int oxygen_points(const struct vg_chart *chart)
{
    const bool support =
        chart->flow > 0 || chart->fio2 > 21 /* % in air */ ||
        (vg_state_set(chart->device_at) && chart->device != VG_ROOM_AIR);

    if (support) {
        return 2;
    }
    return vg_state_set(chart->device_at) ? 0 : VG_GRADE_NULL;
}

static int acvpu_points(const struct vg_chart *chart, struct vg_instant at)
{
    enum vg_acvpu acvpu;

    return !vg_acvpu_at(chart, at, &acvpu) ? VG_GRADE_NULL : acvpu == VG_ALERT ? 0 : 3;
}

/* Unknown oxygen on scale 2 scores as on air: the lower bound. */
static enum vg_spo2_scale scale_of(const struct vg_chart *chart, struct vg_instant at)
{
    if (!vg_flag_holds(chart, VG_FLAG_SCALE2, at)) {
        return VG_SPO2_SCALE_1;
    }
    return oxygen_points(chart) > 0 ? VG_SPO2_SCALE_2_OXYGEN : VG_SPO2_SCALE_2_AIR;
}

struct asked {
    const struct vg_score_values *values;
    enum vg_spo2_scale scale;
    struct vg_instant at;
    struct vg_instant *next;
};

static int points_of(const struct asked *asked, enum vg_score_source source)
{
    if (source == VG_SCORE_SOURCES) {
        return VG_GRADE_NULL;
    }
    vg_score_next(asked->values, source, asked->at, asked->next);
    return vg_score_points(asked->values, source, asked->scale, asked->at);
}

static void add_measured(struct vg_news2_sums *sums, const struct asked *asked,
                         enum vg_news2_part part)
{
    const struct vg_score_value *source = asked->values->source;
    const enum vg_score_source best =
        vg_score_choose(asked->values, part, VG_SCORE_ALL, asked->at);
    const bool known = best != VG_SCORE_SOURCES;
    const enum vg_score_lateness late = known ? source[best].late : VG_SCORE_TIMELY;

    sums->part[part] = sums->worst[part] = points_of(asked, best);
    vg_news2_add(&sums->published, part, sums->part[part]);
    sums->published.clock |= known && source[best].clock;
    for (int w = 0; w < VG_NEWS2_WHENS; w++) {
        const enum vg_score_source charted =
            vg_score_choose(asked->values, part, charted_when[w], asked->at);
        const int by_hand = points_of(asked, charted);
        vg_news2_add(&sums->charted[w], part, by_hand);
        vg_news2_add(&sums->fresh[w], part,
                     late > latest[w] ? VG_GRADE_NULL : sums->part[part]);
        sums->charted[w].clock |= charted != VG_SCORE_SOURCES && source[charted].clock;
        sums->worst[part] = by_hand > sums->worst[part] ? by_hand : sums->worst[part];
    }
}

struct vg_news2_sums vg_news2_sums_at(const struct vg_news2 *news2,
                                      const struct vg_chart *chart,
                                      struct vg_instant at, struct vg_instant *next)
{
    struct vg_news2_sums sums = {.published = {0, 0, 0, false}};
    const struct asked asked = {&news2->values, scale_of(chart, at), at, next};

    add_measured(&sums, &asked, VG_NEWS2_RR);
    add_measured(&sums, &asked, VG_NEWS2_SPO2);
    add_charted(&sums, VG_NEWS2_O2, oxygen_points(chart), VG_SCORE_TIMELY);
    add_measured(&sums, &asked, VG_NEWS2_SBP);
    add_measured(&sums, &asked, VG_NEWS2_HR);
    add_charted(&sums, VG_NEWS2_ACVPU, acvpu_points(chart, at),
                vg_score_late(chart->acvpu_marks));
    add_measured(&sums, &asked, VG_NEWS2_TEMP);
    if (vg_state_set(chart->acvpu_at)) {
        vg_next(next, at, vg_after(chart->acvpu_at, VG_NEWS2_ACVPU_CARRY + 1));
    }
    if (vg_flag_holds(chart, VG_FLAG_SCALE2, at)) {
        vg_next(next, at, chart->flag_until[VG_FLAG_SCALE2]);
    }
    return sums;
}
