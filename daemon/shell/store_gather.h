/* SPDX-License-Identifier: Apache-2.0
 *
 * The log of SQLite in one write. SQLite hands each page of a transaction to the system in two
 * calls, its head and itself: some forty for a batch with an alert in it, which waits for them.
 * Between the connection and its log, what follows on what was handed over just before is
 * gathered, and goes on with the last page of its transaction, or when the log is read,
 * measured, cut or synced: before any other connection knows of it.
 */
#ifndef VIGIL_SHELL_STORE_GATHER_H
#define VIGIL_SHELL_STORE_GATHER_H

#include <sqlite3.h>

struct vg_gather;

/* Put before the connection's log, which must be open; once only. NULL: no memory, or no log; then SQLite
 * writes as it does. It must outlive the connection. */
struct vg_gather *vg_gather_open(sqlite3 *db);

/* After the connection is closed. NULL is fine. */
void vg_gather_close(struct vg_gather *gather);

#endif
