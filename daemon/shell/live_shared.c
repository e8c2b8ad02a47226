/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts that several threads read; the last one frees.
 */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "shell/live.h"

struct vg_shared {
    atomic_uint refs;
    size_t length;
    char bytes[];
};

struct vg_shared *vg_shared_of(const char *bytes, size_t length)
{
    struct vg_shared *text = malloc(sizeof *text + length);

    if (text != NULL) {
        atomic_init(&text->refs, 1);
        text->length = length;
        memcpy(text->bytes, bytes, length);
    }
    return text;
}

struct vg_shared *vg_shared_ref(struct vg_shared *text)
{
    (void)atomic_fetch_add_explicit(&text->refs, 1, memory_order_relaxed);
    return text;
}

void vg_shared_done(struct vg_shared *text)
{
    if (text != NULL &&
        atomic_fetch_sub_explicit(&text->refs, 1, memory_order_acq_rel) == 1) {
        free(text);
    }
}

const char *vg_shared_bytes(const struct vg_shared *text)
{
    return text->bytes;
}

size_t vg_shared_length(const struct vg_shared *text)
{
    return text->length;
}
