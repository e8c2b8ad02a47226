/* SPDX-License-Identifier: Apache-2.0
 *
 * Which observation is due when: the schedule of a protocol as compiled (Clinical reference 7).
 * A line is active in a span of the course (`from`, `to`), in a state of the patient
 * (`when`), or both; of the active lines for one observation the shortest interval
 * counts.
 *
 * Ownership: lines, names and tests live in the protocol's arena.
 */
#ifndef VIGIL_SCHEDULE_H
#define VIGIL_SCHEDULE_H

#include "vigil/expr.h"

enum vg_moment_of {
    VG_MOMENT_NONE, /* not given */
    VG_MOMENT_ADMISSION,
    VG_MOMENT_START, /* of the latest infusion; before it ("- 60m"): the planned one too */
    VG_MOMENT_END,       /* of the latest infusion */
    VG_MOMENT_DAY,       /* its midnight is the infusion's time of day; `to`: its end */
    VG_MOMENT_DISCHARGE, /* not while the patient is watched */
    VG_MOMENT_GIVEN,     /* the latest dose of a drug */
    VG_MOMENT_FIRST,     /* its first dose */
    VG_MOMENT_FEVER,     /* the latest confirmed temperature of 38.0 Cel or more */
    VG_MOMENT_CONFUSED /* when consciousness was last charted C after something else */
};

struct vg_moment {
    enum vg_moment_of of;
    unsigned number; /* of the day; enum vg_drug_name */
    vg_ms offset;
};

/* What is expected: a measured signal, or one of these. */
enum vg_expected {
    VG_EXPECT_VITALS = VG_MEASURED_COUNT, /* a set: 7.2 */
    VG_EXPECT_LABS,  /* blood count and creatinine, as the mark of a daily draw */
    VG_EXPECT_NEURO, /* ICE or consciousness */
    VG_EXPECT_COUNT
};

enum vg_stay_setting { VG_STAY_ANY, VG_STAY_INPATIENT, VG_STAY_OUTPATIENT };

struct vg_schedule_line {
    const char *phase; /* "" if it has no name */
    struct vg_moment from, to;
    bool has_when;
    struct vg_expr when; /* asks assessments and noted symptoms only */
    enum vg_stay_setting setting;
    bool hours; /* active only from `opens` to `closes` of the ward's day */
    vg_ms opens, closes;
    uint8_t expect; /* enum vg_signal below VG_MEASURED_COUNT, or enum vg_expected */
    bool once;      /* one observation since `from`, due `every` after it */
    vg_ms every, grace;
    vg_ms escalate; /* after it became overdue; 0: never */
};

#define VG_SCHEDULE_LINES 64

struct vg_schedule {
    size_t count;
    struct vg_schedule_line *line;
    struct vg_queries *queries; /* of the lines' tests; NULL if none has one */
};

#endif
