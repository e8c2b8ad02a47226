/* SPDX-License-Identifier: Apache-2.0
 *
 * Batches: one fills while one is with the store. What a batch makes true (numbers
 * committed, letters no longer needed in the journal, notices free to go) becomes true
 * when it is on disk, and not before.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "shell/app_inside.h"

enum vg_status vg_app_batches(struct vg_app *app)
{
    app->filling.batch = vg_batch_create();
    app->flying.batch = vg_batch_create();
    app->filling.number = ++app->batches;
    app->notices_end = &app->notices;
    app->pages_end = &app->pages;
    app->committed_at = vg_clock_boot();
    app->receipt = calloc(VG_RECEIPTS, sizeof *app->receipt);
    app->paged = calloc(1, sizeof *app->paged);
    return app->filling.batch != NULL && app->flying.batch != NULL &&
                   app->receipt != NULL && app->paged != NULL
               ? VG_OK
               : VG_NO_MEMORY;
}

static void load_clear(struct vg_load *load)
{
    vg_batch_clear(load->batch);
    load->seq_count = 0;
    load->canary = load->urgent = false;
}

static bool empty(const struct vg_app *app)
{
    return vg_batch_records(app->filling.batch) == 0 && !app->filling.canary;
}

static void numbers_committed(struct vg_app *app, const struct vg_load *load)
{
    for (size_t i = 0; i < load->seq_count; i++) {
        struct vg_gateway_epoch *g = app->gateway[load->seq[i].gateway];
        (void)vg_sequence_add(&g->committed, load->seq[i].seq);
        g->dirty = true;
    }
}

static void notices_stored(struct vg_app *app, uint64_t batch)
{
    for (struct vg_pending_notice *n = app->notices; n != NULL; n = n->next) {
        n->stored = n->stored || (n->batch <= batch && !n->lost);
    }
    for (struct vg_page_out *p = app->pages; p != NULL; p = p->next) {
        p->stored = p->stored || p->batch <= batch;
    }
    app->stored_batch = batch;
    app->committed_at = vg_clock_boot();
}

/* It stays and is tried again by housekeeping: nothing taken is given up. */
static void batch_failed(struct vg_app *app, const char *why)
{
    vg_log_write(app->log, VG_LOG_ERROR, "store.failed",
                 "a batch could not be written and is tried again: %s", why);
    app->store_failed = true;
    vg_app_release(app);
}

static void batch_stored(struct vg_app *app)
{
    if (app->store_failed) {
        vg_log_write(app->log, VG_LOG_NOTICE, "store.back", "the store writes again");
    }
    app->busy = app->store_failed = false;
    numbers_committed(app, &app->flying);
    notices_stored(app, app->flying.number);
    vg_journal_release(app->journal, app->flying.ordinal);
    if (app->flying.canary) {
        app->canary_back = vg_clock_boot();
        vg_app_heartbeat(app);
    }
    load_clear(&app->flying);
    vg_app_release(app);
    vg_app_pages(app);
    vg_app_answers(app);
    vg_app_posts(app);
    vg_app_commit_soon(app);
    vg_app_hold_backlog(app);
}

static void on_committed(void *to, struct vg_batch *batch, enum vg_status status,
                         const struct vg_error *error)
{
    (void)batch;
    if (status == VG_OK) {
        batch_stored(to);
    } else {
        batch_failed(to, error->text);
    }
}

static void submit(struct vg_app *app)
{
    const enum vg_status status =
        app->store->ops->commit(app->store, app->flying.batch, on_committed, app);

    app->busy = true;
    app->busy_since = vg_clock_boot();
    if (status != VG_OK) {
        batch_failed(app, "the store took no batch");
    }
}

/* The journal may let go of letters up to here: what waits behind is newer. A crash then
 * finds some of those that were taken before it again; they are known by number or hash. */
static uint64_t journal_done(const struct vg_app *app)
{
    const uint64_t waits = app->behind != 0     ? app->behind + 1
                           : app->inbox != NULL ? vg_inbox_behind(app->inbox)
                                                : 0;

    return waits != 0 && waits <= app->filling.ordinal ? waits - 1
                                                       : app->filling.ordinal;
}

void vg_app_commit_now(struct vg_app *app)
{
    if (app->busy) {
        if (app->store_failed && vg_clock_boot() - app->busy_since > VG_SECOND) {
            submit(app); /* the one that failed */
        }
        return;
    }
    if (empty(app)) {
        return;
    }
    if (!app->store_failed) {
        vg_app_store_marks(app);
    }
    const uint64_t reached = app->filling.ordinal;
    app->filling.ordinal = journal_done(app);
    vg_batch_journal(app->filling.batch, app->filling.ordinal);
    const struct vg_load next = app->flying;
    app->flying = app->filling;
    app->filling = next;
    app->filling.number = ++app->batches;
    app->filling.ordinal = reached;
    (void)uv_timer_stop(&app->commit);
    submit(app);
}

static void on_commit_timer(uv_timer_t *timer)
{
    vg_app_commit_now(timer->data);
}

void vg_app_commit_soon(struct vg_app *app)
{
    if (app->busy || empty(app)) {
        return;
    }
    if ((app->filling.urgent && !app->gathers) ||
        vg_batch_records(app->filling.batch) >= VG_COMMIT_RECORDS) {
        vg_app_commit_now(app);
    } else if (!uv_is_active((uv_handle_t *)&app->commit)) {
        app->commit.data = app;
        (void)uv_timer_start(&app->commit, on_commit_timer, VG_COMMIT_AFTER, 0);
    }
}

void vg_app_hold_backlog(struct vg_app *app)
{
    const bool enough = vg_batch_records(app->filling.batch) >= VG_COMMIT_BEHIND;

    if (enough) {
        vg_app_commit_now(app); /* unless one is on its way */
    }
    vg_inbox_hold(app->inbox, vg_batch_records(app->filling.batch) >= VG_COMMIT_BEHIND);
}

/* ---- Notices */

struct vg_told *vg_app_told(const struct vg_alert *alert)
{
    struct vg_told *told = malloc(sizeof *told);

    if (told != NULL) {
        told->refs = 1;
        told->alert = *alert;
    }
    return told;
}

void vg_app_told_done(struct vg_told *told)
{
    if (--told->refs == 0) {
        free(told);
    }
}

void vg_app_notice(struct vg_app *app, struct vg_told *told, bool stored, bool lost)
{
    struct vg_pending_notice *notice = calloc(1, sizeof *notice);

    vg_app_ward_dirty(app, told->alert.ward);
    if (notice == NULL) { /* the outbox row is in the batch: it goes after a restart */
        vg_log_write(app->log, VG_LOG_ERROR, "notice.memory", "no memory for a notice");
        return;
    }
    notice->told = told;
    told->refs++;
    notice->batch = app->filling.number;
    notice->queued = vg_clock_boot();
    notice->stored = stored;
    notice->lost = lost;
    notice->link = app->notices_end;
    *app->notices_end = notice;
    app->notices_end = &notice->next;
    app->filling.urgent = app->filling.urgent || !stored;
}

static void send_notice(struct vg_app *app, struct vg_pending_notice *notice)
{
    const struct vg_notice out = {
        .alert = &notice->told->alert, .persisted = notice->stored, .tag = notice};

    if (app->channel->ops->send(app->channel, &out) == VG_OK) {
        notice->sent = true;
        app->count.notices++;
        app->count.early += !notice->stored;
    }
}

static void forget(struct vg_app *app, struct vg_pending_notice *notice)
{
    *notice->link = notice->next;
    if (notice->next != NULL) {
        notice->next->link = notice->link;
    } else {
        app->notices_end = notice->link;
    }
    vg_app_told_done(notice->told);
    free(notice);
}

/* The outbox row goes with the next batch. */
static void settle(struct vg_app *app, struct vg_pending_notice *notice)
{
    if (!notice->lost) {
        (void)vg_batch_delivered(app->filling.batch, notice->told->alert.id,
                                 notice->told->alert.rev);
    }
    forget(app, notice);
}

bool vg_app_notice_may(const struct vg_app *app, const struct vg_pending_notice *notice,
                       vg_ms now)
{
    const bool settled = notice->lost && notice->batch <= app->stored_batch;

    return notice->stored || settled || app->store_failed ||
           now - notice->queued > VG_NOTICE_WAIT;
}

void vg_app_release(struct vg_app *app)
{
    const vg_ms now = vg_clock_boot();
    struct vg_pending_notice *next = NULL;

    vg_app_live_notices(app);
    if (app->channel == NULL || app->outlet == NULL || !vg_mqtt_up(app->outlet)) {
        return;
    }
    for (struct vg_pending_notice *n = app->notices; n != NULL; n = next) {
        const bool may = vg_app_notice_may(app, n, now);
        next = n->next;
        if (n->early && (n->stored || n->lost)) {
            settle(app, n);
        } else if (!n->sent && !n->early && may) {
            send_notice(app, n);
        }
    }
}

void vg_app_delivered(void *to, void *tag, enum vg_status status, const char *why)
{
    struct vg_app *app = to;
    struct vg_pending_notice *notice = tag;

    (void)why;
    notice->sent = false;
    if (status != VG_OK) {
        return; /* not known to have arrived: again, later, with the same id */
    }
    notice->early = true;
    if (notice->stored || notice->lost) {
        settle(app, notice);
        vg_app_commit_soon(app);
    }
}

/* What waits to be told, by alert. */
#define CHAINS 1024
struct waiting {
    struct vg_app *app;
    bool taken; /* what was told last */
    struct vg_pending_notice *chain[CHAINS];
};

static struct vg_pending_notice **chain_of(struct waiting *waiting, const char *alert)
{
    return &waiting->chain[vg_hash(0, alert, strlen(alert)) % CHAINS];
}

/* Of this alert: one that is still to be told, or else one that is not on disk yet, or NULL. */
static const struct vg_pending_notice *pending(struct waiting *waiting,
                                               const char *alert)
{
    const struct vg_pending_notice *early = NULL;

    for (const struct vg_pending_notice *n = *chain_of(waiting, alert); n != NULL;
         n = n->chained) {
        if (strcmp(n->told->alert.id, alert) != 0) {
            continue;
        }
        if (!n->early) {
            return n;
        }
        early = n;
    }
    return early;
}

/* Of what waits to be told the state goes with that. */
static bool tell_again(void *to, const struct vg_alert *alert)
{
    struct waiting *waiting = to;
    struct vg_channel *channel = waiting->app->channel;
    const struct vg_pending_notice *n = pending(waiting, alert->id);
    const struct vg_notice out = {
        .alert = alert, .persisted = n == NULL, .again = true};

    waiting->taken =
        (n != NULL && !n->early) || channel->ops->send(channel, &out) == VG_OK;
    return waiting->taken;
}

static void find_pending(struct vg_app *app, struct waiting *waiting)
{
    for (struct vg_pending_notice *n = app->notices; n != NULL; n = n->next) {
        struct vg_pending_notice **chain = chain_of(waiting, n->told->alert.id);
        n->chained = *chain;
        *chain = n;
    }
}

void vg_app_states_due(struct vg_app *app)
{
    for (size_t i = 0; i < app->ward_count; i++) {
        app->ward[i].again = true;
    }
}

/* The first that is not taken ends it, as with the indexes: the marks of some hundred gateways may have filled
 * the window just before. */
void vg_app_states(struct vg_app *app)
{
    struct waiting waiting = {.app = app, .taken = true};
    bool found = false;

    if (app->channel == NULL || !vg_mqtt_up(app->outlet)) {
        return;
    }
    for (size_t i = 0; i < app->ward_count && waiting.taken; i++) {
        struct vg_dirty_ward *ward = &app->ward[i];
        if (!ward->again) {
            continue;
        }
        if (!found) {
            find_pending(app, &waiting);
            found = true;
        }
        vg_engine_open_alerts(app->engine, ward->id, tell_again, &waiting);
        ward->again = !waiting.taken;
    }
}
