/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose data who asks may see, and that it is written down.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "shell/api.h"
#include "shell/clock.h"
#include "shell/history.h"

static bool is_other_ward(const struct vg_api_call *call, const char *ward)
{
    const char *own = call->who.user.ward;

    return call->who.known && own[0] != '\0' && strcmp(own, ward) != 0;
}

static bool refuse_ward(const struct vg_api_call *call, struct vg_api_answer *answer)
{
    vg_api_problem(call, answer, 403, "that is another ward than \"%s\"",
                   call->who.user.ward);
    return false;
}

bool vg_api_ward(const struct vg_api_call *call, struct vg_api_answer *answer,
                 const char **ward)
{
    if (*ward == NULL && call->who.known && call->who.user.ward[0] != '\0') {
        *ward = call->who.user.ward;
    }
    return *ward == NULL || !is_other_ward(call, *ward) || refuse_ward(call, answer);
}

bool vg_api_ward_known(struct vg_live *live, const struct vg_api_call *call,
                       struct vg_api_answer *answer, const char *ward)
{
    if (ward == NULL || vg_live_has_ward(live, ward)) {
        return true;
    }
    vg_api_problem(call, answer, 404, "there is no ward \"%.40s\"", ward);
    return false;
}

bool vg_api_audit(struct vg_api *api, const char *kind, const char *subject,
                  const char *format, ...)
{
    char text[256];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(text, sizeof text, format, list);
    va_end(list);
    const struct vg_letter letter = {.topic = subject,
                                     .topic_length = strlen(subject),
                                     .payload = text,
                                     .payload_length = strlen(text)};
    struct vg_item *item = vg_inbox_letter(api->inbox, &letter);
    if (item == NULL) {
        return false;
    }
    const union {
        const char *in;
        void *out; /* it is only read */
    } word = {.in = kind};
    item->kind = VG_ITEM_AUDIT;
    item->link = word.out;
    item->received = vg_clock_wall();
    return vg_inbox_post(api->inbox, item);
}

bool vg_api_reads_in(struct vg_api *api, const struct vg_api_call *call,
                     struct vg_api_answer *answer, const char *ward,
                     const char *patient, const char *what)
{
    const struct vg_user *user = &call->who.user;
    char about[VG_PATIENT_LEN + 64];

    if (is_other_ward(call, ward)) {
        return refuse_ward(call, answer);
    }
    if (!call->who.known || user->right == VG_RIGHT_DISPLAY || what[0] == '\0') {
        return true; /* nobody in particular; or a screen on a wall */
    }
    if (patient[0] == '\0') {
        patient = ward[0] != '\0' ? ward : "all"; /* everybody's at once */
    }
    (void)snprintf(about, sizeof about, "%s %s", patient, what);
    const vg_ms now = vg_clock_boot();
    if (vg_access_noted(api->access, user->name, about, now)) {
        return true;
    }
    if (!vg_api_audit(api, "read", patient, "%s %s: %s", vg_right_text(user->right),
                      user->name, what)) {
        vg_api_problem(call, answer, 503, "it cannot be written down that you looked");
        return false;
    }
    vg_access_note(api->access, user->name, about, now);
    return true;
}

static bool take_ward(void *to, const struct vg_episode *episode)
{
    char *ward = to;

    (void)vg_copy(ward, VG_ID_LEN + 1, episode->ward);
    return false;
}

bool vg_api_may_read(struct vg_api *api, const struct vg_api_call *call,
                     struct vg_api_answer *answer, const char *patient,
                     const char *what)
{
    const struct vg_episodes_query query = {
        .patient = patient, .from = VG_UNSET, .to = VG_NEVER, .limit = 1};
    struct vg_page_end end = {0};
    struct vg_error error = {"no memory"};
    char ward[VG_ID_LEN + 1] = "";

    if (!call->who.known || call->who.user.ward[0] == '\0') {
        return vg_api_reads_in(api, call, answer, "", patient, what);
    }
    struct vg_reader *reader = vg_api_reader(api, call, answer);
    if (reader == NULL) {
        return false;
    }
    const enum vg_status status =
        vg_history_episodes(reader, &query, take_ward, ward, &end, &error);
    if (status != VG_OK) {
        vg_api_failed(api, call, answer, status, &error);
        return false;
    }
    return vg_api_reads_in(api, call, answer, ward, patient, what);
}
