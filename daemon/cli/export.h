/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of vigil export: export.c (whom, admissions, commands, messages) and
 * export_alerts.c (lines, alerts, the trail).
 */
#ifndef VIGIL_CLI_EXPORT_H
#define VIGIL_CLI_EXPORT_H

#include "cli/query.h"
#include "shell/history.h"
#include "shell/keys.h"

/* A line that is no message: all of them are known before the first is printed. */
struct vg_export_line {
    int64_t at;
    int64_t after; /* admissions: id of the last message before; else INT64_MAX */
    size_t order;
    char *text;
};

struct vg_export {
    struct vg_query_options options;
    struct vg_history_query query;
    const char *whom;
    char root[VG_SETTING_LEN];
    struct vg_keys alerts, beds, digests, patients;
    struct vg_decoder *decoder;
    struct vg_export_line *line;
    size_t count, room, next;
    struct vg_buffer b;
    int64_t now; /* of the last line: "at" never goes back */
    size_t messages, episodes;
    struct vg_reader *reader;
    bool failed; /* no memory */
};

/* The buffer then holds the member's beginning. */
void vg_export_begin(struct vg_export *e, const char *member);
/* Keeps what the buffer holds, which goes behind {"at":…, */
void vg_export_keep(struct vg_export *e, struct vg_instant at, int64_t after);

/* Finds the alerts of those in e->patients, and keeps all that is known of them. */
enum vg_status vg_export_alerts(struct vg_export *e, struct vg_error *error);

#endif
