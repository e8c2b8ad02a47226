/* SPDX-License-Identifier: Apache-2.0
 *
 * NEWS2, its thresholds and its step-down. Reproduced from: Royal College of Physicians.
 * National Early Warning Score (NEWS) 2. London: RCP, 2017. Clinical reference 4.
 */
#include <string.h>

#include "core/assess/news2_inside.h"

#define LASTING   (15 * VG_MINUTE) /* 4.2, from streams; project proposal */
#define STEP_DOWN (30 * VG_MINUTE) /* 4.2; project proposal */
#define SETS      2                /* 4.2, charted complete sets; project proposal */

#define PART(p)    VG_NEWS2_PART(p)
#define MOST(a, b) ((a) > (b) ? (a) : (b)) /* VG_GRADE_NULL is below all */
#define ALL_PARTS  (PART(VG_NEWS2_PARTS) - 1)

/* RCP chart 4: 7 and more; 5 and 6; a 3 in one part while the total is below 5. 7 is a floor (9.4): it pages for
 * late values too (0.3). */
static const struct {
    bool single;
    int floor, ceiling;
    enum vg_news2_when when;
} pages[VG_NEWS2_PAGES] = {[VG_NEWS2_SEVEN] = {false, 7, 20, VG_NEWS2_LATE},
                           [VG_NEWS2_FIVE] = {false, 5, 6, VG_NEWS2_IN_TIME},
                           [VG_NEWS2_SINGLE] = {true, 3, 4, VG_NEWS2_IN_TIME}};

static bool reaches(unsigned page, const struct vg_news2_sum *sum)
{
    return (pages[page].single ? sum->max : sum->total) >= pages[page].floor;
}

/* Charted sets page at once; what needs a continuous parameter, when it has lasted. */
static bool must_page(unsigned i, const struct vg_news2_pages *page,
                      const struct vg_news2_sums *sums, struct vg_instant at)
{
    const int ceiling = pages[i].ceiling;
    const struct vg_news2_sum *charted = &sums->charted[pages[i].when];

    if (charted->total > ceiling) {
        return false;
    }
    return reaches(i, charted) ||
           (vg_state_set(page->run) && vg_since(at, page->run) >= LASTING &&
            sums->fresh[pages[i].when].total <= ceiling);
}

/* Only a complete score may lower anything (0.4). */
static bool below(unsigned i, const struct vg_news2_sums *sums)
{
    return !reaches(i, &sums->published) &&
           !reaches(i, &sums->charted[pages[i].when]) && sums->published.missing == 0 &&
           !sums->published.clock;
}

static void keep_since(struct vg_instant *since, bool holds, struct vg_instant at)
{
    if (!holds) {
        *since = (struct vg_instant){0};
    } else if (!vg_state_set(*since)) {
        *since = at;
    }
}

static void turn_page(unsigned i, struct vg_news2_pages *page,
                      const struct vg_news2_sums *sums, struct vg_instant at)
{
    keep_since(&page->run, reaches(i, &sums->fresh[pages[i].when]), at);
    keep_since(&page->below, below(i, sums), at);
    if (!page->on && must_page(i, page, sums, at)) {
        page->on = true;
        page->sets = 0;
        page->since = reaches(i, &sums->charted[pages[i].when]) ? at : page->run;
    } else if (page->on && vg_state_set(page->below) &&
               vg_since(at, page->below) >= STEP_DOWN) {
        page->on = false;
    }
}

/* Brings everything up to `at`; `again` becomes the next instant to ask. */
static struct vg_news2_sums settle(struct vg_news2 *news2, const struct vg_chart *chart,
                                   struct vg_instant at)
{
    struct vg_instant next = VG_NEVER;
    const struct vg_news2_sums sums = vg_news2_sums_at(news2, chart, at, &next);

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
                         const struct vg_news2_sums *sums)
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
    return sums->charted[VG_NEWS2_IN_TIME].missing == 0 &&
           !sums->charted[VG_NEWS2_IN_TIME].clock &&
           chart->acvpu_at.ms > news2->set_at.ms;
}

/* What streams say beside two calm sets must last anew. */
static void count_set(unsigned i, struct vg_news2_pages *page,
                      const struct vg_news2_sums *sums, struct vg_instant at)
{
    page->sets =
        reaches(i, &sums->charted[pages[i].when]) ? 0 : (uint8_t)(page->sets + 1);
    if (page->sets >= SETS) {
        page->on = false;
        page->sets = 0;
        page->run = vg_state_set(page->run) ? at : page->run;
    }
}

static void count_sets(struct vg_news2 *news2, const struct vg_chart *chart,
                       const struct vg_news2_sums *sums, struct vg_instant at)
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
    const struct vg_news2_sums sums = settle(news2, &state->chart, at);
    if (news2->charted) {
        count_sets(news2, &state->chart, &sums, at);
        (void)settle(news2, &state->chart, at);
    }
    news2->due = news2->charted = false;
}

/* While something is missing the threshold may be reached, or may be no longer; a page stands until
 * evidence ends it. */
static struct vg_finding found(unsigned i, const struct vg_news2_pages *page,
                               const struct vg_news2_sums *sums)
{
    const struct vg_news2_sum *sum = &sums->published;
    const bool reached = reaches(i, sum) || reaches(i, &sums->charted[pages[i].when]);
    struct vg_finding said = vg_found(page->on, page->since);
    struct vg_news2_sum most = *sum;

    for (unsigned part = 0; part < VG_NEWS2_PARTS; part++) {
        if ((sum->missing & PART(part)) != 0) {
            vg_news2_add(&most, part, part == VG_NEWS2_O2 ? 2 : 3);
        }
    }
    if (!page->on && sum->total <= pages[i].ceiling && reaches(i, &most) &&
        !reaches(i, sum)) {
        return vg_not_known();
    }
    said.lost = page->on && sum->missing != 0 && !reached;
    return said;
}

static void publish(const struct vg_news2 *news2, const struct vg_news2_sums *sums,
                    struct vg_news2_out *out)
{
    const struct vg_news2_sum *sum = &sums->published;
    const bool known = sum->missing != ALL_PARTS;
    out->score = known ? sum->total : VG_GRADE_NULL;
    out->max_single = known ? sum->max : VG_GRADE_NULL;
    out->complete = sum->missing == 0;
    out->missing = sum->missing;
    memcpy(out->part, sums->part, sizeof out->part);
    out->worst =
        known ? MOST(sum->total, sums->charted[VG_NEWS2_LATE].total) : VG_GRADE_NULL;
    memcpy(out->worst_part, sums->worst, sizeof out->worst_part);
    out->page_7 = found(VG_NEWS2_SEVEN, &news2->page[VG_NEWS2_SEVEN], sums);
    out->page_5 = found(VG_NEWS2_FIVE, &news2->page[VG_NEWS2_FIVE], sums);
    out->single_3 = found(VG_NEWS2_SINGLE, &news2->page[VG_NEWS2_SINGLE], sums);
}

/* Not for pregnancy, children, nobody (0.7). Missing is what was not measured, all the same. */
static void switch_off(const struct vg_news2_sums *sums, struct vg_news2_out *out)
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
    const struct vg_news2_sums sums = settle(&news2, &state->chart, at);
    vg_next(next, at, news2.again);
    if (view->patient->pregnant || !vg_patient_scored(view->patient)) {
        switch_off(&sums, &out->news2);
    } else {
        publish(&news2, &sums, &out->news2);
    }
}
