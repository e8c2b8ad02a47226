/* SPDX-License-Identifier: Apache-2.0
 *
 * A flood of calls to one role: more than 10 in 10 minutes help nobody (Alert states 4.3;
 * project proposal). From then on calls below critical are gathered and go out as one page
 * with a list: within 5 s if one of them is urgent, else within a minute. A critical call
 * is never gathered, delayed or dropped, and what the ladders do is not touched.
 */
#include <stdlib.h>
#include <string.h>

#include "shell/app_inside.h"
#include "shell/route.h"

#define FLOOD_SPAN    (10 * VG_MINUTE)
#define URGENT_WITHIN (5 * VG_SECOND)
#define OTHERS_WITHIN VG_MINUTE

static struct vg_flood *flood_of(struct vg_app *app, const char *ward, const char *role)
{
    for (size_t i = 0; i < app->flood_count; i++) {
        if (strcmp(app->flood[i].ward, ward) == 0 &&
            strcmp(app->flood[i].role, role) == 0) {
            return &app->flood[i];
        }
    }
    if (app->flood_count == app->flood_size) {
        const size_t size = app->flood_size * 2 + 16;
        struct vg_flood *grown = realloc(app->flood, size * sizeof *grown);
        if (grown == NULL) {
            return NULL; /* then each call goes by itself */
        }
        app->flood = grown;
        app->flood_size = size;
    }
    struct vg_flood *fresh = &app->flood[app->flood_count++];
    memset(fresh, 0, sizeof *fresh);
    (void)vg_copy(fresh->ward, sizeof fresh->ward, ward);
    (void)vg_copy(fresh->role, sizeof fresh->role, role);
    return fresh;
}

/* Notes the call; true if there were VG_FLOOD_MANY in the span before it. */
static bool note(struct vg_flood *flood, vg_ms now)
{
    vg_ms *oldest = &flood->at[flood->next];
    const bool many = *oldest != 0 && now - *oldest < FLOOD_SPAN;

    *oldest = now;
    flood->next = (flood->next + 1) % VG_FLOOD_MANY;
    return many;
}

/* Alertmanager groups by itself, and must hear of each alert. */
static bool takes_lists(const struct vg_app *app, const struct vg_page_out *page)
{
    struct vg_way_out ways[VG_WAYS];

    (void)vg_routes_find(app->settings, page->told->alert.ward, page->page.role, ways);
    return strcmp(ways[0].kind, "webhook") != 0;
}

bool vg_app_flood_joins(struct vg_app *app, struct vg_page_out *page, vg_ms now)
{
    const struct vg_alert *alert = &page->told->alert;

    if (page->counted || page->page.kind != VG_PAGE_CALL) {
        return page->gathered;
    }
    page->counted = true;
    struct vg_flood *flood = flood_of(app, alert->ward, page->page.role);
    if (flood == NULL || !note(flood, now) || alert->severity == VG_CRITICAL ||
        !takes_lists(app, page)) {
        return false;
    }
    const vg_ms due =
        now + (alert->severity >= VG_URGENT ? URGENT_WITHIN : OTHERS_WITHIN);
    if (flood->due == 0) {
        vg_log_write(app->log, VG_LOG_WARNING, "page.flood",
                     "more than %d calls in 10 min to %s of ward %s: gathered",
                     VG_FLOOD_MANY, page->page.role, alert->ward);
    }
    flood->due = flood->due == 0 || due < flood->due ? due : flood->due;
    page->gathered = true;
    return true;
}

static bool waits_in(const struct vg_page_out *page, const struct vg_flood *flood)
{
    return page->gathered && !page->dropped && page->carrier == NULL &&
           strcmp(page->page.role, flood->role) == 0 &&
           strcmp(page->told->alert.ward, flood->ward) == 0;
}

/* The newest carries up to VG_FLOOD_LIST others; what is left waits for the next turn. */
static struct vg_page_out *gather(struct vg_app *app, struct vg_flood *flood)
{
    struct vg_page_out *carrier = NULL;
    size_t count = 0;

    for (struct vg_page_out *p = app->pages; p != NULL; p = p->next) {
        carrier = waits_in(p, flood) ? p : carrier;
    }
    flood->due = 0;
    for (struct vg_page_out *p = app->pages; carrier != NULL && p != NULL;
         p = p->next) {
        if (p == carrier || !waits_in(p, flood)) {
            continue;
        }
        if (count++ == VG_FLOOD_LIST) {
            flood->due = vg_clock_boot();
            break;
        }
        p->carrier = carrier;
    }
    return carrier;
}

void vg_app_floods(struct vg_app *app, vg_ms now)
{
    for (size_t i = 0; i < app->flood_count; i++) {
        struct vg_flood *flood = &app->flood[i];
        if (flood->due == 0 || now < flood->due) {
            continue;
        }
        struct vg_page_out *carrier = gather(app, flood);
        if (carrier != NULL) {
            carrier->gathered = false;
            carrier->carries = true; /* goes by itself, with its list */
        }
    }
}

size_t vg_app_carried(const struct vg_app *app, const struct vg_page_out *carrier,
                      const struct vg_alert *out[VG_FLOOD_LIST])
{
    size_t count = 0;

    for (const struct vg_page_out *p = app->pages; p != NULL && count < VG_FLOOD_LIST;
         p = p->next) {
        if (p->carrier == carrier && !p->dropped) {
            out[count++] = &p->told->alert;
        }
    }
    return count;
}

void vg_app_carrier_gone(struct vg_app *app, const struct vg_page_out *carrier)
{
    for (struct vg_page_out *p = app->pages; p != NULL; p = p->next) {
        if (p->carrier == carrier) {
            p->carrier = NULL;
            p->gathered = false; /* by itself, at once */
        }
    }
}
