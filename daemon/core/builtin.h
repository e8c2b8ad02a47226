/* SPDX-License-Identifier: Apache-2.0
 *
 * What is watched whatever the protocol says, because it guards the rules themselves:
 * values that are refused as numbers but must call somebody, clocks and identities that
 * cannot be trusted. Clinical reference 0.3, 9.3, 10.1.
 */
#ifndef VIGIL_CORE_BUILTIN_H
#define VIGIL_CORE_BUILTIN_H

#include "vigil/protocol.h"

enum vg_builtin {
    VG_CHECK_PATIENT,
    VG_OUT_OF_RANGE_RULE,
    VG_CLOCK_FUTURE,
    VG_IDENTITY_MISMATCH,
    VG_PROTOCOL_UNKNOWN,
    VG_BUILTIN_COUNT
};

/* From VG_BUILTIN_COUNT on: the rule of an orphan, an open alert whose own rule is gone; its id is "".
 * A rule whose `when` is never asked: the engine decides. */
const struct vg_rule *vg_builtin_rule(enum vg_builtin which);

#endif
