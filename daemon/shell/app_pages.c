/* SPDX-License-Identifier: Apache-2.0
 *
 * Pages on their way to people. Each page is one role about one alert; its row in the store
 * is written with the alert, and is settled when it has arrived or is no longer wanted.
 *
 *   new ----> waits for its batch ----> sent on way 0 ----> arrived ----> settled
 *                                        |  fails            | CALL, the role sends receipts,
 *                                        v                   v none within 10 s
 *                                       way 1, 2 …          the next way, the same page id
 *                                        |  all fail
 *                                        v
 *                                       again every 5 s; after 10 s the engine is told, which
 *                                       asks the next step at once
 *
 * A newer page of the same alert to the same role takes the place of one that has not
 * arrived: only what holds now is said.
 */
#include <stdlib.h>
#include <string.h>

#include "shell/app_inside.h"
#include "shell/route.h"

#define RETRY      (5 * VG_SECOND)
#define GIVE_UP    (10 * VG_SECOND) /* then the role counts as unreachable */
#define RECEIPT_BY (10 * VG_SECOND)

/* ---- The list */

static void forget(struct vg_app *app, struct vg_page_out *page)
{
    *page->link = page->next;
    if (page->next != NULL) {
        page->next->link = page->link;
    } else {
        app->pages_end = page->link;
    }
    vg_app_told_done(page->told);
    free(page);
}

/* What arrived as part of a list has arrived; without its carrier it goes by itself. They are
 * freed by the next walk: whoever called may be walking too. */
static void settle_carried(struct vg_app *app, const struct vg_page_out *carrier,
                           enum vg_way way)
{
    for (struct vg_page_out *p = app->pages; p != NULL; p = p->next) {
        if (p->carrier == carrier && way == VG_WAY_SENT && !p->dropped) {
            (void)vg_batch_way(app->filling.batch, p->page.id, carrier->channel, way,
                               true, app->now, "in one page with others");
            p->dropped = true;
        }
    }
    vg_app_carrier_gone(app, carrier);
}

/* With it, those on its list. */
static void settle(struct vg_app *app, struct vg_page_out *page, enum vg_way way,
                   const char *why)
{
    if (page->carries) {
        settle_carried(app, page, way);
    }
    (void)vg_batch_way(app->filling.batch, page->page.id, page->channel, way, true,
                       app->now, why);
    if (page->sent) {
        page->dropped = true; /* its channel still has it: freed on completion */
    } else {
        forget(app, page);
    }
}

/* What is said now takes the place of what has not arrived. */
static void drop_older(struct vg_app *app, struct vg_page_out *fresh)
{
    struct vg_page_out *next = NULL;

    for (struct vg_page_out *p = app->pages; p != NULL; p = next) {
        next = p->next;
        if (p != fresh && p->about == fresh->about && !p->dropped && !p->arrived &&
            strcmp(p->page.role, fresh->page.role) == 0 &&
            strcmp(p->told->alert.id, fresh->told->alert.id) == 0) {
            fresh->hopeless = fresh->hopeless || p->given_up || p->hopeless;
            if (p->tries > 0 && !p->given_up && p->unreached < fresh->unreached) {
                fresh->unreached = p->unreached;
            }
            fresh->first = p->first && !p->left;
            settle(app, p, VG_WAY_DROPPED, "a newer page took its place");
        }
    }
    if (fresh->first && fresh->page.kind == VG_PAGE_END) { /* (Alert states T20) */
        settle(app, fresh, VG_WAY_DROPPED, "nobody of this role was called about it");
    }
}

static struct vg_page_out *page_find(const struct vg_app *app, const char *id)
{
    struct vg_page_out *page = app->pages;

    while (page != NULL && (page->dropped || strcmp(page->page.id, id) != 0)) {
        page = page->next;
    }
    return page;
}

bool vg_app_page(struct vg_app *app, struct vg_told *told, enum vg_page_kind kind,
                 const char *role, bool stored, bool first)
{
    struct vg_page_out *page = calloc(1, sizeof *page);

    if (page == NULL) {
        vg_log_write(app->log, VG_LOG_ERROR, "page.memory", "no memory for a page");
        return false;
    }
    page->page.kind = kind;
    (void)vg_copy(page->page.role, sizeof page->page.role, role);
    vg_page_id(&told->alert, kind, role, page->page.id);
    vg_app_is_paged(app, told->alert.ward, page->page.id);
    page->told = told;
    told->refs++;
    page->batch = app->filling.number;
    page->queued = page->unreached = vg_clock_boot();
    page->stored = stored;
    page->first = first;
    page->out = VG_OUT_PAGE;
    page->about =
        vg_hash(vg_hash(vg_hash(0, told->alert.ward, strlen(told->alert.ward)),
                        told->alert.id, strlen(told->alert.id)),
                role, strlen(role));
    page->link = app->pages_end;
    *app->pages_end = page;
    app->pages_end = &page->next;
    app->filling.urgent = app->filling.urgent || !stored;
    if (told->alert.event != VG_RAISED) { /* else there is nothing older */
        drop_older(app, page);
    }
    return true;
}

/* The engine wants the same page again: nothing if it has arrived for certain, or is still
 * on its way. */
void vg_app_page_again(struct vg_app *app, struct vg_told *told, const char *role)
{
    char id[VG_ALERT_LEN + 1];

    vg_page_id(&told->alert, VG_PAGE_CALL, role, id);
    const struct vg_receipt *receipt = vg_app_receipt_of(app, id);
    if ((receipt != NULL && receipt->received) || page_find(app, id) != NULL) {
        return;
    }
    (void)vg_app_page(app, told, VG_PAGE_CALL, role, true, false);
}

/* ---- Sending */

static struct vg_channel *channel_of(const struct vg_app *app, const char *name)
{
    for (size_t i = 0; i < app->way_count; i++) {
        if (strcmp(app->way[i].name, name) == 0) {
            return app->way[i].channel;
        }
    }
    return strcmp(name, "mqtt") == 0 ? app->channel : NULL;
}

/* The page may be gone afterwards: the next step may have taken its place. */
static void undeliverable(struct vg_app *app, struct vg_page_out *page)
{
    struct vg_told *told = page->told;
    const struct vg_alert *alert = &told->alert;
    const struct vg_page about = page->page;
    const struct vg_event event = {
        .kind = VG_EVENT_UNREACHABLE,
        .at = app->now,
        .unreachable = {alert->ward, alert->id, about.id, about.role}};

    told->refs++;
    page->given_up = true;
    vg_log_write(app->log, VG_LOG_ERROR, "page.undeliverable",
                 "no way leads to %s of ward %s", about.role, alert->ward);
    if (about.kind == VG_PAGE_CALL) {
        vg_app_step(app, &event);
    }
    struct vg_dirty_ward *ward = vg_app_ward(app, alert->ward);
    if (ward != NULL && !ward->undeliverable) {
        ward->undeliverable = true;
        vg_app_trouble_ward(app, VG_PAGE_UNDELIVERABLE, alert->ward, true, NULL);
    }
    vg_app_told_done(told);
}

static void deliverable(struct vg_app *app, const char *ward_id)
{
    struct vg_dirty_ward *ward = vg_app_ward(app, ward_id);

    for (const struct vg_page_out *p = app->pages; p != NULL; p = p->next) {
        if (p->given_up && !p->dropped && strcmp(p->told->alert.ward, ward_id) == 0) {
            return; /* another of the ward still has no way */
        }
    }
    if (ward != NULL && ward->undeliverable) {
        ward->undeliverable = false;
        vg_app_trouble_ward(app, VG_PAGE_UNDELIVERABLE, ward->id, false, NULL);
    }
}

static void failed(struct vg_app *app, struct vg_page_out *page, size_t ways,
                   const char *why)
{
    if (page->tries < ways) { /* each way once: evidence; then only that it goes on */
        (void)vg_batch_way(app->filling.batch, page->page.id, page->channel,
                           VG_WAY_FAILED, false, app->now, why);
    }
    page->tries++;
    page->next_way = (page->next_way + 1) % ways;
    page->next_try = page->next_way == 0 ? vg_clock_boot() + RETRY : vg_clock_boot();
}

/* With those on its list. */
static void has_left(const struct vg_app *app, struct vg_page_out *page)
{
    page->left = true;
    for (struct vg_page_out *p = app->pages; page->carries && p != NULL; p = p->next) {
        p->left = p->left || p->carrier == page;
    }
}

static void try_send(struct vg_app *app, struct vg_page_out *page)
{
    const struct vg_alert *alert = &page->told->alert;
    struct vg_way_out ways[VG_WAYS];
    const size_t count =
        vg_routes_find(app->settings, alert->ward, page->page.role, ways);
    const struct vg_way_out *way = &ways[page->next_way % count];
    struct vg_channel *channel = channel_of(app, way->name);

    (void)vg_copy(page->page.address, sizeof page->page.address, way->address);
    (void)vg_copy(page->channel, sizeof page->channel, way->name);
    page->way_count = count;
    const struct vg_alert *also[VG_FLOOD_LIST];
    page->page.also_count = page->carries ? vg_app_carried(app, page, also) : 0;
    page->page.also = also;
    const struct vg_notice notice = {
        .alert = alert, .page = &page->page, .persisted = page->stored, .tag = page};
    page->sent = true;
    const enum vg_status status =
        channel == NULL ? VG_FAILED : channel->ops->send(channel, &notice);
    if (status == VG_OK) {
        app->count.pages++;
        has_left(app, page);
        return;
    }
    page->sent = false;
    if (status == VG_FULL) {
        page->next_try = vg_clock_boot() + VG_HOUSEKEEP;
    } else {
        failed(app, page, count, "the channel did not take it");
    }
}

/* Arrived, and nobody need wait for a receipt. */
static bool receipt_due(const struct vg_app *app, const struct vg_page_out *page)
{
    return page->page.kind == VG_PAGE_CALL && page->next_way + 1 < page->way_count &&
           vg_app_proven(app, page->told->alert.ward, page->page.role);
}

static void await(struct vg_app *app, struct vg_page_out *page, vg_ms now)
{
    const struct vg_receipt *receipt = vg_app_receipt_of(app, page->page.id);

    if (receipt == NULL || receipt->received) {
        settle(app, page, VG_WAY_SENT, "");
    } else if (now - page->arrived_at > RECEIPT_BY) {
        (void)vg_batch_way(app->filling.batch, page->page.id, page->channel,
                           VG_WAY_FAILED, false, app->now, "no receipt within 10 s");
        page->arrived = false;
        page->next_way++;
        try_send(app, page);
    }
}

static bool may_go(struct vg_app *app, struct vg_page_out *page, vg_ms now)
{
    return (page->stored || app->store_failed || now - page->queued > VG_NOTICE_WAIT) &&
           now >= page->next_try && page->carrier == NULL &&
           !vg_app_flood_joins(app, page, now);
}

/* Those from `least` to `most`. */
static void walk(struct vg_app *app, enum vg_severity most, enum vg_severity least,
                 vg_ms now)
{
    struct vg_page_out *next = NULL;

    for (struct vg_page_out *p = app->pages; p != NULL; p = next) {
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): forget() has taken it out */
        next = p->next;
        if (p->dropped && !p->sent) {
            forget(app, p);
        } else if (p->sent || p->told->alert.severity > most ||
                   p->told->alert.severity < least) {
            continue;
        } else if (p->arrived) {
            await(app, p, now);
        } else if (may_go(app, p, now)) {
            try_send(app, p);
        }
    }
}

void vg_app_pages(struct vg_app *app)
{
    const vg_ms now = vg_clock_boot();

    vg_app_floods(app, now);
    /* A way out has room for so many at a time. */
    walk(app, VG_CRITICAL, VG_CRITICAL, now);
    walk(app, VG_URGENT, VG_URGENT, now);
    walk(app, VG_WATCH, VG_INFO, now);
    /* Telling the engine may add pages: apart from the walk above. */
    for (struct vg_page_out *p = app->pages; p != NULL; p = p->next) {
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): forget() has taken it out */
        if (!p->dropped && !p->arrived && !p->given_up && p->tries > 0 &&
            now - p->unreached > GIVE_UP) {
            undeliverable(app, p);
            return; /* the next one at the next turn */
        }
    }
}

void vg_app_pages_up(struct vg_app *app)
{
    for (struct vg_page_out *p = app->pages; p != NULL; p = p->next) {
        p->next_try = 0;
    }
    vg_app_pages(app);
}

void vg_app_paged(void *to, void *tag, enum vg_status status, const char *why)
{
    struct vg_app *app = to;
    struct vg_page_out *page = tag;

    page->sent = false;
    if (page->dropped) {
        forget(app, page);
        return;
    }
    if (status == VG_FULL) {
        return; /* at the next turn */
    }
    if (status != VG_OK) {
        failed(app, page, page->way_count, why);
        return;
    }
    page->given_up = false;
    page->arrived = true; /* from here on no newer page takes its place */
    page->arrived_at = vg_clock_boot();
    deliverable(app, page->told->alert.ward);
    vg_app_expect_receipt(app, page);
    if (!receipt_due(app, page)) {
        settle(app, page, VG_WAY_SENT, "");
    }
    vg_app_commit_soon(app);
}

void vg_app_arrived(void *to, void *tag, enum vg_status status, const char *why)
{
    if (tag ==
        NULL) { /* a state told again: if it is lost with its ward's line, all are due */
        if (status != VG_OK) {
            vg_app_states_due(to);
        }
        return;
    }
    if (*(const enum vg_out *)tag == VG_OUT_PAGE) {
        vg_app_paged(to, tag, status, why);
    } else {
        vg_app_delivered(to, tag, status, why);
    }
}
