/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages that are not sealed, one after another by their ids, whether they lie in bundles
 * (store_bundle.h) or as rows of `message_row`. Every connection also has them as a table
 * `message`, read only, with the columns id, received, measured, place, subject, epoch, seq,
 * hash, kind, count, previous, obs: what SQL asks of it is asked of store_rows.c. That table
 * passes over a bundle that is damaged, so that the rest can be had; whoever must know looks
 * at bundles by vg_bundle_sound.
 */
#ifndef VIGIL_SHELL_STORE_ROWS_H
#define VIGIL_SHELL_STORE_ROWS_H

#include "shell/store_bundle.h"
#include "shell/store_db.h"

struct vg_rows;

/* VG_OK or VG_NO_MEMORY. The connection's; statements are prepared when first needed. What
 * cannot be read is an error, or (LENIENT) passed over; STRICT also looks at each bundle's
 * check. */
enum vg_rows_how { VG_ROWS_QUICK, VG_ROWS_LENIENT, VG_ROWS_STRICT };
enum vg_status vg_rows_open(sqlite3 *db, enum vg_rows_how how, struct vg_rows **out);
void vg_rows_close(struct vg_rows *rows); /* NULL is fine */

/* Those with ids from `first` to `last`, both inclusive, rising or falling. The first of them is
 * there then, or none. SQLITE_ROW, SQLITE_DONE or what failed; SQLITE_CORRUPT_VTAB: a bundle is
 * damaged. vg_rows_next goes on to the next one. vg_rows_rest lets go of the table: no
 * transaction is held up. */
int vg_rows_seek(struct vg_rows *rows, int64_t first, int64_t last, bool falling);
int vg_rows_next(struct vg_rows *rows);
void vg_rows_rest(struct vg_rows *rows);

/* The message that is there. */
struct vg_row {
    struct vg_bundle_message message;
    int64_t kind, count;
};
const struct vg_row *vg_rows_now(const struct vg_rows *rows);

/* Its readings and entries: as store_obs.h packs them, good until the next step (VG_OK,
 * VG_NO_MEMORY, VG_REFUSED); or unpacked (VG_OK, VG_REFUSED). */
enum vg_status vg_rows_obs(struct vg_rows *rows, struct vg_slice *out);
enum vg_status vg_rows_unpack(struct vg_rows *rows, struct vg_obs *out);

/* As vg_rows_obs, but also VG_REFUSED if they could not be unpacked, for which `scratch` is: of a
 * bundle that is found out once for all that look alike. */
enum vg_status vg_rows_sound(struct vg_rows *rows, struct vg_obs *scratch,
                             struct vg_slice *out);

/* Gives the connection the table `message`. SQLite's code. */
int vg_message_table(sqlite3 *db);

#endif
