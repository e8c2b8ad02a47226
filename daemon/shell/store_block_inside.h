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

/* Mantissas within it can be multiplied by a million. */
#define VG_BLOCK_MUCH INT64_C(1000000000000)

/* The number of a reading of a block that has one exponent for all. */
static inline void vg_block_number(const struct vg_block *block, int64_t mantissa,
                                   struct vg_reading *out)
{
    out->raw = vg_block_normal(mantissa, block->exponent);
    out->value =
        block->factor == 0 || mantissa > VG_BLOCK_MUCH || mantissa < -VG_BLOCK_MUCH
            ? vg_obs_plain_value(block->signal, out->raw)
            : mantissa * block->factor;
}

/* One reading of each message, one look, the message's time, no numbers beside the value: what
 * monitors send. A reading that was put by vg_block_next differs from the next one in number and
 * place only. */
static inline bool vg_block_is_plain(const struct vg_block *block)
{
    return block->looks == 1 && block->has[0] == 0 && !block->own_exponents &&
           block->offset.linear && block->offset.start == 0 &&
           block->offset.step == 0 && block->message.linear && block->message.step == 1;
}

/* Makes room for `wanted` things; VG_OK or VG_NO_MEMORY. */
enum vg_status vg_block_grow(void **array, size_t *capacity, size_t size,
                             size_t wanted);

/* Packs the stretch's scratch behind `out`. VG_OK or VG_NO_MEMORY. */
enum vg_status vg_stretch_zipped(struct vg_stretch *stretch, struct vg_zip *zip,
                                 struct vg_pack *out);

#endif
