/* SPDX-License-Identifier: Apache-2.0
 *
 * The hypotension axis and MAP: Clinical reference 1.3.
 *
 * A cuff (and whatever gives single values) needs a second value, a line a minute. A source
 * "continuous" is taken for a line while its samples come within 120 s of each other, since
 * simple gateways do not say what measured.
 *
 *    cuff:  none --low--> pending --second low, or 10 min without a valid value--> on
 *                            |
 *                            +--valid value of 90 or more--> none
 *    on --values of 95 for 5 min, or of 90 for 30 min--> none
 */
#ifndef VIGIL_ASSESS_PRESSURE_H
#define VIGIL_ASSESS_PRESSURE_H

#include "core/item.h"

struct vg_state;
struct vg_view;
struct vg_assessment;
struct vg_chart;

/* Consecutive values on one side of a limit. start 0: none. */
struct vg_pressure_run {
    struct vg_instant start, last;
    uint8_t count;
};

struct vg_pressure {
    /* single values */
    struct vg_instant pending; /* the first low value; 0: none */
    bool pending_torn;         /* it was of an inconsistent triple */
    bool pending_stream;       /* it may have been the first of a line */
    struct vg_instant last_low;
    struct vg_instant
        torn_low; /* newest low value of an inconsistent triple to count */
    /* a line */
    struct vg_instant stream_last; /* newest sample of a source "continuous"; 0: none */
    struct vg_pressure_run below_90, below_80;
    /* hypotension by single values, by the line: since when; 0: not */
    struct vg_instant cuff_on, line_on;
    struct vg_instant below_70; /* a value below 70 in the present hypotension (0.7) */
    struct vg_pressure_run cuff_95, cuff_90, line_95, line_90;
    /* context for "at once": newest instants of it */
    struct vg_instant fast, hypoxic;
    /* the newest valid pressure that counts for the relative fall */
    struct vg_instant value_at;
    int64_t value;
    struct vg_pressure_run value_run; /* line: in the band of the relative fall */
    /* MAP */
    struct vg_instant map_pending, map_on, map_critical; /* since when; 0: not */
    struct vg_pressure_run map_60, map_55, map_back;
};

void vg_pressure_before(struct vg_state *state, const struct vg_view *view,
                        struct vg_instant at);
void vg_pressure_step(struct vg_state *state, const struct vg_view *view,
                      const struct vg_item *item);
void vg_pressure_judge(const struct vg_state *state, const struct vg_view *view,
                       struct vg_instant at, struct vg_assessment *out,
                       struct vg_instant *next);

/* 0, 2, 3 or 4 at `at` >= state.at: running vasopressors and confirmed hypotension, time-outs
 * included; 0 while flag hypotension_other_cause holds. */
int vg_pressure_tier(const struct vg_state *state, const struct vg_view *view,
                     struct vg_instant at);

/* Newest low value of an inconsistent triple that has been confirmed at `at` >= state.at,
 * time-outs included; 0: none. */
struct vg_instant vg_pressure_torn(const struct vg_state *state, struct vg_instant at);
/* When the one that waits will be; VG_NEVER: none does. */
struct vg_instant vg_pressure_torn_due(const struct vg_state *state);

/* pressor.c: the tier of running vasopressors, and since when one runs (VG_NEVER: none). */
int vg_pressor_tier(const struct vg_chart *chart);
struct vg_instant vg_pressor_since(const struct vg_chart *chart);

/* pressure_map.c */
void vg_pressure_map_step(struct vg_pressure *pressure, const struct vg_item *item);
void vg_pressure_map_judge(const struct vg_state *state, struct vg_instant at,
                           bool adult, struct vg_assessment *out,
                           struct vg_instant *next);

#endif
