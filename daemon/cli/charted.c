/* SPDX-License-Identifier: Apache-2.0
 *
 * See charted.h.
 */
#include "cli/charted.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT 160

static bool add(struct vg_charted *list, const struct vg_entry *entry)
{
    if (list->count == list->room) {
        const size_t room = list->room == 0 ? 64 : list->room * 2;
        void *grown = realloc(list->entry, room * sizeof *list->entry);
        if (grown == NULL) {
            list->failed = true;
            return false;
        }
        list->entry = grown;
        list->room = room;
    }
    list->entry[list->count++] = *entry;
    return true;
}

static bool wants(const struct vg_charted *list, const struct vg_entry *entry)
{
    const unsigned bit = (unsigned)entry->signal - VG_MEASURED_COUNT;

    return entry->at.ms >= list->from.ms && entry->at.ms < list->to.ms &&
           (list->wanted == 0 || (list->wanted >> bit & 1) != 0);
}

static bool on_message(void *to, const struct vg_message_row *row)
{
    struct vg_charted *list = to;

    for (size_t i = 0; i < row->message->entry_count; i++) {
        const struct vg_entry *entry = &row->message->entries[i];
        if (wants(list, entry) && !add(list, entry)) {
            return false;
        }
    }
    return true;
}

static int64_t compare(const struct vg_entry *a, const struct vg_entry *b)
{
    if (a->at.ms != b->at.ms) {
        return a->at.ms < b->at.ms ? -1 : 1;
    }
    return (int64_t)a->signal - (int64_t)b->signal;
}

/* Stable, as they came otherwise; nearly in order already. */
static void sort(struct vg_charted *list)
{
    for (size_t i = 1; i < list->count; i++) {
        const struct vg_entry entry = list->entry[i];
        size_t k = i;
        while (k > 0 && compare(&list->entry[k - 1], &entry) > 0) {
            list->entry[k] = list->entry[k - 1];
            k--;
        }
        list->entry[k] = entry;
    }
}

bool vg_charted_same(const struct vg_entry *entry, const struct vg_entry *before)
{
    return entry->signal == before->signal && entry->on == before->on &&
           entry->flow == before->flow && entry->fio2 == before->fio2 &&
           strcmp(entry->value, before->value) == 0 &&
           strcmp(entry->dose_id, before->dose_id) == 0;
}

static void drop_repeats(struct vg_charted *list)
{
    size_t kept = 0;

    for (size_t i = 0; i < list->count; i++) {
        bool again = false;
        for (size_t k = kept; k > 0 && list->entry[k - 1].at.ms == list->entry[i].at.ms;
             k--) {
            again = again || vg_charted_same(&list->entry[i], &list->entry[k - 1]);
        }
        if (!again) {
            list->entry[kept++] = list->entry[i];
        }
    }
    list->count = kept;
}

enum vg_status vg_charted_find(struct vg_reader *reader,
                               const struct vg_history_query *query,
                               struct vg_charted *out, struct vg_error *error)
{
    out->from = query->from;
    out->to = query->to;
    const enum vg_status status =
        vg_history_messages(reader, query, on_message, out, error);
    if (status != VG_OK || out->failed) {
        return status != VG_OK ? status : VG_NO_MEMORY;
    }
    sort(out);
    drop_repeats(out);
    return VG_OK;
}

void vg_charted_finish(struct vg_charted *charted)
{
    free(charted->entry);
    *charted = (struct vg_charted){0};
}

/* ---- In words */

static void say(struct vg_buffer *out, const char *text)
{
    vg_put_raw(out, out->length > 0 ? ", " : "");
    vg_put_raw(out, text);
}

static void say_text(struct vg_buffer *out, const char *before, const char *text)
{
    if (text[0] != '\0') {
        say(out, before);
        vg_put_raw(out, text);
    }
}

static void say_oxygen(const struct vg_entry *entry, struct vg_buffer *out)
{
    char text[TEXT];

    if (entry->flow != VG_NO_VALUE) {
        (void)vg_decimal_format(vg_decimal_of(entry->flow, 1), text, sizeof text);
        say(out, text);
        vg_put_raw(out, " L/min");
    }
    if (entry->fio2 != VG_NO_VALUE) {
        (void)snprintf(text, sizeof text, "FiO2 %" PRId64 " %%", entry->fio2);
        say(out, text);
    }
}

static void say_seizure(const struct vg_entry *entry, struct vg_buffer *out)
{
    char text[TEXT];

    if (entry->duration_s >= 0) {
        (void)snprintf(text, sizeof text, "%" PRId32 " s", entry->duration_s);
        say(out, text);
    }
    if (entry->no_return) {
        say(out, "no return to baseline between");
    }
}

void vg_charted_details(const struct vg_entry *entry, struct vg_buffer *out)
{
    char until[VG_TIME_TEXT];

    vg_buffer_clear(out);
    if (!entry->on && (entry->signal == VG_VASOPRESSOR || entry->signal == VG_FLAG)) {
        say(out, "off");
    } else if (!entry->on) {
        say(out, "taken back");
    }
    say_text(out, "product ", entry->product);
    say_text(out, "dose ", entry->dose_id);
    if (entry->signal == VG_O2_DEVICE) {
        say_oxygen(entry, out);
    }
    if (entry->signal == VG_SEIZURE) {
        say_seizure(entry, out);
    }
    if (entry->haemorrhage) {
        say(out, "from a bleeding");
    }
    say_text(out, "by ", entry->by);
    if (vg_is_set(entry->until) && !vg_is_never(entry->until)) {
        vg_time_format(entry->until, until);
        say_text(out, "until ", until);
    }
}
