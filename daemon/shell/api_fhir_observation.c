/* SPDX-License-Identifier: Apache-2.0
 *
 * Observations: readings and scores, merged by time.
 */
#include <stdlib.h>
#include <string.h>

#include "shell/api_fhir_gather.h"

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

static enum vg_status put_page(struct vg_fhir_gather *g)
{
    struct vg_fhir_call *f = g->f;
    enum vg_status status = VG_OK;

    if (g->page.count > 0) {
        qsort(g->page.item, g->page.count, sizeof *g->page.item,
              f->newest_first ? newest_first : oldest_first);
    }
    for (size_t i = 0; i < g->page.count && vg_fhir_room(f) && status == VG_OK; i++) {
        struct vg_fhir_item *item = &g->page.item[i];
        if (item->is_score) {
            status = vg_fhir_scored_inputs(f, &item->scored);
        }
        vg_fhir_entry(f, item->id);
        put(&f->answer->text, item);
        vg_fhir_entry_end(f);
        f->last = (struct vg_cursor){.set = true, .at = item->at, .order = item->order};
    }
    return status;
}

static enum vg_status search(struct vg_fhir_call *f)
{
    struct vg_fhir_gather g = {.f = f, .patient = f->patient, .want = f->count + 1};
    enum vg_status status = vg_fhir_gather_stays(&g);

    if (status == VG_OK) {
        status = vg_fhir_walk_page(&g);
    }
    if (status == VG_OK && f->pick.scores != 0) {
        status = vg_fhir_scores_of_alerts(&g);
    }
    if (status == VG_OK) {
        status = put_page(&g);
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
        status = vg_fhir_scores_walk(g, named.at, vg_after(named.at, 1));
        if (status == VG_OK) {
            status = vg_fhir_scores_of_alerts(g);
        }
    }
    return status;
}

/* Of a read, or of a search by _id: all other filters hold, too. */
static enum vg_status one(struct vg_fhir_call *f, bool read)
{
    struct vg_fhir_gather g = {.f = f, .id = f->id, .want = 1};
    enum vg_status status = find_one(&g);
    struct vg_fhir_item *item = g.page.count > 0 ? &g.page.item[0] : NULL;
    const char *patient = "";

    if (item != NULL) {
        patient = item->is_score ? item->scored.patient : item->patient;
    }
    const bool hidden = item == NULL || !vg_fhir_item_inside(f, item) ||
                        (f->patient[0] != '\0' && strcmp(f->patient, patient) != 0);
    if (status == VG_OK && !hidden &&
        vg_api_may_read(f->api, f->call, f->answer, patient, "fhir")) {
        if (!read) {
            status = put_page(&g);
        } else if (!item->is_score ||
                   (status = vg_fhir_scored_inputs(f, &item->scored)) == VG_OK) {
            put(&f->answer->text, item);
            vg_put_raw(&f->answer->text, "\n");
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
