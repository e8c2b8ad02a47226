/* SPDX-License-Identifier: Apache-2.0
 *
 * SIRS and qSOFA. A criterion that is not known does not count: what is published is a
 * lower bound (Clinical reference 0.4, 5.1).
 */
#include "core/assess/sirs.h"

#include "core/course.h"

#define MILLION INT64_C(1000000) /* laboratory values are in millionths */
#define QSOFA   2                /* positive (5.1) */

/* How long a result speaks for the patient (0.4). */
static const vg_ms carry[VG_RESULTS] = {[VG_RESULT_WBC] = 72 * VG_HOUR,
                                        [VG_RESULT_BANDS] = 72 * VG_HOUR,
                                        [VG_RESULT_PACO2] = 4 * VG_HOUR,
                                        [VG_RESULT_GCS] = 4 * VG_HOUR};

void vg_sirs_step(struct vg_state *state, const struct vg_view *view,
                  const struct vg_item *item)
{
    static const struct {
        enum vg_signal signal;
        enum vg_score_result result;
    } results[] = {{VG_WBC, VG_RESULT_WBC},
                   {VG_BANDS, VG_RESULT_BANDS},
                   {VG_PACO2, VG_RESULT_PACO2},
                   {VG_GCS, VG_RESULT_GCS}};

    (void)view;
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++) {
        if (results[i].signal == item->signal && vg_item_valid(item)) {
            state->news2.result[results[i].result].at = item->to;
            state->news2.result[results[i].result].value = item->high;
        }
    }
}

struct asked {
    const struct vg_state *state;
    struct vg_instant at;
    struct vg_instant *next;
    struct vg_instant newest; /* of the readings that said yes */
};

static enum vg_truth yes_or_no(struct asked *asked, bool yes, struct vg_instant when)
{
    if (yes) {
        asked->newest = vg_later(asked->newest, when);
    }
    return yes ? VG_TRUE : VG_FALSE;
}

/* The result is strictly below `low` or strictly above `high`. */
static enum vg_truth outside(struct asked *asked, enum vg_score_result result,
                             int64_t low, int64_t high)
{
    const struct vg_instant when = asked->state->news2.result[result].at;
    const int64_t value = asked->state->news2.result[result].value;

    if (!vg_state_set(when) || vg_since(asked->at, when) > carry[result]) {
        return VG_UNKNOWN;
    }
    vg_next(asked->next, asked->at, vg_after(when, carry[result] + 1));
    return yes_or_no(asked, value < low || value > high, when);
}

static enum vg_truth vital(struct asked *asked, enum vg_news2_part part,
                           enum vg_score_limit limit)
{
    struct vg_instant when;
    const enum vg_truth truth =
        vg_score_test(asked->state, part, limit, asked->at, &when, asked->next);

    return truth == VG_UNKNOWN ? truth : yes_or_no(asked, truth == VG_TRUE, when);
}

/* One yes is enough, one no is enough to know. */
static enum vg_truth any(enum vg_truth a, enum vg_truth b)
{
    if (a == VG_UNKNOWN || b == VG_UNKNOWN) {
        return a == VG_UNKNOWN ? b : a;
    }
    return vg_truth_or(a, b);
}

static void count(int *score, enum vg_truth truth)
{
    if (truth != VG_UNKNOWN) {
        *score = (*score == VG_GRADE_NULL ? 0 : *score) + (truth == VG_TRUE);
    }
}

void vg_sirs_judge(const struct vg_state *state, const struct vg_view *view,
                   struct vg_instant at, struct vg_assessment *out,
                   struct vg_instant *next)
{
    struct asked asked = {state, at, next, VG_UNSET};
    struct vg_sirs_out *sirs = &out->sirs;

    sirs->count = VG_GRADE_NULL;
    sirs->count_excl_wbc = VG_GRADE_NULL;
    if (!vg_patient_scored(view->patient)) {
        return;
    }
    /* 5.1: T > 38.0 or < 36.0; HR > 90; RR > 20 or PaCO2 < 32 mm[Hg] */
    count(&sirs->count_excl_wbc, vital(&asked, VG_NEWS2_TEMP, VG_SCORE_SIRS));
    count(&sirs->count_excl_wbc, vital(&asked, VG_NEWS2_HR, VG_SCORE_SIRS));
    count(&sirs->count_excl_wbc,
          any(vital(&asked, VG_NEWS2_RR, VG_SCORE_SIRS),
              outside(&asked, VG_RESULT_PACO2, 32 * MILLION, INT64_MAX)));
    sirs->count = sirs->count_excl_wbc;
    /* WBC > 12 or < 4 x10*9/L, or more than 10 % bands */
    count(&sirs->count, any(outside(&asked, VG_RESULT_WBC, 4 * MILLION, 12 * MILLION),
                            outside(&asked, VG_RESULT_BANDS, 0, 10 * MILLION)));
}

static enum vg_truth mentation(struct asked *asked)
{
    const struct vg_chart *chart = &asked->state->chart;
    /* Glasgow coma score below 15 of 15 */
    const enum vg_truth gcs = outside(asked, VG_RESULT_GCS, 15, INT64_MAX);
    enum vg_acvpu acvpu;

    if (!vg_acvpu_at(chart, asked->at, &acvpu)) {
        return gcs;
    }
    vg_next(asked->next, asked->at, vg_after(chart->acvpu_at, 4 * VG_HOUR + 1));
    return any(gcs, yes_or_no(asked, acvpu != VG_ALERT, chart->acvpu_at));
}

/* An alert of NEWS2 stands: qSOFA only annotates it (5.1). */
static bool paged(const struct vg_news2_out *news2)
{
    return news2->page_7.truth == VG_TRUE || news2->page_5.truth == VG_TRUE ||
           news2->single_3.truth == VG_TRUE;
}

void vg_qsofa_judge(const struct vg_state *state, const struct vg_view *view,
                    struct vg_instant at, struct vg_assessment *out,
                    struct vg_instant *next)
{
    struct asked asked = {state, at, next, VG_UNSET};
    struct vg_qsofa_out *qsofa = &out->qsofa;
    int missing = 0;

    qsofa->score = VG_GRADE_NULL;
    qsofa->page = vg_found(false, VG_UNSET);
    if (!vg_patient_scored(view->patient)) {
        return;
    }
    /* 5.1: RR >= 22; SBP <= 100; altered mentation */
    const enum vg_truth criteria[] = {vital(&asked, VG_NEWS2_RR, VG_SCORE_QSOFA_RR),
                                      vital(&asked, VG_NEWS2_SBP, VG_SCORE_QSOFA_SBP),
                                      mentation(&asked)};
    for (size_t i = 0; i < sizeof criteria / sizeof criteria[0]; i++) {
        count(&qsofa->score, criteria[i]);
        missing += criteria[i] == VG_UNKNOWN;
    }
    const int known = qsofa->score == VG_GRADE_NULL ? 0 : qsofa->score;
    if (paged(&out->news2)) {
        return;
    }
    qsofa->page = known < QSOFA && known + missing >= QSOFA
                      ? vg_not_known()
                      : vg_found(known >= QSOFA, asked.newest);
}
