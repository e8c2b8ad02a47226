/* SPDX-License-Identifier: Apache-2.0
 *
 * The values that scores are made of: Clinical reference 0.4 and 0.9 (the most trusted
 * value at most 60 min old, between equals the newest) and 4.2 (a continuous parameter
 * scores the lowest band held throughout the last 5 min).
 *
 * A value is kept as the limits it passes. Of a continuous signal the last sample that did
 * not pass is kept beside each limit, so that "held throughout" is one comparison.
 */
#ifndef VIGIL_ASSESS_SCORE_VALUE_H
#define VIGIL_ASSESS_SCORE_VALUE_H

#include "vigil/assess.h"

#include "core/item.h"

struct vg_state;

/* Sources of values, those of one part of a score together. */
enum vg_score_source {
    VG_SCORE_RR,
    VG_SCORE_RR_STREAM,
    VG_SCORE_SPO2,
    VG_SCORE_SPO2_STREAM,
    VG_SCORE_SBP,
    VG_SCORE_SBP_STREAM,
    VG_SCORE_SBP_LINE,
    VG_SCORE_HR,
    VG_SCORE_HR_STREAM,
    VG_SCORE_TEMP,
    VG_SCORE_TEMP_AXILLARY,
    VG_SCORE_TEMP_PROBE,
    VG_SCORE_TEMP_PATCH,
    VG_SCORE_SOURCES
};

/* Limits of all continuous sources together: five of RR, nine of SpO2, four of each other. */
#define VG_SCORE_LIMITS 34

/* Of 0.3: what came late and behind a newer one, or more than 8 h late, pages for the floors alone; what is
 * both for nothing. */
enum vg_score_lateness { VG_SCORE_TIMELY, VG_SCORE_LATE, VG_SCORE_STALE };

enum vg_score_lateness vg_score_late(unsigned marks); /* of an item */

struct vg_score_value {
    struct vg_instant at;       /* newest; 0: none. May lie ahead inside a stretch */
    struct vg_instant previous; /* of the one before, continuous only; 0: none */
    struct vg_instant begun;    /* first ever */
    int16_t value;
    uint16_t passes; /* bit per limit of its part that the newest passes */
    uint8_t late;    /* enum vg_score_lateness */
    bool clock;      /* clears nothing (0.3) */
};

struct vg_score_values {
    struct vg_score_value source[VG_SCORE_SOURCES];
    struct vg_instant failed[VG_SCORE_LIMITS]; /* last sample that did not pass; 0 */
};

/* The limits of a part, in this order. Of SpO2 three points each: scale 1, scale 2 on air,
 * scale 2 on oxygen. */
enum vg_score_limit {
    VG_SCORE_POINT, /* scores 1 or more in NEWS2; then 2, then 3 */
    VG_SCORE_SIRS = 3,
    VG_SCORE_QSOFA_SBP = 3,
    VG_SCORE_QSOFA_RR = 4
};
enum vg_spo2_scale { VG_SPO2_SCALE_1, VG_SPO2_SCALE_2_AIR, VG_SPO2_SCALE_2_OXYGEN };

/* Takes a vital sign in order of time. True: a score may have changed. */
bool vg_score_take(struct vg_score_values *values, const struct vg_item *item);

/* The source that a score uses for a part at `at`; VG_SCORE_SOURCES: missing. Charted: only what people and
 * cuffs took, and nothing late, or nothing stale. */
enum vg_score_which { VG_SCORE_ALL, VG_SCORE_CHARTED, VG_SCORE_CHARTED_LATE };
enum vg_score_source vg_score_choose(const struct vg_score_values *values,
                                     enum vg_news2_part part, enum vg_score_which which,
                                     struct vg_instant at);

/* The value passes the limit; a continuous one throughout (4.2). */
bool vg_score_passes(const struct vg_score_values *values, enum vg_score_source source,
                     unsigned limit, struct vg_instant at);

/* NEWS2 points, 0 to 3. `scale` matters for SpO2 only. */
int vg_score_points(const struct vg_score_values *values, enum vg_score_source source,
                    enum vg_spo2_scale scale, struct vg_instant at);

/* Lowers *next to when the value lapses, or a limit may come to be held. */
void vg_score_next(const struct vg_score_values *values, enum vg_score_source source,
                   struct vg_instant at, struct vg_instant *next);

/* The newest value of the chosen source (of a stream too: display, quotients). False:
 * missing. HR, RR, SpO2, SBP, temperature. */
bool vg_score_value(const struct vg_state *state, enum vg_signal signal,
                    struct vg_instant at, int64_t *out, struct vg_instant *next);

/* Whether the value of a part passes a limit, for scores other than NEWS2; *next as in
 * vg_score_next; *when is about when that began. Unknown: missing. */
enum vg_truth vg_score_test(const struct vg_state *state, enum vg_news2_part part,
                            enum vg_score_limit limit, struct vg_instant at,
                            struct vg_instant *when, struct vg_instant *next);

#endif
