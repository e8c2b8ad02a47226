/* SPDX-License-Identifier: Apache-2.0
 *
 * A page as JSON: the alert, and what this page asks of this role. A display shows only
 * what `answers` names, so that nobody is offered what would be refused.
 */
#include "vigil/command.h"

#include "encode_parts.h"

#define ANSWERS 4

struct answers {
    size_t count;
    enum vg_do what[ANSWERS];
};

/* A critical alert cannot be shelved. */
static struct answers answers_to(enum vg_page_kind kind, enum vg_severity severity)
{
    static const struct answers call = {
        4, {VG_DO_ACKNOWLEDGE, VG_DO_ACCEPT, VG_DO_REJECT, VG_DO_SHELVE}};
    static const struct answers critical = {
        3, {VG_DO_ACKNOWLEDGE, VG_DO_ACCEPT, VG_DO_REJECT}};
    static const struct answers remind = {3, {VG_DO_ACCEPT, VG_DO_RELEASE, VG_DO_NOTE}};
    static const struct answers none = {0};

    if (kind == VG_PAGE_CALL) {
        return severity == VG_CRITICAL ? critical : call;
    }
    return kind == VG_PAGE_REMIND ? remind : none;
}

/* All of the page but its end. */
static void put_page(struct vg_buffer *b, const struct vg_alert *alert, bool persisted,
                     enum vg_page_kind kind, const char *role, const char *kind_text)
{
    const struct answers answers = answers_to(kind, alert->severity);
    char id[VG_ALERT_LEN + 1];

    vg_page_id(alert, kind, role, id);
    vg_put_alert_open(b, alert, persisted);
    vg_key_text(b, "page", id);
    vg_key_text(b, "kind", kind_text);
    vg_key_text(b, "role", role);
    vg_key_int(b, "step", alert->step);
    vg_key_time(b, "respond_by", alert->respond_by);
    vg_key(b, "answers");
    vg_put_raw(b, "[");
    for (size_t i = 0; i < answers.count; i++) {
        vg_put_raw(b, i == 0 ? "" : ",");
        vg_put_string(b, vg_do_text(answers.what[i]));
    }
    vg_put_raw(b, "]");
}

void vg_encode_page(struct vg_buffer *b, const struct vg_alert *alert, bool persisted,
                    enum vg_page_kind kind, const char *role)
{
    put_page(b, alert, persisted, kind, role, vg_page_text(kind));
    vg_put_raw(b, "}");
}

static void put_short(struct vg_buffer *b, const struct vg_alert *alert)
{
    vg_put_raw(b, "{\"alert\":");
    vg_put_string(b, alert->id);
    vg_key_text_or_null(b, "bed", alert->bed[0] == ':' ? "" : alert->bed);
    vg_key_text(b, "rule", alert->rule);
    vg_key_text(b, "severity", vg_severity_text(alert->severity));
    vg_key_text(b, "text", alert->text);
    vg_key_time(b, "respond_by", alert->respond_by);
    vg_put_raw(b, "}");
}

void vg_encode_digest(struct vg_buffer *b, const struct vg_alert *alert, bool persisted,
                      const char *role, const struct vg_alert *const *also,
                      size_t also_count)
{
    put_page(b, alert, persisted, VG_PAGE_CALL, role, "digest");
    vg_key(b, "digest");
    vg_put_raw(b, "[");
    put_short(b, alert);
    for (size_t i = 0; i < also_count; i++) {
        vg_put_raw(b, ",");
        put_short(b, also[i]);
    }
    vg_put_raw(b, "]}");
}
