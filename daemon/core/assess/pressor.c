/* SPDX-License-Identifier: Apache-2.0
 *
 * Vasopressors: Clinical reference 1.3; Lee 2019.
 */
#include "core/course.h"

/* Running vasopressors other than vasopressin (Lee 2019); dobutamine and milrinone are none. One of a name that nobody knows
 * may be vasopressin: by itself it is one, beside another no second one (a lower bound: 0.4). */
int vg_pressor_tier(const struct vg_chart *chart)
{
    static const enum vg_pressor_name counted[] = {VG_NOREPINEPHRINE, VG_EPINEPHRINE,
                                                   VG_PHENYLEPHRINE, VG_DOPAMINE,
                                                   VG_ANGIOTENSIN_II};
    int n = 0;

    for (size_t i = 0; i < sizeof counted / sizeof counted[0]; i++) {
        n += chart->pressor_on[counted[i]];
    }
    if (n >= 2) {
        return 4;
    }
    return n == 1 || chart->pressor_on[VG_VASOPRESSIN] ||
                   chart->pressor_on[VG_PRESSOR_UNKNOWN]
               ? 3
               : 0;
}

struct vg_instant vg_pressor_since(const struct vg_chart *chart)
{
    struct vg_instant since = VG_NEVER;

    for (unsigned i = 0; i < VG_DOBUTAMINE; i++) {
        since = chart->pressor_on[i] ? vg_earlier(since, chart->pressor_at[i]) : since;
    }
    return since;
}
