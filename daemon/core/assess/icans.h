/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VIGIL_ASSESS_ICANS_H
#define VIGIL_ASSESS_ICANS_H

#include "core/item.h"

struct vg_icans {
    int unused;
};

#endif
