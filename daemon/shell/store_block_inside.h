/* SPDX-License-Identifier: Apache-2.0
 *
 * What writing and reading of blocks share. The numbers are on disk: never change one.
 */
#ifndef VIGIL_SHELL_STORE_BLOCK_INSIDE_H
#define VIGIL_SHELL_STORE_BLOCK_INSIDE_H

#include "shell/store_block.h"

#define VG_STRETCH_LAYOUT 1
#define VG_BLOCK_OWN      255 /* instead of an exponent: each has its own */

enum {
    VG_HAS_VALUE = 1,
    VG_HAS_PI = 2,
    VG_HAS_ULN = 4,
    VG_HAS_LLN = 8,
    VG_HAS_ICE = 16,
    VG_HAS_ANY = 31,
    VG_IS_SUSPECT = 32,
    VG_IS_OUT_OF_RANGE = 64,
    VG_IS_UNAROUSABLE = 128
};

/* The decimal's mantissa at another, not smaller exponent. False: it does not fit. */
static inline bool vg_block_shift(struct vg_decimal raw, unsigned exponent,
                                  int64_t *out)
{
    int64_t mantissa = raw.mantissa;

    for (unsigned i = raw.exponent; i < exponent; i++) {
        if (__builtin_mul_overflow(mantissa, 10, &mantissa)) {
            return false;
        }
    }
    *out = mantissa;
    return raw.exponent <= exponent;
}

/* The normal form: no zero at the end of the mantissa while there is an exponent. */
static inline struct vg_decimal vg_block_normal(int64_t mantissa, unsigned exponent)
{
    while (exponent > 0 && mantissa % 10 == 0) {
        mantissa /= 10;
        exponent--;
    }
    return (struct vg_decimal){mantissa, (uint8_t)exponent};
}

/* Makes room for `wanted` things; VG_OK or VG_NO_MEMORY. */
enum vg_status vg_block_grow(void **array, size_t *capacity, size_t size,
                             size_t wanted);

/* Packs the stretch's scratch behind `out`. VG_OK or VG_NO_MEMORY. */
enum vg_status vg_stretch_zipped(struct vg_stretch *stretch, struct vg_zip *zip,
                                 struct vg_pack *out);

#endif
