/* SPDX-License-Identifier: Apache-2.0
 *
 * Sealing: old messages of monitors leave the table `message` and become stretches
 * (store_block.h). On the writer's thread, between batches, a few milliseconds at a time.
 *
 * A window of ids is read in portions and sorted by place in memory. Then each place's
 * messages are written as stretches, with its segments put right and its number in meta
 * 'sealing_place', in one transaction. When all places are done, meta 'sealed' moves to the
 * end of the window, and the rows, which nothing names any more, are deleted in portions. A
 * crash between any two of these loses and doubles nothing: what is sealed and what is not is
 * told by meta alone, and the rest of the window is read again.
 */
#ifndef VIGIL_SHELL_STORE_SEAL_H
#define VIGIL_SHELL_STORE_SEAL_H

#include "shell/store_block.h"
#include "shell/store_rows.h"
#include "shell/store_write_inside.h"

/* A window ends after so many bytes in memory, so long, or with a whole stretch of one place;
 * it is looked for when the oldest row is so much older than it need be. */
#define VG_SEAL_BYTES ((size_t)12 << 20)
#define VG_SEAL_SPAN  (24 * VG_HOUR)
#define VG_SEAL_LEAST (1 * VG_HOUR)
/* The budget of one call, and how many rows one transaction deletes. */
#define VG_SEAL_TIME   2 /* ms */
#define VG_SEAL_DELETE 2000

enum vg_seal_stage { VG_SEAL_IDLE, VG_SEAL_SCAN, VG_SEAL_PLACES, VG_SEAL_REMOVE };

enum vg_seal_sql {
    VG_SEAL_STRETCH,
    VG_SEAL_BLOCK,
    VG_SEAL_SEGMENTS_GONE,
    VG_SEAL_SEGMENT_CUT,
    VG_SEAL_SEGMENT_KEPT,
    VG_SEAL_RELINK,
    VG_SEAL_META,
    VG_SEAL_DELETE_ROWS,
    VG_SEAL_DELETE_BUNDLES,
    VG_SEAL_SQL_COUNT
};

/* A message that stays a row: charted, laboratory, therapy. */
struct vg_seal_kept {
    int64_t id;
    struct vg_instant oldest, newest;
};

/* What the window holds of one place. */
struct vg_seal_place {
    /* of each a varint, the length of the rest: signed subject, epoch, id, received, measured, seq; obs */
    struct vg_pack messages;
    size_t count;
    struct vg_seal_kept *kept;
    size_t kept_count, kept_capacity;
};

/* Where a message lies in them. */
struct vg_seal_order {
    int64_t subject, epoch;
    size_t offset;
};

struct vg_sealer {
    vg_ms hot;
    enum vg_seal_stage stage;
    vg_ms next_look; /* boot clock: nothing to do before */
    int64_t sealed, sealing, sealing_place, removed; /* as in meta */
    int64_t last;          /* end of the window, 0: not known */
    int64_t at;            /* last row that was read */
    int64_t cut, span_end; /* arrival: rows after them are too new; end the window */
    size_t whole;          /* messages of one place that make a window whole */
    vg_ms least, budget;   /* see VG_SEAL_LEAST, VG_SEAL_TIME */
    bool full;             /* a place has so many */
    struct vg_seal_order *order;
    size_t bytes;
    struct vg_seal_place *place; /* by id */
    size_t place_capacity;
    struct vg_stretch stretch;
    struct vg_zip zip;
    struct vg_obs obs;
    struct vg_pack data, sums;
    struct vg_rows *rows;
    sqlite3_stmt *statement[VG_SEAL_SQL_COUNT];
    int code; /* SQLite's, of the latest step */
    struct vg_sealing told;
};

/* Reads on. VG_OK: `at` moved, or the window is at its end: `at` is `last` then, or the window
 * was not whole yet and is forgotten. */
enum vg_status vg_seal_scan(struct vg_writer *writer, vg_ms until,
                            struct vg_error *error);

/* Seals the window's messages of one place, within the caller's transaction. */
enum vg_status vg_seal_place(struct vg_writer *writer, int64_t id,
                             struct vg_error *error);

/* Forgets the window. */
void vg_seal_forget(struct vg_sealer *sealer);

/* Forgets the connection's statements and where the file stands. */
void vg_seal_disconnect(struct vg_sealer *sealer);
void vg_seal_destroy(struct vg_sealer *sealer); /* NULL is fine */

/* Runs a bound statement once and resets it. */
enum vg_status vg_seal_run(struct vg_writer *writer, enum vg_seal_sql which,
                           struct vg_error *error);
enum vg_status vg_seal_meta(struct vg_writer *writer, const char *key, int64_t value,
                            struct vg_error *error);

#endif
