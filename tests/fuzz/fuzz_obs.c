/* SPDX-License-Identifier: Apache-2.0
 *
 * Stored readings: bytes that can be read are written the same way again.
 */
#include <string.h>

#include "fuzz.h"
#include "shell/store_obs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct vg_obs once;
    static struct vg_obs again;
    static struct vg_pack pack;
    const struct vg_instant at = {1768032000000};

    if (vg_obs_unpack(data, size, at, &once) != VG_OK) {
        return 0;
    }
    MUST(once.reading_count <= VG_MESSAGE_ITEMS &&
         once.entry_count <= VG_MESSAGE_ITEMS);
    MUST(once.failed_count <= VG_FAILED_CYCLES);
    struct vg_message message = {.measured = at};
    vg_obs_into(&once, &message);
    pack.length = 0;
    pack.failed = false;
    vg_obs_pack(&pack, &message);
    MUST(!pack.failed);
    MUST(vg_obs_unpack(pack.bytes, pack.length, at, &again) == VG_OK);
    MUST(again.reading_count == once.reading_count);
    MUST(again.entry_count == once.entry_count);
    MUST(again.failed_count == once.failed_count);
    for (size_t i = 0; i < once.reading_count; i++) {
        MUST(again.readings[i].value == once.readings[i].value);
        MUST(again.readings[i].measured.ms == once.readings[i].measured.ms);
        MUST(again.readings[i].signal == once.readings[i].signal);
    }
    return 0;
}
