/* SPDX-License-Identifier: Apache-2.0
 *
 * Ladders that stand in where a protocol has none of that name: for its rules and floors, for
 * the built-in rules and for the troubles of the node. A hospital replaces one by writing its own.
 */
#ifndef VIGIL_CORE_STAND_IN_H
#define VIGIL_CORE_STAND_IN_H

#include "vigil/protocol.h"

#define VG_STAND_INS 5 /* critical, urgent, watch, technical, check-patient */

/* NULL: none of that name. */
const struct vg_ladder *vg_stand_in(const char *name);

#endif
