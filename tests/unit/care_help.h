/* SPDX-License-Identifier: Apache-2.0
 *
 * An alert with a ladder of three steps and a fallback, for tests that look at its care from near.
 */
#ifndef VIGIL_TESTS_UNIT_CARE_HELP_H
#define VIGIL_TESTS_UNIT_CARE_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/care_inside.h"

#define A 1U
#define B 2U
#define C 4U
#define D 8U

static struct vg_alert alert;

static inline void begin(enum vg_severity severity, bool latched)
{
    memset(&alert, 0, sizeof alert);
    vg_care_init(&alert);
    alert.severity = severity;
    alert.latched = latched;
    alert.care.plan = (struct vg_plan){.name = "ladder",
                                       .hold = 10 * VG_MINUTE,
                                       .role_count = 4,
                                       .step_count = 3,
                                       .role = {"a", "b", "senior-c", "d"},
                                       .step = {{A, VG_MINUTE, 0, false},
                                                {B, 2 * VG_MINUTE, 0, false},
                                                {C, 3 * VG_MINUTE, 0, false}},
                                       .fallback = {D, 0, VG_MINUTE, false}};
}

static inline struct vg_instant in(int64_t minutes)
{
    return (struct vg_instant){minutes * VG_MINUTE};
}

#endif
