/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers from what is shown: wards, beds, one alert. The lock is held while pointers and
 * plain values are copied; what is written is written without it.
 */
#include <stdlib.h>
#include <string.h>

#include "shell/live_inside.h"
#include "wire/encode_parts.h"

size_t vg_live_find_ward(const struct vg_live *live, const char *ward)
{
    size_t i = 0;

    while (i < live->ward_count && strcmp(live->ward[i].id, ward) != 0) {
        i++;
    }
    return i;
}

bool vg_live_has_ward(struct vg_live *live, const char *ward)
{
    (void)pthread_mutex_lock(&live->lock);
    const bool has = vg_live_find_ward(live, ward) < live->ward_count;
    (void)pthread_mutex_unlock(&live->lock);
    return has;
}

void vg_live_node_get(struct vg_live *live, struct vg_live_node *out)
{
    (void)pthread_mutex_lock(&live->lock);
    *out = live->node;
    (void)pthread_mutex_unlock(&live->lock);
}

size_t vg_live_open_by_severity(struct vg_live *live, uint64_t out[VG_SEVERITY_COUNT])
{
    size_t count = 0;

    memset(out, 0, VG_SEVERITY_COUNT * sizeof *out);
    (void)pthread_mutex_lock(&live->lock);
    for (size_t i = 0; i < VG_LIVE_CHAINS; i++) {
        for (const struct vg_live_open *o = live->open[i]; o != NULL; o = o->next) {
            out[o->severity]++;
            count++;
        }
    }
    (void)pthread_mutex_unlock(&live->lock);
    return count;
}

static void count_trouble(const char *rule, uint64_t out[VG_TROUBLE_COUNT])
{
    for (int t = 0; rule[0] != '\0' && t < VG_TROUBLE_COUNT; t++) {
        out[t] += strcmp(rule, vg_trouble_text((enum vg_trouble)t)) == 0;
    }
}

void vg_live_open_by_trouble(struct vg_live *live, uint64_t out[VG_TROUBLE_COUNT])
{
    memset(out, 0, VG_TROUBLE_COUNT * sizeof *out);
    (void)pthread_mutex_lock(&live->lock);
    for (size_t i = 0; i < VG_LIVE_CHAINS; i++) {
        for (const struct vg_live_open *o = live->open[i]; o != NULL; o = o->next) {
            count_trouble(o->trouble, out);
        }
    }
    (void)pthread_mutex_unlock(&live->lock);
}

struct vg_shared *vg_live_alert_get(struct vg_live *live, const char *id,
                                    char ward[VG_ID_LEN + 1])
{
    struct vg_shared *text = NULL;

    (void)pthread_mutex_lock(&live->lock);
    const struct vg_live_open *o =
        live->open[vg_hash(0, id, strlen(id)) % VG_LIVE_CHAINS];
    while (o != NULL && strcmp(o->id, id) != 0) {
        o = o->next;
    }
    if (o != NULL) {
        text = vg_shared_ref(o->text);
        memcpy(ward, o->ward, sizeof o->ward);
    }
    (void)pthread_mutex_unlock(&live->lock);
    return text;
}

/* ---- What both lists end with */

struct moment {
    struct vg_live_node node;
    uint64_t last;
};

static void put_moment(struct vg_live *live, struct vg_buffer *b,
                       const struct moment *moment, struct vg_instant now)
{
    vg_key(b, "node");
    vg_live_put_node(b, &moment->node);
    vg_key(b, "event");
    vg_put_raw(b, "\"");
    vg_live_put_id(live, moment->last, b);
    vg_put_raw(b, "\"");
    vg_key_time(b, "at", now);
    vg_put_raw(b, "}");
}

/* ---- Wards */

struct ward_count {
    struct vg_live_ward_row row;
    uint64_t beds, patients, open[VG_SEVERITY_COUNT], unowned;
};

/* Under the lock. */
static void count_wards(struct vg_live *live, struct ward_count *counts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        counts[i].row = live->ward[i];
    }
    for (size_t i = 0; i < live->shown_count; i++) {
        const struct vg_live_shown *shown = live->shown[i];
        if (shown->ward < count && !vg_live_shown_empty(shown)) {
            counts[shown->ward].beds++;
            counts[shown->ward].patients += shown->brief.linked;
        }
    }
    for (size_t i = 0; i < VG_LIVE_CHAINS; i++) {
        for (const struct vg_live_open *o = live->open[i]; o != NULL; o = o->next) {
            if (o->ward_index < count) {
                struct ward_count *c = &counts[o->ward_index];
                c->open[o->severity]++;
                c->unowned += !o->owned && o->severity >= VG_URGENT;
            }
        }
    }
}

static int by_ward(const void *a, const void *b)
{
    return strverscmp(((const struct ward_count *)a)->row.id,
                      ((const struct ward_count *)b)->row.id);
}

static void put_ward(struct vg_buffer *b, const struct ward_count *c)
{
    vg_put_raw(b, "{\"ward\":");
    vg_put_string(b, c->row.id);
    vg_key_text_or_null(b, "protocol", c->row.protocol);
    vg_key_int(b, "beds", (int64_t)c->beds);
    vg_key_int(b, "patients", (int64_t)c->patients);
    vg_key_int(b, "n", (int64_t)c->row.n);
    vg_key(b, "open");
    for (int s = VG_SEVERITY_COUNT - 1; s >= 0; s--) {
        vg_put_raw(b, s == VG_SEVERITY_COUNT - 1 ? "{" : ",");
        vg_put_string(b, vg_severity_text((enum vg_severity)s));
        vg_put_raw(b, ":");
        vg_put_int(b, (int64_t)c->open[s]);
    }
    vg_put_raw(b, "}");
    vg_key_int(b, "unowned", (int64_t)c->unowned);
    vg_put_raw(b, "}");
}

void vg_live_put_wards(struct vg_live *live, const char *only, struct vg_buffer *b,
                       struct vg_instant now)
{
    struct moment moment;

    (void)pthread_mutex_lock(&live->lock);
    const size_t count = live->ward_count; /* there are never fewer */
    (void)pthread_mutex_unlock(&live->lock);
    struct ward_count *counts = calloc(count + 1, sizeof *counts);
    if (counts == NULL) {
        b->failed = true;
        return;
    }
    (void)pthread_mutex_lock(&live->lock);
    count_wards(live, counts, count);
    moment = (struct moment){live->node, live->last};
    (void)pthread_mutex_unlock(&live->lock);
    qsort(counts, count, sizeof *counts, by_ward);
    vg_put_raw(b, "{\"wards\":[");
    bool first = true;
    for (size_t i = 0; i < count; i++) {
        if (only == NULL || strcmp(only, counts[i].row.id) == 0) {
            vg_put_raw(b, first ? "" : ",");
            put_ward(b, &counts[i]);
            first = false;
        }
    }
    vg_put_raw(b, "]");
    put_moment(live, b, &moment, now);
    free(counts);
}

/* ---- Beds */

/* What is needed of a ward: which beds, and the texts of its alerts. */
struct gathered {
    size_t bed_count, alert_count;
    struct {
        char bed[VG_ID_LEN + 1];
        size_t index;
    } * bed;
    struct {
        char bed[VG_ID_LEN + 1], id[VG_ALERT_LEN + 1];
        struct vg_shared *text;
    } * alert;
    uint64_t n;
    struct moment moment;
    struct vg_live_bed *scratch;
};

static int by_bed(const void *a, const void *b)
{
    return strverscmp(a, b);
}

/* Of one bed in the order of their ids, which is that of their onset. */
static int by_id(const void *a, const void *b)
{
    return strcmp((const char *)a + VG_ID_LEN + 1, (const char *)b + VG_ID_LEN + 1);
}

/* Under the lock: how much there is, to have the room. */
static void measure(struct vg_live *live, size_t ward, struct gathered *g)
{
    for (size_t i = 0; i < live->shown_count; i++) {
        g->bed_count += live->shown[i]->ward == ward;
    }
    for (size_t i = 0; i < VG_LIVE_CHAINS; i++) {
        for (const struct vg_live_open *o = live->open[i]; o != NULL; o = o->next) {
            g->alert_count += o->ward_index == ward;
        }
    }
}

static void collect(struct vg_live *live, size_t ward, struct gathered *g)
{
    size_t beds = 0;
    size_t alerts = 0;

    for (size_t i = 0; i < live->shown_count && beds < g->bed_count; i++) {
        const struct vg_live_brief *names = &live->shown[i]->brief;
        if (live->shown[i]->ward == ward) {
            memcpy(g->bed[beds].bed, names->bed, sizeof names->bed);
            g->bed[beds++].index = i;
        }
    }
    for (size_t i = 0; i < VG_LIVE_CHAINS; i++) {
        for (const struct vg_live_open *o = live->open[i]; o != NULL; o = o->next) {
            if (o->ward_index == ward && alerts < g->alert_count) {
                memcpy(g->alert[alerts].bed, o->bed, sizeof o->bed);
                memcpy(g->alert[alerts].id, o->id, sizeof o->id);
                g->alert[alerts++].text = vg_shared_ref(o->text);
            }
        }
    }
    g->bed_count = beds;
    g->alert_count = alerts;
}

/* VG_OK, VG_ABSENT or VG_NO_MEMORY. */
static enum vg_status gather(struct vg_live *live, const char *ward, struct gathered *g)
{
    enum vg_status status = VG_ABSENT;

    (void)pthread_mutex_lock(&live->lock);
    const size_t index = vg_live_find_ward(live, ward);
    if (index < live->ward_count) {
        g->n = live->ward[index].n;
        g->moment = (struct moment){live->node, live->last};
        measure(live, index, g);
        g->bed = calloc(g->bed_count + 1, sizeof *g->bed);
        g->alert = calloc(g->alert_count + 1, sizeof *g->alert);
        status = g->bed == NULL || g->alert == NULL ? VG_NO_MEMORY : VG_OK;
    }
    if (status == VG_OK) {
        collect(live, index, g);
    }
    (void)pthread_mutex_unlock(&live->lock);
    if (status == VG_OK) {
        qsort(g->bed, g->bed_count, sizeof *g->bed, by_bed);
        qsort(g->alert, g->alert_count, sizeof *g->alert, by_id);
    }
    return status;
}

/* `of`: a bed's name; NULL: what is of no bed of this list. */
static size_t put_alerts(struct vg_buffer *b, const struct gathered *g, const char *of)
{
    size_t count = 0;

    vg_key(b, "alerts");
    vg_put_raw(b, "[");
    for (size_t i = 0; i < g->alert_count; i++) {
        const char *bed = g->alert[i].bed;
        const bool node = bed[0] == '\0' || bed[0] == ':';
        if (of == NULL ? node : strcmp(bed, of) == 0) {
            vg_put_raw(b, count++ > 0 ? "," : "");
            vg_buffer_add(b, vg_shared_bytes(g->alert[i].text),
                          vg_shared_length(g->alert[i].text));
        }
    }
    vg_put_raw(b, "]");
    return count;
}

static bool has_alert(const struct gathered *g, const char *bed)
{
    for (size_t i = 0; i < g->alert_count; i++) {
        if (strcmp(g->alert[i].bed, bed) == 0) {
            return true;
        }
    }
    return false;
}

static void put_beds(struct vg_live *live, struct vg_buffer *b, struct gathered *g,
                     struct vg_instant now)
{
    bool first = true;

    for (size_t i = 0; i < g->bed_count; i++) {
        (void)pthread_mutex_lock(&live->lock);
        vg_live_bed_copy(g->scratch, live->shown[g->bed[i].index]);
        const uint64_t event = live->shown[g->bed[i].index]->event;
        (void)pthread_mutex_unlock(&live->lock);
        if (vg_live_bed_empty(g->scratch) && !has_alert(g, g->bed[i].bed)) {
            continue;
        }
        vg_put_raw(b, first ? "" : ",");
        vg_live_put_bed(b, g->scratch, now);
        (void)put_alerts(b, g, g->bed[i].bed);
        vg_key(b, "event");
        vg_put_raw(b, "\"");
        vg_live_put_id(live, event, b);
        vg_put_raw(b, "\"}");
        first = false;
    }
}

bool vg_live_put_beds(struct vg_live *live, const char *ward, struct vg_buffer *b,
                      struct vg_instant now)
{
    struct gathered g = {.scratch = vg_live_bed_create()};
    const enum vg_status status =
        g.scratch == NULL ? VG_NO_MEMORY : gather(live, ward, &g);

    if (status == VG_OK) {
        vg_put_raw(b, "{\"ward\":");
        vg_put_string(b, ward);
        vg_key_int(b, "n", (int64_t)g.n);
        vg_put_raw(b, ",\"beds\":[");
        put_beds(live, b, &g, now);
        vg_put_raw(b, "]");
        (void)put_alerts(b, &g, NULL);
        put_moment(live, b, &g.moment, now);
    }
    b->failed = b->failed || status == VG_NO_MEMORY;
    for (size_t i = 0; i < g.alert_count && g.alert != NULL; i++) {
        vg_shared_done(g.alert[i].text);
    }
    vg_live_bed_destroy(g.scratch);
    free(g.bed);
    free(g.alert);
    return status != VG_ABSENT;
}
