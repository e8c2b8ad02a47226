/* SPDX-License-Identifier: Apache-2.0
 *
 * Instants and spans: what is read, written and read again is the same.
 */
#include <string.h>

#include "vigil/wire.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vg_instant once;
    struct vg_instant again;
    char text[VG_TIME_TEXT];
    vg_ms span = 0;

    if (vg_time_parse((const char *)data, size, &once) == VG_OK) {
        vg_time_format(once, text);
        MUST(strlen(text) == VG_TIME_TEXT - 1);
        MUST(vg_time_parse(text, strlen(text), &again) == VG_OK);
        MUST(again.ms == once.ms);
    }
    (void)vg_span_parse((const char *)data, size, &span);
    return 0;
}
