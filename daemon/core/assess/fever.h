/* SPDX-License-Identifier: Apache-2.0
 *
 * Fever: Clinical reference 1.2 (confirmation by source, clear, drift), 5.3 (repeat).
 *
 * Runs, states and clears are kept for each class of source (0.9), of the continuous ones for
 * each of two devices (slot.h). A state is cleared by its class or one that is trusted as
 * much or more; what another device of its class has opened only when that has been silent
 * for the clearing hour.
 */
#ifndef VIGIL_ASSESS_FEVER_H
#define VIGIL_ASSESS_FEVER_H

#include "core/assess/slot.h"
#include "core/item.h"

struct vg_state;
struct vg_view;
struct vg_assessment;

/* Limits that something is confirmed at, 0.1 Cel; fever_runs.c has the numbers. */
enum vg_fever_limit {
    VG_FEVER_375, /* patch check */
    VG_FEVER_380, /* fever */
    VG_FEVER_381, /* fever in neutropenia, NICE: above 38.0 */
    VG_FEVER_383, /* fever in neutropenia, IDSA: single */
    VG_FEVER_390,
    VG_FEVER_401, /* above 40.0 */
    VG_FEVER_411, /* above 41.0 */
    VG_FEVER_LIMITS
};

/* Consecutive samples of a class at or above a limit, none over 60 min apart. */
struct vg_fever_run {
    struct vg_instant from; /* its first; 0: no run */
    uint32_t dense; /* ms behind it: first since the last pause over 600 s, saturates */
    uint8_t count;  /* of samples since then, saturates */
    bool confirmed;
};

/* Lanes: one for each class, then the second devices of the continuous ones. */
#define VG_FEVER_PATCH_2 VG_TEMP_CLASSES
#define VG_FEVER_PROBE_2 (VG_TEMP_CLASSES + 1)
#define VG_FEVER_LANES   (VG_TEMP_CLASSES + 2)

/* What one class of source, or one device of it, has shown. 0 ms: never. */
struct vg_fever_lane {
    struct vg_fever_run run[VG_FEVER_LIMITS];
    struct vg_slot slot;    /* of continuous classes */
    struct vg_instant last; /* end of the newest valid item */
    bool stretched;         /* it had an extent */
    uint8_t last_count;
    int16_t back[2];             /* values of the two samples before, newest first */
    struct vg_instant above_377; /* newest sample above 37.7 */
    struct vg_instant above_374, above_399, above_400;
    struct vg_instant fever; /* newest sample >= 38.0 */
    struct vg_instant
        since; /* of its fever: first of the confirming run; 0: no fever */
    struct vg_instant high, over_40, over_41; /* the same at these limits */
    struct vg_instant sustained; /* first of a run >= 38.0, pauses <= 8 h */
};

struct vg_fever {
    /* Read by crs.c, fn.c and reaction.c; late samples included. 0 ms: never. */
    struct vg_instant last_confirmed;      /* newest confirmed sample >= 38.0 */
    struct vg_instant last_valid;          /* newest valid temperature of any source; a
                                         patch below 35.5 is none */
    struct vg_instant confirmed_from;      /* first of the run behind last_confirmed */
    struct vg_instant single, single_from; /* newest confirmed sample >= 38.3 */
    struct vg_instant nice, nice_from;     /* > 38.0 */
    struct vg_instant sustained, sustained_from; /* newest end of 60 min >= 38.0 */
    struct vg_instant repeat;     /* spot of 38.0 to 38.2, not repeated */
    int16_t last_confirmed_value; /* confirmed level of last_confirmed, 0.1 Cel */
    bool repeat_late;
    uint8_t repeat_class;
    /* private to fever.c from here */
    struct vg_fever_lane lane[VG_FEVER_LANES];
    struct vg_instant retro, rise, check, asked; /* asked: newest trusted reading */
    uint8_t rise_lane;
};

/* Fever as 5.3 means it, at `at` >= state.at; *since: the first reading of it. */
bool vg_fever_neutropenic(const struct vg_fever *fever, bool nice, struct vg_instant at,
                          struct vg_instant *since);
/* Lowers *next to where that may change by itself. */
void vg_fever_neutropenic_next(const struct vg_fever *fever, bool nice,
                               struct vg_instant at, struct vg_instant *next);

/* A confirmed fever has not cleared. */
bool vg_fever_open(const struct vg_fever *fever);

#define VG_FEVER_CLEAR (60 * VG_MINUTE) /* 1.2 */
#define VG_FEVER_REPEAT \
    (90 * VG_MINUTE) /* 5.3: from here a repeat counts as sustained */

/* ---- fever_lane.c */

enum vg_temp_class vg_fever_class(unsigned lane);
/* The lane of an item, what a device that is gone has opened stays open; VG_FEVER_LANES: it is
 * not counted. */
unsigned vg_fever_lane(struct vg_fever *fever, enum vg_temp_class class_,
                       const struct vg_item *item);
/* The other lane of a class's two devices; itself: there is none. */
unsigned vg_fever_twin(unsigned lane);
/* Whether lane `mine` may end at `at` what lane `whose` has opened (0.9). */
bool vg_fever_may_end(const struct vg_fever *fever, unsigned mine, unsigned whose,
                      struct vg_instant at);

/* ---- */

/* Trust of a class (0.9): lower is more. */
unsigned vg_fever_trust(enum vg_temp_class class_);

/* fever_runs.c: takes a valid item into the runs of its class. */
void vg_fever_runs(struct vg_fever_lane *lane, const struct vg_item *item);
/* The level that is confirmed with this item, 0.1 Cel. */
int64_t vg_fever_level(const struct vg_fever_lane *lane, const struct vg_item *item);

/* Signals: TEMP. There is no `before` and no `after`. */
void vg_fever_step(struct vg_state *state, const struct vg_view *view,
                   const struct vg_item *item);
void vg_fever_judge(const struct vg_state *state, const struct vg_view *view,
                    struct vg_instant at, struct vg_assessment *out,
                    struct vg_instant *next);

#endif
