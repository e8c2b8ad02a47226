/* SPDX-License-Identifier: Apache-2.0
 *
 * See channel_text.h. Everything that goes in is checked here once, so that no template
 * and no mail header can be broken out of.
 */
#include "shell/channel_text.h"

#include <stdio.h>
#include <string.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
static const char digits[] = "0123456789";

static const struct {
    const char *title, *message;
} rows[VG_PAGE_COUNT] = {
    [VG_PAGE_NONE] = {"", ""},
    [VG_PAGE_CALL] = {"", "look at the board."},
    [VG_PAGE_REMIND] = {"Reminder: ",
                        "nothing has changed for long, look at the board."},
    [VG_PAGE_TAKEN] = {"Taken: ", "somebody has it, nothing is asked of you."},
    [VG_PAGE_END] = {"Over: ", "it has ended, nothing is asked of you."},
};

static bool only(const char *text, const char *more)
{
    char allowed[96];

    (void)snprintf(allowed, sizeof allowed, "%s%s%s", letters, digits, more);
    return text[strspn(text, allowed)] == '\0';
}

static bool id_or_none(const char *text)
{
    return text[0] == '\0' || vg_id_valid(text, strlen(text));
}

/* The bed, or the gateway that stands where a bed does. */
static const char *place(const struct vg_alert *alert)
{
    return alert->bed[0] == ':' ? alert->bed + 1 : alert->bed;
}

static bool sound(const struct vg_alert *alert, const struct vg_page *page)
{
    return vg_id_valid(alert->ward, strlen(alert->ward)) && id_or_none(place(alert)) &&
           alert->rule[0] != '\0' && only(alert->rule, "._-") && only(alert->id, "") &&
           only(page->id, "") && id_or_none(page->role) && page->kind > VG_PAGE_NONE &&
           page->kind < VG_PAGE_COUNT;
}

enum vg_status vg_push_text(const struct vg_notice *notice, struct vg_push *out)
{
    const struct vg_alert *alert = notice->alert;
    const enum vg_page_kind kind = notice->page->kind;
    char severity[24];

    if (!sound(alert, notice->page)) {
        return VG_REFUSED;
    }
    (void)vg_copy(severity, sizeof severity, vg_severity_text(alert->severity));
    if (rows[kind].title[0] == '\0') {
        severity[0] = (char)(severity[0] - 'a' + 'A');
    }
    (void)snprintf(out->title, sizeof out->title, "%s%s alert, ward %s%s%s",
                   rows[kind].title, severity, alert->ward,
                   alert->bed[0] == '\0'  ? ""
                   : alert->bed[0] == ':' ? " gateway "
                                          : " bed ",
                   place(alert));
    (void)snprintf(out->message, sizeof out->message, "%s (%s): %s", alert->rule,
                   vg_class_text(alert->class_), rows[kind].message);
    if (notice->page->also_count > 0) {
        (void)snprintf(out->message, sizeof out->message,
                       "%s (%s) and %zu more: look at the board.", alert->rule,
                       vg_class_text(alert->class_), notice->page->also_count);
    }
    return VG_OK;
}

bool vg_mailbox_valid(const char *text)
{
    const char *at = strchr(text, '@');
    char local[VG_ADDRESS_LEN + 1] = "";

    if (at == NULL || at == text || strlen(text) > VG_ADDRESS_LEN || at[1] == '\0' ||
        text[0] == '-') {
        return false;
    }
    memcpy(local, text, (size_t)(at - text));
    return only(local, ".!#$%&'*+/=?^_`{|}~-") && only(at + 1, ".-");
}
