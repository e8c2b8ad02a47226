/* SPDX-License-Identifier: Apache-2.0
 *
 * The inside of a reader, shared by store_read.c, store_read_readings.c and
 * store_read_ties.c.
 */
#ifndef VIGIL_SHELL_STORE_READ_INSIDE_H
#define VIGIL_SHELL_STORE_READ_INSIDE_H

#include "shell/store_db.h"
#include "shell/store_read.h"
#include "shell/store_rows.h"
#include "shell/store_zip.h"

/* VG_UNSET as SQL writes it. */
#define VG_SQL_UNSET "-9223372036854775807 - 1"

/* Statements that were prepared once, by the address of their text. */
#define VG_READY 24
struct vg_ready {
    const char *sql;
    sqlite3_stmt *statement;
    bool out; /* somebody has it */
};

struct vg_reader {
    sqlite3 *db;
    vg_ms span;
    vg_ms until; /* boot clock */
    struct vg_ready ready[VG_READY];
    size_t ready_count;
    struct vg_zip zip;
    struct vg_rows *rows;
};

/* A statement of a text that lives as long as the program (a literal): preparing costs more than
 * asking. Give it back when done, also after a failure; NULL is fine. VG_OK or VG_FAILED. */
enum vg_status vg_reader_ready(struct vg_reader *reader, const char *sql,
                               sqlite3_stmt **out, struct vg_error *error);
void vg_reader_back(struct vg_reader *reader, sqlite3_stmt *statement);
/* When the reader is closed. */
void vg_reader_forget(struct vg_reader *reader);

/* Starts the deadline and, so that all of a call sees one state, a transaction. */
enum vg_status vg_reader_begin(struct vg_reader *reader, struct vg_error *error);
void vg_reader_end(struct vg_reader *reader);

/* VG_FAILED, with the reason of the latest failure or the deadline. */
enum vg_status vg_reader_failed(struct vg_reader *reader, struct vg_error *error);

/* Columns id, patient, ward, bed, product, protocol, age, outpatient, begin, end,
 * donor, chain_id. */
void vg_reader_episode(sqlite3_stmt *row, struct vg_episode *out);
/* A place where a patient lay, from when to when: [from, to). */
struct vg_lain {
    int64_t place;
    struct vg_instant from, to;
};
/* All of a patient's (NULL: none). *out is malloc'ed, also on failure; NULL if there are none. */
enum vg_status vg_lain_find(struct vg_reader *reader, const char *patient,
                            struct vg_lain **out, size_t *count,
                            struct vg_error *error);
bool vg_lain_there(const struct vg_lain *lain, size_t count, int64_t place,
                   struct vg_instant measured);

#endif
