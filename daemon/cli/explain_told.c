/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil explain: who was called about the alert, whether that went out and arrived, and what they
 * answered. A page may stand for several alerts, which its digest names.
 */
#include "cli/explain_told.h"

#include <stdio.h>
#include <string.h>

#include "shell/store_question_told.h"

struct telling {
    const struct vg_alert *alert;
    bool json;
    size_t count;
    struct vg_buffer line;
};

static void put_json(struct telling *t, const struct vg_told_row *row)
{
    struct vg_buffer *b = &t->line;

    vg_buffer_clear(b);
    vg_put_raw(b, t->count > 0 ? ",{\"ts\":" : "{\"ts\":");
    vg_put_time(b, row->at);
    vg_put_raw(b, row->answer ? ",\"by\":" : ",\"role\":");
    vg_put_string(b, row->who);
    vg_put_raw(b, row->answer ? ",\"do\":" : ",\"kind\":");
    vg_put_string(b, row->what);
    if (row->answer) {
        vg_put_raw(b, ",\"reason\":");
        vg_put_string(b, row->text);
        vg_put_raw(b, ",\"result\":");
        vg_put_string(b, row->result);
    } else {
        vg_put_raw(b, row->sent ? ",\"sent\":true,\"received\":"
                                : ",\"sent\":false,\"received\":");
        vg_put_time(b, row->received);
    }
    vg_put_raw(b, "}");
    (void)fputs(b->failed ? "" : b->bytes, stdout);
}

static void put_words(const struct telling *t, const struct vg_told_row *row)
{
    char at[VG_TIME_TEXT];

    vg_time_format(row->at, at);
    (void)printf("%-10s %s  ", t->count > 0 ? "" : "told", at);
    if (row->answer) {
        (void)printf("%s: %s%s%s (%s)\n", row->who, row->what,
                     row->text[0] != '\0' ? ", " : "", row->text, row->result);
        return;
    }
    (void)printf("%s, %s%s", row->who, row->what,
                 row->sent      ? ", sent"
                 : row->settled ? ", not delivered"
                                : ", on its way");
    if (vg_is_set(row->received)) {
        vg_time_format(row->received, at);
        (void)printf(", received %s", at);
    }
    (void)puts("");
}

static bool on_told(void *to, const struct vg_told_row *row)
{
    struct telling *t = to;

    if (strstr(row->json, t->alert->id) != NULL) {
        if (t->json) {
            put_json(t, row);
        } else {
            put_words(t, row);
        }
        t->count++;
    }
    return true;
}

enum vg_status vg_explain_told(struct vg_reader *reader, const struct vg_alert *alert,
                               bool json, struct vg_error *error)
{
    struct telling telling = {.alert = alert, .json = json};
    const struct vg_told_query query = {
        .patient = alert->patient[0] != '\0' ? alert->patient : NULL,
        .from = vg_earlier(alert->onset, alert->raised),
        .to = VG_NEVER};
    const enum vg_status status =
        vg_history_told(reader, &query, on_told, &telling, error);

    if (!json && telling.count == 0) {
        (void)printf("%-10s nobody was called about this one\n", "told");
    }
    vg_buffer_finish(&telling.line);
    return status;
}
