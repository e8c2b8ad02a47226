/* SPDX-License-Identifier: Apache-2.0
 *
 * Readings, entries and failed cuff cycles of one message as one blob, exactly as sent, about 6 bytes a
 * reading. The layout is in store_obs.c; the numbers in it are those of the table `word`.
 */
#ifndef VIGIL_SHELL_STORE_OBS_H
#define VIGIL_SHELL_STORE_OBS_H

#include "vigil/reading.h"

#include "shell/store_pack.h"

void vg_obs_pack(struct vg_pack *pack, const struct vg_message *message);

/* Room for what a message can hold; large, so on the heap and reused. */
struct vg_obs {
    size_t reading_count, entry_count;
    struct vg_reading readings[VG_MESSAGE_ITEMS];
    struct vg_entry entries[VG_MESSAGE_ITEMS];
    size_t failed_count;
    struct vg_instant failed[VG_FAILED_CYCLES];
};
/* Readings, entries and failed cycles of `out` are those of `obs`, which the caller keeps. */
void vg_obs_into(struct vg_obs *obs, struct vg_message *out);

/* `measured` is the message's. VG_REFUSED: the bytes cannot be right. */
enum vg_status vg_obs_unpack(const void *bytes, size_t length,
                             struct vg_instant measured, struct vg_obs *out);

/* What the flags of a reading say: on disk, as the layout is. */
enum {
    VG_OBS_TIME = 1,
    VG_OBS_METHOD = 2,
    VG_OBS_VALUE = 4,
    VG_OBS_IS_SUSPECT = 8,
    VG_OBS_IS_OUT_OF_RANGE = 16,
    VG_OBS_PI = 32,
    VG_OBS_IS_UNAROUSABLE = 64,
    VG_OBS_ULN = 128,
    VG_OBS_LLN = 256,
    VG_OBS_ICE = 512
};
#define VG_OBS_LAYOUT        1
#define VG_OBS_LAYOUT_FAILED 2 /* with failed cuff cycles */

/* A reading from its parts: what stays the same from message to message, and its numbers, each
 * to be added to one of `base`. As a whole, in the order above, `look` and `number` are one. */
struct vg_obs_parts {
    struct vg_unpack *look, *number;
    struct vg_unpack *base; /* NULL: none */
};
void vg_obs_reading(const struct vg_obs_parts *parts, struct vg_instant measured,
                    struct vg_reading *out);

/* The raw decimal in steps of the signal's resolution, as if it came in the canonical unit
 * and needed no rounding. VG_NO_VALUE if that cannot be. */
int64_t vg_obs_plain_value(enum vg_signal signal, struct vg_decimal raw);

#endif
