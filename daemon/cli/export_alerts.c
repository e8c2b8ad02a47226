/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of an export that are no messages: kept, until all of them are known.
 */
#include <string.h>

#include "cli/export.h"
#include "shell/store_verify.h"

void vg_export_begin(struct vg_export *e, const char *member)
{
    vg_buffer_clear(&e->b);
    vg_put_raw(&e->b, member);
}

void vg_export_keep(struct vg_export *e, struct vg_instant at, int64_t after)
{
    struct vg_export_line *larger =
        vg_keys_grow(e->line, &e->room, e->count + 1, sizeof *e->line);

    if (larger != NULL) {
        e->line = larger;
        larger[e->count] = (struct vg_export_line){
            at.ms, after, e->count, e->b.failed ? NULL : strdup(e->b.bytes)};
        e->failed = e->failed || larger[e->count].text == NULL;
        e->count++;
    }
    e->failed = e->failed || larger == NULL;
}

/* ---- Alerts, the trail, the protocols */

static void note_protocol(struct vg_export *e, const struct vg_alert *alert)
{
    const size_t known = e->digests.count;
    struct vg_instant at = alert->onset;

    if (vg_keys_put(&e->digests, alert->digest) == SIZE_MAX) {
        e->failed = true;
    }
    if (e->digests.count == known) {
        return;
    }
    vg_export_begin(e, "\"protocol\":{\"name\":");
    vg_put_string(&e->b, alert->protocol);
    vg_put_raw(&e->b, ",\"version\":");
    vg_put_string(&e->b, alert->version);
    vg_put_raw(&e->b, ",\"digest\":");
    vg_put_string(&e->b, alert->digest);
    vg_put_raw(&e->b, "}");
    vg_export_keep(e, at, INT64_MAX);
}

static bool on_change(void *to, const char *json, size_t length)
{
    static struct vg_alert alert; /* large */
    struct vg_export *e = to;

    if (vg_decode_alert(json, length, &alert) != VG_OK) {
        return true;
    }
    note_protocol(e, &alert);
    vg_export_begin(e, "\"alert\":");
    vg_buffer_add(&e->b, json, length);
    vg_export_keep(e, alert.at, INT64_MAX);
    return !e->failed;
}

static bool on_trail(void *to, const struct vg_audit_row *row, const char *hash)
{
    struct vg_export *e = to;

    vg_export_begin(e, "\"audit\":{\"id\":");
    vg_put_int(&e->b, row->id);
    vg_put_raw(&e->b, ",\"kind\":");
    vg_put_string(&e->b, row->kind.text);
    vg_put_raw(&e->b, ",\"subject\":");
    vg_put_string(&e->b, row->subject.text);
    vg_put_raw(&e->b, ",\"body\":");
    vg_buffer_add(&e->b, row->body.text, row->body.length);
    vg_put_raw(&e->b, ",\"hash\":");
    vg_put_string(&e->b, hash);
    vg_put_raw(&e->b, "}");
    vg_export_keep(e, row->at, INT64_MAX);
    return !e->failed;
}

static bool on_alert(void *to, const char *json, size_t length)
{
    static struct vg_alert alert; /* large */
    struct vg_export *e = to;

    if (vg_decode_alert(json, length, &alert) == VG_OK &&
        (e->query.episode == NULL || strcmp(alert.episode, e->query.episode) == 0)) {
        e->failed = vg_keys_put(&e->alerts, alert.id) == SIZE_MAX || e->failed;
    }
    return !e->failed;
}

enum vg_status vg_export_alerts(struct vg_export *e, struct vg_error *error)
{
    enum vg_status status = VG_OK;
    struct vg_page_end end = {0};

    for (size_t i = 0; i < e->patients.count && status == VG_OK; i++) {
        const struct vg_alerts_query query = {
            .of = {.patient = e->patients.text[i], .from = VG_UNSET, .to = VG_NEVER}};
        status = vg_history_alerts(e->reader, &query, on_alert, e, &end, error);
    }
    for (size_t i = 0; i < e->alerts.count && status == VG_OK; i++) {
        const char *id = e->alerts.text[i];
        status = vg_store_alert_history(e->reader, id, on_change, e, error);
        if (status == VG_OK) {
            status = vg_store_trail(e->reader, VG_UNSET, id, on_trail, e, error);
        }
    }
    return status;
}
