/* SPDX-License-Identifier: Apache-2.0
 *
 * What is asked of the loop thread goes into the inbox like any other letter, and its answer is
 * waited for, which comes when it is on disk.
 */
#include "shell/api.h"
#include "shell/clock.h"

struct vg_shared *vg_api_ask(struct vg_api *api, const struct vg_api_call *call,
                             struct vg_api_answer *answer,
                             const struct vg_api_question *question)
{
    struct vg_live_waiter waiter = {.text = NULL};
    bool posted = false;

    (void)vg_copy(waiter.client, sizeof waiter.client, question->client);
    vg_live_expect(api->live, &waiter); /* before it can be answered */
    if (question->item != NULL) {
        question->item->received = vg_clock_wall();
        posted = vg_inbox_post(api->inbox, question->item);
    }
    vg_live_wait(api->live, &waiter, posted ? VG_API_ANSWER_WITHIN : 0);
    if (waiter.text == NULL && posted) {
        vg_api_problem(call, answer, 504, "%s", question->late);
    } else if (waiter.text == NULL) {
        vg_api_problem(call, answer, 503, "the daemon takes nothing more just now");
    }
    return waiter.text;
}
