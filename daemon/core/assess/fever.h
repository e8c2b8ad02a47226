/* SPDX-License-Identifier: Apache-2.0
 *
 * Fever: Clinical reference 1.2 (confirmation by source, clear, drift), 5.3 (repeat).
 */
#ifndef VIGIL_ASSESS_FEVER_H
#define VIGIL_ASSESS_FEVER_H

#include "core/item.h"

struct vg_state;
struct vg_view;
struct vg_assessment;

struct vg_fever {
    /* Read by crs.c, fn.c and reaction.c; late samples included. 0 ms: never. */
    struct vg_instant last_confirmed; /* newest confirmed sample >= 38.0 */
    int64_t last_confirmed_value;     /* its confirmed level, 0.1 Cel */
    struct vg_instant last_valid;     /* newest valid temperature of any source */
    /* private to fever.c from here */
    int unused;
};

#endif
