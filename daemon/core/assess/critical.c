/* SPDX-License-Identifier: Apache-2.0
 *
 * Single critical values: Clinical reference 6.6 (project proposals; a site's list
 * overrides them by rules of its own). Each result is a finding of its own: `since` is its
 * time of collection, so that a new one is told anew.
 */
#include "core/assess/labs.h"
#include "core/course.h"

/* Critical when value < below, or > above (or equal to it, if `equal`). In thousandths of
 * the unit. `molar`, where not zero: the lower limit for a value delivered in mmol/L. */
struct limits {
    size_t place; /* of the finding in vg_critical_out */
    enum vg_signal signal;
    int64_t below, above;
    bool equal;
    int64_t molar;
};

#define OUT(name) offsetof(struct vg_critical_out, name)
#define NO_LOW    INT64_MIN
#define NO_HIGH   INT64_MAX

static const struct limits table[] = {
    {OUT(k), VG_K, 2500, 6000, true, 0},                         /* mmol/L */
    {OUT(plt), VG_PLT, 10000, NO_HIGH, false, 0},                /* 10*9/L */
    {OUT(hb), VG_HB, 7000, NO_HIGH, false, 0},                   /* g/dL */
    {OUT(fibrinogen), VG_FIBRINOGEN, 100000, NO_HIGH, false, 0}, /* mg/dL */
    {OUT(lactate_2), VG_LACTATE, NO_LOW, 2000, false, 0},        /* mmol/L */
    {OUT(lactate_4), VG_LACTATE, NO_LOW, 4000, true, 0},
    {OUT(na), VG_NA, 120000, 160000, false, 0},                  /* mmol/L */
    {OUT(glucose_low), VG_GLUCOSE, 54000, NO_HIGH, false, 3000}, /* mg/dL; mmol/L */
    {OUT(glucose_high), VG_GLUCOSE, NO_LOW, 500000, false, 0},
};
#define ROWS (sizeof table / sizeof table[0])

static bool critical(const struct limits *row, const struct vg_item *item)
{
    const int64_t milli = VG_MICRO / 1000;

    if (row->molar != 0 && item->unit == VG_UNIT_MMOL_PER_L) {
        return item->raw < row->molar * milli;
    }
    if (row->below != NO_LOW && item->high < row->below * milli) {
        return true;
    }
    if (row->above == NO_HIGH) {
        return false;
    }
    const int64_t above = row->above * milli;

    return row->equal ? item->high >= above : item->high > above;
}

/* A result stamped in the future clears nothing (0.3): the one before it still speaks. */
static struct vg_finding find(const struct limits *row, const struct vg_view *view,
                              struct vg_instant at, struct vg_instant *next)
{
    const vg_ms carry =
        vg_signal_info(row->signal)->carry; /* 72 h, lactate 6 h (0.4) */
    struct vg_finding found = vg_not_known();
    size_t cursor = view->log->count;
    bool more = true;

    while (more) {
        const struct vg_item *item = vg_lab_back(view, row->signal, at, &cursor);

        if (item == NULL || vg_since(at, item->at) > carry) {
            break;
        }
        vg_next(next, at, vg_lab_lapse(item, carry));
        found = vg_found(critical(row, item), item->at);
        more = found.truth == VG_FALSE && (item->marks & VG_MARK_CLOCK) != 0;
    }
    return found;
}

void vg_critical_judge(const struct vg_state *state, const struct vg_view *view,
                       struct vg_instant at, struct vg_assessment *out,
                       struct vg_instant *next)
{
    const bool adult = vg_patient_adult(view->patient);

    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        struct vg_finding *finding =
            (struct vg_finding *)(void *)((char *)&out->critical + table[i].place);

        *finding = adult ? find(&table[i], view, at, next) : vg_found(false, VG_UNSET);
    }
}
