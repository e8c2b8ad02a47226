/* SPDX-License-Identifier: Apache-2.0
 *
 * The flags that a clinician can set on a patient: a closed list (Clinical reference 0.6).
 * A flag changes grades; it never suppresses a raw threshold alert.
 */
#ifndef VIGIL_FLAG_H
#define VIGIL_FLAG_H

#include "vigil/base.h"

enum vg_flag {
    VG_FLAG_FEVER_OTHER_CAUSE,
    VG_FLAG_HYPOTENSION_OTHER_CAUSE,
    VG_FLAG_HYPOXIA_OTHER_CAUSE,
    VG_FLAG_HOME_CPAP,
    VG_FLAG_AIRWAY_ONLY,
    VG_FLAG_SCALE2,
    VG_FLAG_SEDATED,
    VG_FLAG_ANC_EXPECTED_LT500,
    VG_FLAG_ALLERGEN_PROBABLE,
    VG_FLAG_CRS_RESOLVING,
    VG_FLAG_CRS_CLOSED,
    VG_FLAG_IRR_RESOLVED,
    VG_FLAG_FN_TREATED,
    VG_FLAG_COMFORT_CARE,
    VG_FLAG_COUNT
};

struct vg_flag_row {
    const char *name; /* as in messages and in flag(…) of a protocol */
    vg_ms expiry_ms;  /* where its setter names no end; 0: holds until withdrawn */
    bool review_24h;  /* does not lapse, but is put up for review every 24 h */
};
extern const struct vg_flag_row vg_flag_rows[VG_FLAG_COUNT];

/* The same names, for those who take a list; ends with NULL. */
extern const char *const vg_flag_names[VG_FLAG_COUNT + 1];

/* By the whole name, which need not be terminated; VG_FLAG_COUNT: there is none such. */
enum vg_flag vg_flag_find(const char *name, size_t length);

/* Whether who names himself so ("role:name", or a role alone) may put it: comfort_care is ordered by a
 * physician, and a role that is not known for a physician's is none. The others are anybody's to tell. */
bool vg_flag_may_put(enum vg_flag flag, const char *by);

/* When a flag set at `at` lapses: by its row, or at `until` where its setter named it (VG_UNSET: not) and that is earlier; VG_NEVER: it holds until withdrawn. */
struct vg_instant vg_flag_end(enum vg_flag flag, struct vg_instant at,
                              struct vg_instant until);

#endif
