/* SPDX-License-Identifier: Apache-2.0
 *
 * The file behind gateway_keep.h: lines on disk, and nothing of what they mean.
 */
#ifndef VIGIL_CLI_GATEWAY_SPOOL_H
#define VIGIL_CLI_GATEWAY_SPOOL_H

#include "vigil/wire.h"

enum vg_spool_kind {
    VG_SPOOL_EPOCH,  /* numbers are of this epoch from here on */
    VG_SPOOL_MARK,   /* all up to `seq` is safe */
    VG_SPOOL_MESSAGE /* with all fields */
};

/* Borrowed for the call. */
struct vg_spool_line {
    enum vg_spool_kind kind;
    const char *epoch;
    uint64_t seq;
    const char *topic; /* to write: NUL-terminated; as read: not */
    size_t topic_length;
    const char *payload;
    size_t length;
};

struct vg_spool;

/* Makes the folder if it is not there. One process at a time: the file is locked. VG_OK, VG_NO_MEMORY,
 * VG_REFUSED (root) or VG_FAILED, with a sentence. */
enum vg_status vg_spool_open(const char *folder, const char *root, const char *gateway,
                             struct vg_spool **out, struct vg_error *error);
void vg_spool_close(struct vg_spool *spool); /* NULL is fine */

typedef enum vg_status vg_spool_fn(void *to, const struct vg_spool_line *line);
/* All whole lines; one that a kill cut short at the end was never sent, and is passed over. VG_OK, what
 * `each` said, or VG_FAILED (a line that nobody here wrote). */
enum vg_status vg_spool_read(struct vg_spool *spool, vg_spool_fn *each, void *to,
                             struct vg_error *error);

/* VG_OK, VG_NO_MEMORY or VG_FAILED. */
enum vg_status vg_spool_write(struct vg_spool *spool, const struct vg_spool_line *line);
uint64_t vg_spool_bytes(const struct vg_spool *spool);

/* What is written between the two takes the place of the file, or, if not `good`, is thrown away.
 * Both: VG_OK or VG_FAILED. */
enum vg_status vg_spool_begin_anew(struct vg_spool *spool);
enum vg_status vg_spool_end_anew(struct vg_spool *spool, bool good);

#endif
