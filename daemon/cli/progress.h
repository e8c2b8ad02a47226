/* SPDX-License-Identifier: Apache-2.0
 *
 * How far long work is, on standard error, for people: "copying 40 %, 12 s left". Says nothing
 * where that is no terminal.
 */
#ifndef VIGIL_CLI_PROGRESS_H
#define VIGIL_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct vg_progress {
    const char *what;
    bool terminal, shown;
    int64_t begun, told; /* boot clock */
};

struct vg_progress vg_progress_begin(const char *what);
/* A vg_progress_fn: `to` is the progress. */
void vg_progress_show(void *to, int64_t done, int64_t all);
void vg_progress_end(struct vg_progress *progress);

#endif
