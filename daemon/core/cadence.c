/* SPDX-License-Identifier: Apache-2.0
 *
 * See cadence.h.
 */
#include "core/cadence.h"

vg_ms vg_cadence_patience(const struct vg_cadence *cadence)
{
    vg_ms longest = VG_CADENCE_LEAST / 2;

    if (cadence->count < VG_CADENCE_KNOWN) {
        return 0;
    }
    for (unsigned i = 0; i < VG_CADENCE_PAUSES; i++) {
        const vg_ms pause = cadence->pause_s[i] * VG_SECOND;
        longest = pause > longest ? pause : longest;
    }
    return 2 * longest;
}

/* A silence that was overdue is no usual pause; nor is a clock that was set back. */
void vg_cadence_note(struct vg_cadence *cadence, vg_ms now)
{
    const vg_ms patience = vg_cadence_patience(cadence);
    const vg_ms pause = cadence->last != 0 ? now - cadence->last : 0;

    cadence->last = now;
    if (pause >= 0 && pause <= VG_DAY && (patience == 0 || pause < patience)) {
        cadence->pause_s[cadence->count % VG_CADENCE_PAUSES] =
            (uint32_t)(pause / VG_SECOND);
        cadence->count++;
    }
}
