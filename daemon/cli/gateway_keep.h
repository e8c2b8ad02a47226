/* SPDX-License-Identifier: Apache-2.0
 *
 * What a gateway keeps until the daemon's mark has passed it, by rising number: in memory,
 * and, with a folder, in a spool on disk that a kill -9 leaves behind and the next start finds.
 *
 * The spool is DIR/<gateway>.spool, a line a thing, each in the form of a replay file: a status
 * begins an epoch, a mark takes from the head, all else are messages. Lines are written by one write(2)
 * before the message first goes out: a kill -9 loses none. They are synced in groups, once a second at
 * most: a power cut loses the last second. Numbers that were used in it are known again by the mark.
 */
#ifndef VIGIL_CLI_GATEWAY_KEEP_H
#define VIGIL_CLI_GATEWAY_KEEP_H

#include "vigil/wire.h"

struct vg_kept {
    struct vg_kept *next;
    char epoch[VG_ID_LEN + 1];
    uint64_t seq;
    vg_ms sent, added; /* boot clock; added 0: found in the spool */
    unsigned tries;
    bool due; /* not sent on this connection, or named as missing */
    bool ever_sent;
    size_t length;
    const char *payload; /* in bytes[], behind the topic */
    char bytes[];        /* topic, NUL, payload */
};

struct vg_keep;

/* `folder` NULL: memory only. What the spool holds is kept at once, as sent before. `*epoch` ("" if
 * there is no spool yet) and `*next_seq` say where its numbers stand. VG_OK, VG_NO_MEMORY, VG_REFUSED
 * (root) or VG_FAILED, with a sentence. All texts are copied. */
struct vg_keep_options {
    const char *folder, *root, *gateway;
};
enum vg_status vg_keep_open(const struct vg_keep_options *options, struct vg_keep **out,
                            struct vg_error *error);
void vg_keep_close(struct vg_keep *keep); /* NULL is fine */

const char *vg_keep_epoch(const struct vg_keep *keep);
uint64_t vg_keep_next(const struct vg_keep *keep);

/* From now on numbers are of this epoch, from 1. VG_OK or VG_FAILED. */
enum vg_status vg_keep_begin(struct vg_keep *keep, const char *epoch);

/* Takes the next number of the epoch. VG_OK, VG_NO_MEMORY or VG_FAILED (disk). */
enum vg_status vg_keep_add(struct vg_keep *keep, const char *topic,
                           const struct vg_buffer *message);

/* Forgets those of `epoch` up to `upto`, if they stand at the head; how many. A mark beyond our own numbers
 * (a spool that lost its end) moves the next one behind it: an old number would be taken for a repeat. */
size_t vg_keep_release(struct vg_keep *keep, const char *epoch, uint64_t upto);

/* The oldest, or NULL; the others by `next`. Owned by the keep. */
struct vg_kept *vg_keep_head(const struct vg_keep *keep);
size_t vg_keep_count(const struct vg_keep *keep);

#endif
