/* SPDX-License-Identifier: Apache-2.0
 *
 * Readings gathered into observations for one page: both pressures of an instant are one.
 *
 * The order of a page is (measured, order): `order` is that of arrival for readings, so that
 * what arrives while somebody turns pages never moves what they have seen. Readings are gathered
 * instant by instant, in spans that grow until the page is full; newest first, the latest of each
 * are kept.
 */
#ifndef VIGIL_SHELL_API_FHIR_GATHER_H
#define VIGIL_SHELL_API_FHIR_GATHER_H

#include "shell/api_fhir.h"

#define VG_FHIR_STAYS 16

struct vg_fhir_item {
    int64_t at, order;
    bool is_score;
    char id[VG_FHIR_ID_LEN + 1];
    char patient[VG_PATIENT_LEN + 1], episode[VG_EPISODE_LEN + 1];
    char ward[VG_ID_LEN + 1], bed[VG_ID_LEN + 1], device[VG_ID_LEN + 1];
    struct vg_instant received;
    bool has[2]; /* of a pressure: systolic, diastolic; else the first */
    struct vg_reading part[2];
    struct vg_fhir_scored scored;
};

struct vg_fhir_items {
    struct vg_fhir_item *item;
    size_t count, capacity;
};

struct vg_fhir_gather {
    struct vg_fhir_call *f;
    const char *patient; /* whose readings these are; NULL: as each row says */
    char owner[VG_PATIENT_LEN + 1]; /* of one that was asked for by its id */
    size_t stay_count;
    struct vg_episode stay[VG_FHIR_STAYS]; /* theirs, the latest ones */
    const char *id;                        /* only this one, or NULL */
    size_t want;              /* one more than the page holds: whether there is more */
    struct vg_fhir_items now; /* one instant */
    struct vg_fhir_items page;
    size_t ring; /* newest first: where the next one of a span goes, from `begin` */
    size_t begin, most; /* of a span in page: from where, how many */
    size_t seen;        /* of this span */
    bool failed;        /* no memory */
};

/* NULL: no memory. The item is not initialised. */
struct vg_fhir_item *vg_fhir_item_add(struct vg_fhir_items *items);
/* By (at, order): negative, 0, positive. */
int vg_fhir_item_order(const struct vg_fhir_item *a, const struct vg_fhir_item *b);
/* Whether it comes after the last page. */
bool vg_fhir_item_beyond(const struct vg_fhir_call *f, const struct vg_fhir_item *item);

/* Whether it is of the dates that were asked for, and after the last page. */
bool vg_fhir_item_inside(const struct vg_fhir_call *f, const struct vg_fhir_item *item);

/* Scores of g->patient into g->page: those stored of a span, and those of all alerts. Each score of
 * an instant is one. */
enum vg_status vg_fhir_scores_walk(struct vg_fhir_gather *g, struct vg_instant from,
                                   struct vg_instant to);
enum vg_status vg_fhir_scores_of_alerts(struct vg_fhir_gather *g);

/* Adds to the score's evidence what else of the history it was made of. */
enum vg_status vg_fhir_scored_inputs(struct vg_fhir_call *f,
                                     struct vg_fhir_scored *scored);

/* Who lay where, of g->patient: before the walk. */
enum vg_status vg_fhir_gather_stays(struct vg_fhir_gather *g);
/* Both fill g->page, in no particular order. As vg_history_readings. */
enum vg_status vg_fhir_walk(struct vg_fhir_gather *g, struct vg_instant from,
                            struct vg_instant to);
/* What the page needs, from the side where it begins. */
enum vg_status vg_fhir_walk_page(struct vg_fhir_gather *g);

void vg_fhir_gather_finish(struct vg_fhir_gather *g);

#endif
