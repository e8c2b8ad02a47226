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
 *
 * Each cuff and each line is counted by itself (slot.h); a line ends what a cuff has opened,
 * never the other way. Low values of two cuffs confirm each other; a good one takes back what
 * its own device said. What a nurse enters stands beside the values of every cuff: it may
 * confirm, cancel and end for each.
 */
#ifndef VIGIL_ASSESS_PRESSURE_H
#define VIGIL_ASSESS_PRESSURE_H

#include "core/assess/slot.h"
#include "core/item.h"

struct vg_state;
struct vg_view;
struct vg_assessment;
struct vg_chart;

/* Consecutive values on one side of a limit. start 0: none. */
struct vg_pressure_run {
    struct vg_instant start;
    uint32_t length; /* ms to the last one, saturates */
    uint8_t count;
    bool seldom; /* of MAP: it began behind a pause, of a stream that comes seldom */
};

/* Single values of one device. */
struct vg_pressure_cuff {
    struct vg_slot slot;
    struct vg_instant pending; /* the first low value; 0: none */
    int16_t fall;              /* its value, if that may be a relative fall; 0 */
    bool pending_torn;         /* it was of an inconsistent triple */
    bool pending_stream;       /* it may have been the first of a line */
    bool person; /* so far only a person's values: its first device may have it */
    struct vg_instant
        torn_low;         /* newest low value of an inconsistent triple to count */
    struct vg_instant on; /* hypotension since; 0: not */
    struct vg_pressure_run at_95, at_90;
};

/* A line, of one device. */
struct vg_pressure_line {
    struct vg_slot slot;
    struct vg_instant stream_last; /* newest sample of a source "continuous"; 0: none */
    struct vg_instant on;          /* hypotension since; 0: not */
    struct vg_pressure_run below_90, below_80, at_95, at_90;
    struct vg_pressure_run value_run; /* in the band of the relative fall */
    int16_t fall;                     /* as of a cuff */
};

/* MAP of one device, by a cuff or a line. */
struct vg_pressure_map {
    struct vg_slot slot;
    bool line;                               /* as its newest value was */
    bool person;                             /* as above */
    struct vg_instant pending, on, critical; /* since when; 0: not */
    struct vg_pressure_run below_60, below_55, back;
};

struct vg_pressure {
    struct vg_pressure_cuff cuff[VG_SLOTS];
    struct vg_pressure_line line[VG_SLOTS];
    struct vg_pressure_map map[VG_SLOTS];
    struct vg_instant last_low; /* newest low single value, of any device */
    struct vg_instant below_70; /* a value below 70 in the present hypotension (0.7) */
    struct vg_instant fast, hypoxic; /* context for "at once": newest instants of it */
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
