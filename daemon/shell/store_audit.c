/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of the audit trail. What is empty or zero is left out of a body. Kinds and their
 * subjects:
 *
 * alert       the alert. "json" is the digest of what alert_event holds of this change, so
 *             that an edit there is found too.
 * page        the page; "json" likewise.
 * delivery    the page.
 * command     the alert, or the page of a receipt, or the bed of a pause (its id alone).
 * pause       the bed.
 * the rest    as given to vg_batch_audit.
 */
#include "shell/store_audit.h"

static void key(struct vg_buffer *b, const char *name)
{
    vg_put_raw(b, b->length == 1 ? "\"" : ",\"");
    vg_put_raw(b, name);
    vg_put_raw(b, "\":");
}

static void put_text(struct vg_buffer *b, const char *name, struct vg_slice text)
{
    if (text.length > 0) {
        key(b, name);
        vg_put_string(b, text.text);
    }
}

static void put_number(struct vg_buffer *b, const char *name, int64_t number)
{
    if (number != 0) {
        key(b, name);
        vg_put_int(b, number);
    }
}

static void put_time(struct vg_buffer *b, const char *name, struct vg_instant at)
{
    if (vg_is_set(at)) {
        key(b, name);
        vg_put_time(b, at);
    }
}

static void put_digest(struct vg_buffer *b, struct vg_slice bytes)
{
    char digest[VG_AUDIT_HEX];

    vg_audit_digest(bytes, digest);
    put_text(b, "json", (struct vg_slice){digest, sizeof digest - 1});
}

#define KIND(text) ((struct vg_slice){text, sizeof(text) - 1})

static enum vg_status of_alert(const struct vg_record *r, struct vg_buffer *b,
                               struct vg_audit_row *out)
{
    out->kind = KIND("alert");
    out->subject = r->alert.id;
    out->at = r->alert.at;
    put_number(b, "rev", (int64_t)r->alert.rev);
    put_text(b, "ward", r->alert.ward);
    put_number(b, "n", (int64_t)r->alert.n);
    put_text(b, "event", r->alert.event);
    put_text(b, "severity", r->alert.severity);
    put_text(b, "owner", r->alert.owner);
    put_text(b, "remark", r->alert.remark);
    put_digest(b, r->alert.json);
    return VG_OK;
}

static enum vg_status of_page(const struct vg_record *r, struct vg_buffer *b,
                              struct vg_audit_row *out)
{
    out->kind = KIND("page");
    out->subject = r->page.id;
    out->at = r->page.at;
    put_text(b, "alert", r->page.alert);
    put_number(b, "rev", (int64_t)r->page.rev);
    put_text(b, "ward", r->page.ward);
    put_text(b, "role", r->page.role);
    put_text(b, "kind", r->page.kind);
    put_digest(b, r->page.json);
    return VG_OK;
}

static enum vg_status of_way(const struct vg_record *r, struct vg_buffer *b,
                             struct vg_audit_row *out)
{
    out->kind = KIND("delivery");
    out->subject = r->way.page;
    out->at = r->way.at;
    put_text(b, "channel", r->way.channel);
    put_text(b, "way", r->way.way);
    put_number(b, "settled", r->way.settled);
    put_text(b, "detail", r->way.detail);
    return VG_OK;
}

static enum vg_status of_command(const struct vg_record *r, struct vg_buffer *b,
                                 struct vg_audit_row *out)
{
    out->kind = KIND("command");
    out->subject = r->command.alert.length > 0  ? r->command.alert
                   : r->command.page.length > 0 ? r->command.page
                                                : r->command.bed;
    out->at = r->command.at;
    put_text(b, "client", r->command.client);
    put_text(b, "id", r->command.id);
    put_text(b, "ward", r->command.ward);
    put_text(b, "by", r->command.by);
    put_text(b, "do", r->command.what);
    put_text(b, "alert", r->command.alert);
    put_text(b, "page", r->command.page);
    put_text(b, "bed", r->command.bed);
    put_number(b, "seen", (int64_t)r->command.seen);
    put_number(b, "for_ms", r->command.span);
    put_text(b, "reason", r->command.reason);
    put_text(b, "judgement", r->command.judgement);
    put_time(b, "ts", r->command.ts);
    put_text(b, "result", r->command.result);
    put_number(b, "rev", (int64_t)r->command.rev);
    put_text(b, "detail", r->command.detail);
    return VG_OK;
}

static enum vg_status of_pause(const struct vg_record *r, struct vg_buffer *b,
                               struct vg_audit_row *out)
{
    out->kind = KIND("pause");
    out->subject = r->pause.bed;
    out->at = r->pause.at;
    put_text(b, "ward", r->pause.ward);
    put_text(b, "bed", r->pause.bed);
    put_time(b, "until", r->pause.until);
    put_text(b, "by", r->pause.by);
    put_text(b, "reason", r->pause.reason);
    return VG_OK;
}

static enum vg_status of_other(const struct vg_record *r, struct vg_buffer *b,
                               struct vg_audit_row *out)
{
    out->kind = r->audit.kind;
    out->subject = r->audit.subject;
    out->at = r->audit.at;
    put_text(b, "text", r->audit.text);
    return VG_OK;
}

enum vg_status vg_audit_of(const struct vg_record *record, struct vg_buffer *body,
                           struct vg_audit_row *out)
{
    static enum vg_status (*const writers[VG_RECORD_KIND_COUNT])(
        const struct vg_record *, struct vg_buffer *, struct vg_audit_row *) = {
        [VG_RECORD_ALERT] = of_alert, [VG_RECORD_PAGE] = of_page,
        [VG_RECORD_WAY] = of_way,     [VG_RECORD_COMMAND] = of_command,
        [VG_RECORD_PAUSE] = of_pause, [VG_RECORD_AUDIT] = of_other};

    if (writers[record->kind] == NULL) {
        return VG_ABSENT;
    }
    *out = (struct vg_audit_row){0};
    vg_buffer_clear(body);
    vg_put_raw(body, "{");
    const enum vg_status status = writers[record->kind](record, body, out);
    vg_put_raw(body, "}");
    if (body->failed) {
        return VG_NO_MEMORY;
    }
    out->body = (struct vg_slice){body->bytes, body->length};
    return status;
}
