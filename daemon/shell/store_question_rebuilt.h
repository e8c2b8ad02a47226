/* SPDX-License-Identifier: Apache-2.0
 *
 * A stretch whose messages are put together again from its blocks.
 */
#ifndef VIGIL_SHELL_STORE_QUESTION_REBUILT_H
#define VIGIL_SHELL_STORE_QUESTION_REBUILT_H

#include "shell/store_question.h"

/* A reading of a stretch, and where in which message it was. */
struct vg_part {
    uint32_t message, position;
    struct vg_reading reading;
};

/* A stretch whose messages are being told. */
struct vg_rebuilt {
    const struct vg_piece *piece;
    struct vg_times times;
    struct vg_rest rest;
    struct vg_part *part; /* by message, then position */
    size_t count, capacity, at;
    size_t message; /* the next one */
    size_t charted; /* the next one with entries, SIZE_MAX: none */
    struct vg_obs *obs;
    struct vg_block *block; /* scratch */
};

/* VG_OK, VG_NO_MEMORY or VG_FAILED (damaged, too late). `block` is scratch that lives as long. */
enum vg_status vg_rebuilt_open(struct vg_search *search, const struct vg_piece *piece,
                               struct vg_block *block, struct vg_rebuilt **out);
void vg_rebuilt_close(struct vg_rebuilt *o);

/* Moves on to the next message that has entries. */
enum vg_status vg_rebuilt_next_charted(struct vg_search *search, struct vg_rebuilt *o);

#endif
