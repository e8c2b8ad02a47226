/* SPDX-License-Identifier: Apache-2.0
 *
 * What is watched now: wards and beds, and by which limits. From memory, so that it is answered even when the store
 * is not.
 */
#include <string.h>

#include "shell/api.h"
#include "shell/limits_shown.h"

static const char *const no_arguments[] = {NULL};

void vg_api_wards(struct vg_api *api, const struct vg_api_call *call,
                  struct vg_api_answer *answer)
{
    const char *only = NULL;

    if (vg_api_only(call, answer, no_arguments) && vg_api_ward(call, answer, &only)) {
        answer->changing = true;
        vg_live_put_wards(api->live, only, &answer->text, call->now);
    }
}

void vg_api_beds(struct vg_api *api, const struct vg_api_call *call,
                 struct vg_api_answer *answer)
{
    const char *ward = call->part[3];

    if (!vg_api_only(call, answer, no_arguments) || !vg_api_ward(call, answer, &ward)) {
        return;
    }
    answer->changing = true;
    if (!vg_live_put_beds(api->live, ward, &answer->text, call->now)) {
        vg_api_problem(call, answer, 404, "there is no ward \"%.40s\"", ward);
    }
}

void vg_api_limits(struct vg_api *api, const struct vg_api_call *call,
                   struct vg_api_answer *answer)
{
    if (vg_api_only(call, answer, no_arguments) &&
        !vg_limits_shown_put(api->limits, call->part[3], &answer->text)) {
        vg_api_problem(call, answer, 404, "no protocol \"%.40s\" is in force",
                       call->part[3]);
    }
}
