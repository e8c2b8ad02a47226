/* SPDX-License-Identifier: Apache-2.0
 *
 * A bundle: messages of monitors one after another as they arrived, of whatever beds, in one
 * row of the table `bundle`, of which two fill a page of the file. It is the hot form of what is not
 * sealed yet: 3 to 4 bytes a reading where a row for each message took 13, and one row to
 * write for eighty messages.
 *
 * What stays the same is said once. The first message is written in full, the base; of all
 * others only the differences from it, so that each can be read without those before it, and
 * passed over by its length. How the readings of a message look (which signals, units,
 * sources, flags) is a shape, said once in the bundle with the numbers of the first message
 * that has it; a message names its shape and gives the differences of its numbers.
 *
 * The bundle that is being filled stays in the writer's memory, and its row is written anew by
 * each commit that adds to it, in the transaction of the messages: a small commit costs the one
 * page that it would cost anyway, and what is in the file is always whole. After a failure or
 * a restart the next message begins another bundle. Ids within a bundle have no gaps.
 *
 * What does not fit (charted entries, very many readings) is a row of `message_row`, as
 * everything was before there were bundles. Both are read by store_rows.h alone.
 *
 *     byte 2, byte shapes, two bytes messages, four bytes check (low ones first)
 *     signed: received, measured - received, place, subject - place, epoch, seq,
 *     id - previous: of the first message; then each shape:
 *       varint readings, then each: byte signal, varint flags, byte exponent + 32 * source,
 *       byte unit, and byte method + 16 * quality where the flags say so
 *       signed numbers: for each reading its mantissa and what its flags say of it, in the
 *       order of store_obs.c
 *     then each message: varint bytes that follow; byte shape + the VG_BUNDLE_SAME_… below;
 *       signed differences from the base: received, measured - received, place, seq; subject
 *       - place, epoch, id - previous unless they are the same; hash, low bytes first, four
 *       of a numbered message and eight of one without; signed differences of its numbers
 *       from the shape's
 *
 * A first byte 1 is of before version 8 of the store: the hash has eight bytes always.
 *
 * Differences wrap, so every number of 64 bits comes back. The check is the low half of
 * vg_hash(shapes + messages, the first four bytes and the numbers of the first message), where
 * `shapes` is vg_hash of each shape's bytes, from 0 on, the seed of the next one's, and
 * `messages` the same of each message's, its length included: so it costs the same however
 * much there is already. It is looked at before a bundle is sealed, when the store is checked
 * and when a daemon starts, but not by every question.
 */
#ifndef VIGIL_SHELL_STORE_BUNDLE_H
#define VIGIL_SHELL_STORE_BUNDLE_H

#include "shell/store_obs.h"

/* Of one: with their rows' heads two are just a page of 4 KiB. Larger ones save 3 % of room, and
 * cost a question about one of a thousand beds, which opens one for each message, half as much again. */
#define VG_BUNDLE_BYTES  1984
#define VG_BUNDLE_SHAPES 31
#define VG_BUNDLE_LAYOUT 2
/* Of one message; more is a row of its own. */
#define VG_BUNDLE_READINGS 24
#define VG_BUNDLE_NUMBERS  64
#define VG_BUNDLE_LOOKS    160

enum {
    VG_BUNDLE_SAME_SUBJECT = 32,
    VG_BUNDLE_SAME_EPOCH = 64,
    VG_BUNDLE_SAME_STRIDE = 128
};

/* A message but for its readings; numbers as in the columns of `message`. The hash of one with a
 * seq has 32 bits (vg_batch_message): no bundle takes it otherwise. */
struct vg_bundle_message {
    int64_t id, received, measured, place, subject, epoch, seq, previous;
    uint64_t hash;
};

/* How readings look, and their numbers. */
struct vg_bundle_shape {
    size_t readings, length, numbers;
    uint8_t looks[VG_BUNDLE_LOOKS];
    int64_t number[VG_BUNDLE_NUMBERS];
};

/* ---- Filling. Zero-initialise; vg_bundle_clear begins the next one. */
struct vg_bundle {
    size_t count, shapes, latest; /* latest: the shape that was used last */
    struct vg_bundle_message base;
    struct vg_bundle_shape shape[VG_BUNDLE_SHAPES];
    struct vg_bundle_shape next; /* scratch */
    struct vg_pack head, looks, messages;
    uint64_t looks_sum, messages_sum; /* see the check */
};
void vg_bundle_clear(struct vg_bundle *bundle);
void vg_bundle_finish(struct vg_bundle *bundle);

/* The message, whose readings are `obs` (store_obs.h), behind those that are there. VG_OK;
 * VG_FULL: begin another one; VG_REFUSED: no bundle can hold it; VG_NO_MEMORY. Nothing is
 * added but with VG_OK. */
enum vg_status vg_bundle_add(struct vg_bundle *bundle,
                             const struct vg_bundle_message *message,
                             struct vg_slice obs);

/* All of it into `out`, which is emptied before. VG_OK or VG_NO_MEMORY. */
enum vg_status vg_bundle_pack(const struct vg_bundle *bundle, struct vg_pack *out);

/* ---- Reading, over bytes that the caller keeps. */
struct vg_bundle_view {
    size_t count, shapes, at; /* at: which message is next */
    bool wide;                /* of before version 8 */
    struct vg_bundle_message base;
    struct {
        size_t readings, numbers;
        const uint8_t *begin;
        struct vg_unpack looks, number;
    } shape[VG_BUNDLE_SHAPES];
    const uint8_t *bytes, *numbers, *looks; /* all; the base's; the shapes' */
    struct vg_unpack messages, left;
};

/* `id`: the first message's. VG_OK or VG_REFUSED: damaged. */
enum vg_status vg_bundle_open(struct vg_bundle_view *view, int64_t id,
                              struct vg_slice bytes);

/* So that this one is next, at most `count`. */
void vg_bundle_seek(struct vg_bundle_view *view, size_t at);

/* The next message; `numbers` are behind it, of `shape`. False: that was all, or (view->left.failed)
 * the rest is damaged. */
struct vg_bundle_found {
    struct vg_bundle_message message;
    size_t shape;
    struct vg_unpack numbers;
};
bool vg_bundle_next(struct vg_bundle_view *view, struct vg_bundle_found *out);

/* Whether its bytes are as they were written. `view` is open over them. */
bool vg_bundle_checks(const struct vg_bundle_view *view);
/* That, and all of its messages can be told apart, up to the one called `last`. */
bool vg_bundle_sound(int64_t id, int64_t last, struct vg_slice bytes);

/* Its readings as store_obs.h has them, byte for byte as they were added; or taken apart.
 * VG_OK, VG_NO_MEMORY (the first), VG_REFUSED. */
enum vg_status vg_bundle_obs(const struct vg_bundle_view *view,
                             const struct vg_bundle_found *found, struct vg_pack *out);
enum vg_status vg_bundle_unpack(const struct vg_bundle_view *view,
                                const struct vg_bundle_found *found,
                                struct vg_obs *out);

#endif
