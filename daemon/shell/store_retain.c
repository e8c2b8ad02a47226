/* SPDX-License-Identifier: Apache-2.0
 *
 * Purging. See store_retain.h.
 */
#include "shell/store_retain.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell/clock.h"

#define AFTER_FAULT (5 * VG_MINUTE)

void vg_retain_disconnect(struct vg_retainer *retainer)
{
    if (retainer != NULL) {
        retainer->running = false;
    }
}

void vg_retain_destroy(struct vg_retainer *retainer)
{
    free(retainer);
}

void vg_writer_keep(struct vg_writer *writer, const struct vg_store_plan *plan)
{
    const bool wanted = plan->keep_readings != 0 || plan->keep_alerts != 0 ||
                        plan->keep_quarantine != 0;

    if (writer->retainer == NULL && wanted) {
        writer->retainer = calloc(1, sizeof *writer->retainer);
    }
    if (writer->retainer != NULL) {
        writer->retainer->plan = *plan;
    }
}

/* ---- Classes */

static const struct {
    const char *name, *key;
    const char *oldest;
    vg_purge_fn *part[5]; /* NULL behind the last */
} classes[] = {
    {"readings",
     "purged_readings",
     "SELECT min(received) FROM (SELECT min(received) AS received FROM stretch UNION ALL"
     " SELECT received FROM message WHERE id = (SELECT min(id) FROM message))",
     {vg_purge_stretches, vg_purge_segments, vg_purge_assessments, vg_purge_committed}},
    {"alerts",
     "purged_alerts",
     "SELECT min(onset) FROM alert WHERE NOT open",
     {vg_purge_alerts}},
    {"quarantine",
     "purged_quarantine",
     "SELECT received FROM quarantine ORDER BY id LIMIT 1",
     {vg_purge_quarantine}},
};
#define CLASSES (sizeof classes / sizeof *classes)

static vg_ms keep_of(const struct vg_retainer *r)
{
    const vg_ms spans[CLASSES] = {r->plan.keep_readings, r->plan.keep_alerts,
                                  r->plan.keep_quarantine};

    return spans[r->of];
}

/* A row of the trail, in the open transaction. */
static enum vg_status say(struct vg_writer *writer, const char *kind, const char *text)
{
    const char *name = classes[writer->retainer->of].name;
    const struct vg_record record = {.kind = VG_RECORD_AUDIT,
                                     .audit = {{kind, strlen(kind)},
                                               {name, strlen(name)},
                                               {text, strlen(text)},
                                               vg_clock_wall()}};

    return vg_trail_add(writer->statement[VG_SQL_AUDIT], &writer->audit, &record,
                        &writer->body, &writer->retainer->error);
}

/* Begins the next class whose turn it is; false: none is left for today. */
static enum vg_status choose(struct vg_writer *writer, bool *found)
{
    struct vg_retainer *r = writer->retainer;
    enum vg_status status = VG_OK;

    *found = false;
    for (; r->of < CLASSES && status == VG_OK && !*found; r->of += !*found) {
        const int64_t none[3] = {writer->last_message, 0, 0};
        int64_t newest = 0;
        int64_t oldest = 0;
        if (keep_of(r) == 0) {
            continue;
        }
        status = vg_retain_first(writer, "SELECT received FROM message WHERE id = ?1",
                                 none, &newest, 1);
        if (status == VG_OK) {
            status = vg_retain_first(writer, classes[r->of].oldest, none, &oldest, 1);
        }
        if (status != VG_OK || newest == 0 || oldest == 0) {
            continue;
        }
        r->cut.ms = newest - keep_of(r);
        r->cut = vg_earlier(r->cut, (struct vg_instant){oldest + VG_RETAIN_STEP});
        *found = oldest < r->cut.ms;
    }
    r->running = *found;
    r->said = false;
    r->part = 0;
    r->place = r->rows = r->readings = 0;
    return status;
}

static enum vg_status begin(struct vg_writer *writer)
{
    struct vg_retainer *r = writer->retainer;
    char at[VG_TIME_TEXT];
    char text[120];

    if (r->said) {
        return VG_OK;
    }
    vg_time_format(r->cut, at);
    (void)snprintf(text, sizeof text, "begins: what came before %s", at);
    return say(writer, "purge", text);
}

static enum vg_status end(struct vg_writer *writer)
{
    struct vg_retainer *r = writer->retainer;
    const int64_t cut[1] = {r->cut.ms};
    char sql[100];
    char text[160];
    char at[VG_TIME_TEXT];
    int64_t changed;

    vg_time_format(r->cut, at);
    (void)snprintf(text, sizeof text,
                   "done: %" PRId64 " rows, %" PRId64 " readings from before %s",
                   r->rows, r->readings, at);
    (void)snprintf(sql, sizeof sql, "UPDATE meta SET value = ? WHERE key = '%s'",
                   classes[r->of].key);
    const enum vg_status status = vg_retain_run(writer, sql, cut, 1, &changed);
    return status == VG_OK ? say(writer, "purge", text) : status;
}

/* One portion, in one transaction. */
static enum vg_status portion(struct vg_writer *writer)
{
    struct vg_retainer *r = writer->retainer;
    bool more = false;
    enum vg_status status = vg_db_run(writer->db, "BEGIN IMMEDIATE", &r->error);

    if (status == VG_OK) {
        status = begin(writer);
    }
    if (status == VG_OK) {
        status = classes[r->of].part[r->part](writer, &more);
    }
    const bool last = !more && classes[r->of].part[r->part + 1] == NULL;
    if (status == VG_OK && last) {
        status = end(writer);
    }
    if (status == VG_OK) {
        status = vg_db_run(writer->db, "COMMIT", &r->error);
    }
    if (status == VG_OK) {
        writer->committed = writer->audit;
        r->said = true;
        r->part += !more && !last;
        r->running = !last;
        r->of += last;
        r->error.text[0] = '\0';
    }
    return status;
}

static bool give_up(struct vg_writer *writer, enum vg_status status)
{
    struct vg_retainer *r = writer->retainer;

    if (status == VG_NO_MEMORY) {
        vg_error_set(&r->error, "no memory to purge old records");
    }
    r->next_look = vg_clock_boot() + AFTER_FAULT;
    /* the trail's end in memory may be ahead of the file: read all of it again */
    vg_writer_suspect(writer);
    return false;
}

bool vg_writer_purge(struct vg_writer *writer)
{
    struct vg_retainer *r = writer->retainer;
    bool found = true;
    enum vg_status status = VG_OK;

    if (r == NULL || writer->db == NULL || vg_clock_boot() < r->next_look) {
        return false;
    }
    if (!r->running) {
        status = choose(writer, &found);
    }
    if (status == VG_OK && found) {
        status = portion(writer);
    }
    if (status != VG_OK) {
        return give_up(writer, status);
    }
    if (!found) {
        r->of = 0;
        r->next_look = vg_clock_boot() + VG_RETAIN_EVERY;
    }
    return found;
}
