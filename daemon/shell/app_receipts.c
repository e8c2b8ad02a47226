/* SPDX-License-Identifier: Apache-2.0
 *
 * Receipts: which pages there were, which of the latest were received, and which roles ever send receipts. Only
 * one who does is missed when none comes (Alert states 4.3).
 */
#include <string.h>

#include "shell/app_inside.h"

struct vg_receipt *vg_app_receipt_of(struct vg_app *app, const char *page)
{
    const uint64_t hash = vg_hash(0, page, strlen(page));

    for (size_t i = 0; i < VG_RECEIPTS; i++) {
        if (app->receipt[i].hash == hash && strcmp(app->receipt[i].page, page) == 0) {
            return &app->receipt[i];
        }
    }
    return NULL;
}

static uint64_t paged_hash(const char *ward, const char *page)
{
    const uint64_t hash =
        vg_hash(vg_hash(0, ward, strlen(ward) + 1), page, strlen(page));

    return hash != 0 ? hash : 1;
}

bool vg_app_was_paged(const struct vg_app *app, const char *ward, const char *page)
{
    const uint64_t hash = paged_hash(ward, page);
    const uint64_t *row = app->paged->hash[hash % VG_PAGED_ROWS];
    bool was = false;

    for (size_t i = 0; i < VG_PAGED_WIDE && !was; i++) {
        was = row[i] == hash;
    }
    return was;
}

void vg_app_is_paged(struct vg_app *app, const char *ward, const char *page)
{
    const uint64_t hash = paged_hash(ward, page);
    const size_t row = hash % VG_PAGED_ROWS;

    if (!vg_app_was_paged(app, ward, page)) {
        app->paged->hash[row][app->paged->next[row]++ % VG_PAGED_WIDE] = hash;
    }
}

bool vg_app_proven(const struct vg_app *app, const char *ward, const char *role)
{
    for (size_t i = 0; i < VG_RECEIPTS; i++) {
        const struct vg_receipt *r = &app->receipt[i];
        if (r->received && strcmp(r->ward, ward) == 0 && strcmp(r->role, role) == 0) {
            return true;
        }
    }
    return false;
}

void vg_app_expect_receipt(struct vg_app *app, const struct vg_page_out *page)
{
    struct vg_receipt *r = &app->receipt[app->receipt_next];

    if (vg_app_receipt_of(app, page->page.id) != NULL) {
        return;
    }
    memset(r, 0, sizeof *r);
    (void)vg_copy(r->page, sizeof r->page, page->page.id);
    r->hash = vg_hash(0, r->page, strlen(r->page));
    (void)vg_copy(r->ward, sizeof r->ward, page->told->alert.ward);
    (void)vg_copy(r->role, sizeof r->role, page->page.role);
    app->receipt_next = (app->receipt_next + 1) % VG_RECEIPTS;
}

void vg_app_receipt(struct vg_app *app, const struct vg_command *command)
{
    struct vg_receipt *r = vg_app_receipt_of(app, command->page);
    const bool seen = command->what == VG_DO_DISPLAYED;

    if (r != NULL && strcmp(r->ward, command->ward) == 0) {
        r->received = true;
    }
    (void)vg_batch_way(app->filling.batch, command->page, command->client,
                       seen ? VG_WAY_DISPLAYED : VG_WAY_RECEIVED, false, app->now,
                       command->by);
}
