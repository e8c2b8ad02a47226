/* SPDX-License-Identifier: Apache-2.0
 *
 * What the engine answered becomes records of the batch, notices and pages.
 */
#include <stdio.h>

#include "shell/app_inside.h"

static const char *role_of(const struct vg_alert *alert, unsigned bit)
{
    return alert->care.plan.role[bit];
}

/* The alert, its pages and their rows belong to the batch of what caused them. */
static void tell(struct vg_app *app, const struct vg_effect *effect)
{
    struct vg_told *told = vg_app_told(effect->alert);
    const bool changed = effect->kind == VG_EFFECT_ALERT;
    bool recorded = true;

    if (changed) {
        recorded = vg_batch_alert(app->filling.batch, effect->alert) == VG_OK;
    }
    if (told == NULL || !recorded) {
        vg_log_write(app->log, VG_LOG_ERROR, "alert.memory",
                     "no memory to record or tell an alert in full");
    }
    if (told == NULL) {
        return; /* its outbox row goes out after a restart */
    }
    if (changed) {
        vg_app_notice(app, told, false, !recorded);
    }
    for (unsigned i = 0; i < effect->alert->care.plan.role_count; i++) {
        if ((effect->to >> i & 1) == 0 || effect->page == VG_PAGE_NONE) {
            continue;
        }
        if (changed) {
            (void)vg_batch_page(app->filling.batch, effect->alert, effect->page,
                                role_of(effect->alert, i), effect->at);
            (void)vg_app_page(app, told, effect->page, role_of(effect->alert, i), false,
                              (effect->first >> i & 1) != 0);
        } else {
            vg_app_page_again(app, told, role_of(effect->alert, i));
        }
    }
    vg_app_told_done(told);
}

static void record_episode(struct vg_app *app, const struct vg_episode *e,
                           struct vg_instant at)
{
    char text[160];

    (void)vg_batch_episode(app->filling.batch, e);
    (void)snprintf(text, sizeof text, "%s ward %s bed %s protocol %s",
                   vg_is_never(e->end) ? "stay" : "over", e->ward, e->bed, e->protocol);
    (void)vg_batch_audit(app->filling.batch, at, "episode", e->id, text);
    vg_live_episode(app->live, e);
}

void vg_app_effects(struct vg_app *app)
{
    for (size_t i = 0; i < app->effects.count; i++) {
        const struct vg_effect *effect = &app->effects.item[i];
        switch ((uint8_t)effect->kind) {
        case VG_EFFECT_ALERT:
        case VG_EFFECT_PAGE:
            tell(app, effect);
            break;
        case VG_EFFECT_EPISODE:
            record_episode(app, effect->episode, effect->at);
            break;
        case VG_EFFECT_TIE:
            (void)vg_batch_tie(app->filling.batch, &effect->tie);
            break;
        case VG_EFFECT_CARRIED:
            (void)vg_batch_carried(app->filling.batch, effect->carried.episode,
                                   &effect->carried.value);
            break;
        case VG_EFFECT_PAUSE:
            (void)vg_batch_pause(app->filling.batch, &effect->pause);
            vg_live_touch(app->live, effect->pause.ward, effect->pause.bed);
            break;
        default:
            break; /* refusals and answers: whoever stepped */
        }
    }
    vg_app_commit_soon(app);
}
