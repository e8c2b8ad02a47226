/* SPDX-License-Identifier: Apache-2.0
 *
 * Laboratory tumour lysis (Cairo-Bishop 2004; Howard 2011 by setting): Clinical reference
 * 6.5. Two or more of four analytes, from 3 d before to 7 d after a start of treatment; the
 * first day of lymphodepletion and T0 are such starts, each with its own baseline.
 */
#include "core/assess/labs.h"
#include "core/course.h"

/* Clinical reference 6.5; 0.4 for the age. */
#define BEFORE (3 * VG_DAY)
#define AFTER  (7 * VG_DAY)
#define CARRY  (24 * VG_HOUR)
#define LEAST  2

/* Absolute limits in the unit delivered, in thousandths: in the canonical unit, and in
 * another that has a limit of its own. */
struct analyte {
    enum vg_signal signal;
    bool low_is_bad;
    int64_t limit;
    enum vg_unit other;
    int64_t other_limit;
};

/* Clinical reference 6.5 (Cairo-Bishop 2004, adults). */
static const struct analyte analytes[] = {
    {VG_URATE, false, 8000, VG_UNIT_UMOL_PER_L, 476000}, /* mg/dL */
    {VG_K, false, 6000, VG_UNIT_MEQ_PER_L, 6000},        /* mmol/L */
    {VG_PHOS, false, 4500, VG_UNIT_MMOL_PER_L, 1450},    /* mg/dL */
    {VG_CA, true, 7000, VG_UNIT_MMOL_PER_L, 1750},       /* mg/dL */
};
#define ANALYTES (sizeof analytes / sizeof analytes[0])

struct start {
    struct vg_instant from, to; /* of collection */
    struct vg_instant baseline; /* the last value at or before this; VG_UNSET: none */
};

struct scene {
    const struct vg_view *view;
    struct vg_instant at;
    struct vg_instant *next;
    int64_t albumin; /* millionths of g/dL, VG_NO_VALUE */
};

/* What one start says. */
struct tally {
    int n, absolute;           /* from values at most 24 h old */
    int stale, stale_absolute; /* from the last value where it is older */
    struct vg_instant since;   /* the newest value among n */
};

/* Ten times a value, calcium corrected for albumin: + 0.8 x (4.0 - albumin g/dL) mg/dL, or
 * + 0.02 x (40 - albumin g/L) mmol/L. */
static int64_t tenfold(enum vg_signal signal, int64_t value, int64_t albumin,
                       bool molar)
{
    const int64_t ten = 10 * vg_lab_bounded(value);

    if (signal != VG_CA || albumin == VG_NO_VALUE) {
        return ten;
    }
    return ten + (molar ? 2 : 8) * (4 * VG_MICRO - albumin);
}

static bool beyond(bool low_is_bad, bool strict, int64_t value, int64_t limit)
{
    if (value == limit) {
        return !strict;
    }
    return low_is_bad ? value < limit : value > limit;
}

static bool absolute(const struct scene *scene, const struct analyte *row,
                     const struct vg_item *item)
{
    const bool other = item->unit == (uint8_t)row->other;
    const int64_t limit = (other ? row->other_limit : row->limit) * (VG_MICRO / 1000);
    const bool molar = other && row->other == VG_UNIT_MMOL_PER_L;
    const int64_t value = other ? item->raw : item->high;

    return beyond(row->low_is_bad, scene->view->patient->clinical.tls_howard,
                  tenfold(row->signal, value, scene->albumin, molar), 10 * limit);
}

/* 25 % or more above the baseline; calcium below it. */
static bool relative(const struct scene *scene, const struct analyte *row,
                     const struct start *start, const struct vg_item *item)
{
    const struct vg_view *view = scene->view;
    const int64_t baseline = vg_baseline_lab(view, row->signal, start->baseline);

    if (view->patient->clinical.tls_howard || baseline == VG_NO_VALUE) {
        return false;
    }
    const int64_t then = vg_baseline_lab(view, VG_ALBUMIN, start->baseline);
    const int64_t value = tenfold(row->signal, item->high, scene->albumin, false);
    const int64_t limit =
        (row->low_is_bad ? 3 : 5) * tenfold(row->signal, baseline, then, false);

    return beyond(row->low_is_bad, false, 4 * value, limit);
}

static void count(const struct scene *scene, const struct vg_item *item,
                  bool is_absolute, struct tally *tally)
{
    if (vg_since(scene->at, item->at) > CARRY) {
        tally->stale++;
        tally->stale_absolute += is_absolute;
        return;
    }
    vg_next(scene->next, scene->at, vg_lab_lapse(item, CARRY));
    tally->n++;
    tally->absolute += is_absolute;
    tally->since = vg_later(tally->since, item->at);
}

/* The newest result inside the start's window speaks; one stamped in the future clears
 * nothing (0.3). */
static void take(const struct scene *scene, const struct analyte *row,
                 const struct start *start, struct tally *tally)
{
    size_t cursor = scene->view->log->count;
    bool more = true;

    while (more) {
        const struct vg_item *item =
            vg_lab_back(scene->view, row->signal, scene->at, &cursor);

        if (item == NULL || item->at.ms < start->from.ms ||
            item->at.ms > start->to.ms) {
            return;
        }
        const bool hard = absolute(scene, row, item);

        if (hard || relative(scene, row, start, item)) {
            count(scene, item, hard, tally);
            return;
        }
        more = (item->marks & VG_MARK_CLOCK) != 0;
    }
}

static size_t starts_of(const struct vg_state *state, const struct vg_view *view,
                        struct vg_instant at, struct start out[2])
{
    const struct vg_instant first = state->chart.lymphodepletion;
    const struct vg_instant t0 = vg_infusion_t0(&state->chart, view->patient);
    size_t many = 0;

    if (vg_state_set(first)) {
        out[many++] =
            (struct start){vg_after(first, -BEFORE), vg_after(first, AFTER), first};
    }
    if (vg_is_set(t0)) {
        out[many++] = (struct start){vg_after(t0, -BEFORE), vg_after(t0, AFTER),
                                     vg_earlier(t0, at)};
    } else if (vg_is_set(view->patient->admitted)) {
        /* No infusion charted or planned: open from admission (0.3). */
        out[many++] = (struct start){view->patient->admitted, VG_NEVER, VG_UNSET};
    }
    return many;
}

/* Values that are missing leave a yes open until its window ends. */
static enum vg_truth truth(bool now, bool with_stale, const struct scene *scene,
                           const struct start *start)
{
    if (now) {
        return VG_TRUE;
    }
    if (!with_stale || scene->at.ms > start->to.ms) {
        return VG_FALSE;
    }
    vg_next(scene->next, scene->at, vg_after(start->to, 1));
    return VG_UNKNOWN;
}

/* Of two starts, yes before unknown before no; of two times the newer result's. */
static void merge(struct vg_finding *into, enum vg_truth more, struct vg_instant since)
{
    into->truth = vg_truth_or(into->truth, more);
    if (more == VG_TRUE) {
        into->since = vg_later(into->since, since);
    }
}

static void judge_start(const struct scene *scene, const struct start *start,
                        struct vg_tls_out *out)
{
    struct tally tally = {.since = VG_UNSET};

    for (size_t i = 0; i < ANALYTES; i++) {
        take(scene, &analytes[i], start, &tally);
    }
    const bool lab = tally.n >= LEAST;
    const bool lab_stale = tally.n + tally.stale >= LEAST;

    merge(&out->lab, truth(lab, lab_stale, scene, start), tally.since);
    merge(&out->absolute,
          truth(lab && tally.absolute > 0,
                lab_stale && tally.absolute + tally.stale_absolute > 0, scene, start),
          tally.since);
    out->n = tally.n > out->n ? tally.n : out->n;
}

void vg_tls_judge(const struct vg_state *state, const struct vg_view *view,
                  struct vg_instant at, struct vg_assessment *out,
                  struct vg_instant *next)
{
    struct scene scene = {view, at, next, VG_NO_VALUE};
    struct start starts[2];
    const struct vg_item *albumin = vg_lab_within(view, VG_ALBUMIN, at, VG_LAB_CARRY);

    out->tls = (struct vg_tls_out){vg_found(false, at), vg_found(false, at), 0};
    if (!vg_patient_scored(view->patient)) {
        return;
    }
    if (albumin != NULL) {
        scene.albumin = vg_lab_bounded(albumin->high);
        vg_next(next, at, vg_lab_lapse(albumin, VG_LAB_CARRY));
    }
    const size_t many = starts_of(state, view, at, starts);

    for (size_t i = 0; i < many; i++) {
        judge_start(&scene, &starts[i], &out->tls);
    }
}
