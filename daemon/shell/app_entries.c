/* SPDX-License-Identifier: Apache-2.0
 *
 * What people enter at a bed by HTTP. With users they enter in their own name, as they give
 * commands, and a flag that makes fewer be called only as far as their right goes (users.h). It is
 * judged here and not by who took the request: what is judged is then what is stored, letter for
 * letter. Each entry that was taken is a row of the audit trail: who, what, at which bed, without
 * what was measured; the message is stored beside it.
 */
#include <stdio.h>
#include <string.h>

#include "shell/app_inside.h"

/* What a person enters is the board's, unnumbered, whatever it says of itself: by a gateway's name
 * and numbers it would take the place of what that gateway sends. */
static void as_board(struct vg_decoded *decoded)
{
    static const struct vg_origin board = {.gateway = "board"};

    decoded->origin = board;
    if (decoded->kind == VG_DECODED_MESSAGE) {
        decoded->message.origin = board;
    }
}

static bool may_flag(struct vg_app *app, const struct vg_user *who,
                     struct vg_entry *entry)
{
    const enum vg_flag flag = vg_flag_find(entry->value, strlen(entry->value));

    if (entry->by[0] == '\0') {
        char by[VG_BY_LEN + 1];
        vg_user_by(who, by);
        (void)vg_copy(entry->by, sizeof entry->by, by);
    }
    if (!vg_user_is_by(who, entry->by)) {
        vg_app_post_forbid(app, "\"%.64s\" is not who is logged in", entry->by);
        return false;
    }
    if (entry->on && !vg_right_puts(who->right, flag)) {
        vg_app_post_forbid(
            app,
            "to put the flag %s, by which fewer are called, is not for the right \"%s\"",
            entry->value, vg_right_text(who->right));
        return false;
    }
    if (entry->on && !vg_flag_may_put(flag, entry->by)) {
        /* Under a role that says whose order it is: a replay knows no users. */
        (void)snprintf(entry->by, sizeof entry->by, "%s:%s", vg_right_text(who->right),
                       who->name);
    }
    return true;
}

bool vg_app_entry_may(struct vg_app *app, struct vg_decoded *decoded)
{
    const struct vg_user *who = vg_app_post_who(app);
    bool may = true;

    as_board(decoded);
    if (who == NULL || decoded->kind != VG_DECODED_MESSAGE) {
        return true;
    }
    for (size_t i = 0; i < decoded->message.entry_count && may; i++) {
        struct vg_entry *entry = &decoded->message.entries[i];
        may = entry->signal != VG_FLAG || may_flag(app, who, entry);
    }
    return may;
}

/* ---- The trail */

static void add(char *text, size_t size, const char *before, const char *word)
{
    const size_t at = strlen(text);

    (void)snprintf(text + at, size - at, "%s%s", before, word);
}

/* Which signals, each once. */
static void add_codes(const struct vg_message *message, char *text, size_t size)
{
    bool said[VG_SIGNAL_COUNT] = {false};
    const char *before = ": ";

    for (size_t i = 0; i < message->reading_count; i++) {
        said[message->readings[i].signal] = true;
    }
    for (size_t i = 0; i < message->entry_count; i++) {
        said[message->entries[i].signal] = true;
    }
    said[VG_SBP] = said[VG_SBP] || message->failed_count > 0;
    for (unsigned i = 0; i < VG_SIGNAL_COUNT; i++) {
        if (said[i]) {
            add(text, size, before, vg_signal_info((enum vg_signal)i)->code);
            before = ", ";
        }
    }
}

void vg_app_entry_taken(struct vg_app *app, const struct vg_message *message)
{
    const struct vg_user *who = vg_app_post_who(app);
    char subject[2 * VG_ID_LEN + 2];
    char text[768];

    if (!vg_message_says_something(message)) {
        return; /* all of it was refused */
    }
    (void)snprintf(subject, sizeof subject, "%s/%s", message->ward, message->bed);
    (void)snprintf(
        text, sizeof text, "%s %s entered %s",
        who != NULL ? vg_right_text(who->right) : "somebody, as no users are",
        who != NULL ? who->name : "configured,", vg_kind_text(message->kind));
    if (message->patient[0] != '\0') {
        add(text, sizeof text, " for ", message->patient);
    }
    add_codes(message, text, sizeof text);
    (void)vg_batch_audit(app->filling.batch, app->now, "entry", subject, text);
}
