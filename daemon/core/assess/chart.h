/* SPDX-License-Identifier: Apache-2.0
 *
 * What is charted, as a state: infusions, oxygen, vasopressors, drugs, consciousness,
 * symptoms, flags. Every other topic asks here.
 */
#ifndef VIGIL_ASSESS_CHART_H
#define VIGIL_ASSESS_CHART_H

#include "core/item.h"

struct vg_state;
struct vg_view;
struct vg_assessment;

/* A vasopressor on no list that runs: which (vg_pressor_label), and when it was last charted; 0: none. */
#define VG_UNLISTED 8
struct vg_unlisted {
    int64_t label;
    struct vg_instant at;
};

struct vg_chart {
    uint32_t infusions;                        /* starts so far */
    struct vg_instant first_start, last_start; /* T0 of the first, of the latest */
    struct vg_instant last_end; /* of the latest infusion; 0: not ended */
    struct vg_instant planned;  /* what the admission says of an infusion; 0: nothing */
    struct vg_instant lymphodepletion; /* first day's start */
    uint8_t device;                    /* enum vg_device_name */
    int64_t flow, fio2;                /* VG_NO_VALUE: not charted */
    struct vg_instant device_at;       /* 0: never charted */
    bool pressor_on[VG_PRESSORS];
    struct vg_instant pressor_at[VG_PRESSORS]; /* of the latest charting, 0: never */
    struct vg_unlisted unlisted[VG_UNLISTED]; /* together they are VG_PRESSOR_UNKNOWN */
    struct vg_instant given[VG_DRUGS];        /* the latest dose, 0: never */
    struct vg_instant first_given[VG_DRUGS];
    uint8_t acvpu, arousal;
    uint8_t acvpu_marks;                    /* VG_MARK_LATE, VG_MARK_OLD (0.3) */
    struct vg_instant acvpu_at, arousal_at; /* 0: never */
    struct vg_instant confused_from; /* C after something else, the latest; 0: never */
    struct vg_instant symptom[VG_SYMPTOMS]; /* latest, 0: never */
    bool flag_on[VG_FLAG_COUNT];
    struct vg_instant flag_at[VG_FLAG_COUNT]; /* when it was last set or withdrawn */
    struct vg_instant flag_until[VG_FLAG_COUNT];
};

/* The flag is set and has not expired at `at`. */
bool vg_flag_holds(const struct vg_chart *chart, enum vg_flag flag,
                   struct vg_instant at);

/* An infusion is planned, and no start of it is charted: one within a day of the plan, or later, is the planned
 * one (project decision). `planned` VG_UNSET or 0: none is. */
bool vg_infusion_ahead(const struct vg_chart *chart, struct vg_instant planned);

/* What was measured between a plan and the start that came so long after it at most is of before the infusion: of the
 * baselines. If the start came later it may be charted late, and what was measured since may be of the infusion itself
 * (project proposal; by the same span an infusion whose end is not charted is over: 0.3). */
#define VG_PLAN_TO_START (4 * VG_HOUR)

/* T0 of the latest infusion at `at`: as charted, or as planned when that time has passed and no start came. A start
 * that nobody charted does not switch the watch off (0.3: the plan serves until a start arrives). VG_UNSET: none. */
struct vg_instant vg_infusion_began(const struct vg_chart *chart, struct vg_instant at);

/* T_end of the latest infusion (0.3): while unknown `at`, at least T0 + 30 min, at most T0 +
 * 4 h. VG_UNSET without an infusion. */
struct vg_instant vg_infusion_end(const struct vg_chart *chart, struct vg_instant at);

/* T0 of the latest infusion; while there is none the planned one; VG_UNSET. */
struct vg_instant vg_infusion_t0(const struct vg_chart *chart,
                                 const struct vg_patient *patient);

/* In [first T0, last T0 + 30 d] (1.2), inclusive. False without an infusion, charted or planned. */
bool vg_crs_window(const struct vg_chart *chart, struct vg_instant at);

/* Consciousness charted within the last 4 h (0.4): *out. False: missing. */
bool vg_acvpu_at(const struct vg_chart *chart, struct vg_instant at,
                 enum vg_acvpu *out);

/* A drug that can hide fever is active at `at` (1.2, masking windows, inclusive). */
bool vg_fever_masked(const struct vg_chart *chart, struct vg_instant at);
/* The latest given of these, and when; with `infection` of those that hide an infection (5.3: corticosteroid,
 * anti-IL-6). VG_DRUGS: none. */
enum vg_drug_name vg_masked_by(const struct vg_chart *chart, struct vg_instant at,
                               bool infection, struct vg_instant *given);
/* The first instant after `at` at which that may change; VG_NEVER. */
struct vg_instant vg_fever_masked_until(const struct vg_chart *chart,
                                        struct vg_instant at);

void vg_chart_before(struct vg_state *state, const struct vg_view *view,
                     struct vg_instant at);
void vg_chart_step(struct vg_state *state, const struct vg_view *view,
                   const struct vg_item *item);
/* Judges nothing; lowers *next to the next expiry of a flag or of consciousness. */
void vg_chart_judge(const struct vg_state *state, const struct vg_view *view,
                    struct vg_instant at, struct vg_assessment *out,
                    struct vg_instant *next);

#endif
