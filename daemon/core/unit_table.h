/* SPDX-License-Identifier: Apache-2.0
 *
 * The names of units as a table, for its own file and the test that checks it.
 */
#ifndef VIGIL_CORE_UNIT_TABLE_H
#define VIGIL_CORE_UNIT_TABLE_H

#include "vigil/unit.h"

struct vg_unit_name {
    const char *text;
    enum vg_unit unit;
};

/* In order of bytes; constant. */
const struct vg_unit_name *vg_unit_names(size_t *count);

#endif
