/* SPDX-License-Identifier: Apache-2.0
 *
 * The templates. A new one is a function and a row. config/CHANNELS.md shows what each
 * sends.
 */
#include "shell/webhook_template.h"

#include <string.h>

static void key(struct vg_buffer *b, const char *before, const char *name)
{
    vg_put_raw(b, before);
    vg_put_string(b, name);
    vg_put_raw(b, ":");
}

static void pair(struct vg_buffer *b, const char *before, const char *name,
                 const char *text)
{
    key(b, before, name);
    vg_put_string(b, text);
}

static void number(struct vg_buffer *b, const char *name, int64_t value)
{
    key(b, ",", name);
    vg_put_int(b, value);
}

/* ---- json: the page, without the patient unless the settings say so */

static void write_json(struct vg_buffer *b, const struct vg_webhook_words *words)
{
    const struct vg_alert *alert = words->notice->alert;
    const struct vg_page *page = words->notice->page;

    if (words->full) {
        vg_encode_page(b, alert, words->notice->persisted, page->kind, page->role);
        return;
    }
    pair(b, "{", "page", page->id);
    pair(b, ",", "kind", vg_page_text(page->kind));
    pair(b, ",", "role", page->role);
    number(b, "step", alert->step);
    key(b, ",", "respond_by");
    vg_put_time(b, alert->respond_by);
    pair(b, ",", "alert", alert->id);
    number(b, "rev", alert->rev);
    pair(b, ",", "event", vg_change_text(alert->event));
    key(b, ",", "ts");
    vg_put_time(b, alert->at);
    pair(b, ",", "ward", alert->ward);
    pair(b, ",", alert->bed[0] == ':' ? "gateway" : "bed",
         alert->bed[0] == ':' ? alert->bed + 1 : alert->bed);
    pair(b, ",", "rule", alert->rule);
    pair(b, ",", "class", vg_class_text(alert->class_));
    pair(b, ",", "severity", vg_severity_text(alert->severity));
    pair(b, ",", "node", words->node);
    vg_put_raw(b, "}");
}

/* ---- alertmanager: POST /api/v2/alerts of Prometheus' Alertmanager */

/* Alertmanager ends by itself what it does not hear of again. An alert is over when we say
 * so, so the end that it is given lies far off. */
#define STANDS (30 * VG_DAY)

/* The labels are what Alertmanager knows an alert by: the end must have those of the
 * beginning. */
static void write_one(struct vg_buffer *b, const struct vg_webhook_words *words,
                      enum vg_severity severity, struct vg_instant end)
{
    const struct vg_alert *alert = words->notice->alert;

    pair(b, "{\"labels\":{", "alertname", alert->rule);
    pair(b, ",", "severity", vg_severity_text(severity));
    pair(b, ",", "class", vg_class_text(alert->class_));
    pair(b, ",", "ward", alert->ward);
    pair(b, ",", "bed", alert->bed);
    pair(b, ",", "alert", alert->id);
    pair(b, ",", "instance", words->node);
    pair(b, "},\"annotations\":{", "summary", words->push->title);
    pair(b, ",", "description", words->push->message);
    vg_put_raw(b, "},\"startsAt\":");
    vg_put_time(b, alert->raised);
    vg_put_raw(b, ",\"endsAt\":");
    vg_put_time(b, vg_later(end, alert->raised));
    vg_put_raw(b, "}");
}

/* The severity is a label, and it rises and falls: then every one that the alert may have
 * had is ended beside the one that stands. */
static void write_alertmanager(struct vg_buffer *b,
                               const struct vg_webhook_words *words)
{
    const struct vg_alert *alert = words->notice->alert;
    const bool over = words->notice->page->kind == VG_PAGE_END;
    const bool moved = alert->peak > alert->severity || alert->care.rose_rev > 1;
    const int top =
        (int)(moved && alert->peak > alert->severity ? alert->peak : alert->severity);
    const int bottom = moved ? (int)VG_INFO : top;

    for (int s = bottom; s <= top; s++) {
        const bool stands = !over && s == (int)alert->severity;
        vg_put_raw(b, s == bottom ? "[" : ",");
        write_one(b, words, (enum vg_severity)s,
                  stands ? vg_after(alert->at, STANDS) : alert->at);
    }
    vg_put_raw(b, "]");
}

/* ---- ntfy: publishing as JSON */

static int64_t priority(const struct vg_notice *notice)
{
    static const int64_t of[VG_SEVERITY_COUNT] = {[VG_INFO] = 2,
                                                  [VG_TECHNICAL] = 3,
                                                  [VG_WATCH] = 3,
                                                  [VG_URGENT] = 4,
                                                  [VG_CRITICAL] = 5};
    const enum vg_page_kind kind = notice->page->kind;
    const bool asks = kind == VG_PAGE_CALL || kind == VG_PAGE_REMIND;

    return asks ? of[notice->alert->severity] : 2;
}

static void write_ntfy(struct vg_buffer *b, const struct vg_webhook_words *words)
{
    const struct vg_alert *alert = words->notice->alert;

    pair(b, "{", "topic", words->topic);
    pair(b, ",", "title", words->push->title);
    pair(b, ",", "message", words->push->message);
    number(b, "priority", priority(words->notice));
    key(b, ",", "tags");
    vg_put_raw(b, "[");
    vg_put_string(b, vg_severity_text(alert->severity));
    vg_put_raw(b, ",");
    vg_put_string(b, vg_class_text(alert->class_));
    vg_put_raw(b, "]}");
}

static const struct vg_webhook_template rows[] = {
    {"json", "", write_json},
    {"alertmanager", "/api/v2/alerts", write_alertmanager},
    {"ntfy", "", write_ntfy},
};
#define ROWS (sizeof rows / sizeof rows[0])

const struct vg_webhook_template *vg_webhook_template(const char *name)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (strcmp(rows[i].name, name) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}
