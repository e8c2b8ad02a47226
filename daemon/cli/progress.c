/* SPDX-License-Identifier: Apache-2.0
 *
 * Progress. See progress.h.
 */
#include "cli/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "shell/clock.h"

#define AFTER (1 * VG_SECOND) /* quick work says nothing */
#define EVERY 200             /* ms */

struct vg_progress vg_progress_begin(const char *what)
{
    const int64_t now = vg_clock_boot();

    return (struct vg_progress){what, isatty(STDERR_FILENO) == 1, false, now, now};
}

void vg_progress_show(void *to, int64_t done, int64_t all)
{
    struct vg_progress *p = to;
    const int64_t now = vg_clock_boot();

    if (!p->terminal || done <= 0 || all <= 0 || now - p->begun < AFTER ||
        now - p->told < EVERY) {
        return;
    }
    p->told = now;
    p->shown = true;
    const double share = (double)done / (double)all;
    const double left = (double)(now - p->begun) * (1 - share) / share / 1e3;
    (void)fprintf(stderr, "\r%s %.0f %%, %.0f s left   ", p->what, share * 100, left);
}

void vg_progress_end(struct vg_progress *progress)
{
    if (progress->shown) {
        (void)fprintf(stderr, "\r%40s\r", "");
        progress->shown = false;
    }
}
