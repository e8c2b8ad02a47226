/* SPDX-License-Identifier: Apache-2.0
 *
 * The EASIX family: Clinical reference 6.4. LDH in U/L, creatinine and CRP in mg/dL,
 * platelets in 10*9/L; shown with its trend, without an alert.
 */
#include "core/assess/labs.h"
#include "core/course.h"

/* The value of a signal at most 72 h old, in units; *next as in judge. */
static struct vg_number units(const struct vg_view *view, enum vg_signal signal,
                              struct vg_instant at, struct vg_instant *next)
{
    const struct vg_item *item = vg_lab_within(view, signal, at, VG_LAB_CARRY);

    if (item == NULL) {
        return VG_NUMBER_UNKNOWN;
    }
    vg_next(next, at, vg_lab_lapse(item, VG_LAB_CARRY));
    return vg_number_of(item->high, VG_MICRO);
}

/* In millionths, half away from zero; VG_NO_VALUE: not known, or beyond measure. */
static int64_t millionths(struct vg_number number)
{
    number = vg_number_multiply(number, vg_number_of(VG_MICRO, 1));
    if (!number.known) {
        return VG_NO_VALUE;
    }
    const int64_t rest = number.numerator % number.denominator;

    return number.numerator / number.denominator +
           (rest >= number.denominator - rest ? 1 : 0);
}

void vg_easix_judge(const struct vg_state *state, const struct vg_view *view,
                    struct vg_instant at, struct vg_assessment *out,
                    struct vg_instant *next)
{
    (void)state;
    out->easix = (struct vg_easix_out){VG_NO_VALUE, VG_NO_VALUE, VG_NO_VALUE};
    if (!vg_patient_scored(view->patient)) {
        return;
    }
    const struct vg_number simple =
        vg_number_divide(units(view, VG_LDH, at, next), units(view, VG_PLT, at, next));

    out->easix.seasix = millionths(simple);
    out->easix.easix =
        millionths(vg_number_multiply(simple, units(view, VG_CREAT, at, next)));
    out->easix.measix =
        millionths(vg_number_multiply(simple, units(view, VG_CRP, at, next)));
}
