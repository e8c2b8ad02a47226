/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VIGIL_ASSESS_FN_H
#define VIGIL_ASSESS_FN_H

#include "core/item.h"

struct vg_fn {
    int unused;
};

#endif
