/* SPDX-License-Identifier: Apache-2.0
 *
 * NEWS2, its thresholds and its step-down. Reproduced from: Royal College of Physicians.
 * National Early Warning Score (NEWS) 2. London: RCP, 2017. Clinical reference 4.
 */
#include "core/assess/news2.h"

#include <string.h>

#include "core/course.h"

#define LASTING   (15 * VG_MINUTE) /* 4.2, from streams; project proposal */
#define STEP_DOWN (30 * VG_MINUTE) /* 4.2; project proposal */
#define SETS      2                /* 4.2, charted complete sets; project proposal */
#define ACVPU     (4 * VG_HOUR)    /* 0.4 */

#define PART(p)    (1U << (p))
#define MOST(a, b) ((a) > (b) ? (a) : (b)) /* VG_GRADE_NULL is below all */
#define ALL_PARTS  (PART(VG_NEWS2_PARTS) - 1)

struct sum {
    int total, max;
    unsigned missing;
    bool clock; /* a value came with a clock in the future: clears nothing (0.3) */
};

struct sums {
    int part[VG_NEWS2_PARTS], worst[VG_NEWS2_PARTS];
    struct sum published, charted, fresh;
};

/* RCP chart 4: 7 and more; 5 and 6; a 3 in one part while the total is below 5. */
static const struct {
    bool single;
    int floor, ceiling;
} pages[VG_NEWS2_PAGES] = {[VG_NEWS2_SEVEN] = {false, 7, 20},
                           [VG_NEWS2_FIVE] = {false, 5, 6},
                           [VG_NEWS2_SINGLE] = {true, 3, 4}};

static bool reaches(unsigned page, const struct sum *sum)
{
    return (pages[page].single ? sum->max : sum->total) >= pages[page].floor;
}

static void add(struct sum *sum, unsigned part, int points)
{
    if (points == VG_GRADE_NULL) {
        sum->missing |= PART(part);
        return;
    }
    sum->total += points;
    sum->max = points > sum->max ? points : sum->max;
}

static void add_charted(struct sums *sums, unsigned part, int points)
{
    sums->part[part] = points;
    sums->worst[part] = points;
    add(&sums->published, part, points);
    add(&sums->charted, part, points);
    add(&sums->fresh, part, points);
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

static void add_measured(struct sums *sums, const struct asked *asked,
                         enum vg_news2_part part)
{
    const enum vg_score_source best =
        vg_score_choose(asked->values, part, false, asked->at);
    const enum vg_score_source charted =
        vg_score_choose(asked->values, part, true, asked->at);
    const bool known = best != VG_SCORE_SOURCES;
    const bool late = known && asked->values->source[best].late;
    const int by_hand = points_of(asked, charted);

    sums->part[part] = points_of(asked, best);
    sums->worst[part] = MOST(sums->part[part], by_hand);
    add(&sums->published, part, sums->part[part]);
    add(&sums->charted, part, by_hand);
    add(&sums->fresh, part, late ? VG_GRADE_NULL : sums->part[part]);
    sums->published.clock |= known && asked->values->source[best].clock;
    sums->charted.clock |=
        charted != VG_SCORE_SOURCES && asked->values->source[charted].clock;
}

/* The sums at `at`; *next is lowered as in judge. */
static struct sums sums_at(const struct vg_news2 *news2, const struct vg_chart *chart,
                           struct vg_instant at, struct vg_instant *next)
{
    struct sums sums = {.published = {0, 0, 0, false}};
    const struct asked asked = {&news2->values, scale_of(chart, at), at, next};

    add_measured(&sums, &asked, VG_NEWS2_RR);
    add_measured(&sums, &asked, VG_NEWS2_SPO2);
    add_charted(&sums, VG_NEWS2_O2, oxygen_points(chart));
    add_measured(&sums, &asked, VG_NEWS2_SBP);
    add_measured(&sums, &asked, VG_NEWS2_HR);
    add_charted(&sums, VG_NEWS2_ACVPU, acvpu_points(chart, at));
    add_measured(&sums, &asked, VG_NEWS2_TEMP);
    if (vg_state_set(chart->acvpu_at)) {
        vg_next(next, at, vg_after(chart->acvpu_at, ACVPU + 1));
    }
    if (vg_flag_holds(chart, VG_FLAG_SCALE2, at)) {
        vg_next(next, at, chart->flag_until[VG_FLAG_SCALE2]);
    }
    return sums;
}

/* Charted sets page at once; what needs a continuous parameter, when it has lasted. */
static bool must_page(unsigned i, const struct vg_news2_pages *page,
                      const struct sums *sums, struct vg_instant at)
{
    const int ceiling = pages[i].ceiling;

    if (sums->charted.total > ceiling) {
        return false;
    }
    return reaches(i, &sums->charted) ||
           (vg_state_set(page->run) && vg_since(at, page->run) >= LASTING &&
            sums->fresh.total <= ceiling);
}

/* Only a complete score may lower anything (0.4). */
static bool below(unsigned i, const struct sums *sums)
{
    return !reaches(i, &sums->published) && !reaches(i, &sums->charted) &&
           sums->published.missing == 0 && !sums->published.clock;
}

static void keep_since(struct vg_instant *since, bool holds, struct vg_instant at)
{
    if (!holds) {
        *since = (struct vg_instant){0};
    } else if (!vg_state_set(*since)) {
        *since = at;
    }
}

static void turn_page(unsigned i, struct vg_news2_pages *page, const struct sums *sums,
                      struct vg_instant at)
{
    keep_since(&page->run, reaches(i, &sums->fresh), at);
    keep_since(&page->below, below(i, sums), at);
    if (!page->on && must_page(i, page, sums, at)) {
        page->on = true;
        page->sets = 0;
        page->since = reaches(i, &sums->charted) ? at : page->run;
    } else if (page->on && vg_state_set(page->below) &&
               vg_since(at, page->below) >= STEP_DOWN) {
        page->on = false;
    }
}

/* Brings everything up to `at`; `again` becomes the next instant to ask. */
static struct sums settle(struct vg_news2 *news2, const struct vg_chart *chart,
                          struct vg_instant at)
{
    struct vg_instant next = VG_NEVER;
    const struct sums sums = sums_at(news2, chart, at, &next);

    for (unsigned i = 0; i < VG_NEWS2_PAGES; i++) {
        struct vg_news2_pages *page = &news2->page[i];
        turn_page(i, page, &sums, at);
        if (vg_state_set(page->run) && !page->on) {
            vg_next(&next, at, vg_after(page->run, LASTING));
        }
        if (vg_state_set(page->below) && page->on) {
            vg_next(&next, at, vg_after(page->below, STEP_DOWN));
        }
    }
    news2->again = next;
    return sums;
}

static bool asked_before(const struct vg_news2 *news2, struct vg_instant at)
{
    return vg_state_set(news2->again) && news2->again.ms < at.ms;
}

void vg_news2_before(struct vg_state *state, const struct vg_view *view,
                     struct vg_instant at)
{
    (void)view;
    while (asked_before(&state->news2, at)) {
        (void)settle(&state->news2, &state->chart, state->news2.again);
    }
}

void vg_news2_step(struct vg_state *state, const struct vg_view *view,
                   const struct vg_item *item)
{
    struct vg_news2 *news2 = &state->news2;

    (void)view;
    switch (item->signal) {
    case VG_RR:
    case VG_SPO2:
    case VG_SBP:
    case VG_HR:
    case VG_TEMP:
        news2->due |= vg_score_take(&news2->values, item);
        news2->charted |= !vg_item_stream(item);
        break;
    case VG_CONSCIOUSNESS:
        news2->due = true;
        news2->charted = true;
        break;
    case VG_O2_DEVICE:
    case VG_O2_FLOW:
    case VG_FIO2:
    case VG_FLAG:
        news2->due = true;
        break;
    default:
        break;
    }
}

/* Each measured part anew since the last set, and consciousness; oxygen is latched. */
static bool complete_set(const struct vg_news2 *news2, const struct vg_chart *chart,
                         const struct sums *sums)
{
    static const enum vg_score_source taken[][2] = {
        {VG_SCORE_RR, VG_SCORE_RR},
        {VG_SCORE_SPO2, VG_SCORE_SPO2},
        {VG_SCORE_SBP, VG_SCORE_SBP},
        {VG_SCORE_HR, VG_SCORE_HR},
        {VG_SCORE_TEMP, VG_SCORE_TEMP_AXILLARY}};
    const struct vg_score_value *source = news2->values.source;

    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        if (vg_later(source[taken[i][0]].at, source[taken[i][1]].at).ms <=
            news2->set_at.ms) {
            return false;
        }
    }
    return sums->charted.missing == 0 && !sums->charted.clock &&
           chart->acvpu_at.ms > news2->set_at.ms;
}

/* What streams say beside two calm sets must last anew. */
static void count_set(unsigned i, struct vg_news2_pages *page, const struct sums *sums,
                      struct vg_instant at)
{
    page->sets = reaches(i, &sums->charted) ? 0 : (uint8_t)(page->sets + 1);
    if (page->sets >= SETS) {
        page->on = false;
        page->sets = 0;
        page->run = vg_state_set(page->run) ? at : page->run;
    }
}

static void count_sets(struct vg_news2 *news2, const struct vg_chart *chart,
                       const struct sums *sums, struct vg_instant at)
{
    if (!complete_set(news2, chart, sums)) {
        return;
    }
    news2->set_at = at;
    for (unsigned i = 0; i < VG_NEWS2_PAGES; i++) {
        if (news2->page[i].on) {
            count_set(i, &news2->page[i], sums, at);
        }
    }
}

void vg_news2_after(struct vg_state *state, const struct vg_view *view,
                    struct vg_instant at)
{
    struct vg_news2 *news2 = &state->news2;

    (void)view;
    if (!news2->due && (!vg_state_set(news2->again) || at.ms < news2->again.ms)) {
        return;
    }
    const struct sums sums = settle(news2, &state->chart, at);
    if (news2->charted) {
        count_sets(news2, &state->chart, &sums, at);
        (void)settle(news2, &state->chart, at);
    }
    news2->due = news2->charted = false;
}

/* While something is missing the threshold may be reached, or may be no longer; a page stands until
 * evidence ends it. */
static struct vg_finding found(unsigned i, const struct vg_news2_pages *page,
                               const struct sums *sums)
{
    const struct sum *sum = &sums->published;
    const bool reached = reaches(i, sum) || reaches(i, &sums->charted);
    struct vg_finding said = vg_found(page->on, page->since);
    struct sum most = *sum;

    for (unsigned part = 0; part < VG_NEWS2_PARTS; part++) {
        if ((sum->missing & PART(part)) != 0) {
            add(&most, part, part == VG_NEWS2_O2 ? 2 : 3);
        }
    }
    if (!page->on && sum->total <= pages[i].ceiling && reaches(i, &most) &&
        !reaches(i, sum)) {
        return vg_not_known();
    }
    said.lost = page->on && sum->missing != 0 && !reached;
    return said;
}

static void publish(const struct vg_news2 *news2, const struct sums *sums,
                    struct vg_news2_out *out)
{
    const struct sum *sum = &sums->published;
    const bool known = sum->missing != ALL_PARTS;
    out->score = known ? sum->total : VG_GRADE_NULL;
    out->max_single = known ? sum->max : VG_GRADE_NULL;
    out->complete = sum->missing == 0;
    out->missing = sum->missing;
    memcpy(out->part, sums->part, sizeof out->part);
    out->worst = known ? MOST(sum->total, sums->charted.total) : VG_GRADE_NULL;
    memcpy(out->worst_part, sums->worst, sizeof out->worst_part);
    out->page_7 = found(VG_NEWS2_SEVEN, &news2->page[VG_NEWS2_SEVEN], sums);
    out->page_5 = found(VG_NEWS2_FIVE, &news2->page[VG_NEWS2_FIVE], sums);
    out->single_3 = found(VG_NEWS2_SINGLE, &news2->page[VG_NEWS2_SINGLE], sums);
}

/* Not for pregnancy, children, nobody (0.7). Missing is what was not measured, all the same. */
static void switch_off(const struct sums *sums, struct vg_news2_out *out)
{
    *out = (struct vg_news2_out){.score = VG_GRADE_NULL,
                                 .max_single = VG_GRADE_NULL,
                                 .worst = VG_GRADE_NULL,
                                 .missing = sums->published.missing,
                                 .page_7 = vg_found(false, VG_UNSET),
                                 .page_5 = vg_found(false, VG_UNSET),
                                 .single_3 = vg_found(false, VG_UNSET)};
    for (unsigned i = 0; i < VG_NEWS2_PARTS; i++) {
        out->part[i] = out->worst_part[i] = VG_GRADE_NULL;
    }
}

void vg_news2_judge(const struct vg_state *state, const struct vg_view *view,
                    struct vg_instant at, struct vg_assessment *out,
                    struct vg_instant *next)
{
    struct vg_news2 news2 = state->news2;

    while (asked_before(&news2, at)) {
        (void)settle(&news2, &state->chart, news2.again);
    }
    const struct sums sums = settle(&news2, &state->chart, at);
    vg_next(next, at, news2.again);
    if (view->patient->pregnant || !vg_patient_scored(view->patient)) {
        switch_off(&sums, &out->news2);
    } else {
        publish(&news2, &sums, &out->news2);
    }
}
