/* SPDX-License-Identifier: Apache-2.0
 *
 * Protocol files: YAML and all checks behind it. What is refused has a fault with a place; what
 * is taken shows itself.
 */
#include <string.h>

#include "vigil/protocol.h"

#include "fuzz.h"
#include "shell/yaml.h"

static void count(void *to, const char *text, size_t length)
{
    (void)text;
    *(size_t *)to += length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char digest[65] = "0";
    static struct vg_faults faults;
    struct vg_protocol *protocol = NULL;
    const struct vg_node *root = NULL;
    struct vg_arena *arena = vg_arena_create();
    size_t shown = 0;

    faults.count = faults.errors = 0;
    if (arena == NULL) {
        return 0;
    }
    const enum vg_status form =
        vg_yaml_parse((const char *)data, size, arena, &faults, &root);
    enum vg_status status = form;
    if (root != NULL) {
        status = vg_protocol_build(root, "fuzz", digest, arena, &faults, &protocol);
    }
    for (size_t i = 0; i < faults.count; i++) {
        MUST(faults.item[i].place.line > 0);
    }
    if (status == VG_OK && root != NULL) {
        MUST(protocol != NULL && protocol->rule_count <= VG_RULES);
        vg_protocol_show(protocol, count, &shown);
        MUST(shown > 0);
        vg_protocol_destroy(protocol); /* and its arena */
        return 0;
    }
    MUST(status == VG_NO_MEMORY || faults.count > 0 || size == 0);
    vg_arena_destroy(arena);
    return 0;
}
