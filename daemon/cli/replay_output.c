/* SPDX-License-Identifier: Apache-2.0
 *
 * What a replay prints. See replay.h.
 */
#include <string.h>

#include "cli/explain.h"
#include "cli/replay.h"

static void open_line(struct vg_replay *r, struct vg_instant at, const char *key)
{
    vg_buffer_clear(&r->out);
    vg_put_raw(&r->out, "{\"at\":");
    vg_put_time(&r->out, at);
    vg_put_raw(&r->out, ",\"");
    vg_put_raw(&r->out, key);
    vg_put_raw(&r->out, "\":");
}

static void print_line(struct vg_replay *r, const char *end)
{
    vg_put_raw(&r->out, end);
    (void)fwrite(r->out.bytes, 1, r->out.length, stdout);
}

void vg_replay_refusal(struct vg_replay *r, const struct vg_letter *letter,
                       const struct vg_origin *origin, const struct vg_refusal *refusal)
{
    r->summary.refused++;
    if (r->mode != VG_REPLAY_LINES) {
        return;
    }
    open_line(r, r->now, "rejected");
    vg_encode_refusal(&r->out, origin, letter->topic, letter->topic_length, refusal,
                      r->now);
    print_line(r, "}\n");
}

static void explain(struct vg_replay *r, const struct vg_alert *alert)
{
    if (alert->event != VG_RAISED ||
        (strcmp(alert->rule, r->explain) != 0 && strcmp(alert->id, r->explain) != 0)) {
        return;
    }
    (void)fputs(r->explained++ > 0 ? "\n" : "", stdout);
    vg_explain_alert(alert, vg_protocol_set_find(&r->set, alert->protocol));
}

void vg_replay_answer(struct vg_replay *r, const struct vg_answer *answer,
                      struct vg_instant at)
{
    if (r->mode != VG_REPLAY_LINES) {
        return;
    }
    open_line(r, at, "result");
    vg_encode_answer(&r->out, answer, at);
    print_line(r, "}\n");
}

static void print_page(struct vg_replay *r, const struct vg_effect *effect,
                       const char *role)
{
    const struct vg_alert *alert = effect->alert;
    char id[VG_ALERT_LEN + 1];

    vg_page_id(alert, effect->page, role, id);
    open_line(r, effect->at, "page");
    vg_put_raw(&r->out, "{\"page\":");
    vg_put_string(&r->out, id);
    vg_put_raw(&r->out, ",\"role\":");
    vg_put_string(&r->out, role);
    vg_put_raw(&r->out, ",\"kind\":");
    vg_put_string(&r->out, vg_page_text(effect->page));
    vg_put_raw(&r->out, ",\"alert\":");
    vg_put_string(&r->out, alert->id);
    vg_put_raw(&r->out, ",\"rev\":");
    vg_put_int(&r->out, alert->rev);
    vg_put_raw(&r->out, ",\"step\":");
    vg_put_int(&r->out, alert->step);
    print_line(r, "}}\n");
}

/* One line for each role that is called. */
static void print_pages(struct vg_replay *r, const struct vg_effect *effect)
{
    const struct vg_plan *plan = &effect->alert->care.plan;

    if (!r->pages || effect->page == VG_PAGE_NONE) {
        return;
    }
    for (size_t i = 0; i < plan->role_count; i++) {
        if ((effect->to >> i & 1) != 0) {
            print_page(r, effect, plan->role[i]);
        }
    }
}

static enum vg_status tell(struct vg_replay *r, const struct vg_effect *effect)
{
    switch (r->mode) {
    case VG_REPLAY_SUMMARY:
        return vg_summary_alert(&r->summary, effect->alert,
                                effect->page == VG_PAGE_CALL);
    case VG_REPLAY_EXPLAIN:
        explain(r, effect->alert);
        return VG_OK;
    case VG_REPLAY_LINES:
        break;
    }
    open_line(r, effect->at, "alert");
    vg_encode_alert(&r->out, effect->alert, true);
    print_line(r, "}\n");
    return VG_OK;
}

enum vg_status vg_replay_effects(struct vg_replay *r, const struct vg_letter *letter,
                                 const struct vg_origin *origin)
{
    enum vg_status status = VG_OK;

    for (size_t i = 0; i < r->effects.count && status == VG_OK; i++) {
        const struct vg_effect *effect = &r->effects.item[i];
        switch (effect->kind) {
        case VG_EFFECT_ALERT:
            status = tell(r, effect);
            print_pages(r, effect);
            break;
        case VG_EFFECT_PAGE:
            print_pages(r, effect);
            break;
        case VG_EFFECT_REFUSED:
            if (letter != NULL) {
                vg_replay_refusal(r, letter, origin, &effect->refusal);
            }
            break;
        case VG_EFFECT_ANSWER:
            vg_replay_answer(r, effect->answer, effect->at);
            break;
        case VG_EFFECT_EPISODE:
        case VG_EFFECT_PAUSE:
        case VG_EFFECT_TIE:
        case VG_EFFECT_CARRIED:
            break;
        }
    }
    return status;
}

static bool print_assessed(void *to, const struct vg_assessed *assessed)
{
    struct vg_replay *r = to;

    vg_buffer_clear(&r->out);
    vg_encode_assessed(&r->out, assessed, r->now);
    print_line(r, "\n");
    return true;
}

static enum vg_status print_changed(struct vg_replay *r, const char *ward,
                                    const char *bed)
{
    struct vg_assessed assessed;
    bool changed = false;

    if (!vg_engine_assess_bed(r->engine, ward, bed, &assessed)) {
        return VG_OK;
    }
    const enum vg_status status = vg_each_changed(&r->each, &assessed, &changed);
    if (status == VG_OK && changed) {
        (void)print_assessed(r, &assessed);
    }
    return status;
}

enum vg_status vg_replay_touched(struct vg_replay *r, const char *ward, const char *bed,
                                 const char *patient)
{
    if (r->mode == VG_REPLAY_SUMMARY) {
        const struct vg_summary_line line = {r->engine, ward, bed, patient, r->now};
        return vg_summary_line(&r->summary, &line);
    }
    return r->assess_each && r->mode == VG_REPLAY_LINES ? print_changed(r, ward, bed)
                                                        : VG_OK;
}

enum vg_status vg_replay_close(struct vg_replay *r)
{
    if (r->mode == VG_REPLAY_SUMMARY) {
        return vg_summary_print(&r->summary, r->json, stdout);
    }
    if (r->assess && r->mode == VG_REPLAY_LINES) {
        vg_engine_assess(r->engine, print_assessed, r);
    }
    return r->out.failed ? VG_NO_MEMORY : VG_OK;
}
