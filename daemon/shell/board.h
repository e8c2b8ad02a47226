/* SPDX-License-Identifier: Apache-2.0
 *
 * The files of the ward board as the build put them into the program (board.sh makes the
 * table). All of it is constant.
 */
#ifndef VIGIL_SHELL_BOARD_H
#define VIGIL_SHELL_BOARD_H

#include <stddef.h>

struct vg_board_file {
    const char *path; /* "/app.js"; "/" is index.html */
    const char *type;
    const char *etag; /* with its quotes; of the plain bytes */
    const unsigned char *bytes;
    size_t length;
    const unsigned char *packed; /* the same by gzip, or NULL: not worth it */
    size_t packed_length;
};
extern const struct vg_board_file vg_board_files[];
extern const size_t vg_board_file_count;

#endif
