/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VIGIL_ASSESS_REACTION_H
#define VIGIL_ASSESS_REACTION_H

#include "core/item.h"

struct vg_reaction {
    int unused;
};

#endif
