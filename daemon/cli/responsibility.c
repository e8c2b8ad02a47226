/* SPDX-License-Identifier: Apache-2.0
 *
 * The words of responsibility.h.
 */
#include "cli/responsibility.h"

#include <stdio.h>

#include "vigil/wire.h"

static void print_time(const char *before, struct vg_instant at)
{
    char text[VG_TIME_TEXT];

    if (vg_is_set(at) && !vg_is_never(at)) {
        vg_time_format(at, text);
        (void)printf("%s%s", before, text);
    }
}

static void print_targets(const struct vg_alert *alert)
{
    for (size_t i = 0; i < alert->target_count; i++) {
        (void)printf("%s%s", i == 0 ? " to " : ", ", alert->target[i]);
    }
}

static void print_claim(const struct vg_claim *claim)
{
    (void)printf("; %s by %s", vg_claim_text(claim->kind), claim->by);
    print_time(" until ", claim->until);
    if (claim->reason[0] != '\0') {
        (void)printf(" (%s)", claim->reason);
    }
}

void vg_responsibility_print(const struct vg_alert *alert)
{
    (void)printf("%s", vg_offer_text(alert->offer));
    switch (alert->offer) {
    case VG_OFFERED_STATE:
        (void)printf(": step %u", alert->step);
        print_targets(alert);
        print_time(", answer by ", alert->respond_by);
        break;
    case VG_EXHAUSTED:
        print_targets(alert);
        print_time(", again at ", alert->respond_by);
        break;
    case VG_ACCEPTED_STATE:
        (void)printf(" by %s", alert->owner);
        print_time(" until ", alert->care.hold_until);
        break;
    case VG_OFFER_NONE:
    case VG_OFFER_CLOSED:
    case VG_OFFER_COUNT:
        break;
    }
    for (size_t i = 0; i < alert->claim_count; i++) {
        print_claim(&alert->claim[i]);
    }
}
