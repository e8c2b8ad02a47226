/* SPDX-License-Identifier: Apache-2.0
 *
 * A disk whose power can be cut at any write. Below SQLite it remembers of each file what was
 * synced and what was not; an image is what could be found after a cut at that moment: each
 * sector of 512 bytes that was written and not synced is there or not by chance, in any order,
 * space that a file grew by may hold anything, and a name that was given, changed or taken
 * since its folder was synced may not have been.
 *
 * Files are known from when SQLite opens them on. Not a model of what is written past SQLite;
 * but fsync, link, unlink and rename of the process are seen.
 */
#ifndef VIGIL_TESTS_FAIL_CUT_H
#define VIGIL_TESTS_FAIL_CUT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/random.h"

/* From here on files are remembered. It is fail_vfs.c that tells of what SQLite does: it must be
 * installed. */
void cut_begin(void);

/* Forgets all files; nothing is remembered any more. */
void cut_end(void);

/* From now on asked at each write, sync, truncation and change of a name, when it has been
 * done: `event` counts from 1. NULL: nobody. */
typedef void cut_event_fn(void *to, size_t event);
void cut_watch(cut_event_fn *on_event, void *to);

/* A disk that says it synced and did not: for testing the test. */
void cut_lies(bool lies);

/* Writes an image of all known files whose names begin with `path` to files whose names begin
 * with `image` instead. */
void cut_image(const char *path, const char *image, struct random_source *source);

#endif
