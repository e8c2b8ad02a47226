/* SPDX-License-Identifier: Apache-2.0
 *
 * Connections to the SQLite file, set up so that its known traps stay shut: WAL and
 * synchronous=FULL are checked, not only asked for; nothing in the file can make SQL run
 * that is not ours.
 */
#ifndef VIGIL_SHELL_STORE_DB_H
#define VIGIL_SHELL_STORE_DB_H

#include <sqlite3.h>

#include "shell/store_pack.h"

/* In the header of every store, so that no other file is taken for one ("VGL1"). */
#define VG_STORE_APPLICATION 0x56474c31

/* How the library itself is set up; before its first use, later for nothing. Its count of memory,
 * which nobody asks for, is kept under one lock of the whole process, and it allocates much: a
 * reader of low priority that is stopped with it held would hold up the writer. */
void vg_db_library(void);

/* Creates the file (mode 0600) if there is none. The schema is store_schema.c's business. */
enum vg_status vg_db_open_writer(const char *path, sqlite3 **out,
                                 struct vg_error *error);

/* store_harden.c: puts beyond doubt what a writer finds in the log. Before anything in it counts. VG_FAILED:
 * it is not on disk. */
enum vg_status vg_db_harden(sqlite3 *db, struct vg_error *error);

/* Read only, beside a running daemon or without one. VG_ABSENT: there is no such file. */
enum vg_status vg_db_open_reader(const char *path, sqlite3 **out,
                                 struct vg_error *error);

/* The version of the store's tables (user_version), without a change to the file or its log; 0:
 * there is none, it is not ours, or it cannot be told so. Before the process has it open. */
int64_t vg_db_version(const char *path);

/* Runs a constant script without results. */
enum vg_status vg_db_run(sqlite3 *db, const char *sql, struct vg_error *error);

/* The first column of the first row; 0 if there is no row. */
enum vg_status vg_db_number(sqlite3 *db, const char *sql, int64_t *out,
                            struct vg_error *error);

/* VG_OK or VG_FAILED. */
enum vg_status vg_db_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **out,
                             struct vg_error *error);

/* VG_FAILED, and the sentence "cannot <what>: <SQLite's reason>". */
enum vg_status vg_db_failed(sqlite3 *db, const char *what, struct vg_error *error);

/* The slice is bound without a copy: it must live until the statement is reset. */
void vg_db_bind_text(sqlite3_stmt *statement, int index, struct vg_slice text);
void vg_db_bind_blob(sqlite3_stmt *statement, int index, struct vg_slice bytes);

/* Column text or blob, good until the next step. Never NULL. */
struct vg_slice vg_db_column(sqlite3_stmt *statement, int column);

/* As much of the file as can be checked in a second. VG_FAILED: it is damaged, `error` says
 * how. */
enum vg_status vg_db_quick_check(sqlite3 *db, struct vg_error *error);

#endif
