/* SPDX-License-Identifier: Apache-2.0
 *
 * Alarm load: alerts per patient-day, beside the goals of Clinical reference 11.3.
 *
 * A patient (or, where nobody is admitted, a bed) is watched from its first line to its last. Its
 * days are 24 h each from that first line; a day in which no line came is not counted. What is
 * raised after the last line counts for the last day.
 */
#ifndef VIGIL_CLI_REPLAY_SUMMARY_H
#define VIGIL_CLI_REPLAY_SUMMARY_H

#include <stdio.h>

#include "vigil/engine.h"

#include "shell/keys.h"

/* CRS grade of a day: none or unknown, 1, 2, 3 and above. */
#define VG_LOAD_STRATA 4

struct vg_load_day {
    bool watched;
    unsigned pages;  /* critical or urgent, not of class technical */
    unsigned alerts; /* all */
    int crs; /* highest grade of the day as looked at each hour; 0: none, unknown */
};

struct vg_subject {
    bool begun, patient;
    struct vg_instant first, last, looked;
    size_t day_count; /* up to the last line */
    size_t room;
    struct vg_load_day *day;
};

struct vg_rule_load {
    enum vg_severity severity; /* as raised */
    char rule[VG_NAME_LEN + 1];
    unsigned count;
};

/* Zero-initialise. */
struct vg_summary {
    struct vg_keys names; /* of subjects */
    struct vg_subject *subject;
    size_t subject_room;
    struct vg_keys rules; /* severity and rule */
    struct vg_rule_load *rule;
    size_t rule_room;
    struct vg_keys paged; /* ids of alerts: each pages once */
    unsigned severity[VG_SEVERITY_COUNT];
    unsigned raised, pages, technical, repeats, refused;
};

void vg_summary_finish(struct vg_summary *summary);

/* Both: VG_OK or VG_NO_MEMORY. `called`: with this change somebody is called. */
enum vg_status vg_summary_alert(struct vg_summary *summary,
                                const struct vg_alert *alert, bool called);
struct vg_summary_line {
    const struct vg_engine *engine;
    const char *ward, *bed;
    const char *patient; /* NULL: whoever is admitted there */
    struct vg_instant at;
};
enum vg_status vg_summary_line(struct vg_summary *summary,
                               const struct vg_summary_line *line);

/* How long a day of a subject was watched: 24 h but for the last one. */
vg_ms vg_subject_day(const struct vg_subject *subject, size_t day);

/* A table for people or one JSON object. VG_OK or VG_NO_MEMORY. */
enum vg_status vg_summary_print(struct vg_summary *summary, bool json, FILE *to);

#endif
