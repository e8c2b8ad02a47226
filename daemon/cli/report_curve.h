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

/* from: of the first point; step: ms between two. */
void vg_report_curve(enum vg_signal signal,
                     const struct vg_report_point point[VG_REPORT_ROOM],
                     struct vg_instant from, vg_ms step);

#endif
