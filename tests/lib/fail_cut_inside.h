/* SPDX-License-Identifier: Apache-2.0
 *
 * What fail_vfs.c tells fail_cut.c: what SQLite did, when it has been done. A path of
 * NULL is a file without a name, which nobody finds after a cut.
 */
#ifndef VIGIL_TESTS_FAIL_CUT_INSIDE_H
#define VIGIL_TESTS_FAIL_CUT_INSIDE_H

#include <stddef.h>

void cut_opened(const char *path);
void cut_wrote(const char *path, const void *bytes, size_t length, size_t at);
void cut_truncated(const char *path, size_t size);
void cut_synced(const char *path);
void cut_removed(const char *path);

#endif
