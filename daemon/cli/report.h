/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of vigil report: report.c (options, page, stays, curves, last values), report_html.c
 * (how things are put), report_alerts.c (open items, alerts and answers), report_course.c
 * (infusions, grades, treatment).
 */
#ifndef VIGIL_CLI_REPORT_H
#define VIGIL_CLI_REPORT_H

#include "cli/charted.h"
#include "cli/query.h"
#include "cli/report_curve.h"

struct vg_report {
    struct vg_query_options options;
    const char *patient;
    struct vg_instant from, to;
    vg_ms step;
    struct vg_reader *reader;
    struct vg_report_point (*point)[VG_REPORT_ROOM]; /* of each signal */
    uint64_t there;
    size_t rows;
    struct vg_instant infusion; /* the newest start before `to`; VG_UNSET: none known */
    struct vg_report_marks marks;
};

/* ---- On standard output */

void vg_report_head(void);
void vg_report_put(const char *text); /* escaped */
void vg_report_cell(const char *text);
/* To the minute, in UTC; nothing for VG_UNSET and VG_NEVER. */
void vg_report_cell_time(struct vg_instant at);
/* The same, and how long after the infusion. */
void vg_report_cell_onset(const struct vg_report *r, struct vg_instant at);
void vg_report_put_time(struct vg_instant at);

/* ---- Parts; VG_OK, VG_NO_MEMORY, VG_FAILED */

/* Infusions, grades, treatment; fills `infusion` and `marks`. */
enum vg_status vg_report_course(struct vg_report *r, struct vg_error *error);
enum vg_status vg_report_open_items(struct vg_report *r, struct vg_error *error);
/* Those that were open at some time in the span, then the technical ones, counted. */
enum vg_status vg_report_alerts(struct vg_report *r, struct vg_error *error);

#endif
