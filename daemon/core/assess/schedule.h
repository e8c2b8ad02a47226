/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VIGIL_ASSESS_SCHEDULE_H
#define VIGIL_ASSESS_SCHEDULE_H

#include "core/item.h"

struct vg_schedule {
    int unused;
};

#endif
