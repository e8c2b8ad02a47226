/* SPDX-License-Identifier: Apache-2.0
 *
 * One instant, a page, the walk. See the header.
 */
#include "shell/api_fhir_gather.h"

#include <stdlib.h>
#include <string.h>

#define EARLIEST   INT64_C(946684800000) /* 2000-01-01: no reading is older */
#define FIRST_SPAN (4 * VG_MINUTE)

struct vg_fhir_item *vg_fhir_item_add(struct vg_fhir_items *items)
{
    if (items->count == items->capacity) {
        const size_t capacity = items->capacity == 0 ? 16 : items->capacity * 2;
        struct vg_fhir_item *larger = realloc(items->item, capacity * sizeof *larger);
        if (larger == NULL) {
            return NULL;
        }
        items->item = larger;
        items->capacity = capacity;
    }
    return &items->item[items->count++];
}

/* ---- One instant */

static bool is_pressure(enum vg_signal signal)
{
    return signal == VG_SBP || signal == VG_DBP;
}

/* The panel that lacks this pressure: of the same device, source and bed. */
static struct vg_fhir_item *other_half(struct vg_fhir_gather *g,
                                       const struct vg_reading_row *row)
{
    const size_t place = row->reading->signal == VG_DBP;

    for (size_t i = 0; i < g->now.count; i++) {
        struct vg_fhir_item *item = &g->now.item[i];
        const struct vg_reading *half = &item->part[!place];
        if (item->has[!place] && !item->has[place] && is_pressure(half->signal) &&
            half->source == row->reading->source &&
            strcmp(item->device, row->device) == 0 &&
            strcmp(item->ward, row->ward) == 0 && strcmp(item->bed, row->bed) == 0) {
            return item;
        }
    }
    return NULL;
}

/* A message that came before the admission belongs to the stay in which it was measured. */
static const char *stay_of(const struct vg_fhir_gather *g,
                           const struct vg_reading_row *row)
{
    const int64_t at = row->reading->measured.ms;

    for (size_t i = 0; i < g->stay_count && row->episode[0] == '\0'; i++) {
        if (at >= g->stay[i].begin.ms && at < g->stay[i].end.ms) {
            return g->stay[i].id;
        }
    }
    return row->episode;
}

static void fill(const struct vg_fhir_gather *g, struct vg_fhir_item *item,
                 const struct vg_reading_row *row)
{
    memset(item, 0, sizeof *item);
    item->at = row->reading->measured.ms;
    item->order = row->order;
    item->received = row->received;
    (void)vg_copy(item->patient, sizeof item->patient,
                  g->patient != NULL ? g->patient : row->patient);
    (void)vg_copy(item->episode, sizeof item->episode, stay_of(g, row));
    (void)vg_copy(item->ward, sizeof item->ward, row->ward);
    (void)vg_copy(item->bed, sizeof item->bed, row->bed);
    (void)vg_copy(item->device, sizeof item->device, row->device);
}

/* What only tests a device is nobody's; a patient that nobody named has no observations. */
static bool is_wanted(const struct vg_fhir_gather *g, const struct vg_reading_row *row)
{
    return row->reading->quality != VG_QUALITY_TEST &&
           (g->patient != NULL || row->patient[0] != '\0');
}

static bool take_row(struct vg_fhir_gather *g, const struct vg_reading_row *row)
{
    const bool pressure = is_pressure(row->reading->signal);
    struct vg_fhir_item *item = pressure ? other_half(g, row) : NULL;
    const size_t place = pressure && row->reading->signal == VG_DBP;

    if (item == NULL) {
        item = vg_fhir_item_add(&g->now);
        if (item == NULL) {
            return false;
        }
        fill(g, item, row);
    }
    item->has[place] = true;
    item->part[place] = *row->reading;
    return true;
}

static const struct vg_reading *first_of(const struct vg_fhir_item *item)
{
    return &item->part[item->has[0] ? 0 : 1];
}

/* Those that would have the same id are counted. */
static void name_all(struct vg_fhir_gather *g)
{
    for (size_t i = 0; i < g->now.count; i++) {
        struct vg_fhir_item *item = &g->now.item[i];
        char id[VG_FHIR_ID_LEN + 1];
        unsigned twins = 0;
        vg_fhir_reading_id(item->id, item->patient, first_of(item), 0);
        for (size_t k = 0; k < i; k++) {
            const struct vg_fhir_item *before = &g->now.item[k];
            vg_fhir_reading_id(id, before->patient, first_of(before), 0);
            twins += strcmp(id, item->id) == 0;
        }
        vg_fhir_reading_id(item->id, item->patient, first_of(item), twins);
    }
}

/* ---- The page */

int vg_fhir_item_order(const struct vg_fhir_item *a, const struct vg_fhir_item *b)
{
    if (a->at != b->at) {
        return a->at < b->at ? -1 : 1;
    }
    return (a->order > b->order) - (a->order < b->order);
}

bool vg_fhir_item_beyond(const struct vg_fhir_call *f, const struct vg_fhir_item *item)
{
    const struct vg_fhir_item last = {.at = f->after.at, .order = f->after.order};
    const int side = vg_fhir_item_order(item, &last);

    return !f->after.set || (f->newest_first ? side < 0 : side > 0);
}

/* False: no more is wanted. Of a span the latest `most` are kept, in a ring. */
static bool keep(struct vg_fhir_gather *g, const struct vg_fhir_item *item)
{
    if (g->f->newest_first && g->seen >= g->most) {
        g->page.item[g->begin + g->ring] = *item;
        g->ring = (g->ring + 1) % g->most;
        g->seen++;
        return true;
    }
    struct vg_fhir_item *place = vg_fhir_item_add(&g->page);
    if (place == NULL) {
        g->failed = true;
        return false;
    }
    *place = *item;
    g->seen++;
    return g->f->newest_first || g->page.count < g->want;
}

static bool flush(struct vg_fhir_gather *g)
{
    bool go_on = true;

    name_all(g);
    for (size_t i = 0; i < g->now.count && go_on; i++) {
        const struct vg_fhir_item *item = &g->now.item[i];
        if (vg_fhir_picked(&g->f->pick, first_of(item)) &&
            vg_fhir_item_beyond(g->f, item) &&
            (g->id == NULL || strcmp(g->id, item->id) == 0)) {
            go_on = keep(g, item);
        }
    }
    g->now.count = 0;
    return go_on;
}

static bool each_row(void *to, const struct vg_reading_row *row)
{
    struct vg_fhir_gather *g = to;

    if (!is_wanted(g, row)) {
        return true;
    }
    if (g->now.count > 0 && g->now.item[0].at != row->reading->measured.ms &&
        !flush(g)) {
        return false;
    }
    g->failed = g->failed || !take_row(g, row);
    return !g->failed;
}

/* ---- Readings */

enum vg_status vg_fhir_walk(struct vg_fhir_gather *g, struct vg_instant from,
                            struct vg_instant to)
{
    const struct vg_history_query query = {.patient = g->patient,
                                           .signals = g->f->pick.signals,
                                           .from = from,
                                           .to = to,
                                           .arrival = true};
    struct vg_page_end end = {0};
    enum vg_status status =
        vg_history_readings(g->f->reader, &query, each_row, g, &end, &g->f->error);

    if (status == VG_OK && !g->failed) {
        (void)flush(g);
    }
    g->now.count = 0;
    return g->failed ? VG_NO_MEMORY : status;
}

static bool take_stay(void *to, const struct vg_episode *stay)
{
    struct vg_fhir_gather *g = to;

    g->stay[g->stay_count++] = *stay;
    return g->stay_count < VG_FHIR_STAYS;
}

enum vg_status vg_fhir_gather_stays(struct vg_fhir_gather *g)
{
    return g->patient == NULL ? VG_OK
                              : vg_store_episodes(g->f->reader, NULL, g->patient,
                                                  take_stay, g, &g->f->error);
}

static enum vg_status walk_both(struct vg_fhir_gather *g, struct vg_instant from,
                                struct vg_instant to)
{
    const enum vg_status status =
        g->f->pick.signals != 0 ? vg_fhir_walk(g, from, to) : VG_OK;

    return status == VG_OK ? vg_fhir_scores_walk(g, from, to) : status;
}

/* From the instant where the last page ended, all of it: panels are made of it anew. Where the
 * begin is known it goes in spans, so that a page need not read all that follows. */
static enum vg_status walk_forward(struct vg_fhir_gather *g)
{
    const struct vg_fhir_call *f = g->f;
    const struct vg_instant last = {f->after.set ? f->after.at : INT64_MIN};
    struct vg_instant lower = vg_later(f->from, last);
    enum vg_status status = VG_OK;

    if (vg_is_set(lower)) { /* a cursor may say any time */
        lower = vg_later(lower, (struct vg_instant){EARLIEST});
    }
    for (vg_ms span = FIRST_SPAN;
         status == VG_OK && lower.ms < f->to.ms && g->page.count < g->want; span *= 4) {
        struct vg_instant upper = vg_earlier(vg_after(lower, span), f->to);
        if (!vg_is_set(lower) || upper.ms > f->call->now.ms) {
            upper = f->to;
        }
        status = walk_both(g, lower, upper);
        lower = upper;
    }
    return status;
}

static enum vg_status walk_back(struct vg_fhir_gather *g)
{
    const struct vg_fhir_call *f = g->f;
    const struct vg_instant lowest = vg_later(f->from, (struct vg_instant){EARLIEST});
    struct vg_instant upper =
        f->after.set ? vg_earlier(f->to, vg_after((struct vg_instant){f->after.at}, 1))
                     : f->to;
    struct vg_instant from = vg_earlier(upper, f->call->now);
    enum vg_status status = VG_OK;

    for (vg_ms span = FIRST_SPAN;
         status == VG_OK && upper.ms > lowest.ms && g->page.count < g->want;
         span *= 4) {
        const struct vg_instant lower = vg_later(vg_after(from, -span), lowest);
        g->begin = g->page.count;
        g->most = g->want - g->page.count;
        g->ring = g->seen = 0;
        status = walk_both(g, lower, upper);
        from = upper = lower;
    }
    return status;
}

enum vg_status vg_fhir_walk_page(struct vg_fhir_gather *g)
{
    return g->f->newest_first ? walk_back(g) : walk_forward(g);
}

void vg_fhir_gather_finish(struct vg_fhir_gather *g)
{
    free(g->now.item);
    free(g->page.item);
}
