/* SPDX-License-Identifier: Apache-2.0
 *
 * A stretch: messages of one bed, one subject and one origin, one after another as they
 * arrived, taken apart into columns. The `times` of its messages and each signal's block
 * are packed apart, so that a question about one signal reads little else; `rest` is what
 * is needed beside them to tell the messages again as they were. The layouts are in
 * store_block.c.
 */
#ifndef VIGIL_SHELL_STORE_BLOCK_H
#define VIGIL_SHELL_STORE_BLOCK_H

#include "vigil/reading.h"

#include "shell/store_column.h"
#include "shell/store_obs.h"
#include "shell/store_zip.h"

/* Of one stretch. A block of 3600 is an hour of a monitor. */
#define VG_STRETCH_MESSAGES 3600
#define VG_STRETCH_READINGS 32768

/* Signals are numbered within a stretch: a block's row is stretch * VG_BLOCKS + number. */
#define VG_BLOCKS 128

/* ---- Writing */

struct vg_stretch_item {
    struct vg_reading reading;
    uint32_t message;  /* which of the stretch */
    uint32_t position; /* which reading of that message */
};

/* Which items are one signal's. */
struct vg_stretch_list {
    uint32_t *item;
    size_t count, capacity;
};

/* A stretch that is being put together. Zero-initialise; vg_stretch_clear begins the next one
 * of at most `most` messages, itself at most VG_STRETCH_MESSAGES. */
struct vg_stretch {
    size_t most;
    size_t messages, readings,
        entries; /* entries: messages with some, or failed cycles */
    int64_t id[VG_STRETCH_MESSAGES], received[VG_STRETCH_MESSAGES];
    int64_t measured[VG_STRETCH_MESSAGES], seq[VG_STRETCH_MESSAGES];
    struct vg_stretch_item *item;
    size_t capacity;
    struct vg_instant oldest, newest; /* of all that is in it */
    uint64_t signals;                 /* bit per enum vg_signal, of readings */
    struct vg_stretch_list of[VG_MEASURED_COUNT];
    struct vg_pack charted;      /* entries: message, length, store_obs.h */
    int64_t *numbers;            /* scratch of a column */
    uint8_t *chosen, *exponents; /* scratch of a block */
    size_t number_capacity, chosen_capacity, exponent_capacity;
    struct vg_pack scratch;
};
void vg_stretch_clear(struct vg_stretch *stretch, size_t most);
void vg_stretch_finish(struct vg_stretch *stretch);

/* One message of kind vitals, whose readings and entries are `obs`. VG_OK, VG_FULL (begin
 * another stretch) or VG_NO_MEMORY; nothing is added then. */
struct vg_stretch_message {
    int64_t id;
    struct vg_instant received, measured;
    uint64_t seq;
    const struct vg_obs *obs;
};
enum vg_status vg_stretch_add(struct vg_stretch *stretch,
                              const struct vg_stretch_message *message);

/* Each appends packed bytes. VG_OK or VG_NO_MEMORY. */
enum vg_status vg_stretch_times(struct vg_stretch *stretch, struct vg_zip *zip,
                                struct vg_pack *out);
enum vg_status vg_stretch_rest(struct vg_stretch *stretch, struct vg_zip *zip,
                               struct vg_pack *out);
struct vg_block_head {
    size_t readings;
    struct vg_instant oldest, newest;
};
/* `cells` gets the sums of its cells (store_sums.h). Also VG_FULL: more looks (see below) than
 * a block can have; a stretch of one message never has. */
enum vg_status vg_stretch_block(struct vg_stretch *stretch, enum vg_signal signal,
                                struct vg_zip *zip, struct vg_pack *out,
                                struct vg_pack *cells, struct vg_block_head *head);

/* ---- Reading */

/* Measured times and ids of a stretch's messages. */
struct vg_times {
    size_t messages;
    struct vg_column measured, id;
    struct vg_pack bytes;
};
void vg_times_finish(struct vg_times *times);
/* VG_OK, VG_NO_MEMORY or VG_REFUSED: damaged. So do all below. */
enum vg_status vg_times_unpack(struct vg_zip *zip, struct vg_slice packed,
                               struct vg_times *out);

struct vg_rest {
    struct vg_column received, seq;
    struct vg_unpack charted; /* what is left of it */
    struct vg_pack bytes;
};
void vg_rest_finish(struct vg_rest *rest);
enum vg_status vg_rest_unpack(struct vg_zip *zip, struct vg_slice packed,
                              size_t messages, struct vg_rest *out);
/* The next message that has entries, into `obs`, which then has no readings; VG_ABSENT: there
 * is none left. */
enum vg_status vg_rest_next(struct vg_rest *rest, const struct vg_times *times,
                            size_t *message, struct vg_obs *obs);

/* A block's readings, told in order. */
#define VG_BLOCK_LOOKS 256
struct vg_block {
    enum vg_signal signal;
    size_t readings;
    bool own_exponents; /* else all mantissas stand at `exponent` */
    uint8_t exponent;
    size_t looks;
    struct vg_reading look[VG_BLOCK_LOOKS]; /* all but the numbers of a reading */
    uint16_t has[VG_BLOCK_LOOKS];           /* which numbers, per look */
    struct vg_column message, position, offset, mantissa, own, chosen;
    struct vg_column rare[5]; /* value, pi, uln, lln, ice: those that have it */
    struct vg_pack bytes;
    size_t at, rare_at[5]; /* where vg_block_next stands */
    int64_t factor;        /* from mantissa to canonical steps; 0: not one for all */
    size_t shown;          /* the look that `out` has; SIZE_MAX: none */
};
void vg_block_finish(struct vg_block *block);
enum vg_status vg_block_unpack(struct vg_zip *zip, struct vg_slice packed,
                               const struct vg_times *times, struct vg_block *out);

/* The next reading, exactly as it was put; false: that was all. `out` is to be the same until the
 * end of the block, and only read meanwhile: what stays the same is not written again. */
bool vg_block_next(struct vg_block *block, const struct vg_times *times,
                   struct vg_reading *out, size_t *message, size_t *position);

#endif
