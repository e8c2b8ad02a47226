/* SPDX-License-Identifier: Apache-2.0
 *
 * What questions share that needs no store: cursors as text, and the value to show.
 */
#include "shell/history.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LAYOUT '1'

void vg_cursor_format(const struct vg_cursor *cursor, char out[VG_CURSOR_TEXT])
{
    (void)snprintf(out, VG_CURSOR_TEXT, "%c.%" PRId64 ".%" PRId64 ".%s", LAYOUT,
                   cursor->at, cursor->order, cursor->id);
}

static bool number(const char **text, int64_t *out)
{
    char *end;

    if (**text != '-' && (**text < '0' || **text > '9')) {
        return false;
    }
    *out = strtoll(*text, &end, 10);
    if (end == *text || *end != '.') {
        return false;
    }
    *text = end + 1;
    return true;
}

enum vg_status vg_cursor_parse(const char *text, size_t length, struct vg_cursor *out)
{
    char copy[VG_CURSOR_TEXT];
    struct vg_cursor cursor = {.set = true};

    if (length < 2 || length >= sizeof copy || text[0] != LAYOUT || text[1] != '.') {
        return VG_REFUSED;
    }
    memcpy(copy, text, length);
    copy[length] = '\0';
    const char *at = copy + 2;
    if (strlen(copy) != length || !number(&at, &cursor.at) ||
        !number(&at, &cursor.order) || !vg_copy(cursor.id, sizeof cursor.id, at)) {
        return VG_REFUSED;
    }
    *out = cursor;
    return VG_OK;
}

struct vg_decimal vg_history_value(const struct vg_reading *reading)
{
    const struct vg_signal_info *info = vg_signal_info(reading->signal);
    struct vg_conversion c;
    int64_t steps = 0;

    if (reading->unit == info->unit || reading->unit == VG_UNIT_NONE ||
        vg_unit_conversion(info->quantity, reading->unit, info->unit, &c) != VG_OK ||
        vg_decimal_scale(reading->raw, c.offset, c.scale, VG_HISTORY_PLACES, &steps) !=
            VG_OK) {
        return reading->raw;
    }
    return vg_decimal_of(steps, VG_HISTORY_PLACES);
}
