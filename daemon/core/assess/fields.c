/* SPDX-License-Identifier: Apache-2.0
 *
 * The assessment fields that rules may name: one row for each, ended by a row without a
 * name.
 */
#include "vigil/expr.h"

static const struct vg_field fields[] = {
    {NULL, VG_UNIT_NONE, false, 0, NULL},
};

const struct vg_field *vg_fields(void)
{
    return fields;
}
