/* SPDX-License-Identifier: Apache-2.0
 *
 * The name of a page: made of what the page is, so that the same page sent again, by this
 * process or by the next, has the same id and a display can drop it.
 */
#include <string.h>

#include "vigil/alert.h"

/* Low byte first whatever the machine: a store may be carried to another. */
static uint64_t mix(uint64_t seed, uint64_t number)
{
    unsigned char bytes[8];

    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)(number >> (8 * i));
    }
    return vg_hash(seed, bytes, sizeof bytes);
}

/* The run, the step in it, and the repeat of that step tell one call from the next. The
 * revision does not: an acknowledgement between two sendings makes no other page. */
void vg_page_id(const struct vg_alert *alert, enum vg_page_kind kind, const char *role,
                char out[VG_ALERT_LEN + 1])
{
    const uint64_t numbers[] = {alert->care.run, alert->step, alert->care.repeat,
                                (uint64_t)kind};
    uint64_t high = vg_hash(0, alert->id, strlen(alert->id));

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        high = mix(high, numbers[i]);
    }
    high = vg_hash(high, role, strlen(role));
    vg_content_id(out, alert->raised, high, vg_hash(high, "page", 4));
}
