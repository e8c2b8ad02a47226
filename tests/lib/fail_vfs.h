/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of SQLite that fail on purpose: FAIL_DB_… of fail.h.
 */
#ifndef VIGIL_TESTS_FAIL_VFS_H
#define VIGIL_TESTS_FAIL_VFS_H

/* Makes every database opened afterwards go through it. Once in a process. */
void fail_vfs_install(void);

#endif
