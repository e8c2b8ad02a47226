/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers and truths of the rule language. A number is an exact fraction in the canonical
 * unit, or unknown; nothing is compared in binary floating point. Truth has three values
 * and follows Kleene: unknown is never normal and never alarming by itself.
 */
#ifndef VIGIL_NUMBER_H
#define VIGIL_NUMBER_H

#include "vigil/base.h"

/* numerator / denominator, denominator > 0; meaningless unless known. */
struct vg_number {
    bool known;
    int64_t numerator;
    int64_t denominator;
};

#define VG_NUMBER_UNKNOWN ((struct vg_number){false, 0, 1})

static inline struct vg_number vg_number_of(int64_t numerator, int64_t denominator)
{
    return (struct vg_number){true, numerator, denominator};
}

enum vg_truth { VG_FALSE = 0, VG_TRUE = 1, VG_UNKNOWN = 2 };

/* Exact; unknown if either side is, if a result does not fit 63 bits after reduction, or on
 * a division by zero. */
struct vg_number vg_number_add(struct vg_number a, struct vg_number b);
struct vg_number vg_number_subtract(struct vg_number a, struct vg_number b);
struct vg_number vg_number_multiply(struct vg_number a, struct vg_number b);
struct vg_number vg_number_divide(struct vg_number a, struct vg_number b);

/* -1, 0, 1; both must be known. */
int vg_number_compare(struct vg_number a, struct vg_number b);

enum vg_truth vg_truth_and(enum vg_truth a, enum vg_truth b);
enum vg_truth vg_truth_or(enum vg_truth a, enum vg_truth b);
enum vg_truth vg_truth_not(enum vg_truth a);

#endif
