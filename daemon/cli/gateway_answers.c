/* SPDX-License-Identifier: Apache-2.0
 *
 * What the daemon answers: marks and refusals.
 */
#include <stdio.h>
#include <string.h>

#include "cli/gateway_inside.h"
#include "shell/clock.h"

#define MISSED_AFTER \
    (2 * VG_SECOND) /* named missing so soon, it may still be under way */

static void send_again(struct vg_gateway *gateway, const char *epoch, uint64_t first,
                       uint64_t last)
{
    vg_ms now = vg_clock_boot();
    for (struct vg_kept *kept = vg_keep_head(gateway->keep);
         kept != NULL && strcmp(kept->epoch, epoch) == 0 && kept->seq <= last;
         kept = kept->next) {
        if (kept->seq >= first && kept->ever_sent && now - kept->sent >= MISSED_AFTER) {
            kept->due = true;
        }
    }
}

static void take_missing(struct vg_gateway *gateway, const char *epoch,
                         const cJSON *missing)
{
    const cJSON *range;
    cJSON_ArrayForEach(range, missing)
    {
        int64_t first;
        int64_t last;
        if (cJSON_IsArray(range) && cJSON_GetArraySize(range) == 2 &&
            vg_json_integer(cJSON_GetArrayItem(range, 0), &first) &&
            vg_json_integer(cJSON_GetArrayItem(range, 1), &last) && first > 0 &&
            last >= first) {
            send_again(gateway, epoch, (uint64_t)first, (uint64_t)last);
        }
    }
}

static const char *text_of(const cJSON *object, const char *name)
{
    const char *text =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text != NULL ? text : "";
}

/* One of an epoch of ours that is over releases nothing and does no harm. */
static void on_committed(struct vg_gateway *gateway, const cJSON *mark)
{
    enum { UPTO, MISSING, COUNT };
    static const char *const names[COUNT] = {"upto", "missing"};
    const cJSON *field[COUNT];
    const char *epoch = text_of(mark, "epoch");
    int64_t upto;
    vg_json_pick(mark, names, COUNT, field);
    if (strcmp(epoch, vg_gateway_epoch(gateway)) != 0 || field[UPTO] == NULL ||
        !vg_json_integer(field[UPTO], &upto) || upto < 0) {
        return;
    }
    gateway->marked = vg_clock_boot();
    gateway->counts.confirmed += vg_keep_release(gateway->keep, epoch, (uint64_t)upto);
    gateway->sender.next_seq = vg_keep_next(gateway->keep);
    if (cJSON_IsArray(field[MISSING])) {
        take_missing(gateway, epoch, field[MISSING]);
    }
}

static void on_rejected(struct vg_gateway *gateway, const cJSON *answer)
{
    gateway->counts.refused++;
    (void)snprintf(gateway->refusal, sizeof gateway->refusal, "%s: %s",
                   text_of(answer, "reason"), text_of(answer, "detail"));
}

void vg_gateway_letter(struct vg_gateway *gateway, const struct vg_item *item)
{
    bool committed = strcmp(item->letter.topic, gateway->committed) == 0;
    if (!committed && strcmp(item->letter.topic, gateway->rejected) != 0) {
        return;
    }
    const cJSON *tree =
        vg_json_parse(gateway->json, item->letter.payload, item->letter.payload_length);
    if (cJSON_IsObject(tree)) {
        (committed ? on_committed : on_rejected)(gateway, tree);
    }
}
