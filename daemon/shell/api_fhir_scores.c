/* SPDX-License-Identifier: Apache-2.0
 *
 * Scores for a page: as the store has them, whenever one changed, and as alerts saw them, whose
 * evidence says what they were made of. Their order is below zero, from their id.
 */
#include <string.h>

#include "shell/api_fhir_gather.h"

bool vg_fhir_item_inside(const struct vg_fhir_call *f, const struct vg_fhir_item *item)
{
    return item->at >= f->from.ms && item->at < f->to.ms &&
           vg_fhir_item_beyond(f, item);
}

/* Alerts that were raised at one instant, and what was stored of it, saw the same score. */
static struct vg_fhir_item *same_score(const struct vg_fhir_gather *g,
                                       const struct vg_fhir_item *item)
{
    for (size_t i = g->page.count; i > 0; i--) {
        struct vg_fhir_item *other = &g->page.item[i - 1];
        if (other->is_score && other->at == item->at && other->order == item->order) {
            return other;
        }
    }
    return NULL;
}

static void take_score(struct vg_fhir_gather *g, const struct vg_fhir_scored *scored)
{
    struct vg_fhir_item item = {
        .is_score = true, .at = scored->at.ms, .scored = *scored};

    vg_fhir_scored_id(item.id, scored);
    item.order = -1 - (int64_t)(vg_hash(0, item.id, strlen(item.id)) >> 2);
    if (!vg_fhir_item_inside(g->f, &item) ||
        (g->id != NULL && strcmp(g->id, item.id) != 0)) {
        return;
    }
    struct vg_fhir_item *place = same_score(g, &item);
    if (place != NULL) {
        vg_fhir_scored_merge(&place->scored, scored);
        return;
    }
    place = vg_fhir_item_add(&g->page);
    g->failed = g->failed || place == NULL;
    if (place != NULL) {
        *place = item;
    }
}

/* ---- As they were stored: whenever one changed */

struct course {
    struct vg_fhir_gather *g;
    struct vg_instant from;
    struct vg_fhir_known last;
    size_t count; /* of scores that were taken */
};

static void take_known(struct course *c, const struct vg_assessed_row *row,
                       const struct vg_fhir_known *known, enum vg_fhir_score which)
{
    struct vg_fhir_scored scored = {.which = which,
                                    .value = known->value[which],
                                    .complete = known->complete[which],
                                    .masked = which == VG_FHIR_CRS && known->masked,
                                    .at = row->at};

    if ((c->g->f->pick.scores >> which & 1) == 0 || scored.value == VG_GRADE_NULL ||
        (scored.value == c->last.value[which] &&
         scored.complete == c->last.complete[which])) {
        return;
    }
    (void)vg_copy(scored.patient, sizeof scored.patient,
                  c->g->patient != NULL ? c->g->patient : row->patient);
    (void)vg_copy(scored.episode, sizeof scored.episode, row->episode);
    take_score(c->g, &scored);
    c->count++;
}

/* Those before the last page's end are counted, too: they are of one instant at most. */
static bool each_course(void *to, const struct vg_assessed_row *row)
{
    struct course *c = to;
    struct vg_fhir_known known;

    if (vg_fhir_known_parse(row->json, row->length, &known) != VG_OK) {
        return true; /* the readings behind it are told all the same */
    }
    for (unsigned i = 0; i < VG_FHIR_SCORES && row->at.ms >= c->from.ms; i++) {
        take_known(c, row, &known, (enum vg_fhir_score)i);
    }
    c->last = known;
    return !c->g->failed &&
           (c->g->f->newest_first || c->count < c->g->want + VG_FHIR_SCORES);
}

enum vg_status vg_fhir_scores_walk(struct vg_fhir_gather *g, struct vg_instant from,
                                   struct vg_instant to)
{
    const struct vg_history_query query = {
        .patient = g->patient, .from = from, .to = to, .before = vg_is_set(from)};
    struct course course = {
        .g = g,
        .from = from,
        .last.value = {VG_GRADE_NULL, VG_GRADE_NULL, VG_GRADE_NULL}};
    struct vg_page_end end = {0};

    if (g->patient == NULL || g->f->pick.scores == 0) {
        return VG_OK;
    }
    const enum vg_status status = vg_history_assessments(
        g->f->reader, &query, each_course, &course, &end, &g->f->error);
    return status == VG_OK && g->failed ? VG_NO_MEMORY : status;
}

/* ---- As alerts saw them */

static bool each_alert(void *to, const char *json, size_t length)
{
    struct vg_fhir_gather *g = to;
    struct vg_alert alert;
    struct vg_fhir_scored scored;

    if (vg_decode_alert(json, length, &alert) != VG_OK) {
        vg_error_set(&g->f->error, "an alert in the store is unreadable");
        g->failed = true;
        return false;
    }
    for (unsigned i = 0; i < VG_FHIR_SCORES; i++) {
        if ((g->f->pick.scores >> i & 1) != 0 &&
            vg_fhir_scored_of(&alert, (enum vg_fhir_score)i, &scored)) {
            take_score(g, &scored);
        }
    }
    return !g->failed;
}

enum vg_status vg_fhir_scores_of_alerts(struct vg_fhir_gather *g)
{
    const struct vg_alerts_query query = {
        .of = {.patient = g->patient, .from = VG_UNSET, .to = VG_NEVER}};
    struct vg_page_end end = {0};
    const enum vg_status status =
        vg_history_alerts(g->f->reader, &query, each_alert, g, &end, &g->f->error);

    return status == VG_OK && g->failed ? VG_FAILED : status;
}
