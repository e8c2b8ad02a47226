/* SPDX-License-Identifier: Apache-2.0
 *
 * For how long records are kept: "ever" or a span.
 */
#include <string.h>

#include "vigil/store.h"

#include "shell/settings_inside.h"

vg_ms vg_settings_keep(const char *value)
{
    vg_ms span = 0;

    return vg_span_parse(value, strlen(value), &span) == VG_OK ? span : 0;
}

const char *vg_settings_keep_complaint(const char *text, bool readings)
{
    const vg_ms span = vg_settings_keep(text);

    if (strcmp(text, "ever") == 0) {
        return NULL;
    }
    if (readings) {
        return span >= VG_KEEP_LEAST
                   ? NULL
                   : "must be ever, or 101 days or more: scores look so far back";
    }
    return span >= VG_DAY ? NULL : "must be ever, or a day or more, like 365d";
}
