/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil report: what is open, the alerts of the span, who was called about each and what they
 * answered.
 *
 * An alert's text follows what is known: where nothing came any more it says "unknown". So it is
 * told as it was raised, and what an open one says now beside it.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/report.h"
#include "shell/store_question_told.h"

#define TOLD_TEXT  384
#define RULES_MOST 64

/* A page to a role about an alert, or an answer. */
struct told {
    char alert[VG_ALERT_LEN + 1];
    char text[TOLD_TEXT];
    struct vg_instant at, received;
    bool answer, missed; /* missed: no way took it, and none tries any more */
};

/* One rule of technical alerts. */
struct technical {
    char rule[VG_NAME_LEN + 1];
    char text[VG_ALERT_TEXT];
    size_t count, open;
    struct vg_instant first, last; /* onsets */
};

struct alerts {
    struct vg_report *report;
    struct told *told; /* owned */
    size_t told_count, told_room;
    struct technical technical[RULES_MOST];
    size_t technical_count;
    struct vg_alert alert, first; /* in hand; as it was raised */
    bool has_first, open_only, failed;
    struct vg_alert *kept; /* owned */
    size_t kept_count, kept_room;
};

/* ---- Who was told */

static struct told *add(struct alerts *a, const char *alert)
{
    if (a->told_count == a->told_room) {
        const size_t room = a->told_room == 0 ? 64 : a->told_room * 2;
        void *grown = realloc(a->told, room * sizeof *a->told);
        if (grown == NULL) {
            a->failed = true;
            return NULL;
        }
        a->told = grown;
        a->told_room = room;
    }
    struct told *told = &a->told[a->told_count++];
    *told = (struct told){.received = VG_UNSET};
    memcpy(told->alert, alert, VG_ALERT_LEN);
    return told;
}

static bool add_row(struct alerts *a, const struct vg_told_row *row, const char *alert)
{
    const bool call =
        strcmp(row->what, "call") == 0 || strcmp(row->what, "digest") == 0;
    struct told *told = add(a, alert);

    if (told == NULL) {
        return false;
    }
    told->at = row->at;
    told->answer = row->answer;
    told->received = row->received;
    told->missed = !row->answer && !row->sent && row->settled;
    if (row->answer) {
        (void)snprintf(told->text, sizeof told->text, "%.70s: %.16s%s%.256s", row->who,
                       row->what, row->text[0] != '\0' ? ", " : "", row->text);
    } else {
        (void)snprintf(told->text, sizeof told->text, "%.70s %s%.16s", row->who,
                       call ? "" : "told: ", call ? "called" : row->what);
    }
    return true;
}

/* Whether it was done; a note is told also when the alert had moved on or was over. */
static bool counts(const struct vg_told_row *row)
{
    const bool late =
        strcmp(row->result, "superseded") == 0 || strcmp(row->result, "closed") == 0;

    return strcmp(row->result, "ok") == 0 || strcmp(row->result, "stale_view") == 0 ||
           (late && strcmp(row->what, "note") == 0);
}

/* A page may stand for several alerts, which its digest names. */
static bool on_told(void *to, const struct vg_told_row *row)
{
    static const char word[] = "{\"alert\":\"";
    struct alerts *a = to;
    struct vg_alert *alert = &a->alert;

    if (row->answer && !counts(row)) {
        return true;
    }
    if (vg_decode_alert(row->json, row->length, alert) == VG_OK &&
        !add_row(a, row, alert->id)) {
        return false;
    }
    const char *at = row->answer ? NULL : strstr(row->json, word);
    for (; at != NULL; at = strstr(at, word)) {
        at += sizeof word - 1;
        if (strlen(at) > VG_ALERT_LEN && strncmp(at, alert->id, VG_ALERT_LEN) != 0 &&
            !add_row(a, row, at)) {
            return false;
        }
    }
    return true;
}

static enum vg_status find_told(struct alerts *a, struct vg_error *error)
{
    const struct vg_told_query query = {
        .patient = a->report->patient, .from = VG_UNSET, .to = VG_NEVER};
    const enum vg_status status =
        vg_history_told(a->report->reader, &query, on_told, a, error);

    return status == VG_OK && a->failed ? VG_NO_MEMORY : status;
}

/* How often the same was said before; it is put once. */
static bool said_before(const struct alerts *a, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (strcmp(a->told[k].alert, a->told[i].alert) == 0 &&
            strcmp(a->told[k].text, a->told[i].text) == 0 && !a->told[i].answer) {
            return true;
        }
    }
    return false;
}

static size_t times(const struct alerts *a, size_t i)
{
    size_t count = 0;

    for (size_t k = i; k < a->told_count; k++) {
        count += strcmp(a->told[k].alert, a->told[i].alert) == 0 &&
                 strcmp(a->told[k].text, a->told[i].text) == 0;
    }
    return count;
}

static void put_line(const struct alerts *a, size_t i)
{
    const struct told *told = &a->told[i];
    const size_t count = told->answer ? 1 : times(a, i);

    char at[VG_TIME_TEXT];

    vg_time_format(told->at, at);
    (void)printf("<span class=\"time\">%.5s %.5s</span> %s", at + 5, at + 11,
                 told->answer ? "<b>" : "");
    vg_report_put(told->text);
    (void)fputs(told->answer ? "</b>" : "", stdout);
    if (count > 1) {
        (void)printf(", %zu times", count);
    }
    if (told->missed) {
        (void)fputs(" (not delivered)", stdout);
    }
    if (vg_is_set(told->received)) {
        (void)fputs(" (received)", stdout);
    }
    (void)fputs("<br>", stdout);
}

static void cell_told(const struct alerts *a)
{
    bool any = false;

    (void)fputs("<td><small>", stdout);
    for (size_t i = 0; i < a->told_count; i++) {
        if (strcmp(a->told[i].alert, a->alert.id) == 0 && !said_before(a, i)) {
            put_line(a, i);
            any = true;
        }
    }
    (void)fputs(any ? "</small>" : "nobody was called for this one</small>", stdout);
}

/* ---- Alerts */

static bool on_first(void *to, const char *json, size_t length)
{
    struct alerts *a = to;

    a->has_first = vg_decode_alert(json, length, &a->first) == VG_OK;
    return false;
}

static void cell_what(const struct alerts *a, bool open)
{
    const char *text = a->has_first ? a->first.text : a->alert.text;

    (void)fputs("<td><b>", stdout);
    vg_report_put(a->alert.rule);
    (void)fputs("</b><br>", stdout);
    vg_report_put(text);
    if (open && strcmp(text, a->alert.text) != 0) {
        (void)fputs("<br><small>now: ", stdout);
        vg_report_put(a->alert.text);
        (void)fputs("</small>", stdout);
    }
}

static void cell_now(const struct vg_alert *alert, bool open)
{
    if (open) {
        vg_report_cell(vg_condition_text(alert->condition));
        if (alert->owner[0] != '\0') {
            (void)fputs("<br>taken by ", stdout);
            vg_report_put(alert->owner);
        }
    } else {
        (void)fputs("<td class=\"gone\">over ", stdout);
        vg_report_put_time(alert->at);
    }
}

static void count_technical(struct alerts *a)
{
    const struct vg_alert *alert = &a->alert;
    size_t i = 0;

    while (i < a->technical_count && strcmp(a->technical[i].rule, alert->rule) != 0) {
        i++;
    }
    if (i == RULES_MOST) {
        return;
    }
    struct technical *t = &a->technical[i];
    if (i == a->technical_count) {
        a->technical_count++;
        *t = (struct technical){.first = alert->onset};
        (void)vg_copy(t->rule, sizeof t->rule, alert->rule);
        (void)vg_copy(t->text, sizeof t->text, alert->text);
    }
    t->count++;
    t->open += vg_alert_open(alert);
    t->last = alert->onset; /* they come in the order of their onset */
}

/* Nothing else can be asked while alerts are being told, so they are kept. */
static bool keep(struct alerts *a)
{
    if (a->kept_count == a->kept_room) {
        const size_t room = a->kept_room == 0 ? 32 : a->kept_room * 2;
        void *grown = realloc(a->kept, room * sizeof *a->kept);
        if (grown == NULL) {
            a->failed = true;
            return false;
        }
        a->kept = grown;
        a->kept_room = room;
    }
    a->kept[a->kept_count++] = a->alert;
    return true;
}

static bool on_alert(void *to, const char *json, size_t length)
{
    struct alerts *a = to;

    if (vg_decode_alert(json, length, &a->alert) != VG_OK) {
        return true;
    }
    const bool open = vg_alert_open(&a->alert);
    if (a->open_only ? !open : !open && a->alert.at.ms < a->report->from.ms) {
        return true;
    }
    if (!a->open_only && a->alert.class_ == VG_CLASS_TECHNICAL) {
        count_technical(a);
        return true;
    }
    return keep(a);
}

static enum vg_status put_alert(struct alerts *a, struct vg_error *error)
{
    struct vg_report *r = a->report;
    const bool open = vg_alert_open(&a->alert);

    a->has_first = false;
    const enum vg_status status =
        vg_store_alert_history(r->reader, a->alert.id, on_first, a, error);
    (void)printf("<tr class=\"%s\">", vg_severity_text(a->alert.peak));
    vg_report_cell_onset(r, a->alert.onset);
    vg_report_cell(vg_severity_text(a->alert.peak));
    cell_what(a, open);
    cell_told(a);
    cell_now(&a->alert, open);
    (void)puts("");
    return status;
}

static enum vg_status put_alerts(struct alerts *a, struct vg_error *error)
{
    enum vg_status status = VG_OK;

    (void)puts(
        a->kept_count > 0
            ? "<table><thead><tr><th>Onset (UTC)<th>Severity<th>What<th class=\"told\">Called and "
              "answered (UTC)<th>Now</thead>"
            : "<p>None.</p>");
    for (size_t i = 0; i < a->kept_count && status == VG_OK; i++) {
        a->alert = a->kept[i];
        status = put_alert(a, error);
    }
    (void)puts(a->kept_count > 0 ? "</table>" : "");
    return status;
}

static void put_technical(const struct alerts *a)
{
    if (a->technical_count == 0) {
        return;
    }
    (void)puts(
        "<h2>Technical</h2><table><tr><th>What<th>How often<th>First (UTC)<th>Last "
        "(UTC)<th>Open");
    for (size_t i = 0; i < a->technical_count; i++) {
        const struct technical *t = &a->technical[i];
        (void)fputs("<tr><td><b>", stdout);
        vg_report_put(t->rule);
        (void)fputs("</b><br>", stdout);
        vg_report_put(t->text);
        (void)printf("<td>%zu", t->count);
        vg_report_cell_time(t->first);
        vg_report_cell_time(t->last);
        (void)printf("<td>%zu\n", t->open);
    }
    (void)puts("</table>");
}

static enum vg_status list(struct vg_report *r, bool open_only, struct vg_error *error)
{
    struct alerts *a = calloc(1, sizeof *a);
    const struct vg_alerts_query query = {
        .of = {.patient = r->patient,
               .state = open_only ? VG_ALERTS_OPEN : VG_ALERTS_ALL,
               .from = VG_UNSET,
               .to = open_only ? VG_NEVER : r->to}};
    struct vg_page_end end = {0};

    if (a == NULL) {
        return VG_NO_MEMORY;
    }
    a->report = r;
    a->open_only = open_only;
    enum vg_status status = find_told(a, error);
    (void)printf("<h2>%s</h2>\n", open_only ? "Open items" : "Alerts");
    if (status == VG_OK) {
        status = vg_history_alerts(r->reader, &query, on_alert, a, &end, error);
    }
    if (status == VG_OK) {
        status = a->failed ? VG_NO_MEMORY : put_alerts(a, error);
    }
    put_technical(a);
    free(a->told);
    free(a->kept);
    free(a);
    return status;
}

enum vg_status vg_report_open_items(struct vg_report *r, struct vg_error *error)
{
    return list(r, true, error);
}

enum vg_status vg_report_alerts(struct vg_report *r, struct vg_error *error)
{
    return list(r, false, error);
}
