/* SPDX-License-Identifier: Apache-2.0
 *
 * Protocol files from disk: one file, or every *.yaml of a folder.
 */
#ifndef VIGIL_SHELL_PROTOCOL_FILE_H
#define VIGIL_SHELL_PROTOCOL_FILE_H

#include <stdio.h>

#include "vigil/protocol.h"

/* One file as it was read, whether it was understood or not. Owned by the caller; zero
 * before load, finished after. */
struct vg_protocol_file {
    char *path;
    char *bytes; /* the whole file, for showing the lines of faults */
    size_t length;
    struct vg_faults *faults;
    struct vg_protocol
        *protocol; /* NULL unless VG_OK; may be taken out and set to NULL */
};

/* VG_OK; VG_REFUSED: see the faults; VG_FAILED: not readable, `error` says why;
 * VG_NO_MEMORY. Finish in every case. */
enum vg_status vg_protocol_file_load(const char *path, struct vg_protocol_file *file,
                                     struct vg_error *error);
void vg_protocol_file_finish(struct vg_protocol_file *file);

/* Prints each fault as `file:line:column: sentence`, with the line and a caret below. */
void vg_protocol_file_report(const struct vg_protocol_file *file, FILE *to);

/* All protocols of a file or folder, in order of name; zero before load. */
struct vg_protocol_set {
    size_t count;
    struct vg_protocol **protocol;
};

/* Loads `path`, a file or a folder of *.yaml. Faults and warnings are printed to `report`
 * (NULL: nowhere). All or nothing: VG_OK; VG_REFUSED: some file is at fault; VG_FAILED:
 * not readable, or no file there; VG_NO_MEMORY. `error` says what happened. */
enum vg_status vg_protocol_set_load(const char *path, FILE *report,
                                    struct vg_protocol_set *set,
                                    struct vg_error *error);
void vg_protocol_set_finish(struct vg_protocol_set *set);

/* The protocol of that name, or NULL. */
const struct vg_protocol *vg_protocol_set_find(const struct vg_protocol_set *set,
                                               const char *name);

#endif
