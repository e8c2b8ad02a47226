/* SPDX-License-Identifier: Apache-2.0
 *
 * CAR-HEMATOTOX (Rejeski 2021): Clinical reference 6.3. A marker's value is the last before
 * lymphodepletion, else the last before the infusion, else the latest: a baseline, without
 * an age limit. The admission's baselines are not used: when they were measured is not
 * known. Not validated for NK or CAR-NK.
 */
#include "core/assess/labs.h"
#include "core/course.h"

/* One point up to or from `one`, two beyond `two`; equality takes the worse band at `one`
 * and stays in the one-point band at `two`. */
struct marker {
    enum vg_signal signal;
    bool low_is_bad;
    int64_t one, two; /* units of the signal; VG_NO_VALUE: no second point */
};

/* Clinical reference 6.3 (Rejeski 2021; equality at the first limit: project proposal). */
static const struct marker markers[] = {
    {VG_PLT, true, 175, 75},           /* 10*9/L: > 175, 75 to 175, < 75 */
    {VG_ANC, true, 1200, VG_NO_VALUE}, /* /uL */
    {VG_HB, true, 9, VG_NO_VALUE},     /* g/dL */
    {VG_CRP, false, 3, VG_NO_VALUE},   /* mg/dL */
    {VG_FERRITIN, false, 650, 2000},   /* ng/mL: < 650, 650 to 2000, > 2000 */
};
#define MARKERS (sizeof markers / sizeof markers[0])

static const struct vg_item *value_of(const struct vg_view *view, enum vg_signal signal,
                                      const struct vg_instant *before, size_t count)
{
    const struct vg_item *item = NULL;

    for (size_t i = 0; i < count && item == NULL; i++) {
        size_t cursor = view->log->count;

        item = vg_log_back(view->log, signal, before[i], &cursor);
    }
    return item;
}

static int points(const struct marker *marker, int64_t value)
{
    const int64_t one = marker->one * VG_MICRO;

    if (marker->low_is_bad ? value > one : value < one) {
        return 0;
    }
    if (marker->two == VG_NO_VALUE) {
        return 1;
    }
    const int64_t two = marker->two * VG_MICRO;

    return (marker->low_is_bad ? value < two : value > two) ? 2 : 1;
}

static struct vg_instant first_t0(const struct vg_state *state,
                                  const struct vg_view *view)
{
    if (vg_state_set(state->chart.first_start)) {
        return state->chart.first_start;
    }
    return view->patient->infusion_planned;
}

void vg_hematotox_judge(const struct vg_state *state, const struct vg_view *view,
                        struct vg_instant at, struct vg_assessment *out,
                        struct vg_instant *next)
{
    struct vg_instant before[3];
    size_t count = 0;
    int score = 0;

    (void)next;
    out->hematotox.score = VG_GRADE_NULL;
    if (!vg_patient_scored(view->patient)) {
        return;
    }
    if (vg_state_set(state->chart.lymphodepletion)) {
        before[count++] = vg_earlier(state->chart.lymphodepletion, at);
    }
    if (vg_is_set(first_t0(state, view))) {
        before[count++] = vg_earlier(first_t0(state, view), at);
    }
    before[count++] = at;
    for (size_t i = 0; i < MARKERS; i++) {
        const struct vg_item *item = value_of(view, markers[i].signal, before, count);

        if (item == NULL) {
            return;
        }
        score += points(&markers[i], item->high);
    }
    out->hematotox.score = score;
}
