/* SPDX-License-Identifier: Apache-2.0
 *
 * Coverage: for each minute of a patient and each signal why there was no alert, or that there
 * was one. What is said last of these holds: no stay had begun; the protocol has no rule for
 * the signal; nothing usable was known of it; the values were normal; the bed was off the
 * ward, and who said so; an alert was open.
 */
#ifndef VIGIL_SHELL_COVERAGE_H
#define VIGIL_SHELL_COVERAGE_H

#include "shell/history.h"
#include "shell/protocol_file.h"

#define VG_COVERAGE_MOST (200 * VG_DAY)

/* What is asked about if nobody says what. */
#define VG_COVERAGE_USUAL                                                   \
    ((uint64_t)1 << VG_TEMP | (uint64_t)1 << VG_HR | (uint64_t)1 << VG_RR | \
     (uint64_t)1 << VG_SPO2 | (uint64_t)1 << VG_SBP)

struct vg_coverage_query {
    const char *patient;
    uint64_t signals; /* bit per measured signal */
    struct vg_instant from,
        to; /* the minute of `from` is whole; nothing behind `now` */
    struct vg_instant now;
    const struct vg_protocol_set *protocols; /* as they are now */
};

/* Minutes of one signal that have the same reason. */
struct vg_coverage_span {
    enum vg_signal signal;
    struct vg_instant from, to;
    size_t minutes;
    const char *why;    /* "values_normal" */
    const char *text;   /* "values normal" */
    const char *detail; /* the protocol, the rules, who suppressed it; or "" */
};
typedef bool vg_coverage_fn(void *to, const struct vg_coverage_span *span);

/* By signal, then time. VG_OK also if `each` answered false; VG_REFUSED: not such a span;
 * VG_NO_MEMORY, VG_FULL, VG_FAILED as in history.h. */
enum vg_status vg_coverage(struct vg_reader *reader,
                           const struct vg_coverage_query *query, vg_coverage_fn *each,
                           void *to, struct vg_error *error);

#endif
