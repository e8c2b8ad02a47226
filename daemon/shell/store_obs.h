/* SPDX-License-Identifier: Apache-2.0
 *
 * Readings and entries of one message as one blob, exactly as sent, about 6 bytes a
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
};

/* `measured` is the message's. VG_REFUSED: the bytes cannot be right. */
enum vg_status vg_obs_unpack(const void *bytes, size_t length,
                             struct vg_instant measured, struct vg_obs *out);

/* The raw decimal in steps of the signal's resolution, as if it came in the canonical unit
 * and needed no rounding. VG_NO_VALUE if that cannot be. */
int64_t vg_obs_plain_value(enum vg_signal signal, struct vg_decimal raw);

#endif
