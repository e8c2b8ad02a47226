/* SPDX-License-Identifier: Apache-2.0
 *
 * NEWS2 (Royal College of Physicians 2017): Clinical reference 4.
 *
 * Three sums are kept apart: what is published, what is charted (pages at once), and what
 * is fresh (published without late values; pages after 15 min).
 */
#ifndef VIGIL_ASSESS_NEWS2_H
#define VIGIL_ASSESS_NEWS2_H

#include "core/assess/score_value.h"

struct vg_state;
struct vg_view;
struct vg_assessment;

enum vg_news2_page { VG_NEWS2_SEVEN, VG_NEWS2_FIVE, VG_NEWS2_SINGLE, VG_NEWS2_PAGES };

struct vg_news2_pages {
    bool on;
    uint8_t sets;            /* charted complete sets below the threshold in a row */
    struct vg_instant since; /* while on */
    struct vg_instant run;   /* since when the fresh sum reaches it; 0: it does not */
    struct vg_instant below; /* since when complete and below it; 0: it is not */
};

/* The newest result of what SIRS and qSOFA use beside vital signs: kept by sirs.c. */
enum vg_score_result {
    VG_RESULT_WBC,
    VG_RESULT_BANDS,
    VG_RESULT_PACO2,
    VG_RESULT_GCS,
    VG_RESULTS
};

struct vg_news2 {
    struct vg_score_values values;
    struct {
        struct vg_instant at; /* 0: none */
        int64_t value;
    } result[VG_RESULTS];
    struct vg_news2_pages page[VG_NEWS2_PAGES];
    struct vg_instant set_at; /* end of the last charted complete set */
    struct vg_instant again;  /* when time alone may change something; 0: never asked */
    bool due;                 /* something of this instant may have changed the sums */
    bool charted;             /* something was charted at this instant */
};

/* Signals: RR, SpO2, SBP, HR, TEMP, O2_FLOW, FIO2, O2_DEVICE, CONSCIOUSNESS, FLAG. Folded
 * after the chart. */
void vg_news2_before(struct vg_state *state, const struct vg_view *view,
                     struct vg_instant at);
void vg_news2_step(struct vg_state *state, const struct vg_view *view,
                   const struct vg_item *item);
void vg_news2_after(struct vg_state *state, const struct vg_view *view,
                    struct vg_instant at);
void vg_news2_judge(const struct vg_state *state, const struct vg_view *view,
                    struct vg_instant at, struct vg_assessment *out,
                    struct vg_instant *next);

#endif
