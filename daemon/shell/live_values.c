/* SPDX-License-Identifier: Apache-2.0
 *
 * The last values of a bed: as many as there are.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "shell/live_inside.h"

bool vg_live_values_reserve(struct vg_live_values *values, size_t room)
{
    if (room <= values->room) {
        return true;
    }
    const size_t rounded = (room + 7) / 8 * 8;
    struct vg_live_value *item = realloc(values->item, rounded * sizeof *item);
    if (item == NULL) {
        return false;
    }
    values->item = item;
    values->room = (uint8_t)rounded;
    return true;
}

struct vg_live_value *vg_live_values_of(struct vg_live_values *values,
                                        enum vg_signal signal)
{
    size_t at = 0;

    while (at < values->count && values->item[at].signal < signal) {
        at++;
    }
    if (at == values->count || values->item[at].signal != signal) {
        assert(values->count < values->room);
        memmove(&values->item[at + 1], &values->item[at],
                (values->count - at) * sizeof *values->item);
        values->item[at] =
            (struct vg_live_value){.ts = VG_UNSET, .signal = (uint8_t)signal};
        values->count++;
    }
    return &values->item[at];
}

void vg_live_values_copy(struct vg_live_values *to, const struct vg_live_values *from)
{
    assert(from->count <= to->room);
    if (from->count > 0) {
        memcpy(to->item, from->item, from->count * sizeof *to->item);
    }
    to->count = from->count;
}

struct vg_live_bed *vg_live_bed_create(void)
{
    struct vg_live_bed *bed = calloc(1, sizeof *bed);

    if (bed != NULL && !vg_live_values_reserve(&bed->values, VG_MEASURED_COUNT)) {
        free(bed);
        return NULL;
    }
    return bed;
}

void vg_live_bed_destroy(struct vg_live_bed *bed)
{
    if (bed != NULL) {
        free(bed->values.item);
        free(bed);
    }
}

void vg_live_bed_copy(struct vg_live_bed *to, const struct vg_live_shown *from)
{
    vg_live_brief_look(from, &to->look);
    memcpy(to->charted, from->charted, sizeof to->charted);
    vg_live_values_copy(&to->values, &from->values);
}
