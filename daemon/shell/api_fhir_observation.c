/* SPDX-License-Identifier: Apache-2.0
 *
 * Observations: readings and the scores of alerts, merged by time; scores have an order below
 * zero, from their id.
 */
#include <stdlib.h>
#include <string.h>

#include "shell/api_fhir_gather.h"

/* ---- Scores */

static bool is_inside(const struct vg_fhir_call *f, const struct vg_fhir_item *item)
{
    return item->at >= f->from.ms && item->at < f->to.ms &&
           vg_fhir_item_beyond(f, item);
}

/* Alerts that were raised at one instant saw the same score. */
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
    if (!is_inside(g->f, &item) || (g->id != NULL && strcmp(g->id, item.id) != 0)) {
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

static enum vg_status add_scores(struct vg_fhir_gather *g)
{
    const struct vg_alerts_query query = {
        .of = {.patient = g->patient, .from = VG_UNSET, .to = VG_NEVER}};
    struct vg_page_end end = {0};
    const enum vg_status status =
        vg_history_alerts(g->f->reader, &query, each_alert, g, &end, &g->f->error);

    return status == VG_OK && g->failed ? VG_FAILED : status;
}

/* ---- Out */

static int oldest_first(const void *a, const void *b)
{
    return vg_fhir_item_order(a, b);
}

static int newest_first(const void *a, const void *b)
{
    return -vg_fhir_item_order(a, b);
}

static void put(struct vg_buffer *b, const struct vg_fhir_item *item)
{
    struct vg_fhir_reading r = {.id = item->id,
                                .patient = item->patient,
                                .episode = item->episode,
                                .device = item->device,
                                .received = item->received};

    if (item->is_score) {
        vg_fhir_put_scored(b, &item->scored);
        return;
    }
    for (size_t i = 0; i < 2; i++) {
        if (item->has[i]) {
            r.part[i] = &item->part[i];
            r.value[i] = vg_history_value(&item->part[i]);
        }
    }
    vg_fhir_put_reading(b, &r);
}

static void put_page(struct vg_fhir_gather *g)
{
    struct vg_fhir_call *f = g->f;

    if (g->page.count > 0) {
        qsort(g->page.item, g->page.count, sizeof *g->page.item,
              f->newest_first ? newest_first : oldest_first);
    }
    for (size_t i = 0; i < g->page.count && vg_fhir_room(f); i++) {
        const struct vg_fhir_item *item = &g->page.item[i];
        vg_fhir_entry(f, item->id);
        put(&f->answer->text, item);
        vg_fhir_entry_end(f);
        f->last = (struct vg_cursor){.set = true, .at = item->at, .order = item->order};
    }
}

static enum vg_status search(struct vg_fhir_call *f)
{
    struct vg_fhir_gather g = {.f = f, .patient = f->patient, .want = f->count + 1};
    enum vg_status status = vg_fhir_gather_stays(&g);

    if (status == VG_OK && f->pick.signals != 0) {
        status = vg_fhir_walk_page(&g);
    }
    if (status == VG_OK && f->pick.scores != 0) {
        status = add_scores(&g);
    }
    if (status == VG_OK) {
        put_page(&g);
    }
    vg_fhir_gather_finish(&g);
    return status;
}

/* ---- One */

struct seeker {
    const char *owner; /* of the id */
    char *patient;     /* whose that is */
};

static bool seek_patient(void *to, const struct vg_episode *episode)
{
    const struct seeker *seeker = to;
    char owner[VG_FHIR_OWNER_LEN + 1];

    vg_fhir_owner(episode->patient, owner);
    if (strcmp(owner, seeker->owner) == 0) {
        (void)vg_copy(seeker->patient, VG_PATIENT_LEN + 1, episode->patient);
    }
    return seeker->patient[0] == '\0';
}

/* Into g->page, if it is there. A patient without any stay is found by who is named. */
static enum vg_status find_one(struct vg_fhir_gather *g)
{
    struct vg_fhir_named named;
    struct seeker seeker = {named.owner, g->owner};

    if (vg_fhir_observation_named(g->id, &named) != VG_OK) {
        return VG_OK;
    }
    enum vg_status status = vg_store_episodes(g->f->reader, NULL, NULL, seek_patient,
                                              &seeker, &g->f->error);
    if (status == VG_OK && g->owner[0] != '\0') {
        g->patient = g->owner;
        status = vg_fhir_gather_stays(g);
    }
    g->f->pick.signals &= named.signals;
    g->f->pick.scores &= named.scores;
    if (status == VG_OK && g->f->pick.signals != 0) {
        status = vg_fhir_walk(g, named.at, vg_after(named.at, 1));
    } else if (status == VG_OK && g->f->pick.scores != 0) {
        status = add_scores(g);
    }
    return status;
}

/* Of a read, or of a search by _id: all other filters hold, too. */
static enum vg_status one(struct vg_fhir_call *f, bool read)
{
    struct vg_fhir_gather g = {.f = f, .id = f->id, .want = 1};
    enum vg_status status = find_one(&g);
    const struct vg_fhir_item *item = g.page.count > 0 ? &g.page.item[0] : NULL;
    const char *patient = "";

    if (item != NULL) {
        patient = item->is_score ? item->scored.patient : item->patient;
    }
    const bool hidden = item == NULL || !is_inside(f, item) ||
                        (f->patient[0] != '\0' && strcmp(f->patient, patient) != 0);
    if (status == VG_OK && !hidden &&
        vg_api_may_read(f->api, f->call, f->answer, patient, "fhir")) {
        if (read) {
            put(&f->answer->text, item);
            vg_put_raw(&f->answer->text, "\n");
        } else {
            put_page(&g);
        }
    } else if (status == VG_OK && hidden && read) {
        status = VG_ABSENT;
    }
    vg_fhir_gather_finish(&g);
    return status;
}

enum vg_status vg_fhir_has_readings(struct vg_fhir_call *f, const char *patient,
                                    bool *out)
{
    struct vg_fhir_gather g = {.f = f, .patient = patient, .want = 1};

    f->newest_first = true;
    const enum vg_status status = vg_fhir_walk_page(&g);
    *out = g.page.count > 0;
    vg_fhir_gather_finish(&g);
    return status;
}

enum vg_status vg_fhir_observation(struct vg_fhir_call *f, bool read)
{
    if (f->nothing) {
        return VG_OK;
    }
    if (f->id != NULL) {
        return one(f, read);
    }
    if (f->patient[0] == '\0') {
        vg_error_set(&f->error, "say whose: patient=p-0042");
        return VG_REFUSED;
    }
    if (!vg_api_may_read(f->api, f->call, f->answer, f->patient, "fhir")) {
        return VG_OK;
    }
    return search(f);
}
