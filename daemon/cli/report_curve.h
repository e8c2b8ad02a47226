/* SPDX-License-Identifier: Apache-2.0
 *
 * One curve of `vigil report`, as a figure in SVG on standard output.
 */
#ifndef VIGIL_CLI_REPORT_CURVE_H
#define VIGIL_CLI_REPORT_CURVE_H

#include "vigil/signal.h"

#define VG_REPORT_POINTS 240 /* steps across, beside the two that are cut */
#define VG_REPORT_ROOM   (VG_REPORT_POINTS + 2)

struct vg_report_point {
    double min, max, mean;
    bool there;
};

/* What happened, marked in every curve. */
#define VG_REPORT_MARKS 24
struct vg_report_mark {
    struct vg_instant at;
    char text[20];
};
struct vg_report_marks {
    size_t count;
    struct vg_report_mark mark[VG_REPORT_MARKS];
};

/* from: of the first point; step: ms between two. */
void vg_report_curve(enum vg_signal signal,
                     const struct vg_report_point point[VG_REPORT_ROOM],
                     struct vg_instant from, vg_ms step,
                     const struct vg_report_marks *marks);

#endif
