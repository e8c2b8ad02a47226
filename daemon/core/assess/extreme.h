/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VIGIL_ASSESS_EXTREME_H
#define VIGIL_ASSESS_EXTREME_H

#include "core/item.h"

struct vg_extreme {
    int unused;
};

#endif
