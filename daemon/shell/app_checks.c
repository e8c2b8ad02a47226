/* SPDX-License-Identifier: Apache-2.0
 *
 * What the daemon checks of itself: the heartbeat is withheld while any of it is wrong, so
 * that a stuck daemon cannot look alive.
 *
 * The auditor is apart from the engine on purpose: every 30 s it reads the open alerts from
 * the tables, on a thread and a connection of its own, and works out from what is written
 * there what each one waits for. An alert that waits for nothing, or for something long
 * past, is a fault however well the engine believes to be. It is told once a second look,
 * 5 s later, finds one too: behind a jump of the clock, or a pause of the whole machine, all
 * that fell due meanwhile is in the tables only a moment after the first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell/app_inside.h"
#include "shell/store_read.h"

#define AUDIT_EVERY    (30 * VG_SECOND)
#define AGAIN_AFTER    (5 * VG_SECOND) /* a finding is looked at again */
#define LATE_ALLOWED   VG_MINUTE
#define AUDITED_WITHIN (5 * VG_MINUTE)
#define KEPT           128 /* KiB of the file: each alert is read once */

struct vg_auditor {
    uv_work_t work; /* first */
    struct vg_app *app;
    char path[VG_SETTING_LEN];
    struct vg_instant now;
    size_t alerts, faults;
    bool read;
    char first[VG_ALERT_LEN + 1];
};

/* What the alert waits for, from its row alone; VG_UNSET: nothing. */
static struct vg_instant waits_for(const struct vg_alert *alert)
{
    for (size_t i = 0; i < alert->claim_count; i++) {
        if (alert->claim[i].kind == VG_CLAIM_PAUSE ||
            alert->claim[i].kind == VG_CLAIM_SHELVE) {
            return alert->claim[i].until;
        }
    }
    if (alert->offer == VG_OFFERED_STATE || alert->offer == VG_EXHAUSTED) {
        return alert->respond_by;
    }
    return alert->offer == VG_ACCEPTED_STATE && alert->ladder[0] != '\0'
               ? alert->care.hold_until
               : VG_NEVER;
}

static bool look_at(void *to, const char *json, size_t length)
{
    struct vg_auditor *auditor = to;
    struct vg_alert *alert = malloc(sizeof *alert);

    if (alert == NULL) {
        return false;
    }
    const bool known = vg_decode_alert(json, length, alert) == VG_OK;
    const struct vg_instant due = known ? waits_for(alert) : VG_UNSET;
    auditor->alerts++;
    if (!vg_is_set(due) || vg_since(auditor->now, due) > LATE_ALLOWED) {
        auditor->faults++;
        if (known && auditor->first[0] == '\0') {
            (void)vg_copy(auditor->first, sizeof auditor->first, alert->id);
        }
    }
    free(alert);
    return true;
}

static void on_work(uv_work_t *work)
{
    struct vg_auditor *auditor = (struct vg_auditor *)work;
    const struct vg_alert_query query = {
        .state = VG_ALERTS_OPEN, .from = VG_UNSET, .to = VG_NEVER};
    struct vg_reader *reader = NULL;
    struct vg_error error;

    if (vg_store_read_open(auditor->path, &reader, &error) != VG_OK) {
        return;
    }
    vg_store_read_keep(reader, KEPT);
    auditor->read = vg_store_alerts(reader, &query, look_at, auditor, &error) == VG_OK;
    vg_store_read_close(reader);
}

/* A store that cannot be read is a trouble of its own, not one of the ladders. */
static void on_worked(uv_work_t *work, int status)
{
    struct vg_auditor *auditor = (struct vg_auditor *)work;
    struct vg_app *app = auditor->app;

    app->auditor_busy = false;
    if (status == 0 && auditor->read) {
        app->audited = vg_clock_boot();
        const bool found = !app->store_failed && auditor->faults > 0;
        app->audit_faults = found && app->audit_doubt ? auditor->faults : 0;
        app->audit_doubt = found;
        if (app->audit_faults > 0) {
            vg_log_write(app->log, VG_LOG_ERROR, "auditor",
                         "%zu of %zu open alerts wait for nothing, the first is %s",
                         auditor->faults, auditor->alerts, auditor->first);
        }
        vg_app_trouble(app, VG_LADDER_STALLED, app->audit_faults > 0, NULL);
    }
    free(auditor);
}

void vg_app_audit(struct vg_app *app)
{
    const vg_ms now = vg_clock_boot();
    const vg_ms every = app->audit_doubt ? AGAIN_AFTER : AUDIT_EVERY;

    if (app->auditor_busy || now - app->auditor_begun < every) {
        return;
    }
    struct vg_auditor *auditor = calloc(1, sizeof *auditor);
    if (auditor == NULL) {
        return;
    }
    auditor->app = app;
    auditor->now = app->now;
    (void)vg_copy(auditor->path, sizeof auditor->path, app->settings->store_path);
    app->auditor_begun = now;
    app->auditor_busy =
        uv_queue_work(&app->loop, &auditor->work, on_work, on_worked) == 0;
    if (!app->auditor_busy) {
        free(auditor);
    }
}

/* ---- The self-check */

struct sought {
    const char *id;
    bool exhausted; /* open, and still nobody has taken it */
};

static bool compare(void *to, const struct vg_alert *alert)
{
    struct sought *sought = to;
    const bool is = strcmp(alert->id, sought->id) == 0;

    sought->exhausted = sought->exhausted || (is && alert->offer == VG_EXHAUSTED);
    return !is;
}

/* A call of the last resort of a critical alert has no way, and nobody has taken the alert since. */
static bool is_stuck(const struct vg_app *app, const struct vg_page_out *page)
{
    const struct vg_alert *alert = &page->told->alert;
    struct sought sought = {alert->id, false};

    if (!page->dropped && (page->given_up || page->hopeless) && !page->arrived &&
        page->page.kind == VG_PAGE_CALL && alert->severity == VG_CRITICAL &&
        alert->offer == VG_EXHAUSTED) {
        vg_engine_open_alerts(app->engine, NULL, compare,
                              &sought); /* it may have moved */
    }
    return sought.exhausted;
}

static bool pages_stuck(const struct vg_app *app)
{
    const struct vg_page_out *page = app->pages;

    while (page != NULL && !is_stuck(app, page)) {
        page = page->next;
    }
    return page != NULL;
}

const char *vg_app_self_check(const struct vg_app *app)
{
    const struct vg_instant due = vg_engine_deadline(app->engine);

    if (!vg_mqtt_up(app->intake)) {
        return "deaf: no subscription";
    }
    if (vg_since(app->now, due) > LATE_ALLOWED && !vg_is_never(due)) {
        return "a timer is due and was not served";
    }
    if (!app->store_failed && vg_clock_boot() - app->audited > AUDITED_WITHIN) {
        return "the auditor has not been able to look for long";
    }
    if (app->audit_faults > 0) {
        return "an open alert waits for nothing";
    }
    if (pages_stuck(app)) {
        return "the last resort of a critical alert cannot be reached";
    }
    return NULL;
}
