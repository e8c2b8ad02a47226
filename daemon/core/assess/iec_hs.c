/* SPDX-License-Identifier: Apache-2.0
 *
 * The screen for IEC-HS, a syndrome like haemophagocytic lymphohistiocytosis: Clinical
 * reference 6.1 (after Hines 2023; the screen is a project proposal). Ferritin alone is
 * common in CRS and never enough.
 */
#include "core/assess/labs.h"
#include "core/course.h"

/* Clinical reference 6.1: mg/dL; ng/mL; two results at most 48 h apart. */
#define FIBRINOGEN_LOW (150 * VG_MICRO)
#define FERRITIN_HUGE  (10000 * VG_MICRO)
#define DOUBLING       (48 * VG_HOUR)

#define SUPPORTS 4
#define CORE     (1U << VG_HS_LFT | 1U << VG_HS_FIBRINOGEN)

struct scene {
    const struct vg_view *view;
    struct vg_instant at;
    int64_t base[VG_MEASURED_COUNT]; /* of what is looked at; VG_NO_VALUE: none */
    vg_ms carry;
    struct vg_instant *next; /* NULL: of no interest */
    /* Since when, without a result to the contrary; VG_NEVER: not. */
    struct vg_instant ferritin, huge, support[SUPPORTS];
};

typedef bool test(const struct scene *scene, const struct vg_item *item);

static int64_t baseline(const struct scene *scene, const struct vg_item *item)
{
    return scene->base[item->signal];
}

/* More than 2 x ULN or 2 x baseline, strict; what is not known is off. */
static bool ferritin_high(const struct scene *scene, const struct vg_item *item)
{
    const int64_t value = vg_lab_bounded(item->high);
    const int64_t uln = vg_lab_uln(scene->view, item);
    const int64_t base = baseline(scene, item);

    return (uln != VG_NO_VALUE && value > 2 * uln) ||
           (base != VG_NO_VALUE && value > 2 * base);
}

static bool ferritin_huge(const struct scene *scene, const struct vg_item *item)
{
    (void)scene;
    return item->high >= FERRITIN_HUGE;
}

/* More than 5 x ULN, or 5 x a baseline that was above it. */
static bool lft(const struct scene *scene, const struct vg_item *item)
{
    const int64_t uln = vg_lab_uln(scene->view, item);
    const int64_t base = baseline(scene, item);

    if (uln == VG_NO_VALUE) {
        return false;
    }
    return vg_lab_bounded(item->high) > 5 * (base > uln ? base : uln);
}

static bool fibrinogen(const struct scene *scene, const struct vg_item *item)
{
    (void)scene;
    return item->high < FIBRINOGEN_LOW ||
           (item->b != VG_NO_VALUE && item->high < item->b);
}

/* With a better baseline; without one, off (0.5). */
static bool cytopenia(const struct scene *scene, const struct vg_item *item)
{
    const int64_t limit = item->signal == VG_ANC   ? 500 /* /uL */
                          : item->signal == VG_PLT ? 50  /* 10*9/L */
                                                   : 8;  /* g/dL */

    return item->high < limit * VG_MICRO && baseline(scene, item) > item->high;
}

static const struct {
    enum vg_signal signal;
    enum vg_iec_hs_support support;
    test *meets;
} elements[] = {
    {VG_AST, VG_HS_LFT, lft},
    {VG_ALT, VG_HS_LFT, lft},
    {VG_FIBRINOGEN, VG_HS_FIBRINOGEN, fibrinogen},
    {VG_ANC, VG_HS_CYTOPENIA, cytopenia},
    {VG_PLT, VG_HS_CYTOPENIA, cytopenia},
    {VG_HB, VG_HS_CYTOPENIA, cytopenia},
};
#define ELEMENTS (sizeof elements / sizeof elements[0])

/* Since when each result meets, the newest being young enough; VG_NEVER: it does not. One
 * stamped in the future clears nothing (0.3). */
static struct vg_instant run(const struct scene *scene, enum vg_signal signal,
                             test *meets)
{
    struct vg_instant since = VG_NEVER;
    size_t cursor = scene->view->log->count;
    const struct vg_item *item = vg_lab_back(scene->view, signal, scene->at, &cursor);
    bool more = item != NULL;

    while (more) {
        const bool young = vg_since(scene->at, item->at) <= scene->carry;
        const bool met = (young || !vg_is_never(since)) && meets(scene, item);

        if (young && scene->next != NULL) {
            vg_next(scene->next, scene->at, vg_lab_lapse(item, scene->carry));
        }
        if (met) {
            since = item->at;
        }
        more = met || (young && (item->marks & VG_MARK_CLOCK) != 0);
        item = more ? vg_lab_back(scene->view, signal, scene->at, &cursor) : NULL;
        more = item != NULL;
    }
    return since;
}

/* The newest results of ferritin, newest first; more of them in 72 h are not looked at. */
#define SERIES 64
struct series {
    const struct vg_item *item[SERIES];
    size_t count;
};

/* Those of the 72 h up to `at`, or up to the newest where its age does not matter. */
static void collect(const struct scene *scene, struct series *series)
{
    struct vg_instant end = scene->at;
    size_t cursor = scene->view->log->count;
    const struct vg_item *item =
        vg_lab_back(scene->view, VG_FERRITIN, scene->at, &cursor);

    series->count = 0;
    if (item != NULL && scene->carry > VG_LAB_CARRY) {
        end = item->at;
    }
    while (item != NULL && vg_since(end, item->at) <= VG_LAB_CARRY &&
           series->count < SERIES) {
        series->item[series->count++] = item;
        if (scene->next != NULL) {
            vg_next(scene->next, scene->at, vg_lab_lapse(item, VG_LAB_CARRY));
        }
        item = vg_lab_back(scene->view, VG_FERRITIN, scene->at, &cursor);
    }
}

/* The later result is at least twice the earlier (equality counts) and above the ULN. */
static bool doubled(const struct scene *scene, const struct vg_item *later,
                    const struct vg_item *earlier)
{
    const int64_t value = vg_lab_bounded(later->high);
    const int64_t uln = vg_lab_uln(scene->view, later);

    return uln != VG_NO_VALUE && value > uln &&
           vg_since(later->at, earlier->at) <= DOUBLING &&
           value >= 2 * vg_lab_bounded(earlier->high);
}

/* When ferritin first doubled, of what `collect` takes. */
static struct vg_instant doubling(const struct scene *scene)
{
    struct series series;
    struct vg_instant since = VG_NEVER;

    collect(scene, &series);
    for (size_t later = 0; later < series.count; later++) {
        for (size_t i = later + 1; i < series.count; i++) {
            if (doubled(scene, series.item[later], series.item[i])) {
                since = series.item[later]->at;
            }
        }
    }
    return since;
}

static void look(struct scene *scene, const struct vg_chart *chart)
{
    for (size_t i = 0; i < SUPPORTS; i++) {
        scene->support[i] = VG_NEVER;
    }
    for (size_t i = 0; i < ELEMENTS; i++) {
        struct vg_instant *since = &scene->support[elements[i].support];

        *since = vg_earlier(*since, run(scene, elements[i].signal, elements[i].meets));
    }
    if (vg_flag_holds(chart, VG_FLAG_CRS_RESOLVING, scene->at)) {
        scene->support[VG_HS_TIMING] = chart->flag_at[VG_FLAG_CRS_RESOLVING];
    }
    scene->huge = run(scene, VG_FERRITIN, ferritin_huge);
    scene->ferritin =
        vg_earlier(vg_earlier(run(scene, VG_FERRITIN, ferritin_high), doubling(scene)),
                   scene->huge);
}

static unsigned supporting(const struct scene *scene, struct vg_instant until)
{
    unsigned bits = 0;

    for (unsigned i = 0; i < SUPPORTS; i++) {
        if (!vg_is_never(scene->support[i]) && scene->support[i].ms <= until.ms) {
            bits |= 1U << i;
        }
    }
    return bits;
}

/* More than one bit. */
static bool several(unsigned bits)
{
    return (bits & (bits - 1)) != 0;
}

/* When the screen became complete; VG_NEVER: it is not. Two of the set with one of the core,
 * or a huge ferritin and one. */
static struct vg_instant complete(const struct scene *scene)
{
    struct vg_instant since = VG_NEVER;

    for (unsigned i = 0; i < SUPPORTS; i++) {
        const struct vg_instant two = vg_later(scene->ferritin, scene->support[i]);
        const unsigned bits = vg_is_never(two) ? 0 : supporting(scene, two);

        if (bits != 0 && several(bits) && (bits & CORE) != 0) {
            since = vg_earlier(since, two);
        }
        since = vg_earlier(since, vg_later(scene->huge, scene->support[i]));
    }
    return since;
}

/* Without a young result, or with nothing to compare it with, it is not known. */
static enum vg_truth ferritin_truth(const struct scene *scene)
{
    const struct vg_item *item =
        vg_lab_live(scene->view, VG_FERRITIN, scene->at, scene->carry);

    if (!vg_is_never(scene->ferritin)) {
        return VG_TRUE;
    }
    if (item == NULL || (vg_lab_uln(scene->view, item) == VG_NO_VALUE &&
                         baseline(scene, item) == VG_NO_VALUE)) {
        return VG_UNKNOWN;
    }
    return VG_FALSE;
}

/* The first T0; before it the planned one, but nothing after `at`. */
static struct vg_instant baseline_until(const struct vg_state *state,
                                        const struct vg_view *view,
                                        struct vg_instant at)
{
    if (vg_state_set(state->chart.first_start)) {
        return state->chart.first_start;
    }
    const struct vg_instant planned = view->patient->infusion_planned;

    return vg_is_set(planned) ? vg_earlier(planned, at) : at;
}

static void baselines(struct scene *scene, struct vg_instant until)
{
    scene->base[VG_FERRITIN] = vg_baseline_lab(scene->view, VG_FERRITIN, until);
    for (size_t i = 0; i < ELEMENTS; i++) {
        const enum vg_signal signal = elements[i].signal;

        scene->base[signal] = vg_baseline_lab(scene->view, signal, until);
    }
}

void vg_iec_hs_judge(const struct vg_state *state, const struct vg_view *view,
                     struct vg_instant at, struct vg_assessment *out,
                     struct vg_instant *next)
{
    struct scene scene = {.view = view, .at = at, .carry = VG_LAB_CARRY, .next = next};

    out->iec_hs = (struct vg_iec_hs_out){vg_found(false, at), VG_FALSE, 0};
    if (!vg_patient_scored(view->patient)) {
        return;
    }
    baselines(&scene, baseline_until(state, view, at));
    look(&scene, &state->chart);
    if (state->chart.flag_on[VG_FLAG_CRS_RESOLVING]) {
        vg_next(next, at, state->chart.flag_until[VG_FLAG_CRS_RESOLVING]);
    }
    const struct vg_instant since = complete(&scene);

    out->iec_hs.ferritin = ferritin_truth(&scene);
    out->iec_hs.supporting = supporting(&scene, at);
    out->iec_hs.screen = vg_found(!vg_is_never(since), since);
    if (vg_is_never(since) && out->iec_hs.ferritin != VG_FALSE) {
        /* A yes that only lost its values is not taken back; but without the ferritin it is
         * no, whatever has grown old. */
        scene.carry = INT64_MAX;
        scene.next = NULL;
        look(&scene, &state->chart);
        if (!vg_is_never(complete(&scene))) {
            out->iec_hs.screen = vg_not_known();
        }
    }
}
